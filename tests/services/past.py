"""An exchange's archive of past trades whose every answer a test scripts, and a clock that only a test moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import numpy as np

from analytics.bars import bars_from_ticks
from analytics.errors import SourceUnavailable
from analytics.market import Bars, Listing, Quality, Ticks, Timeframe
from analytics.status import RestFacts
from ingest.rest import Refusal
from tests.fakes import FakeClock

KEPT_MS = 48 * 3_600_000
Beyond = Literal["rows", "empty", "error"]
Mood = Literal["fine", "timeout", "fault", "html 400", "empty", "own 400", "cut short"]


def trades(ids: Iterable[int], newest_id: int, newest_ms: int, step_ms: int) -> Ticks:
    """One trade every `step_ms`, so that the id `newest_id` was at `newest_ms`."""
    trade_id = np.array(sorted(ids), np.int64)
    n = len(trade_id)
    time_ms = newest_ms - (newest_id - trade_id) * step_ms
    return Ticks(trade_id, time_ms, np.full(n, 5.0), np.ones(n), np.zeros(n, np.bool_))


def as_told(bars: Bars) -> Bars:
    """The same bars as the exchange tells them."""
    none = np.zeros(len(bars), np.int64)
    return replace(bars, first_id=none, last_id=none, quality=np.full(len(bars), Quality.BACKFILLED, np.uint8))


class ScriptedPast:
    """Holds the trades 1..newest_id except `absent`; keeps 48 h; each request meets the next mood, then all is fine."""

    def __init__(
        self,
        clock: FakeClock,
        newest_id: int,
        *,
        absent: Iterable[int] = (),
        step_ms: int = 1000,
        beyond: Beyond = "rows",
        moods: Iterable[Mood] = (),
    ) -> None:
        self._clock = clock
        self.truth = trades(range(1, newest_id + 1), newest_id, clock.now_ms(), step_ms)
        self._held = self.truth.rows(~np.isin(self.truth.trade_id, list(absent)))
        self._beyond = beyond
        self._moods = list(moods)
        self._forgotten = 0
        self.asked_candles: list[tuple[int, int]] = []
        self.asked: list[tuple[int, int]] = []

    def available(self) -> set[int]:
        """The ids that could be had now."""
        return set(self._now().trade_id.tolist())

    def trades_from(self, symbol: str, first_id: int, limit: int = 1000) -> Ticks:
        """The page, in the mood of the moment."""
        self.asked.append((first_id, limit))
        mood = self._moods.pop(0) if self._moods else "fine"
        if mood in {"timeout", "fault", "html 400"}:
            raise {
                "timeout": SourceUnavailable("no answer in time"),
                "fault": Refusal("HTTP 503", 503),
                "html 400": Refusal("HTTP 400", 400),
            }[mood]
        if mood == "own 400":
            raise Refusal("Invalid", 400, about_request=True)
        held = self._now()
        if mood == "empty":
            return Ticks.empty()
        # A time beyond the edge is refused; an id that never was is not.
        if first_id < self._oldest_kept() and self._beyond != "rows":
            if self._beyond == "error":
                raise Refusal("Invalid", 400, about_request=True)
            return Ticks.empty()
        rows = held.rows(held.trade_id >= first_id).rows(slice(None, limit))
        return rows.rows(slice(None, max(1, len(rows) // 3))) if mood == "cut short" else rows

    def newest_trades(self, symbol: str, limit: int = 1000) -> Ticks:
        """The newest ones."""
        return self._now().rows(slice(-limit, None))

    def listings(self) -> tuple[Listing, ...]:
        """None."""
        return ()

    def clock_offset_ms(self) -> int:
        """As the clocks stand."""
        return self._clock.now_ms() - self._clock.monotonic_ms()

    def candles(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        """Those of all trades, closed by the clock, the oldest 1500 spans."""
        length_ms = timeframe.milliseconds
        self.asked_candles.append((start_ms, end_ms))
        if self._moods and self._moods.pop(0) != "fine":
            raise SourceUnavailable("no answer in time")
        bars = bars_from_ticks(self.truth, timeframe)
        until_ms = min(end_ms, start_ms + 1500 * length_ms, self._clock.now_ms() - length_ms + 1)
        return as_told(bars.rows((bars.start_ms >= start_ms) & (bars.start_ms < until_ms)))

    def facts(self) -> RestFacts:
        """Unlimited."""
        return RestFacts("a test", 0, 1 << 30)

    def close(self) -> None:
        """Nothing to close."""

    def fail(self, moods: Iterable[Mood]) -> None:
        """Meet the next requests in these moods."""
        self._moods += moods

    def forget(self, last_id: int) -> None:
        """Keep no trade up to this id, however young."""
        self._forgotten = last_id

    def _oldest_kept(self) -> int:
        young = self.truth.trade_id[self.truth.time_ms >= self._clock.now_ms() - KEPT_MS]
        return max(int(young[0]) if len(young) else 1 << 60, self._forgotten + 1)

    def _now(self) -> Ticks:
        return self._held.rows(self._held.trade_id >= self._oldest_kept())
