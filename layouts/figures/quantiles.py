"""Is the residual normal: its quantiles against those of the normal distribution."""

from __future__ import annotations

from typing import Final

import numpy as np

from analytics.evidence import ResidualShape
from analytics.results import Unavailable
from layouts import numbers
from layouts.figures.plot import Plot, Trace, axis, stroke
from layouts.look import Look

_MOST: Final = 300
_TAIL: Final = 30  # at either end every quantile is drawn: the tails are what the plot is for


def quantile_plot(view: str, shape: ResidualShape | Unavailable, look: Look) -> Plot:
    """A point a quantile and the straight line that a normal residual follows. view: the address."""
    if isinstance(shape, Unavailable):
        return Plot(view, look, told=numbers.typeset(shape.reason))
    m = len(shape.quantiles)
    inner = np.linspace(_TAIL, m - 1 - _TAIL, max(min(_MOST, m) - 2 * _TAIL, 1)).astype(np.int64)
    tails = np.concatenate((np.arange(min(_TAIL, m)), np.arange(max(m - _TAIL, 0), m)))
    rows = np.unique(np.clip(np.concatenate((inner, tails)), 0, m - 1))
    normal, found = shape.normal_quantiles[rows], shape.quantiles[rows]
    ends = np.array([normal[0], normal[-1]])
    points = {
        "mode": "markers",
        "marker": {"size": 4, "color": look.palette.bright},
        "hovertemplate": "normal %{x:+.2f}, residual %{y:+.2f}<extra></extra>",
    }
    return Plot(
        view,
        look,
        (
            Trace(ends, ends, {"line": stroke(look.palette.mind, 1.4), "hoverinfo": "skip"}, x_precision="f4"),
            Trace(normal, found, points, x_precision="f4"),
        ),
        {"xaxis": axis("Normal quantile, σ"), "yaxis": axis("Residual quantile, σ")},
    )
