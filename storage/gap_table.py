"""The ledger of holes in its table."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from analytics.market import Gap
from storage import schema
from storage.ledger import Ledger, Run

_COLUMNS = ("first_id", "last_id", "state", "cause", "opened_at_ms", "closed_at_ms")


def ledger_rows(
    connection: Connection, symbol_id: int, symbol: str, states: tuple[str, ...], near: Run | None = None
) -> Ledger:
    """A symbol's rows in these states, by id; with `near` only those that have an id in that range."""
    table = schema.gaps
    query = select(*(table.c[name] for name in _COLUMNS))
    query = query.where(table.c.symbol_id == symbol_id, table.c.state.in_(states)).order_by(table.c.first_id)
    if near is not None:
        query = query.where(table.c.last_id >= near[0], table.c.first_id <= near[1])
    return tuple(Gap(symbol, *row) for row in connection.execute(query).all())


def write_ledger(connection: Connection, symbol_id: int, before: Ledger, after: Ledger) -> bool:
    """Turn the rows `before` into the rows `after`. Returns whether they differ."""
    table = schema.gaps
    gone, come = set(before) - set(after), set(after) - set(before)
    # First away with the old: a row is known by its first id.
    for gap in gone:
        connection.execute(delete(table).where(table.c.symbol_id == symbol_id, table.c.first_id == gap.first_id))
    if come:
        rows = [{"symbol_id": symbol_id, **{name: getattr(gap, name) for name in _COLUMNS}} for gap in come]
        connection.execute(table.insert(), rows)
    return bool(gone or come)
