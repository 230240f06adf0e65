"""The one computation behind every door: live, history, uploaded files, API, alerts and backtest."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.attempt import attempt
from analytics.correlation import rolling_correlation, rolling_return_correlation
from analytics.empty_bars import empty_bars_warning
from analytics.errors import BadInput
from analytics.gathered import gathered
from analytics.hedge import MINIMUM_BARS
from analytics.hedging import Hedged, hedged
from analytics.kalman import WARM_UP_BARS
from analytics.market import FloatArray, Int64Array, PairParams, PairQuery, PairSeries, Timeframe, frozen_array
from analytics.pair_tests import PairTests, tested, untested
from analytics.rank_correlation import rolling_rank_correlation, rolling_return_rank_correlation
from analytics.results import Unavailable, Verdict
from analytics.spread import on_scale
from analytics.verdict import verdict

# One leg moves in each row, so the product of the two returns is zero by construction: a 0.000 would be a false number.
_ONE_LEG_A_ROW = Unavailable("a row of ticks is a trade of one leg, so returns never coincide; choose bars")

_LARGEST_EXIT = 100
_NOT_ASKED = Unavailable("no test was asked for")


def analyse_pair(
    query: PairQuery, series: PairSeries, *, in_full: bool = False, with_tests: bool = True
) -> PairAnalysis:
    """Everything there is to say about the newest `params.sample_bars` rows of a pair.

    Hedge ratio, spread, z-score and the tests rest on all of these rows. Correlations are of prices as traded. Short or
    degenerate data never raise: what cannot be estimated is `Unavailable` with its reason, and no scalar is NaN or
    infinite. in_full: with the evidence beyond the live numbers, tens of milliseconds of work; the rest is the same.
    with_tests: without them p-values, half-life, stability and verdict cannot be told; all else is the same, in a third
    of the time.
    A method that fits the sample as a whole judges earlier rows by a line that saw later ones: right for a picture of
    now, not for a backtest. `zscore_as_known`, rolling OLS and Kalman rest at each row on that row and earlier ones.
    Raises BadInput for a window below 2 bars, a fit sample below 3, `fixed` without its ratio, an exit
    level below 0 or above 100.
    """
    params = query.params
    _check(params)
    sample = series.newest(params.sample_bars)
    n = len(sample)
    logs = attempt(lambda: (on_scale(sample.y, params.price_scale), on_scale(sample.x, params.price_scale)))
    y, x = (sample.y, sample.x) if isinstance(logs, Unavailable) else logs
    hedge = logs if isinstance(logs, Unavailable) else attempt(lambda: hedged(y, x, params))
    line = _blank(n) if isinstance(hedge, Unavailable) else _columns(hedge)
    together = _correlated(sample, params)
    why_untested = logs if isinstance(logs, Unavailable) else None if with_tests else _NOT_ASKED
    tests = tested(hedge, y, x, sample.time_ms, params) if why_untested is None else untested(why_untested)
    y_empty, x_empty = (_empty_share(leg, sample, params.timeframe) for leg in (sample.y_traded_ms, sample.x_traded_ms))
    return PairAnalysis(
        query=query,
        time_ms=sample.time_ms,
        y=sample.y,
        x=sample.x,
        clean=sample.clean,
        **line,
        correlation=together.levels,
        return_correlation=together.returns,
        hedge=hedge if isinstance(hedge, Unavailable) else hedge.fit,
        latest_spread=_latest(line["spread"], 1, "the hedge has no line in the newest row", hedge),
        latest_zscore=_latest(line["zscore"], 2, _no_zscore(params, n), hedge),
        latest_correlation=together.latest_levels,
        latest_return_correlation=together.latest_returns,
        adf=tests.adf,
        engle_granger=tests.engle_granger,
        engle_granger_reverse=tests.reverse,
        half_life=tests.half_life,
        stability=tests.stability,
        verdict=_verdict(tests, sample, params, empty_bars_warning(y_empty, x_empty)),
        bars_needed=params.sample_bars,
        bars_held=n,
        clean_share=_clean_share(sample, params.timeframe),
        y_empty_share=y_empty,
        x_empty_share=x_empty,
        evidence=gathered(hedge, logs, sample.time_ms, params) if in_full else None,
        y_last_id=series.y_last_id,
        x_last_id=series.x_last_id,
    )


def _check(params: PairParams) -> None:
    if params.window_bars < 2:
        raise BadInput(f"a rolling window needs at least 2 bars, not {params.window_bars}")
    if params.sample_bars < MINIMUM_BARS:
        raise BadInput(f"a fit sample needs at least {MINIMUM_BARS} bars, not {params.sample_bars}")
    if not 0 <= params.exit_zscore <= _LARGEST_EXIT:
        raise BadInput(f"the exit level is a z-score from 0 to {_LARGEST_EXIT}, not {params.exit_zscore}")


def _columns(hedge: Hedged) -> dict[str, FloatArray]:
    path = hedge.path
    return {
        "hedge_ratio": frozen_array(path.slope),
        "hedge_intercept": frozen_array(path.intercept),
        "hedge_ratio_deviation": frozen_array(path.slope_deviation),
        "spread": frozen_array(path.spread),
        "zscore": frozen_array(hedge.scores),
        "zscore_as_known": frozen_array(hedge.scores_as_known),
    }


def _blank(n: int) -> dict[str, FloatArray]:
    nothing = frozen_array(np.full(n, np.nan))
    names = ("hedge_ratio", "hedge_intercept", "hedge_ratio_deviation", "spread", "zscore", "zscore_as_known")
    return dict.fromkeys(names, nothing)


class _Together(NamedTuple):
    levels: FloatArray
    returns: FloatArray
    latest_levels: float | Unavailable
    latest_returns: float | Unavailable


def _correlated(sample: PairSeries, params: PairParams) -> _Together:
    n, window, is_tick = len(sample), params.window_bars, params.timeframe is Timeframe.TICK
    levels = attempt(lambda: _levels(sample, params))
    returns = _ONE_LEG_A_ROW if is_tick else attempt(lambda: _returns(sample, params))
    return _Together(
        levels=_or_gaps(levels, n),
        returns=_or_gaps(returns, n),
        latest_levels=_latest(_or_gaps(levels, n), 2, f"a leg's price did not move in the last {window} bars", levels),
        latest_returns=_latest(_or_gaps(returns, n), 3, f"a leg had no returns in the last {window} bars", returns),
    )


def _levels(sample: PairSeries, params: PairParams) -> FloatArray:
    rolling = rolling_correlation if params.correlation == "pearson" else rolling_rank_correlation
    return rolling(sample.y, sample.x, params.window_bars)


def _returns(sample: PairSeries, params: PairParams) -> FloatArray:
    rolling = rolling_return_correlation if params.correlation == "pearson" else rolling_return_rank_correlation
    return rolling(sample.y, sample.x, params.window_bars)


def _verdict(tests: PairTests, sample: PairSeries, params: PairParams, warning: str | None) -> Verdict:
    reversion = tests.tested_half_life
    return verdict(
        hedge=params.hedge,
        engle_granger=tests.engle_granger,
        reverse=tests.reverse,
        adf=tests.adf,
        half_life_bars=reversion if isinstance(reversion, Unavailable) else reversion.bars,
        stability=tests.stability,
        lone_prints=tests.lone_prints,
        without_them=tests.without_them,
        fewest_prices=min((("y", _prices(sample.y)), ("x", _prices(sample.x))), key=lambda leg: leg[1]),
        time_ms=sample.time_ms,
        timeframe=params.timeframe,
        bars_needed=params.sample_bars,
        beside=() if warning is None else (warning,),
    )


def _prices(leg: FloatArray) -> int:
    """How many different ones."""
    return len(np.unique(leg))


def _clean_share(sample: PairSeries, timeframe: Timeframe) -> float | None:
    if timeframe is Timeframe.TICK:
        return None
    return float(sample.clean.mean()) if len(sample) else 0.0


def _empty_share(traded_ms: Int64Array, sample: PairSeries, timeframe: Timeframe) -> float | None:
    """Part of the bars from the first row to the last in which the leg did not trade."""
    if timeframe is Timeframe.TICK or not len(sample):
        return None
    bars = (int(sample.time_ms[-1]) - int(sample.time_ms[0])) // timeframe.milliseconds + 1
    return 1.0 - len(traded_ms) / bars


def _no_zscore(params: PairParams, held: int) -> str:
    if params.hedge == "kalman" and held <= WARM_UP_BARS:
        return "the Kalman filter is still warming up"
    if params.hedge == "kalman":
        return "the spread cannot be told from the rounding of the prices in the newest bar"
    return f"the spread did not move in the last {params.window_bars} bars"


def _or_gaps(values: FloatArray | Unavailable, n: int) -> FloatArray:
    """A rolling statistic, or NaN throughout where the data have none."""
    return frozen_array(np.full(n, np.nan) if isinstance(values, Unavailable) else values)


def _latest(values: FloatArray, needed: int, still: str, source: object) -> float | Unavailable:
    """The newest rolling value, or why there is none: its source has none, too few rows, or nothing moved (`still`)."""
    if isinstance(source, Unavailable):
        return source
    if len(values) < needed:
        return Unavailable(f"need {needed} bars, got {len(values)}", needed, len(values))
    return Unavailable(still) if math.isnan(values[-1]) else float(values[-1])
