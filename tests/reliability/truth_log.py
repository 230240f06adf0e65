"""The exchange's own log of what it published, read with nothing but the standard library.

Lines are `symbol,a,p,q,f,l,T,m`. A line `# new_ids SYMBOL` says that the ids of a symbol began again: what follows is
another history of that symbol. Several logs may be given; where they overlap they must agree.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_HEADER = "symbol,a,p,q,f,l,T,m"

# (id, time in ms, price, quantity, buyer is maker)
Row = tuple[int, int, float, float, bool]


class BadTruth(Exception):
    """The log itself cannot be believed."""


@dataclass(slots=True)
class History:
    """One symbol's published trades, ascending by id."""

    trade_id: array[int] = field(default_factory=lambda: array("q"))
    time_ms: array[int] = field(default_factory=lambda: array("q"))
    price: array[float] = field(default_factory=lambda: array("d"))
    quantity: array[float] = field(default_factory=lambda: array("d"))
    buyer_is_maker: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.trade_id)

    def append(self, row: Row) -> None:
        self.trade_id.append(row[0])
        self.time_ms.append(row[1])
        self.price.append(row[2])
        self.quantity.append(row[3])
        self.buyer_is_maker.append(row[4])

    def row(self, at: int) -> Row:
        return (
            self.trade_id[at],
            self.time_ms[at],
            self.price[at],
            self.quantity[at],
            bool(self.buyer_is_maker[at]),
        )

    def find(self, trade_id: int) -> int | None:
        at = bisect_left(self.trade_id, trade_id)
        return at if at < len(self) and self.trade_id[at] == trade_id else None


def read_truth(paths: Iterable[Path], symbols: frozenset[str] | None = None) -> dict[str, list[History]]:
    """Per symbol its histories, the oldest first. symbols: only these. Raises BadTruth."""
    told: dict[str, list[History]] = {}
    for path in paths:
        told = _merged(told, _one_log(path, symbols))
    return told


def _one_log(path: Path, symbols: frozenset[str] | None) -> dict[str, list[History]]:
    told: dict[str, list[History]] = {}
    for number, line in _whole_lines(path):
        if line == _HEADER:
            continue
        if line.startswith("#"):
            word, _, symbol = line[1:].strip().partition(" ")
            if word == "new_ids":
                told.setdefault(symbol, [History()]).append(History())
            continue
        symbol = line[: line.find(",")]
        if symbols is not None and symbol not in symbols:
            continue
        histories = told.setdefault(symbol, [History()])
        row = _row(path, number, line)
        history = histories[-1]
        if not len(history) or row[0] > history.trade_id[-1]:
            history.append(row)
            continue
        at = history.find(row[0])
        if at is None or history.row(at) != row:
            raise BadTruth(f"{path}:{number}: id {row[0]} of {symbol} is out of order or told twice, differently")
    return told


def _whole_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines. The very last one may be cut off when the exchange was killed: then it was never published."""
    with path.open(encoding="ascii", newline="\n") as file:
        for number, line in enumerate(file, 1):
            if line.endswith("\n"):
                yield number, line[:-1]


def _row(path: Path, number: int, line: str) -> Row:
    parts = line.split(",")
    if len(parts) != 8 or parts[7] not in {"true", "false"}:
        raise BadTruth(f"{path}:{number}: {line[:80]!r} is no line of a truth log")
    return int(parts[1]), int(parts[6]), float(parts[2]), float(parts[3]), parts[7] == "true"


def _merged(one: dict[str, list[History]], other: dict[str, list[History]]) -> dict[str, list[History]]:
    together = dict(one)
    for symbol, histories in other.items():
        known = together.get(symbol)
        if known is None:
            together[symbol] = histories
        else:
            # Only the oldest history can have been told by two logs: new ids happen within one run.
            together[symbol] = [_joined(symbol, known[0], histories[0]), *known[1:], *histories[1:]]
    return together


def _joined(symbol: str, one: History, other: History) -> History:
    rows: dict[int, Row] = {one.trade_id[at]: one.row(at) for at in range(len(one))}
    for at in range(len(other)):
        row = other.row(at)
        if rows.setdefault(row[0], row) != row:
            raise BadTruth(f"two logs tell id {row[0]} of {symbol} differently")
    history = History()
    for trade_id in sorted(rows):
        history.append(rows[trade_id])
    return history
