"""AlertBook: the one door to alerts as they are kept. Rules, how they stand, their history, channels and the outbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics import alert_book_changes as changes
from analytics.alert_book import (
    MOST_EVENTS,
    OLDEST_EVENT_MS,
    PRUNED_AT_ONCE,
    EventPage,
    Message,
    Move,
    Pruned,
    RecordedEvent,
    RemovedRule,
)
from analytics.alert_channels import Channel, OutboxRow, OutboxState
from analytics.alerts import AlertEvent, AlertRule, EventKind, Standing
from analytics.errors import BadInput, StoreError, UnknownName
from services.ports import Clock
from storage.alert_store import SqlAlertStore

MOST_ROWS: Final = 10_000  # of one page of history
_PRUNE_EVERY_MS: Final = 3_600_000

_Answer = TypeVar("_Answer")


class AlertBook:
    """Thread-safe; blocking for the milliseconds that a disk takes. What returned survives a kill and a power failure.

    Every method raises StoreError when the disk refuses, and BadInput with place and cure for what cannot be; then
    nothing has changed. source: the market that standings and events are of, such as "live" or "demo": the same rule
    stands for itself in each, so that a demo never resolves what a live market has opened.
    """

    def __init__(
        self, store: SqlAlertStore, clock: Clock, *, oldest_ms: int = OLDEST_EVENT_MS, most_events: int = MOST_EVENTS
    ) -> None:
        """oldest_ms, most_events: history beyond either is forgotten."""
        self._store = store
        self._clock = clock
        self._kept = (oldest_ms, most_events)
        self._lock = threading.Lock()
        self._seen = store.commits_elsewhere()
        self._rules = store.rules()
        self._old = False  # the rules that were read last
        self._trouble: str | None = None
        # Beyond every version of a run before, because nobody changes something a thousand times a second.
        self._version = self._rules_version = clock.now_ms()
        self._pruned_ms: int | None = None

    @property
    def version(self) -> int:
        """Grows with every change: of rules, standings, history, channels and outbox; also by another process."""
        with self._lock:
            self._now()
            return self._version

    @property
    def rules_version(self) -> int:
        """Grows with every change of a rule, also one that another process made."""
        with self._lock:
            self._now()
            return self._rules_version

    @property
    def trouble(self) -> str | None:
        """Why the book cannot be read now, as a sentence, or None. Until it can, the rules that were read last hold."""
        with self._lock:
            self._now()
            return self._trouble

    def rules(self) -> tuple[AlertRule, ...]:
        """Every rule, the oldest first."""
        with self._lock:
            return self._now()

    def rule(self, rule_id: int) -> AlertRule:
        """Raises UnknownName."""
        known = {one.id: one for one in self.rules()}
        if rule_id not in known:
            raise UnknownName("alert", str(rule_id), tuple(map(str, known)))
        return known[rule_id]

    def add(self, rule: AlertRule) -> AlertRule:
        """Keep a new rule. Its `id` and `created_ms` are given here; no id is ever given twice."""
        return self.add_all([rule])[0]

    def add_all(self, rules: Sequence[AlertRule]) -> tuple[AlertRule, ...]:
        """Keep new rules, all or none."""
        now_ms = self._clock.now_ms()
        wanted = tuple(changes.new_rule(rule, now_ms) for rule in rules)
        return self._changed(lambda: self._store.add(lambda held: changes.with_room(held, wanted)), of_rules=True)

    def plan_merge(self, rules: Sequence[AlertRule]) -> tuple[tuple[AlertRule, ...], tuple[AlertRule, ...]]:
        """What `merge` would add, and what is there already; nothing is changed."""
        held = self.rules()
        added, alike = changes.not_yet_there(held, tuple(changes.new_rule(rule, 0) for rule in rules))
        return changes.with_room(held, added), alike

    def merge(self, rules: Sequence[AlertRule]) -> tuple[AlertRule, ...]:
        """Keep those that are not there yet, all or none: the same name with the same content is the same rule.

        Returns the added ones.
        """
        now_ms = self._clock.now_ms()
        wanted = tuple(changes.new_rule(rule, now_ms) for rule in rules)

        def added(held: tuple[AlertRule, ...]) -> tuple[AlertRule, ...]:
            return changes.with_room(held, changes.not_yet_there(held, wanted)[0])

        return self._changed(lambda: self._store.add(added), of_rules=True)

    def change(self, rule_id: int, **fields: Any) -> AlertRule:
        """Give some fields of a rule other values. Raises UnknownName.

        Where that measures something else (query, conditions, join, evaluation), its standings keep their word, their
        open event and their numbers, and forget what they saw.
        """
        return self._changed(
            lambda: self._store.change(rule_id, lambda rule: changes.changed_rule(rule, fields)), of_rules=True
        )

    def duplicate(self, rule_id: int) -> AlertRule:
        """A copy under “name (2)”, which is not active until somebody says so. Raises UnknownName."""
        rule, now_ms = self.rule(rule_id), self._clock.now_ms()

        def copy(held: tuple[AlertRule, ...]) -> tuple[AlertRule, ...]:
            return changes.with_room(held, (changes.new_rule(changes.copied_rule(held, rule), now_ms),))

        return self._changed(lambda: self._store.add(copy), of_rules=True)[0]

    def remove(self, rule_id: int) -> int:
        """Take a rule away; returns the number that brings it back. Its history stays. Raises UnknownName."""
        return self._changed(lambda: self._store.remove(rule_id, self._clock.now_ms()), of_rules=True)

    def removed(self) -> tuple[RemovedRule, ...]:
        """What can be brought back, newest first; the oldest of many are forgotten."""
        return self._store.removed()

    def bring_back(self, removal: int) -> AlertRule:
        """Undo a removal: the rule under its old id, as it stood then. Raises UnknownName."""
        return self._changed(lambda: self._store.bring_back(removal, changes.check_room), of_rules=True)

    def standings(self, source: str = "live") -> dict[int, Standing]:
        """How the rules stand in that source, by id; a rule that was never evaluated there has none."""
        return self._store.standings(source)

    def record(
        self,
        rule: AlertRule,
        standing: Standing,
        events: Iterable[AlertEvent] = (),
        messages: Iterable[Message] = (),
        *,
        source: str = "live",
    ) -> bool:
        """Write down what came of evaluating a rule, whole or not at all: see `record_all`.

        Returns False, and writes nothing, when the rule was changed or removed since.
        """
        return not self.record_all([Move(rule, standing, tuple(events), tuple(messages))], source=source)

    def record_all(self, moves: Sequence[Move], *, source: str = "live") -> tuple[int, ...]:
        """Write down many moves in one transaction. An event that is there already is left alone, and a message too.

        Returns the ids of the rules that were changed or removed since they were evaluated: nothing of their moves was
        written, and they are to be evaluated again as they are now.
        """
        if not moves:
            return ()
        left_out = self._changed(lambda: self._store.record(moves, source, self._clock.now_ms()))
        if any(move.events for move in moves):
            self._prune_when_due()
        return left_out

    def forget(self, source: str) -> None:
        """Forget how every rule stands in that source, and its history: a recording or a demo that begins anew."""
        self._changed(lambda: self._store.forget(source))

    def events(
        self,
        rule_id: int | None = None,
        before: int | None = None,
        limit: int = 100,
        *,
        kind: EventKind | None = None,
        source: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
    ) -> tuple[RecordedEvent, ...]:
        """A page of the history, newest first; `EventPage` says what each filter means.

        The next page is `before` the `row` of the last event of this one: what is recorded meanwhile moves nothing.
        """
        if not 1 <= limit <= MOST_ROWS:
            raise BadInput(f"limit must be from 1 to {MOST_ROWS:,}; {limit} is not")
        return self._store.events(EventPage(rule_id, kind, source, before, since_ms, until_ms, limit))

    def count_events(
        self, rule_id: int | None = None, *, kind: EventKind | None = None, source: str | None = None
    ) -> int:
        """How many such events there are."""
        return self._store.count_events(EventPage(rule_id, kind, source))

    def last_fired(self, source: str = "live") -> Mapping[int, int]:
        """Exchange time of the newest firing in the history, by id of a rule that has one."""
        return self._store.last_fired(source)

    def channels(self) -> tuple[Channel, ...]:
        """Every channel, by name."""
        return self._store.channels()

    def channel(self, name: str) -> Channel:
        """The channel of that name, in any case. Raises UnknownName."""
        known = self.channels()
        for one in known:
            if one.name.casefold() == name.casefold():
                return one
        raise UnknownName("channel", name, tuple(one.name for one in known))

    def put_channel(self, channel: Channel) -> Channel:
        """Keep a channel, in the place of the one of that name. Raises StoreError where the file would be readable by
        other users of the machine and the system does not let that be changed.
        """
        wanted = changes.checked_channel(channel)
        if wanted.quiet is not None:
            _check_zone(wanted.quiet.zone)
        self._changed(lambda: self._store.put_channel(wanted, changes.check_room_for_channel))
        return wanted

    def remove_channel(self, name: str) -> None:
        """Take a channel and its secrets away, for good. Raises UnknownName."""
        self._changed(lambda: self._store.remove_channel(name))

    def post(self, messages: Sequence[Message]) -> int:
        """Let messages wait that belong to no move, such as a test. Returns how many of them are new."""
        return self._changed(lambda: self._store.post(messages, self._clock.now_ms()))

    def due(self, now_ms: int, limit: int, channel: str | None = None) -> tuple[OutboxRow, ...]:
        """Messages that wait and may be sent now, the oldest first; of one channel when it is named."""
        return self._store.due(now_ms, limit, channel)

    def waiting_channels(self) -> tuple[str, ...]:
        """The names of the channels that something waits for, also of those that were removed."""
        return self._store.waiting_channels()

    def sent(self, rows: Sequence[int], receipt: str) -> None:
        """These messages arrived, all of them. receipt: a sentence without secrets."""
        self._changed(lambda: self._store.mark(rows, "SENT", receipt))

    def failed(self, rows: Sequence[int], reason: str, retry_at_ms: int | None) -> None:
        """These messages did not arrive. retry_at_ms: when to try again, wall time UTC; None: never."""
        state: OutboxState = "FAILED" if retry_at_ms is None else "WAITING"
        self._changed(lambda: self._store.mark(rows, state, reason, retry_at_ms))

    def messages(
        self, state: OutboxState | None = None, before: int | None = None, limit: int = 100
    ) -> tuple[OutboxRow, ...]:
        """Messages of one state or of any, newest first, below the id `before`."""
        return self._store.messages(state, before, limit)

    def deliveries(self, event_ids: Sequence[str]) -> Mapping[str, tuple[OutboxRow, ...]]:
        """What became of these events, by event id: a message for each channel."""
        told: dict[str, tuple[OutboxRow, ...]] = {}
        for row in self._store.deliveries(event_ids):
            told[row.event_id] = (*told.get(row.event_id, ()), row)
        return told

    def prune(self) -> Pruned:
        """Forget the history beyond its bounds, and messages that do not wait any more. Returns how much that was."""
        total = Pruned()
        while (part := self._prune_part()) != Pruned():
            total = Pruned(total.events + part.events, total.messages + part.messages)
        return total

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        self._store.close()

    def _prune_part(self) -> Pruned:
        oldest_ms, most = self._kept
        part = self._store.prune(self._clock.now_ms(), oldest_ms=oldest_ms, most=most)
        return part if part == Pruned() else self._changed(lambda: part)

    def _prune_when_due(self) -> None:
        with self._lock:
            now_ms = self._clock.monotonic_ms()
            if self._pruned_ms is not None and now_ms - self._pruned_ms < _PRUNE_EVERY_MS:
                return
        # A part at a time, because whoever records does not wait for a year of history to go.
        part = self._prune_part()
        if max(part.events, part.messages) < PRUNED_AT_ONCE:
            with self._lock:
                self._pruned_ms = now_ms

    def _changed(self, change: Callable[[], _Answer], *, of_rules: bool = False) -> _Answer:
        answer = change()
        with self._lock:
            self._version += 1
            if of_rules:
                self._old = True
                self._rules_version += 1
        return answer

    def _now(self) -> tuple[AlertRule, ...]:
        """The rules as they are now: read anew only where somebody has changed something."""
        try:
            seen = self._store.commits_elsewhere()
            if seen != self._seen or self._old or self._trouble is not None:
                self._take(self._store.rules(), elsewhere=seen != self._seen)
            self._seen, self._old, self._trouble = seen, False, None
        except StoreError as error:
            self._trouble = str(error)
        return self._rules

    def _take(self, rules: tuple[AlertRule, ...], *, elsewhere: bool) -> None:
        if elsewhere:
            self._version += 1
            if rules != self._rules:
                self._rules_version += 1
        self._rules = rules


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"quiet: “{zone[:40]}” is no time zone; write one such as Europe/Berlin or UTC") from error
