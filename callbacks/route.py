"""Which page is seen: decided in the browser, from the address alone."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from layouts import ids


def register(app: Dash) -> None:
    """Put the switch between the pages into the app. A page that is not seen lets its timer rest."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "route"),
        Output(ids.PAIR_PAGE, "hidden"),
        Output(ids.DIAGNOSTICS, "hidden"),
        Output(ids.DIAGNOSTICS_PAGE, "hidden"),
        Output(ids.RELATION_PAGE, "hidden"),
        Output(ids.CONTROLS, "hidden"),
        Output(ids.TO_PAIR, "href"),
        Output(ids.TO_PAIR, "className"),
        Output(ids.TO_DIAGNOSTICS, "href"),
        Output(ids.TO_DIAGNOSTICS, "className"),
        Output(ids.TO_DATA, "href"),
        Output(ids.TO_DATA, "className"),
        Output(ids.TO_RELATION, "href"),
        Output(ids.TO_RELATION, "className"),
        Output(ids.ALL_TESTS, "href"),
        Output(ids.PULSE, "interval"),
        Output(ids.DIAGNOSE, "max_intervals"),
        Output(ids.RELATE, "max_intervals"),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
    )
