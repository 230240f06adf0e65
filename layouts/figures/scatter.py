"""Both legs against each other, older rows darker, with the line that the hedge ratio stands for."""

from __future__ import annotations

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.results import Unavailable
from layouts import numbers
from layouts.address import written
from layouts.figures.plot import Plot, Trace, axis, sampled, stroke
from layouts.fit import METHODS
from layouts.legs import Legs
from layouts.look import Look
from layouts.theme import Palette


def scatter_plot(analysis: PairAnalysis, legs: Legs, look: Look) -> Plot:
    """Prices (or their logs) of y over x, coloured by time, and the newest line."""
    view = written(analysis.query)
    fit = analysis.hedge
    if isinstance(fit, Unavailable):
        return Plot(view, look, told=numbers.typeset(fit.reason))
    logs = analysis.query.params.price_scale == "log"
    rows = sampled(analysis.time_ms)
    y, x = (np.log(price[rows]) if logs else price[rows] for price in (analysis.y, analysis.x))
    ends = np.array([x.min(), x.max()])
    name, _ = METHODS[fit.method]
    decimals = (5, 5) if logs else (legs.y.decimals, legs.x.decimals)
    points = {
        "mode": "markers",
        "marker": {"size": 4, "colorscale": _older_to_newer(look.palette), "cmin": 0, "cmax": 1},
        "hovertemplate": (
            f"{legs.y.name} %{{y:,.{decimals[0]}f}}<br>{legs.x.name} %{{x:,.{decimals[1]}f}}<extra></extra>"
        ),
    }
    word = "log price" if logs else ""
    return Plot(
        view,
        look,
        (
            Trace(x, y, points, "f8", colour=np.linspace(0, 1, len(rows))),
            Trace(
                ends,
                fit.intercept + fit.slope * ends,
                {"line": stroke(look.palette.mind, 1.6), "hovertemplate": f"line of {name}<extra></extra>"},
                "f8",
            ),
        ),
        {
            "xaxis": axis(f"{legs.x.symbol}, {word or legs.x.quote}", tickformat=f",.{decimals[1]}~f", nticks=4),
            "yaxis": axis(f"{legs.y.symbol}, {word or legs.y.quote}", tickformat=f",.{decimals[0]}~f"),
        },
    )


def _older_to_newer(palette: Palette) -> list[list[float | str]]:
    """The page's legend of this plot is painted with the same three."""
    return [[0.0, palette.older], [0.5, palette.between], [1.0, palette.newer]]
