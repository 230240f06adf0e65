"""What is kept as rows of its tables, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import cast

from sqlalchemy import Connection, Table, insert, select

from analytics.errors import BadInput, StoreError
from analytics.kept import Kept, Preferences, RemovalKind, Removed, Watchlist, Workspace
from analytics.kept_checks import changed_preferences
from analytics.kept_document import collection_of, fields_of
from analytics.pair_document import pair_fields, pair_of
from storage import kept_tables as tables

_REMOVALS = "removals"
_Rows = dict[Table, list[dict[str, object]]]


def read_kept(connection: Connection) -> Kept | None:
    """Everything, None when nothing has ever been kept. Raises StoreError for rows that cannot be."""
    try:
        return _read(connection)
    except (BadInput, ValueError) as error:
        raise StoreError(f"a row cannot be read: {error}") from error


def write_kept(connection: Connection, before: Kept | None, after: Kept) -> None:
    """Make the rows say `after`, where they say `before`: only the tables that change are written."""
    held, wanted = {} if before is None else _rows(before), _rows(after)
    differing = {table for table in wanted if held.get(table) != wanted[table]}
    if tables.watchlists in differing:
        differing.add(tables.watched_pairs)  # their rows refer to those of the lists
    changed = [table for table in wanted if table in differing]
    # What refers to others goes first and comes last.
    for table in reversed(changed):
        connection.execute(table.delete())
    for table in changed:
        if wanted[table]:
            connection.execute(insert(table), wanted[table])


def _read(connection: Connection) -> Kept | None:
    counts = {row.name: row.value for row in connection.execute(select(tables.counts))}
    if _REMOVALS not in counts:
        return None
    told = {row.name: json.loads(row.value) for row in connection.execute(select(tables.preferences))}
    return Kept(
        changed_preferences(Preferences(), told),
        _watchlists(connection),
        tuple(
            Workspace(row.name, row.address, row.watchlist, row.saved_ms)
            for row in connection.execute(select(tables.workspaces).order_by(tables.workspaces.c.place))
        ),
        tuple(
            Removed(
                row.removal,
                cast("RemovalKind", row.kind),
                row.name,
                collection_of(json.loads(row.collection)),
                row.place,
                row.removed_ms,
            )
            for row in connection.execute(select(tables.removed).order_by(tables.removed.c.removal))
        ),
        counts[_REMOVALS],
    )


def _watchlists(connection: Connection) -> tuple[Watchlist, ...]:
    lists = connection.execute(select(tables.watchlists).order_by(tables.watchlists.c.place)).all()
    pairs = connection.execute(select(tables.watched_pairs).order_by(tables.watched_pairs.c.place)).all()
    return tuple(
        Watchlist(
            one.name,
            tuple(
                pair_of(json.loads(row.query) | {"pinned": bool(row.pinned)})
                for row in pairs
                if row.watchlist == one.name
            ),
        )
        for one in lists
    )


def _rows(kept: Kept) -> _Rows:
    """Every table with its rows; what a row refers to comes before it."""
    pairs: list[dict[str, object]] = [
        {"watchlist": one.name, "place": place, "pinned": pair.pinned, "query": _query_text(pair_fields(pair))}
        for one in kept.watchlists
        for place, pair in enumerate(one.pairs)
    ]
    removed: list[dict[str, object]] = [
        {
            "removal": one.removal,
            "kind": one.kind,
            "name": one.name,
            "place": one.place,
            "removed_ms": one.removed_ms,
            "collection": json.dumps(fields_of(one.collection)),
        }
        for one in kept.removed
    ]
    return {
        tables.counts: [{"name": _REMOVALS, "value": kept.removals}],
        tables.preferences: [
            {"name": name, "value": json.dumps(value)} for name, value in asdict(kept.preferences).items()
        ],
        tables.watchlists: [{"name": one.name, "place": place} for place, one in enumerate(kept.watchlists)],
        tables.watched_pairs: pairs,
        tables.workspaces: [asdict(one) | {"place": place} for place, one in enumerate(kept.workspaces)],
        tables.removed: removed,
    }


def _query_text(fields: dict[str, object]) -> str:
    return json.dumps({name: value for name, value in fields.items() if name != "pinned"})
