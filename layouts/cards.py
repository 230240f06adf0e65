"""The cards of verdict, hedge, spread, correlation and ADF, drawn from one analysis.

A card shows a number, or a dash with the reason in sight; never a zero for what is not known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from dash import html

from analytics.analysis import PairAnalysis
from analytics.empty_bars import empty_bars_warning
from analytics.market import Timeframe
from analytics.results import HalfLife, HedgeFit, Unavailable, UnitRootTest
from layouts import numbers, terms
from layouts.card import Children, known, unknown
from layouts.defined import defined
from layouts.figures.units import spread_decimals, spread_unit
from layouts.fit import METHODS, MOVING
from layouts.legs import Legs
from layouts.marks import mark

_WARNING: Final = "card__detail card__warning tone--mind"
OUTCOMES: Final = {  # tone and shape
    "cointegrated": ("good", "check"),
    "not shown": ("mind", "dash"),
    "cannot say": ("plain", "query"),
}


def verdict_card(analysis: PairAnalysis) -> Children:
    """The headline of the Engle-Granger test, its p-value in both directions, and the sentences that it rests on."""
    verdict = analysis.verdict
    tone, shape = OUTCOMES[verdict.outcome]
    return [
        html.H3(
            [mark(shape), defined(terms.VERDICT, "card", numbers.typeset(verdict.headline))],
            className=f"card__headline tone--{tone}",
        ),
        html.P(["Rests on ", *sample_parts(analysis, "card")], className="card__sample"),
        html.P(_directions(analysis), className="card__sample"),
        html.Ul([html.Li(numbers.typeset(reason)) for reason in verdict.reasons], className="card__reasons"),
    ]


def clean_window(analysis: PairAnalysis) -> str:
    """What the numbers rest on: how many rows, and how many of them are clean: 1,500 bars, 91 % clean."""
    rows, share = _rows(analysis), analysis.clean_share
    return rows if share is None else f"{rows}, {math.floor(100 * share)} % clean"


def _rows(analysis: PairAnalysis) -> str:
    tick = analysis.query.params.timeframe == Timeframe.TICK
    return numbers.counted(len(analysis.time_ms), "trade" if tick else "bar")


def sample_parts(analysis: PairAnalysis, place: str) -> Children:
    """`clean_window` with its definition."""
    rows, share = _rows(analysis), analysis.clean_share
    if share is None:
        return [rows]
    return [f"{rows}, {math.floor(100 * share)} % ", defined(terms.CLEAN_SHARE, place, "clean")]


def hedge_card(analysis: PairAnalysis, legs: Legs) -> Children:
    """How the line was fitted, its slope, intercept, R2 and how exactly the slope is known."""
    label = [defined(terms.HEDGE_RATIO, "card", "Hedge ratio β"), f" · {legs.x.name} per {legs.y.name}"]
    fit = analysis.hedge
    if isinstance(fit, Unavailable):
        return unknown(label, fit, analysis.query.params.timeframe)
    method, _ = METHODS[fit.method]
    alpha: Children = ["no intercept"]
    if analysis.query.params.include_intercept:
        alpha = [defined(terms.INTERCEPT, "card", "α"), f" {_signed_significant(fit.intercept)}"]
    kind = "" if fit.r_squared_kind == "centred" else " uncentred"
    word, value = exactness(fit)
    return known(
        label,
        numbers.significant(fit.slope),
        [
            *(defined(terms.METHODS[fit.method], "card", method), " · ", *alpha, " · "),
            *(defined(terms.R_SQUARED, "card", "R²"), f" {numbers.fixed(fit.r_squared, 3)}{kind} · "),
            *(defined(terms.HEDGE_STDERR, "card", word), f" {value}"),
        ],
    )


def exactness(fit: HedgeFit) -> tuple[str, str]:
    """How exactly the slope is known: its standard error, else its interval, else why there is neither."""
    if not isinstance(fit.stderr, Unavailable):
        return "s.e.", numbers.significant(fit.stderr, 2)
    if not isinstance(fit.interval, Unavailable):
        return "95 %", numbers.interval(*fit.interval)
    return "s.e.", f"{numbers.DASH}: {numbers.typeset(fit.stderr.reason)}"


def spread_card(analysis: PairAnalysis, legs: Legs) -> Children:
    """What is left of y once its part of x is taken away, and how fast such a difference has faded."""
    label = [defined(terms.SPREAD, "card"), f" · {spread_unit(analysis, legs)}"]
    spread = analysis.latest_spread
    if isinstance(spread, Unavailable):
        return unknown(label, spread, analysis.query.params.timeframe)
    return known(label, numbers.signed(spread, spread_decimals(analysis, legs)), _half_life(analysis))


def correlation_card(analysis: PairAnalysis, legs: Legs) -> Children:
    """Rolling correlation of prices, as traders read it, with that of returns beside it; warns of empty bars."""
    ranks = analysis.query.params.correlation == "spearman"
    term, kind = (terms.SPEARMAN, "Spearman") if ranks else (terms.CORRELATION, "Pearson")
    label = [defined(term, "card", "Correlation of prices"), f" · {kind}"]
    returns = _or_dash(analysis.latest_return_correlation, numbers.correlation)
    levels = analysis.latest_correlation
    if isinstance(levels, Unavailable):
        return [*unknown(label, levels, analysis.query.params.timeframe), *_empty_bars(analysis, legs)]
    window = numbers.count(analysis.query.params.window_bars)
    detail = [defined(terms.RETURN_CORRELATION, "card", "returns"), f" {returns} · last {window} bars"]
    shown = known(label, numbers.correlation(levels), detail)
    return [*shown, *_empty_bars(analysis, legs)]


def _empty_bars(analysis: PairAnalysis, legs: Legs) -> Children:
    """The warning of bars in which a leg did not trade: correlation of returns then reads too low (Epps effect)."""
    shares = ((legs.y.name, analysis.y_empty_share), (legs.x.name, analysis.x_empty_share))
    many = [f"{100 * share:.0f} % of {name}" for name, share in shares if share and empty_bars_warning(share, None)]
    if not many:
        return []
    word = defined(terms.EMPTY_SHARE, "card", "empty bars")
    return [html.P([mark("triangle"), word, f" {', '.join(many)}: returns read low"], className=_WARNING)]


def adf_card(analysis: PairAnalysis) -> Children:
    """p-value of the Dickey-Fuller test on the fitted spread, with its statistic and lags."""
    label = [defined(terms.ADF, "card", "ADF p-value"), " · fitted spread"]
    test = analysis.adf
    if isinstance(test, Unavailable):
        return unknown(label, inapplicable(analysis, test), analysis.query.params.timeframe)
    return known(label, numbers.pvalue(test.pvalue), _adf_detail(test))


def inapplicable(analysis: PairAnalysis, why: Unavailable) -> Unavailable:
    """The reason, told as "not applicable" where it lies in the way of hedging and not in the data."""
    if not _moves(analysis, why) or why.reason.startswith("not applicable"):
        return why
    return replace(why, reason=f"not applicable: {why.reason}")


def _moves(analysis: PairAnalysis, why: Unavailable) -> bool:
    return analysis.query.params.hedge in MOVING and why.needed is None


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


def _directions(analysis: PairAnalysis) -> Children:
    """Engle-Granger's p-value of y on x, and of x on y."""
    there, back = analysis.engle_granger, analysis.engle_granger_reverse
    told = [numbers.DASH if isinstance(one, Unavailable) else numbers.pvalue(one.pvalue) for one in (there, back)]
    return [defined(terms.ENGLE_GRANGER, "card", "p"), f" {told[0]}, other way round {told[1]}"]


def _half_life(analysis: PairAnalysis) -> Children:
    fit, word = analysis.half_life, defined(terms.HALF_LIFE, "card", "half-life")
    if isinstance(fit, Unavailable):
        # The ADF card, in sight below, has the whole reason.
        told = (
            "not applicable, as ADF" if isinstance(analysis.adf, Unavailable) and _moves(analysis, fit) else fit.reason
        )
        return [word, f" {numbers.DASH}: {told}"]
    if math.isinf(fit.bars):
        return ["no ", word, ": it does not revert"]
    timeframe = analysis.query.params.timeframe
    lasting = f" · {numbers.duration(round(fit.bars * timeframe.milliseconds))}" if timeframe.milliseconds else ""
    return [word, f" {numbers.significant(fit.bars, 3)} bars [{half_life_interval(fit)}]{lasting}"]


def half_life_interval(fit: HalfLife) -> str:
    """9.1 to 17.4 bars as text, or its lower end alone where it reaches "never"."""
    low = numbers.significant(fit.low_bars, 3)
    return f"{low} or more" if fit.high_bars is None else f"{low} to {numbers.significant(fit.high_bars, 3)}"


def _adf_detail(test: UnitRootTest) -> str:
    return f"statistic {numbers.signed(test.statistic, 2)} · {test.lags} {'lag' if test.lags == 1 else 'lags'}"


def _or_dash(value: float | Unavailable, write: Callable[[float], str]) -> str:
    return numbers.DASH if isinstance(value, Unavailable) else write(value)


def _signed_significant(value: float) -> str:
    return f"+{numbers.significant(value)}" if value > 0 else numbers.significant(value)
