"""Rolling Pearson correlation: of price levels, as traders expect it, and of log returns, the one that means something.

Two independent random walks are often strongly correlated in levels; their returns are not.
"""

from __future__ import annotations

import numpy as np

from analytics.errors import BadInput, DegenerateData
from analytics.market import FloatArray
from analytics.rolling import rolling_column, rolling_product
from analytics.samples import require_sample


def rolling_correlation(y: FloatArray, x: FloatArray, window_bars: int) -> FloatArray:
    """Pearson correlation of the last `window_bars` pairs of values, the current one included, (n,), within [-1, 1].

    y, x: (n,) finite.  window_bars: >= 2. Defined from the second value on; NaN at the first and wherever a leg does
    not move inside the window. A longer series never changes an earlier value.  Raises BadInput, DegenerateData.

    >>> rolling_correlation(np.array([1.0, 2.0, 3.0, 1.0]), np.array([2.0, 4.0, 6.0, 6.0]), 3).round(6).tolist()
    [nan, 1.0, 1.0, 0.0]
    """
    if window_bars < 2:
        raise BadInput(f"a rolling window needs at least 2 bars, not {window_bars}")
    require_sample(y, x, needed=0)
    if not len(y):
        return np.empty(0)
    y_column, x_column = rolling_column(y, window_bars), rolling_column(x, window_bars)
    y_squares, x_squares = rolling_product(y_column, y_column), rolling_product(x_column, x_column)
    moving = (y_squares > 0) & (x_squares > 0)
    correlation = np.full(len(y), np.nan)
    scale = np.sqrt(y_squares[moving]) * np.sqrt(x_squares[moving])
    correlation[moving] = np.clip(rolling_product(y_column, x_column)[moving] / scale, -1.0, 1.0)
    return correlation


def rolling_return_correlation(y: FloatArray, x: FloatArray, window_bars: int) -> FloatArray:
    """Pearson correlation of the last `window_bars` log returns, (n,), within [-1, 1].

    y, x: (n,) prices > 0. The first row has no return and the second has only one, so both are NaN; otherwise as
    `rolling_correlation`. Where the legs trade at different moments, short bars pull it towards 0 (Epps effect).

    >>> prices = np.exp(np.array([0.0, 1.0, 3.0, 2.0]))
    >>> rolling_return_correlation(prices, prices**2, 3).round(6).tolist()
    [nan, nan, 1.0, 1.0]
    """
    if not len(y):
        return np.empty(0)
    if not (np.all(y > 0) and np.all(x > 0)):
        raise DegenerateData("a price is not positive, so it has no log return")
    return np.concatenate(([np.nan], rolling_correlation(_log_returns(y), _log_returns(x), window_bars)))


def _log_returns(prices: FloatArray) -> FloatArray:
    """ln(p[t] / p[t-1]) from the differences: the log of a ratio near 1 would lose a third of the digits."""
    returns: FloatArray = np.log1p(np.diff(prices) / prices[:-1])
    return returns
