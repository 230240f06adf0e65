"""What one change does to the tables, inside the writer's transaction: from the state before to the state after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from sqlalchemy import Connection, func, select, update

from analytics.errors import StoreError
from analytics.market import Gap, Int64Array, Quality, Ticks
from storage import ledger, schema
from storage.bar_table import extend_bars, newest_second, rebuild_bars
from storage.candle_table import write_candles
from storage.engines import insert_new
from storage.gap_table import ledger_rows, write_ledger
from storage.ledger import runs
from storage.rows import concatenated, tick_rows
from storage.work import CandlesTold, Change, GapLost, GapOpened, SymbolState, TicksAdded

_INSERT_TICKS = insert_new(schema.ticks)


def stored_states(connection: Connection, venue: str) -> dict[str, SymbolState]:
    """What the database holds of each symbol of a venue."""
    table = schema.symbols
    states: dict[str, SymbolState] = {}
    for symbol_id, name, count in connection.execute(
        select(table.c.symbol_id, table.c.name, table.c.ticks_stored).where(table.c.venue == venue)
    ).all():
        trade_id, mine = schema.ticks.c.trade_id, schema.ticks.c.symbol_id == symbol_id
        tail, tail_quality = newest_second(connection, symbol_id)
        states[name] = SymbolState(
            symbol_id=symbol_id,
            ticks_stored=count,
            # Two queries, because SQLite answers each from the key and both together by reading every row.
            first_id=connection.execute(select(func.min(trade_id)).where(mine)).scalar(),
            last_id=connection.execute(select(func.max(trade_id)).where(mine)).scalar(),
            unresolved=ledger_rows(connection, symbol_id, name, ("OPEN", "LOST")),
            tail=tail,
            tail_quality=tail_quality,
        )
    return states


def new_state(connection: Connection, venue: str, symbol: str) -> SymbolState:
    """Enter a symbol."""
    table = schema.symbols
    connection.execute(table.insert().values(venue=venue, name=symbol, ticks_stored=0))
    entered = select(table.c.symbol_id).where(table.c.venue == venue, table.c.name == symbol)
    return SymbolState(symbol_id=connection.execute(entered).scalar_one())


def apply(connection: Connection, state: SymbolState, change: Change, at_ms: int) -> SymbolState:
    """Write one change."""
    if isinstance(change, TicksAdded):
        return _with_ticks(connection, state, change, at_ms)
    if isinstance(change, GapOpened):
        return _with_gap(connection, state, change.gap)
    if isinstance(change, CandlesTold):
        write_candles(connection, state.symbol_id, change.timeframe, change.candles)
        return replace(state, history_version=state.history_version + 1)
    return _with_loss(connection, state, change)


def keep_count(connection: Connection, state: SymbolState) -> None:
    """Write down how many trades the symbol has now."""
    table = schema.symbols
    connection.execute(
        update(table).where(table.c.symbol_id == state.symbol_id).values(ticks_stored=state.ticks_stored)
    )


def merged(changes: Iterable[Change]) -> list[Change]:
    """The same changes, with trades of one symbol that follow upon each other as one."""
    groups: list[list[Change]] = []
    newest: dict[str, list[Change]] = {}
    for change in changes:
        group = newest.get(change.symbol)
        if group is not None and _continues(group[-1], change):
            group.append(change)
        else:
            newest[change.symbol] = [change]
            groups.append(newest[change.symbol])
    return [_as_one(group) for group in groups]


def _continues(before: Change, change: Change) -> bool:
    return (
        isinstance(before, TicksAdded)
        and isinstance(change, TicksAdded)
        and before.backfilled == change.backfilled
        and bool(before.ticks.trade_id[-1] < change.ticks.trade_id[0])
    )


def _as_one(group: list[Change]) -> Change:
    pieces = [change.ticks for change in group if isinstance(change, TicksAdded)]
    if len(group) == 1 or not isinstance(group[0], TicksAdded):
        return group[0]
    return replace(group[0], ticks=concatenated(pieces))


def _with_ticks(connection: Connection, state: SymbolState, change: TicksAdded, at_ms: int) -> SymbolState:
    if state.removed_to is not None:
        # A back-fill that was asked for before retention passed by: taken in, it would stand before a hole.
        change = replace(change, ticks=change.ticks.rows(change.ticks.trade_id > state.removed_to))
        if not len(change.ticks):
            return state
    is_forward = state.last_id is None or bool(change.ticks.trade_id[0] > state.last_id)
    fresh = change.ticks if is_forward else _not_stored(connection, state.symbol_id, change.ticks)
    if not len(fresh):
        return state
    inserted = connection.exec_driver_sql(_INSERT_TICKS, tick_rows(state.symbol_id, fresh)).rowcount
    if inserted != len(fresh):
        raise StoreError(f"{change.symbol}: {len(fresh)} trades were new, but {inserted} were stored")
    is_newest = is_forward and (not len(state.tail) or _seconds(fresh).min() >= _seconds(state.tail)[0])
    tail, tail_quality = _written_bars(connection, state, fresh, change.arrived, is_newest=bool(is_newest))
    first_id, last_id = int(fresh.trade_id[0]), int(fresh.trade_id[-1])
    after = replace(
        state,
        ticks_stored=state.ticks_stored + len(fresh),
        first_id=first_id if state.first_id is None else min(first_id, state.first_id),
        last_id=last_id if state.last_id is None else max(last_id, state.last_id),
        tail=tail,
        tail_quality=tail_quality,
        history_version=state.history_version + (change.backfilled or not is_newest),
    )
    start, end = ledger.span(state.unresolved, first_id, last_id)
    if start == end:
        return after
    filled = ledger_rows(connection, state.symbol_id, change.symbol, ("FILLED",), (first_id - 1, last_id + 1))
    return _with_ledger(
        connection,
        after,
        (first_id, last_id),
        lambda rows: ledger.stored(rows, runs(fresh.trade_id), at_ms),
        filled,
    )


def _written_bars(
    connection: Connection, state: SymbolState, fresh: Ticks, arrived: Quality, *, is_newest: bool
) -> tuple[Ticks, int]:
    """Bring the bars up to date. Returns the trades of the newest second of all, and its quality."""
    if is_newest:
        return extend_bars(connection, state.symbol_id, fresh, arrived, state.tail, state.tail_quality)
    tail, tail_quality = rebuild_bars(connection, state.symbol_id, fresh, arrived)
    if len(state.tail) and _seconds(tail)[0] < _seconds(state.tail)[0]:
        return state.tail, state.tail_quality
    return tail, tail_quality


def _with_gap(connection: Connection, state: SymbolState, gap: Gap) -> SymbolState:
    if state.removed_to is not None and gap.first_id <= state.removed_to:
        if gap.last_id <= state.removed_to:
            return state
        gap = replace(gap, first_id=state.removed_to + 1)
    held = runs(_stored_ids(connection, state.symbol_id, ((gap.first_id, gap.last_id),)))
    return _with_ledger(connection, state, (gap.first_id, gap.last_id), lambda rows: ledger.opened(rows, gap, held))


def _with_loss(connection: Connection, state: SymbolState, loss: GapLost) -> SymbolState:
    return _with_ledger(
        connection,
        state,
        (loss.first_id, loss.last_id),
        lambda rows: ledger.lost(rows, loss.first_id, loss.last_id, loss.cause, loss.at_ms),
    )


def _with_ledger(
    connection: Connection,
    state: SymbolState,
    ids: ledger.Run,
    change: Callable[[ledger.Ledger], ledger.Ledger],
    filled: ledger.Ledger = (),
) -> SymbolState:
    """Change the rows that hold one of these ids, or lie beside them. filled: the FILLED ones among them.

    The others cannot be concerned: with thousands of holes, looking at all of them for each would stop the writer.
    """
    rows = state.unresolved
    start, end = ledger.span(rows, ids[0] - 1, ids[1] + 1)
    before = (*filled, *rows[start:end])
    after = change(before)
    if not write_ledger(connection, state.symbol_id, before, after):
        return state
    unresolved = (*rows[:start], *ledger.unresolved(after), *rows[end:])
    return replace(state, unresolved=unresolved, history_version=state.history_version + 1)


def _not_stored(connection: Connection, symbol_id: int, ticks: Ticks) -> Ticks:
    held = _stored_ids(connection, symbol_id, runs(ticks.trade_id))
    return ticks.rows(~np.isin(ticks.trade_id, held, assume_unique=True))


def _stored_ids(connection: Connection, symbol_id: int, pieces: Iterable[ledger.Run]) -> Int64Array:
    """The stored ones of these ids, ascending."""
    table = schema.ticks
    found = [np.empty(0, np.int64)]
    for first_id, last_id in pieces:
        answer = connection.execute(
            select(table.c.trade_id)
            .where(table.c.symbol_id == symbol_id, table.c.trade_id.between(first_id, last_id))
            .order_by(table.c.trade_id)
        )
        found.append(np.fromiter(answer.scalars(), np.int64))
    return np.concatenate(found)


def _seconds(ticks: Ticks) -> Int64Array:
    return ticks.time_ms // 1_000
