"""Everything stored, page by page: no read is long, and no history is ever in memory as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from analytics.market import Bars, Ticks, Timeframe
from services.ports import TickStore

_IDS = 10_000
_SECONDS = 20_000
# Ids are in order, times nearly so: the feed takes trades that are up to an hour older than the newest.
_BEFORE_FIRST_MS = 3_600_000

_Rows = TypeVar("_Rows", Ticks, Bars)


def tick_pages(store: TickStore, symbol: str, limit: int | None = None) -> Iterator[Ticks]:
    """The committed trades of a symbol, or the newest `limit` of them, ascending by id."""
    stored = store.summary().get(symbol)
    if stored is None or stored.first_id is None or stored.last_id is None:
        return
    yield from _pages(
        lambda first, last: store.ticks_between(symbol, first, last), stored.first_id, stored.last_id, _IDS, limit
    )


def bar_pages(store: TickStore, symbol: str, timeframe: Timeframe, limit: int | None = None) -> Iterator[Bars]:
    """The bars of the committed trades, or the newest `limit` of them, ascending. Raises BadInput for `TICK`."""
    newest = store.newest_bars(symbol, timeframe, 1)
    stored = store.summary().get(symbol)
    if not len(newest) or stored is None or stored.first_id is None:
        return
    length_ms = timeframe.milliseconds
    oldest = store.ticks_between(symbol, stored.first_id, stored.first_id, limit=1)
    first_ms = int(oldest.time_ms[0]) - _BEFORE_FIRST_MS
    page_ms = max(_SECONDS * 1_000 // length_ms, 1) * length_ms

    def span(start_ms: int, last_ms: int) -> Bars:
        return store.bars(symbol, timeframe, start_ms=start_ms, end_ms=last_ms + 1)

    yield from _pages(span, first_ms - first_ms % length_ms, int(newest.start_ms[-1]) + length_ms - 1, page_ms, limit)


def _pages(read: Callable[[int, int], _Rows], first: int, last: int, width: int, limit: int | None) -> Iterator[_Rows]:
    """The rows of [first, last] in spans of `width`. With a limit the spans are counted from the newest end first."""
    skip = 0
    if limit is not None:
        first, skip = _start_of_newest(read, first, last, width, limit)
    for start in range(first, last + 1, width):
        page = read(start, min(start + width - 1, last))
        if skip:
            page, skip = page.rows(slice(skip, None)), max(skip - len(page), 0)
        if len(page):
            yield page


def _start_of_newest(
    read: Callable[[int, int], _Rows], first: int, last: int, width: int, limit: int
) -> tuple[int, int]:
    """Where the newest `limit` rows begin: the start of a span, and how many of its rows come before them."""
    # The same grid as forwards, so that a bar is never cut by a page.
    start, found = first + (last - first) // width * width, 0
    while start >= first:
        found += len(read(start, min(start + width - 1, last)))
        if found >= limit:
            return start, found - limit
        start -= width
    return first, 0
