"""The spread on the mean and the deviations that its z-score is measured in."""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.results import Unavailable
from analytics.spread_bands import spread_bands
from layouts import numbers
from layouts.figures.drawing import Trace
from layouts.figures.lines import Line, line
from layouts.figures.stack import Pane
from layouts.figures.strokes import band, meta, outline, stroke, tag
from layouts.figures.subject import Subject
from layouts.figures.units import SPREAD_TICKS, spread_decimals, spread_unit

_MEAN_POINTS = 300


def traces(subject: Subject, pane: Pane) -> list[Trace]:
    """Two deviations, one, the mean, the spread."""
    seen, legs, palette = subject.analysis, subject.legs, subject.look.palette
    bands = spread_bands(seen)
    shown = subject.look.zone.shown_ms

    def around(deviations: float) -> Line:
        width = deviations * bands.deviation
        border = outline(seen.time_ms, bands.mean - width, bands.mean + width, subject.timeframe)
        return Line(shown(border.time_ms), border.values)

    decimals, unit = spread_decimals(seen, legs), spread_unit(seen, legs)
    mean = line(seen.time_ms, bands.mean, subject.timeframe, most=_MEAN_POINTS)
    return [
        band(around(2), "spread", pane.axis, palette.y, 0.10),
        band(around(1), "spread", pane.axis, palette.y, 0.12),
        stroke(
            Line(shown(mean.time_ms), mean.values),
            pane.axis,
            palette.y,
            meta("spread", "mean", decimals=decimals, signed=True, unit=unit),
            width=1,
            dash="4px,3px",
        ),
        stroke(
            subject.line(seen.spread, legs.y.symbol, legs.x.symbol),
            pane.axis,
            palette.bright,
            meta("spread", "spread", decimals=decimals, signed=True, unit=unit),
        ),
    ]


def axes(_subject: Subject, pane: Pane) -> dict[str, Any]:
    """The value axis."""
    return {
        pane.axis_key: {
            "side": "right",
            "anchor": "x",
            "domain": [pane.bottom, pane.top],
            "nticks": 5,
            "tickformat": SPREAD_TICKS,
        }
    }


def tags(subject: Subject, pane: Pane) -> list[dict[str, Any]]:
    """The newest spread, where it is known."""
    value, palette = subject.analysis.latest_spread, subject.look.palette
    if isinstance(value, Unavailable) or not np.isfinite(value):
        return []
    text = numbers.signed(value, spread_decimals(subject.analysis, subject.legs))
    return [tag("newest:spread", pane.axis, value, text, palette, colour=palette.bright)]
