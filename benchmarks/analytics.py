"""The numbers of a pair: ours beside pandas and statsmodels, which must give the same ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.special import stdtr
from statsmodels.tsa.stattools import adfuller, coint
from threadpoolctl import threadpool_limits

from analytics.align import align_bars
from analytics.bars import bars_from_ticks
from analytics.cointegration import engle_granger
from analytics.correlation import rolling_correlation
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray, PairParams, PairQuery, PairSeries, Ticks, Timeframe
from analytics.pair import analyse_pair
from analytics.pvalue_trail import pvalue_trail
from analytics.results import Cointegration, HedgeFit, UnitRootTest
from analytics.spread import spread
from analytics.unit_root import adf_test
from analytics.zscore import zscore
from benchmarks.loopback import trades
from benchmarks.measure import Row, compared
from benchmarks.storage import repeated
from ingest.simulator.calendar import block_start_ms
from ingest.simulator.market import Market

Y, X = "BTCUSDT", "ETHUSDT"
Numbers = list[NDArray[np.float64]]

_SCALARS = 6


def legs(rows: int) -> tuple[Ticks, Ticks]:
    """An afternoon's trades of two legs, enough for `rows` seconds."""
    market = Market(seed=7)
    start_ms = block_start_ms(100)
    spans = [(s, market.newest_id(s, start_ms), market.newest_id(s, start_ms + rows * 1_050)) for s in (Y, X)]
    y, x = (trades(market, symbol, before + 1, last) for symbol, before, last in spans)
    return y, x


def live_set(y: Ticks, x: Ticks, rows: int) -> Numbers:
    """Trades to bars, and what a screen shows of them: hedge ratio, spread, z-score, correlation."""
    y_bars, x_bars = bars_from_ticks(y, Timeframe.S1), bars_from_ticks(x, Timeframe.S1)
    pair = align_bars(y_bars, x_bars, Timeframe.S1, limit=rows)
    return live_numbers(pair.y, pair.x, rows // 5)


def live_numbers(y: FloatArray, x: FloatArray, window: int) -> Numbers:
    """The same from two price columns."""
    fit = ols_hedge_ratio(y, x)
    values = spread(y, x, fit)
    line = np.array([fit.slope, fit.intercept, fit.stderr, fit.pvalue, fit.rvalue])
    return [line, values, zscore(values, window), rolling_correlation(y, x, window)]


def unguarded_numbers(y: FloatArray, x: FloatArray, window: int) -> Numbers:
    """The floor: the same by the fewest passes of numpy that give it on well-behaved data.

    Running sums over the whole series drift and remember what has left the window, and later rows change earlier ones.
    """
    n, y_mean, x_mean = len(y), y.mean(), x.mean()
    columns = np.empty((7, n))
    values, y_off, x_off = columns[:3]
    np.subtract(y, y_mean, out=y_off)
    np.subtract(x, x_mean, out=x_off)
    syy, sxx, sxy = y_off @ y_off, x_off @ x_off, y_off @ x_off
    slope = sxy / sxx
    np.subtract(y_off, slope * x_off, out=values)
    stderr = math.sqrt(values @ values / (n - 2) / sxx)
    pvalue = 2 * stdtr(n - 2, -abs(slope / stderr))
    line = np.array([slope, y_mean - slope * x_mean, stderr, pvalue, sxy / math.sqrt(sxx * syy)])
    np.multiply(columns[:3], columns[:3], out=columns[3:6])
    np.multiply(y_off, x_off, out=columns[6])
    running = columns.cumsum(axis=1)
    sums = running.copy()
    sums[:, window:] -= running[:, :-window]
    lengths = np.minimum(np.arange(1.0, n + 1.0), window)
    means = sums[:3] / lengths
    squares = sums[3:6] - sums[:3] * means
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = (values - means[0]) / np.sqrt(squares[0] / (lengths - 1.0))
        correlation = (sums[6] - sums[1] * means[2]) / np.sqrt(squares[1] * squares[2])
    return [line, values, scores, correlation]


def pandas_live_set(y: pd.DataFrame, x: pd.DataFrame, rows: int) -> Numbers:
    bars = [
        leg.resample("1s").agg(
            open=("price", "first"),
            high=("price", "max"),
            low=("price", "min"),
            close=("price", "last"),
            volume=("quantity", "sum"),
        )
        for leg in (y, x)
    ]
    closes = pd.concat([leg["close"] for leg in bars], axis=1, keys=["y", "x"])
    closes = closes.dropna(how="all").ffill().dropna().tail(rows)
    return pandas_numbers(closes, rows // 5)


def pandas_numbers(closes: pd.DataFrame, window: int) -> Numbers:
    fit = sm.OLS(closes["y"], sm.add_constant(closes["x"])).fit()
    slope, intercept = float(fit.params["x"]), float(fit.params["const"])
    line = np.array([slope, intercept, fit.bse["x"], fit.pvalues["x"], math.copysign(math.sqrt(fit.rsquared), slope)])
    values = closes["y"] - slope * closes["x"] - intercept
    rolling = values.rolling(window, min_periods=2)
    scores = (values - rolling.mean()) / rolling.std()
    correlation = closes["y"].rolling(window, min_periods=2).corr(closes["x"])
    return [line, values.to_numpy(), scores.to_numpy(), correlation.to_numpy()]


def analysis(query: PairQuery, pair: PairSeries) -> Numbers:
    """Everything `analyse_pair` says, tests included."""
    found = analyse_pair(query, pair)
    fit, adf, both = found.hedge, found.adf, found.engle_granger
    assert isinstance(fit, HedgeFit)
    assert isinstance(adf, UnitRootTest)
    assert isinstance(both, Cointegration)
    assert isinstance(found.half_life_bars, float)
    line = np.array([fit.slope, fit.intercept, fit.stderr, fit.pvalue, fit.rvalue])
    tests = np.array([adf.statistic, adf.pvalue, adf.lags, both.statistic, both.pvalue, found.half_life_bars])
    return [line, found.spread, found.zscore, found.correlation, found.return_correlation, tests]


def statsmodels_analysis(closes: pd.DataFrame, window: int) -> Numbers:
    numbers = pandas_numbers(closes, window)
    returns = pd.DataFrame(np.log(closes)).diff()
    return_correlation = returns["y"].rolling(window, min_periods=2).corr(returns["x"])
    statistic, pvalue, lags, *_ = adfuller(numbers[1], autolag="AIC", result_object=False)
    both, both_pvalue, _ = coint(closes["y"], closes["x"], trend="c", autolag="aic")
    reversion = sm.OLS(np.diff(numbers[1]), sm.add_constant(numbers[1][:-1])).fit().params[1]
    half_life = -math.log(2) / math.log(abs(1 + reversion))
    tests = np.array([statistic, pvalue, lags, both, both_pvalue, half_life])
    return [*numbers, return_correlation.to_numpy(), tests]


def adf(series: FloatArray) -> Numbers:
    found = adf_test(series)
    return [np.array([found.statistic, found.pvalue, found.lags])]


def statsmodels_adf(series: FloatArray) -> Numbers:
    return [np.array(adfuller(series, autolag="AIC", result_object=False)[:3])]


def cointegration(y: FloatArray, x: FloatArray) -> Numbers:
    found = engle_granger(y, x)
    return [np.array([found.statistic, found.pvalue])]


def statsmodels_cointegration(y: FloatArray, x: FloatArray) -> Numbers:
    return [np.array(coint(y, x, trend="c", autolag="aic")[:2])]


def trail(y: FloatArray, x: FloatArray, window: int, step: int) -> Numbers:
    return [pvalue_trail(np.arange(len(y)), y, x, window_bars=window, step_bars=step).pvalue]


def statsmodels_trail(y: FloatArray, x: FloatArray, window: int, step: int) -> Numbers:
    starts = range(0, len(y) - window + 1, step)
    return [np.array([coint(y[i : i + window], x[i : i + window], trend="c", autolag="aic")[1] for i in starts])]


def frame(ticks: Ticks) -> pd.DataFrame:
    index = pd.to_datetime(ticks.time_ms, unit="ms", utc=True)
    return pd.DataFrame({"price": ticks.price, "quantity": ticks.quantity}, index=index)


def same(ours: Numbers, theirs: Numbers) -> None:
    """Equal to six digits each, or to eight digits of a column's largest value; no number where the peer has none."""
    for mine, peer in zip(ours, theirs, strict=True):
        column = len(peer) > _SCALARS
        largest = float(np.nanmax(np.abs(peer)))
        np.testing.assert_allclose(mine, peer, rtol=1e-6, atol=1e-8 * largest if column else 0.0)


def measured(name: str, ours: Callable[[], Numbers], peer: Callable[[], Numbers], *, calls: int) -> Row:
    same(ours(), peer())
    return compared(name, partial(repeated, calls, ours), partial(repeated, calls, peer), items=calls, unit="us/call")


def closes_of(pair: PairSeries) -> pd.DataFrame:
    columns: dict[str, FloatArray] = {"y": pair.y, "x": pair.x}
    return pd.DataFrame(columns, index=pd.to_datetime(pair.time_ms, unit="ms", utc=True))


def pair_of(y: Ticks, x: Ticks, rows: int) -> PairSeries:
    s1 = Timeframe.S1
    return align_bars(bars_from_ticks(y, s1), bars_from_ticks(x, s1), s1, limit=rows)


def doors(rows: int) -> list[Row]:
    """What a screen waits for: from trades, from two columns of prices, and with the tests."""
    y, x = legs(rows)
    mine, theirs = partial(live_set, y, x, rows), partial(pandas_live_set, frame(y), frame(x), rows)
    found = [measured(f"trades to live numbers, {rows} s / pandas + statsmodels", mine, theirs, calls=10)]
    pair, window = pair_of(y, x, rows), rows // 5
    closes = closes_of(pair)
    mine, theirs = partial(live_numbers, pair.y, pair.x, window), partial(pandas_numbers, closes, window)
    found.append(measured(f"prices to live numbers, {rows} rows / pandas + statsmodels", mine, theirs, calls=50))
    mine = partial(unguarded_numbers, pair.y, pair.x, window)
    found.append(
        measured(f"the floor: running sums, digits not guarded, {rows} rows / the same", mine, theirs, calls=50)
    )
    query = PairQuery(Y, X, PairParams(window_bars=window, lookback_bars=rows))
    mine, theirs = partial(analysis, query, pair), partial(statsmodels_analysis, closes, window)
    found.append(measured(f"analyse_pair, {rows} rows / pandas + statsmodels", mine, theirs, calls=3))
    return found


def unit_roots(rows: int) -> list[Row]:
    """Lags by AIC on both sides."""
    pair = pair_of(*legs(rows), rows)
    mine, theirs = partial(adf, pair.y), partial(statsmodels_adf, pair.y)
    found = [measured(f"ADF, {rows} rows / statsmodels", mine, theirs, calls=60_000 // rows)]
    mine, theirs = partial(cointegration, pair.y, pair.x), partial(statsmodels_cointegration, pair.y, pair.x)
    found.append(measured(f"Engle-Granger, {rows} rows / statsmodels", mine, theirs, calls=60_000 // rows))
    return found


def trails() -> list[Row]:
    pair = pair_of(*legs(1_200), 1_200)
    mine, theirs = (partial(one, pair.y, pair.x, 300, 15) for one in (trail, statsmodels_trail))
    return [measured("p-value trail, 61 windows of 300 / statsmodels", mine, theirs, calls=1)]


def run() -> list[Row]:
    found: list[Row] = []
    # As in the product; two BLAS threads would also slow the peer down.
    with threadpool_limits(limits=1, user_api="blas"):
        for rows in (300, 1_500, 3_600):
            found += doors(rows)
        for rows in (300, 1_440, 3_600):
            found += unit_roots(rows)
        found += trails()
    return found
