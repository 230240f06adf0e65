"""The Help page: its glossary comes once, when the page is first looked at; the rest runs in the browser."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from callbacks.door import Door
from layouts import ids
from layouts.glossary import glossary
from layouts.pages.help import help_told


def register(app: Dash, desk: Door) -> None:
    """Put the page's callbacks into the app."""

    @app.callback(
        Output(ids.HELP_TOLD, "tree"),
        Output(ids.GLOSSARY, "tree"),
        Output(ids.GLOSSARY_SHOWN, "data"),
        Input(ids.GLOSSARY_WANTED, "data"),
        prevent_initial_call=True,
    )
    async def explain(wanted: Any) -> Any:
        if not wanted:
            raise PreventUpdate
        return help_told(), await desk.ask(glossary), True

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "glossaryWanted"),
        Output(ids.GLOSSARY_WANTED, "data"),
        Input(ids.PAGE, "data"),
        State(ids.GLOSSARY_WANTED, "data"),
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "toTerm"),
        Input(ids.GLOSSARY_SHOWN, "data"),
        Input(ids.URL, "hash"),
        Input(ids.PAGE, "data"),
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "findTerms"),
        Output(ids.GLOSSARY_FOUND, "tree"),
        Input(ids.GLOSSARY_FILTER, "value"),
        Input(ids.GLOSSARY_SHOWN, "data"),
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "stepsDone"),
        Output(ids.STEPS_DONE, "tree"),
        Input(ids.STEPS, "value"),
        State(ids.STEPS, "options"),
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "keys"),
        Input(ids.KEYS, "data"),
    )
