"""What an alert is: a rule, what it was told, and how it stands. Frozen; `analytics.alert_steps` moves it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from analytics.market import PairQuery

Metric = Literal[
    "zscore",
    "spread",
    "correlation",
    "return_correlation",
    "beta",
    "price",
    "ratio",
    "adf_pvalue",
    "engle_granger_pvalue",
    "half_life",
    "net_edge_bps",
    "funding",
    "tick_age",
    "gap",
]
Operator = Literal[">", ">=", "<", "<=", "crosses_above", "crosses_below", "abs>="]
Join = Literal["all", "any"]
Evaluation = Literal["live", "bar_close"]
Word = Literal["Normal", "Pending", "Firing", "NoData", "Error"]
EventKind = Literal["fired", "repeated", "resolved"]

METRICS: Final[tuple[Metric, ...]] = get_args(Metric)
OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)
OF_THE_FEED: Final[frozenset[Metric]] = frozenset({"tick_age", "gap"})  # told also while the data are not well


@dataclass(frozen=True, slots=True)
class Condition:
    """One metric against one level.

    leave: the level at which a condition that holds ends (hysteresis), on the quiet side of `threshold`; None: the
    threshold itself.  symbol: the leg of `price`, `funding` and `tick_age`; None: of price and funding the y leg, of
    tick_age the older one. Units: half_life in bars, funding in basis points for the time to the next settlement,
    tick_age in ms, gap in holes that are open or lost within the sample, the others as `PairAnalysis` has them.
    """

    metric: Metric
    operator: Operator
    threshold: float
    leave: float | None = None
    symbol: str | None = None


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When to tell of a pair, and how often.

    id: never given twice.  join: whether all conditions must hold or any.  evaluation: at every new number, or only
    when a bar has closed.  hold_ms: how long the conditions must hold before it fires.  cooldown_ms: the rest after an
    event was resolved.  repeat_ms: an event that stays open is told again that often; None: never.
    expires_ms, snoozed_until_ms: exchange time.  most_per_hour: firings sent at once within an hour, more go into one
    digest; None: no limit.  channels: names of where it is sent to, beside the screen.  template: of the message.
    created_ms: wall time, UTC.
    """

    id: int
    name: str
    query: PairQuery
    conditions: tuple[Condition, ...]
    join: Join = "all"
    evaluation: Evaluation = "live"
    hold_ms: int = 0
    cooldown_ms: int = 0
    repeat_ms: int | None = None
    expires_ms: int | None = None
    snoozed_until_ms: int | None = None
    most_per_hour: int | None = None
    channels: tuple[str, ...] = ()
    template: str | None = None
    active: bool = True
    created_ms: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """The metrics of one moment, as a rule is told them.

    at_ms: exchange time of the newest trade behind it.  bar_ms: start of the newest bar that has closed by then; None
    before the first.  values: by `(metric, symbol)` of a condition; a metric without a value is missing here and has
    its reason in `missing`.  unfit: why nothing may be concluded of this moment (stale, a hole in the window, too few
    bars), as a sentence; None when the data are well.  error: why the pair cannot be computed at all (no such symbol, a
    question without an answer), as a sentence.  version: of the data, so that it can be computed again.
    late: whether it is computed of data that came after their time.
    """

    at_ms: int
    values: Mapping[tuple[Metric, str | None], float]
    missing: Mapping[tuple[Metric, str | None], str] = field(default_factory=dict)
    unfit: str | None = None
    error: str | None = None
    bar_ms: int | None = None
    version: int = 0
    late: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands: all that it must remember, so that a restart at any point changes nothing.

    since_ms: when it came into this word.  reason: of NoData and Error, as a sentence.  held: by condition, whether it
    holds.  before: the value each condition saw last, None before the first: what a crossing is told by.
    pending_ms: since when the conditions hold.  event: number of the open event within the rule, 0 for none.
    held_back: whether the open event is one more than `most_per_hour`.  events: how many were ever opened.
    told_ms: when an event was told last.  ended_ms: when the last was resolved.  fired_ms: the firings of the last hour
    that were not held back; none is kept for a rule without a limit.  bar_ms: the last closed bar that was judged.
    at_ms: of the last reading that was judged, None before the first: time never runs backwards for a rule.
    """

    word: Word = "Normal"
    since_ms: int = 0
    reason: str | None = None
    held: tuple[bool, ...] = ()
    before: tuple[float | None, ...] = ()
    pending_ms: int | None = None
    event: int = 0
    held_back: bool = False
    events: int = 0
    told_ms: int | None = None
    ended_ms: int | None = None
    fired_ms: tuple[int, ...] = ()
    bar_ms: int | None = None
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something to tell. id: the same whenever it is told again, `RULE-EVENT-KIND` and for a repetition its time too.

    event: number of the event within its rule.  values: of the reading, with the thresholds of the rule at that time
    in `conditions`, so that it can be computed again.  held_back: not to be told at once but in the digest: more than
    `most_per_hour` were told, or it was resolved while the rule was snoozed.  late: of data that came after their time.
    reason: why it was resolved although its conditions had not ended (the rule was switched off or has expired).
    """

    id: str
    rule_id: int
    event: int
    kind: EventKind
    at_ms: int
    conditions: tuple[Condition, ...]
    values: Mapping[tuple[Metric, str | None], float]
    version: int
    held_back: bool = False
    late: bool = False
    reason: str | None = None
