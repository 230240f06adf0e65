"""The book of alerts in the database of what is kept: every call is one transaction, on the disk when it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

from analytics.alert_book import (
    MOST_EVENTS,
    OLDEST_EVENT_MS,
    EventPage,
    Message,
    Move,
    Pruned,
    RecordedEvent,
    RemovedRule,
)
from analytics.alert_channels import Channel, OutboxRow, OutboxState
from analytics.alert_steps import forgetting
from analytics.alerts import AlertRule, Standing
from analytics.errors import UnknownName
from storage import alert_history as history
from storage import alert_outbox as outbox
from storage import alert_rows as rows


class Database(Protocol):
    """Where the tables lie: `KeptDatabase`, or `MemoryDatabase` for tests and for a Desk that stands alone."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """Whole or not at all. Raises StoreError; then nothing has changed."""
        ...

    def commits_elsewhere(self) -> int:
        """A number that differs from the one before once another connection has committed. Raises StoreError."""
        ...

    def keep_private(self) -> None:
        """See to it that only its owner can read it. Raises StoreError where the platform refuses."""
        ...

    def close(self) -> None:
        """Let go of it. Idempotent."""
        ...


class SqlAlertStore:
    """Thread-safe; one thread at a time. Every call raises StoreError when the disk refuses; then nothing has changed.

    What a `change` that is handed in raises goes through, and then nothing has changed either.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: rows.RulesByText = {}

    def commits_elsewhere(self) -> int:
        """A number that differs from the one before once another process has changed something."""
        return self._database.commits_elsewhere()

    def rules(self) -> tuple[AlertRule, ...]:
        """Every rule, the oldest first."""
        with self._database.transaction() as connection:
            return self._read_rules(connection)

    def add(self, rules: Callable[[tuple[AlertRule, ...]], Sequence[AlertRule]]) -> tuple[AlertRule, ...]:
        """Keep new rules. rules: makes them of those that are there.  Returns them under their ids."""
        with self._database.transaction() as connection:
            wanted = rules(self._read_rules(connection))
            return tuple(rows.insert_rule(connection, rule) for rule in wanted)

    def change(self, rule_id: int, change: Callable[[AlertRule], AlertRule]) -> AlertRule:
        """Give a rule another form. Where that measures something else, its standings forget what they saw.

        Raises UnknownName.
        """
        with self._database.transaction() as connection:
            before = _found(connection, rule_id)
            after = change(before)
            if after != before:
                rows.update_rule(connection, after)
            if _measured(after) != _measured(before):
                standings = rows.read_standings(connection, rule_id=rule_id)
                rows.write_standings(connection, {key: forgetting(one) for key, one in standings.items()})
            return after

    def remove(self, rule_id: int, now_ms: int) -> int:
        """Take a rule away; returns the number that brings it back. Raises UnknownName."""
        with self._database.transaction() as connection:
            return rows.remove_rule(connection, _found(connection, rule_id), now_ms)

    def removed(self) -> tuple[RemovedRule, ...]:
        """What can be brought back, newest first."""
        with self._database.transaction() as connection:
            return rows.read_removed(connection)

    def bring_back(self, removal: int, check: Callable[[int], None]) -> AlertRule:
        """Undo a removal: the rule under its old id, as it stood. check: is told how many rules there are, and may
        refuse.  Raises UnknownName.
        """
        with self._database.transaction() as connection:
            known = {one.removal: one for one in rows.read_removed(connection)}
            if removal not in known:
                raise UnknownName("removal", str(removal), tuple(str(one) for one in known))
            check(rows.count_rules(connection))
            rows.bring_back_rule(connection, known[removal])
            return known[removal].rule

    def standings(self, source: str) -> dict[int, Standing]:
        """How the rules stand in that source, by id; a rule that was never evaluated there has none."""
        with self._database.transaction() as connection:
            return {rule_id: one for (rule_id, _), one in rows.read_standings(connection, source).items()}

    def record(self, moves: Sequence[Move], source: str, now_ms: int) -> tuple[int, ...]:
        """Standings, events and messages of these moves, all of them or, after an error, none.

        A move of a rule that was changed or removed since it was evaluated is left out; their ids are returned.
        """
        with self._database.transaction() as connection:
            good = rows.unchanged(connection, [move.rule for move in moves])
            taken = [move for move in moves if move.rule.id in good]
            rows.write_standings(connection, {(move.rule.id, source): move.standing for move in taken})
            history.insert_events(connection, taken, source, now_ms)
            outbox.insert_messages(connection, [message for move in taken for message in move.messages], now_ms)
            return tuple(move.rule.id for move in moves if move.rule.id not in good)

    def forget(self, source: str) -> None:
        """Forget how every rule stands in that source, and its history."""
        with self._database.transaction() as connection:
            rows.delete_standings(connection, source)
            history.delete_events_of(connection, source)

    def events(self, page: EventPage) -> tuple[RecordedEvent, ...]:
        """One page of the history, newest first."""
        with self._database.transaction() as connection:
            return history.read_events(connection, page)

    def count_events(self, page: EventPage) -> int:
        """How many events there are of the kind that the page asks for."""
        with self._database.transaction() as connection:
            return history.count_events(connection, page)

    def last_fired(self, source: str) -> Mapping[int, int]:
        """Exchange time of the newest firing of each rule that has one."""
        with self._database.transaction() as connection:
            return history.last_fired(connection, source)

    def channels(self) -> tuple[Channel, ...]:
        """Every channel, by name."""
        with self._database.transaction() as connection:
            return outbox.read_channels(connection)

    def put_channel(self, channel: Channel, check: Callable[[tuple[Channel, ...]], None]) -> None:
        """Keep the channel in the place of the one of that name. check: is told the others, and may refuse."""
        self._database.keep_private()
        with self._database.transaction() as connection:
            same = channel.name.casefold()
            check(tuple(one for one in outbox.read_channels(connection) if one.name.casefold() != same))
            outbox.write_channel(connection, channel)

    def remove_channel(self, name: str) -> None:
        """Take the channel and its secrets away. Raises UnknownName."""
        with self._database.transaction() as connection:
            known = tuple(one.name for one in outbox.read_channels(connection))
            if name.casefold() not in {one.casefold() for one in known}:
                raise UnknownName("channel", name, known)
            outbox.delete_channel(connection, name)

    def post(self, messages: Sequence[Message], now_ms: int) -> int:
        """Let messages wait that belong to no move: a test, a digest. Returns how many are new."""
        with self._database.transaction() as connection:
            return outbox.insert_messages(connection, messages, now_ms)

    def due(self, now_ms: int, limit: int, channel: str | None) -> tuple[OutboxRow, ...]:
        """What waits and may be sent now, the oldest first."""
        with self._database.transaction() as connection:
            return outbox.read_due(connection, now_ms, limit, channel)

    def waiting_channels(self) -> tuple[str, ...]:
        """The names of the channels that something waits for, also of those that are gone."""
        with self._database.transaction() as connection:
            return outbox.read_waiting_channels(connection)

    def messages(self, state: OutboxState | None, before: int | None, limit: int) -> tuple[OutboxRow, ...]:
        """Messages, newest first."""
        with self._database.transaction() as connection:
            return outbox.read_messages(connection, state, before, limit)

    def deliveries(self, event_ids: Sequence[str]) -> tuple[OutboxRow, ...]:
        """The messages of these events, the oldest first."""
        with self._database.transaction() as connection:
            return outbox.read_deliveries(connection, event_ids)

    def mark(self, ids: Sequence[int], state: OutboxState, receipt: str, next_ms: int | None = None) -> int:
        """Write down what an attempt at these messages came to. What was sent stays sent. Returns how many that was."""
        with self._database.transaction() as connection:
            return outbox.mark(connection, ids, state, receipt, next_ms)

    def prune(self, now_ms: int, *, oldest_ms: int = OLDEST_EVENT_MS, most: int = MOST_EVENTS) -> Pruned:
        """Forget a part of the history that is older or longer than that; nothing left to forget: `Pruned()`."""
        with self._database.transaction() as connection:
            return Pruned(
                history.prune_events(connection, now_ms - oldest_ms, most),
                history.prune_outbox(connection, now_ms - oldest_ms, most),
            )

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        self._database.close()

    def _read_rules(self, connection: Connection) -> tuple[AlertRule, ...]:
        # Within a transaction, so nobody else replaces what is known meanwhile.
        self._known = rows.read_rules(connection, self._known)
        return tuple(self._known.values())


def _found(connection: Connection, rule_id: int) -> AlertRule:
    rule = rows.read_rule(connection, rule_id)
    if rule is None:
        raise UnknownName("alert", str(rule_id), tuple(str(rule_id) for rule_id, _ in rows.read_rules(connection)))
    return rule


def _measured(rule: AlertRule) -> tuple[object, ...]:
    return rule.query, rule.conditions, rule.join, rule.evaluation
