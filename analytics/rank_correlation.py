"""Rolling Spearman correlation: Pearson of the ranks inside each window, so that one wild bar cannot decide.

The centred rank of a value is half the number of smaller values in its window minus half the number of larger ones.
When the window moves by a row, each of these counts moves by at most two, so no window is ranked anew: each carries on
from the one before it with additions of small whole numbers. All sums are whole numbers below 2^53 and therefore exact,
in whatever order: only the last product, root and division round, and a longer series never changes an earlier value.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analytics.correlation import log_returns
from analytics.definition import Definition
from analytics.errors import BadInput, NotEstimable
from analytics.market import FloatArray
from analytics.samples import require_sample

SPEARMAN = Definition(
    name="Rank correlation",
    line="Spearman: how well the order of one leg's values matches the other's in w bars. A spike cannot decide it.",
    formula="Pearson correlation of the ranks of the last w values of each leg.",
    conventions="Equal values share the mean of their ranks. Current bar inside the window, from the second value on; "
    "NaN where a leg does not move in the window. Of levels, or of log returns. Exact in whole numbers until the last "
    "division. Not given where rows times window exceed 3e7.",
    source="Spearman (1904), American Journal of Psychology 15, 72-101.",
    checked_against="`scipy.stats.spearmanr` window by window (1e-10), with and without ties.",
    limits="Of levels it is as high for many unrelated walks as Pearson is. On short bars most returns are 0 and tie, "
    "which pulls it towards 0.",
)

_MOST_CELLS = 3e7  # half a second or so for both correlations; it is made anew with every bar
_Whole = NDArray[np.signedinteger]


def rolling_rank_correlation(y: FloatArray, x: FloatArray, window_bars: int) -> FloatArray:
    """Spearman correlation of the last `window_bars` pairs of values, the current one included, (n,), within [-1, 1].

    y, x: (n,) finite.  window_bars: >= 2. Defined from the second value on; NaN at the first and wherever a leg does
    not move inside the window. A longer series never changes an earlier value, to the last bit. Time grows with n times
    the window.  Raises BadInput, DegenerateData, and NotEstimable where that product exceeds 3e7.

    >>> rolling_rank_correlation(np.array([1.0, 2.0, 9.0, 1.0]), np.array([2.0, 4.0, 6.0, 6.0]), 3).round(6).tolist()
    [nan, 1.0, 1.0, 0.0]
    """
    if window_bars < 2:
        raise BadInput(f"a rolling window needs at least 2 bars, not {window_bars}")
    require_sample(y, x, needed=0)
    n = len(y)
    window = min(window_bars, n)
    if n * window > _MOST_CELLS:
        raise NotEstimable(
            f"ranks of {n} rows in windows of {window} bars would take too long; choose Pearson or a shorter window"
        )
    correlation = np.full(n, np.nan)
    ranks = np.stack([_whole_ranks(y), _whole_ranks(x)])
    counts = np.empty((0, 2, 0), np.int16)
    windows_at_once = min(max(2**17 // max(window, 1), 8), 64)  # so that a block stays in the processor's cache
    for start in range(0, n, windows_at_once):
        end = min(start + windows_at_once, n)
        counts = _centred_counts(ranks, start, end, window, counts)
        y_counts, x_counts = (_by_window(counts[:, leg], window) for leg in (0, 1))
        squares = np.vecdot(y_counts, y_counts) * np.vecdot(x_counts, x_counts)
        moving = squares > 0
        correlation[start:end][moving] = np.vecdot(y_counts, x_counts)[moving] / np.sqrt(squares[moving])
    np.clip(correlation, -1.0, 1.0, out=correlation)
    return correlation


def rolling_return_rank_correlation(y: FloatArray, x: FloatArray, window_bars: int) -> FloatArray:
    """Spearman correlation of the last `window_bars` log returns, (n,), within [-1, 1].

    y, x: (n,) prices > 0. The first row has no return and the second has only one, so both are NaN; otherwise as
    `rolling_rank_correlation`.

    >>> prices = np.exp(np.array([0.0, 1.0, 3.0, 2.0]))
    >>> rolling_return_rank_correlation(prices, prices**2, 3).round(6).tolist()
    [nan, nan, 1.0, 1.0]
    """
    if not len(y):
        return np.empty(0)
    returns = rolling_rank_correlation(log_returns(y), log_returns(x), window_bars)
    return np.concatenate(([np.nan], returns))


def _whole_ranks(values: FloatArray) -> _Whole:
    """The order of all values as small whole numbers; equal ones share a number."""
    ranks = np.unique(values, return_inverse=True)[1]
    return ranks.astype(np.int16 if len(values) < np.iinfo(np.int16).max else np.int32)


def _centred_counts(ranks: _Whole, start: int, end: int, window: int, before: _Whole) -> _Whole:
    """Smaller minus larger values in the windows that end at `start` to `end` - 1, one row a window, y and x.

    Columns: the rows from the first window's first to end - 1, of which each window counts its own; before row 0 there
    are zeros.  before: the same of the windows before, ending at start - 1.
    """
    first = max(start - window + 1, 0)
    missing = first - (start - window + 1)
    members = ranks[:, first:end]
    moves = _order(members, ranks.T[start:end, :, np.newaxis]).astype(np.int16)
    full = max(start, window)
    if full < end:
        moves[full - start :] -= _order(members, ranks.T[full - window : end - window, :, np.newaxis])
    if start:
        moves[0, :, : start - first] += before[-1, :, first - start :]
        held = np.sort(ranks[:, max(start - window, 0) : start])
        for leg in (0, 1):
            smaller = np.searchsorted(held[leg], ranks[leg, start:end], "left")
            not_larger = np.searchsorted(held[leg], ranks[leg, start:end], "right")
            moves[0, leg, start - first :] += (smaller + not_larger - held.shape[1]).astype(np.int16)
    for row in range(1, end - start):  # row by row is faster here than `np.add.accumulate`, which strides down columns
        moves[row] += moves[row - 1]
    return moves if not missing else np.pad(moves, ((0, 0), (0, 0), (missing, 0)))


def _order(members: _Whole, other: _Whole) -> NDArray[np.int8]:
    """1 where a member is above the other value, -1 below, 0 where equal."""
    above: NDArray[np.int8] = (members > other).view(np.int8) - (members < other).view(np.int8)
    return above


def _by_window(counts: _Whole, window: int) -> FloatArray:
    """Each window's own columns: one further to the right in each row."""
    row, column = counts.strides
    sheared = np.lib.stride_tricks.as_strided(counts, (len(counts), window), (row + column, column), writeable=False)
    return sheared.astype(np.float64)
