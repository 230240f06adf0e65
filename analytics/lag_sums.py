"""Dickey-Fuller of many series at once, all lag orders from one table of sums of products.

The regressors are the same column moved by a bar, so their products hardly differ: all of them follow from one sum for
each distance and from the products at both ends, n x lags multiplications where the plain way takes n x lags^2. Only
additions are made on the way, so one large value costs the other sums nothing.

The columns are (constant), level, response, difference 1 ... lags bars ago, so an order is a leading block of the
table. With L its Cholesky factor, the inverse of a leading block is the sum of the outer products of as many rows of
L^-1 with themselves; its entry for the response is one over the residual sum of squares of that order. So one small
inverse holds every order's fit. The factors are taken by LAPACK directly, one series at a time: for so few columns
numpy's own calls cost several times what they compute.

Sums of products lose digits where the regressors are nearly collinear. How many is bounded, not guessed: with columns
of at most unit length and each entry of the table uncertain by e, an entry a, b of the inverse is uncertain, to first
order, by e |a| |b|, where |a| is the sum of the absolute values of its column a. A fit is given only where the choice
of lags is beyond that doubt and the statistic certain to 5e-11; for others the regressors have to be factored.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.market import FloatArray

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
        base, steps = _unit_columns(levels, steps, with_constant=with_constant)
        table = _table(base, steps, lags)
        n = steps.shape[1]
        orders = _orders(table, lags, n)
        return [
            None if order < 0 else _fit(table[row], base[row, :, :lags], steps[row, :lags], order, n)
            for row, order in enumerate(orders)
        ]


def entry_doubt(rows: int, columns: int) -> float:
    """Uncertainty of the sums of products of columns of unit length, and of the elimination that follows.

    Rounding errors of a sum add up like a random walk (Higham and Mary, 2019, "A new approach to probabilistic rounding
    error analysis").
    """
    return (math.sqrt(rows) + columns) * _UNIT_ROUNDING


def _unit_columns(levels: FloatArray, steps: FloatArray, *, with_constant: bool) -> tuple[FloatArray, FloatArray]:
    """(k, 2 or 1, n - 1) of (constant) and level, and the differences, all of unit length."""
    k, n = steps.shape
    base = np.empty((k, 2 if with_constant else 1, n))
    if with_constant:
        base[:, 0] = 1.0 / math.sqrt(n)
    level = levels[:, :-1]
    np.multiply(level, 1.0 / np.sqrt(np.vecdot(level, level)[:, None]), out=base[:, -1])
    return base, np.multiply(steps, 1.0 / np.sqrt(np.vecdot(steps, steps)[:, None]), order="C")


def _table(base: FloatArray, steps: FloatArray, lags: int) -> FloatArray:
    """(k, c, c) sums of products over the rows that all orders share; 0 below the diagonal of the differences."""
    k, first, n = base.shape
    rows, places = n - lags, lags + 1
    shared = base[:, :, lags:]
    room = np.zeros((k, first + places, first + places + lags))  # with a margin, see below
    room[:, :first, :first] = shared @ shared.transpose(0, 2, 1)
    np.vecdot(
        _earlier(steps, lags, places, rows)[:, None], shared[:, :, None], out=room[:, :first, first : first + places]
    )
    # The product of differences i and j bars ago is a sum of s[v] s[v - (j - i)]: over those v that all orders share,
    # and i more at the head and lags - i at the tail.
    padded = np.zeros((k, 2 * lags))
    padded[:, lags:] = steps[:, :lags]
    ends = np.empty((k, lags, 2, places))
    head = _earlier(padded, lags, places, lags)[:, :, ::-1].transpose(0, 2, 1)
    tail = _earlier(steps, rows, places, lags).transpose(0, 2, 1)
    np.multiply(head[:, :, :1], head, out=ends[:, :, 0])
    np.multiply(tail[:, :, :1], tail, out=ends[:, :, 1])
    np.add.accumulate(ends, axis=1, out=ends)
    # pairs[i, d] belongs to row i, column i + d: a view whose rows slide along the diagonal. Where i + d is more than
    # there is, it writes into the margin.
    each, down, across = room.strides
    pairs = np.ndarray((k, places, places), np.float64, room, first * (down + across), (each, down + across, across))
    pairs[...] = np.vecdot(_earlier(steps, lags, places, rows - lags), steps[:, None, lags:rows])[:, None]
    pairs[:, 1:] += ends[:, :, 0]
    pairs[:, :-1] += ends[:, ::-1, 1]
    return room[:, :, : first + places]


def _earlier(values: FloatArray, first: int, places: int, length: int) -> FloatArray:
    """(k, places, length) view of contiguous rows: values[first : first + length], then one place earlier each time."""
    row, step = values.strides
    return np.ndarray((len(values), places, length), np.float64, values, first * step, (row, -step, step))


def _orders(table: FloatArray, lags: int, n: int) -> list[int]:
    """The lags with the least AIC for each series, of equals the fewest; -1 where rounding could change them."""
    response = table.shape[1] - lags - 1
    # Above the response's row its column holds zeros, so its part of the inverse starts there.
    rows = _inverse_factors(table)[:, response:]
    columns = rows * rows[:, :, response, None]
    np.add.accumulate(columns, axis=1, out=columns)  # the response's, for each order
    precision = columns[:, :, response]
    criterion = np.arange(0.0, 2.0 * lags + 1.0, 2.0) - (n - lags) * np.log(precision)
    sizes = np.add.reduce(np.abs(columns), axis=2)
    error = ((n - lags) * entry_doubt(n, table.shape[1])) * (sizes * sizes) / precision
    best = criterion.argmin(axis=1)
    highest = (criterion + error)[np.arange(len(best)), best, None]
    certain = np.add.reduce(criterion - error > highest, axis=1) == lags
    orders: list[int] = np.where(certain, best, -1).tolist()
    return orders


def _inverse_factors(table: FloatArray) -> FloatArray:
    """L^-1 of each table = L L', (k, c, c); NaN where a table has no such factor."""
    from scipy.linalg.lapack import dpotrf, dtrtri

    inverse = np.empty(table.shape)
    for row, one in enumerate(table):
        factor, unfit = dpotrf(one.T, lower=1)
        inverse[row] = np.nan if unfit else dtrtri(factor, lower=1, overwrite_c=1)[0]
    return inverse


def _fit(table: FloatArray, base: FloatArray, steps: FloatArray, order: int, n: int) -> DickeyFuller | None:
    """The t-value of one series with `order` lags, on all rows that it can use; None where it is not certain.

    table: over the shared rows.  base, steps: of the rows before them.  n: how many there are together.
    """
    from scipy.linalg.lapack import dposv

    first, lags = base.shape
    c = first + 1 + order
    more = np.empty((c, lags - order))
    more[:first] = base[:, order:]
    more[first:] = _earlier(steps[None], order, order + 1, lags - order)[0]
    wanted = np.zeros((c, 2), order="F")
    wanted[first - 1, 0] = wanted[first, 1] = 1.0
    _, inverse, unfit = dposv((table[:c, :c] + more @ more.T).T, wanted, lower=1, overwrite_a=1, overwrite_b=1)
    if unfit:
        return None
    sizes = np.add.reduce(np.abs(inverse), axis=0).tolist()
    corner = inverse[first - 1 : first + 1].tolist()
    statistic = _tvalue(corner, sizes, n - order - (first + order), entry_doubt(n, c))
    return None if statistic is None else DickeyFuller(statistic, order, n - order)


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
