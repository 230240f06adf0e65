"""The history of alerts: events as rows, and back. On a connection of the caller."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, Select, delete, func, select
from sqlalchemy.dialects import sqlite

from analytics.alert_book import PRUNED_AT_ONCE, EventPage, Move, RecordedEvent
from analytics.alert_document import event_fields, event_of, query_fields, query_of
from storage.alert_rows import as_noun, as_text
from storage.alert_tables import alert_events, alert_outbox, alert_rules


def insert_events(connection: Connection, moves: Iterable[Move], source: str, now_ms: int) -> int:
    """Write down what came of the moves; an event that is there already is left alone. Returns how many are new."""
    rows = [
        {
            "source": source,
            "event_id": event.id,
            "rule_id": event.rule_id,
            "kind": event.kind,
            "at_ms": event.at_ms,
            "name": move.rule.name,
            "query": as_text(query_fields(move.rule.query)),
            "event": as_text(event_fields(event)),
            "recorded_ms": now_ms,
        }
        for move in moves
        for event in move.events
    ]
    if not rows:
        return 0
    return connection.execute(sqlite.insert(alert_events).on_conflict_do_nothing(), rows).rowcount


def read_events(connection: Connection, page: EventPage) -> tuple[RecordedEvent, ...]:
    """One page of the history, newest first."""
    rows = connection.execute(_chosen(page).order_by(alert_events.c.row.desc()).limit(page.limit))
    return tuple(
        RecordedEvent(
            row.row,
            row.source,
            row.name,
            as_noun(query_of, row.query),
            row.recorded_ms,
            as_noun(event_of, row.event),
        )
        for row in rows
    )


def count_events(connection: Connection, page: EventPage) -> int:
    """How many events a page without limit and cursor would have."""
    return connection.execute(select(func.count()).select_from(_chosen(page).subquery())).scalar_one()


def last_fired(connection: Connection, source: str) -> dict[int, int]:
    """Exchange time of the newest firing of each rule that has one."""
    newest = (
        select(func.max(alert_events.c.at_ms))
        .where(
            alert_events.c.rule_id == alert_rules.c.id,
            alert_events.c.source == source,
            alert_events.c.kind == "fired",
        )
        .scalar_subquery()
    )
    rows = connection.execute(select(alert_rules.c.id, newest.label("at_ms")))
    return {row.id: row.at_ms for row in rows if row.at_ms is not None}


def delete_events_of(connection: Connection, source: str) -> None:
    """Forget the history of that source."""
    connection.execute(delete(alert_events).where(alert_events.c.source == source))


def prune_events(connection: Connection, oldest_ms: int, most: int) -> int:
    """Forget some of what was recorded before `oldest_ms` or is beyond the newest `most` rows. 0: nothing is left."""
    table = alert_events.c
    beyond = select(table.row).order_by(table.row.desc()).limit(1).offset(most).scalar_subquery()
    spent = select(table.row).where((table.recorded_ms < oldest_ms) | (table.row <= beyond)).limit(PRUNED_AT_ONCE)
    return connection.execute(delete(alert_events).where(table.row.in_(spent))).rowcount


def prune_outbox(connection: Connection, oldest_ms: int, most: int) -> int:
    """The same of messages that do not wait any more."""
    table = alert_outbox.c
    done = table.state != "WAITING"
    beyond = select(table.id).where(done).order_by(table.id.desc()).limit(1).offset(most).scalar_subquery()
    spent = select(table.id).where(done & ((table.created_ms < oldest_ms) | (table.id <= beyond)))
    return connection.execute(delete(alert_outbox).where(table.id.in_(spent.limit(PRUNED_AT_ONCE)))).rowcount


def _chosen(page: EventPage) -> Select[tuple[int, ...]]:
    table = alert_events.c
    terms = (
        None if page.rule_id is None else table.rule_id == page.rule_id,
        None if page.kind is None else table.kind == page.kind,
        None if page.source is None else table.source == page.source,
        None if page.before is None else table.row < page.before,
        None if page.since_ms is None else table.at_ms >= page.since_ms,
        None if page.until_ms is None else table.at_ms < page.until_ms,
    )
    return select(alert_events).where(*(term for term in terms if term is not None))
