"""Which page is seen: decided in the browser, from the address alone."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State

from layouts import ids
from layouts.navigation import PAGES


def register(app: Dash) -> None:
    """Put the switch between the pages into the app. A page that is not seen lets its timer rest."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "route"),
        Output(ids.PAGE, "data"),
        Output(ids.SHELL, "className"),
        Output(ids.PULSE, "interval"),
        Output(ids.ALL_TESTS, "href"),
        *(Output(page.link_id, "href") for page in PAGES),
        *(Output(page.link_id, "className") for page in PAGES),
        *(Output(page.timer, "max_intervals") for page in PAGES if page.timer),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        State(ids.ROUTES, "data"),
    )
