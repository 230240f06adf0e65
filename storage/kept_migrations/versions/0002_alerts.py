"""Alerts: rules, standings, events, channels, the outbox, and what was removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kept0002"
down_revision = "kept0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables of alerts, beside those that were there."""
    _rules()
    _events()
    _delivery()


def _rules() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("rule", sa.String(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alert_standings",
        sa.Column("rule_id", sa.Integer(), sa.ForeignKey("alert_rules.id"), primary_key=True, autoincrement=False),
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("standing", sa.String(), nullable=False),
    )
    op.create_table(
        "alert_removed",
        sa.Column("removal", sa.Integer(), primary_key=True),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("standings", sa.String(), nullable=False),
        sa.Column("removed_ms", sa.BigInteger(), nullable=False),
        sqlite_autoincrement=True,
    )


def _events() -> None:
    op.create_table(
        "alert_events",
        sa.Column("row", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("recorded_ms", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("source", "event_id", name="uq_alert_events_source"),
        sa.CheckConstraint("kind IN ('fired', 'repeated', 'resolved')", name="ck_alert_events_kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alert_events_rule_id", "alert_events", ["rule_id", "row"])
    op.create_index("ix_alert_events_last", "alert_events", ["rule_id", "source", "kind", "at_ms"])
    op.create_index("ix_alert_events_recorded_ms", "alert_events", ["recorded_ms"])


def _delivery() -> None:
    op.create_table(
        "alert_channels",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("signing", sa.String(), nullable=False),
        sa.Column("quiet", sa.String()),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "alert_outbox",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_ms", sa.BigInteger(), nullable=False),
        sa.Column("receipt", sa.String()),
        sa.Column("held_back", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("event_id", "channel", name="uq_alert_outbox_event_id"),
        sa.CheckConstraint("state IN ('WAITING', 'SENT', 'FAILED')", name="ck_alert_outbox_state"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alert_outbox_state", "alert_outbox", ["state", "channel", "next_ms"])
