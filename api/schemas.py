"""The contract: what goes in and out of the REST API. Paths, parameters and fields never change their meaning."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from analytics.datasets import LONGEST_NAME, dataset_name
from analytics.errors import BadInput, UnknownTimeframe
from analytics.market import Timeframe
from analytics.status import FeedState

_LONGEST_SYMBOL: Final = 30
LONGEST_ASKED: Final = _LONGEST_SYMBOL + 1 + LONGEST_NAME


def known_symbol(value: str) -> str:
    """In upper case. Raises ValueError for what no exchange would call a symbol, with or without a dataset's name."""
    cleaned = value.strip().upper()
    symbol, at, dataset = cleaned.partition("@")
    if not symbol.isascii() or not symbol.isalnum() or len(symbol) > _LONGEST_SYMBOL:
        raise ValueError("write a symbol as the exchange does, such as BTCUSDT")
    if at:
        try:
            dataset_name(dataset)
        except BadInput as error:
            raise ValueError(f"{error}; a symbol of a dataset is written like BTCUSDT@JANUARY") from error
    return cleaned


def _timeframe(value: str) -> str:
    try:
        return Timeframe.parse(value).value
    except UnknownTimeframe as error:
        raise ValueError(str(error)) from error


SymbolIn = Annotated[
    str, AfterValidator(known_symbol), Field(min_length=2, max_length=LONGEST_ASKED, examples=["BTCUSDT"])
]
TimeframeIn = Annotated[str, AfterValidator(_timeframe), Field(examples=["1s"])]


class SymbolHealth(BaseModel):
    """One symbol's feed. age_ms: since the newest data; lag_ms: arrival behind the exchange's clock.

    reason: a sentence where the state is not LIVE.  ticks_stored, first_id, last_id: committed trades.  gaps_open,
    gaps_lost: holes in that state (`/api/data/gaps` lists them).  quarantined: rows set aside as unusable.
    """

    state: FeedState
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


class StoreHealth(BaseModel):
    """The database. trouble: why nothing can be written now (disk full, locked), as a sentence, else null."""

    trouble: str | None
    database_bytes: int | None
    log_bytes: int | None
    free_bytes: int | None


class RestHealth(BaseModel):
    """The exchange's REST allowance. used, allowed: weight in this minute.

    silent_until: before it no request is sent (a ban, or Retry-After), else null.  trouble: why the last one failed.
    """

    used: int
    allowed: int
    silent_until: str | None
    trouble: str | None


class ConnectionHealth(BaseModel):
    """One connection. renewed_at: when a new one takes its place.  reconnects: unplanned ends so far."""

    route: str
    state: FeedState
    symbols: int
    opened_at: str | None
    renewed_at: str | None
    reconnects: int
    reason: str | None


class Health(BaseModel):
    """status: ok, or degraded when anything is not LIVE. finished: only of a replay, else null."""

    status: Literal["ok", "degraded"]
    timestamp: str
    version: str
    source: Literal["live", "demo", "replay"]
    source_reason: str | None
    state: FeedState
    finished: bool | None
    queue_depth: int
    messages_per_s: float
    gaps_open: int = Field(description="of all symbols; 0 only when no hole waits to be filled")
    gaps_lost: int
    quarantined: int
    exchange_clock_ms: int | None = Field(description="the exchange's clock minus this machine's, where it is known")
    store: StoreHealth
    rest: RestHealth | None = Field(description="null for a recording")
    connections: list[ConnectionHealth]
    symbols: dict[str, SymbolHealth] = Field(description="keys are upper case, as the exchange writes them")


class Bar(BaseModel):
    """One candle. ts, time_ms: its start (the exchange's clock). closed: false while it still grows.  taker_buy_volume:
    null where uploaded bars do not tell it.
    """

    ts: str
    time_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    trades: int
    taker_buy_volume: float | None
    quality: Literal["complete", "backfilled", "partial", "missing"]
    closed: bool


class History(BaseModel):
    """The newest bars, ascending; spans without a trade are omitted."""

    symbol: str
    timeframe: str
    bars: list[Bar]


class GapOut(BaseModel):
    """Trade ids that the exchange published and the store does not hold, both ends inclusive.

    opened_at: when it was seen.  closed_at: when it was filled or given up, null while it is open.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "symbol": "btcusdt",
                    "first_id": 5182005801,
                    "last_id": 5182005838,
                    "state": "FILLED",
                    "cause": "reconnect",
                    "opened_at": "2026-01-31T23:59:58.120Z",
                    "closed_at": "2026-01-31T23:59:59.004Z",
                }
            ]
        }
    )

    symbol: str
    first_id: int
    last_id: int
    state: Literal["OPEN", "FILLED", "LOST"]
    cause: str
    opened_at: str
    closed_at: str | None


class Gaps(BaseModel):
    """The ledger of holes, oldest first."""

    gaps: list[GapOut]
