"""The tables of alerts, in the database of what a user keeps. What a row means: docs/storage.md."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table
from sqlalchemy import UniqueConstraint as Unique

from storage.kept_tables import metadata

# AUTOINCREMENT throughout: SQLite would give the number of the newest row again, once that row is gone.
alert_rules = Table(
    "alert_rules",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rule", String, nullable=False),  # JSON
    sqlite_autoincrement=True,
)

alert_standings = Table(
    "alert_standings",
    metadata,
    Column("rule_id", Integer, ForeignKey("alert_rules.id"), primary_key=True, autoincrement=False),
    Column("source", String, primary_key=True),
    Column("standing", String, nullable=False),  # JSON
)

# No reference to the rules: the history outlives them.
alert_events = Table(
    "alert_events",
    metadata,
    Column("row", Integer, primary_key=True),
    Column("source", String, nullable=False),
    Column("event_id", String, nullable=False),
    Column("rule_id", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("name", String, nullable=False),
    Column("query", String, nullable=False),  # JSON, in the fields of the REST API
    Column("event", String, nullable=False),  # JSON
    Column("recorded_ms", BigInteger, nullable=False),
    Unique("source", "event_id", name="uq_alert_events_source"),
    CheckConstraint("kind IN ('fired', 'repeated', 'resolved')", name="ck_alert_events_kind"),
    sqlite_autoincrement=True,
)
Index("ix_alert_events_rule_id", alert_events.c.rule_id, alert_events.c.row)
Index("ix_alert_events_last", *(alert_events.c[name] for name in ("rule_id", "source", "kind", "at_ms")))
Index("ix_alert_events_recorded_ms", alert_events.c.recorded_ms)

alert_channels = Table(
    "alert_channels",
    metadata,
    Column("name", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("url", String, nullable=False),  # a secret
    Column("signing", String, nullable=False),  # JSON list of secrets
    Column("quiet", String),  # JSON
    Column("active", Boolean, nullable=False),
)

# No reference to the events: a test message has none, and a message outlives the pruning of its event.
alert_outbox = Table(
    "alert_outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", String, nullable=False),
    Column("channel", String, nullable=False),  # by name; it may be gone
    Column("body", String, nullable=False),  # JSON
    Column("created_ms", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_ms", BigInteger, nullable=False),
    Column("receipt", String),
    Column("held_back", Boolean, nullable=False),
    Unique("event_id", "channel", name="uq_alert_outbox_event_id"),
    CheckConstraint("state IN ('WAITING', 'SENT', 'FAILED')", name="ck_alert_outbox_state"),
    sqlite_autoincrement=True,
)
Index("ix_alert_outbox_state", alert_outbox.c.state, alert_outbox.c.channel, alert_outbox.c.next_ms)

alert_removed = Table(
    "alert_removed",
    metadata,
    Column("removal", Integer, primary_key=True),
    Column("rule_id", Integer, nullable=False),
    Column("rule", String, nullable=False),  # JSON
    Column("standings", String, nullable=False),  # JSON, by source
    Column("removed_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

EVERY = (alert_rules, alert_standings, alert_events, alert_channels, alert_outbox, alert_removed)
