"""The contract of a pair's numbers: what is asked, and every field of the answer. No field changes its meaning."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from analytics.market import CorrelationKind, HedgeMethod, PriceScale
from api.schemas import LONGEST_ASKED, SymbolIn, TimeframeIn, known_symbol


class SnapshotRequest(BaseModel):
    """A question about a pair: symbol_a is explained by symbol_b.

    window: bars of the rolling z-score and correlation, and of a rolling fit.  lookback: bars of every other fit and of
    the tests, null for five windows.  fixed_ratio: with `hedge: fixed`.  exit_zscore: where a trade would end.
    """

    symbol_a: SymbolIn
    symbol_b: Annotated[
        str, AfterValidator(known_symbol), Field(min_length=2, max_length=LONGEST_ASKED, examples=["ETHUSDT"])
    ]
    timeframe: TimeframeIn = "1s"
    window: int = Field(300, ge=2, le=20_000)
    lookback: int | None = Field(None, ge=3, le=100_000)
    hedge: HedgeMethod = "ols"
    fixed_ratio: float | None = Field(None, allow_inf_nan=False)
    include_intercept: bool = True
    price_scale: PriceScale = "level"
    correlation: CorrelationKind = "pearson"
    exit_zscore: float = Field(0.0, ge=0, le=100, allow_inf_nan=False)


class HedgeRatio(BaseModel):
    """One line through the prices. beta: units of the explaining leg against one of the other.

    interval: 95 % of beta, [low, high].  What a method cannot give is null, with its reason under `unavailable`, such
    as `hedge_ratio.stderr`.
    """

    method: HedgeMethod
    beta: float
    intercept: float
    rvalue: float
    r_squared: float
    r_squared_kind: str
    pvalue: float | None
    stderr: float | None
    interval: tuple[float, float] | None
    intercept_stderr: float | None
    tvalue: float | None
    observations: int


class UnitRoot(BaseModel):
    """Augmented Dickey-Fuller or Engle-Granger."""

    statistic: float
    pvalue: float
    lags: int
    nobs: int
    critical_values: dict[str, float]


class _Read(BaseModel):
    """A result of `analytics/`, field by field; what the fields mean stands there (`evidence.py`, `results.py`)."""

    model_config = ConfigDict(from_attributes=True)


class HalfLifeOut(_Read):
    """Exact AR(1) form, its 95 % interval (high_bars null: no upper end), and Chan's short form.

    unbiased_bars: too long as often as too short, null for a random walk.
    """

    bars: float
    low_bars: float
    high_bars: float | None
    unbiased_bars: float | None
    chan_bars: float
    reversion: float
    stderr: float


class JohansenOut(_Read):
    """One value for each null hypothesis: no relation, at most one. vectors: [1, -slope]."""

    trace: tuple[float, float]
    trace_critical: tuple[dict[str, float], dict[str, float]]
    largest: tuple[float, float]
    largest_critical: tuple[dict[str, float], dict[str, float]]
    eigenvalues: tuple[float, float]
    vectors: tuple[tuple[float, float], tuple[float, float]]
    rank: int
    lags: int
    observations: int


class StationarityOut(_Read):
    """KPSS of the spread. pvalue_is_bound: "<" or ">" where the table ends."""

    statistic: float
    pvalue: float
    pvalue_is_bound: str
    lags: int
    observations: int
    critical_values: dict[str, float]


class PhillipsOuliarisOut(_Read):
    """Z_t of the residual, a on b."""

    statistic: float
    pvalue: float
    bandwidth: float
    observations: int
    critical_values: dict[str, float]


class VarianceRatioOut(_Read):
    """Of the spread, one value for each horizon (bars)."""

    horizons: tuple[int, ...]
    ratios: tuple[float, ...]
    zscores: tuple[float, ...]
    pvalues: tuple[float, ...]
    observations: int


class HurstOut(_Read):
    """Of the spread, with its 95 % interval."""

    exponent: float
    low: float
    high: float
    shortest_bars: int
    longest_bars: int
    observations: int


class OrnsteinUhlenbeckOut(_Read):
    """The process fitted to the spread, time in bars."""

    mean: float
    mean_stderr: float
    reversion: float
    reversion_stderr: float
    volatility: float
    volatility_stderr: float
    deviation: float
    deviation_stderr: float


class ExitTimeOut(_Read):
    """Expected bars until the spread first reaches the exit level; seen_bars: where only bar ends are looked at."""

    level: float
    bars: float
    seen_bars: float


class StabilityOut(_Read):
    """CUSUM of the residual, and when the relation changed (null: no change is shown)."""

    statistic: float
    critical_value: float
    changed_at_ms: int | None
    slope_before: float
    slope_after: float


class PvalueTrailOut(BaseModel):
    """Engle-Granger on a moving window; null where a window has no answer."""

    time_ms: list[int]
    pvalue: list[float | None]
    window_bars: int
    step_bars: int
    passed_share: float


class VerdictOut(BaseModel):
    """The headline, and the sentences that it rests on."""

    outcome: Literal["cointegrated", "not shown", "cannot say"]
    headline: str
    reasons: list[str]


class CostsOut(BaseModel):
    """A trade on the spread, entered now and held to the exit level, in basis points of both legs' notional together.

    What it earns is above 0, what it pays below. side, side_b: what is done with symbol_a and with symbol_b.
    settlements: funding settlements of each leg within holding_ms.  net_edge_bp: reversion_bp + fills_bp + funding_bp.
    quote_age_ms, funding_age_ms: of the older leg.  What is null stands under `unavailable`, as `costs.net_edge_bp`.
    """

    side: Literal["short", "long"] | None
    side_b: Literal["short", "long"] | None
    reversion_bp: float | None
    fees_bp: float
    half_spreads_bp: float | None
    fills_bp: float | None
    holding_ms: float | None
    settlements: dict[str, int] | None
    funding_bp: float | None
    net_edge_bp: float | None
    break_even_zscore: float | None
    quote_age_ms: int | None
    funding_age_ms: int | None


class Reason(BaseModel):
    """Why a field is null."""

    reason: str
    needed: int | None = None
    got: int | None = None


class Snapshot(BaseModel):
    """Everything about a pair at one moment; what cannot be given is null, with its reason under `unavailable`.

    sample_bars: rows that the fit and the tests rest on.  empty_shares: part of all bars in which that leg did not
    trade.  fixed_ratio: null unless it was asked for.  first_time_ms, last_time_ms, last_ids: which data exactly, so
    that the numbers can be computed again from the exchange's own record.
    """

    symbol_a: str
    symbol_b: str
    timeframe: str
    window: int
    lookback: int
    hedge: HedgeMethod
    include_intercept: bool
    price_scale: PriceScale
    correlation: CorrelationKind
    fixed_ratio: float | None
    exit_zscore: float
    timestamp: str
    hedge_ratio: HedgeRatio | None
    hedge_ratio_reverse: HedgeRatio | None
    latest_spread: float | None
    latest_zscore: float | None
    rolling_correlation: float | None
    return_correlation: float | None
    adf: UnitRoot | None
    engle_granger: UnitRoot | None
    engle_granger_reverse: UnitRoot | None
    half_life_bars: float | None
    half_life: HalfLifeOut | None
    johansen: JohansenOut | None
    phillips_ouliaris: PhillipsOuliarisOut | None
    kpss: StationarityOut | None
    variance_ratio: VarianceRatioOut | None
    hurst: HurstOut | None
    ornstein_uhlenbeck: OrnsteinUhlenbeckOut | None
    exit_time: ExitTimeOut | None
    stability: StabilityOut | None
    pvalue_trail: PvalueTrailOut | None
    verdict: VerdictOut
    costs: CostsOut
    unavailable: dict[str, Reason]
    sample_bars: int
    bars_needed: int
    bars_held: int
    clean_share: float | None
    empty_shares: dict[str, float] | None
    first_time_ms: int | None
    last_time_ms: int | None
    last_ids: dict[str, int]
