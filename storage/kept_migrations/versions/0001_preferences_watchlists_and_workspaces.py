"""Preferences, watchlists, workspaces, and what was removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "kept0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "counts",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "preferences",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("value", sa.String(), nullable=False),
    )
    op.create_table(
        "watchlists",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("place", sa.Integer(), nullable=False),
    )
    op.create_table(
        "watched_pairs",
        sa.Column("watchlist", sa.String(), sa.ForeignKey("watchlists.name"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
    )
    op.create_table(
        "workspaces",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("watchlist", sa.String(), nullable=False),
        sa.Column("saved_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "removed",
        sa.Column("removal", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("removed_ms", sa.BigInteger(), nullable=False),
        sa.Column("collection", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('watchlist', 'workspace', 'pair', 'replaced')", name="ck_removed_kind"),
    )
