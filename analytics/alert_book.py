"""What the book of alerts takes in and gives out: a rule's move, what is to be sent of it, and its page of history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from analytics.alerts import AlertEvent, AlertRule, EventKind, Standing
from analytics.market import PairQuery

MOST_RULES: Final = 2_000
MOST_REMOVED_RULES: Final = 50
MOST_EVENTS: Final = 100_000
OLDEST_EVENT_MS: Final = 365 * 24 * 3_600 * 1_000
# Rows of one transaction, so that nobody waits for long: a rollback journal locks out everybody else.
PRUNED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Message:
    """One event for one channel, as it is to be sent. body: JSON.  next_ms: not before, wall time UTC; 0: at once.

    held_back: it goes out with a digest.  A second message of the same event for the same channel changes nothing.
    """

    event_id: str
    channel: str
    body: str
    next_ms: int = 0
    held_back: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A rule as it was evaluated, how it stands now, and what came of it: recorded whole or not at all."""

    rule: AlertRule
    standing: Standing
    events: tuple[AlertEvent, ...] = ()
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event of the history, with what its rule was then. row: grows with the recording; the cursor of a page.

    source: the market that it is of.  name, query: of the rule at that time.  recorded_ms: wall time, UTC.
    """

    row: int
    source: str
    name: str
    query: PairQuery
    recorded_ms: int
    event: AlertEvent


@dataclass(frozen=True, slots=True)
class EventPage:
    """Which events to read, newest first. rule_id, kind, source: of these only; None: of all.

    before: rows below this one only, the last of the page before.  since_ms, until_ms: exchange time, since included,
    until not.
    """

    rule_id: int | None = None
    kind: EventKind | None = None
    source: str | None = None
    before: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class RemovedRule:
    """A rule that can be brought back. removal: its number, never given twice.  removed_ms: wall time, UTC."""

    removal: int
    rule: AlertRule
    removed_ms: int


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much history was forgotten. events, messages: rows."""

    events: int = 0
    messages: int = 0
