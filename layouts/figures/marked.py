"""Small marks on the panes: where the z-score left its entry levels and where it came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.crossings import Crossing, crossings
from analytics.market import FloatArray
from layouts import numbers
from layouts.chart_view import ChartView
from layouts.figures.drawing import Trace
from layouts.figures.stack import Pane, PaneName
from layouts.figures.subject import Mark, MarkKind, Subject

MOST_MARKS: Final = 200
_SYMBOLS: Final[dict[MarkKind, str]] = {
    "out above": "triangle-down", "out below": "triangle-up", "back": "circle-open",
}  # fmt: skip


def level_marks(analysis: PairAnalysis, chart: ChartView) -> tuple[Mark, ...]:
    """The newest crossings of the entry and exit levels by the z-score, as it was known then where that is known.

    Only rows whose window is full: before them the z-score moves as the sample slides.
    """
    exit_level = analysis.query.params.exit_zscore
    known = analysis.zscore_as_known
    scores = known if np.isfinite(known).any() else analysis.zscore
    full = np.where(np.arange(len(scores)) >= analysis.query.params.window_bars, scores, np.nan)
    if not exit_level < chart.entry_zscore:
        return ()
    found = crossings(full, entry=chart.entry_zscore, exit_level=exit_level)
    return tuple(_told(one, analysis, float(scores[one.row])) for one in found[-MOST_MARKS:])


def traces(subject: Subject, pane: Pane, values: FloatArray) -> list[Trace]:
    """The marks of one pane on the line of `values` (n,), none where marks are hidden."""
    if not subject.chart.marks:
        return []
    marks = [mark for mark in subject.marks if mark.pane == pane.name]
    return [_trace(subject, pane, marks, values)]


def _told(one: Crossing, analysis: PairAnalysis, z: float) -> Mark:
    pane: PaneName = "zscore"
    kind: MarkKind = "back" if one.kind == "back" else "out above" if one.side > 0 else "out below"
    words = {"out above": "above entry", "out below": "below entry", "back": "back at exit"}
    return Mark(int(analysis.time_ms[one.row]), pane, kind, f"{words[kind]}, z {numbers.zscore(z)}")


def _trace(subject: Subject, pane: Pane, marks: Sequence[Mark], values: FloatArray) -> Trace:
    palette = subject.look.palette
    times = np.array([mark.time_ms for mark in marks], np.int64)
    rows = np.clip(np.searchsorted(subject.time_ms, times, side="right") - 1, 0, None)
    colours = {"out above": palette.band, "out below": palette.band, "back": palette.good}
    look = {
        "type": "scatter",
        "mode": "markers",
        "name": "marks",
        "xaxis": "x",
        "yaxis": pane.axis,
        "hoverinfo": "skip",
        "cliponaxis": False,
        "meta": {"pane": pane.name, "label": None, "read": False, "scale": False, "role": "marks"},
    }
    marker: dict[str, Any] = {
        "symbol": [_SYMBOLS[mark.kind] for mark in marks],
        "color": [colours[mark.kind] for mark in marks],
        "size": 8,
        "line": {"width": 1.4, "color": [colours[mark.kind] for mark in marks]},
    }
    columns: dict[str, Any] = {
        "x": (subject.look.zone.shown_ms(times.astype(np.float64)), "f8"),
        "y": (values[rows] if len(rows) else np.empty(0), "f4"),
    }
    return Trace(columns, look, {"marker": marker, "text": [mark.text for mark in marks]})
