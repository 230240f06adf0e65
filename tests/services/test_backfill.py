"""The back-fill against an archive that misbehaves in every way an exchange does. The store is the real twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import SourceUnavailable
from analytics.market import Bars, Gap, Listing, Ticks, Timeframe
from analytics.status import RestFacts
from services.backfill import Backfill
from services.clock import SystemClock
from storage.memory import MemoryStore
from tests.fakes import FakeClock, wait_until

CLOCK = SystemClock()


def ticks(ids: list[int]) -> Ticks:
    n = len(ids)
    return Ticks(
        np.array(ids, np.int64),
        np.array(ids, np.int64) * 100,
        np.full(n, 5.0),
        np.ones(n),
        np.zeros(n, np.bool_),
    )


class FakeArchive:
    """Holds some ids; refuses the first `refusals` requests."""

    def __init__(self, ids: list[int], refusals: int = 0) -> None:
        self._ids = sorted(ids)
        self.refusals = refusals
        self.asked: list[tuple[int, int]] = []

    def listings(self) -> tuple[Listing, ...]:
        return ()

    def clock_offset_ms(self) -> int:
        return 0

    def close(self) -> None:
        """Nothing to close."""

    def newest_trades(self, symbol: str, limit: int = 1000) -> Ticks:
        return ticks(self._ids[-limit:])

    def candles(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        return Bars.empty()

    def facts(self) -> RestFacts:
        return RestFacts("a test", 0, 1200)

    def trades_from(self, symbol: str, first_id: int, limit: int = 1000) -> Ticks:
        if self.refusals:
            self.refusals -= 1
            raise SourceUnavailable("HTTP 503")
        self.asked.append((first_id, limit))
        return ticks([one for one in self._ids if one >= first_id][:limit])


def filled(archive: FakeArchive, first: int, last: int) -> tuple[MemoryStore, tuple[Gap, ...]]:
    store = MemoryStore(CLOCK.now_ms)
    store.append("BTCUSDT", ticks([first - 1, last + 1]))
    store.open_gap(Gap("BTCUSDT", first, last, "OPEN", "a test", CLOCK.now_ms()))
    store.flush()
    backfill = Backfill(archive, store, CLOCK, lambda symbol, rows: store.append(symbol, rows, backfilled=True))
    backfill.start()

    def settled() -> bool:
        store.flush()
        return all(gap.state != "OPEN" for gap in store.gaps())

    try:
        wait_until(settled, what="the hole is settled")
    finally:
        backfill.stop()
        backfill.join(10)
    return store, store.gaps()


def lost(gaps: tuple[Gap, ...]) -> set[int]:
    return {one for gap in gaps if gap.state == "LOST" for one in range(gap.first_id, gap.last_id + 1)}


@pytest.mark.parametrize("size", [1, 999, 1000, 1001, 5_000])
def test_a_hole_of_any_size_is_filled_whole(size: int) -> None:
    archive = FakeArchive(list(range(1, size + 100)))
    store, gaps = filled(archive, 10, 9 + size)
    assert [gap.state for gap in gaps] == ["FILLED"]
    held = store.ticks("BTCUSDT", limit=10_000).trade_id
    np.testing.assert_array_equal(held, np.arange(9, size + 11))
    assert len(archive.asked) <= size // 1000 + 2


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(10, 60), max_size=51))
def test_what_the_exchange_lacks_is_lost_and_nothing_else(absent: set[int]) -> None:
    archive = FakeArchive([one for one in range(1, 100) if one not in absent])
    store, gaps = filled(archive, 10, 60)
    assert lost(gaps) == absent
    held = set(store.ticks("BTCUSDT", limit=1000).trade_id.tolist())
    assert held == set(range(9, 62)) - absent


def test_a_hole_beyond_the_horizon_is_lost_in_two_requests() -> None:
    archive = FakeArchive(list(range(50_000, 60_000)))
    store, gaps = filled(archive, 10, 50_500)
    assert lost(gaps) == set(range(10, 50_000))
    assert len(archive.asked) == 2
    assert store.summary()["BTCUSDT"].gaps_open == 0


def test_refusals_mean_later_and_never_lost() -> None:
    _, gaps = filled(FakeArchive(list(range(1, 100)), refusals=2), 10, 20)
    assert [gap.state for gap in gaps] == ["FILLED"]
    assert lost(gaps) == set()


def test_history_goes_back_page_by_page_to_the_moment_asked_for() -> None:
    archive = FakeArchive(list(range(1, 10_001)))
    store = MemoryStore(CLOCK.now_ms)
    store.append("BTCUSDT", ticks([10_001]))
    backfill = Backfill(archive, store, CLOCK, lambda symbol, rows: store.append(symbol, rows, backfilled=True))
    backfill.start()
    try:
        # id n trades at 100 n ms, so this moment is id 7500; three pages of 999 reach id 7004.
        backfill.extend("BTCUSDT", before_id=10_001, until_ms=750_000)
        wait_until(lambda: len(store.ticks("BTCUSDT", limit=99_999)) > 2_997, what="three pages")
    finally:
        backfill.stop()
        backfill.join(10)
    np.testing.assert_array_equal(store.ticks("BTCUSDT", limit=99_999).trade_id, np.arange(7_004, 10_002))
    assert store.gaps() == ()


def test_a_hole_that_the_store_itself_lists_while_running_is_filled_too() -> None:
    store = MemoryStore(CLOCK.now_ms)
    store.append("BTCUSDT", ticks([1, 50]))
    archive = FakeArchive(list(range(1, 100)))
    backfill = Backfill(archive, store, CLOCK, lambda symbol, rows: store.append(symbol, rows, backfilled=True))
    backfill.start()
    try:
        # Nobody tells the back-fill: this is what a full writer queue does.
        store.open_gap(Gap("BTCUSDT", 2, 49, "OPEN", "writer queue full", CLOCK.now_ms()))
        wait_until(lambda: [gap.state for gap in store.gaps()] == ["FILLED"], what="the listed hole is filled")
    finally:
        backfill.stop()
        backfill.join(10)


def holes(store: MemoryStore) -> set[int]:
    """Ids inside what is stored that nobody has stored or listed."""
    held = set(store.ticks("BTCUSDT", limit=99_999).trade_id.tolist())
    return set(range(min(held), max(held))) - held - lost(store.gaps())


class LaggingArchive(FakeArchive):
    """Answers at first without its newest rows, or with fewer than asked for."""

    def trades_from(self, symbol: str, first_id: int, limit: int = 1000) -> Ticks:
        rows = super().trades_from(symbol, first_id, limit)
        return rows.rows(slice(None, -5)) if len(self.asked) < 2 else rows.rows(slice(None, 500))


@pytest.mark.parametrize(
    "archive",
    [LaggingArchive(list(range(1, 10_101))), FakeArchive([one for one in range(1, 10_101) if one != 9_500])],
    ids=["lagging and capped", "one id is missing"],
)
def test_history_never_leaves_a_hole_that_is_not_listed(archive: FakeArchive) -> None:
    store = MemoryStore(CLOCK.now_ms)
    store.append("BTCUSDT", ticks([10_001]))
    backfill = Backfill(archive, store, CLOCK, lambda symbol, rows: store.append(symbol, rows, backfilled=True))
    backfill.start()
    try:
        backfill.extend("BTCUSDT", before_id=10_001, until_ms=900_000)

        def settled() -> bool:
            return len(store.ticks("BTCUSDT", limit=99_999)) > 900 and not store.summary()["BTCUSDT"].gaps_open

        wait_until(settled, what="history is there and its holes are settled")
    finally:
        backfill.stop()
        backfill.join(10)
    assert holes(store) == set()
    assert lost(store.gaps()) <= {9_500}


def test_a_symbol_that_fails_does_not_hold_up_the_others() -> None:
    class Delisted(FakeArchive):
        def trades_from(self, symbol: str, first_id: int, limit: int = 1000) -> Ticks:
            if symbol == "OLDUSDT":
                raise SourceUnavailable("HTTP 400: Invalid symbol.")
            return super().trades_from(symbol, first_id, limit)

    store = MemoryStore(CLOCK.now_ms)
    for symbol in ("OLDUSDT", "BTCUSDT"):
        store.append(symbol, ticks([1, 5_000]))
        store.open_gap(Gap(symbol, 2, 4_999, "OPEN", "a test", CLOCK.now_ms()))
    archive = Delisted(list(range(1, 5_100)))
    backfill = Backfill(archive, store, CLOCK, lambda symbol, rows: store.append(symbol, rows, backfilled=True))
    backfill.start()
    try:
        wait_until(lambda: not store.summary()["BTCUSDT"].gaps_open, what="the other symbol is whole")
    finally:
        backfill.stop()
        backfill.join(10)
    assert [(gap.symbol, gap.state) for gap in store.gaps("OLDUSDT")] == [("OLDUSDT", "OPEN")]


class CountingStore(MemoryStore):
    """Counts how often its whole ledger is read."""

    reads = 0

    def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
        self.reads += 1
        return super().gaps(symbol)


def test_while_nothing_can_be_fetched_the_ledger_is_read_once_and_a_new_hole_is_still_taken_up() -> None:
    store, clock = CountingStore(CLOCK.now_ms), FakeClock()
    archive = FakeArchive(list(range(1, 200)), refusals=10**9)
    backfill = Backfill(archive, store, clock, lambda symbol, rows: store.append(symbol, rows, backfilled=True))
    store.append("BTCUSDT", ticks([1, 200]))
    for first in range(2, 100, 10):
        store.open_gap(Gap("BTCUSDT", first, first + 4, "OPEN", "a test", 0))
    while backfill.step():
        pass
    before = store.reads
    for _ in range(50):
        assert not backfill.step()
    assert store.reads <= before + 1
    store.open_gap(Gap("BTCUSDT", 150, 160, "OPEN", "dropped by a full queue", 0))
    archive.refusals = 0
    assert backfill.step()
    while backfill.step():
        pass
    clock.pass_ms(60_000)
    while backfill.step():
        pass
    assert [gap for gap in store.gaps() if gap.state == "OPEN"] == []
