"""The z-score's card: how far apart the legs are now, on a gauge with the levels of the chart."""

from __future__ import annotations

from typing import Final

from dash import html

from analytics.analysis import PairAnalysis
from analytics.results import Unavailable
from layouts import numbers, terms
from layouts.aria import unseen
from layouts.card import Children, unknown
from layouts.chart_view import ChartView
from layouts.defined import defined
from layouts.legs import Legs

# The gauge reaches at least so far, and a little beyond the stop level; what is farther off stays at its end.
_LEAST_SPAN: Final = 4.0
_BEYOND_STOP: Final = 0.5
_ROOM: Final = 0.18  # of a number on the scale, as a part of half the gauge


def zscore_card(analysis: PairAnalysis, legs: Legs, chart: ChartView) -> Children:
    """How far apart the legs are now, in deviations of the window, which of them is dear, and past which level."""
    params = analysis.query.params
    label: Children = [zscore_term(analysis, "card"), f" · {_zscore_of(analysis)}"]
    z = analysis.latest_zscore
    if isinstance(z, Unavailable):
        return unknown(label, z, params.timeframe)
    tone = "bad" if abs(z) >= chart.stop_zscore else "mind" if abs(z) >= chart.entry_zscore else "plain"
    return [
        html.H3(label, className="card__label"),
        html.P(numbers.zscore(z), className=f"card__value card__value--hero tone--{tone}"),
        *_gauge(z, params.exit_zscore, chart),
        html.P(_reading(z, params.exit_zscore, legs, chart), className="card__detail"),
    ]


def zscore_term(analysis: PairAnalysis, place: str) -> html.Span:
    """The word z-score with the definition of what it is here."""
    kalman = analysis.query.params.hedge == "kalman"
    return defined(terms.INNOVATION if kalman else terms.ZSCORE, place, "z-score")


def _zscore_of(analysis: PairAnalysis) -> str:
    params = analysis.query.params
    if params.hedge == "kalman":
        return "standardised innovation"
    return f"{numbers.count(params.window_bars)} × {params.timeframe}"


def _reading(z: float, exit_zscore: float, legs: Legs, chart: ChartView) -> str:
    if abs(z) < chart.entry_zscore:
        within = exit_zscore if abs(z) <= exit_zscore else chart.entry_zscore
        return f"inside the {'exit' if within == exit_zscore else 'entry'} levels, ±{within:g}"
    name, level = ("stop", chart.stop_zscore) if abs(z) >= chart.stop_zscore else ("entry", chart.entry_zscore)
    word, side = ("dear", f"above {name} +{level:g}") if z > 0 else ("cheap", f"below {name} {numbers.MINUS}{level:g}")
    return f"{side}: {legs.y.name} {word} against {legs.x.name}"


def _gauge(z: float, exit_zscore: float, chart: ChartView) -> Children:
    span = max(_LEAST_SPAN, chart.stop_zscore + _BEYOND_STOP)

    def place(level: float) -> str:
        return f"{50 + 50 * min(max(level / span, -1), 1):.1f}%"

    both = _written(span, (chart.stop_zscore, exit_zscore, chart.entry_zscore))
    zones = {"exit": exit_zscore, "entry": chart.entry_zscore, "stop": chart.stop_zscore}
    return [
        html.Div(
            html.Span(className="gauge__mark", style={"left": place(z)}),
            className="gauge",
            style={f"--{name}": f"{50 * level / span:.2f}%" for name, level in zones.items()},
            **unseen(),
        ),
        html.Div(
            [html.Span(_level(level), style={"left": place(level)}) for level in both],
            className="gauge__scale",
            **unseen(),
        ),
    ]


def _written(span: float, levels: tuple[float, ...]) -> list[float]:
    """Those of the levels, on both sides, whose numbers have room beside those before them. Ascending."""
    shown: list[float] = []
    for level in levels:
        pair = sorted({-level, level})
        apart = [abs(one - other) for one in pair for other in (*shown, *pair) if one != other]
        if all(distance >= _ROOM * span for distance in apart):
            shown += pair
    return sorted(shown)


def _level(level: float) -> str:
    return f"{level:+g}".replace("-", numbers.MINUS) if level else "0"
