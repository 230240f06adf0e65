"""Which view is shown: controls and address bar kept alike, by one callback that reads and writes both.

One callback and not two, because the address sets the controls and the controls set the address: only within one
callback does Dash allow that circle, and it does not go round it again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from dash import Dash, Input, Output, State, ctx, no_update

from analytics.errors import BadInput
from analytics.market import PairQuery, Timeframe
from callbacks.door import Door
from layouts import ids
from layouts.address import checked, parsed, swapped, window_bars, with_leg, written

_CONTROLS: Final = (ids.Y, ids.X, ids.TIMEFRAME, ids.WINDOW, ids.INTERCEPT)


def register(app: Dash, desk: Door) -> None:
    """Put the view's callback into the app."""

    @app.callback(
        Output(ids.QUERY, "data"),
        Output(ids.URL, "search"),
        *(Output(name, "value") for name in _CONTROLS),
        Output(ids.WINDOW, "invalid"),
        Output(ids.NOTICE, "children"),
        Input(ids.URL, "search"),
        *(Input(name, "value") for name in _CONTROLS),
        Input(ids.SWAP, "n_clicks"),
        State(ids.QUERY, "data"),
    )
    async def steer(search: str, y: str, x: str, tf: str, window: str, intercept: bool, _swap: int, held: str) -> Any:  # noqa: FBT001 - Dash calls by position
        base = desk.default_query()
        by_address = ctx.triggered_id in {None, ids.URL}
        try:
            if by_address:
                query = parsed(search, base)
            else:
                query = chosen(parsed(held, base), ctx.triggered_id, y, x, tf, window, intercept=intercept)
            query = await desk.ask(_watched, desk, query)
        except BadInput as error:
            return _refused(error, base if held is None else None, window_at_fault=ctx.triggered_id == ids.WINDOW)
        return _accepted(query, search if by_address else written(query))


def chosen(
    held: PairQuery, touched: str | None, y: str, x: str, timeframe: str, window: str, *, intercept: bool
) -> PairQuery:
    """The view held, with what the user just touched taken over. Raises BadInput."""
    if touched == ids.SWAP:
        return swapped(held)
    if touched == ids.Y:
        return with_leg(held, y=y)
    if touched == ids.X:
        return with_leg(held, x=x)
    params = replace(
        held.params,
        timeframe=Timeframe.parse(timeframe),
        window_bars=window_bars(window),
        include_intercept=intercept,
    )
    return replace(held, params=params)


def _watched(desk: Door, query: PairQuery) -> PairQuery:
    """The query, once its legs are known to the exchange and subscribed. Raises BadInput."""
    listed = {listing.symbol for listing in desk.listings()}
    if listed:  # before the exchange has told, the subscription itself is the check
        checked(query, listed)
    desk.watch(query.y_symbol, query.x_symbol)
    return query


def _accepted(query: PairQuery, search: str) -> tuple[Any, ...]:
    params = query.params
    controls = (
        query.y_symbol,
        query.x_symbol,
        params.timeframe.value,
        str(params.window_bars),
        params.include_intercept,
    )
    return (written(query), search, *controls, False, None)


def _refused(error: BadInput, fallback: PairQuery | None, *, window_at_fault: bool) -> tuple[Any, ...]:
    """The sentence; the view stays as it was, or becomes `fallback` when there is none yet."""
    if fallback is None:
        return (*(no_update,) * (2 + len(_CONTROLS)), window_at_fault, str(error))
    return (*_accepted(fallback, "")[:-1], f"{error} Showing {fallback.y_symbol} and {fallback.x_symbol} instead.")
