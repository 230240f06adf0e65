"""Questions to the database. Each is one short read transaction: all rows are fetched, then it is closed."""

from __future__ import annotations

from sqlalchemy import Engine, select

from analytics.market import Bars, Gap, Ticks, Timeframe
from storage import schema
from storage.candle_table import candles_between
from storage.engines import in_transaction
from storage.ledger import Ledger, in_time_order
from storage.rows import TICK_COLUMNS, read_ticks


def newest_ticks(engine: Engine, symbol_id: int, limit: int) -> Ticks:
    """The newest `limit` trades, ascending by id."""
    table = schema.ticks
    query = select(*TICK_COLUMNS).where(table.c.symbol_id == symbol_id).order_by(table.c.trade_id.desc()).limit(limit)
    with in_transaction(engine) as connection:
        return read_ticks(connection, query).rows(slice(None, None, -1))


def ticks_between(engine: Engine, symbol_id: int, first_id: int, last_id: int, limit: int | None) -> Ticks:
    """Trades with first_id <= id <= last_id, ascending; only the lowest `limit` of them."""
    table = schema.ticks
    query = select(*TICK_COLUMNS).where(table.c.symbol_id == symbol_id, table.c.trade_id.between(first_id, last_id))
    with in_transaction(engine) as connection:
        return read_ticks(connection, query.order_by(table.c.trade_id).limit(limit))


def candles(engine: Engine, symbol_id: int, timeframe: Timeframe, start_ms: int, end_ms: int) -> Bars:
    """The exchange's own bars with start_ms <= start < end_ms."""
    with in_transaction(engine) as connection:
        return candles_between(connection, symbol_id, timeframe, start_ms, end_ms)


def gaps(engine: Engine, venue: str, symbol: str | None) -> Ledger:
    """The ledger, oldest first."""
    table, names = schema.gaps, schema.symbols
    query = (
        select(
            names.c.name,
            table.c.first_id,
            table.c.last_id,
            table.c.state,
            table.c.cause,
            table.c.opened_at_ms,
            table.c.closed_at_ms,
        )
        .join(names, names.c.symbol_id == table.c.symbol_id)
        .where(names.c.venue == venue)
    )
    if symbol is not None:
        query = query.where(names.c.name == symbol)
    with in_transaction(engine) as connection:
        return in_time_order(Gap(*row) for row in connection.execute(query).all())
