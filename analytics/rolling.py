"""Rolling sums of squares and products: linear time, no drift, and no later value touches an earlier result.

A running sum over a long series drifts, and a sum over every window apart costs n x window. Here the series is cut
into blocks as long as the window. A window then is a tail of one block joined to a head of the next. Sums over heads
and tails are cumulative sums that never run longer than one block, and the two are joined by the pairwise formula of
Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance".

Heads are measured from their block's first value and tails from their block's last. A part that contains its own anchor
has a sum of squares about the anchor of at most (length + 1) times the one about its mean, so cancellation cannot cost
more than that factor, whatever the level of the series. A window without movement gives exactly 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.market import FloatArray, Int64Array


@dataclass(frozen=True, slots=True, eq=False)
class RollingColumn:
    """One column, prepared. head, tail: (blocks, window) offsets from the anchors, and their cumulative sums.

    between: (blocks - 1, window - 1) mean of the head minus mean of the tail that it is joined to.
    """

    n: int
    head: FloatArray
    tail: FloatArray
    head_sum: FloatArray
    tail_sum: FloatArray
    between: FloatArray


def rolling_column(values: FloatArray, window_bars: int) -> RollingColumn:
    """Prepare (n,) finite values, n >= 1, for windows that end at each of them and hold up to `window_bars`."""
    n = len(values)
    window = min(window_bars, n)
    blocks = np.zeros((-(-n // window), window))
    blocks.reshape(-1)[:n] = values
    head, tail = blocks - blocks[:, :1], blocks - blocks[:, -1:]
    head_sum, tail_sum = head.cumsum(axis=1), _cumulated_to_the_end(tail)
    heads, tails = _lengths(window)
    between = (blocks[1:, :1] - blocks[:-1, -1:]) + head_sum[1:, :-1] / heads - tail_sum[:-1, 1:] / tails
    return RollingColumn(n, head, tail, head_sum, tail_sum, between)


def rolling_lengths(n: int, window_bars: int) -> Int64Array:
    """How many values each window holds: 1, 2, ... up to `window_bars`."""
    return np.minimum(np.arange(1, n + 1), window_bars)


def rolling_product(a: RollingColumn, b: RollingColumn) -> FloatArray:
    """Sum over each window of (a - its mean)(b - its mean), (n,). With a == b: the sum of squared deviations, >= 0."""
    window = a.head.shape[1]
    total = (a.head * b.head).cumsum(axis=1) - a.head_sum * b.head_sum / np.arange(1, window + 1)
    heads, tails = _lengths(window)
    tail_products = _cumulated_to_the_end(a.tail * b.tail)[:-1, 1:]
    tail_products -= a.tail_sum[:-1, 1:] * b.tail_sum[:-1, 1:] / tails
    total[1:, :-1] += tail_products + a.between * b.between * (heads * tails / window)
    product: FloatArray = total.reshape(-1)[: a.n]
    return np.maximum(product, 0.0) if a is b else product


def rolling_offset(a: RollingColumn) -> FloatArray:
    """Each value minus the mean of the window that ends with it, (n,)."""
    window = a.head.shape[1]
    offset = a.head - a.head_sum / np.arange(1, window + 1)
    _, tails = _lengths(window)
    offset[1:, :-1] += a.between * (tails / window)
    return offset.reshape(-1)[: a.n]


def _lengths(window: int) -> tuple[Int64Array, Int64Array]:
    """How much of a full window lies in the head and in the tail, for each place in a block but the last."""
    heads = np.arange(1, window)
    return heads, window - heads


def _cumulated_to_the_end(values: FloatArray) -> FloatArray:
    cumulated: FloatArray = values[:, ::-1].cumsum(axis=1)[:, ::-1]
    return cumulated
