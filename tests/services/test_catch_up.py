"""Trades that the stream never told are found all the same, and where they enter, no hole is unlisted."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import SourceUnavailable
from analytics.market import Gap, Ticks
from ingest.rest import Refusal
from ingest.session import SymbolFacts
from services.arrivals import Arrivals
from services.catch_up import CatchUp, Look, after_look, is_due, is_settled, unusual_ms
from storage.memory import MemoryStore
from storage.ring import Rings
from tests.fakes import FakeClock, wait_until
from tests.services.scripted import ListingArchive, random_ticks

NOW = 1_000_000
LIVE = SymbolFacts(requested_at_ms=NOW - 60_000, last_arrival_ms=NOW - 100, last_trade_arrival_ms=NOW - 40_000)
SEEN = Look(since_ms=NOW - 60_000, asked_ms=LIVE.requested_at_ms, looked_ms=NOW - 50_000)
NEW = Look(since_ms=NOW - 60_000)
DEAD = replace(LIVE, last_arrival_ms=NOW - 3_100)


@pytest.mark.parametrize(
    ("facts", "look", "due"),
    [
        (LIVE, SEEN, True),
        (replace(LIVE, last_trade_arrival_ms=NOW - 20_000), SEEN, False),
        # Traded three times a second, five seconds without a trade are unusual.
        (replace(LIVE, trades=180, last_trade_arrival_ms=NOW - 10_100), SEEN, True),
        (replace(LIVE, trades=180, last_trade_arrival_ms=NOW - 8_000), SEEN, False),
        (replace(LIVE, trades=900, last_trade_arrival_ms=NOW - 5_100), SEEN, True),
        # Looked after since the last trade: longer and longer.
        (LIVE, replace(SEEN, looked_ms=NOW - 10_000, quiet_ms=60_000), False),
        (LIVE, replace(SEEN, looked_ms=NOW - 10_000, quiet_ms=39_000), True),
        (LIVE, replace(SEEN, next_ms=NOW + 1), False),
        (replace(LIVE, halted="ids again"), SEEN, False),
        # A new connection: at once, unless a trade has come over it already.
        (replace(LIVE, requested_at_ms=NOW - 3_000), SEEN, True),
        (replace(LIVE, requested_at_ms=NOW - 1_000), SEEN, False),
        (replace(LIVE, requested_at_ms=NOW - 3_000, last_trade_arrival_ms=NOW - 2_000), SEEN, False),
        (replace(LIVE, requested_at_ms=NOW - 50, last_arrival_ms=NOW - 500), SEEN, False),
        (replace(LIVE, last_trade_arrival_ms=None), NEW, True),
        # A row was set aside: its successor would show the hole, but there may be none.
        (replace(LIVE, quarantined=1, last_trade_arrival_ms=NOW - 2_100), SEEN, True),
        (replace(LIVE, quarantined=1, last_trade_arrival_ms=NOW - 500), SEEN, False),
        (replace(LIVE, quarantined=1, last_trade_arrival_ms=NOW - 2_100), replace(SEEN, set_aside=1), False),
        # The stream is dead: REST is the only teller, every ten seconds.
        (DEAD, replace(SEEN, looked_ms=NOW - 10_100), True),
        (DEAD, replace(SEEN, looked_ms=NOW - 9_900), False),
        (SymbolFacts(NOW), replace(NEW, since_ms=NOW - 3_100), True),
        (SymbolFacts(NOW), replace(NEW, since_ms=NOW - 2_900), False),
    ],
)
def test_a_symbol_is_looked_after_when_its_silence_might_hide_trades(facts: SymbolFacts, look: Look, due: bool) -> None:
    assert is_due(look, facts, NOW) is due


def test_a_quiet_symbol_is_asked_about_less_and_less_often_until_it_trades_again() -> None:
    look, waits = SEEN, []
    for _ in range(8):
        look = after_look(look, LIVE, NOW, found=False)
        waits.append(look.quiet_ms)
    assert waits == sorted(waits)
    assert waits[-1] == 600_000
    assert unusual_ms(look, LIVE) == 600_000
    assert unusual_ms(look, replace(LIVE, last_trade_arrival_ms=NOW + 1, trades=10_000)) == 5_000
    assert after_look(look, LIVE, NOW, found=True).quiet_ms == 0


def test_only_a_living_stream_can_be_blamed() -> None:
    assert after_look(SEEN, LIVE, NOW, found=True).found_ms == NOW
    assert after_look(SEEN, DEAD, NOW, found=True).found_ms is None
    assert after_look(NEW, LIVE, NOW, found=True).found_ms is None
    assert after_look(SEEN, replace(LIVE, quarantined=1), NOW, found=True).found_ms is None


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
    """Answers with the trades that it is given, at most `page` at once."""

    page = 1_000

    def __init__(self, ticks: Ticks) -> None:
        super().__init__(["BTCUSDT"])
        self.ticks = ticks

    def trades_from(self, symbol: str, first_id: int, limit: int = 1000) -> Ticks:
        return self.ticks.rows(self.ticks.trade_id >= first_id).rows(slice(min(limit, self.page)))

    def newest_trades(self, symbol: str, limit: int = 1000) -> Ticks:
        # A page that is cut loses its newest rows, not its oldest.
        return self.ticks.rows(slice(-limit, None)).rows(slice(self.page))


@contextmanager
def catching_up(
    past: Past, store: MemoryStore, clock: FakeClock, facts: dict[str, SymbolFacts], settled_ms: int
) -> Iterator[list[Gap]]:
    """A CatchUp at work; the holes that it hands on."""
    holes = list[Gap]()
    arrivals = Arrivals(Rings(5_000), store, clock, holes.append, lambda _symbol: None)

    def newest_id(_symbol: str) -> int | None:
        held = store.ticks("BTCUSDT", limit=1)
        return int(held.trade_id[0]) if len(held) else None

    catch_up = CatchUp(past, clock, lambda: facts, newest_id, arrivals, lambda: settled_ms)
    catch_up.start()
    try:
        yield holes
    finally:
        catch_up.stop()
        catch_up.join(5)
        assert not [thread for thread in threading.enumerate() if thread.name == "catch-up"]


@pytest.mark.parametrize("stored", [0, 30])
@pytest.mark.parametrize("is_heard", [True, False])
def test_what_was_traded_before_a_quiet_or_dead_connection_is_fetched(stored: int, is_heard: bool) -> None:
    ticks, clock, store = random_ticks(5, 80, 100.0), FakeClock(), MemoryStore(lambda: 0)
    store.append("BTCUSDT", ticks.rows(slice(stored)))
    facts = {"BTCUSDT": SymbolFacts(clock.monotonic_ms() - 5_000)}
    settled_ms = int(ticks.time_ms[70]) + 1_000
    with catching_up(Past(ticks), store, clock, facts, settled_ms):

        def is_fetched() -> bool:
            clock.pass_ms(500)
            if is_heard:
                facts["BTCUSDT"] = replace(facts["BTCUSDT"], last_arrival_ms=clock.monotonic_ms())
            return len(store.ticks("BTCUSDT", limit=100)) >= 71

        wait_until(is_fetched, what="trades fetched")
    # What is younger than the stream's own delay is left to the stream.
    held = store.ticks("BTCUSDT", limit=100).trade_id
    assert held[-1] == ticks.trade_id[ticks.time_ms <= settled_ms - 1_000].max()
    assert [gap.state for gap in store.gaps()] == (["FILLED"] if stored else [])


class Forgetful(Past):
    """Keeps the trades from an id on, and refuses to be asked for older ones."""

    oldest_id = 2_000

    def trades_from(self, symbol: str, first_id: int, limit: int = 1000) -> Ticks:
        if first_id < self.oldest_id:
            raise Refusal("too old", 400, about_request=True)
        return super().trades_from(symbol, first_id, limit)


def test_ids_that_the_exchange_no_longer_keeps_hide_no_newer_ones() -> None:
    ticks, clock, store = random_ticks(5, 3_500, 100.0), FakeClock(), MemoryStore(lambda: 0)
    store.append("BTCUSDT", ticks.rows(slice(10)))
    facts = {"BTCUSDT": SymbolFacts(clock.monotonic_ms())}
    with catching_up(Forgetful(ticks), store, clock, facts, int(ticks.time_ms[-1]) + 3_000) as holes:

        def is_listed() -> bool:
            clock.pass_ms(500)
            return bool(holes)

        wait_until(is_listed, what="hole handed on")
    assert [(gap.first_id, gap.last_id, gap.state) for gap in store.gaps()] == [(11, 3_500, "OPEN")]


def test_until_it_is_known_what_was_missed_a_symbol_is_not_settled() -> None:
    assert is_settled(SEEN, LIVE)
    assert not is_settled(SEEN, replace(LIVE, requested_at_ms=NOW - 500))
    assert is_settled(SEEN, replace(LIVE, requested_at_ms=NOW - 500, last_trade_arrival_ms=NOW - 100))
    assert not is_settled(None, replace(LIVE, last_trade_arrival_ms=None))


@pytest.mark.parametrize("page", [1_000, 500])
def test_more_than_a_page_is_listed_and_handed_on(page: int) -> None:
    ticks, clock, store = random_ticks(5, 3_500, 100.0), FakeClock(), MemoryStore(lambda: 0)
    store.append("BTCUSDT", ticks.rows(slice(10)))
    facts = {"BTCUSDT": SymbolFacts(clock.monotonic_ms())}
    past = Past(ticks)
    past.page = page
    with catching_up(past, store, clock, facts, int(ticks.time_ms[-1]) + 3_000) as holes:

        def is_listed() -> bool:
            clock.pass_ms(500)
            return bool(holes) and holes[-1].last_id == 3_500

        wait_until(is_listed, what="holes handed on")
    assert [gap.first_id for gap in holes] == [11 + page, *(gap.last_id + 1 for gap in holes[:-1])]
    assert [(gap.first_id, gap.last_id, gap.state) for gap in store.gaps()] == [
        (11, 10 + page, "FILLED"),
        (11 + page, 3_500, "OPEN"),
    ]


class Partly(Past):
    """Knows one symbol and has no answer for the others."""

    def newest_trades(self, symbol: str, limit: int = 1000) -> Ticks:
        if symbol != "BTCUSDT":
            raise SourceUnavailable(f"nothing of {symbol}")
        return super().newest_trades(symbol, limit)


def test_symbols_that_never_get_an_answer_leave_the_others_their_turn() -> None:
    ticks, clock, store = random_ticks(5, 80, 100.0), FakeClock(), MemoryStore(lambda: 0)
    names = [*(f"OLD{number}USDT" for number in range(20)), "BTCUSDT"]
    facts = {name: SymbolFacts(clock.monotonic_ms()) for name in names}
    with catching_up(Partly(ticks), store, clock, facts, int(ticks.time_ms[-1]) + 9_000):

        def is_fetched() -> bool:
            clock.pass_ms(500)
            return len(store.ticks("BTCUSDT", limit=1)) > 0

        wait_until(is_fetched, what="its turn")
