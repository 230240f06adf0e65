"""From the rows of an analysis to the points of a line: at most 2 000, extremes kept, holes left open.

Nothing here is a statistic; it decides only which points a screen of some thousand pixels needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.market import BoolArray, FloatArray, Int64Array, Timeframe

MOST_POINTS: Final = 2_000
_TAIL: Final = 0.15  # part of the points: the newest are all shown, they are what is looked at
_BREAKS: Final = 0.1  # part of the points, at most
_TICK_GAP_MS: Final = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Points of one line. time_ms: float64 milliseconds UTC.  values: NaN where the line is to break."""

    time_ms: FloatArray
    values: FloatArray

    def __len__(self) -> int:
        return len(self.time_ms)


def gap_ms(time_ms: Int64Array, timeframe: Timeframe) -> float:
    """From what distance on two neighbouring rows have a hole between them.

    Where bars stand side by side, three bars. Where trades are rare, ten times what is usual there: a quiet symbol is
    not a broken one.
    """
    usual = float(np.median(np.diff(time_ms))) if len(time_ms) > 1 else 0.0
    bar = timeframe.milliseconds
    if not bar:
        return max(float(_TICK_GAP_MS), 20 * usual)
    return 3.0 * bar if usual <= bar else 10 * usual


def line(
    time_ms: Int64Array,
    values: FloatArray,
    timeframe: Timeframe,
    *,
    most: int = MOST_POINTS,
    cuts: Sequence[tuple[int, int]] = (),
) -> Line:
    """The points to draw for rows (n,) ascending in time; values may hold NaN.

    At most `most` points. Every extreme of the rows is among them. A closed stretch is thinned the same way however
    many rows follow it, so that the past of a chart stands still while time goes on.  cuts: (from, to) moments between
    which nothing is drawn, though there be rows; those at the two moments are.
    """
    rows = np.flatnonzero(np.isfinite(values) & _outside(time_ms, cuts))
    times, finite = time_ms[rows], values[rows]
    broken = breaks(rows, times, gap_ms(time_ms, timeframe), round(_BREAKS * most))
    for begin, _ in cuts:
        row = int(np.searchsorted(times, begin, side="right")) - 1
        broken[max(row, 0) : row + 1] = True
    kept = _kept(times, finite, most)
    stretch = np.concatenate(([0], np.cumsum(broken)))[: len(rows)][kept]
    return _opened(times[kept].astype(np.float64), finite[kept], np.flatnonzero(np.diff(stretch)))


def _outside(time_ms: Int64Array, cuts: Sequence[tuple[int, int]]) -> BoolArray:
    outside = np.ones(len(time_ms), np.bool_)
    for begin, end in cuts:
        first, last = np.searchsorted(time_ms, begin, side="right"), np.searchsorted(time_ms, end)
        outside[first:last] = False
    return outside


def breaks(rows: Int64Array, times: Int64Array, gap: float, most: int) -> BoolArray:
    """(n - 1,) True where no line may join two points: a hole in time, or rows without a value between them.

    rows, times: (n,) of the points.  gap: from what distance on in time, ms.  most: the widest where there are more.
    """
    steps = np.diff(times)
    broken = (steps > gap) | (np.diff(rows) > 1)
    found = np.flatnonzero(broken)
    if len(found) > most:
        widest = found[np.argsort(steps[found], kind="stable")[-most:]]
        broken = np.zeros_like(broken)
        broken[widest] = True
    return broken


def _kept(times: Int64Array, values: FloatArray, most: int) -> Int64Array:
    """Which rows to keep: all, or of each bucket of time the lowest and the highest, and all of the tail."""
    n, tail, breaks = len(times), round(_TAIL * most), round(_BREAKS * most)
    if n <= most - breaks:
        return np.arange(n)
    head = n - tail
    bucket = times[:head] // bucket_ms(int(times[head - 1] - times[0]), (most - tail - breaks) // 2 - 1)
    order = np.lexsort((values[:head], bucket))
    ends = np.flatnonzero(np.diff(bucket[order]))
    lowest = order[np.concatenate(([0], ends + 1))]
    highest = order[np.concatenate((ends, [head - 1]))]
    return np.unique(np.concatenate((lowest, highest, np.arange(head, n))))


def bucket_ms(span_ms: int, most: int) -> int:
    """The smallest power of two that cuts the span into at most `most` buckets; changes only when the span doubles."""
    needed = max(span_ms // most + 1, 1)
    return 1 << (needed - 1).bit_length()


def _opened(times: FloatArray, values: FloatArray, breaks: Int64Array) -> Line:
    """The points with a NaN row halfway across each break."""
    middles = (times[breaks] + times[breaks + 1]) / 2
    return Line(np.insert(times, breaks + 1, middles), np.insert(values, breaks + 1, np.nan))
