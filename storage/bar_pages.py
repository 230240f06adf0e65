"""Bars of any span, read page by page: no transaction is long, and no more is held than a page and the answer."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, Select, select

from analytics.bars import roll_up
from analytics.errors import BadInput
from analytics.market import Bars, Timeframe
from storage import schema
from storage.engines import in_transaction
from storage.holes import with_holes
from storage.rows import BAR_COLUMNS, concatenated_bars, read_bars

# About a tenth of a second, so that nobody holds the write-ahead log back.
_PAGE_ROWS = 50_000


def bars_between(engine: Engine, symbol_id: int, timeframe: Timeframe, start_ms: int, end_ms: int) -> Bars:
    """Bars with start_ms <= start < end_ms. Raises BadInput for `TICK`."""
    length = length_ms(timeframe)
    table, pieces = schema.bars_1s, [Bars.empty()]
    # Whole bars: from the first that starts at or after start_ms to the end of the last that starts before end_ms.
    next_ms, after_ms = -(-start_ms // length) * length, -(-end_ms // length) * length
    while True:
        page = _page(
            engine,
            symbol_id,
            select(*BAR_COLUMNS)
            .where(table.c.symbol_id == symbol_id, table.c.start_ms >= next_ms, table.c.start_ms < after_ms)
            .order_by(table.c.start_ms)
            .limit(_PAGE_ROWS),
        )
        pieces.append(_rolled(page, timeframe))
        if len(page) < _PAGE_ROWS:
            return _whole(pieces, timeframe)
        next_ms = int(page.start_ms[-1]) + 1


def newest_bars(engine: Engine, symbol_id: int, timeframe: Timeframe, limit: int) -> Bars:
    """The newest `limit` bars, ascending. Raises BadInput for `TICK`."""
    # One more, because the oldest may be cut off in its middle. A bar has at most one row a second.
    page_rows = min((limit + 1) * length_ms(timeframe) // 1_000, _PAGE_ROWS)
    table, pieces, found = schema.bars_1s, [Bars.empty()], 0
    query = select(*BAR_COLUMNS).where(table.c.symbol_id == symbol_id)
    query = query.order_by(table.c.start_ms.desc()).limit(page_rows)
    page = _page(engine, symbol_id, query)
    while len(page):
        page = page.rows(slice(None, None, -1))
        pieces.insert(0, _rolled(page, timeframe))
        # Neighbouring pages may share a bar.
        found += len(pieces[0]) - (found > 0)
        if found > limit or len(page) < page_rows:
            break
        page = _page(engine, symbol_id, query.where(table.c.start_ms < int(page.start_ms[0])))
    bars = _whole(pieces, timeframe)
    return bars.rows(slice(max(0, len(bars) - limit), None))


def length_ms(timeframe: Timeframe) -> int:
    """Length of a bar. Raises BadInput for `TICK`, which has none."""
    if timeframe is Timeframe.TICK:
        raise BadInput("trades are not bars; ask for a timeframe of 1s or longer, or for the trades themselves")
    return timeframe.milliseconds


def _page(engine: Engine, symbol_id: int, query: Select[tuple[object, ...]]) -> Bars:
    with in_transaction(engine) as connection:
        return _with_holes(connection, symbol_id, read_bars(connection, query))


def _rolled(seconds: Bars, timeframe: Timeframe) -> Bars:
    return seconds if timeframe is Timeframe.S1 else roll_up(seconds, timeframe)


def _whole(pieces: list[Bars], timeframe: Timeframe) -> Bars:
    """The pieces as one, with the bars that a page's end has cut in two joined again."""
    return _rolled(concatenated_bars(pieces), timeframe)


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
