"""What a page is told of alerts: a row for each rule, and what was told since it looked last. Frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analytics.alerts import AlertEvent, AlertRule, Metric, Standing
from analytics.market import PairQuery


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One rule as it stands.

    source: the market in which it stands so.  standing: at its beginning where it was never judged there.
    last_fired_ms: exchange time of its newest firing, None where it never fired.  next_ms: exchange time before which
    it opens no event (its rest, or snoozed), None where nothing keeps it.  values, missing: by `(metric, symbol)` of
    its conditions, the numbers of now or the reasons why there are none; both empty before the first look and while it
    is switched off.  at_ms: exchange time of those.  waits: why it is not judged just now although it is active, as a
    sentence, else None.  unseen: which time was never judged, and why, as a sentence, else None.
    """

    rule: AlertRule
    source: str
    standing: Standing = field(default_factory=Standing)
    last_fired_ms: int | None = None
    next_ms: int | None = None
    values: Mapping[tuple[Metric, str | None], float] = field(default_factory=dict)
    missing: Mapping[tuple[Metric, str | None], str] = field(default_factory=dict)
    at_ms: int | None = None
    waits: str | None = None
    unseen: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it was told. number: grows from one to the next, also from one run to another.  text: its sentence.

    name, query: of the rule at that time.  source: the market that it is of.  recorded_ms: wall time, UTC.
    """

    number: int
    source: str
    name: str
    query: PairQuery
    text: str
    recorded_ms: int
    event: AlertEvent


@dataclass(frozen=True, slots=True)
class News:
    """What was told since somebody asked last. upto: to be given with the next question.  told: oldest first.

    missed: how many more there were, which are only in the history by now.
    """

    upto: int
    told: tuple[Told, ...] = ()
    missed: int = 0


def next_ms(rule: AlertRule, standing: Standing) -> int | None:
    """Exchange time before which the rule opens no event although its conditions may hold; None where it may at once.

    >>> from analytics.alerts import Condition
    >>> rests = AlertRule(1, "entry", PairQuery("Y", "X"), (Condition("zscore", ">", 2.0),), cooldown_ms=60_000)
    >>> next_ms(rests, Standing(ended_ms=1_000, at_ms=2_000)), next_ms(rests, Standing(ended_ms=1_000, at_ms=61_000))
    (61000, None)
    """
    if standing.event or not rule.active:
        return None
    rested_ms = 0 if standing.ended_ms is None else standing.ended_ms + rule.cooldown_ms
    earliest_ms = max(rested_ms, rule.snoozed_until_ms or 0)
    return earliest_ms if earliest_ms > (standing.at_ms or 0) else None
