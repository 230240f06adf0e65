"""The residual of the fit over time, and below it the cumulative sum that tells whether one relation held."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.evidence import Stability
from analytics.results import Unavailable
from layouts import numbers
from layouts.address import written
from layouts.figures.lines import line
from layouts.figures.plot import MOST_POINTS, Plot, Trace, axis, note, sampled, stroke, time_axis
from layouts.figures.units import SPREAD_TICKS, spread_decimals, spread_unit
from layouts.legs import Legs
from layouts.look import Look
from layouts.moments import clock_time

_UPPER: Final = [0.46, 1.0]
_LOWER: Final = [0.0, 0.36]


def residual_plot(analysis: PairAnalysis, legs: Legs, stability: Stability | Unavailable, look: Look) -> Plot:
    """Residual above, CUSUM with its 5 % bound below, and a mark where the relation changed."""
    view = written(analysis.query)
    if isinstance(analysis.hedge, Unavailable):
        return Plot(view, look, told=numbers.typeset(analysis.hedge.reason))
    points = line(analysis.time_ms, analysis.spread, analysis.query.params.timeframe, most=MOST_POINTS)
    decimals = spread_decimals(analysis, legs)
    shown = f"%{{y:+,.{decimals}f}} %{{x|%H:%M:%S}}<extra>residual</extra>"
    drawn = {"line": stroke(look.palette.bright), "hovertemplate": shown}
    residual = Trace(points.time_ms, points.values, drawn, "f8", zone=look.zone)
    return Plot(
        view,
        look,
        (residual, *_sums(analysis, stability, look)),
        {
            "xaxis": time_axis(look.zone, anchor="y2"),
            "yaxis": axis(
                f"Residual, {spread_unit(analysis, legs)}",
                domain=_UPPER,
                tickformat=SPREAD_TICKS,
                zeroline=True,  # a shape at 0 would pull 0 into sight where the spread is far from it
                zerolinecolor=look.palette.edge,
            ),
            "yaxis2": axis("CUSUM", domain=_LOWER),
            "showlegend": False,
        },
        _change(stability, look),
        _notes(analysis, stability, look),
    )


def _sums(analysis: PairAnalysis, stability: Stability | Unavailable, look: Look) -> tuple[Trace, ...]:
    if isinstance(stability, Unavailable):
        return ()
    rows = sampled(analysis.time_ms)
    time_ms = analysis.time_ms[rows].astype(np.float64)
    points = line(analysis.time_ms, stability.cusum, analysis.query.params.timeframe, most=MOST_POINTS)
    bound = {"line": stroke(look.palette.mind, 1.2, "6px,4px"), "yaxis": "y2", "hoverinfo": "skip"}
    path = {
        "line": stroke(look.palette.second, 1.5),
        "yaxis": "y2",
        "hovertemplate": "%{y:+.2f} %{x|%H:%M:%S}<extra>CUSUM</extra>",
    }
    return (
        Trace(points.time_ms, points.values, path, zone=look.zone),
        Trace(time_ms, stability.bound[rows], bound, zone=look.zone),
        Trace(time_ms, -stability.bound[rows], bound, zone=look.zone),
    )


def _change(stability: Stability | Unavailable, look: Look) -> tuple[dict[str, Any], ...]:
    if isinstance(stability, Unavailable) or stability.changed_at_ms is None:
        return ()
    at = look.zone.mark(stability.changed_at_ms)
    return (
        {
            "type": "line", "xref": "x", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1,
            "line": stroke(look.palette.bad, 1.5, "2px,3px"),
        },
    )  # fmt: skip


def _notes(analysis: PairAnalysis, stability: Stability | Unavailable, look: Look) -> tuple[dict[str, Any], ...]:
    """When the relation changed, beside its mark; or, where the CUSUM would be, why there is none."""
    if isinstance(stability, Unavailable):
        return (note(numbers.typeset(stability.reason), look.palette.faint, x=0.5, y=0.16),)
    if stability.changed_at_ms is None:
        return ()
    at, now_ms = stability.changed_at_ms, int(analysis.time_ms[-1])
    late = at > (int(analysis.time_ms[0]) + now_ms) / 2
    placed = {"xref": "x", "xanchor": "right" if late else "left", "yanchor": "middle", "bgcolor": look.palette.panel}
    between = (_LOWER[1] + _UPPER[0]) / 2
    told = f"changed {clock_time(at, now_ms, look.zone.steady)}"
    return ({**note(told, look.palette.bad, x=look.zone.mark(at), y=between), **placed},)
