"""The numbers of a pair: ours beside pandas and statsmodels, which must give the same ones."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit
from statsmodels.tsa.stattools import adfuller, coint
from threadpoolctl import threadpool_limits

from analytics import rolling_arrays
from analytics.align import align_bars
from analytics.as_known import zscore_as_known
from analytics.bars import bars_from_ticks
from analytics.cointegration import engle_granger
from analytics.correlation import rolling_correlation
from analytics.hedge import ols_hedge_ratio
from analytics.market import FloatArray, PairParams, PairQuery, PairSeries, Ticks, Timeframe
from analytics.pair import analyse_pair
from analytics.pvalue_trail import pvalue_trail
from analytics.results import Cointegration, HedgeFit, UnitRootTest
from analytics.rolling import prepare_compiled, way_of_summing
from analytics.samples import require_sample
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

_SCALARS = 10
_LONGEST_WINDOW = 300
_MANY = 25


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
    return live_numbers(pair.y, pair.x, window_of(rows))


def window_of(rows: int) -> int:
    return min(rows // 5, _LONGEST_WINDOW)


def live_numbers(y: FloatArray, x: FloatArray, window: int) -> Numbers:
    """The same from two price columns."""
    fit = ols_hedge_ratio(y, x)
    values = spread(y, x, fit)
    return [line_of(fit), values, zscore(values, window), rolling_correlation(y, x, window)]


def live_numbers_in_numpy(y: FloatArray, x: FloatArray, window: int) -> Numbers:
    """The same where numba is not installed."""
    fit = ols_hedge_ratio(y, x)
    values = spread(y, x, fit)
    require_sample(values, y, x, needed=0)
    scores, correlation = rolling_arrays.window_scores(values, window), rolling_arrays.window_correlations(y, x, window)
    return [line_of(fit), values, scores, correlation]


def line_of(fit: HedgeFit) -> NDArray[np.float64]:
    assert isinstance(fit.interval, tuple)
    scalars = (fit.slope, fit.intercept, fit.stderr, fit.intercept_stderr, fit.tvalue, fit.pvalue, *fit.interval)
    return np.array([*scalars, fit.rvalue, fit.residual_deviation])


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
    deviation = math.sqrt(values @ values / (n - 2))
    stderr = deviation / math.sqrt(sxx)
    pvalue, reach = 2 * stdtr(n - 2, -abs(slope / stderr)), stdtrit(n - 2, 0.975) * stderr
    errors = (stderr, deviation * math.sqrt(1 / n + x_mean**2 / sxx), slope / stderr, pvalue)
    quality = (slope - reach, slope + reach, sxy / math.sqrt(sxx * syy), deviation)
    line = np.array([slope, y_mean - slope * x_mean, *errors, *quality])
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
    return pandas_numbers(closes, window_of(rows))


def pandas_numbers(closes: pd.DataFrame, window: int) -> Numbers:
    fit = sm.OLS(closes["y"], sm.add_constant(closes["x"])).fit()
    slope, intercept = float(fit.params["x"]), float(fit.params["const"])
    errors = (fit.bse["x"], fit.bse["const"], fit.tvalues["x"], fit.pvalues["x"])
    rvalue = math.copysign(math.sqrt(fit.rsquared), slope)
    line = np.array([slope, intercept, *errors, *fit.conf_int().loc["x"], rvalue, math.sqrt(fit.mse_resid)])
    values = closes["y"] - slope * closes["x"] - intercept
    rolling = values.rolling(window, min_periods=2)
    scores = (values - rolling.mean()) / rolling.std()
    correlation = closes["y"].rolling(window, min_periods=2).corr(closes["x"])
    return [line, values.to_numpy(), scores.to_numpy(), correlation.to_numpy()]


def scores_as_known(y: FloatArray, x: FloatArray, window: int) -> Numbers:
    return [zscore_as_known(y, x, fit_bars=len(y), window_bars=window, include_intercept=True, method="ols")]


def pandas_scores_as_known(closes: pd.DataFrame, window: int) -> Numbers:
    """At each row the z-score of y - slope x in its window, with the slope of the rows up to then."""
    y, x = closes["y"], closes["x"]
    slope = y.expanding(3).cov(x) / x.expanding(3).var()
    y_window, x_window = (leg.rolling(window, min_periods=3) for leg in (y, x))
    offset = (y - y_window.mean()) - slope * (x - x_window.mean())
    variance = y_window.var() - 2 * slope * y_window.cov(x) + slope**2 * x_window.var()
    return [(offset / np.sqrt(variance)).to_numpy()]


def analysis(query: PairQuery, pair: PairSeries) -> Numbers:
    """Everything `analyse_pair` says, tests included."""
    found = analyse_pair(query, pair)
    fit, adf, both = found.hedge, found.adf, found.engle_granger
    assert isinstance(fit, HedgeFit)
    assert isinstance(adf, UnitRootTest)
    assert isinstance(both, Cointegration)
    assert isinstance(found.half_life_bars, float)
    tests = np.array([adf.statistic, adf.pvalue, adf.lags, both.statistic, both.pvalue, found.half_life_bars])
    return [line_of(fit), found.spread, found.zscore, found.correlation, found.return_correlation, tests]


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


def measured(
    name: str, ours: Callable[[], Numbers], peer: Callable[[], Numbers], *, calls: int, rounds: int = 5
) -> Row:
    same(ours(), peer())
    mine, theirs = partial(repeated, calls, ours), partial(repeated, calls, peer)
    return compared(name, mine, theirs, items=calls, unit="us/call", rounds=rounds)


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
    pair, window = pair_of(y, x, rows), window_of(rows)
    closes = closes_of(pair)
    ways = [("prices to live numbers, numpy alone", live_numbers_in_numpy)]
    if way_of_summing() is not rolling_arrays:
        ways.append(("prices to live numbers, with numba", live_numbers))
    ways.append(("the floor of numpy, digits not guarded", unguarded_numbers))
    theirs = partial(pandas_numbers, closes, window)
    for name, way in ways:
        mine = partial(way, pair.y, pair.x, window)
        named = f"{name}, {rows} rows / pandas + statsmodels"
        found.append(measured(named, mine, theirs, calls=20, rounds=_MANY))
    mine, theirs = partial(scores_as_known, pair.y, pair.x, window), partial(pandas_scores_as_known, closes, window)
    found.append(measured(f"z-score as known, {rows} rows / pandas", mine, theirs, calls=20))
    query = PairQuery(Y, X, PairParams(window_bars=window, lookback_bars=rows))
    mine, theirs = partial(analysis, query, pair), partial(statsmodels_analysis, closes, window)
    found.append(measured(f"analyse_pair, {rows} rows / pandas + statsmodels", mine, theirs, calls=3))
    return found


def unit_roots(rows: int) -> list[Row]:
    """Lags by AIC on both sides."""
    pair = pair_of(*legs(rows), rows)
    mine, theirs = partial(adf, pair.y), partial(statsmodels_adf, pair.y)
    found = [measured(f"ADF, {rows} rows / statsmodels", mine, theirs, calls=30_000 // rows, rounds=9)]
    mine, theirs = partial(cointegration, pair.y, pair.x), partial(statsmodels_cointegration, pair.y, pair.x)
    found.append(measured(f"Engle-Granger, {rows} rows / statsmodels", mine, theirs, calls=30_000 // rows, rounds=9))
    return found


def trails() -> list[Row]:
    pair = pair_of(*legs(1_200), 1_200)
    mine, theirs = (partial(one, pair.y, pair.x, 300, 15) for one in (trail, statsmodels_trail))
    return [measured("p-value trail, 61 windows of 300 / statsmodels", mine, theirs, calls=1)]


def run() -> list[Row]:
    found: list[Row] = []
    prepare_compiled()
    # As in the product; two BLAS threads would also slow the peer down.
    with threadpool_limits(limits=1, user_api="blas"):
        for rows in (300, 1_500, 3_600):
            found += doors(rows)
        for rows in (300, 1_440, 3_600):
            found += unit_roots(rows)
        found += trails()
    return found
