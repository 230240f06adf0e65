"""The window sums of `rolling` as compiled loops: the same blocks, anchors and order of additions, so the same numbers.

Only to be imported where numba is installed (the extra `fast`), by `rolling`. Compiled code is kept
beside this file or, where that cannot be written, in the user's cache, so only the first start after an installation
waits for the compiler. The loops let go of the interpreter's lock.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, types

from analytics import rolling_arrays
from analytics.market import FloatArray

_COLUMN = types.Array(types.float64, 1, "C", readonly=True)
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
        _one(np.ascontiguousarray(columns[0]), window, sums)
    else:
        _two(np.ascontiguousarray(columns[0]), np.ascontiguousarray(columns[1]), window, sums)
    return sums[:k], sums[k : 2 * k], sums[2 * k :]


def window_scores(values: FloatArray, window: int) -> FloatArray:
    """`rolling.rolling_scores`, for windows of 1 to n values."""
    sums = np.empty((2, len(values)))
    _scores(np.ascontiguousarray(values), window, sums)
    scores: FloatArray = sums[0]
    return scores


def window_correlations(y: FloatArray, x: FloatArray, window: int) -> FloatArray:
    """`rolling.rolling_correlations`, for windows of 1 to n values."""
    sums = np.empty((5, len(y)))
    _correlations(np.ascontiguousarray(y), np.ascontiguousarray(x), window, sums)
    correlations: FloatArray = sums[4]
    return correlations


@njit(types.void(_COLUMN, types.int64, _ROWS), cache=True, nogil=True, error_model="numpy")
def _one(values: FloatArray, window: int, sums: FloatArray) -> None:
    n, share = len(values), 1.0 / window
    tails = np.zeros((window + 1, 2))
    for start in range(0, n, window):
        end = min(start + window, n)
        anchor = values[max(start - 1, 0)]
        total = squares = 0.0
        for i in range(start, end):
            move = values[i] - anchor
            total += move
            squares += move * move
            older = start + window - 1 - i
            all_moves = total + tails[older, 0]
            mean = all_moves * share if start else all_moves / (i + 1)
            sums[0, i] = move - mean
            sums[1, i] = max(squares + tails[older, 1] - all_moves * mean, 0.0)
        if end < start + window:
            return
        total = squares = 0.0
        anchor = values[end - 1]
        for count in range(1, window + 1):
            move = values[end - count] - anchor
            total += move
            squares += move * move
            tails[count, 0] = total
            tails[count, 1] = squares
        if start:  # a window that is a block of its own is measured from its own end
            mean = total * share
            sums[0, end - 1] = -mean
            sums[1, end - 1] = max(squares - total * mean, 0.0)


@njit(types.void(_COLUMN, _COLUMN, types.int64, _ROWS), cache=True, nogil=True, error_model="numpy")
def _two(y: FloatArray, x: FloatArray, window: int, sums: FloatArray) -> None:
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


@njit(types.void(_COLUMN, types.int64, _ROWS), cache=True, nogil=True, error_model="numpy")
def _scores(values: FloatArray, window: int, sums: FloatArray) -> None:
    """Leave the scores in the first row."""
    _one(values, window, sums)
    scores, squares, share = sums[0], sums[1], 1.0 / max(window - 1, 1)
    # Both loops without a branch around the division, so that several rows are divided at once.
    for i in range(window):
        deviation = math.sqrt(squares[i] / max(i, 1))
        score = scores[i] / deviation
        scores[i] = score if deviation > 0.0 else math.nan
    for i in range(window, len(values)):
        deviation = math.sqrt(squares[i] * share)
        score = scores[i] / deviation
        scores[i] = score if deviation > 0.0 else math.nan


@njit(types.void(_COLUMN, _COLUMN, types.int64, _ROWS), cache=True, nogil=True, error_model="numpy")
def _correlations(y: FloatArray, x: FloatArray, window: int, sums: FloatArray) -> None:
    """Leave the correlations in the last row."""
    _two(y, x, window, sums)
    yy, xx, products = sums[2], sums[3], sums[4]
    for i in range(len(y)):
        scale = math.sqrt(yy[i]) * math.sqrt(xx[i])
        correlation = products[i] / scale
        correlation = min(correlation, 1.0)
        correlation = max(correlation, -1.0)
        products[i] = correlation if scale > 0.0 else math.nan
