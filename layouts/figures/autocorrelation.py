"""How long the residual remembers: its autocorrelation by lag."""

from __future__ import annotations

import numpy as np

from analytics.evidence import ResidualShape
from analytics.results import Unavailable
from layouts import numbers
from layouts.figures.plot import Plot, Trace, axis, level
from layouts.look import Look


def autocorrelation_plot(view: str, shape: ResidualShape | Unavailable, look: Look) -> Plot:
    """A bar a lag from 1 on, between the bounds of a series without memory. view: the address."""
    if isinstance(shape, Unavailable):
        return Plot(view, look, told=numbers.typeset(shape.reason))
    values = shape.autocorrelation[1:]
    lags = np.arange(1, len(values) + 1, dtype=np.float64)
    palette = look.palette
    bars = {
        "type": "bar",
        "width": 0.5,
        "marker": {"color": palette.bright, "line": {"width": 0}},
        "hovertemplate": "lag %{x}: %{y:+.3f}<extra></extra>",
    }
    lowest = min(-0.25, float(values.min(initial=0.0)) - 0.05)
    return Plot(
        view,
        look,
        (Trace(lags, values, bars, x_precision="f4"),),
        {
            "xaxis": axis("Lag, bars"),
            "yaxis": axis("Autocorrelation", range=[max(lowest, -1.05), 1.05]),
            "bargap": 0.4,
        },
        (level(0, palette.edge, dash="solid"), level(shape.band, palette.mind), level(-shape.band, palette.mind)),
    )
