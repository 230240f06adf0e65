"""The ledger of holes as it stands in the database: is it well formed, and which ids does it list as not stored."""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Sequence

Span = tuple[int, int]
_STATES = ("OPEN", "FILLED", "LOST")


class Ledger:
    """One symbol's holes. faults: what is wrong with the rows themselves, as sentences."""

    def __init__(self, rows: Iterable[tuple[int, int, str, str | None]]) -> None:
        self.faults: list[str] = []
        self.lost: list[Span] = []
        self.open: list[Span] = []
        self.filled: list[Span] = []
        previous_last = -1
        for first, last, state, cause in sorted(rows):
            name = f"the hole {first}-{last}"
            if state not in _STATES:
                self.faults.append(f"{name} is in the unknown state {state!r}")
            if not (cause or "").strip():
                self.faults.append(f"{name} ({state}) has no cause")
            if first > last or first <= previous_last:
                self.faults.append(f"{name} overlaps another or ends before it begins")
            previous_last = max(previous_last, last)
            spans = {"LOST": self.lost, "OPEN": self.open}.get(state, self.filled)
            spans.append((first, last))

    @classmethod
    def read(cls, database: sqlite3.Connection, symbol_id: int | None) -> Ledger:
        query = "SELECT first_id, last_id, state, cause FROM gaps WHERE symbol_id = ?"
        return cls(database.execute(query, (symbol_id,)).fetchall())

    def unlisted(self, first: int, last: int) -> list[Span]:
        """What of these ids no LOST or OPEN row lists."""
        left: list[Span] = []
        at = first
        for one_first, one_last in sorted(self.lost + self.open):
            if one_last < at or one_first > last:
                continue
            if one_first > at:
                left.append((at, one_first - 1))
            at = max(at, one_last + 1)
        if at <= last:
            left.append((at, last))
        return left

    def stored_though_listed(self, stored: Sequence[int]) -> list[Span]:
        """LOST and OPEN rows of which at least one id is stored. stored: ascending."""
        return [span for span in self.lost + self.open if _within(stored, span)]

    def listed_though_absent(self, stored: Sequence[int]) -> list[Span]:
        """FILLED rows of which not every id is stored. stored: ascending."""
        oldest = stored[0] if stored else 0
        # What retention has removed was stored once.
        kept = [(max(first, oldest), last) for first, last in self.filled if last >= oldest]
        return [(first, last) for first, last in kept if _within(stored, (first, last)) != last - first + 1]


def width(spans: Iterable[Span]) -> int:
    """How many ids they hold."""
    return sum(last - first + 1 for first, last in spans)


def _within(stored: Sequence[int], span: Span) -> int:
    return bisect_left(stored, span[1] + 1) - bisect_left(stored, span[0])
