"""The card of costs: asked for every two seconds, because quotes grow old while no trade changes anything else."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from analytics.errors import PairwatchError
from callbacks.door import Door
from layouts import ids
from layouts.address import parsed
from layouts.costs_card import costs_card, costs_mark
from layouts.legs import legs
from layouts.navigation import PAIR


def register(app: Dash, desk: Door) -> None:
    """Put the card of costs into the app."""

    @app.callback(
        Output(ids.COSTS_CARD, "tree"),
        Output(ids.COSTED, "data"),
        Input(ids.COSTS_TIMER, "n_intervals"),
        Input(ids.QUERY, "data"),
        State(ids.PAGE, "data"),
        State(ids.COSTED, "data"),
        running=[(Output(ids.COSTS_TIMER, "disabled"), True, False)],
    )
    async def redraw_costs(_n: int, held: str | None, page: str | None, shown: list[Any] | None) -> Any:
        if held is None or page != PAIR.name:
            raise PreventUpdate
        query = parsed(held, desk.default_query())
        try:
            costs = await desk.ask(desk.costs, query)
        except PairwatchError:
            raise PreventUpdate from None  # no market yet, or a leg that it does not have: the heartbeat says so
        mark = [held, *costs_mark(costs)]
        if mark == shown:
            raise PreventUpdate
        return costs_card(costs, legs(query, desk.listings())), mark
