"""Lines of an uploaded file as columns of good rows, and what is wrong with each of the others. Pure.

Whole columns are converted at once; only where that fails is a block read again line by line, to tell the place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analytics.market import BoolArray, Quality
from ingest.archive_rows import EARLIEST_MS, LATEST_MS
from ingest.upload_format import UNITS, Column, Format, Kind, TimeUnit, unit_of

_LARGEST_WHOLE: Final = 1 << 53
_SEEN: Final = 40
_KINDS: Final[dict[Kind, str]] = {
    "whole": "a whole number",
    "id": "a trade id, a whole number",
    "time": "a time, a whole number",
    "price": "a price above zero",
    "quantity": "a quantity above zero",
    "amount": "a number, zero or above",
    "truth": "true or false",
    "text": "a symbol",
    "quality": "complete, backfilled, partial or missing",
    "any": "anything",
}
_QUALITIES: Final = {quality.name.lower(): int(quality) for quality in Quality}
_TRUTHS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken. line, column: from 1; column is None where the whole row is at fault.

    reason: a sentence's worth of what was expected and what stood there.
    """

    line: int
    column: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The good rows of a block. columns: by the format's own names, numpy arrays, `text` as lists; beside them `line`,
    the number of the row's line, and `time_ms`.
    """

    columns: dict[str, Any]
    rejected: list[Rejected]

    def __len__(self) -> int:
        return len(self.columns["line"])


def rows_of(block: str, first_line: int, form: Format, unit: TimeUnit) -> Rows:
    """The rows of some lines, the bad ones told. Times become milliseconds under the name `time_ms`."""
    cells = [line.split(",") for line in block.split("\n")]
    try:
        columns = _converted(cells, list(range(first_line, first_line + len(cells))), form, unit)
    except ValueError:
        return _one_by_one(cells, first_line, form, unit)
    if not _faulty(columns, form).any():
        return Rows(columns, [])
    return _one_by_one(cells, first_line, form, unit)


def _one_by_one(cells: list[list[str]], first_line: int, form: Format, unit: TimeUnit) -> Rows:
    good: list[list[str]] = []
    lines: list[int] = []
    rejected: list[Rejected] = []
    for line, row in enumerate(cells, first_line):
        fault = _fault(row, line, form, unit)
        if fault is not None:
            rejected.append(fault)
        elif row != [""]:
            good.append(row)
            lines.append(line)
    narrowest = min(map(len, good), default=0)
    return Rows(_converted([row[:narrowest] for row in good], lines, form, unit), rejected)


def _converted(cells: list[list[str]], lines: list[int], form: Format, unit: TimeUnit) -> dict[str, Any]:
    """Whole columns at once. Raises ValueError where a cell is not what its column holds."""
    width = len(cells[0]) if cells else len(form.columns)
    if not form.fits(width) or any(len(row) != width for row in cells):
        raise ValueError
    by_column = list(zip(*cells, strict=True)) if cells else [()] * width
    columns: dict[str, Any] = {"line": np.array(lines, np.int64)}
    for column, texts in zip(form.columns, by_column, strict=False):
        if column.kind != "any":
            columns[column.name] = _values(column.kind, texts)
    factor, divisor = UNITS[unit]
    stamp = next(columns[column.name] for column in form.columns if column.kind == "time")
    columns["time_ms"] = stamp * factor // divisor
    return columns


def _values(kind: Kind, texts: Sequence[str]) -> Any:
    if kind in {"whole", "id", "time"}:
        return np.array(list(map(_whole, texts)), np.int64)
    if kind == "truth":
        return np.array([_TRUTHS.get(text.strip().lower(), None) for text in texts], np.float64)
    if kind == "quality":
        return np.array([_QUALITIES.get(text.strip(), math.nan) for text in texts], np.float64)
    if kind == "text":
        return [text.strip().upper() for text in texts]
    return np.array(list(map(_decimal, texts)), np.float64)


def _whole(text: str) -> int:
    number = int(text)
    if not 0 <= number <= _LARGEST_WHOLE or "_" in text:
        raise ValueError
    return number


def _decimal(text: str) -> float:
    if "_" in text:
        raise ValueError
    return float(text)


def _faulty(columns: dict[str, Any], form: Format) -> BoolArray:
    """Where a row of numbers cannot be true."""
    faulty = (columns["time_ms"] < EARLIEST_MS) | (columns["time_ms"] >= LATEST_MS)
    for column in form.columns:
        values = columns.get(column.name)
        if values is None or column.kind in {"text", "whole", "id", "time"}:
            continue
        faulty |= ~np.isfinite(values)
        if column.kind in {"price", "quantity"}:
            faulty |= ~(values > 0)
        elif column.kind == "amount":
            faulty |= ~(values >= 0)
    if form.holds_bars:
        faulty |= columns["high"] < np.maximum(columns["open"], columns["close"])
        faulty |= columns["low"] > np.minimum(columns["open"], columns["close"])
    symbols = columns.get("symbol", [])
    unlike = {one for one in set(symbols) if not _is_symbol(one)}
    found: BoolArray = faulty | np.array([one in unlike for one in symbols]) if unlike else faulty
    return found


def _fault(row: list[str], line: int, form: Format, unit: TimeUnit) -> Rejected | None:
    """What is wrong with a row, by its first bad cell; None for a good or an empty one."""
    if row == [""]:
        return None
    if not form.fits(len(row)):
        return Rejected(line, None, f"{len(row)} columns, expected {_widths(form)}")
    for at, (column, text) in enumerate(zip(form.columns, row, strict=False), 1):
        reason = _cell_fault(column, text, unit)
        if reason is not None:
            return Rejected(line, at, reason)
    if form.holds_bars:
        places = {name: form.place(name) for name in ("open", "high", "low", "close")}
        open_, high, low, close = (float(row[at]) for at in places.values())
        if high < max(open_, close):
            return Rejected(line, places["high"] + 1, f"high: {high:g} is below open or close")
        if low > min(open_, close):
            return Rejected(line, places["low"] + 1, f"low: {low:g} is above open or close")
    return None


def _cell_fault(column: Column, text: str, unit: TimeUnit) -> str | None:
    expected = f"{column.name}: expected {_KINDS[column.kind]}, got {text[:_SEEN]!r}"
    if column.kind == "any":
        return None
    if column.kind == "text":
        return None if _is_symbol(text.strip().upper()) else expected
    try:
        value = float(_values(column.kind, [text])[0])
    except (ValueError, OverflowError):
        return expected
    if column.kind == "time":
        return _time_fault(int(text), unit)
    lowest_holds = value > 0 if column.kind in {"price", "quantity"} else value >= 0
    return None if math.isfinite(value) and lowest_holds else expected


def _time_fault(stamp: int, unit: TimeUnit) -> str | None:
    factor, divisor = UNITS[unit]
    if EARLIEST_MS <= stamp * factor // divisor < LATEST_MS:
        return None
    mixed = stamp > 0 and stamp < 10**17 and unit_of(stamp) != unit
    why = f"in {unit_of(stamp)}, but the first row is in {unit}" if mixed else "not between 2010 and 2100"
    return f"the time {stamp} is {why}"


def _is_symbol(text: str) -> bool:
    return 2 <= len(text) <= 30 and text.isascii() and text.isalnum()


def _widths(form: Format) -> str:
    most = len(form.columns)
    return str(most) if not form.optional else f"{most - form.optional} or {most}"
