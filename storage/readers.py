"""Questions to the database. Each is one short read transaction: all rows are fetched, then it is closed."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, select

from analytics.bars import roll_up
from analytics.errors import BadInput
from analytics.market import Bars, Gap, Ticks, Timeframe
from storage import schema
from storage.candle_table import candles_between
from storage.engines import in_transaction
from storage.holes import with_holes
from storage.ledger import Ledger, in_time_order
from storage.rows import BAR_COLUMNS, TICK_COLUMNS, read_bars, read_ticks


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


def bars(engine: Engine, symbol_id: int, timeframe: Timeframe, start_ms: int, end_ms: int) -> Bars:
    """Bars with start_ms <= start < end_ms."""
    with in_transaction(engine) as connection:
        return _bars(connection, symbol_id, timeframe, start_ms, end_ms)


def newest_bars(engine: Engine, symbol_id: int, timeframe: Timeframe, limit: int) -> Bars:
    """The newest `limit` bars, ascending."""
    start = schema.bars_1s.c.start_ms
    seconds = select(start).where(schema.bars_1s.c.symbol_id == symbol_id)
    with in_transaction(engine) as connection:
        newest_ms = connection.execute(seconds.order_by(start.desc()).limit(1)).scalar()
        oldest_ms = connection.execute(seconds.order_by(start).limit(1)).scalar()
        if newest_ms is None or oldest_ms is None:
            return Bars.empty()
        # Spans without a trade have no row, so look further and further back until there are enough.
        span_ms = limit * length_ms(timeframe)
        while True:
            found = _bars(connection, symbol_id, timeframe, newest_ms - span_ms, newest_ms + 1)
            if len(found) >= limit or newest_ms - span_ms <= oldest_ms - length_ms(timeframe):
                return found.rows(slice(max(0, len(found) - limit), None))
            span_ms *= 4


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


def length_ms(timeframe: Timeframe) -> int:
    """Length of a bar. Raises BadInput for `TICK`, which has none."""
    if timeframe is Timeframe.TICK:
        raise BadInput("trades are not bars; ask for a timeframe of 1s or longer, or for the trades themselves")
    return timeframe.milliseconds


def _bars(connection: Connection, symbol_id: int, timeframe: Timeframe, start_ms: int, end_ms: int) -> Bars:
    length = length_ms(timeframe)
    table = schema.bars_1s
    # Whole bars: from the first that starts at or after start_ms to the end of the last that starts before end_ms.
    first_ms, after_ms = -(-start_ms // length) * length, -(-end_ms // length) * length
    query = select(*BAR_COLUMNS).where(
        table.c.symbol_id == symbol_id, table.c.start_ms >= first_ms, table.c.start_ms < after_ms
    )
    seconds = _with_holes(connection, symbol_id, read_bars(connection, query.order_by(table.c.start_ms)))
    return seconds if timeframe is Timeframe.S1 else roll_up(seconds, timeframe)


def _with_holes(connection: Connection, symbol_id: int, seconds: Bars) -> Bars:
    if not len(seconds):
        return seconds
    trade_id, table = schema.ticks.c.trade_id, schema.gaps
    mine = schema.ticks.c.symbol_id == symbol_id
    first_stored_id = connection.execute(select(trade_id).where(mine).order_by(trade_id).limit(1)).scalar_one()
    holes = connection.execute(
        select(table.c.first_id, table.c.last_id)
        .where(
            table.c.symbol_id == symbol_id,
            table.c.state != "FILLED",
            table.c.last_id >= int(seconds.first_id.min()) - 1,
            table.c.first_id <= int(seconds.last_id.max()) + 1,
        )
        .order_by(table.c.first_id)
    ).all()
    return with_holes(seconds, [(first, last) for first, last in holes], first_stored_id)
