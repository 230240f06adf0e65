"""Dickey-Fuller of many series at once, all lag orders from one table of sums of products.

The regressors are the same column moved by a bar, so their products hardly differ: all of them follow from one sum for
each distance and from the products at both ends, n x lags multiplications where the plain way takes n x lags^2. Only
additions are made on the way, so one large value costs the other sums nothing.

The columns are (constant), level, response, difference 1 ... lags bars ago, so an order is a leading block of the
table. With L its Cholesky factor, the inverse of a leading block is the sum of the outer products of as many rows of
L^-1 with themselves; its entry for the response is one over the residual sum of squares of that order. So one small
inverse holds every order's fit.

Sums of products lose digits where the regressors are nearly collinear. How many is bounded, not guessed: with columns
of at most unit length and each entry of the table uncertain by e, an entry a, b of the inverse is uncertain, to first
order, by e |a| |b|, where |a| is the sum of the absolute values of its column a. A fit is given only where the choice
of lags is beyond that doubt and the statistic certain to 5e-11; for others the regressors have to be factored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.market import FloatArray, Int64Array

CERTAIN_TO = 5e-11
_UNIT_ROUNDING = 2.0**-53


@dataclass(frozen=True, slots=True)
class DickeyFuller:
    """The t-value of rho, the lags chosen, and the rows of the final regression."""

    statistic: float
    lags: int
    observations: int


def fits_by_sums(levels: FloatArray, steps: FloatArray, lags: int, *, with_constant: bool) -> list[DickeyFuller | None]:
    """Dickey-Fuller of each row of `levels`, lags by AIC; None where the sums would lose too many digits.

    levels: (k, n), with a constant centred.  steps: (k, n - 1) their differences, as exact as they are known.
    lags: the longest order, n > 2 lags + 2.  What a row answers does not depend on the other rows.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # of columns of zeros; what comes of them is never certain
        try:
            return _fits(*_unit_columns(levels, steps, with_constant=with_constant), lags)
        except np.linalg.LinAlgError:  # one collinear row spoils the others' turn
            if len(levels) == 1:
                return [None]
    each = (slice(i, i + 1) for i in range(len(levels)))
    return [fits_by_sums(levels[i], steps[i], lags, with_constant=with_constant)[0] for i in each]


def entry_doubt(rows: int, columns: int) -> float:
    """Uncertainty of the sums of products of columns of unit length, and of the elimination that follows.

    Rounding errors of a sum add up like a random walk (Higham and Mary, 2019, "A new approach to probabilistic rounding
    error analysis").
    """
    return (math.sqrt(rows) + columns) * _UNIT_ROUNDING


def _unit_columns(levels: FloatArray, steps: FloatArray, *, with_constant: bool) -> tuple[FloatArray, FloatArray]:
    """(k, 2 or 1, n - 1) of (constant) and level, and the differences, all of unit length."""
    k, n = steps.shape
    base = np.full((k, 2 if with_constant else 1, n), 1.0 / math.sqrt(n))
    level = levels[:, :-1]
    base[:, -1] = level / np.sqrt(np.vecdot(level, level))[:, None]
    return base, np.ascontiguousarray(steps / np.sqrt(np.vecdot(steps, steps))[:, None])


def _fits(base: FloatArray, steps: FloatArray, lags: int) -> list[DickeyFuller | None]:
    n = steps.shape[1]
    table = _table(base, steps, lags)
    orders = _orders(table, lags, n)
    found: list[DickeyFuller | None] = [None] * len(orders)
    for order in set(orders.tolist()) - {-1}:
        rows = np.flatnonzero(orders == order)
        statistics = _statistics(table[rows], base[rows, :, :lags], steps[rows, :lags], order, n)
        for row, statistic in zip(rows.tolist(), statistics, strict=True):
            found[row] = None if statistic is None else DickeyFuller(statistic, order, n - order)
    return found


def _table(base: FloatArray, steps: FloatArray, lags: int) -> FloatArray:
    """(k, c, c) sums of products over the rows that all orders share."""
    k, first, n = base.shape
    rows, places = n - lags, lags + 1
    shared = base[:, :, lags:]
    cross = np.vecdot(_earlier(steps, lags, places, rows)[:, None], shared[:, :, None])
    room = np.empty((k, first + places + lags, first + places + lags))  # with a margin, see below
    table = room[:, : first + places, : first + places]
    table[:, :first, :first] = shared @ shared.transpose(0, 2, 1)
    table[:, :first, first:] = cross
    table[:, first:, :first] = cross.transpose(0, 2, 1)
    # The product of differences i and j bars ago is a sum of s[v] s[v - (j - i)]: over those v that all orders share,
    # and i more at the head and lags - i at the tail.
    common = np.vecdot(_earlier(steps, lags, places, rows - lags), steps[:, None, lags:rows])
    padded = np.concatenate((np.zeros((k, lags)), steps[:, :lags]), axis=1)
    head = _earlier(padded, lags, places, lags)[:, :, ::-1].transpose(0, 2, 1)
    tail = _earlier(steps, rows, places, lags).transpose(0, 2, 1)
    pairs = np.repeat(common[:, None], places, axis=1)
    pairs[:, 1:] += (head[:, :, :1] * head).cumsum(axis=1)
    pairs[:, :-1] += (tail[:, :, :1] * tail).cumsum(axis=1)[:, ::-1]
    # pairs[i, d] belongs to row i, column i + d, and the other way round: views whose rows slide along the diagonal.
    # Where i + d is more than there is, they write into the margin.
    each, down, across = room.strides
    for along in (across, down):
        corner = first * (down + across)
        np.ndarray(pairs.shape, np.float64, room, corner, (each, down + across, along))[...] = pairs
    return table


def _earlier(values: FloatArray, first: int, places: int, length: int) -> FloatArray:
    """(k, places, length) view of contiguous rows: values[first : first + length], then one place earlier each time."""
    row, step = values.strides
    return np.ndarray((len(values), places, length), np.float64, values, first * step, (row, -step, step))


def _orders(table: FloatArray, lags: int, n: int) -> Int64Array:
    """The lags with the least AIC for each series, of equals the fewest; -1 where rounding could change them."""
    response = table.shape[1] - lags - 1
    rows = np.linalg.inv(np.linalg.cholesky(table))
    columns = (rows * rows[:, :, response, None]).cumsum(axis=1)[:, response:]  # the response's, for each order
    precision = columns[:, :, response]
    criterion = 2.0 * np.arange(lags + 1) - (n - lags) * np.log(precision)
    error = ((n - lags) * entry_doubt(n, table.shape[1])) * np.square(np.abs(columns).sum(axis=2)) / precision
    best = criterion.argmin(axis=1)
    at_best = np.arange(len(best)), best
    highest = (criterion + error)[at_best]
    criterion -= error
    criterion[at_best] = np.inf
    return np.where(criterion.min(axis=1) > highest, best, -1)


def _statistics(table: FloatArray, base: FloatArray, steps: FloatArray, order: int, n: int) -> list[float | None]:
    """The t-value of each series with `order` lags, on all rows that it can use; None where it is not certain.

    table: over the shared rows.  base, steps: of the rows before them.  n: how many there are together.
    """
    first, lags = base.shape[1:]
    c = first + 1 + order
    more = np.concatenate((base[:, :, order:], _earlier(steps, order, order + 1, lags - order)), axis=1)
    wanted = np.zeros((c, 2))
    wanted[first - 1, 0] = wanted[first, 1] = 1.0
    inverse = np.linalg.solve(table[:, :c, :c] + more @ more.transpose(0, 2, 1), wanted)
    sizes = np.abs(inverse).sum(axis=1).tolist()
    corners = inverse[:, first - 1 : first + 1].tolist()
    freedom, doubt = n - order - (first + order), entry_doubt(n, c)
    return [_tvalue(corner, size, freedom, doubt) for corner, size in zip(corners, sizes, strict=True)]


def _tvalue(corner: list[list[float]], size: list[float], freedom: int, doubt: float) -> float | None:
    """sqrt(freedom) r / sqrt(1 - r^2) for the partial correlation r of level and response, or None.

    corner: their part of the inverse.  size: the sums of its columns' absolute values.
    """
    (level, both), (_, response) = corner
    if not (level > 0.0 and response > 0.0 and both * both < level * response):
        return None
    partial = -both / math.sqrt(level * response)
    rest = (1.0 - partial) * (1.0 + partial)
    a, b = size[0] / math.sqrt(level), size[1] / math.sqrt(response)
    error = doubt * (a * b + abs(partial) * (a * a + b * b) / 2.0)
    slope = math.sqrt(freedom / rest)
    return slope * partial if error * slope / rest <= CERTAIN_TO else None
