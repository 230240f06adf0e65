"""The window sums of `rolling` as compiled loops: the same blocks, anchors and order of additions, so the same numbers.

Only for where numba is installed (the extra `fast`). Importing this compiles it, ten seconds of work; what is compiled
is kept beside this file or, where that cannot be written, in the user's cache, and is there in a second from then on.
The loops let go of the interpreter's lock.

Sums wait for each other, row by row; what can be done for several rows at once has a loop of its own where that pays.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit, types

from analytics import rolling_arrays
from analytics.market import FloatArray

_COLUMN = types.Array(types.float64, 1, "C", readonly=True)
_ROW = types.Array(types.float64, 1, "C")
_ROWS = types.Array(types.float64, 2, "C")


def window_sums(columns: tuple[FloatArray, ...], window: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Offsets, squares and products as `rolling.RollingSums` has them, for windows of 1 to n values.

    >>> _, squares, _ = window_sums((np.array([1.0, 2.0, 4.0]),), 2)
    >>> squares.tolist()
    [[0.0, 0.5, 2.0]]
    """
    k, n = len(columns), len(columns[0])
    if k > 2:
        return rolling_arrays.window_sums(columns, window)
    sums = np.empty((2 * k + k - 1, n))
    if k == 1:
        _sums_of_one(np.ascontiguousarray(columns[0]), window, sums)
    else:
        _sums_of_two(np.ascontiguousarray(columns[0]), np.ascontiguousarray(columns[1]), window, sums)
    return sums[:k], sums[k : 2 * k], sums[2 * k :]


def window_scores(values: FloatArray, window: int) -> FloatArray:
    """`rolling.rolling_scores`, for windows of 1 to n values."""
    scores = np.empty(len(values))
    _scores(np.ascontiguousarray(values), window, scores)
    return scores


def window_correlations(y: FloatArray, x: FloatArray, window: int) -> FloatArray:
    """`rolling.rolling_correlations`, for windows of 1 to n values."""
    sums = np.empty((5, len(y)))
    _correlations(np.ascontiguousarray(y), np.ascontiguousarray(x), window, sums)
    correlations: FloatArray = sums[4]
    return correlations


@njit(cache=True, nogil=True, error_model="numpy")
def _cumulate(block: FloatArray, anchor: float, step: int, sums: FloatArray) -> None:
    totals, squares = sums[0], sums[1]
    total = square = 0.0
    first = 0 if step > 0 else len(block) - 1
    for i in range(len(block)):
        j = first + step * i
        move = block[j] - anchor
        total += move
        square += move * move
        totals[j], squares[j] = total, square


@njit(cache=True, nogil=True, error_model="numpy")
def _block_of_one(values: FloatArray, start: int, older: FloatArray, newer: FloatArray, sums: FloatArray) -> int:
    """Leave offsets and squares of the windows that end in the block from `start` on in `sums`; how many they are.

    older, newer: (2, window + 1) totals and squares from each row to the end of its block: of the block before, zeros
    at first, and of this one, to be written.  sums: (2, window).
    """
    window = older.shape[1] - 1
    block, anchor = values[start : start + window], values[max(start - 1, 0)]
    _cumulate(block, anchor, 1, sums)
    _cumulate(block, block[-1], -1, newer)
    offsets, squares, old_totals, old_squares = sums[0], sums[1], older[0], older[1]
    share = 1.0 / window
    for j in range(len(block)):
        total = offsets[j] + old_totals[j + 1]
        mean = total * share if start else total / (j + 1)
        offsets[j] = (block[j] - anchor) - mean
        squares[j] = max(squares[j] + old_squares[j + 1] - total * mean, 0.0)
    if start and len(block) == window:  # a window that is a block of its own is measured from its own end
        total = newer[0, 0]
        offsets[window - 1], squares[window - 1] = -total * share, max(newer[1, 0] - total * (total * share), 0.0)
    return len(block)


@njit(types.void(_COLUMN, types.int64, _ROWS), cache=True, nogil=True, error_model="numpy")
def _sums_of_one(values: FloatArray, window: int, out: FloatArray) -> None:
    older, newer, sums = np.zeros((2, window + 1)), np.zeros((2, window + 1)), np.empty((2, window))
    for start in range(0, len(values), window):
        length = _block_of_one(values, start, older, newer, sums)
        out[:, start : start + length] = sums[:, :length]
        older, newer = newer, older


@njit(types.void(_COLUMN, types.int64, _ROW), cache=True, nogil=True, error_model="numpy")
def _scores(values: FloatArray, window: int, scores: FloatArray) -> None:
    older, newer, sums = np.zeros((2, window + 1)), np.zeros((2, window + 1)), np.empty((2, window))
    offsets, squares, share = sums[0], sums[1], 1.0 / max(window - 1, 1)
    for start in range(0, len(values), window):
        length = _block_of_one(values, start, older, newer, sums)
        of_block = scores[start : start + length]
        for j in range(length):
            deviation = math.sqrt(squares[j] * share if start else squares[j] / max(j, 1))
            score = offsets[j] / deviation
            of_block[j] = score if deviation > 0.0 else math.nan
        older, newer = newer, older


@njit(types.void(_COLUMN, _COLUMN, types.int64, _ROWS), cache=True, nogil=True, error_model="numpy")
def _sums_of_two(y: FloatArray, x: FloatArray, window: int, sums: FloatArray) -> None:
    n, share = len(y), 1.0 / window
    tails = np.zeros((window + 1, 5))
    for start in range(0, n, window):
        end = min(start + window, n)
        y_anchor, x_anchor = y[max(start - 1, 0)], x[max(start - 1, 0)]
        y_sum = x_sum = yy = xx = yx = 0.0
        for i in range(start, end):
            y_move, x_move = y[i] - y_anchor, x[i] - x_anchor
            y_sum += y_move
            x_sum += x_move
            yy += y_move * y_move
            xx += x_move * x_move
            yx += y_move * x_move
            tail = tails[start + window - 1 - i]
            y_all, x_all = y_sum + tail[0], x_sum + tail[1]
            y_mean = y_all * share if start else y_all / (i + 1)
            x_mean = x_all * share if start else x_all / (i + 1)
            sums[0, i] = y_move - y_mean
            sums[1, i] = x_move - x_mean
            sums[2, i] = max(yy + tail[2] - y_all * y_mean, 0.0)
            sums[3, i] = max(xx + tail[3] - x_all * x_mean, 0.0)
            sums[4, i] = yx + tail[4] - y_all * x_mean
        if end < start + window:
            return
        y_sum = x_sum = yy = xx = yx = 0.0
        y_anchor, x_anchor = y[end - 1], x[end - 1]
        for count in range(1, window + 1):
            y_move, x_move = y[end - count] - y_anchor, x[end - count] - x_anchor
            y_sum += y_move
            x_sum += x_move
            yy += y_move * y_move
            xx += x_move * x_move
            yx += y_move * x_move
            tail = tails[count]
            tail[0], tail[1], tail[2], tail[3], tail[4] = y_sum, x_sum, yy, xx, yx
        if start:
            y_mean, x_mean = y_sum * share, x_sum * share
            sums[0, end - 1], sums[1, end - 1] = -y_mean, -x_mean
            sums[2, end - 1] = max(yy - y_sum * y_mean, 0.0)
            sums[3, end - 1] = max(xx - x_sum * x_mean, 0.0)
            sums[4, end - 1] = yx - y_sum * x_mean


@njit(types.void(_COLUMN, _COLUMN, types.int64, _ROWS), cache=True, nogil=True, error_model="numpy")
def _correlations(y: FloatArray, x: FloatArray, window: int, sums: FloatArray) -> None:
    """Leave the correlations in the last row."""
    _sums_of_two(y, x, window, sums)
    yy, xx, products = sums[2], sums[3], sums[4]
    for i in range(len(y)):
        scale = math.sqrt(yy[i]) * math.sqrt(xx[i])
        correlation = products[i] / scale
        correlation = min(correlation, 1.0)
        correlation = max(correlation, -1.0)
        products[i] = correlation if scale > 0.0 else math.nan


PREPARED: Final = True  # the last line: nobody takes a part of this for the whole while it is still being compiled
