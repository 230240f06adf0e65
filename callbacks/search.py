"""The symbol search: what the browser answers from."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State

from layouts import ids


def register(app: Dash) -> None:
    """Put the search's callbacks into the app."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "searchFacts"),
        Input(ids.LISTED, "data"),
        Input(ids.STATES, "data"),
        Input(ids.FAVOURITES, "data"),
        Input(ids.RECENT, "data"),
        Input(ids.QUERY, "data"),
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "remember"),
        Output(ids.RECENT, "data"),
        Input(ids.QUERY, "data"),
        State(ids.RECENT, "data"),
    )
