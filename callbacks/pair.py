"""Chart, cards and read-outs of the pair, all of one analysis; and the ADF test on demand."""

from __future__ import annotations

from typing import Any, Final

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from analytics.analysis import PairAnalysis
from analytics.errors import PairwatchError
from analytics.market import PairQuery
from analytics.results import Unavailable
from callbacks.door import Door
from callbacks.pulse import RUNNING
from layouts import cards, ids
from layouts.address import charted, parsed
from layouts.adf import adf_result
from layouts.chart_view import ChartView
from layouts.figures.chart import drawing_kind, has_candles, pair_figure, pair_patch
from layouts.figures.marked import level_marks
from layouts.figures.stack import ALL, header_style
from layouts.figures.subject import Subject
from layouts.legs import Legs, legs
from layouts.look import Look, look_of
from layouts.readouts import readout
from layouts.zscore_card import zscore_card

_CARDS: Final = (
    Output(ids.ZSCORE_CARD, "tree"),
    Output(ids.VERDICT_CARD, "tree"),
    Output(ids.HEDGE_CARD, "tree"),
    Output(ids.SPREAD_CARD, "tree"),
    Output(ids.CORRELATION_CARD, "tree"),
    Output(ids.ADF_CARD, "tree"),
    Output(ids.TITLE, "data"),
)
_HEADERS: Final = tuple(Output(ids.HEADERS[pane], "style") for pane in ALL)
_READOUTS: Final = tuple(Output(ids.READOUTS[pane], "tree") for pane in ALL)
# What a pause holds still.
_CHART: Final = (Output(ids.DRAWING, "data"), Output(ids.DRAWN, "data"), *_HEADERS, *_READOUTS)


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
    async def redraw(newest: dict[str, Any] | None, look: dict[str, Any], paused: int | None, drawn: Any) -> Any:
        if newest is None or (paused and ctx.triggered_id == ids.PAUSED):
            raise PreventUpdate
        query = parsed(newest["query"], desk.default_query())
        try:
            picture = await desk.ask(_picture, desk, query, newest["query"], look_of(look), drawn)
            return _held(*picture) if paused and newest["query"] == (drawn or {}).get("view") else picture
        except PairwatchError:
            raise PreventUpdate from None  # the source has just switched, or the disk fails: the heartbeat says so

    @app.callback(
        Output(ids.ADF_RESULT, "tree"),
        Input(ids.ADF_RUN, "n_clicks"),
        State(ids.QUERY, "data"),
        State(ids.LOOK, "data"),
        running=[(Output(ids.ADF_RUN, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    async def run_adf(_clicks: int, held: str | None, look: dict[str, Any]) -> Any:
        if held is None:
            raise PreventUpdate
        query = parsed(held, desk.default_query())
        try:
            analysis, ran_at_ms = await desk.ask(_tested, desk, query)
        except PairwatchError as error:
            return f"No result: {error}"
        return adf_result(analysis, legs(query, desk.listings()), ran_at_ms, look_of(look).zone)


def _picture(desk: Door, query: PairQuery, view: str, look: Look, drawn: dict[str, str] | None) -> tuple[Any, ...]:
    """Chart, what it now shows, and everything beside it. Runs on the pool: a figure takes tens of milliseconds."""
    subject = _subject(desk, query, charted(view), look)
    kind = drawing_kind(query, subject.chart, look)
    # A blank chart is not one that can be patched, nor can one be patched to a blank.
    shown = {"kind": kind, "view": view} if len(subject.time_ms) else None
    same = shown is not None and drawn is not None and drawn["kind"] == kind
    return (
        (pair_patch if same else pair_figure)(subject),
        no_update if shown == drawn else shown,
        *((no_update,) * len(_HEADERS) if same else (header_style(pane, subject.chart.panes) for pane in ALL)),
        *(readout(subject, pane) for pane in ALL),
        *_cards(subject.analysis, subject.legs, subject.chart),
    )


def _subject(desk: Door, query: PairQuery, chart: ChartView, look: Look) -> Subject:
    """Everything that the chart shows, of one analysis."""
    analysis = desk.live(query)
    params, break_even = query.params, desk.costs(query).break_even_zscore
    candles = has_candles(query, chart)
    return Subject(
        analysis=analysis,
        legs=legs(query, desk.listings()),
        chart=chart,
        look=look,
        y_bars=desk.bars(query.y_symbol, params.timeframe, params.sample_bars) if candles else None,
        stretches=desk.stretches(query),
        marks=level_marks(analysis, chart) if chart.marks else (),
        break_even_zscore=None if isinstance(break_even, Unavailable) else break_even,
    )


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
