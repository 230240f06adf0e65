"""The window sums of `rolling` by whole arrays of numpy: few calls, each over all blocks, columns, heads and tails."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from analytics.market import FloatArray


def window_sums(columns: tuple[FloatArray, ...], window: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Offsets, squares and products as `rolling.RollingSums` has them, for windows of 1 to n values.

    >>> _, squares, _ = window_sums((np.array([1.0, 2.0, 4.0]),), 2)
    >>> squares.tolist()
    [[0.0, 0.5, 2.0]]
    """
    k, n = len(columns), len(columns[0])
    pairs = list(combinations(range(k), 2))
    # All that is summed stands in one array, so that each step is one call. Last axis: heads, and tails from their end.
    parts = np.empty((2 * k + len(pairs), -(-n // window), window, 2))
    moves = parts[:k]
    _measure(columns, out=moves)
    newest = moves[..., 0].copy()
    newest[:, 1:, -1] = 0.0  # a window that is a block of its own is measured from its own end
    np.multiply(moves, moves, out=parts[k : 2 * k])
    for part, (i, j) in zip(parts[2 * k :], pairs, strict=True):
        np.multiply(moves[i], moves[j], out=part)
    sums = _over_windows(parts).reshape(len(parts), -1)[:, :n]
    totals, squares, products = sums[:k], sums[k : 2 * k], sums[2 * k :]
    means = _means(totals, window)
    squares -= totals * means
    np.maximum(squares, 0.0, out=squares)
    for row, (i, j) in enumerate(pairs):
        products[row] -= totals[i] * means[j]
    return newest.reshape(k, -1)[:, :n] - means, squares, products


def window_scores(values: FloatArray, window: int) -> FloatArray:
    """`rolling.rolling_scores`, for windows of 1 to n values."""
    offsets, squares, _ = window_sums((values,), window)
    deviation = _means(squares[0], window, ddof=1)
    np.sqrt(deviation, out=deviation)
    deviation[deviation == 0] = np.nan
    scores: FloatArray = np.divide(offsets[0], deviation, out=deviation)
    return scores


def window_correlations(y: FloatArray, x: FloatArray, window: int) -> FloatArray:
    """`rolling.rolling_correlations`, for windows of 1 to n values."""
    _, squares, products = window_sums((y, x), window)
    y_size, x_size = np.sqrt(squares, out=squares)
    scale = np.multiply(y_size, x_size, out=y_size)
    scale[scale == 0] = np.nan
    correlation: FloatArray = np.divide(products[0], scale, out=scale)
    return correlation.clip(-1.0, 1.0, out=correlation)


def _means(sums: FloatArray, window: int, *, ddof: int = 0) -> FloatArray:
    """Sums over windows, (..., n), each divided by the number of values in its window less `ddof` (by 1 at least)."""
    means: FloatArray = sums * (1.0 / max(window - ddof, 1))
    np.divide(sums[..., ddof:window], np.arange(1.0, window - ddof + 1.0), out=means[..., ddof:window])
    return means


def _measure(columns: tuple[FloatArray, ...], *, out: FloatArray) -> None:
    """Write each column as (blocks, window, 2) heads and tails, measured from their anchors."""
    k, count, window, _ = out.shape
    blocks = np.zeros((k, count, window))
    for block, column in zip(blocks.reshape(k, -1), columns, strict=True):
        block[: len(column)] = column
    heads, tails = out[..., 0], out[..., 1]
    np.subtract(blocks[:, :1], blocks[:, :1, :1], out=heads[:, :1])
    np.subtract(blocks[:, 1:], blocks[:, :-1, -1:], out=heads[:, 1:])
    np.subtract(blocks[:, :, ::-1], blocks[:, :, -1:], out=tails)


def _over_windows(parts: FloatArray) -> FloatArray:
    """Sums over windows, (columns, blocks, window), of (columns, blocks, window, 2) heads and tails, used up by it."""
    # As complex numbers: cumulating waits for each sum, and two that do not touch each other wait no longer than one.
    pairs = parts.view(np.complex128)
    np.add.accumulate(pairs, axis=2, out=pairs)
    heads, tails = parts[..., 0], parts[..., 1]
    total = np.empty(heads.shape)
    total[:, 0] = heads[:, 0]
    np.add(heads[:, 1:, :-1], tails[:, :-1, -2::-1], out=total[:, 1:, :-1])
    total[:, 1:, -1] = tails[:, 1:, -1]
    return total
