"""What stands above each pane of the chart: its name, its newest values, and what they rest on."""

from __future__ import annotations

from typing import Any

from dash import html

from analytics.market import Timeframe
from analytics.results import Unavailable
from layouts import numbers, terms
from layouts.aria import unseen
from layouts.card import Children, progress
from layouts.cards import exactness, sample_parts, spread_formula
from layouts.defined import defined
from layouts.figures.candles import merged
from layouts.figures.prices_pane import change
from layouts.figures.stack import ALWAYS, PaneName
from layouts.figures.subject import Subject
from layouts.figures.units import known_then, spread_decimals, spread_unit
from layouts.fit import METHODS
from layouts.marks import mark
from layouts.zscore_card import zscore_term


def readout(subject: Subject, pane: PaneName) -> Children:
    """The read-out of one pane; nothing while the pane is not shown."""
    if pane not in ALWAYS and pane not in subject.chart.panes:
        return []
    drawn = {
        "prices": _prices,
        "spread": _spread,
        "zscore": _zscore,
        "correlation": _correlation,
        "hedge": _hedge,
    }
    return drawn[pane](subject)


def _prices(subject: Subject) -> Children:
    """Both prices by name and shape, and what they rest on: warm-up, or bars and how many of them are whole."""
    seen, legs = subject.analysis, subject.legs
    warming = seen.bars_held < seen.bars_needed
    told = _warm_up(subject) if warming else sample_parts(seen, "pane")
    return [
        html.Strong("Prices"),
        _newest(_leg(subject, "y", legs.y.symbol), _leg(subject, "x", legs.x.symbol)),
        *_style(subject),
        _aside(*([mark("ring"), told] if warming else told), tone="mind" if warming else "plain"),
    ]


def _leg(subject: Subject, side: str, symbol: str) -> html.Span:
    y = side == "y"
    prices = subject.analysis.y if y else subject.analysis.x
    decimals = (subject.legs.y if y else subject.legs.x).decimals
    price = numbers.fixed(float(prices[-1]), decimals) if len(prices) else numbers.DASH
    parts: Children = [mark("circle" if y else "square"), symbol, html.B(price)]
    if subject.chart.prices == "rebased" and len(prices):
        parts.append(html.Small(f"{numbers.signed(float(change(prices)[-1]), 2)} %"))
    return html.Span(parts, className=f"pane__leg leg--{side}")


def _style(subject: Subject) -> Children:
    """What a candle stands for, or why there are none though they were asked for."""
    if subject.chart.style != "candles":
        return []
    if subject.y_bars is not None:
        each = merged(subject.y_bars, subject.timeframe, within=subject.time_ms).bars_each
        length = f"{each} × {subject.timeframe}" if each > 1 else str(subject.timeframe)
        return [html.Span(f"candles of {length}", className="pane__note")]
    why = "need bars, not ticks" if subject.timeframe is Timeframe.TICK else "need two price axes"
    return [html.Span(f"candles {why}", className="pane__note")]


def _warm_up(subject: Subject) -> str:
    seen = subject.analysis
    return f"warming up, {progress(seen.bars_held, seen.bars_needed, subject.timeframe)}"


def _spread(subject: Subject) -> Children:
    """The spread now, and what it is made of."""
    seen, legs = subject.analysis, subject.legs
    shown = _or_dash(seen.latest_spread, lambda v: numbers.signed(v, spread_decimals(seen, legs)))
    return [
        html.Strong(defined(terms.SPREAD, "pane")),
        _newest(shown, html.Small(spread_unit(seen, legs))),
        html.Span([html.Span(className="stroke stroke--mean", **unseen()), "mean ± 1, 2 σ"], className="legend"),
        _aside(spread_formula(seen, legs)),
    ]


def _zscore(subject: Subject) -> Children:
    """The z-score now, what it is a score of, and a legend where it was another one at its time."""
    seen = subject.analysis
    params = seen.query.params
    known = defined(terms.ZSCORE_AS_KNOWN, "pane", "as known then")
    legend = html.Span([html.Span(className="stroke stroke--known", **unseen()), known], className="legend")
    of = "standardised innovation" if params.hedge == "kalman" else f"over {numbers.count(params.window_bars)} bars"
    return [
        html.Strong(zscore_term(seen, "pane")),
        _newest(_or_dash(seen.latest_zscore, numbers.zscore)),
        *([legend] if known_then(seen) else []),
        *([html.Span("▲▼ at entry, ○ back", className="legend")] if subject.chart.marks else []),
        _aside(of),
    ]


def _correlation(subject: Subject) -> Children:
    """Of prices, and of returns."""
    seen = subject.analysis
    ranks = seen.query.params.correlation == "spearman"
    return [
        html.Strong(defined(terms.SPEARMAN if ranks else terms.CORRELATION, "pane", "Correlation")),
        _newest(
            html.Span(["prices", html.B(_or_dash(seen.latest_correlation, numbers.correlation))]),
            html.Span(["returns", html.B(_or_dash(seen.latest_return_correlation, numbers.correlation))]),
        ),
        _aside(f"{'Spearman' if ranks else 'Pearson'} over {numbers.count(seen.query.params.window_bars)} bars"),
    ]


def _hedge(subject: Subject) -> Children:
    """The newest ratio, how exactly it is known, and by which method."""
    fit = subject.analysis.hedge
    head = html.Strong(defined(terms.HEDGE_RATIO, "pane", "Hedge ratio β"))
    if isinstance(fit, Unavailable):
        return [head, _newest(numbers.DASH), _aside(numbers.typeset(fit.reason))]
    word, value = exactness(fit)
    name, _ = METHODS[fit.method]
    return [
        head,
        _newest(numbers.significant(fit.slope), html.Small(f"{word} {value}")),
        _aside(f"{name}, {subject.legs.x.name} per {subject.legs.y.name}"),
    ]


def _newest(*parts: Any) -> html.Span:
    """The values of now: they make room for those under the cursor."""
    return html.Span(list(parts), className="pane__newest")


def _aside(*parts: Any, tone: str = "plain") -> html.Span:
    return html.Span(list(parts), className=f"pane__aside tone--{tone}")


def _or_dash(value: float | Unavailable, write: Any) -> str:
    return numbers.DASH if isinstance(value, Unavailable) else str(write(value))
