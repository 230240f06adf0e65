"""The ring holds the newest trades, whatever order they come in, and its snapshots never change."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.market import Ticks
from storage.ring import Rings, TickRing
from tests.storage.trades import same, trades

batches = st.lists(st.sets(st.integers(1, 80), max_size=30), max_size=12)


@given(batches, st.integers(1, 40))
def test_any_batches_leave_the_newest_rows_sorted_and_once(sets: list[set[int]], capacity: int) -> None:
    ring = TickRing(capacity)
    for ids in sets:
        before, held = ring.version, ring.snapshot()
        ring.append(trades(ids))
        changed = not same(held.ticks, ring.snapshot().ticks)
        assert (ring.version > before) == changed
    # An id that was pushed out and comes again as an old one is still old: only the newest `capacity` ever count.
    wanted = trades(sorted(set().union(*sets))[-capacity:])
    assert same(ring.snapshot().ticks, wanted)
    assert len(ring) == len(wanted)


@given(batches, st.integers(1, 40), st.integers(0, 50))
def test_a_snapshot_never_changes_afterwards(sets: list[set[int]], capacity: int, limit: int) -> None:
    ring = TickRing(capacity)
    taken: list[tuple[Ticks, list[int]]] = []
    for ids in sets:
        ring.append(trades(ids))
        looks = (ring.snapshot().ticks, ring.snapshot(limit).ticks)
        taken.extend((ticks, ticks.trade_id.tolist()) for ticks in looks)
    for ticks, ids_then in taken:
        assert same(ticks, trades(ids_then))


def test_snapshots_are_read_only() -> None:
    ring = TickRing(10)
    ring.append(trades(range(5)))
    with pytest.raises(ValueError, match="read-only"):
        ring.snapshot().ticks.price[0] = 1.0


def test_the_newest_trade_is_at_hand() -> None:
    ring = TickRing(4)
    assert (ring.first_id, ring.last_id, ring.last_time_ms, ring.last_price) == (None, None, None, None)
    newest = trades([9])
    ring.append(trades(range(1, 10)))
    assert (ring.first_id, ring.last_id) == (6, 9)
    assert (ring.last_time_ms, ring.last_price) == (int(newest.time_ms[0]), float(newest.price[0]))


def test_a_full_ring_costs_at_most_forty_bytes_a_trade() -> None:
    ring = TickRing(50_000)
    for start in range(0, 200_000, 500):
        ring.append(trades(range(start, start + 500)))
    assert ring.nbytes <= 40 * 50_000


def test_readers_see_whole_rows_while_two_threads_write() -> None:
    ring, done = TickRing(500), threading.Event()
    torn: list[Ticks] = []

    def read() -> None:
        while not done.is_set():
            seen = ring.snapshot().ticks
            if not same(seen, trades(seen.trade_id.tolist())):
                torn.append(seen)

    def write(ids: range) -> None:
        for start in ids:
            ring.append(trades(range(start, start + 20)))

    threads = [threading.Thread(target=write, args=(range(start, 4_000, 40),)) for start in (0, 20)]
    reader = threading.Thread(target=read)
    reader.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    assert not torn
    assert np.array_equal(ring.snapshot().ticks.trade_id, np.arange(3_500, 4_000))


def test_a_symbol_always_has_the_same_ring() -> None:
    rings = Rings(10)
    rings.of("BTCUSDT").append(trades([1]))
    assert rings.of("BTCUSDT").last_id == 1
    assert rings.of("ETHUSDT").last_id is None
    assert rings.symbols() == ("BTCUSDT", "ETHUSDT")
