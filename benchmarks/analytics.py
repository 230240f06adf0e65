"""The numbers of a pair: ours beside pandas and statsmodels computing the same, checked equal in the same run."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.tsa.stattools import adfuller, coint
from threadpoolctl import threadpool_limits

from analytics.correlation import rolling_correlation
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray, PairParams, PairQuery, PairSeries
from analytics.pair import analyse_pair
from analytics.results import PairAnalysis
from analytics.spread import spread
from analytics.zscore import zscore
from benchmarks.measure import Row, compared

_WINDOW = 300
_TIMES = 20
_SIZES = (300, 1_500, 3_600)


def legs(n: int) -> tuple[FloatArray, FloatArray]:
    """A cointegrated pair at the prices of bitcoin and ether."""
    rng = np.random.default_rng(n)
    x = 3_000.0 * np.exp(np.cumsum(rng.normal(0, 1e-4, n)))
    gap = np.zeros(n)
    for at in range(1, n):
        gap[at] = 0.96 * gap[at - 1] + rng.normal(0, 5)
    return 20.0 * x + 2_000 + gap, x


def live_set(y: FloatArray, x: FloatArray) -> tuple[float, float, float]:
    """Hedge ratio, z-score, correlation."""
    fit = ols_hedge_ratio(y, x)
    scores = zscore(spread(y, x, fit), _WINDOW)
    return fit.slope, float(scores[-1]), float(rolling_correlation(y, x, _WINDOW)[-1])


def live_set_usual(y: FloatArray, x: FloatArray) -> tuple[float, float, float]:
    """The same by statsmodels' OLS and pandas' rolling windows."""
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    rest = pd.Series(fit.resid)
    rolling = rest.rolling(_WINDOW, min_periods=2)
    scores = (rest - rolling.mean()) / rolling.std(ddof=1)
    correlation = pd.Series(y).rolling(_WINDOW, min_periods=2).corr(pd.Series(x))
    return float(fit.params[1]), float(scores.iloc[-1]), float(correlation.iloc[-1])


def everything(y: FloatArray, x: FloatArray) -> PairAnalysis:
    """`analyse_pair`: live set, return correlation, ADF, Engle-Granger, half-life, verdict."""
    n = len(y)
    series = PairSeries(np.arange(n, dtype=np.int64) * 1000, y, x, np.ones(n, np.bool_), y_last_id=n, x_last_id=n)
    return analyse_pair(PairQuery("Y", "X", PairParams(window_bars=_WINDOW, lookback_bars=n)), series)


def tests_usual(y: FloatArray, x: FloatArray) -> tuple[float, float]:
    """The live set, then `adfuller` and `coint` with lags by AIC: their p-values."""
    live_set_usual(y, x)
    rest = sm.OLS(y, sm.add_constant(x)).fit().resid
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # statsmodels announces another type for its answer
        return float(adfuller(rest, autolag="AIC")[1]), float(coint(y, x, autolag="aic")[1])


def often(once: Callable[[], object]) -> Callable[[], None]:
    """One call is too short for the clock of CPU time."""

    def repeated() -> None:
        for _ in range(_TIMES):
            once()

    return repeated


def run() -> list[Row]:
    rows = []
    # Two BLAS threads on two cores in use would measure their quarrel.
    with threadpool_limits(limits=1, user_api="blas"):
        for n in _SIZES:
            y, x = legs(n)
            np.testing.assert_allclose(live_set(y, x), live_set_usual(y, x), rtol=1e-7)
            ours, peer = partial(live_set, y, x), partial(live_set_usual, y, x)
            name = f"live set of {n} bars / pandas + statsmodels"
            rows.append(compared(name, often(ours), often(peer), items=_TIMES, unit="us/set"))
        for n in _SIZES:
            y, x = legs(n)
            analysis = everything(y, x)
            found = [analysis.adf.pvalue, analysis.engle_granger.pvalue]  # type: ignore[union-attr]
            np.testing.assert_allclose(found, tests_usual(y, x), rtol=1e-6, atol=1e-12)
            ours_all, peer_all = partial(everything, y, x), partial(tests_usual, y, x)
            name = f"analyse_pair of {n} bars / the same by pandas + statsmodels"
            rows.append(compared(name, ours_all, peer_all, items=1, unit="us/analysis"))
    return rows
