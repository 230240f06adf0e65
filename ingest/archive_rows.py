"""Lines of an archive file as columns. Pure: bytes in, numpy out.

The numbers and booleans of a line are JSON but for their case, so that one strict typed decode reads a whole block:
ids exactly, decimals to the nearest float, and nothing that is not a number.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from analytics.errors import BadInput
from analytics.market import Int64Array, Ticks, Uint8Array

COLUMNS = (
    "agg_trade_id",
    "price",
    "quantity",
    "first_trade_id",
    "last_trade_id",
    "transact_time",
    "is_buyer_maker",
    "is_best_match",
)
ALSO_CALLED = {"timestamp": "transact_time", "time": "transact_time", "was_best_price_match": "is_best_match"}
_NEEDED = 7
# Other times are no times of trades.
EARLIEST_MS, LATEST_MS = 1_262_304_000_000, 4_102_444_800_000
_TIME = COLUMNS.index("transact_time")

_Whole = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
# A moment in ms stays below this until the year 5138; in us it has been above since 1973.
_MICROSECONDS_FROM = 100_000_000_000_000
_MAX_DIGITS = 16


class _Row(msgspec.Struct, array_like=True, forbid_unknown_fields=True, gc=False):
    agg_trade_id: _Whole
    price: float
    quantity: float
    first_trade_id: int
    last_trade_id: int
    transact_time: _Whole
    is_buyer_maker: bool
    is_best_match: bool = True


_rows = msgspec.json.Decoder(list[_Row])
_row = msgspec.json.Decoder(_Row)
_whole, _decimal, _truth = msgspec.json.Decoder(_Whole), msgspec.json.Decoder(float), msgspec.json.Decoder(bool)
_number = msgspec.json.Decoder(int)
_KINDS: tuple[tuple[msgspec.json.Decoder[Any], str], ...] = (
    (_whole, "a whole number"),
    (_decimal, "a decimal number"),
    (_decimal, "a decimal number"),
    (_number, "a whole number"),
    (_number, "a whole number"),
    (_whole, "a time in milliseconds or microseconds"),
    (_truth, "true or false"),
    (_truth, "true or false"),
)
_Undecodable = (msgspec.DecodeError, UnicodeDecodeError)


def without_header(block: bytes, where: str) -> tuple[bytes, int]:
    """The block without a byte order mark and without a header line, and how many lines were taken off.

    where: the file, for the sentence.  Raises BadInput when a header names other columns.
    """
    block = block.removeprefix(b"\xef\xbb\xbf")
    first, _, rest = block.partition(b"\n")
    if first[:1].isdigit() or not first[:1].isalpha():
        return block, 0
    names = [name.strip().strip('"').lower() for name in first.decode("utf-8", "replace").split(",")]
    for at, name in enumerate(names):
        if at >= len(COLUMNS) or ALSO_CALLED.get(name, name) != COLUMNS[at]:
            expected = COLUMNS[at] if at < len(COLUMNS) else "no further column"
            raise BadInput(f"{where}, line 1, column {at + 1}: it is called {name[:40]!r}, expected {expected}")
    if len(names) < _NEEDED:
        raise BadInput(f"{where}, line 1: {len(names)} columns, expected {', '.join(COLUMNS[:_NEEDED])}")
    return rest, 1


def ticks_of(block: bytes, where: str, first_line: int) -> Ticks:
    """The trades of some lines, in their order, none left out. Times in ms, whatever the file's unit.

    where, first_line: the file and the number of its line that the block begins with.  Raises BadInput, naming line
    and column.
    """
    body = block.lower().removesuffix(b"\n")
    try:
        rows = _rows.decode(b"[[" + body.replace(b"\n", b"],[") + b"]]")
    except _Undecodable:
        rows = []
    # The count unmasks a line that closes a bracket of its own.
    if len(rows) != body.count(b"\n") + 1:
        rows = [_alone(line, where, first_line + at) for at, line in enumerate(body.split(b"\n"))]
    count = len(rows)
    return Ticks(
        trade_id=np.fromiter((row.agg_trade_id for row in rows), np.int64, count),
        time_ms=_milliseconds(np.fromiter((row.transact_time for row in rows), np.int64, count)),
        price=np.fromiter((row.price for row in rows), np.float64, count),
        quantity=np.fromiter((row.quantity for row in rows), np.float64, count),
        buyer_is_maker=np.fromiter((row.is_buyer_maker for row in rows), np.bool_, count),
    )


class Outline:
    """Where the lines of a block begin, and their ids and times (ms): what is told without reading the prices."""

    def __init__(self, block: bytes, starts: Int64Array, ids: Int64Array, time_ms: Int64Array) -> None:
        self._block = block
        self._starts = starts
        self.ids = ids
        self.time_ms = time_ms

    def lines(self, where: NDArray[np.bool_]) -> list[tuple[int, bytes]]:
        """The chosen lines, neighbours together: how many lines stand before them in the block, and their bytes."""
        edges = np.flatnonzero(np.diff(np.concatenate(([False], where, [False])).astype(np.int8)))
        ends = np.append(self._starts, len(self._block))
        return [
            (first, self._block[ends[first] : ends[after]])
            for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
        ]


def outline(block: bytes) -> Outline | None:
    """Ids and times of the lines, several times as fast as reading them whole; None when they are not all alike."""
    text = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(text == ord("\n"))
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))
    commas = np.flatnonzero(text == ord(","))
    each = len(commas) // max(len(ends), 1)
    if each not in {_NEEDED - 1, _NEEDED} or each * len(ends) != len(commas):
        return None
    by_line = commas.reshape(len(ends), each)
    if (by_line[:, 0] < starts).any() or (by_line[:, -1] > ends).any():
        return None
    ids = _wholes(text, starts, by_line[:, 0])
    times = _wholes(text, by_line[:, _TIME - 1] + 1, by_line[:, _TIME])
    return None if ids is None or times is None else Outline(block, starts, ids, _milliseconds(times))


def _wholes(text: Uint8Array, starts: Int64Array, stops: Int64Array) -> Int64Array | None:
    """The numbers between these places; None when one is not made of 1 to 16 digits."""
    width = stops - starts
    shortest, longest = int(width.min()), int(width.max())
    if shortest < 1 or longest > _MAX_DIGITS:
        return None
    values = np.zeros(len(starts), np.int64)
    # Numbers of one length lie in a table of digits; a file has one or two lengths.
    for length in range(shortest, longest + 1):
        mine = slice(None) if shortest == longest else width == length
        digits = sliding_window_view(text, length)[starts[mine]] - np.uint8(ord("0"))
        if (digits > 9).any():
            return None
        number = np.zeros(len(digits), np.int64)
        for column in digits.T:
            number = number * 10 + column
        values[mine] = number
    return values


def _milliseconds(times: Int64Array) -> Int64Array:
    return np.where(times >= _MICROSECONDS_FROM, times // 1_000, times)


def _alone(line: bytes, where: str, number: int) -> _Row:
    try:
        return _row.decode(b"[" + line + b"]")
    except _Undecodable:
        raise _fault(line, f"{where}, line {number}") from None


def _fault(line: bytes, where: str) -> BadInput:
    fields = line.split(b",")
    if not _NEEDED <= len(fields) <= len(COLUMNS):
        return BadInput(f"{where}: {len(fields)} columns, expected {_NEEDED} or {len(COLUMNS)}")
    for at, (field, (decoder, kind)) in enumerate(zip(fields, _KINDS, strict=False)):
        try:
            decoder.decode(field)
        except _Undecodable:
            seen = field[:40].decode("utf-8", "replace")
            return BadInput(f"{where}, column {at + 1} ({COLUMNS[at]}): expected {kind}, got {seen!r}")
    return BadInput(f"{where}: no row of trades")
