"""What speaks for or against a pair beyond the live numbers: further tests, reversion, stability, the residual's shape.

Small frozen results. Each value is a number or an `Unavailable` with its reason; no scalar is NaN or infinite.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.market import FloatArray, Int64Array
from analytics.results import HedgeFit, Unavailable


@dataclass(frozen=True, slots=True)
class Johansen:
    """Johansen's test of the two legs. Null hypothesis of row r: at most r relations (r = 0, 1).

    trace, largest: the trace and the maximum eigenvalue statistics, one for each r; each with its critical values at
    "10%", "5%", "1%", for legs without drift.  eigenvalues: descending.  vectors: each row a relation normalised on y:
    (1, -slope).  rank: relations by the trace test at 5 % (0, 1; 2 means both legs look stationary by themselves).
    lags: lagged differences in the model.  observations: rows of the regression.
    """

    trace: tuple[float, float]
    trace_critical: tuple[dict[str, float], dict[str, float]]
    largest: tuple[float, float]
    largest_critical: tuple[dict[str, float], dict[str, float]]
    eigenvalues: tuple[float, float]
    vectors: tuple[tuple[float, float], tuple[float, float]]
    rank: int
    lags: int
    observations: int


@dataclass(frozen=True, slots=True)
class Stationarity:
    """KPSS. Null hypothesis: the series is stationary; a small p speaks against reversion.

    pvalue_is_bound: the table ends; "<" means that p is at most `pvalue`, ">" at least, "" that it is `pvalue`.
    lags: of the long-run variance.  critical_values: keys "10%", "5%", "1%", and "2.5%" for a series that was observed
    (the table for the residual of a fit has none).
    """

    statistic: float
    pvalue: float
    pvalue_is_bound: str
    lags: int
    observations: int
    critical_values: dict[str, float]


@dataclass(frozen=True, slots=True)
class PhillipsOuliaris:
    """Phillips-Ouliaris Z_t of the residual, y on x. Null hypothesis: not cointegrated.

    bandwidth: of the long-run variance, in bars.  critical_values: keys "1%", "5%", "10%".
    """

    statistic: float
    pvalue: float
    bandwidth: float
    observations: int
    critical_values: dict[str, float]


@dataclass(frozen=True, slots=True)
class VarianceRatio:
    """Variance of q-bar changes over q times that of one-bar changes. Null hypothesis: a random walk (ratio 1).

    Below 1: changes are taken back (reversion, or bounce between bid and ask).  horizons: q in bars, those that fit
    into the sample.  ratios, zscores, pvalues: one for each horizon; robust to changing volatility, two-sided.
    observations: one-bar changes.
    """

    horizons: tuple[int, ...]
    ratios: tuple[float, ...]
    zscores: tuple[float, ...]
    pvalues: tuple[float, ...]
    observations: int


@dataclass(frozen=True, slots=True)
class Hurst:
    """Hurst exponent: 0.5 for a random walk, lower for what comes back, higher for what runs on.

    low, high: 95 % interval.  shortest_bars, longest_bars: the scales that it was read from.
    """

    exponent: float
    low: float
    high: float
    shortest_bars: int
    longest_bars: int
    observations: int


@dataclass(frozen=True, slots=True)
class OrnsteinUhlenbeck:
    """d e = reversion (mean - e) dt + volatility dW, time in bars, e in the units of the spread.

    reversion: a bar.  volatility: for a square root of a bar.  deviation: of the stationary distribution.
    Each with its standard error, from the curvature of the likelihood.
    """

    mean: float
    mean_stderr: float
    reversion: float
    reversion_stderr: float
    volatility: float
    volatility_stderr: float
    deviation: float
    deviation_stderr: float


@dataclass(frozen=True, slots=True)
class ExitTime:
    """How long until the spread is expected to reach the exit level for the first time, by the fitted process.

    level: the exit level in the units of the spread.  bars: expected of the process in continuous time.  seen_bars:
    expected where only bar ends are looked at, as a strategy on bars does; longer.  Both 0.0 where the spread lies
    between the level and the mean of the process: it has come back that far already.
    """

    level: float
    bars: float
    seen_bars: float


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """Did one relation hold over the whole sample?

    cusum, bound: (n,) path of the test of the residual and its 5 % boundary (both sides), NaN at a lone wild print; it
    tells of a change where abs(cusum) leaves the bound.  statistic, critical_value: the same as one number.
    changed_at_ms: when the relation changed, None where no change is shown.  slope_before, slope_after: of the fits on
    either side of the change, or of the two halves where there is none.
    """

    cusum: FloatArray
    bound: FloatArray
    statistic: float
    critical_value: float
    changed_at_ms: int | None
    slope_before: float
    slope_after: float


@dataclass(frozen=True, slots=True, eq=False)
class PvalueTrail:
    """Engle-Granger again and again, on a window that moves through the sample.

    time_ms, pvalue: (k,) at the end of each window, NaN where that window has no answer.  window_bars: its length.
    step_bars: from one window to the next.  passed_share: part of the answers with p < 0.05.
    """

    time_ms: Int64Array
    pvalue: FloatArray
    window_bars: int
    step_bars: int
    passed_share: float


@dataclass(frozen=True, slots=True, eq=False)
class RatioTrail:
    """The hedge ratio through the sample, by OLS on a window that moves. All (n,), NaN while the window fills.

    low, high: 95 % interval by the usual standard error, which is too narrow where the residual is autocorrelated.
    """

    slope: FloatArray
    low: FloatArray
    high: FloatArray
    window_bars: int


@dataclass(frozen=True, slots=True, eq=False)
class ResidualShape:
    """What the residual of the fit looks like.

    autocorrelation: (lags + 1,) of the residual, first 1.0.  band: 95 % band around 0 for white noise.
    normal_quantiles, quantiles: (m,) of the standard normal and of the standardised residual, ascending; m <= 200, both
    tails whole.
    skewness, excess_kurtosis: 0 for a normal one.
    """

    autocorrelation: FloatArray
    band: float
    normal_quantiles: FloatArray
    quantiles: FloatArray
    skewness: float
    excess_kurtosis: float


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Everything beyond the live numbers, of the same rows."""

    reverse_hedge: HedgeFit | Unavailable
    johansen: Johansen | Unavailable
    phillips_ouliaris: PhillipsOuliaris | Unavailable
    kpss: Stationarity | Unavailable
    variance_ratio: VarianceRatio | Unavailable
    hurst: Hurst | Unavailable
    ornstein_uhlenbeck: OrnsteinUhlenbeck | Unavailable
    exit_time: ExitTime | Unavailable
    pvalue_trail: PvalueTrail | Unavailable
    ratio_trail: RatioTrail | Unavailable
    residual: ResidualShape | Unavailable
