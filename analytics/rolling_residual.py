"""What a line leaves over inside each window, in linear time and to the last digits, while the line itself moves.

The squares of y - slope x follow from those of y, of x and of their product; but where the line fits closely, that
difference of large sums has few digits left. For such rows each block of rows, as long as the window, first takes off a
line of its own: the one that its first row knows. Only the small change to the line of each row remains for the sums,
so nothing large cancels. Rows before the first full window do the same in blocks that grow eightfold.

A row's block, its line and the choice between the two ways rest on rows up to that one alone, so a longer series never
changes an earlier value.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analytics.market import BoolArray, FloatArray
from analytics.rolling import rolling_sums
from analytics.rolling_legs import RollingLegs

_GROWTH = 8
# Where no more than this part of the sums survives, the direct difference loses more than five of its sixteen digits.
_CLOSE = 1e-4
# ... and the same after the block's own line was taken off: the window is then summed by itself.
_BROKEN = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class RollingResidual:
    """Of the residual y - slope x in the window that ends with each row, with that row's slope. All (n,).

    offset: the newest residual minus their mean.  squares: sum of squares about their mean, >= 0.
    """

    offset: FloatArray
    squares: FloatArray


def rolling_residual(legs: RollingLegs, slope: FloatArray) -> RollingResidual:
    """The residual's window sums for a slope that may differ from row to row.

    slope: (n,), NaN where there is none; so is the answer there. The slope at t may rest on rows up to t only.

    >>> from analytics.rolling_legs import rolling_legs
    >>> legs = rolling_legs(np.array([1.0, 2.0, 4.0, 8.0]), np.array([1.0, 2.0, 3.0, 4.0]), 3)
    >>> left = rolling_residual(legs, np.full(4, 2.0))
    >>> left.squares.round(12).tolist(), left.offset.round(12).tolist()
    ([0.0, 0.5, 0.666666666667, 2.666666666667], [0.0, -0.5, -0.333333333333, 1.333333333333])
    """
    offset = legs.y_offset - slope * legs.x_offset
    moved = slope * slope * legs.xx
    squares = legs.yy - 2 * slope * legs.xy + moved
    close = squares < _CLOSE * (legs.yy + moved)
    if close.any():
        close_offset, close_squares = _without_cancellation(legs, slope)
        offset[close], squares[close] = close_offset[close], close_squares[close]
    return RollingResidual(offset, np.maximum(squares, 0.0))


_Sums = tuple[FloatArray, FloatArray, FloatArray]


def _without_cancellation(legs: RollingLegs, slope: FloatArray) -> tuple[FloatArray, FloatArray]:
    y, x, window = legs.y, legs.x, legs.window
    known = np.isfinite(slope)
    own = _carried_forward(slope, known)
    parts = [_block(y[:end], x[:end], slope[:end], own[start], start) for start, end in _warm_up(known, window)]
    parts.append(_full_windows(legs, slope, own[window::window]))
    offset, squares, large = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    for row in np.flatnonzero(squares < _BROKEN * large):
        offset[row], squares[row] = _by_itself(y, x, slope[row], slice(max(row - window + 1, 0), row + 1))
    return offset, squares


def _carried_forward(slope: FloatArray, known: BoolArray) -> FloatArray:
    """The last slope that was known at each row; 0 before the first."""
    newest = np.maximum.accumulate(np.where(known, np.arange(len(slope)), 0))
    return np.nan_to_num(slope[newest])


def _warm_up(known: BoolArray, window: int) -> list[tuple[int, int]]:
    """Blocks that cover the rows before the first window is full; the first of them ends where a slope is known."""
    first = int(np.argmax(known)) if known.any() else window
    edges = [0, min(first, window)] if first else [0]
    while edges[-1] < window:
        edges.append(min(_GROWTH * (edges[-1] + 1), window))
    return list(pairwise(edges))


def _block(y: FloatArray, x: FloatArray, slope: FloatArray, own: float, start: int) -> _Sums:
    """Rows from `start` on, where all windows begin at row 0."""
    x_moves = x - x[0]
    offset, squares, large = _sums((y - y[0]) - own * x_moves, x_moves, slope - own, len(y))
    return offset[start:], squares[start:], large[start:]


def _full_windows(legs: RollingLegs, slope: FloatArray, own: FloatArray) -> _Sums:
    """Rows from `window` on. Each block stands behind the one before it, both without the later block's own line."""
    n, window, blocks = len(legs.y), legs.window, len(own)
    if not blocks:
        return np.empty(0), np.empty(0), np.empty(0)
    rows = n + (blocks - 1) * window

    def paired(values: FloatArray) -> FloatArray:
        padded = np.zeros((blocks + 1, window))
        padded.reshape(-1)[:n] = values
        return np.hstack((padded[:-1], padded[1:]))

    def moves(values: FloatArray) -> FloatArray:
        pairs = paired(values)
        return pairs - pairs[:, window : window + 1]

    def newer_halves(values: FloatArray) -> FloatArray:
        whole = np.zeros(blocks * 2 * window)
        whole[:rows] = values
        return whole.reshape(blocks, 2 * window)[:, window:].reshape(-1)[: n - window]

    x_moves = moves(legs.x)
    rest = moves(legs.y) - own[:, np.newaxis] * x_moves
    change = paired(slope) - own[:, np.newaxis]
    rest_in_line, x_in_line, change_in_line = (column.reshape(-1)[:rows] for column in (rest, x_moves, change))
    offset, squares, large = _sums(rest_in_line, x_in_line, change_in_line, window)
    return newer_halves(offset), newer_halves(squares), newer_halves(large)


def _sums(rest: FloatArray, x: FloatArray, change: FloatArray, window: int) -> _Sums:
    """Offset and squares of rest - change x, and how large the sums were that the squares are made of."""
    sums = rolling_sums(rest, x, window_bars=window)
    kept, moved = sums.squares[0], change * change * sums.squares[1]
    squares = kept - 2 * change * sums.products[0] + moved
    return sums.offsets[0] - change * sums.offsets[1], squares, kept + moved


def _by_itself(y: FloatArray, x: FloatArray, slope: float, window: slice) -> tuple[float, float]:
    rest = (y[window] - y[window.start]) - slope * (x[window] - x[window.start])
    rest -= rest.mean()
    return float(rest[-1]), float((rest * rest).sum())
