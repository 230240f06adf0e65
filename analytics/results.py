"""What the live statistics answer: small frozen results, each value either a number or the reason why there is none.

What lies beyond the live numbers is in `evidence.py`; everything about one pair together in `analysis.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.market import FloatArray, HedgeMethod


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a number cannot be given. `needed` and `got` count observations where that is the reason, else None."""

    reason: str
    needed: int | None = None
    got: int | None = None


@dataclass(frozen=True, slots=True)
class HedgeFit:
    """One line through the prices: y = intercept + slope * x + residual.

    slope: the hedge ratio, units of x held short against one unit of y.  intercept: 0.0 when it was not fitted.
    rvalue: signed correlation of the legs (uncentred when there is no intercept).  r_squared: 1 - SSR / SST of this
    very line, so it may be below 0 for a line that was given and not fitted.  stderr: of the slope.  interval: 95 % of
    the slope, (low, high).  tvalue, pvalue: two-sided t-test of slope = 0.  residual_deviation: sqrt(SSR / degrees of
    freedom), in the units of y.  observations: rows that the line rests on.
    """

    method: HedgeMethod
    slope: float
    intercept: float
    rvalue: float
    r_squared: float
    r_squared_kind: Literal["centred", "uncentred"]
    stderr: float | Unavailable
    interval: tuple[float, float] | Unavailable
    intercept_stderr: float | Unavailable
    tvalue: float | Unavailable
    pvalue: float | Unavailable
    residual_deviation: float
    observations: int


@dataclass(frozen=True, slots=True, eq=False)
class HedgePath:
    """A hedge ratio at each row, from that row and earlier ones only. All (n,), NaN while it warms up.

    slope, intercept: as in `HedgeFit`.  slope_deviation: standard error of the slope (OLS), or deviation of the state
    (Kalman).  spread: y - slope x - intercept, for Kalman with the state before the row was seen (the innovation).
    zscore: None where the rolling z-score of the spread is meant; for Kalman the innovation over its own deviation.
    """

    slope: FloatArray
    intercept: FloatArray
    slope_deviation: FloatArray
    spread: FloatArray
    zscore: FloatArray | None


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
class HalfLife:
    """How fast a spread comes back.

    bars: exact AR(1) form, -ln 2 / ln(1 + reversion).  chan_bars: the short form -ln 2 / reversion.
    reversion, stderr: slope of diff(e)[t] on e[t-1], and its standard error.  low_bars, high_bars: 95 % interval of
    `bars`; high_bars is None where the interval has no upper end (it reaches "never").  unbiased_bars: median-unbiased,
    longer than `bars` as a rule; None where it is "never".
    """

    bars: float
    low_bars: float
    high_bars: float | None
    unbiased_bars: float | None
    chan_bars: float
    reversion: float
    stderr: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence about the pair, and the sentences that it rests on, the weightiest first.

    pvalue: of the test that the headline follows; None where there was none.
    """

    outcome: Literal["cointegrated", "not shown", "cannot say"]
    headline: str
    reasons: tuple[str, ...]
    pvalue: float | None = None
