"""Takes the oldest rows away, so that bars, ledger and counts still agree with the trades that stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sqlalchemy import Connection, delete, select, update

from analytics.market import Int64Array
from storage import schema
from storage.bar_table import newest_second, recut_bars
from storage.changes import keep_count
from storage.rows import read_ids_and_times
from storage.work import SymbolState

_SECOND_MS = 1_000


def remove_oldest(connection: Connection, state: SymbolState, older_than_ms: int | None, most: int) -> SymbolState:
    """Remove up to `most` of a symbol's oldest trades, but never its newest one. Returns the state after it.

    older_than_ms: only the trades before the first that is not older than this; None: whatever their age.
    """
    ids, times = _oldest(connection, state, most)
    if older_than_ms is not None:
        young = np.flatnonzero(times >= older_than_ms)
        ids, times = (ids[: young[0]], times[: young[0]]) if len(young) else (ids, times)
    if not len(ids):
        return state
    table, symbol_id, newest_removed = schema.ticks, state.symbol_id, int(ids[-1])
    connection.execute(delete(table).where(table.c.symbol_id == symbol_id, table.c.trade_id <= newest_removed))
    _remove_bars(connection, symbol_id, times, newest_removed)
    first_id = connection.execute(
        select(table.c.trade_id).where(table.c.symbol_id == symbol_id).order_by(table.c.trade_id).limit(1)
    ).scalar_one()
    _cut_ledger(connection, symbol_id, first_id)
    # A hole that lay between them is no longer listed: the half of it that may still come would stand before the rest.
    removed_to = first_id - 1
    after = replace(
        state,
        ticks_stored=state.ticks_stored - len(ids),
        first_id=first_id,
        removed_to=removed_to,
        unresolved=tuple(gap for gap in state.unresolved if gap.last_id > first_id),
    )
    keep_count(connection, after)
    if len(state.tail) and int(state.tail.trade_id[0]) > removed_to:
        return after
    tail, tail_quality = newest_second(connection, symbol_id)
    return replace(after, tail=tail, tail_quality=tail_quality)


def _cut_ledger(connection: Connection, symbol_id: int, first_id: int) -> None:
    """The ledger begins with the first trade too. A row may reach over it only when it is FILLED."""
    gaps = schema.gaps
    connection.execute(delete(gaps).where(gaps.c.symbol_id == symbol_id, gaps.c.last_id < first_id))
    connection.execute(
        update(gaps).where(gaps.c.symbol_id == symbol_id, gaps.c.first_id < first_id).values(first_id=first_id)
    )


def remove_candles(connection: Connection, symbol_id: int, timeframe: str, before_ms: int, most: int) -> int:
    """Remove up to `most` of the oldest candles that start before a time. Returns how many went."""
    table = schema.candles
    mine = (table.c.symbol_id == symbol_id, table.c.timeframe == timeframe)
    starts = connection.execute(
        select(table.c.start_ms).where(*mine, table.c.start_ms < before_ms).order_by(table.c.start_ms).limit(most)
    ).scalars()
    found = starts.all()
    if found:
        connection.execute(delete(table).where(*mine, table.c.start_ms <= found[-1]))
    return len(found)


def _oldest(connection: Connection, state: SymbolState, most: int) -> tuple[Int64Array, Int64Array]:
    """Ids and times of the oldest trades, ascending by id, without the newest of all."""
    table = schema.ticks
    return read_ids_and_times(
        connection,
        select(table.c.trade_id, table.c.time_ms)
        .where(table.c.symbol_id == state.symbol_id, table.c.trade_id < state.last_id)
        .order_by(table.c.trade_id)
        .limit(most),
    )


def _remove_bars(connection: Connection, symbol_id: int, times: Int64Array, removed_to: int) -> None:
    """The bars of removed trades go; those that still have some are cut anew from them."""
    table = schema.bars_1s
    inside = (
        table.c.symbol_id == symbol_id,
        table.c.start_ms.between(
            int(times.min()) // _SECOND_MS * _SECOND_MS, int(times.max()) // _SECOND_MS * _SECOND_MS
        ),
        table.c.first_id <= removed_to,
    )
    connection.execute(delete(table).where(*inside, table.c.last_id <= removed_to))
    touched = connection.execute(select(table.c.start_ms).where(*inside).order_by(table.c.start_ms)).scalars()
    starts = np.fromiter(touched, np.int64)
    if len(starts):
        recut_bars(connection, symbol_id, starts)
