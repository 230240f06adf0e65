"""The tables of what a user keeps. What a row means: docs/storage.md."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Integer, MetaData, String, Table

metadata = MetaData()

# How many removals there have ever been, so that no number is given twice.
counts = Table(
    "counts",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

preferences = Table(
    "preferences",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),  # JSON
)

watchlists = Table(
    "watchlists",
    metadata,
    Column("name", String, primary_key=True),
    Column("place", Integer, nullable=False),
)

watched_pairs = Table(
    "watched_pairs",
    metadata,
    Column("watchlist", String, ForeignKey("watchlists.name"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("pinned", Boolean, nullable=False),
    Column("query", String, nullable=False),  # JSON, in the fields of the REST API
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("name", String, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("address", String, nullable=False),
    Column("watchlist", String, nullable=False),  # by name; it may be gone
    Column("saved_ms", BigInteger, nullable=False),
)

removed = Table(
    "removed",
    metadata,
    Column("removal", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("place", Integer, nullable=False),
    Column("removed_ms", BigInteger, nullable=False),
    Column("collection", String, nullable=False),  # JSON
    CheckConstraint("kind IN ('watchlist', 'workspace', 'pair', 'replaced')", name="ck_removed_kind"),
)
