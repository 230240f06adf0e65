"""The chart in the browser: the drawing of the server, with the ranges that the user sees. It asks no Desk."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input

from layouts import ids


def register(app: Dash) -> None:
    """Put the chart's callbacks into the app: a new address, the start and the end of a pause."""
    for name, *inputs in (
        ("place", Input(ids.URL, "search"), Input(ids.URL, "pathname")),
        ("pause", Input(ids.PAUSED, "data")),
    ):
        app.clientside_callback(ClientsideFunction("pairwatch", name), *inputs)  # type: ignore[no-untyped-call]
