"""Channels, and what waits to be sent to them: rows, and back. On a connection of the caller."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects import sqlite

from analytics.alert_book import Message
from analytics.alert_channels import Channel, OutboxRow, OutboxState, QuietHours, SecretText
from analytics.errors import StoreError
from storage.alert_tables import alert_channels, alert_outbox

_Row = Row[tuple[object, ...]]


def read_channels(connection: Connection) -> tuple[Channel, ...]:
    """Every channel, by name. Raises StoreError for a row that cannot be; the error holds nothing of it."""
    rows = connection.execute(select(alert_channels).order_by(func.lower(alert_channels.c.name)))
    return tuple(_channel(row) for row in rows)


def write_channel(connection: Connection, channel: Channel) -> None:
    """Keep the channel, in the place of the one of that name in any case."""
    delete_channel(connection, channel.name)
    connection.execute(
        alert_channels.insert().values(
            name=channel.name,
            kind=channel.kind,
            url=channel.url.reveal(),
            signing=json.dumps([secret.reveal() for secret in channel.signing]),
            quiet=None if channel.quiet is None else json.dumps(asdict(channel.quiet)),
            active=channel.active,
        )
    )


def delete_channel(connection: Connection, name: str) -> None:
    """Without the channel of that name in any case. Its secrets go with it."""
    held = connection.execute(select(alert_channels.c.name)).scalars()
    same = [one for one in held if one.casefold() == name.casefold()]
    connection.execute(delete(alert_channels).where(alert_channels.c.name.in_(same)))


def insert_messages(connection: Connection, messages: Iterable[Message], now_ms: int) -> int:
    """Let these wait; a message of the same event for the same channel is left alone. Returns how many are new."""
    rows = [
        {
            "event_id": one.event_id,
            "channel": one.channel,
            "body": one.body,
            "created_ms": now_ms,
            "state": "WAITING",
            "attempts": 0,
            "next_ms": one.next_ms,
            "held_back": one.held_back,
        }
        for one in messages
    ]
    if not rows:
        return 0
    return connection.execute(sqlite.insert(alert_outbox).on_conflict_do_nothing(), rows).rowcount


def read_due(connection: Connection, now_ms: int, limit: int, channel: str | None) -> tuple[OutboxRow, ...]:
    """What waits and may be sent now, the oldest first; of one channel when it is named."""
    chosen = select(alert_outbox).where(alert_outbox.c.state == "WAITING", alert_outbox.c.next_ms <= now_ms)
    if channel is not None:
        chosen = chosen.where(alert_outbox.c.channel == channel)
    return tuple(_outbox_row(row) for row in connection.execute(chosen.order_by(alert_outbox.c.id).limit(limit)))


def read_waiting_channels(connection: Connection) -> tuple[str, ...]:
    """The names of the channels that something waits for."""
    name = alert_outbox.c.channel
    chosen = select(name).where(alert_outbox.c.state == "WAITING").distinct().order_by(name)
    return tuple(connection.execute(chosen).scalars())


def read_messages(
    connection: Connection, state: OutboxState | None, before: int | None, limit: int
) -> tuple[OutboxRow, ...]:
    """Messages of one state or of any, newest first; below the id `before`."""
    chosen = select(alert_outbox)
    if state is not None:
        chosen = chosen.where(alert_outbox.c.state == state)
    if before is not None:
        chosen = chosen.where(alert_outbox.c.id < before)
    rows = connection.execute(chosen.order_by(alert_outbox.c.id.desc()).limit(limit))
    return tuple(_outbox_row(row) for row in rows)


def read_deliveries(connection: Connection, event_ids: Sequence[str]) -> tuple[OutboxRow, ...]:
    """The messages of these events, the oldest first."""
    chosen = select(alert_outbox).where(alert_outbox.c.event_id.in_(event_ids)).order_by(alert_outbox.c.id)
    return tuple(_outbox_row(row) for row in connection.execute(chosen))


def mark(
    connection: Connection, rows: Sequence[int], state: OutboxState, receipt: str, next_ms: int | None = None
) -> int:
    """Write down what an attempt came to. What was sent stays sent. Returns how many rows that was."""
    values: dict[str, object] = {"state": state, "receipt": receipt, "attempts": alert_outbox.c.attempts + 1}
    if next_ms is not None:
        values["next_ms"] = next_ms
    of_these = (alert_outbox.c.id.in_(rows)) & (alert_outbox.c.state != "SENT")
    return connection.execute(update(alert_outbox).where(of_these).values(values)).rowcount


def _channel(row: _Row) -> Channel:
    try:
        quiet = None if row.quiet is None else QuietHours(**json.loads(row.quiet))
        signing = tuple(SecretText(one) for one in json.loads(row.signing))
    except (ValueError, TypeError) as error:
        # A message of the parser would quote what it could not read.
        raise StoreError(f"the channel “{row.name}” cannot be read ({type(error).__name__})") from None
    return Channel(row.name, row.kind, SecretText(row.url), signing, quiet, bool(row.active))


def _outbox_row(row: _Row) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        event_id=row.event_id,
        channel=row.channel,
        body=row.body,
        created_ms=row.created_ms,
        state=row.state,
        attempts=row.attempts,
        next_ms=row.next_ms,
        receipt=row.receipt,
        held_back=bool(row.held_back),
    )
