"""The one computation behind every door: live, history, uploaded files, API, alerts and backtest."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.cointegration import engle_granger
from analytics.correlation import rolling_correlation, rolling_return_correlation
from analytics.empty_bars import empty_bars_warning
from analytics.errors import BadInput, NotEnoughData, NotEstimable
from analytics.evidence import Stability
from analytics.half_life import half_life
from analytics.hedge import MINIMUM_BARS, ols_hedge_ratio
from analytics.market import BoolArray, FloatArray, PairParams, PairQuery, PairSeries, Timeframe, frozen_array
from analytics.results import Cointegration, HalfLife, HedgeFit, Unavailable, UnitRootTest, Verdict
from analytics.spread import on_scale, spread
from analytics.stability import stability
from analytics.unit_root import adf_test
from analytics.verdict import verdict
from analytics.zscore import zscore

_Answer = TypeVar("_Answer")

# One leg moves in each row, so the product of the two returns is zero by construction: a 0.000 would be a false number.
_ONE_LEG_A_ROW = Unavailable("a row of ticks is a trade of one leg, so returns never coincide; choose bars")


def analyse_pair(query: PairQuery, series: PairSeries) -> PairAnalysis:
    """Everything there is to say about the newest `params.sample_bars` rows of a pair.

    The hedge ratio is fitted on all of these rows; spread, z-score and tests follow from it. Correlations are of prices
    as traded. Short or degenerate data never raise: what cannot be estimated is `Unavailable` with its reason, and no
    scalar is NaN or infinite. Earlier rows of spread and z-score rest on a fit that saw later rows: right for a
    picture of now, not for a backtest, which needs an earlier fit of its own.
    Raises BadInput for a window below 2 bars or a fit sample below 3.
    """
    params = query.params
    _check(params)
    sample = series.newest(params.sample_bars)
    n, window = len(sample), params.window_bars
    hedge, values = _hedged(sample, params)
    scores = zscore(values, window) if isinstance(hedge, HedgeFit) else values
    correlation = _or_gaps(lambda: rolling_correlation(sample.y, sample.x, window), n)
    is_tick = params.timeframe is Timeframe.TICK
    return_correlation = (
        np.full(n, np.nan) if is_tick else _or_gaps(lambda: rolling_return_correlation(sample.y, sample.x, window), n)
    )
    tests = _tests(hedge, values, sample, params)
    clean_share = None if is_tick else float(sample.clean.mean()) if n else 0.0
    return PairAnalysis(
        query=query,
        time_ms=sample.time_ms,
        y=sample.y,
        x=sample.x,
        clean=sample.clean,
        hedge_ratio=frozen_array(np.full(n, hedge.slope if isinstance(hedge, HedgeFit) else np.nan)),
        hedge_intercept=frozen_array(np.full(n, hedge.intercept if isinstance(hedge, HedgeFit) else np.nan)),
        spread=frozen_array(values),
        zscore=frozen_array(scores),
        zscore_as_known=frozen_array(np.full(n, np.nan)),
        correlation=frozen_array(correlation),
        return_correlation=frozen_array(return_correlation),
        hedge=hedge,
        latest_spread=float(values[-1]) if isinstance(hedge, HedgeFit) else hedge,
        latest_zscore=_latest(scores, 2, f"the spread did not move in the last {window} bars", hedge),
        latest_correlation=_latest(correlation, 2, f"a leg's price did not move in the last {window} bars"),
        latest_return_correlation=_ONE_LEG_A_ROW
        if is_tick
        else _latest(return_correlation, 3, f"a leg had no returns in the last {window} bars"),
        adf=tests.adf,
        engle_granger=tests.engle_granger,
        engle_granger_reverse=tests.engle_granger_reverse,
        half_life=tests.half_life,
        verdict=_verdict(tests, sample, params),
        bars_needed=params.sample_bars,
        bars_held=n,
        clean_share=clean_share,
        y_empty_share=_empty_share(sample.y_traded, sample, params.timeframe),
        x_empty_share=_empty_share(sample.x_traded, sample, params.timeframe),
        evidence=None,
        y_last_id=series.y_last_id,
        x_last_id=series.x_last_id,
    )


def attempt(statistic: Callable[[], _Answer]) -> _Answer | Unavailable:
    """The statistic, or the reason why these data have none.

    >>> from analytics.unit_root import adf_test
    >>> attempt(lambda: adf_test(np.arange(7.0)))
    Unavailable(reason='need 30 bars, got 7', needed=30, got=7)
    """
    try:
        return statistic()
    except NotEnoughData as short:
        return Unavailable(str(short), short.needed, short.got)
    except NotEstimable as degenerate:
        return Unavailable(str(degenerate))


def _check(params: PairParams) -> None:
    if params.window_bars < 2:
        raise BadInput(f"a rolling window needs at least 2 bars, not {params.window_bars}")
    if params.sample_bars < MINIMUM_BARS:
        raise BadInput(f"a fit sample needs at least {MINIMUM_BARS} bars, not {params.sample_bars}")


def _hedged(sample: PairSeries, params: PairParams) -> tuple[HedgeFit | Unavailable, FloatArray]:
    """The fit and its spread; without a fit the spread is all NaN."""

    def fitted() -> tuple[HedgeFit, FloatArray]:
        y, x = on_scale(sample.y, params.price_scale), on_scale(sample.x, params.price_scale)
        fit = ols_hedge_ratio(y, x, include_intercept=params.include_intercept)
        return fit, spread(y, x, fit)

    answer = attempt(fitted)
    return (answer, np.full(len(sample), np.nan)) if isinstance(answer, Unavailable) else answer


class _Tests(NamedTuple):
    adf: UnitRootTest | Unavailable
    engle_granger: Cointegration | Unavailable
    engle_granger_reverse: Cointegration | Unavailable
    half_life: HalfLife | Unavailable


def _tests(hedge: HedgeFit | Unavailable, values: FloatArray, sample: PairSeries, params: PairParams) -> _Tests:
    if isinstance(hedge, Unavailable):
        return _Tests(hedge, hedge, hedge, hedge)
    y, x = on_scale(sample.y, params.price_scale), on_scale(sample.x, params.price_scale)
    return _Tests(
        adf=attempt(lambda: adf_test(values)),
        engle_granger=attempt(lambda: engle_granger(y, x, include_intercept=params.include_intercept)),
        engle_granger_reverse=attempt(lambda: engle_granger(x, y, include_intercept=params.include_intercept)),
        half_life=attempt(lambda: half_life(values)),
    )


def _verdict(tests: _Tests, sample: PairSeries, params: PairParams) -> Verdict:
    def held() -> Stability:
        y, x = on_scale(sample.y, params.price_scale), on_scale(sample.x, params.price_scale)
        return stability(sample.time_ms, y, x)

    empty = [_empty_share(traded, sample, params.timeframe) for traded in (sample.y_traded, sample.x_traded)]
    warning = empty_bars_warning(*empty)
    return verdict(
        hedge=params.hedge,
        engle_granger=tests.engle_granger,
        reverse=tests.engle_granger_reverse,
        adf=tests.adf,
        half_life_bars=tests.half_life if isinstance(tests.half_life, Unavailable) else tests.half_life.bars,
        stability=attempt(held),
        time_ms=sample.time_ms,
        timeframe=params.timeframe,
        bars_needed=params.sample_bars,
        beside=() if warning is None else (warning,),
    )


def _empty_share(traded: BoolArray, sample: PairSeries, timeframe: Timeframe) -> float | None:
    """Part of the bars from the first row to the last in which the leg did not trade."""
    if timeframe is Timeframe.TICK or not len(sample):
        return None
    bars = (int(sample.time_ms[-1]) - int(sample.time_ms[0])) // timeframe.milliseconds + 1
    return 1.0 - float(np.count_nonzero(traded)) / bars


def _or_gaps(rolling: Callable[[], FloatArray], n: int) -> FloatArray:
    """A rolling statistic, or NaN throughout where the data have none."""
    answer = attempt(rolling)
    return np.full(n, np.nan) if isinstance(answer, Unavailable) else answer


def _latest(
    values: FloatArray, needed: int, still: str, hedge: HedgeFit | Unavailable | None = None
) -> float | Unavailable:
    """The newest rolling value, or why there is none: no fit, too few rows, or nothing moved (`still`)."""
    if isinstance(hedge, Unavailable):
        return hedge
    if len(values) < needed:
        return Unavailable(f"need {needed} bars, got {len(values)}", needed, len(values))
    return Unavailable(still) if math.isnan(values[-1]) else float(values[-1])
