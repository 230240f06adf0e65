"""How the screen looks: decided in the browser, from what is kept and what its system says."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from layouts import ids


def register(app: Dash) -> None:
    """Put the look into the app; every figure follows its store."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "lookOf"),
        Output(ids.LOOK, "data"),
        Input(ids.PREFERENCES, "data"),
    )
