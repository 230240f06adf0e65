"""What of the pair is lost for good: a notice on its page, until somebody has understood it."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from analytics.errors import StoreError, UnknownSymbol
from analytics.market import Gap
from callbacks.door import Door
from layouts import holes, ids
from layouts.look import look_of


def register(app: Dash, desk: Door) -> None:
    """Put the notice's callbacks into the app."""

    @app.callback(
        Output(ids.LOSS_TOLD, "children"),
        Output(ids.LOSS_KEY, "data"),
        Input(ids.LOSSES, "data"),
        Input(ids.LOOK, "data"),
        State(ids.URL, "search"),
    )
    async def losses(counts: dict[str, int] | None, look: dict[str, Any], search: str | None) -> Any:
        if counts is None:
            raise PreventUpdate
        try:
            lost, now_ms = await desk.ask(_lost, desk, tuple(counts))
        except StoreError:
            # Nobody asks again before the counts change, so what they tell is told.
            return holes.counted_notice(counts, search), holes.counted_key(counts)
        return holes.loss_notice(lost, search, now_ms, look_of(look).zone), holes.set_key(lost) if lost else None

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "loss"),
        Output(ids.LOSS, "className"),
        Output(ids.LOSS_CLOSED, "data"),
        Input(ids.LOSS_KEY, "data"),
        Input(ids.LOSS_CLOSE, "n_clicks"),
        Input(ids.LOSS_CLOSED, "modified_timestamp"),
        State(ids.LOSS_CLOSED, "data"),
    )


def _lost(desk: Door, symbols: tuple[str, ...]) -> tuple[list[Gap], int]:
    """The lost holes of these symbols; none where the source has switched to a market that does not know them."""
    try:
        return [gap for s in symbols for gap in desk.gaps(s) if gap.state == "LOST"], desk.status().now_ms
    except UnknownSymbol:
        return [], 0
