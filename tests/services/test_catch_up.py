"""Trades that the stream never told are found all the same, and where they enter, no hole is unlisted."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.market import Gap, Ticks
from ingest.session import SymbolFacts
from services.arrivals import Arrivals
from services.catch_up import CatchUp, Look, after_look, is_due
from storage.memory import MemoryStore
from storage.ring import Rings
from tests.fakes import FakeClock, wait_until
from tests.services.scripted import ListingArchive, random_ticks

NOW = 1_000_000
LIVE = SymbolFacts(requested_at_ms=NOW - 60_000, last_arrival_ms=NOW - 100, last_trade_arrival_ms=NOW - 40_000)
SEEN = Look(asked_ms=LIVE.requested_at_ms)


@pytest.mark.parametrize(
    ("facts", "look", "due"),
    [
        (LIVE, SEEN, True),
        (replace(LIVE, last_trade_arrival_ms=NOW - 20_000), SEEN, False),
        (LIVE, replace(SEEN, quiet_ms=60_000), False),
        (LIVE, replace(SEEN, next_ms=NOW + 1), False),
        (replace(LIVE, halted="ids again"), SEEN, False),
        # A new connection: at once, unless a trade has come over it already.
        (replace(LIVE, requested_at_ms=NOW - 3_000), SEEN, True),
        (replace(LIVE, requested_at_ms=NOW - 1_000), SEEN, False),
        (replace(LIVE, requested_at_ms=NOW - 3_000, last_trade_arrival_ms=NOW - 2_000), SEEN, False),
        (replace(LIVE, requested_at_ms=NOW - 3_000, last_arrival_ms=NOW - 4_000), SEEN, False),
        (replace(LIVE, last_trade_arrival_ms=None), Look(), True),
        (replace(LIVE, last_arrival_ms=None), Look(), False),
    ],
)
def test_a_symbol_is_looked_after_when_its_silence_might_hide_trades(facts: SymbolFacts, look: Look, due: bool) -> None:
    assert is_due(look, facts, NOW) is due


def test_a_quiet_symbol_is_asked_about_less_and_less_often() -> None:
    look, waits = SEEN, []
    for _ in range(8):
        look = after_look(look, LIVE, NOW, found=False)
        waits.append(look.quiet_ms)
    assert waits == sorted(waits)
    assert waits[-1] == 600_000
    assert after_look(look, LIVE, NOW, found=True).quiet_ms == 0


RUNS = st.lists(st.integers(1, 120), min_size=1, max_size=60, unique=True).map(sorted)


def some(ids: list[int]) -> Ticks:
    whole = random_ticks(7, 130, 100.0)
    return whole.rows(np.isin(whole.trade_id, ids))


@given(RUNS, RUNS, st.booleans())
def test_from_the_first_stored_trade_on_every_id_is_stored_or_listed(
    fetched: list[int], streamed: list[int], fetched_first: bool
) -> None:
    store, filled = MemoryStore(lambda: 0), list[Gap]()
    arrivals = Arrivals(Rings(1_000), store, FakeClock(), filled.append, lambda _symbol: None)

    def stream() -> None:
        # As the feed does it: its own holes are announced before the trades behind them.
        for before, after in itertools.pairwise(streamed):
            if after > before + 1:
                arrivals.hole(Gap("BTCUSDT", before + 1, after - 1, "OPEN", "skipped", 0))
        arrivals.streamed("BTCUSDT", some(streamed))

    steps = [lambda: arrivals.first("BTCUSDT", some(fetched)), stream]
    for step in steps if fetched_first else reversed(steps):
        step()
    held = store.ticks("BTCUSDT", limit=1_000).trade_id.tolist()
    listed = {one for gap in store.gaps() if gap.state == "OPEN" for one in range(gap.first_id, gap.last_id + 1)}
    asked = {one for gap in filled for one in range(gap.first_id, gap.last_id + 1)}
    assert set(held) | listed >= set(range(held[0], held[-1] + 1))
    assert not set(held) & listed
    assert listed <= asked


class Past(ListingArchive):
    """Answers with the trades that it is given."""

    def __init__(self, ticks: Ticks) -> None:
        super().__init__(["BTCUSDT"])
        self.ticks = ticks

    def trades_from(self, symbol: str, first_id: int, limit: int = 1000) -> Ticks:
        return self.ticks.rows(self.ticks.trade_id >= first_id).rows(slice(limit))

    def newest_trades(self, symbol: str, limit: int = 1000) -> Ticks:
        return self.ticks.rows(slice(-limit, None))


@pytest.mark.parametrize("stored", [0, 30])
def test_what_was_traded_before_a_quiet_connection_is_fetched(stored: int) -> None:
    ticks, clock, store = random_ticks(5, 80, 100.0), FakeClock(), MemoryStore(lambda: 0)
    arrivals = Arrivals(Rings(1_000), store, clock, lambda _gap: None, lambda _symbol: None)
    store.append("BTCUSDT", ticks.rows(slice(stored)))
    facts = {"BTCUSDT": SymbolFacts(clock.monotonic_ms() - 5_000, last_arrival_ms=clock.monotonic_ms())}

    def newest_id() -> int | None:
        held = store.ticks("BTCUSDT", limit=1)
        return int(held.trade_id[0]) if len(held) else None

    settled_ms = int(ticks.time_ms[70]) + 3_000
    catch_up = CatchUp(Past(ticks), clock, lambda: facts, lambda _s: newest_id(), arrivals, lambda: settled_ms)
    catch_up.start()
    try:
        wait_until(lambda: newest_id() is not None and (newest_id() or 0) >= 71, what="trades fetched")
    finally:
        catch_up.stop()
        catch_up.join(5)
    # What is younger than the stream's own delay is left to the stream.
    assert newest_id() == int(ticks.trade_id[ticks.time_ms <= settled_ms - 3_000].max())
    assert [gap.state for gap in store.gaps()] == (["FILLED"] if stored else [])
    assert not [thread for thread in threading.enumerate() if thread.name == "catch-up"]
