"""The hedge ratio through the sample: by least squares on a moving window, and as the chosen method has it."""

from __future__ import annotations

from typing import Final

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.evidence import RatioTrail
from analytics.market import FloatArray
from analytics.results import Unavailable
from layouts import numbers
from layouts.address import written
from layouts.figures.lines import line
from layouts.figures.plot import MOST_POINTS, Plot, Trace, axis, sampled, stroke, time_axis
from layouts.fit import METHODS
from layouts.legs import Legs
from layouts.look import Look
from layouts.zone import Zone

_NORMAL: Final = 1.959963984540054  # 97.5 % quantile: the band of a state that is normal


def ratio_trail_plot(analysis: PairAnalysis, legs: Legs, trail: RatioTrail | Unavailable, look: Look) -> Plot:
    """The moving window's slope with its interval; the method's own line, with its band where it moves too."""
    view = written(analysis.query)
    if isinstance(trail, Unavailable):
        return Plot(view, look, told=numbers.typeset(trail.reason))
    rows = sampled(analysis.time_ms)
    time_ms = analysis.time_ms[rows].astype(np.float64)
    palette, zone = look.palette, look.zone
    name, _ = METHODS[analysis.query.params.hedge]
    ratio, deviation = analysis.hedge_ratio[rows], analysis.hedge_ratio_deviation[rows]
    return Plot(
        view,
        look,
        (
            *_band(time_ms, zone, trail.low[rows], trail.high[rows], palette.bright),
            *_band(time_ms, zone, ratio - _NORMAL * deviation, ratio + _NORMAL * deviation, palette.second),
            _path(
                analysis, look.zone, trail.slope, palette.bright, f"OLS over {numbers.count(trail.window_bars)} bars"
            ),
            _path(analysis, zone, analysis.hedge_ratio, palette.second, name),
        ),
        {
            "xaxis": time_axis(zone),
            "yaxis": axis(f"β, {legs.x.name} per {legs.y.name}"),
        },
    )


def _band(time_ms: FloatArray, zone: Zone, low: FloatArray, high: FloatArray, colour: str) -> tuple[Trace, Trace]:
    edge = {"line": {"width": 0}, "hoverinfo": "skip"}
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    filled = {**edge, "fill": "tonexty", "fillcolor": f"rgba({red},{green},{blue},0.16)"}
    return Trace(time_ms, low, edge, zone=zone), Trace(time_ms, high, filled, zone=zone)


def _path(analysis: PairAnalysis, zone: Zone, slope: FloatArray, colour: str, name: str) -> Trace:
    points = line(analysis.time_ms, slope, analysis.query.params.timeframe, most=MOST_POINTS)
    return Trace(
        points.time_ms,
        points.values,
        {"line": stroke(colour, 1.4), "hovertemplate": f"%{{y:.5~g}} %{{x|%H:%M:%S}}<extra>{name}</extra>"},
        "f8",
        zone=zone,
    )
