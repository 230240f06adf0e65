"""The exchange's own bars in their table."""

from __future__ import annotations

from sqlalchemy import Connection, select

from analytics.market import Bars, Timeframe
from storage import schema
from storage.engines import insert_over
from storage.rows import CANDLE_COLUMNS, candle_rows, read_candles

_INSERT = insert_over(schema.candles)


def write_candles(connection: Connection, symbol_id: int, timeframe: Timeframe, candles: Bars) -> None:
    """Write them; those with the same start are replaced."""
    connection.exec_driver_sql(_INSERT, candle_rows(symbol_id, timeframe, candles))


def candles_between(connection: Connection, symbol_id: int, timeframe: Timeframe, start_ms: int, end_ms: int) -> Bars:
    """Those with start_ms <= start < end_ms, ascending."""
    table = schema.candles
    query = select(*CANDLE_COLUMNS).where(
        table.c.symbol_id == symbol_id,
        table.c.timeframe == timeframe.value,
        table.c.start_ms >= start_ms,
        table.c.start_ms < end_ms,
    )
    return read_candles(connection, query.order_by(table.c.start_ms))
