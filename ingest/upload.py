"""A file of trades or bars that a user hands in, read in bounded memory: good rows as pages, the others told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from analytics.datasets import bare, symbol_name
from analytics.errors import BadInput
from analytics.market import Bars, Int64Array, Quality, Ticks, Timeframe
from ingest.archive_file import blocks
from ingest.id_extent import IdExtent
from ingest.upload_format import (
    Format,
    Kind,
    TimeUnit,
    format_named,
    format_of_row,
    has_header,
    symbol_in,
    timeframe_in,
    unit_of,
)
from ingest.upload_rows import Rejected, Rows, rows_of

MOST_TOLD: Final = 100
_PAGE_LINES: Final = 5_000
_MOST_LOST: Final = 100_000
_MOST_SYMBOLS: Final = 50
_LONGEST_CAUSE: Final = 200
_LOST: Final = "# lost "


@dataclass(frozen=True, slots=True)
class Lost:
    """Ids that the file itself calls lost for good, both ends inclusive."""

    symbol: str
    first_id: int
    last_id: int
    cause: str


@dataclass(slots=True)
class Seen:
    """What came of one symbol. rows: good ones.  disordered: rows that stood behind their place.  partial: bars that
    the file says a hole touches.  ids: the trades', or the seconds in which bars start.  step_ms: the smallest step
    between neighbouring bars, 0 before the second.  grid_ms: the longest step that leads to every start.
    """

    rows: int = 0
    disordered: int = 0
    partial: int = 0
    ids: IdExtent = field(default_factory=IdExtent)
    newest: int = -1
    step_ms: int = 0
    grid_ms: int = 0

    @property
    def repeats(self) -> int:
        """Rows whose id, or start, had come before."""
        return self.rows - self.ids.count


class UploadFile:
    """One file. given: the symbol that the user says it holds, used where the file's rows do not tell their own.

    name: what the user's program calls the file; it is looked at for words, never opened.
    """

    def __init__(self, path: Path, name: str, given: str | None = None) -> None:
        self._path = path
        self._name = name
        self._given = symbol_name(given) if given is not None else None
        self.form: Format | None = None
        self.unit: TimeUnit | None = None
        self.rejected: list[Rejected] = []
        self.rejected_rows = 0
        self.rows = 0
        self.lost: list[Lost] = []
        self.seen: dict[str, Seen] = {}

    def pages(self) -> Iterator[tuple[str, Ticks | Bars]]:
        """The good rows, some thousand of one symbol at a time, in the order of the file.

        Raises BadInput where the file as a whole cannot be read: damaged, of no known kind, without a symbol.
        """
        try:
            for first_line, block in blocks(self._path):
                yield from self._of_block(first_line, block)
        except BadInput as error:
            raise BadInput(str(error).replace(str(self._path), self._name)) from None
        if self.form is None:
            raise BadInput(f"{self._name} holds no rows")

    def timeframe(self, symbol: str) -> Timeframe:
        """How long the bars of a symbol last, by what was read so far: the file's name tells, else the smallest step.

        Raises BadInput when neither does, or when they do not agree.
        """
        named, seen = timeframe_in(self._name), self.seen[symbol]
        found = named or next((one for one in Timeframe if one.milliseconds and one.milliseconds == seen.step_ms), None)
        if found is None or seen.grid_ms % found.milliseconds or 0 < seen.step_ms < found.milliseconds:
            step = f"the smallest step between them is {seen.step_ms} ms" if seen.step_ms else "there is only one"
            lengths = ", ".join(list(Timeframe)[1:])
            raise BadInput(
                f"{self._name}: {'cannot tell how long a bar' if named is None else f'a bar is not {named} long, as'} "
                f"{f'of {symbol} lasts' if named is None else 'the name says'} ({step}); bars last {lengths}, start "
                f"at whole ones, and a name tells: {symbol}-1m-2025-01-01.csv"
            )
        return found

    def _of_block(self, first_line: int, block: bytes) -> Iterator[tuple[str, Ticks | Bars]]:
        try:
            text = block.removeprefix(b"\xef\xbb\xbf").decode("utf-8").rstrip("\n")
        except UnicodeDecodeError as error:
            line = first_line + block[: error.start].count(b"\n")
            raise BadInput(f"{self._name}, line {line}: bytes that are no text; save it as CSV in UTF-8") from None
        lines = text.split("\n")
        for start in range(0, len(lines), _PAGE_LINES):
            yield from self._of_lines(first_line + start, lines[start : start + _PAGE_LINES])

    def _of_lines(self, first_line: int, lines: list[str]) -> Iterator[tuple[str, Ticks | Bars]]:
        at = 0
        while self.form is None and at < len(lines):
            at += self._begin(lines[at])
        if self.form is None or at == len(lines):
            return
        body = lines[at:]
        if self.unit is None:
            self.unit = self._first_unit(body)
        found = rows_of("\n".join(body), first_line + at, self.form, self.unit)
        self.rows += len(found) + len(found.rejected)
        self.rejected_rows += len(found.rejected)
        self.rejected += found.rejected[: MOST_TOLD - len(self.rejected)]
        for symbol, page in self._by_symbol(found):
            yield symbol, self._noted(symbol, page)

    def _begin(self, line: str) -> int:
        """Look at a line before the first row: 1 when it is not a row itself."""
        try:
            if line.startswith("#") or not line.strip():
                self._remark(line)
                return 1
            if not has_header(line):
                self.form = format_of_row(line)
                return 0
            self.form = format_named(line)
        except BadInput as error:
            raise BadInput(f"{self._name}, {error}") from None
        return 1

    def _remark(self, line: str) -> None:
        """A comment: our own exports tell what is lost for good."""
        words = line.removeprefix(_LOST).split(" ", 3)
        if line.startswith(_LOST) and len(words) == 4 and words[1].isdecimal() and words[2].isdecimal():
            first_id, last_id = int(words[1]), int(words[2])
            if first_id <= last_id < 1 << 53 and len(self.lost) < _MOST_LOST:
                symbol = symbol_name(bare(words[0]))
                self.lost.append(Lost(symbol, first_id, last_id, words[3].strip()[:_LONGEST_CAUSE]))

    def _first_unit(self, lines: list[str]) -> TimeUnit:
        """The unit of the first row that has a time at all."""
        form = self._known_form()
        place = next(at for at, column in enumerate(form.columns) if column.kind == "time")
        for line in lines:
            cells = line.split(",")
            if len(cells) > place and cells[place].strip().isdecimal() and len(cells[place]) < 20:
                return unit_of(int(cells[place]))
        return "milliseconds"

    def _by_symbol(self, found: Rows) -> Iterator[tuple[str, Rows]]:
        if not len(found):
            return
        symbols = found.columns.get("symbol")
        if symbols is None:
            yield self._one_symbol(), found
            return
        told = np.array(symbols)
        for symbol in dict.fromkeys(symbols):
            mine = np.flatnonzero(told == symbol)
            picked = {name: values[mine] for name, values in found.columns.items() if isinstance(values, np.ndarray)}
            yield symbol, Rows(picked, [])

    def _one_symbol(self) -> str:
        """The symbol of a file whose rows do not name it. Raises BadInput."""
        named = symbol_in(self._name)
        if self._given is None and named is None:
            raise BadInput(f"{self._name} does not tell its symbol; add it, such as ?symbol=BTCUSDT")
        if self._given is not None and named is not None and named != self._given:
            raise BadInput(
                f"{self._name} is named as data of {named}, not of {self._given}; leave the symbol out or rename it"
            )
        return self._given or named or ""

    def _noted(self, symbol: str, found: Rows) -> Ticks | Bars:
        """The page in order and without repeats; what it had is counted."""
        if symbol not in self.seen and len(self.seen) == _MOST_SYMBOLS:
            raise BadInput(f"{self._name} holds more than {_MOST_SYMBOLS} symbols; split it")
        seen = self.seen.setdefault(symbol, Seen())
        form, columns = self._known_form(), found.columns
        time_ms: Int64Array = columns["time_ms"]
        keys: Int64Array = time_ms // 1_000 if form.holds_bars else columns[_named(form, "id")]
        seen.rows += len(keys)
        seen.disordered += int((keys < np.maximum.accumulate(np.concatenate(([seen.newest], keys)))[:-1]).sum())
        seen.newest = max(seen.newest, int(keys.max()))
        seen.ids.add(keys, time_ms)
        chosen = np.unique(keys, return_index=True)[1]
        if not form.holds_bars:
            return _ticks(columns, form).rows(chosen)
        if "quality" in columns:
            seen.partial += int((columns["quality"] >= Quality.PARTIAL).sum())
        _note_steps(seen, time_ms[chosen])
        return _bars(columns, form).rows(chosen)

    def _known_form(self) -> Format:
        if self.form is None:
            raise BadInput(f"{self._name} holds no rows")
        return self.form


def _note_steps(seen: Seen, starts: Int64Array) -> None:
    seen.grid_ms = int(np.gcd.reduce(np.append(starts, seen.grid_ms)))
    steps = np.diff(starts)
    if len(steps):
        smallest = int(steps.min())
        seen.step_ms = min(seen.step_ms or smallest, smallest)


def _named(form: Format, kind: Kind) -> str:
    """The name of the first column that holds this."""
    return next(column.name for column in form.columns if column.kind == kind)


def _ticks(columns: dict[str, Any], form: Format) -> Ticks:
    return Ticks(
        trade_id=columns[_named(form, "id")],
        time_ms=columns["time_ms"],
        price=columns["price"],
        quantity=columns[_named(form, "quantity")],
        buyer_is_maker=columns[_named(form, "truth")] > 0,
    )


def _bars(columns: dict[str, Any], form: Format) -> Bars:
    """Bars without trade ids. Where the file does not tell the takers' part, it is 0 here."""
    count = len(columns["time_ms"])
    nowhere = np.zeros(count, np.int64)
    told = form.tells_takers
    return Bars(
        start_ms=columns["time_ms"],
        open=columns["open"],
        high=columns["high"],
        low=columns["low"],
        close=columns["close"],
        volume=columns["volume"],
        trades=columns["count" if told else "trades"],
        taker_buy_volume=columns["taker_buy_volume"] if told else np.zeros(count),
        first_id=nowhere,
        last_id=nowhere,
        quality=np.full(count, Quality.BACKFILLED, np.uint8),
    )
