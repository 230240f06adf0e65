"""The contract: what goes in and out of the REST API. Paths, parameters and fields never change their meaning."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from analytics.errors import UnknownTimeframe
from analytics.market import Timeframe


def _symbol(value: str) -> str:
    cleaned = value.strip().upper()
    if not cleaned.isascii() or not cleaned.isalnum():
        raise ValueError("write a symbol as the exchange does, such as BTCUSDT")
    return cleaned


def _timeframe(value: str) -> str:
    try:
        return Timeframe.parse(value).value
    except UnknownTimeframe as error:
        raise ValueError(str(error)) from error


SymbolIn = Annotated[str, AfterValidator(_symbol), Field(min_length=2, max_length=30, examples=["BTCUSDT"])]
TimeframeIn = Annotated[str, AfterValidator(_timeframe), Field(examples=["1s"])]


class SymbolHealth(BaseModel):
    """One symbol's feed. age_ms: since the newest data; lag_ms: arrival behind the exchange's clock."""

    state: str
    reason: str | None
    ticks_stored: int
    first_id: int | None
    last_id: int | None
    age_ms: int | None
    lag_ms: int | None
    messages_per_s: float
    gaps_open: int
    gaps_lost: int
    quarantined: int
    last_price: float | None
    last_trade_ms: int | None


class Health(BaseModel):
    """status: ok, or degraded when anything is not LIVE. finished: only of a replay, else null."""

    status: Literal["ok", "degraded"]
    timestamp: str
    version: str
    source: Literal["live", "demo", "replay"]
    source_reason: str | None
    state: str
    finished: bool | None
    queue_depth: int
    messages_per_s: float
    symbols: dict[str, SymbolHealth] = Field(description="keys are upper case, as the exchange writes them")


class Bar(BaseModel):
    """One candle. ts, time_ms: its start (the exchange's clock). closed: false while it still grows."""

    ts: str
    time_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int
    taker_buy_volume: float
    quality: Literal["complete", "backfilled", "partial", "missing"]
    closed: bool


class History(BaseModel):
    """The newest bars, ascending; spans without a trade are omitted."""

    symbol: str
    timeframe: str
    bars: list[Bar]


class SnapshotRequest(BaseModel):
    """A question about a pair: symbol_a is explained by symbol_b. window: bars of the rolling z-score."""

    symbol_a: SymbolIn
    symbol_b: Annotated[str, AfterValidator(_symbol), Field(min_length=2, max_length=30, examples=["ETHUSDT"])]
    timeframe: TimeframeIn = "1s"
    window: int = Field(300, ge=2, le=20_000)
    include_intercept: bool = True


class HedgeRatio(BaseModel):
    """OLS of a on b. beta: units of b against one of a."""

    beta: float
    intercept: float
    rvalue: float
    r_squared: float
    r_squared_kind: str
    pvalue: float
    stderr: float
    intercept_stderr: float | None
    tvalue: float
    observations: int


class UnitRoot(BaseModel):
    """Augmented Dickey-Fuller or Engle-Granger."""

    statistic: float
    pvalue: float
    lags: int
    nobs: int
    critical_values: dict[str, float]


class VerdictOut(BaseModel):
    """The headline, and the sentences that it rests on."""

    outcome: Literal["cointegrated", "not shown", "cannot say"]
    headline: str
    reasons: list[str]


class Reason(BaseModel):
    """Why a field is null."""

    reason: str
    needed: int | None = None
    got: int | None = None


class Snapshot(BaseModel):
    """Everything about a pair at one moment. A null field has its reason under `unavailable`.

    sample_bars: rows that the fit and the tests rest on.  first_time_ms, last_time_ms, last_ids: which data exactly,
    so that the numbers can be computed again from the exchange's own record.
    """

    symbol_a: str
    symbol_b: str
    timeframe: str
    window: int
    timestamp: str
    hedge_ratio: HedgeRatio | None
    latest_spread: float | None
    latest_zscore: float | None
    rolling_correlation: float | None
    return_correlation: float | None
    adf: UnitRoot | None
    engle_granger: UnitRoot | None
    half_life_bars: float | None
    verdict: VerdictOut
    unavailable: dict[str, Reason]
    sample_bars: int
    bars_needed: int
    bars_held: int
    clean_share: float | None
    first_time_ms: int | None
    last_time_ms: int | None
    last_ids: dict[str, int]
