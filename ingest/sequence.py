"""The id sequence of one symbol: what is new, what is a repeat, what is missing. Pure.

Aggregate trade ids step by one per symbol, so a hole is seen the moment it happens (docs/exchange.md). A row that
fills an open hole is accepted late; any other known id is a repeat. An id that goes backwards in newer time belongs to
another history: that symbol halts rather than mix the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.market import BoolArray, Int64Array, Ticks

# A relisted symbol or another environment starts its ids again; a repeat is never this much newer than the newest.
_NEW_HISTORY_AFTER_MS = 60_000
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
        ids, first_at = np.unique(ticks.trade_id, return_index=True)
        repeats = len(ticks) - len(ids)
        ticks = ticks if _ascending(ticks.trade_id) else ticks.rows(first_at)
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
        holes = _skipped(before, ahead)
        self._holes = [*self._holes, *holes][-_HOLES_REMEMBERED:]
        if len(ahead):
            newest_ms = int(fresh.time_ms.max()) if len(fresh) else 0
            known_ms = self._cursor.last_time_ms if self._cursor is not None else 0
            self._cursor = Cursor(int(ahead[-1]), max(newest_ms, known_ms))
        return Step(fresh, ticks.rows(late), holes, repeats + int((old & ~late).sum()), new_history=False)

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


def _ascending(ids: Int64Array) -> bool:
    return bool((np.diff(ids) > 0).all())


def _skipped(before: int, ahead: Int64Array) -> tuple[tuple[int, int], ...]:
    if not len(ahead) or int(ahead[-1]) - before == len(ahead):
        return ()
    edges = np.concatenate((np.array([before], np.int64), ahead))
    jumps = np.flatnonzero(np.diff(edges) > 1)
    return tuple((int(edges[at]) + 1, int(edges[at + 1]) - 1) for at in jumps)
