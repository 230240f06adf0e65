"""Engle-Granger again and again: the p-value of a window that moves through the sample."""

from __future__ import annotations

from typing import Final

import numpy as np

from analytics.evidence import PvalueTrail
from analytics.results import Unavailable
from layouts import numbers
from layouts.figures.plot import Plot, Trace, axis, level, sampled, stroke, time_axis
from layouts.look import Look

LEVEL: Final = 0.05
_SMALLEST: Final = 1e-4  # the axis ends here: below it a p-value says nothing more
_TICKS: Final = (1, 0.1, LEVEL, 0.01, 0.001, _SMALLEST)


def pvalue_trail_plot(view: str, trail: PvalueTrail | Unavailable, look: Look) -> Plot:
    """The p-value at each window's end on a logarithmic axis, the 5 % line through it. view: the address."""
    if isinstance(trail, Unavailable):
        return Plot(view, look, told=numbers.typeset(trail.reason))
    rows = sampled(trail.time_ms)
    pvalue = trail.pvalue[rows]
    shown = np.maximum(pvalue, _SMALLEST)
    path = {
        "mode": "lines+markers",
        "line": stroke(look.palette.bright, 1.2),
        "marker": {"size": 4, "color": look.palette.bright},
        "hovertemplate": "p %{y:.3~g} %{x|%H:%M:%S}<extra></extra>",
    }
    return Plot(
        view,
        look,
        (Trace(trail.time_ms[rows].astype(np.float64), shown, path, zone=look.zone),),
        {
            "xaxis": time_axis(look.zone),
            "yaxis": axis(
                "p-value, log scale",
                type="log",
                showgrid=False,  # a grid line at 0.05 would cover the level that stands there
                range=[float(np.log10(_SMALLEST)) - 0.1, 0.1],
                tickvals=list(_TICKS),
                ticktext=["1", "0.1", "0.05", "0.01", "0.001", "≤0.0001"],
            ),
        },
        (level(LEVEL, look.palette.mind),),
    )
