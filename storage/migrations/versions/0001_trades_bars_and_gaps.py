"""Trades, their one-second bars, and the ledger of holes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )
    op.create_table(
        "symbols",
        sa.Column("symbol_id", sa.Integer(), primary_key=True),
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ticks_stored", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("venue", "name", name="uq_symbols_venue_name"),
    )
    _create_market_data()
    op.create_table(
        "gaps",
        sa.Column("gap_id", sa.Integer(), primary_key=True),
        sa.Column("symbol_id", sa.Integer(), sa.ForeignKey("symbols.symbol_id"), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("opened_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_at_ms", sa.BigInteger()),
        sa.UniqueConstraint("symbol_id", "first_id", name="uq_gaps_symbol_id_first_id"),
        sa.CheckConstraint("first_id <= last_id", name="ck_gaps_range"),
        sa.CheckConstraint("state IN ('OPEN', 'FILLED', 'LOST')", name="ck_gaps_state"),
    )
    op.create_index("ix_gaps_symbol_id_last_id", "gaps", ["symbol_id", "last_id"])


def _create_market_data() -> None:
    op.create_table(
        "ticks",
        _symbol_id(),
        sa.Column("trade_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.Double(), nullable=False),
        sa.Column("quantity", sa.Double(), nullable=False),
        sa.Column("buyer_is_maker", sa.Boolean(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bars_1s",
        _symbol_id(),
        sa.Column("start_ms", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("open", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("close", sa.Double(), nullable=False),
        sa.Column("volume", sa.Double(), nullable=False),
        sa.Column("trades", sa.BigInteger(), nullable=False),
        sa.Column("taker_buy_volume", sa.Double(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sqlite_with_rowid=False,
    )


def _symbol_id() -> sa.Column[int]:
    return sa.Column(
        "symbol_id", sa.Integer(), sa.ForeignKey("symbols.symbol_id"), primary_key=True, autoincrement=False
    )
