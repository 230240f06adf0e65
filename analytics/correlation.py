"""Rolling Pearson correlation: of price levels, as traders expect it, and of log returns, the one that means something.

Two independent random walks are often strongly correlated in levels; their returns are not.
"""

from __future__ import annotations

import numpy as np

from analytics.definition import Definition
from analytics.errors import BadInput, DegenerateData
from analytics.market import FloatArray
from analytics.rolling import rolling_correlations
from analytics.samples import require_sample

CORRELATION = Definition(
    name="Correlation of prices",
    line="How closely the two prices moved along one straight line in the last w bars. High by chance for many pairs.",
    formula="Pearson's r of the last w pairs of prices.",
    conventions="Prices as traded, never logs. Current bar inside the window, from the second bar on; NaN where a leg "
    "does not move in the window. Linear time, no drift; a longer series never changes an earlier value.",
    source="Pearson (1896). Window sums: Chan, Golub and LeVeque (1983).",
    checked_against="pandas `rolling().corr` (1e-8); `numpy.corrcoef` window by window (1e-9, and 1e-11 at the end of "
    "a million rows).",
    limits="Unrelated walks correlate in levels: in 300 bars of two independent ones, abs(r) exceeds 0.5 in about four "
    "windows of ten. It is no evidence of a relation; look at the correlation of returns and at the verdict.",
)

RETURN_CORRELATION = Definition(
    name="Correlation of returns",
    line="How closely the bar-to-bar moves of both legs went together in the last w bars. The one with a meaning.",
    formula="Pearson's r of the last w pairs of log returns ln(p[t] / p[t-1]).",
    conventions="As for prices; the first two rows are NaN. Not given on `tick`, where one leg moves a row.",
    source="Pearson (1896); Epps (1979), Journal of the American Statistical Association 74, 291-298.",
    checked_against="pandas `rolling().corr` of log returns (1e-8).",
    limits="Where the legs trade at different moments, short bars pull it towards 0: see the share of empty bars.",
)


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
    return rolling_correlations(y, x, window_bars)


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
    return np.concatenate(([np.nan], rolling_correlation(log_returns(y), log_returns(x), window_bars)))


def log_returns(prices: FloatArray) -> FloatArray:
    """ln(p[t] / p[t-1]) of (n,) prices > 0, (n - 1,).  Raises DegenerateData for other prices."""
    if not np.all(prices > 0):
        raise DegenerateData("a price is not positive, so it has no log return")
    # From the differences: the log of a ratio near 1 would lose a third of the digits.
    returns: FloatArray = np.log1p(np.diff(prices) / prices[:-1])
    return returns
