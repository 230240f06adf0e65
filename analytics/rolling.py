"""Rolling sums of squares and products: linear time, no drift, and no later value touches an earlier result.

A running sum over a long series drifts, and a sum over every window apart costs n x window. Here the series is cut
into blocks as long as the window. A window then is a tail of one block joined to a head of the next, and sums over
heads and tails are cumulative sums that never run longer than one block (as van Herk, 1992, does for maxima).

Both parts are measured from the last value of the older block, which lies inside the window, as does the first value
of all for the windows that begin there. Next to such an anchor the sum of squares is at most (length + 1) times the one
about the mean, so cancellation cannot cost more than that factor, whatever the level of the series. A window without
movement gives exactly 0.

Whole arrays of numpy take these steps or, where numba is installed (the extra `fast`) and once they are prepared,
compiled loops, in the same order and with the same results.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import numpy as np

from analytics import rolling_arrays
from analytics.market import FloatArray, Int64Array

_COMPILED = "analytics.rolling_compiled"


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
    return RollingSums(*way_of_summing().window_sums(columns, min(window_bars, len(columns[0]))))


def rolling_scores(values: FloatArray, window_bars: int) -> FloatArray:
    """Each of n >= 1 finite values minus the mean of its window, over its deviation (ddof 1); NaN where that is 0.

    >>> rolling_scores(np.array([1.0, 2.0, 2.0]), 2).round(6).tolist()
    [nan, 0.707107, nan]
    """
    scores: FloatArray = way_of_summing().window_scores(values, min(window_bars, len(values)))
    return scores


def rolling_correlations(y: FloatArray, x: FloatArray, window_bars: int) -> FloatArray:
    """Pearson's r in the window of each of n >= 1 finite rows, within [-1, 1]; NaN where a leg does not move in it.

    >>> rolling_correlations(np.array([1.0, 2.0, 4.0]), np.array([3.0, 2.0, 2.0]), 2).round(9).tolist()
    [nan, -1.0, nan]
    """
    correlations: FloatArray = way_of_summing().window_correlations(y, x, min(window_bars, len(y)))
    return correlations


def rolling_lengths(n: int, window_bars: int) -> Int64Array:
    """How many values each window holds: 1, 2, ... up to `window_bars`."""
    return np.minimum(np.arange(1, n + 1), window_bars)


def way_of_summing() -> ModuleType:
    """`rolling_compiled` once it is prepared, else `rolling_arrays`: the same functions, the same numbers."""
    compiled = sys.modules.get(_COMPILED)
    # Its last name tells that it is there to the end, and not just being compiled by another thread.
    return rolling_arrays if compiled is None or not hasattr(compiled, "PREPARED") else compiled


def prepare_compiled() -> bool:
    """Sum by compiled loops from now on, where numba is installed; whether that is so. Gives the same numbers as ever.

    Takes a second, and some ten where nothing compiled was kept: nobody should wait for it.
    """
    with suppress(ImportError, RuntimeError):  # no numba, or no place where it could keep compiled code
        import_module(_COMPILED)
    return way_of_summing() is not rolling_arrays
