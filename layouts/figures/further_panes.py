"""The panes that are shown when they are asked for: correlation, and the hedge ratio."""

from __future__ import annotations

from typing import Any

import numpy as np

from layouts.figures.drawing import Trace
from layouts.figures.lines import Line
from layouts.figures.stack import Pane
from layouts.figures.strokes import band, level, meta, outline, stroke
from layouts.figures.subject import Subject

INTERVAL_DEVIATIONS = 1.96


def correlation_traces(subject: Subject, pane: Pane) -> list[Trace]:
    """Of returns, then of prices."""
    seen, palette = subject.analysis, subject.look.palette
    symbols = (subject.legs.y.symbol, subject.legs.x.symbol)
    rows = (
        ("returns", seen.return_correlation, palette.second, 1.0, "4px,2px"),
        ("prices", seen.correlation, palette.bright, 1.3, "solid"),
    )
    return [
        stroke(
            subject.line(values, *symbols),
            pane.axis,
            colour,
            meta("correlation", name, decimals=3),
            width=width,
            dash=dash,
            precision="f4",
        )
        for name, values, colour, width, dash in rows
    ]


def correlation_axes(_subject: Subject, pane: Pane) -> dict[str, Any]:
    """The value axis."""
    return {pane.axis_key: {**_right(pane), "nticks": 4, "tickformat": ".3~g"}}


def correlation_shapes(subject: Subject, pane: Pane) -> list[dict[str, Any]]:
    """Where there is none."""
    return [level("no correlation", pane.axis, 0, subject.look.palette.edge, "solid", 1)]


def hedge_traces(subject: Subject, pane: Pane) -> list[Trace]:
    """The interval of 95 % where the method has one, and the line in force at each row."""
    seen, palette = subject.analysis, subject.look.palette
    width = INTERVAL_DEVIATIONS * seen.hedge_ratio_deviation
    border = outline(seen.time_ms, seen.hedge_ratio - width, seen.hedge_ratio + width, subject.timeframe)
    shown = subject.look.zone.shown_ms(border.time_ms)
    return [
        band(Line(shown, border.values), "hedge", pane.axis, palette.x, 0.12),
        stroke(
            subject.line(seen.hedge_ratio, subject.legs.y.symbol, subject.legs.x.symbol),
            pane.axis,
            palette.x,
            meta("hedge", "β", decimals=_decimals(seen.hedge_ratio)),
        ),
    ]


def hedge_axes(_subject: Subject, pane: Pane) -> dict[str, Any]:
    """The value axis."""
    return {pane.axis_key: {**_right(pane), "nticks": 4, "tickformat": ",.4~g"}}


def _right(pane: Pane) -> dict[str, Any]:
    return {"side": "right", "anchor": "x", "domain": [pane.bottom, pane.top]}


def _decimals(ratios: np.ndarray) -> int:
    """As many as show four figures of the newest one."""
    known = ratios[np.isfinite(ratios) & (ratios != 0)]
    return int(np.clip(3 - np.floor(np.log10(abs(known[-1]))), 0, 9)) if len(known) else 4
