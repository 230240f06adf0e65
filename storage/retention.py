"""What is too old or too much goes, oldest first, a few thousand rows at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from analytics.market import Timeframe
from storage import schema
from storage.removal import remove_candles, remove_oldest
from storage.work import SymbolState

# Removing makes whoever remembers history read it anew, so it is done seldom and then a little more is removed: at 1 %
# (ten minutes at most) beyond the age, down to 99 % of the size.
_AGE_SLACK = 0.01
_MOST_SLACK_MS = 600_000
_ENOUGH = 0.99
# No question reaches further back than this many bars.
_USEFUL_CANDLES = 100_000
_CANDLES = tuple(timeframe for timeframe in Timeframe if timeframe is not Timeframe.TICK)


@dataclass(frozen=True, slots=True)
class Limits:
    """keep_ms: how old a trade may become, by the exchange's time.  keep_bytes: how much of the file may be in use.

    None: no such limit.
    """

    keep_ms: int | None = None
    keep_bytes: int | None = None


class Retention:
    """For the writer thread alone, between batches: each step is one transaction of a few milliseconds.

    Age is counted back from the newest trade of all, not from the wall clock: a recording of last year is no older
    than when it was made, and a clock set wrong removes nothing. The newest trade of a symbol is never removed: it is
    where its ids go on after a restart. The states that a step returns have their old history version: whoever drives
    it says when a phase is over.
    """

    step_rows = 2_500

    def __init__(self, engine: Engine, limits: Limits) -> None:
        self._engine = engine
        self._limits = limits
        self._looks = 0
        self._ageing = False
        self._shrinking = False
        self._first: dict[str, tuple[int, int]] = {}  # by symbol: its first stored id, and that trade's time

    def step(self, states: Mapping[str, SymbolState]) -> dict[str, SymbolState] | None:
        """Remove a little. Returns the new state of each symbol that changed, None when there was nothing to remove."""
        newest_ms, limits = _newest_ms(states), self._limits
        if newest_ms is None:
            return None
        with self._engine.begin() as connection:
            oldest = self._oldest(connection, states)
            if oldest is not None:
                time_ms, symbol = oldest
                if limits.keep_ms is not None and self._is_too_old(newest_ms - time_ms, limits.keep_ms):
                    cut_ms = newest_ms - limits.keep_ms
                    return {symbol: remove_oldest(connection, states[symbol], cut_ms, self.step_rows)}
                if self._is_too_much(connection):
                    return {symbol: remove_oldest(connection, states[symbol], None, self.step_rows)}
            return self._without_useless_candles(connection, states, newest_ms)

    def _is_too_old(self, age_ms: int, keep_ms: int) -> bool:
        slack_ms = 0 if self._ageing else min(round(keep_ms * _AGE_SLACK), _MOST_SLACK_MS)
        self._ageing = age_ms > keep_ms + slack_ms
        return self._ageing

    def _is_too_much(self, connection: Connection) -> bool:
        limit = self._limits.keep_bytes
        if limit is None:
            return False
        self._shrinking = bytes_in_use(connection) > limit * (_ENOUGH if self._shrinking else 1)
        return self._shrinking

    def _oldest(self, connection: Connection, states: Mapping[str, SymbolState]) -> tuple[int, str] | None:
        """The time of the oldest trade that may go, and whose it is."""
        table = schema.ticks
        for symbol, state in states.items():
            if state.first_id is None or self._first.get(symbol, (None,))[0] == state.first_id:
                continue
            time_ms = connection.execute(
                select(table.c.time_ms).where(table.c.symbol_id == state.symbol_id, table.c.trade_id == state.first_id)
            ).scalar_one()
            self._first[symbol] = (state.first_id, time_ms)
        removable = [
            (self._first[symbol][1], symbol)
            for symbol, state in states.items()
            if state.first_id is not None and state.first_id != state.last_id
        ]
        return min(removable, default=None)

    def _without_useless_candles(
        self, connection: Connection, states: Mapping[str, SymbolState], newest_ms: int
    ) -> dict[str, SymbolState] | None:
        # One symbol a look: there may be two hundred, and their candles last for weeks.
        self._looks += 1
        symbol = sorted(states)[self._looks % len(states)]
        for timeframe in _CANDLES:
            before_ms = newest_ms - _USEFUL_CANDLES * timeframe.milliseconds
            if remove_candles(connection, states[symbol].symbol_id, timeframe.value, before_ms, self.step_rows):
                return {symbol: states[symbol]}
        return None


def _newest_ms(states: Mapping[str, SymbolState]) -> int | None:
    """Time of the newest trade of all symbols, None while there is none."""
    return max((int(state.tail.time_ms.max()) for state in states.values() if len(state.tail)), default=None)


def bytes_in_use(connection: Connection) -> int:
    """Bytes of the database that hold something; free pages inside the file do not count."""
    pages, free, size = (
        int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
