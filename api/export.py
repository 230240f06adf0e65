"""A download of everything stored, as a stream: pages from the Desk become text one after the other, so memory stays
flat however long the history is.

The first page is read before the answer begins, so that a question which cannot be answered is an error as everywhere
else. What goes wrong later ends the connection in the middle of the body: half a file never looks like a whole one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from analytics.datasets import bare, dataset_of
from analytics.errors import PairwatchError
from analytics.market import Bars, Gap, Ticks, Timeframe
from api.numbers import iso_utc
from api.table import BAR_HEADER, TICK_HEADER, bar_rows, lost_lines, tick_rows
from services.desk import Desk

_logger = logging.getLogger(__name__)

_Rows = TypeVar("_Rows", Ticks, Bars)

# About 40 KiB of text: what the connection holds for a reader who does not take it.
_ROWS = 500


@dataclass(frozen=True, slots=True)
class Export:
    """A download that has begun. chunks: bytes of the file, read lazily; raises PairwatchError where it breaks off."""

    file_name: str
    chunks: Iterator[bytes]


def opened_export(desk: Desk, symbol: str, timeframe: Timeframe, limit: int | None, now_ms: int) -> Export:
    """The newest `limit` rows, or everything stored. Blocking: reads the first page. Raises PairwatchError."""
    status = desk.status()
    if timeframe is Timeframe.TICK:
        text = _text(desk, symbol, desk.export_ticks(symbol, limit), _first_trade, tick_rows, TICK_HEADER)
    else:
        text = _text(desk, symbol, desk.export_bars(symbol, timeframe, limit), _first_of_bars, bar_rows, BAR_HEADER)
    # The preamble is the first text; asking for it here reads the first page.
    preamble = next(text)
    # Simulated trades must be known as such when the file lies in a folder a year later.
    dataset = dataset_of(symbol)
    market = "" if status.source == "live" and dataset is None else f"{dataset or status.source}-".lower()
    stamp = iso_utc(now_ms)[:19].replace("-", "").replace(":", "")
    return Export(
        file_name=f"pairwatch-{market}{bare(symbol).lower()}-{timeframe.value}-{stamp}Z.csv",
        chunks=_encoded(chain((preamble,), text), symbol),
    )


def _text(
    desk: Desk,
    symbol: str,
    pages: Iterator[_Rows],
    first_id: Callable[[_Rows], int],
    rows: Callable[[str, _Rows], str],
    header: str,
) -> Iterator[str]:
    """The lost ranges and the header as the first text, then some hundred rows at a time."""
    first = next(pages, None)
    inside = [] if first is None else _lost_from(desk.gaps(symbol), first_id(first))
    yield lost_lines(inside) + header
    if first is not None:
        name = bare(symbol).lower()
        for page in chain((first,), pages):
            yield from (rows(name, page.rows(slice(row, row + _ROWS))) for row in range(0, len(page), _ROWS))


def _lost_from(ledger: tuple[Gap, ...], first_id: int) -> list[Gap]:
    lost = (gap for gap in ledger if gap.state == "LOST" and gap.last_id >= first_id)
    return sorted((replace(gap, symbol=bare(gap.symbol)) for gap in lost), key=lambda gap: gap.first_id)


def _first_trade(page: Ticks) -> int:
    return int(page.trade_id[0])


def _first_of_bars(page: Bars) -> int:
    # A hole that ends right before the first trade may belong to the first bar, which is then partial.
    return int(page.first_id[0]) - 1


def _encoded(texts: Iterator[str], symbol: str) -> Iterator[bytes]:
    try:
        for text in texts:
            yield text.encode()
    except PairwatchError as error:
        _logger.error("the export of %s broke off: %s", symbol, error)  # noqa: TRY400 - the traceback follows where it is caught
        raise
