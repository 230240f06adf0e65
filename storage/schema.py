"""The tables. What a row means, what survives what, and the rules of ledger and quality: docs/storage.md."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from storage.lineage import MARKET

SCHEMA_REVISION = MARKET.revision

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

symbols = Table(
    "symbols",
    metadata,
    Column("symbol_id", Integer, primary_key=True),
    Column("venue", String, nullable=False),
    Column("name", String, nullable=False),
    # Kept with each commit, because counting the rows of a week takes seconds.
    Column("ticks_stored", BigInteger, nullable=False),
    UniqueConstraint("venue", "name", name="uq_symbols_venue_name"),
)

# Rows lie in key order in the table itself: 41 bytes a trade instead of 58 with an index beside it.
ticks = Table(
    "ticks",
    metadata,
    Column("symbol_id", Integer, ForeignKey("symbols.symbol_id"), primary_key=True, autoincrement=False),
    Column("trade_id", BigInteger, primary_key=True, autoincrement=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("price", Double, nullable=False),
    Column("quantity", Double, nullable=False),
    Column("buyer_is_maker", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

bars_1s = Table(
    "bars_1s",
    metadata,
    Column("symbol_id", Integer, ForeignKey("symbols.symbol_id"), primary_key=True, autoincrement=False),
    Column("start_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("open", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("close", Double, nullable=False),
    Column("volume", Double, nullable=False),
    Column("trades", BigInteger, nullable=False),
    Column("taker_buy_volume", Double, nullable=False),
    Column("first_id", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
    Column("quality", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Bars as the exchange itself tells them, for the time before the first trade here.
candles = Table(
    "candles",
    metadata,
    Column("symbol_id", Integer, ForeignKey("symbols.symbol_id"), primary_key=True, autoincrement=False),
    Column("timeframe", String, primary_key=True),
    Column("start_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("open", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("close", Double, nullable=False),
    Column("volume", Double, nullable=False),
    Column("trades", BigInteger, nullable=False),
    Column("taker_buy_volume", Double, nullable=False),
    sqlite_with_rowid=False,
)

gaps = Table(
    "gaps",
    metadata,
    Column("gap_id", Integer, primary_key=True),
    Column("symbol_id", Integer, ForeignKey("symbols.symbol_id"), nullable=False),
    Column("first_id", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("opened_at_ms", BigInteger, nullable=False),
    Column("closed_at_ms", BigInteger),
    # No id is in two rows, so a row's first id names it.
    UniqueConstraint("symbol_id", "first_id", name="uq_gaps_symbol_id_first_id"),
    CheckConstraint("first_id <= last_id", name="ck_gaps_range"),
    CheckConstraint("state IN ('OPEN', 'FILLED', 'LOST')", name="ck_gaps_state"),
    Index("ix_gaps_symbol_id_last_id", "symbol_id", "last_id"),
)
