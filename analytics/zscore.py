"""The rolling z-score: how unusual the spread is against its own recent past."""

from __future__ import annotations

import numpy as np

from analytics.errors import BadInput
from analytics.market import FloatArray
from analytics.rolling import rolling_column, rolling_lengths, rolling_offset, rolling_product
from analytics.samples import require_sample


def zscore(spread: FloatArray, window_bars: int) -> FloatArray:
    """(spread - rolling mean) / rolling deviation, (n,), over the last `window_bars` values, the current one included.

    spread: (n,) finite.  window_bars: >= 2.  Deviation with n - 1 (ddof 1), as pandas and MATLAB. Defined from the
    second value on, before the window is full; NaN at the first and wherever the window does not move. With w values in
    the window abs(z) cannot exceed (w - 1) / sqrt(w): a window of 5 never shows 1.8.
    A longer series never changes an earlier value, to the last bit.  Raises BadInput, DegenerateData (not finite).

    >>> zscore(np.array([1.0, 2.0, 3.0, 3.0, 3.0, 3.0]), 3).round(6).tolist()
    [nan, 0.707107, 1.0, 0.57735, nan, nan]
    """
    if window_bars < 2:
        raise BadInput(f"a rolling window needs at least 2 bars, not {window_bars}")
    require_sample(spread, needed=0)
    if not len(spread):
        return np.empty(0)
    column = rolling_column(spread, window_bars)
    squares = rolling_product(column, column)
    moving = squares > 0
    freedom = rolling_lengths(len(spread), window_bars) - 1
    scores = np.full(len(spread), np.nan)
    scores[moving] = rolling_offset(column)[moving] / np.sqrt(squares[moving] / freedom[moving])
    return scores
