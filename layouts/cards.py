"""The cards: five metrics and the verdict, each a few lines drawn from one analysis.

A card shows a number, or a dash with the reason in sight; never a zero for what is not known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from dash import html

from analytics.analysis import PairAnalysis
from analytics.market import Timeframe
from analytics.results import Unavailable, UnitRootTest
from layouts import numbers
from layouts.aria import unseen
from layouts.figures.pair import BAND, spread_decimals, spread_unit
from layouts.legs import Legs
from layouts.marks import mark

Children = list[Any]

_GAUGE_SPAN: Final = 4.0  # the gauge runs from -4 to +4; beyond it the mark stays at the end
_OUTCOMES: Final = {
    "cointegrated": ("good", "check"),
    "not shown": ("mind", "dash"),
    "cannot say": ("plain", "query"),
}


_CLEAN: Final = "Clean: both legs traded in that bar, and no hole in the ids touches it."


def zscore_card(analysis: PairAnalysis, legs: Legs) -> Children:
    """How far apart the legs are now, in deviations of the window, and which of them is dear."""
    params = analysis.query.params
    label = f"z-score · {numbers.count(params.window_bars)} × {params.timeframe}"
    z = analysis.latest_zscore
    if isinstance(z, Unavailable):
        return _unknown(label, z)
    tone = "mind" if abs(z) >= BAND else "plain"
    return [
        html.H3(label, className="card__label"),
        html.P(numbers.zscore(z), className=f"card__value card__value--hero tone--{tone}"),
        _gauge(z),
        html.P(_reading(z, legs), className="card__detail"),
    ]


def verdict_card(analysis: PairAnalysis) -> Children:
    """The headline of the Engle-Granger test and the sentences that it rests on."""
    verdict = analysis.verdict
    tone, shape = _OUTCOMES[verdict.outcome]
    return [
        html.H3([mark(shape), numbers.typeset(verdict.headline)], className=f"card__headline tone--{tone}"),
        html.P(f"Rests on {clean_window(analysis)}.", className="card__sample", title=_CLEAN),
        html.Ul([html.Li(numbers.typeset(reason)) for reason in verdict.reasons], className="card__reasons"),
    ]


def clean_window(analysis: PairAnalysis) -> str:
    """What the numbers rest on: how many rows, and how many of them are clean: 1,500 bars, 91 % clean."""
    tick = analysis.query.params.timeframe == Timeframe.TICK
    told = numbers.counted(len(analysis.time_ms), "trade" if tick else "bar")
    share = analysis.clean_share
    return told if share is None else f"{told}, {math.floor(100 * share)} % clean"


def hedge_card(analysis: PairAnalysis, legs: Legs) -> Children:
    """Slope, intercept, R2 and the slope's standard error."""
    label = f"Hedge ratio β · {legs.x.name} per {legs.y.name}"
    fit = analysis.hedge
    if isinstance(fit, Unavailable):
        return _unknown(label, fit)
    alpha = f"α {_signed_significant(fit.intercept)}" if analysis.query.params.include_intercept else "no intercept"
    kind = "" if fit.r_squared_kind == "centred" else " uncentred"
    stderr = _or_dash(fit.stderr, lambda value: numbers.significant(value, 2))
    detail = f"{alpha} · R² {numbers.fixed(fit.r_squared, 3)}{kind} · s.e. {stderr}"
    return _known(label, numbers.significant(fit.slope), detail)


def spread_card(analysis: PairAnalysis, legs: Legs) -> Children:
    """What is left of y once its part of x is taken away, and how fast such a difference has faded."""
    label = f"Spread · {spread_unit(analysis, legs)}"
    spread = analysis.latest_spread
    if isinstance(spread, Unavailable):
        return _unknown(label, spread)
    return _known(label, numbers.signed(spread, spread_decimals(analysis, legs)), _half_life(analysis))


def correlation_card(analysis: PairAnalysis) -> Children:
    """Rolling correlation of prices, as traders read it, with that of returns beside it."""
    label = "Correlation · prices"
    returns = _or_dash(analysis.latest_return_correlation, numbers.correlation)
    levels = analysis.latest_correlation
    if isinstance(levels, Unavailable):
        return _unknown(label, levels)
    window = numbers.count(analysis.query.params.window_bars)
    return _known(label, numbers.correlation(levels), f"returns {returns} · last {window} bars")


def adf_card(analysis: PairAnalysis) -> Children:
    """p-value of the Dickey-Fuller test on the fitted spread, with its statistic and lags."""
    label = "ADF p-value · fitted spread"
    test = analysis.adf
    if isinstance(test, Unavailable):
        return _unknown(label, test)
    return _known(label, numbers.pvalue(test.pvalue), _adf_detail(test))


def prices_readout(analysis: PairAnalysis, legs: Legs) -> Children:
    """Both prices by name and shape, and what they rest on: warm-up, or bars and how many of them are whole."""
    warming = analysis.bars_held < analysis.bars_needed
    told = _sample(analysis)
    return [
        html.Strong("Prices"),
        *_leg_price("circle", "y", legs.y.symbol, analysis.y, legs.y.decimals),
        *_leg_price("square", "x", legs.x.symbol, analysis.x, legs.x.decimals),
        html.Span(
            [mark("ring"), told] if warming else told, className=f"pane__aside tone--{'mind' if warming else 'plain'}"
        ),
    ]


def _sample(analysis: PairAnalysis) -> str:
    held, needed = analysis.bars_held, analysis.bars_needed
    ticks = analysis.query.params.timeframe == Timeframe.TICK
    if held < needed:
        return f"warming up, {numbers.count(held)} of {numbers.count(needed)} {'trades' if ticks else 'bars'}"
    return clean_window(analysis)


def spread_readout(analysis: PairAnalysis, legs: Legs) -> Children:
    """The spread now, and what it is made of."""
    shown = _or_dash(analysis.latest_spread, lambda v: numbers.signed(v, spread_decimals(analysis, legs)))
    return [
        html.Strong("Spread"),
        html.Span([shown, html.Small(spread_unit(analysis, legs))]),
        html.Span(spread_formula(analysis, legs), className="pane__aside"),
    ]


def zscore_readout(analysis: PairAnalysis) -> Children:
    """The z-score now, and its window."""
    params = analysis.query.params
    return [
        html.Strong("z-score"),
        html.Span(_or_dash(analysis.latest_zscore, numbers.zscore)),
        html.Span(f"over {numbers.count(params.window_bars)} bars · bands at ±2", className="pane__aside"),
    ]


def spread_formula(analysis: PairAnalysis, legs: Legs) -> str:
    """The spread in symbols and numbers: BTCUSDT − 18.62 × ETHUSDT − 203.1. Empty without a fit."""
    fit = analysis.hedge
    if isinstance(fit, Unavailable):
        return ""
    logs = "log " if analysis.query.params.price_scale == "log" else ""
    terms = [(-fit.slope, f" × {logs}{legs.x.symbol}")]
    if analysis.query.params.include_intercept:
        terms.append((-fit.intercept, ""))
    told = "".join(f" {'+' if v >= 0 else numbers.MINUS} {numbers.significant(abs(v))}{of}" for v, of in terms)
    return f"{logs}{legs.y.symbol}{told}"


def title(analysis: PairAnalysis, legs: Legs) -> str:
    """What the browser's tab says of the pair: z +2.31 BTC/ETH."""
    return f"z {_or_dash(analysis.latest_zscore, numbers.zscore)} {legs.name}"


def warming_up(why: Unavailable) -> str:
    """Why there is no number; where bars are what is missing, how many there are: warming up, 212 of 300 bars."""
    if why.needed is None or why.got is None:
        return numbers.typeset(why.reason)
    progress = f"warming up, {numbers.count(why.got)} of {numbers.count(why.needed)} bars"
    return progress if why.reason.startswith("need ") else f"{progress}: {numbers.typeset(why.reason)}"


def _known(label: str, value: str, detail: str) -> Children:
    return [
        html.H3(label, className="card__label"),
        html.P(value, className="card__value"),
        html.P(detail, className="card__detail"),
    ]


def _unknown(label: str, why: Unavailable) -> Children:
    told: Children = [warming_up(why)]
    if why.needed and why.got is not None:
        share = f"{min(100 * why.got / why.needed, 100):.0f}%"
        told.append(html.Span(html.Span(style={"width": share}), className="progress-line", **unseen()))
    return [
        html.H3(label, className="card__label"),
        html.P(numbers.DASH, className="card__value card__value--none", title=why.reason),
        html.P(told, className="card__detail"),
    ]


def _gauge(z: float) -> html.Div:
    place = (min(max(z, -_GAUGE_SPAN), _GAUGE_SPAN) + _GAUGE_SPAN) / (2 * _GAUGE_SPAN)
    return html.Div(
        html.Span(className="gauge__mark", style={"left": f"{100 * place:.1f}%"}),
        className="gauge",
        **unseen(),
    )


def _reading(z: float, legs: Legs) -> str:
    if abs(z) < BAND:
        return "inside the ±2 bands"
    word, side = ("dear", "above +2") if z > 0 else ("cheap", f"below {numbers.MINUS}2")
    return f"{side}: {legs.y.name} {word} against {legs.x.name}"


def _half_life(analysis: PairAnalysis) -> str:
    bars = analysis.half_life_bars
    if isinstance(bars, Unavailable):
        return f"half-life {numbers.DASH}: {bars.reason}"
    if math.isinf(bars):
        return "no half-life: it does not revert"
    timeframe = analysis.query.params.timeframe
    lasting = f" · {numbers.duration(round(bars * timeframe.milliseconds))}" if timeframe != Timeframe.TICK else ""
    return f"half-life {numbers.significant(bars, 3)} bars{lasting}"


def _adf_detail(test: UnitRootTest) -> str:
    return f"statistic {numbers.signed(test.statistic, 2)} · {test.lags} {'lag' if test.lags == 1 else 'lags'}"


def _or_dash(value: float | Unavailable, write: Callable[[float], str]) -> str:
    return numbers.DASH if isinstance(value, Unavailable) else write(value)


def _signed_significant(value: float) -> str:
    return f"+{numbers.significant(value)}" if value > 0 else numbers.significant(value)


def _leg_price(shape: str, side: str, symbol: str, prices: Any, decimals: int) -> Children:
    price = numbers.fixed(float(prices[-1]), decimals) if len(prices) else numbers.DASH
    return [html.Span([mark(shape), symbol, html.B(price)], className=f"pane__leg leg--{side}")]
