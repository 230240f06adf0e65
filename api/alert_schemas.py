"""What goes in and out of the routes of alerts. The first fields of each are a contract and keep their meaning."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from analytics.alerts import Evaluation, EventKind, Join, Metric, Operator, Word
from analytics.kept_checks import LONGEST_NAME
from analytics.market import CorrelationKind, HedgeMethod, PriceScale
from api.schemas import SymbolIn, TimeframeIn

_SIMPLE: Final[dict[str, Any]] = {
    "name": "far out",
    "symbols": ["btcusdt", "ethusdt"],
    "window": 300,
    "metric": "zscore",
    "operator": ">",
    "threshold": 2.0,
}
_CONDITION: Final[dict[str, Any]] = {"metric": "zscore", "operator": "abs>=", "threshold": 2.0, "leave": 1.5}
_FULL: Final[dict[str, Any]] = {
    "name": "entry",
    "symbols": ["btcusdt", "ethusdt"],
    "timeframe": "1m",
    "window": 120,
    "conditions": [_CONDITION, {"metric": "correlation", "operator": ">", "threshold": 0.8}],
    "join": "all",
    "hold_ms": 5000,
    "cooldown_ms": 600000,
    "channels": ["desk"],
}

NameIn = Annotated[str, Field(min_length=1, max_length=4 * LONGEST_NAME)]
Real = Annotated[float, Field(allow_inf_nan=False)]
Legs = Annotated[list[SymbolIn], Field(min_length=2, max_length=2, description="y, then x")]


def _examples(*bodies: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": list(bodies)})


class ConditionIn(BaseModel):
    """One metric against one level. leave: where it ends again, null for the threshold itself.  symbol: the leg of
    `price`, `funding` and `tick_age`.
    """

    model_config = _examples(_CONDITION)

    metric: Metric
    operator: Operator
    threshold: Real
    leave: Real | None = None
    symbol: SymbolIn | None = None


class AlertFields(BaseModel):
    """What a rule may be given. Either one condition by `metric`, `operator` and `threshold`, or `conditions`."""

    name: NameIn | None = None
    symbols: Legs | None = None
    timeframe: TimeframeIn | None = None
    window: int | None = Field(None, ge=2, le=20_000)
    lookback: int | None = Field(None, ge=3, le=100_000)
    hedge: HedgeMethod | None = None
    fixed_ratio: Real | None = None
    include_intercept: bool | None = None
    price_scale: PriceScale | None = None
    correlation: CorrelationKind | None = None
    exit_zscore: float | None = Field(None, ge=0, le=100, allow_inf_nan=False)
    metric: Metric | None = None
    operator: Operator | None = None
    threshold: Real | None = None
    leave: Real | None = None
    symbol: SymbolIn | None = None
    conditions: list[ConditionIn] | None = Field(None, min_length=1, max_length=8)
    join: Join | None = None
    evaluation: Evaluation | None = None
    hold_ms: int | None = None
    cooldown_ms: int | None = None
    repeat_ms: int | None = None
    expires_ms: int | None = None
    snoozed_until_ms: int | None = None
    most_per_hour: int | None = None
    channels: list[NameIn] | None = Field(None, max_length=10)
    template: str | None = None
    active: bool | None = None


class AlertIn(AlertFields):
    """A new rule. Without a timeframe 1s, without an operator `>`."""

    model_config = _examples(_SIMPLE, _FULL)

    symbols: Legs
    name: NameIn


class AlertChange(AlertFields):
    """The fields to change; what is left out stays as it is, and null takes away what may be absent."""

    model_config = _examples({"threshold": 2.5}, {"snoozed_until_ms": 1795425245120}, {"expires_ms": None})


class ToggleIn(BaseModel):
    """active: null or left out turns it over."""

    model_config = _examples({"active": False})

    active: bool | None = None


class ConditionOut(BaseModel):
    """A condition, and in an answer about now or then the value it saw; null where there was none, with its reason."""

    metric: Metric
    operator: Operator
    threshold: float
    leave: float | None
    symbol: str | None
    value: float | None = None
    reason: str | None = None


class StateOut(BaseModel):
    """How a rule stands. since: since when in this word.  reason: of NoData and Error.  event: number of the open
    event, 0 for none.  events: how many there ever were.  next_at: before it no event opens.  waits, unseen: why it is
    not judged just now, and which time never was.  source: the market that this is of.
    """

    source: str
    word: Word
    since: str | None
    reason: str | None
    event: int
    events: int
    held_back: bool
    judged_at: str | None
    next_at: str | None
    waits: str | None
    unseen: str | None


class AlertOut(BaseModel):
    """A rule. metric, operator, threshold: of its first condition."""

    id: int
    name: str
    metric: Metric
    operator: Operator
    threshold: float
    symbols: list[str]
    window: int
    active: bool
    created_at: str
    last_triggered: str | None
    timeframe: str
    lookback: int | None
    hedge: HedgeMethod
    fixed_ratio: float | None
    include_intercept: bool
    price_scale: PriceScale
    correlation: CorrelationKind
    exit_zscore: float
    conditions: list[ConditionOut]
    join: Join
    evaluation: Evaluation
    hold_ms: int
    cooldown_ms: int
    repeat_ms: int | None
    expires_ms: int | None
    snoozed_until_ms: int | None
    most_per_hour: int | None
    channels: list[str]
    template: str | None
    state: StateOut


class Alerts(BaseModel):
    """Every rule, the oldest first. firing: how many have an open event.  banner: what the user must know."""

    alerts: list[AlertOut]
    firing: int
    banner: str | None


class DeliveryOut(BaseModel):
    """What became of a message. receipt: what the last attempt was answered."""

    channel: str
    state: Literal["WAITING", "SENT", "FAILED"]
    attempts: int
    receipt: str | None


class EventOut(BaseModel):
    """Something that was told. metric, operator, threshold, metric_value: of the first condition.  triggered_at:
    exchange time.  row: the cursor of a page.  id: the same wherever it is told.  late: of data that came after their
    time.  held_back: goes into a digest.  reason: why it was resolved although its conditions had not ended.
    version: of the data: the last trade ids of both legs, added.
    """

    alert_id: int
    name: str
    metric: Metric
    operator: Operator
    threshold: float
    metric_value: float | None
    triggered_at: str
    row: int
    id: str
    kind: EventKind
    event: int
    source: str
    symbols: list[str]
    timeframe: str
    window: int
    conditions: list[ConditionOut]
    late: bool
    held_back: bool
    reason: str | None
    version: int
    recorded_at: str
    deliveries: list[DeliveryOut]


class Events(BaseModel):
    """A page of the history, newest first. next: `before` of the next page, null where this is the last."""

    events: list[EventOut]
    next: int | None


class RemovedAlert(BaseModel):
    """What can be brought back."""

    removal: int
    id: int
    name: str
    removed_at: str


class RemovedAlerts(BaseModel):
    """Newest first."""

    removed: list[RemovedAlert]


class FiringOut(BaseModel):
    """One firing that would have been. excursion_bp: the worst a trade entered there stood at, <= 0."""

    at_ms: int
    bar_ms: int
    zscore: float | None
    side: int | None
    resolved_ms: int | None
    exit_ms: int | None
    excursion_bp: float | None


class RecordOut(BaseModel):
    """What a rule would have done over stored bars. available: false where that cannot be told.

    from, to: what was judged.  unavailable: why a field is null, or under `record` why there is none.
    """

    model_config = ConfigDict(populate_by_name=True)

    available: bool
    from_: str | None = Field(None, alias="from")
    to: str | None = None
    bars: int = 0
    unknown_bars: int = 0
    every_bars: int = 1
    count: int = 0
    held_back: int = 0
    exits: int = 0
    median_to_exit_ms: float | None = None
    median_open_ms: float | None = None
    worst_excursion_bp: float | None = None
    firings: list[FiringOut] = []
    unavailable: dict[str, str] = {}


class QuietIn(BaseModel):
    """Nothing is sent from `start_minute` to `end_minute` of the day in `zone`; it goes out as one digest after."""

    model_config = _examples({"start_minute": 1320, "end_minute": 420, "zone": "Europe/Berlin"})

    start_minute: int = Field(ge=0, le=1_439)
    end_minute: int = Field(ge=0, le=1_439)
    zone: str = Field("UTC", max_length=60)


class ChannelIn(BaseModel):
    """A receiver. url, signing: secrets, taken in and never told; left out they stay as they are. A new webhook without
    `signing` is given a secret, which its answer tells this once.
    """

    model_config = _examples(
        {"kind": "webhook", "url": "https://hooks.example.com/alerts"},
        {"kind": "apprise", "url": "tgram://TOKEN/CHAT", "quiet": {"start_minute": 1320, "end_minute": 420}},
    )

    kind: Literal["webhook", "apprise"] = "webhook"
    url: str | None = Field(None, max_length=2_000)
    signing: list[Annotated[str, Field(max_length=200)]] | None = Field(None, max_length=2)
    quiet: QuietIn | None = None
    active: bool = True


class ChannelOut(BaseModel):
    """A receiver and how it does. signing: how many secrets.  made_secret: one that was made for this answer."""

    name: str
    kind: Literal["webhook", "apprise"]
    url: Literal["•••"] = "•••"
    signing: int
    quiet: QuietIn | None
    active: bool
    dead: bool
    failures: int
    receipt: str | None
    sent_at: str | None
    made_secret: str | None = None


class Channels(BaseModel):
    """By name."""

    channels: list[ChannelOut]


class TrialOut(BaseModel):
    """What a test message was answered."""

    delivered: bool
    receipt: str
