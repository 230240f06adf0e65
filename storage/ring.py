"""The newest trades of a symbol in memory: written in batches, read at no cost.

The rows of a `TickRing` lie in order in one buffer with a fifth of spare room. A written row is never written again:
a full buffer is left to whoever still looks at it, and the newest rows move to a new one. So a snapshot is a view that
never changes, made without a copy and without a lock (a copy of 100 000 trades costs 1.3 ms, the view 2 us, and the
move 75 ns a trade). A snapshot that is kept for ever keeps its whole buffer alive; take `copy()` for that.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analytics.market import Ticks

_FIRST_ROOM = 1_024
_Scalar = TypeVar("_Scalar", bound=np.generic)
_COLUMNS = tuple(field.name for field in fields(Ticks))


@dataclass(frozen=True, slots=True, eq=False)
class RingSnapshot:
    """What a ring held at one moment. ticks: read-only, never changing.  version: see `TickRing.version`."""

    ticks: Ticks
    version: int


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """Rows [start, end) of a buffer. Replaced as a whole, so a reader without the lock sees one moment."""

    buffer: Ticks
    start: int
    end: int
    version: int

    def ticks(self, start: int) -> Ticks:
        """The rows from `start` on, read-only."""
        rows = self.buffer.rows(slice(start, self.end))
        for name in _COLUMNS:
            getattr(rows, name).flags.writeable = False
        return rows


class TickRing:
    """The newest `capacity` trades of one symbol, ascending by id. Any thread may write; readers never wait."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._writing = threading.Lock()
        self._window = _Window(Ticks.empty(), 0, 0, 0)

    def append(self, ticks: Ticks) -> None:
        """Add trades. Known ids are ignored, older ones put in their place; the oldest beyond the capacity go."""
        if not len(ticks):
            return
        with self._writing:
            window = self._window
            if window.end == window.start or ticks.trade_id[0] > window.buffer.trade_id[window.end - 1]:
                self._window = self._extended(window, ticks)
                return
            known = window.ticks(window.start)
            split = int(np.searchsorted(ticks.trade_id, known.trade_id[-1], side="right"))
            older = _unknown(ticks.rows(slice(None, split)), known)
            if len(known) == self._capacity:
                older = older.rows(older.trade_id > known.trade_id[0])
            if len(older):
                window = self._merged(window, known, older)
            if split < len(ticks):
                window = self._extended(window, ticks.rows(slice(split, None)))
            self._window = window

    def snapshot(self, limit: int | None = None) -> RingSnapshot:
        """The newest `limit` trades, or all."""
        window = self._window
        start = window.start if limit is None else max(window.start, window.end - limit)
        return RingSnapshot(window.ticks(start), window.version)

    @property
    def version(self) -> int:
        """Grows with every change of the rows."""
        return self._window.version

    @property
    def first_id(self) -> int | None:
        """Lowest id held, None when empty."""
        window = self._window
        return None if window.start == window.end else int(window.buffer.trade_id[window.start])

    @property
    def last_id(self) -> int | None:
        """Highest id held, None when empty."""
        newest = self._newest("trade_id")
        return None if newest is None else int(newest)

    @property
    def last_time_ms(self) -> int | None:
        """Exchange time of the highest id, None when empty."""
        newest = self._newest("time_ms")
        return None if newest is None else int(newest)

    @property
    def last_price(self) -> float | None:
        """Price of the highest id, None when empty."""
        return self._newest("price")

    @property
    def nbytes(self) -> int:
        """Size of the buffer in bytes, spare room included."""
        return sum(getattr(self._window.buffer, name).nbytes for name in _COLUMNS)

    def __len__(self) -> int:
        window = self._window
        return window.end - window.start

    def _newest(self, column: str) -> float | None:
        window = self._window
        if window.start == window.end:
            return None
        value: float = getattr(window.buffer, column)[window.end - 1].item()
        return value

    def _extended(self, window: _Window, ticks: Ticks) -> _Window:
        added = ticks.rows(slice(-self._capacity, None))
        if window.end + len(added) > len(window.buffer):
            window = self._moved(window, len(added))
        end = window.end + len(added)
        for name in _COLUMNS:
            getattr(window.buffer, name)[window.end : end] = getattr(added, name)
        return _Window(window.buffer, max(window.start, end - self._capacity), end, window.version + 1)

    def _moved(self, window: _Window, added: int) -> _Window:
        """The rows that will stay beside `added` new ones, in a new buffer."""
        kept = min(window.end - window.start, self._capacity - added)
        most = self._capacity + self._capacity // 5
        room = max(kept + added, min(max(_FIRST_ROOM, 2 * (kept + added)), most))
        rows = window.buffer.rows(slice(window.end - kept, window.end))
        return _Window(_in_new_buffer(rows, room), 0, kept, window.version)

    def _merged(self, window: _Window, known: Ticks, older: Ticks) -> _Window:
        both = known.joined(older)
        rows = both.rows(np.argsort(both.trade_id, kind="stable")[-self._capacity :])
        room = max(len(rows), min(len(window.buffer) + len(older), self._capacity + self._capacity // 5))
        return _Window(_in_new_buffer(rows, room), 0, len(rows), window.version + 1)


class Rings:
    """One ring a symbol, made when first asked for."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._making = threading.Lock()
        self._rings: dict[str, TickRing] = {}

    def of(self, symbol: str) -> TickRing:
        """The symbol's ring, always the same one."""
        ring = self._rings.get(symbol)
        if ring is None:
            with self._making:
                ring = self._rings.setdefault(symbol, TickRing(self._capacity))
        return ring

    def symbols(self) -> tuple[str, ...]:
        """The symbols that have a ring, in the order of their first use."""
        with self._making:
            return tuple(self._rings)


def _unknown(ticks: Ticks, known: Ticks) -> Ticks:
    """Those whose id `known` does not hold."""
    place = np.searchsorted(known.trade_id, ticks.trade_id)
    return ticks.rows(known.trade_id[np.minimum(place, len(known) - 1)] != ticks.trade_id)


def _in_new_buffer(rows: Ticks, room: int) -> Ticks:
    return Ticks(
        trade_id=_with_room(rows.trade_id, room),
        time_ms=_with_room(rows.time_ms, room),
        price=_with_room(rows.price, room),
        quantity=_with_room(rows.quantity, room),
        buyer_is_maker=_with_room(rows.buyer_is_maker, room),
    )


def _with_room(held: NDArray[_Scalar], room: int) -> NDArray[_Scalar]:
    fresh = np.empty(room, held.dtype)
    fresh[: len(held)] = held
    return fresh
