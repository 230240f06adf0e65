"""Everything stored, page by page: no read is long, and no history is ever in memory as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from analytics.errors import StoreError
from analytics.market import Bars, Ticks, Timeframe
from services.ports import TickStore

# A page is held as long as its reader takes, and a reader may stop for good.
_IDS = 4_000
_SECONDS = 3_600
# Ids are in order, times nearly so: the feed takes trades that are up to an hour older than the newest.
_BEFORE_FIRST_MS = 3_600_000

_Rows = TypeVar("_Rows", Ticks, Bars)


def tick_pages(store: TickStore, symbol: str, limit: int | None = None) -> Iterator[Ticks]:
    """The committed trades of a symbol, or the newest `limit` of them, ascending by id."""
    stored = store.stored(symbol)
    if stored is None or stored.first_id is None or stored.last_id is None:
        return
    pages = _pages(
        lambda first, last: store.ticks_between(symbol, first, last), stored.first_id, stored.last_id, _IDS, limit
    )
    yield from _unbroken(
        pages, store, symbol, lambda page: (int(page.trade_id[0]), int(page.trade_id[-1])), stored.last_id
    )


def bar_pages(store: TickStore, symbol: str, timeframe: Timeframe, limit: int | None = None) -> Iterator[Bars]:
    """The bars of the committed trades, or the newest `limit` of them, ascending. Raises BadInput for `TICK`."""
    newest = store.newest_bars(symbol, timeframe, 1)
    stored = store.stored(symbol)
    if not len(newest) or stored is None or stored.first_id is None or stored.last_id is None:
        return
    length_ms = timeframe.milliseconds
    # The first one may have been removed a moment ago.
    oldest = store.ticks_between(symbol, stored.first_id, stored.last_id, limit=1)
    first_ms = int(oldest.time_ms[0]) - _BEFORE_FIRST_MS
    page_ms = max(_SECONDS * 1_000 // length_ms, 1) * length_ms

    def span(start_ms: int, last_ms: int) -> Bars:
        return store.bars(symbol, timeframe, start_ms=start_ms, end_ms=last_ms + 1)

    pages = _pages(span, first_ms - first_ms % length_ms, int(newest.start_ms[-1]) + length_ms - 1, page_ms, limit)
    yield from _unbroken(
        pages, store, symbol, lambda page: (int(page.first_id.min()), int(page.last_id.max())), int(newest.last_id[-1])
    )


def _unbroken(
    pages: Iterator[_Rows], store: TickStore, symbol: str, ends: Callable[[_Rows], tuple[int, int]], last_id: int
) -> Iterator[_Rows]:
    """The pages, as long as retention has not overtaken whoever reads them slowly. Raises StoreError when it has.

    ends: the lowest and the highest id of a page.
    """
    behind: int | None = None
    for page in pages:
        first_here, last_here = ends(page)
        if behind is not None and first_here > behind + 1:
            _refuse_removed(store, symbol, behind)
        behind = last_here
        yield page
    if behind is not None and behind < last_id:
        _refuse_removed(store, symbol, behind)


def _refuse_removed(store: TickStore, symbol: str, exported_id: int) -> None:
    """There is a hole behind this trade: the oldest rows go first, so if it is still stored, none went from there."""
    if not len(store.ticks_between(symbol, exported_id, exported_id)):
        raise StoreError(f"what was still to be exported of {symbol} has become too old and was removed; ask again")


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
