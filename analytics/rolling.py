"""Rolling sums of squares and products: linear time, no drift, and no later value touches an earlier result.

A running sum over a long series drifts, and a sum over every window apart costs n x window. Here the series is cut
into blocks as long as the window. A window then is a tail of one block joined to a head of the next, and sums over
heads and tails are cumulative sums that never run longer than one block (as van Herk, 1992, does for maxima).

Both parts are measured from the last value of the older block, which lies inside the window, as does the first value
of all for the windows that begin there. Next to such an anchor the sum of squares is at most (length + 1) times the one
about the mean, so cancellation cannot cost more than that factor, whatever the level of the series. A window without
movement gives exactly 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analytics.market import FloatArray, Int64Array


@dataclass(frozen=True, slots=True, eq=False)
class RollingSums:
    """What the windows that end at each of n values hold, for k columns.

    offsets: (k, n) each value minus the mean of its window.  squares: (k, n) sums of squares about the means, >= 0.
    products: (k (k - 1) / 2, n) sums of products about the means, of each column with those after it.
    """

    offsets: FloatArray
    squares: FloatArray
    products: FloatArray


def rolling_sums(*columns: FloatArray, window_bars: int) -> RollingSums:
    """Sums over windows of up to `window_bars` values that end at each of n >= 1, for finite columns (n,).

    >>> sums = rolling_sums(np.array([1.0, 2.0, 4.0]), np.array([3.0, 2.0, 1.0]), window_bars=2)
    >>> sums.squares.tolist(), sums.products.tolist()
    ([[0.0, 0.5, 2.0], [0.0, 0.5, 0.5]], [[0.0, -0.5, -1.0]])
    """
    k, n = len(columns), len(columns[0])
    window = min(window_bars, n)
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
    means = rolling_mean(totals, window)
    squares -= totals * means
    np.maximum(squares, 0.0, out=squares)
    for row, (i, j) in enumerate(pairs):
        products[row] -= totals[i] * means[j]
    return RollingSums(newest.reshape(k, -1)[:, :n] - means, squares, products)


def rolling_mean(sums: FloatArray, window_bars: int, *, ddof: int = 0) -> FloatArray:
    """Sums over windows, (..., n), each divided by the number of values in its window less `ddof` (by 1 at least)."""
    window = min(window_bars, sums.shape[-1])
    means: FloatArray = sums * (1.0 / max(window - ddof, 1))
    np.divide(sums[..., ddof:window], np.arange(1.0, window - ddof + 1.0), out=means[..., ddof:window])
    return means


def rolling_lengths(n: int, window_bars: int) -> Int64Array:
    """How many values each window holds: 1, 2, ... up to `window_bars`."""
    return np.minimum(np.arange(1, n + 1), window_bars)


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
