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

import numpy as np

from analytics.market import FloatArray, Int64Array


@dataclass(frozen=True, slots=True, eq=False)
class RollingColumn:
    """One column, prepared. offsets: (blocks, window, 2) heads, and tails from their ends, measured from the anchors.

    newest, total, mean: (n,) of each window, measured from its anchor: its last value, sum and mean.
    """

    offsets: FloatArray
    newest: FloatArray
    total: FloatArray
    mean: FloatArray


def rolling_column(values: FloatArray, window_bars: int) -> RollingColumn:
    """Prepare (n,) finite values, n >= 1, for windows that end at each of them and hold up to `window_bars`."""
    n = len(values)
    window = min(window_bars, n)
    blocks = np.zeros((-(-n // window), window))
    blocks.reshape(-1)[:n] = values
    offsets = np.empty((*blocks.shape, 2))
    head, tail = offsets[:, :, 0], offsets[:, :, 1]
    np.subtract(blocks[:, ::-1], blocks[:, -1:], out=tail)
    np.subtract(blocks[0], blocks[0, 0], out=head[0])
    np.subtract(blocks[1:], blocks[:-1, -1:], out=head[1:])
    newest = head.copy()
    newest[1:, -1] = 0.0  # a window that is a block of its own is measured from its own end
    total = _over_windows(offsets, n)
    mean = total / window
    np.divide(total[:window], np.arange(1.0, window + 1.0), out=mean[:window])
    return RollingColumn(offsets, newest.reshape(-1)[:n], total, mean)


def rolling_lengths(n: int, window_bars: int) -> Int64Array:
    """How many values each window holds: 1, 2, ... up to `window_bars`."""
    return np.minimum(np.arange(1, n + 1), window_bars)


def rolling_product(a: RollingColumn, b: RollingColumn) -> FloatArray:
    """Sum over each window of (a - its mean)(b - its mean), (n,). With a == b: the sum of squared deviations, >= 0."""
    product = _over_windows(a.offsets * b.offsets, len(a.total))
    product -= a.total * b.mean
    return np.maximum(product, 0.0, out=product) if a is b else product


def rolling_offset(a: RollingColumn) -> FloatArray:
    """Each value minus the mean of the window that ends with it, (n,)."""
    offset: FloatArray = a.newest - a.mean
    return offset


def _over_windows(parts: FloatArray, n: int) -> FloatArray:
    """Sums over windows, (n,), of what stands in (blocks, window, 2) heads and tails."""
    # As complex numbers: cumulating waits for each sum, and two that do not touch each other wait no longer than one.
    sums = parts.view(np.complex128).cumsum(axis=1).view(np.float64)
    total = sums[:, :, 0].copy()
    total[1:, :-1] += sums[:-1, -2::-1, 1]
    total[1:, -1] = sums[1:, -1, 1]
    return total.reshape(-1)[:n]
