"""What the statistics answer: small frozen results, each value either a number or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.market import BoolArray, FloatArray, Int64Array, PairQuery


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a number cannot be given. `needed` and `got` count observations where that is the reason, else None."""

    reason: str
    needed: int | None = None
    got: int | None = None


@dataclass(frozen=True, slots=True)
class HedgeFit:
    """OLS of y on x: y = intercept + slope * x + residual.

    slope: the hedge ratio, units of x held short against one unit of y.  intercept: 0.0 when it was not fitted.
    rvalue: signed correlation of the fit (uncentred when there is no intercept).  pvalue: two-sided t-test of
    slope = 0.  stderr: of the slope.  residual_deviation: sqrt(SSR / degrees of freedom), in the units of y.
    """

    slope: float
    intercept: float
    rvalue: float
    r_squared: float
    r_squared_kind: Literal["centred", "uncentred"]
    stderr: float
    intercept_stderr: float | None
    tvalue: float
    pvalue: float
    residual_deviation: float
    observations: int


@dataclass(frozen=True, slots=True)
class UnitRootTest:
    """Augmented Dickey-Fuller. Null hypothesis: the series has a unit root (does not revert).

    lags: chosen by AIC up to the Schwert bound.  critical_values: at 1 %, 5 % and 10 %, keys "1%", "5%", "10%".
    """

    statistic: float
    pvalue: float
    lags: int
    observations: int
    critical_values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Cointegration:
    """Engle-Granger in one direction. Null hypothesis: y and x are not cointegrated. p-value by MacKinnon, N = 2."""

    statistic: float
    pvalue: float
    lags: int
    observations: int
    critical_values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence about the pair, and the sentences that it rests on."""

    outcome: Literal["cointegrated", "not shown", "cannot say"]
    headline: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PairAnalysis:
    """Everything the doors show about one pair at one moment.

    Arrays are (n,), ascending in time, n <= params.sample_bars; NaN where a rolling value is still warming up or is
    undefined.  y, x: prices as traded (never logs).  spread: y - slope x - intercept on the chosen price scale.
    bars_needed, bars_held: warm-up progress, bars wanted for the full fit sample and bars there are.
    clean_share: part of the rows where both legs really traded; None on `tick`, where a row is one trade of one leg.
    y_last_id, x_last_id: see `PairSeries`.
    """

    query: PairQuery
    time_ms: Int64Array
    y: FloatArray
    x: FloatArray
    clean: BoolArray
    spread: FloatArray
    zscore: FloatArray
    correlation: FloatArray
    return_correlation: FloatArray
    hedge: HedgeFit | Unavailable
    latest_spread: float | Unavailable
    latest_zscore: float | Unavailable
    latest_correlation: float | Unavailable
    latest_return_correlation: float | Unavailable
    adf: UnitRootTest | Unavailable
    engle_granger: Cointegration | Unavailable
    half_life_bars: float | Unavailable
    verdict: Verdict
    bars_needed: int
    bars_held: int
    clean_share: float | None
    y_last_id: int
    x_last_id: int
