"""Binance's public archive files of aggregate trades (daily and monthly), read in bounded memory.

Their known defects are taken as they come: rows out of order and interleaved, rows twice, rows without a quantity,
header or none, milliseconds or microseconds, booleans in any case (docs/exchange.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.errors import BadInput
from analytics.market import BoolArray, Int64Array, Ticks
from ingest.archive_file import blocks, verified_checksum
from ingest.archive_rows import EARLIEST_MS, LATEST_MS, outline, ticks_of, without_header
from ingest.id_extent import IdExtent, IdRange

_NAME = re.compile(r"([A-Z0-9]{2,30})-aggTrades-\d{4}-\d{2}(-\d{2})?\b")
_SYMBOL = re.compile(r"[A-Z0-9]{2,30}")
_NOT_POSITIVE = "price or quantity is not above zero"
_NO_MOMENT = "the time is not between 2010 and 2100"


@dataclass(frozen=True, slots=True)
class ArchiveSummary:
    """What was met in a file. Ids and times are None without a row.

    rows: data lines, good or not.  repeats: lines whose id had come before.  set_aside: lines kept out, by reason.
    holes: inclusive ranges between first_id and last_id that have no good row, ascending.  Lines whose ids were not
    asked for count by id and time alone.
    """

    rows: int
    first_id: int | None
    last_id: int | None
    first_ms: int | None
    last_ms: int | None
    repeats: int
    set_aside: dict[str, int]
    holes: tuple[IdRange, ...]


class ArchiveFile:
    """One file. symbol: whose trades it holds; told by its name (`BTCUSDT-aggTrades-2026-11-01.zip`) where not given.

    Raises BadInput when neither tells the symbol, or when they differ.
    """

    def __init__(self, path: Path, symbol: str | None = None) -> None:
        self.path = path
        self.symbol = _symbol_of(path, symbol)

    def verify(self) -> bool:
        """Whether a `.CHECKSUM` beside the file vouches for it; False when there is none. Raises BadInput."""
        return verified_checksum(self.path)

    def read(self, wanted: Sequence[IdRange] | None = None) -> ArchiveReading:
        """A new reading. wanted: only the trades with these ids, inclusive, ascending, disjoint; None for all."""
        return ArchiveReading(self.path, wanted)


class ArchiveReading:
    """One pass through a file."""

    def __init__(self, path: Path, wanted: Sequence[IdRange] | None) -> None:
        self._path = path
        self._wanted = None if wanted is None else np.array(wanted, np.int64).reshape(-1, 2)
        self._rows = 0
        self._good = 0
        self._set_aside: Counter[str] = Counter()
        self._seen = IdExtent()

    def pages(self) -> Iterator[Ticks]:
        """The trades in pages of some ten thousand, each ascending and without repeats; pages may overlap.

        Raises BadInput, naming file, line and column.
        """
        for first_line, block in blocks(self._path):
            taken_off, lines = 0, block
            if first_line == 1:
                lines, taken_off = without_header(block, str(self._path))
            if lines:
                page = self._page(lines, first_line + taken_off)
                if len(page):
                    yield page

    def summary(self) -> ArchiveSummary:
        """What was met so far."""
        seen = self._seen
        ids = seen.ranges
        return ArchiveSummary(
            rows=self._rows,
            first_id=int(ids[0, 0]) if len(ids) else None,
            last_id=int(ids[-1, 1]) if len(ids) else None,
            first_ms=seen.first_ms,
            last_ms=seen.last_ms,
            repeats=self._good - seen.count,
            set_aside=dict(self._set_aside),
            holes=seen.holes(),
        )

    def _page(self, lines: bytes, first_line: int) -> Ticks:
        sketch = outline(lines) if self._wanted is not None else None
        if sketch is None or self._wanted is None:
            ticks = self._sound(ticks_of(lines, str(self._path), first_line))
            return ticks if self._wanted is None else ticks.rows(_inside(ticks.trade_id, self._wanted))
        asked = _inside(sketch.ids, self._wanted)
        self._count(sketch.ids[~asked], sketch.time_ms[~asked])
        page = Ticks.empty()
        for before, chosen in sketch.lines(asked):
            page = page.joined(self._sound(ticks_of(chosen, str(self._path), first_line + before)))
        return _in_order(page)

    def _sound(self, ticks: Ticks) -> Ticks:
        positive = (ticks.price > 0) & (ticks.quantity > 0)
        timely = (ticks.time_ms >= EARLIEST_MS) & (ticks.time_ms < LATEST_MS)
        good = positive & timely
        if not good.all():
            self._set_aside.update({_NOT_POSITIVE: int((~positive).sum()), _NO_MOMENT: int((positive & ~timely).sum())})
            self._set_aside = +self._set_aside
        self._rows += int((~good).sum())
        sound = ticks.rows(good)
        self._count(sound.trade_id, sound.time_ms)
        return _in_order(sound)

    def _count(self, ids: Int64Array, time_ms: Int64Array) -> None:
        self._rows += len(ids)
        self._good += len(ids)
        self._seen.add(ids, time_ms)


def _inside(ids: Int64Array, ranges: Int64Array) -> BoolArray:
    if not len(ranges):
        return np.zeros(len(ids), np.bool_)
    place = np.minimum(np.searchsorted(ranges[:, 1], ids), len(ranges) - 1)
    inside: BoolArray = (ids >= ranges[place, 0]) & (ids <= ranges[place, 1])
    return inside


def _in_order(ticks: Ticks) -> Ticks:
    if bool((ticks.trade_id[1:] > ticks.trade_id[:-1]).all()):
        return ticks
    return ticks.rows(np.unique(ticks.trade_id, return_index=True)[1])


def _symbol_of(path: Path, given: str | None) -> str:
    named = _NAME.match(path.name)
    if given is None and named is None:
        raise BadInput(f"{path.name} does not tell its symbol; add --symbol, such as --symbol BTCUSDT")
    symbol = (given if given is not None else named[1] if named is not None else "").upper()
    if not _SYMBOL.fullmatch(symbol):
        raise BadInput(f"{symbol!r} is not a symbol; write it as the exchange does, such as BTCUSDT")
    if named is not None and named[1] != symbol:
        raise BadInput(
            f"{path.name} is named as trades of {named[1]}, not of {symbol}; leave --symbol out or rename it"
        )
    return symbol
