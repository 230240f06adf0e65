"""Which view is shown: controls and address bar kept alike, by one callback that reads and writes both.

One callback and not two, because the address sets the controls and the controls set the address: only within one
callback does Dash allow that circle, and it does not go round it again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from analytics.errors import BadInput, PairwatchError, UnknownSymbol
from analytics.kept import Preferences
from analytics.market import PairParams, PairQuery, Timeframe
from analytics.results import Unavailable
from callbacks.door import Door
from layouts import address, ids
from layouts.address import charted, check_range, checked, levelled, parsed, swapped, window_bars, written
from layouts.chart_view import ChartView
from layouts.controls import pair_label
from layouts.fit import fit_label, ratio_text
from layouts.navigation import page_at
from layouts.search import unknown_told

_CONTROLS: Final = (
    ids.TIMEFRAME, ids.WINDOW, ids.INTERCEPT, ids.HEDGE, ids.RATIO, ids.SCALE, ids.CORRELATION,
)  # fmt: skip
_FIT: Final = (ids.INTERCEPT, ids.HEDGE, ids.RATIO, ids.SCALE, ids.CORRELATION)
_BY_ADDRESS: Final = (None, ids.URL, ids.PREFERENCES)  # what makes the page read its address anew
_FIGURES: Final = 4  # of a ratio that is frozen: what the card shows of it


def register(app: Dash, desk: Door) -> None:
    """Put the view's callback into the app, and what completes the address without a step of the back button."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "nameView"), Input(ids.QUERY, "data")
    )

    @app.callback(
        output=[
            Output(ids.QUERY, "data"),
            Output(ids.URL, "search"),
            *(Output(name, "value") for name in _CONTROLS),
            Output(ids.PAIR, "tree"),
            Output(ids.FIT_LABEL, "tree"),
            Output(ids.WINDOW, "invalid"),
            Output(ids.RATIO, "invalid"),
            Output(ids.NOTICE, "tree"),
        ],
        inputs={
            "search": Input(ids.URL, "search"),
            "path": State(ids.URL, "pathname"),
            "controls": {name: Input(name, "value") for name in _CONTROLS},
            "_swap": Input(ids.SWAP, "n_clicks"),
            "_kept": Input(ids.PREFERENCES, "data"),
            "held": State(ids.QUERY, "data"),
        },
    )
    async def steer(search: str, path: str, controls: dict[str, Any], _swap: int, _kept: Any, held: str | None) -> Any:
        base, touched = desk.default_query(), ctx.triggered_id
        usual = await desk.ask(desk.keeping.preferences)
        by_address = touched in _BY_ADDRESS
        view = levelled(search, usual) if by_address else await desk.ask(_ahead, desk, search, usual, held)
        try:
            query = parsed(view, base)
            query = query if by_address else await desk.ask(_chosen, desk, query, touched, controls)
            query, chart = await desk.ask(_watched, desk, query), charted(view)
        except BadInput as error:
            return _refused(error, base if held is None else None, touched)
        shown = search if by_address else levelled(written(query, chart), usual, Preferences())
        return _renewed(query, chart, held) if touched == ids.PREFERENCES else _accepted(query, chart, shown, path)


def _ahead(desk: Door, search: str, usual: Preferences, held: str | None) -> str | None:
    """The view that a control changes: that of the address, which is ahead of the one held while an answer is on its
    way; else a key pressed right after a choice would undo it. The one held where the address cannot be shown.
    """
    view = levelled(search, usual)
    try:
        _watched(desk, parsed(view, desk.default_query()))
        charted(view)
    except BadInput:
        return held
    return view


def _renewed(query: PairQuery, chart: ChartView, held: str | None) -> tuple[Any, ...]:
    """The same address under other preferences: nothing where that shows the same."""
    if written(query, chart) == held:
        raise PreventUpdate
    view, _, *controls = _accepted(query, chart, "")
    return (view, no_update, *controls)


def _remark(path: str | None, search: str | None) -> str | None:
    """What of an address could not be followed although its view is shown, as a sentence."""
    if page_at(path) is None:
        return f"There is no page {path}; this is the pair's."
    try:
        check_range(search)
    except BadInput as error:
        return f"{error} All that is held is shown."
    return None


def _chosen(desk: Door, held: PairQuery, touched: str | None, controls: dict[str, Any]) -> PairQuery:
    """The view held, with what the user just touched taken over. Raises BadInput."""
    if touched == ids.SWAP:
        return swapped(held)
    params = replace(
        held.params, timeframe=Timeframe.parse(controls[ids.TIMEFRAME]), window_bars=window_bars(controls[ids.WINDOW])
    )
    return replace(held, params=_fitted(desk, held, params, touched, controls) if touched in _FIT else params)


def _fitted(
    desk: Door, held: PairQuery, params: PairParams, touched: str | None, controls: dict[str, Any]
) -> PairParams:
    """The settings with the fit of the menu. A number typed as a ratio chooses the fixed ratio. Raises BadInput."""
    typed = touched == ids.RATIO
    hedge = "fixed" if typed else address.hedge_method(controls[ids.HEDGE])
    fresh = hedge == "fixed" and not typed and held.params.hedge != "fixed"
    ratio = _frozen(desk, held) if fresh else address.fixed_ratio(controls[ids.RATIO]) if hedge == "fixed" else None
    return replace(
        params,
        hedge=hedge,
        fixed_ratio=ratio,
        price_scale=address.price_scale(controls[ids.SCALE]),
        include_intercept=bool(controls[ids.INTERCEPT]),
        correlation=address.correlation_kind(controls[ids.CORRELATION]),
    )


def _frozen(desk: Door, held: PairQuery) -> float:
    """The hedge ratio that is on the screen now, to be kept from now on. Raises BadInput where there is none."""
    try:
        fit = desk.live(held).hedge
    except PairwatchError as error:
        raise BadInput(f"There is no hedge ratio to keep ({error}); type one, such as 15.2.") from None
    if isinstance(fit, Unavailable):
        raise BadInput(f"There is no hedge ratio to keep ({fit.reason}); type one, such as 15.2.")
    return address.fixed_ratio(f"{fit.slope:.{_FIGURES}g}")


def _watched(desk: Door, query: PairQuery) -> PairQuery:
    """The query, once its legs are known to the exchange and subscribed. Raises BadInput."""
    listed = {listing.symbol for listing in desk.listings()}
    if listed:  # before the exchange has told, the subscription itself is the check
        try:
            checked(query, listed)
        except UnknownSymbol as error:
            raise BadInput(unknown_told(error.symbol, desk.listings())) from None
    desk.watch(query.y_symbol, query.x_symbol)
    return query


def _accepted(query: PairQuery, chart: ChartView, search: str, path: str | None = None) -> tuple[Any, ...]:
    params = query.params
    controls = (
        params.timeframe.value,
        str(params.window_bars),
        params.include_intercept,
        params.hedge,
        ratio_text(params),
        params.price_scale,
        params.correlation,
    )
    return (
        written(query, chart),
        search,
        *controls,
        pair_label(query),
        fit_label(params),
        False,
        False,
        _remark(path, search),
    )


def _refused(error: BadInput, fallback: PairQuery | None, touched: str | None) -> tuple[Any, ...]:
    """The sentence; the view stays as it was, or becomes `fallback` when there is none yet."""
    if fallback is None:
        at_fault = (touched == ids.WINDOW, touched in {ids.RATIO, ids.HEDGE})
        return (*(no_update,) * (4 + len(_CONTROLS)), *at_fault, str(error))
    return (
        *_accepted(fallback, ChartView(), "")[:-1],
        f"{str(error).rstrip('.')}. Showing {fallback.y_symbol} and {fallback.x_symbol} instead.",
    )
