"""What is filled, what is LOST, and what stays OPEN: against an archive that fails in every order."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.market import Gap
from services.backfill import Backfill
from services.errands import Errands
from services.holes import GONE, TOO_OLD, Hole, HoleFiller, without_errand
from storage.memory import MemoryStore
from tests.fakes import FakeClock
from tests.services.past import KEPT_MS, Beyond, Mood, ScriptedPast, trades

SYMBOL = "BTCUSDT"
MOODS: tuple[Mood, ...] = ("fine", "timeout", "fault", "html 400", "empty", "own 400", "cut short")


class Stage:
    """A store with a hole in it, a scripted archive, and a back-fill whose steps the test counts."""

    def __init__(self, past: ScriptedPast, clock: FakeClock, first: int, last: int) -> None:
        self.past, self.clock = past, clock
        self.store = MemoryStore(clock.now_ms)
        truth = past.truth
        outside = (truth.trade_id < first) | (truth.trade_id > last)
        self.store.append(SYMBOL, truth.rows(outside))
        self.store.open_gap(Gap(SYMBOL, first, last, "OPEN", "a test", clock.now_ms()))
        self.backfill = Backfill(
            past, self.store, clock, lambda symbol, rows: self.store.append(symbol, rows, backfilled=True)
        )

    def settle(self, *, rounds: int = 40) -> None:
        """Work, and let half a minute pass whenever there is nothing to do, until no hole is OPEN."""
        for _ in range(rounds):
            while self.backfill.step():
                pass
            if not self.store.summary()[SYMBOL].gaps_open:
                return
            self.clock.pass_ms(30_000)

    def ids(self, state: str) -> set[int]:
        gaps = [gap for gap in self.store.gaps() if gap.state == state]
        return {one for gap in gaps for one in range(gap.first_id, gap.last_id + 1)}

    def stored(self) -> set[int]:
        return set(self.store.ticks(SYMBOL, limit=1 << 30).trade_id.tolist())


@settings(max_examples=200)
@given(
    size=st.integers(1, 3_000),
    absent=st.sets(st.integers(1, 3_200), max_size=30),
    spans=st.lists(st.tuples(st.integers(1, 3_200), st.integers(1, 1_500)), max_size=2),
    kept_share=st.floats(0.0, 1.2),
    beyond=st.sampled_from(["rows", "empty", "error"]),
    moods=st.lists(st.sampled_from(MOODS), max_size=25),
)
def test_every_id_is_stored_or_lost_and_none_is_lost_that_could_be_had(
    size: int,
    absent: set[int],
    spans: list[tuple[int, int]],
    kept_share: float,
    beyond: Beyond,
    moods: list[Mood],
) -> None:
    clock = FakeClock()
    newest = size + 150
    first, last = 50, 49 + size
    missing = {one for one in absent if one < newest}
    missing |= {one for start, length in spans for one in range(start, start + length)}
    missing &= set(range(first, last + 1))
    # `kept_share` of the trades are younger than 48 h.
    step_ms = max(1, round(KEPT_MS / max(newest * kept_share, 1)))
    past = ScriptedPast(clock, newest, absent=missing, step_ms=step_ms, beyond=beyond, moods=moods)
    stage = Stage(past, clock, first, last)
    stage.settle()
    lost, stored = stage.ids("LOST"), stage.stored()
    can_be_had = past.available() - set(range(1, first))
    assert can_be_had <= stored
    assert not can_be_had & lost
    # What lies on the edge of the 48 h is settled once they are over.
    clock.pass_ms(KEPT_MS + 1)
    stage.settle()
    lost, stored = stage.ids("LOST"), stage.stored()
    assert stage.ids("OPEN") == set()
    assert stored | lost == set(range(1, newest + 1))
    assert stored & lost == set()
    assert stored & missing == set()
    causes = {gap.cause for gap in stage.store.gaps() if gap.state == "LOST"}
    assert causes <= {GONE, TOO_OLD}


@pytest.mark.parametrize("size", [1, 2, 998, 999, 1000, 1001, 50_000])
def test_a_hole_of_any_size_is_filled_whole_in_as_few_pages_as_there_are(size: int) -> None:
    clock = FakeClock()
    past = ScriptedPast(clock, size + 100, step_ms=100)
    stage = Stage(past, clock, 10, 9 + size)
    stage.settle()
    assert [gap.state for gap in stage.store.gaps()] == ["FILLED"]
    assert stage.stored() == set(range(1, size + 101))
    assert len(past.asked) == -(-size // 999)


@pytest.mark.parametrize("mood", ["timeout", "fault", "html 400", "empty", "own 400"])
def test_no_failure_that_lasts_makes_a_young_hole_lost(mood: Mood) -> None:
    clock = FakeClock()
    past = ScriptedPast(clock, 2_000, step_ms=1_000, moods=[mood] * 10_000)
    stage = Stage(past, clock, 10, 1_500)
    stage.settle(rounds=60)
    assert stage.ids("OPEN") == set(range(10, 1_501))
    assert stage.ids("LOST") == set()
    # An unanswered hole costs one request in half a minute, not a page for each thousand ids.
    assert len(past.asked) <= 60 + 25


@pytest.mark.parametrize("mood", ["timeout", "fault", "html 400"])
def test_not_even_an_old_hole_is_lost_without_an_answer(mood: Mood) -> None:
    clock = FakeClock()
    past = ScriptedPast(clock, 2_000, step_ms=KEPT_MS, moods=[mood] * 10_000)
    stage = Stage(past, clock, 10, 1_500)
    stage.settle(rounds=30)
    assert stage.ids("LOST") == set()


@pytest.mark.parametrize("beyond", ["empty", "error"])
def test_what_can_still_be_had_is_filled_and_only_the_rest_is_lost(beyond: Beyond) -> None:
    clock = FakeClock()
    # One trade a minute: 2880 of them are younger than 48 h.
    past = ScriptedPast(clock, 9_000, step_ms=60_000, beyond=beyond)
    stage = Stage(past, clock, 10, 8_990)
    stage.settle()
    assert stage.ids("LOST") == set(range(10, 6_120))
    assert {gap.cause for gap in stage.store.gaps() if gap.state == "LOST"} == {TOO_OLD}
    assert len(past.asked) <= 3 + 2 * 10


@pytest.mark.parametrize("beyond", ["empty", "error"])
def test_an_exchange_that_keeps_less_than_48_hours_loses_nothing_before_their_end(beyond: Beyond) -> None:
    """Its refusal alone proves nothing: such ids wait, and everything that it answers is filled."""
    clock = FakeClock()
    past = ScriptedPast(clock, 5_000, step_ms=1_000, beyond=beyond)
    past.forget(3_000)
    stage = Stage(past, clock, 10, 4_990)
    stage.settle(rounds=5)
    assert stage.ids("LOST") == set()
    assert stage.ids("OPEN") == set(range(10, 3_001))
    clock.pass_ms(KEPT_MS)
    stage.settle()
    assert stage.ids("LOST") == set(range(10, 3_001))


def test_a_refused_symbol_does_not_hold_up_the_others() -> None:
    clock = FakeClock()

    class Delisted(ScriptedPast):
        def trades_from(self, symbol: str, first_id: int, limit: int = 1000):  # type: ignore[no-untyped-def]
            if symbol == "OLDUSDT":
                self._moods = ["own 400"]
            return super().trades_from(symbol, first_id, limit)

    past = Delisted(clock, 5_100)
    stage = Stage(past, clock, 10, 4_999)
    stage.store.append("OLDUSDT", trades([1, 9], 9, clock.now_ms(), 1))
    stage.store.open_gap(Gap("OLDUSDT", 2, 8, "OPEN", "a test", clock.now_ms()))
    stage.settle(rounds=2)
    assert [(gap.symbol, gap.state) for gap in stage.store.gaps() if gap.state != "FILLED"] == [("OLDUSDT", "OPEN")]


def test_the_count_of_open_holes_is_never_zero_before_the_hole_is_filled() -> None:
    clock = FakeClock()
    past = ScriptedPast(clock, 9_000, moods=["timeout", "empty", "cut short"] * 3)
    stage = Stage(past, clock, 10, 8_000)
    for _ in range(500):
        whole = stage.stored() == set(range(1, 9_001))
        assert (stage.store.summary()[SYMBOL].gaps_open == 0) == whole
        if not stage.backfill.step():
            clock.pass_ms(10_000)
    assert whole


def test_a_page_without_its_witness_is_not_lost_but_asked_again() -> None:
    clock = FakeClock()
    past = ScriptedPast(clock, 1_300, moods=["cut short"] * 3)
    stage = Stage(past, clock, 10, 1_200)
    stage.settle()
    assert stage.ids("LOST") == set()
    np.testing.assert_array_equal(sorted(stage.stored()), np.arange(1, 1_301))


def test_pages_shorter_than_asked_for_are_progress_and_no_reason_to_wait() -> None:
    clock = FakeClock()
    past = ScriptedPast(clock, 1_300, moods=["cut short"] * 8)
    stage = Stage(past, clock, 10, 1_200)
    clock.pass_ms(1_000)
    while stage.backfill.step():
        pass
    np.testing.assert_array_equal(sorted(stage.stored()), np.arange(1, 1_301))


@pytest.mark.parametrize("reverse", [False, True])
def test_one_request_fills_all_the_holes_that_lie_on_its_page(reverse: bool) -> None:
    clock = FakeClock()
    past = ScriptedPast(clock, 5_000, absent=[2_500], step_ms=1_000)
    stage = Stage(past, clock, 2, 4_990)
    numbers = list(range(10, 3_900, 5))
    stage.store.append(SYMBOL, past.truth.rows(~np.isin(past.truth.trade_id, numbers)))
    stage.store.flush()
    for number in reversed(numbers) if reverse else numbers:
        stage.backfill.fill(Gap(SYMBOL, number, number, "OPEN", "a test", clock.now_ms()))
    stage.settle()
    assert stage.ids("LOST") == {2_500}
    assert stage.stored() == set(range(1, 5_001)) - {2_500}
    if not reverse:
        assert len(past.asked) <= 5


def test_history_survives_a_bad_moment_of_the_exchange() -> None:
    clock = FakeClock()
    past = ScriptedPast(clock, 5_000, step_ms=1_000, moods=["empty", "timeout", "own 400"])
    store = MemoryStore(clock.now_ms)
    store.append(SYMBOL, past.truth.rows(past.truth.trade_id >= 4_000))
    backfill = Backfill(past, store, clock, lambda symbol, rows: store.append(symbol, rows, backfilled=True))
    backfill.extend(SYMBOL, 4_000, clock.now_ms() - 2_000_000)
    for _ in range(20):
        if not backfill.step():
            clock.pass_ms(30_000)
    # Two pages of 999: the second one reaches the moment that was asked for.
    assert store.summary()[SYMBOL].first_id == 4_000 - 2 * 999


def test_a_restart_asks_for_no_history_that_is_stored() -> None:
    clock = FakeClock()
    past = ScriptedPast(clock, 5_000, step_ms=1_000)
    store = MemoryStore(clock.now_ms)
    store.append(SYMBOL, past.truth.rows(past.truth.trade_id >= 2_000))
    backfill = Backfill(past, store, clock, lambda symbol, rows: store.append(symbol, rows, backfilled=True))
    backfill.extend(SYMBOL, 2_000, clock.now_ms() - 2_000_000)
    while backfill.step():
        pass
    assert past.asked == []


def test_trades_of_another_history_under_the_same_ids_are_never_mixed_in() -> None:
    """A symbol that is listed again counts from 1 again: its new trades must not fill an old hole."""
    clock = FakeClock()
    past = ScriptedPast(clock, 5_000, step_ms=1_000)
    stage = Stage(past, clock, 10, 1_500)
    clock.pass_ms(20 * 3_600_000)
    again = ScriptedPast(clock, 3_000, step_ms=1_000)
    store = stage.store
    backfill = Backfill(again, store, clock, lambda symbol, rows: store.append(symbol, rows, backfilled=True))
    backfill.extend(SYMBOL, 1_501, 0)
    for _ in range(20):
        if not backfill.step():
            clock.pass_ms(30_000)
    assert stage.ids("OPEN") == set(range(10, 1_501))
    assert stage.stored() == set(range(1, 5_001)) - set(range(10, 1_501))
    assert "began again" in (backfill.trouble or "")


def test_a_hole_that_rows_out_of_order_fill_costs_no_request() -> None:
    clock = FakeClock()
    past = ScriptedPast(clock, 5_000, step_ms=1_000)
    stage = Stage(past, clock, 4_000, 4_000)
    stage.store.append(SYMBOL, past.truth.rows(slice(3_999, 4_000)), backfilled=True)
    stage.backfill.fill(Gap(SYMBOL, 4_000, 4_000, "OPEN", "a test", clock.now_ms()))
    assert not stage.backfill.step()
    clock.pass_ms(1_000)
    assert stage.backfill.step()
    assert past.asked == []


PIECES = st.lists(
    st.tuples(st.sampled_from(["BTCUSDT", "ETHUSDT"]), st.integers(1, 60), st.integers(0, 8)), max_size=12
)


def ids_of(pieces: Iterable[Gap | Hole]) -> list[tuple[str, int]]:
    ends = [
        (one.symbol, one.first_id, one.last_id) if isinstance(one, Gap) else (one.symbol, one.first, one.last)
        for one in pieces
    ]
    return [(symbol, one) for symbol, first, last in ends for one in range(first, last + 1)]


@given(PIECES, PIECES)
def test_a_listed_id_that_no_errand_covers_gets_one_and_no_other_does(
    listed: list[tuple[str, int, int]], known: list[tuple[str, int, int]]
) -> None:
    store, clock = MemoryStore(lambda: 0), FakeClock()
    filler = HoleFiller(ScriptedPast(clock, 1), store, clock, lambda _symbol, _rows: None, Errands(Random(0)))
    errands = [filler.hole(Gap(symbol, first, first + more, "OPEN", "a test", 0)) for symbol, first, more in known]
    for symbol, first, more in listed:
        store.open_gap(Gap(symbol, first, first + more, "OPEN", "a test", 0))
    fresh = ids_of(without_errand(store.gaps(), errands))
    assert sorted(fresh) == sorted(set(ids_of(store.gaps())) - set(ids_of(errands)))
