"""The id sequence of one symbol: what is new, what is a repeat, what is missing. Pure.

Aggregate trade ids step by one per symbol, so a hole is seen the moment it happens (docs/exchange.md). A row that
fills an open hole is accepted late; any other known id is a repeat. An id that goes backwards in newer time belongs to
another history: that symbol halts rather than mix the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.market import BoolArray, Int64Array, Ticks

# A relisted symbol or another environment starts its ids again. Ids go with the time, so that a repeat is never newer
# than the newest; a few seconds are left to an exchange whose clocks disagree.
_NEW_HISTORY_AFTER_MS = 5_000
# Late rows arrive within a second of their hole; older holes are the back-fill's business.
_HOLES_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a symbol stands: the newest id, and the trade time that came with it."""

    last_id: int
    last_time_ms: int


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What a batch changed. holes: inclusive id ranges that were skipped."""

    fresh: Ticks
    late: Ticks
    holes: tuple[tuple[int, int], ...]
    repeats: int
    new_history: bool


class Sequence:
    """Follows the ids of one symbol. Starts at `cursor`, or at the first trade it sees."""

    def __init__(self, cursor: Cursor | None = None) -> None:
        self._cursor = cursor
        self._holes: list[tuple[int, int]] = []

    @property
    def cursor(self) -> Cursor | None:
        """The newest position, None before the first trade."""
        return self._cursor

    def advance(self, ticks: Ticks, also_seen: Int64Array) -> Step:
        """Take a batch in any order; `also_seen` are ids that count in the sequence but carry no trade."""
        if not len(also_seen) and self._continues(ticks.trade_id):
            holes = self._step_to(ticks.trade_id, ticks)
            return Step(ticks, Ticks.empty(), holes, 0, new_history=False)
        ids, first_at = np.unique(ticks.trade_id, return_index=True)
        repeats = len(ticks) - len(ids)
        ticks = ticks.rows(first_at)
        seen = ids if not len(also_seen) else np.union1d(ids, also_seen)
        if not len(seen):
            return Step(ticks, Ticks.empty(), (), repeats, new_history=False)
        before = self._cursor.last_id if self._cursor is not None else int(seen[0]) - 1
        old = ids <= before
        if old.any() and self._is_new_history(ticks.rows(old)):
            return Step(Ticks.empty(), Ticks.empty(), (), 0, new_history=True)
        late = old & self._in_holes(ids)
        self._fill(seen[seen <= before])
        fresh = ticks.rows(~old)
        ahead = seen[seen > before]
        holes = self._step_to(ahead, fresh) if len(ahead) else ()
        return Step(fresh, ticks.rows(late), holes, repeats + int((old & ~late).sum()), new_history=False)

    def _continues(self, ids: Int64Array) -> bool:
        """True where every id is ahead and in order, as in nearly every batch: then there is nothing to sort out."""
        if not len(ids) or (self._cursor is not None and ids[0] <= self._cursor.last_id):
            return False
        return bool((ids[1:] > ids[:-1]).all())

    def _step_to(self, ahead: Int64Array, fresh: Ticks) -> tuple[tuple[int, int], ...]:
        """Move to the last of the ids `ahead` (at least one, ascending); the holes that this leaves."""
        before, known_ms = int(ahead[0]) - 1, 0
        if self._cursor is not None:
            before, known_ms = self._cursor.last_id, self._cursor.last_time_ms
        holes = _skipped(before, ahead)
        self._holes = [*self._holes, *holes][-_HOLES_REMEMBERED:]
        newest_ms = int(fresh.time_ms.max()) if len(fresh) else 0
        self._cursor = Cursor(int(ahead[-1]), max(newest_ms, known_ms))
        return holes

    def _is_new_history(self, repeats: Ticks) -> bool:
        if self._cursor is None or not len(repeats):
            return False
        outside = ~self._in_holes(repeats.trade_id)
        newer = repeats.time_ms > self._cursor.last_time_ms + _NEW_HISTORY_AFTER_MS
        return bool((outside & newer).any())

    def _in_holes(self, ids: Int64Array) -> BoolArray:
        inside = np.zeros(len(ids), np.bool_)
        for first, last in self._holes:
            inside |= (ids >= first) & (ids <= last)
        return inside

    def _fill(self, ids: Int64Array) -> None:
        for one in ids.tolist():
            self._holes = [
                piece
                for first, last in self._holes
                for piece in (((first, one - 1), (one + 1, last)) if first <= one <= last else ((first, last),))
                if piece[0] <= piece[1]
            ]


def _skipped(before: int, ahead: Int64Array) -> tuple[tuple[int, int], ...]:
    if int(ahead[-1]) - before == len(ahead):
        return ()
    edges = np.concatenate((np.array([before], np.int64), ahead))
    jumps = np.flatnonzero(np.diff(edges) > 1)
    return tuple((int(edges[at]) + 1, int(edges[at + 1]) - 1) for at in jumps)
