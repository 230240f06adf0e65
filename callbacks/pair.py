"""Chart, cards and read-outs of the pair, all of one analysis; and the ADF test on demand."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from analytics.analysis import PairAnalysis
from analytics.errors import PairwatchError
from analytics.market import PairQuery
from callbacks.door import Door
from callbacks.pulse import RUNNING
from layouts import cards, ids
from layouts.address import charted, parsed
from layouts.adf import adf_result
from layouts.chart_view import ChartView
from layouts.figures.pair import pair_figure, pair_patch
from layouts.legs import Legs, legs
from layouts.look import Look, look_of
from layouts.zscore_card import zscore_card

_CARDS: Final = (
    Output(ids.ZSCORE_CARD, "children"),
    Output(ids.VERDICT_CARD, "children"),
    Output(ids.HEDGE_CARD, "children"),
    Output(ids.SPREAD_CARD, "children"),
    Output(ids.CORRELATION_CARD, "children"),
    Output(ids.ADF_CARD, "children"),
    Output(ids.TITLE, "data"),
)
_READOUTS: Final = (
    Output(ids.PRICE_READOUT, "children"),
    Output(ids.SPREAD_READOUT, "children"),
    Output(ids.ZSCORE_READOUT, "children"),
)
_CHART: Final = (Output(ids.DRAWING, "data"), Output(ids.DRAWN, "data"), *_READOUTS)  # what a pause holds still


def register(app: Dash, desk: Door) -> None:
    """Put the pair's callbacks into the app."""

    @app.callback(
        *_CHART,
        *_CARDS,
        Input(ids.VERSION, "data"),
        Input(ids.LOOK, "data"),
        Input(ids.PAUSED, "data"),
        State(ids.DRAWN, "data"),
        running=RUNNING,
    )
    async def redraw(newest: dict[str, Any] | None, look: dict[str, str], paused: int | None, drawn: str | None) -> Any:
        if newest is None or (paused and ctx.triggered_id == ids.PAUSED):
            raise PreventUpdate
        query = parsed(newest["query"], desk.default_query())
        try:
            picture = await desk.ask(_picture, desk, query, newest["query"], look_of(look), drawn)
            return _held(*picture) if paused and newest["query"] == (drawn or "").partition("#")[0] else picture
        except PairwatchError:
            raise PreventUpdate from None  # the source has just switched, or the disk fails: the heartbeat says so

    @app.callback(
        Output(ids.ADF_RESULT, "children"),
        Input(ids.ADF_RUN, "n_clicks"),
        State(ids.QUERY, "data"),
        running=[(Output(ids.ADF_RUN, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    async def run_adf(_clicks: int, held: str | None) -> Any:
        if held is None:
            raise PreventUpdate
        query = parsed(held, desk.default_query())
        try:
            analysis, ran_at_ms = await desk.ask(_tested, desk, query)
        except PairwatchError as error:
            return f"No result: {error}"
        return adf_result(analysis, legs(query, desk.listings()), ran_at_ms)


def _picture(desk: Door, query: PairQuery, view: str, look: Look, drawn: str | None) -> tuple[Any, ...]:
    """Chart, what it now shows, and everything beside it. Runs on the pool: a figure takes tens of milliseconds."""
    analysis = desk.live(query)
    pair = legs(query, desk.listings())
    drawing = f"{view}#{crc32(repr(look).encode())}"
    draw = pair_patch if drawn == drawing else pair_figure
    shown = drawing if len(analysis.time_ms) else None  # a blank chart is not one that can be patched
    return (draw(analysis, pair, look), shown, *_readouts(analysis, pair), *_cards(analysis, pair, charted(view)))


def _held(*picture: Any) -> tuple[Any, ...]:
    """The same with chart and read-outs left as they are; the cards go on."""
    return (*(no_update,) * len(_CHART), *picture[len(_CHART) :])


def _tested(desk: Door, query: PairQuery) -> tuple[PairAnalysis, int]:
    return desk.live(query), desk.status().now_ms


def _cards(analysis: PairAnalysis, pair: Legs, chart: ChartView) -> tuple[Any, ...]:
    """Everything beside the chart, in the order of `_CARDS`."""
    return (
        zscore_card(analysis, pair, chart),
        cards.verdict_card(analysis),
        cards.hedge_card(analysis, pair),
        cards.spread_card(analysis, pair),
        cards.correlation_card(analysis, pair),
        cards.adf_card(analysis),
        cards.title(analysis, pair),
    )


def _readouts(analysis: PairAnalysis, pair: Legs) -> tuple[Any, ...]:
    """The newest values in the panes' headers, in the order of `_READOUTS`."""
    return (cards.prices_readout(analysis, pair), cards.spread_readout(analysis, pair), cards.zscore_readout(analysis))
