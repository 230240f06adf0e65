"""The card of costs: asked for every two seconds, because quotes grow old while no trade changes anything else."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from analytics.errors import PairwatchError
from callbacks.door import Door
from layouts import ids
from layouts.address import parsed
from layouts.costs_card import costs_card, costs_mark
from layouts.legs import legs


def register(app: Dash, desk: Door) -> None:
    """Put the card of costs into the app."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "costsBeat"),
        Output(ids.COSTS_BEAT, "data"),
        Input(ids.FEED, "data"),
        Input(ids.QUERY, "data"),
        Input(ids.PAGE, "data"),
        State(ids.COSTS_BEAT, "data"),
    )

    @app.callback(
        Output(ids.COSTS_CARD, "children"),
        Output(ids.COSTED, "data"),
        Input(ids.COSTS_BEAT, "data"),
        State(ids.COSTED, "data"),
        prevent_initial_call=True,
    )
    async def redraw_costs(asked: dict[str, Any], shown: list[Any] | None) -> Any:
        query = parsed(asked["query"], desk.default_query())
        try:
            costs = await desk.ask(desk.costs, query)
        except PairwatchError:
            raise PreventUpdate from None  # no market yet, or a leg that it does not have: the heartbeat says so
        mark = [asked["query"], *costs_mark(costs)]
        if mark == shown:
            raise PreventUpdate
        return costs_card(costs, legs(query, desk.listings())), mark
