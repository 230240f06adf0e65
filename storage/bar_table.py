"""The one-second bars, kept equal to the bars of all stored trades."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sqlalchemy import Connection, select

from analytics.bars import bars_from_ticks
from analytics.market import Bars, Int64Array, Quality, Ticks, Timeframe
from storage import schema
from storage.engines import insert_over
from storage.ledger import runs, united
from storage.rows import BAR_COLUMNS, TICK_COLUMNS, bar_rows, concatenated, concatenated_bars, read_bars, read_ticks

_SECOND_MS = 1_000
_MINUTE_MS = 60_000
_INSERT = insert_over(schema.bars_1s)


def extend_bars(
    connection: Connection, symbol_id: int, fresh: Ticks, arrived: Quality, tail: Ticks, tail_quality: int
) -> tuple[Ticks, int]:
    """Bars of trades that are the newest both by id and by second. Returns the new tail and its quality.

    arrived: BACKFILLED or COMPLETE, for the fresh ones.  tail: all stored trades of the newest second, which they may
    continue.
    """
    ticks = tail.joined(fresh)
    quality = np.full(len(ticks), arrived, np.uint8)
    quality[: len(tail)] = tail_quality
    bars = bars_from_ticks(ticks, Timeframe.S1, tick_quality=quality)
    _write(connection, symbol_id, bars)
    return _rows_of_second(ticks, bars.start_ms[-1]), int(bars.quality[-1])


def rebuild_bars(connection: Connection, symbol_id: int, fresh: Ticks, arrived: Quality) -> tuple[Ticks, int]:
    """Bars of every second that the fresh trades (already in their table) fall into, from all stored trades of it.

    Returns the trades of the newest of these seconds and its quality.
    """
    touched = bars_from_ticks(fresh, Timeframe.S1)
    before = _bars_at(connection, symbol_id, touched.start_ms)
    # All trades of a second lie between the lowest and the highest id that the old bar and the fresh trades have.
    extents = zip(
        np.concatenate((before.first_id, touched.first_id)).tolist(),
        np.concatenate((before.last_id, touched.last_id)).tolist(),
        strict=True,
    )
    ticks = concatenated([_ticks_between(connection, symbol_id, *extent) for extent in united(extents)])
    ticks = ticks.rows(np.isin(ticks.time_ms // _SECOND_MS, touched.start_ms // _SECOND_MS))
    quality = np.full(len(touched), arrived, np.uint8)
    place = np.searchsorted(touched.start_ms, before.start_ms)
    quality[place] = np.maximum(quality[place], before.quality)
    bars = replace(bars_from_ticks(ticks, Timeframe.S1), quality=quality)
    _write(connection, symbol_id, bars)
    return _rows_of_second(ticks, bars.start_ms[-1]), int(quality[-1])


def recut_bars(connection: Connection, symbol_id: int, start_ms: Int64Array) -> None:
    """Cut these bars again from what is left of their trades. Each must have one left; its quality stays."""
    before = _bars_at(connection, symbol_id, start_ms)
    extents = united(zip(before.first_id.tolist(), before.last_id.tolist(), strict=True))
    ticks = concatenated([_ticks_between(connection, symbol_id, *extent) for extent in extents])
    ticks = ticks.rows(np.isin(ticks.time_ms // _SECOND_MS, start_ms // _SECOND_MS))
    _write(connection, symbol_id, replace(bars_from_ticks(ticks, Timeframe.S1), quality=before.quality))


def newest_second(connection: Connection, symbol_id: int) -> tuple[Ticks, int]:
    """The trades of the newest stored second, and the quality of its bar."""
    table = schema.bars_1s
    query = select(*BAR_COLUMNS).where(table.c.symbol_id == symbol_id).order_by(table.c.start_ms.desc()).limit(1)
    bars = read_bars(connection, query)
    if not len(bars):
        return Ticks.empty(), Quality.COMPLETE
    ticks = _ticks_between(connection, symbol_id, int(bars.first_id[0]), int(bars.last_id[0]))
    return _rows_of_second(ticks, bars.start_ms[0]), int(bars.quality[0])


def _write(connection: Connection, symbol_id: int, bars: Bars) -> None:
    connection.exec_driver_sql(_INSERT, bar_rows(symbol_id, bars))


def _bars_at(connection: Connection, symbol_id: int, start_ms: Int64Array) -> Bars:
    """The bars that begin then, as far as there are any. start_ms: ascending."""
    table, found = schema.bars_1s, [Bars.empty()]
    # Whole minutes: a quiet symbol trades in every other second, and a question costs more than the rows between.
    for first, last in runs(np.unique(start_ms // _MINUTE_MS)):
        span = table.c.start_ms.between(first * _MINUTE_MS, (last + 1) * _MINUTE_MS - 1)
        query = select(*BAR_COLUMNS).where(table.c.symbol_id == symbol_id, span)
        found.append(read_bars(connection, query.order_by(table.c.start_ms)))
    bars = concatenated_bars(found)
    return bars.rows(np.isin(bars.start_ms, start_ms))


def _ticks_between(connection: Connection, symbol_id: int, first_id: int, last_id: int) -> Ticks:
    table = schema.ticks
    query = select(*TICK_COLUMNS).where(table.c.symbol_id == symbol_id, table.c.trade_id.between(first_id, last_id))
    return read_ticks(connection, query.order_by(table.c.trade_id))


def _rows_of_second(ticks: Ticks, start_ms: int) -> Ticks:
    return ticks.rows(ticks.time_ms // _SECOND_MS == start_ms // _SECOND_MS)
