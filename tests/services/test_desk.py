"""The Desk: one computation for all who ask, always of the present data, from ring and store together."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from analytics import rolling_arrays
from analytics.bars import bars_from_ticks
from analytics.errors import BadInput, StoreError, UnknownSymbol
from analytics.market import Bars, Gap, PairParams, PairQuery, Timeframe
from analytics.results import HedgeFit
from analytics.rolling import way_of_summing
from ingest.events import NewTicks
from ingest.session import SymbolFacts
from services.desk import Desk
from services.pulse import Pulse
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.fakes import FakeClock, wait_until
from tests.services.scripted import PAIR, ListingArchive, ScriptedFeed, feed_pair, random_ticks, scripted_desk

QUERY = PairQuery(*PAIR, PairParams(window_bars=50))


class CountingLedger(MemoryStore):
    """Counts how often the ledger is read."""

    reads = 0

    def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
        self.reads += 1
        return super().gaps(symbol)


class FailingOnce(MemoryStore):
    """Refuses as many reads of bars as it is told."""

    failures = 0

    def bars(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        self._fail()
        return super().bars(symbol, timeframe, start_ms=start_ms, end_ms=end_ms)

    def newest_bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        self._fail()
        return super().newest_bars(symbol, timeframe, limit)

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreError("the disk is busy")


def test_the_same_data_give_the_same_object_and_new_data_a_new_one() -> None:
    with scripted_desk() as (desk, feed, _clock, _market):
        feed_pair(feed)
        first = desk.analysis(QUERY)
        assert desk.analysis(QUERY) is first
        version = desk.version(QUERY)
        feed.put(NewTicks("BTCUSDT", random_ticks(3, 5, 60_000.0, first_id=4_001, start_ms=1_700_000_900_000)))
        assert desk.analysis(QUERY) is not first
        assert desk.version(QUERY) > version


def test_a_question_during_the_warm_up_is_answered_after_it() -> None:
    with scripted_desk() as (desk, feed, _clock, _market):
        feed_pair(feed)
        desk.start_warm_up()
        assert desk.status().symbols
        assert isinstance(desk.analysis(QUERY).hedge, HedgeFit)


def test_the_compiled_loops_are_prepared_behind_the_first_answers() -> None:
    pytest.importorskip("numba", reason="the extra `fast` is not installed")
    with scripted_desk() as (desk, feed, _clock, _market):
        feed_pair(feed)
        desk.start_warm_up(settled_s=0.0)
        assert isinstance(desk.analysis(QUERY).hedge, HedgeFit)
        wait_until(lambda: way_of_summing() is not rolling_arrays, within_s=200.0, what="compiled loops")


def test_a_desk_that_closes_early_leaves_nothing_to_compile() -> None:
    with scripted_desk() as (desk, _feed, _clock, _market):
        desk.start_warm_up()
        desk.wait_until_warm()
    wait_until(
        lambda: "warm-up" not in {thread.name for thread in threading.enumerate()}, what="the end of the warm-up"
    )


def test_the_ledger_is_read_when_it_has_changed() -> None:
    store = CountingLedger(lambda: 0)
    with scripted_desk(store) as (desk, feed, _clock, _market):
        feed_pair(feed, 50)
        assert desk.gaps() == desk.gaps() == ()
        assert store.reads == 1
        store.open_gap(Gap("ETHUSDT", 60, 70, "OPEN", "cut", 0))
        assert [gap.first_id for gap in desk.gaps()] == [gap.first_id for gap in desk.gaps("ETHUSDT")] == [60]
        store.lose_gap("ETHUSDT", 60, 65, "gone", 1)
        assert [gap.state for gap in desk.gaps()] == ["LOST", "OPEN"]
        assert desk.gaps("BTCUSDT") == ()


def test_a_hole_is_told_with_the_time_in_which_it_lies() -> None:
    store = MemoryStore(lambda: 0)
    with scripted_desk(store) as (desk, feed, _clock, _market):
        _, x = feed_pair(feed, 400)
        feed.put(NewTicks("ETHUSDT", random_ticks(3, 50, 3_000.0, first_id=421, start_ms=int(x.time_ms[-1]) + 9_000)))
        assert [one.kind for one in desk.stretches(QUERY) if one.symbol == "BTCUSDT" and one.kind != "incomplete"] == []
        store.open_gap(Gap("ETHUSDT", 401, 420, "OPEN", "cut", 0))
        (hole,) = (one for one in desk.stretches(QUERY) if one.kind == "open")
        assert (hole.symbol, hole.trades) == ("ETHUSDT", 20)
        assert hole.start_ms == x.time_ms[-1] // 1_000 * 1_000
        assert hole.end_ms == hole.start_ms + 10_000
        with pytest.raises(UnknownSymbol):
            desk.stretches(PairQuery("BTCUSDT", "NOPEUSDT"))


def test_many_tabs_cost_one_computation() -> None:
    with scripted_desk() as (desk, feed, _clock, _market):
        feed_pair(feed)
        answers: list[object] = []
        gate = threading.Barrier(8)

        def tab() -> None:
            gate.wait()
            answers.append(desk.live(QUERY))

        tabs = [threading.Thread(target=tab) for _ in range(8)]
        for one in tabs:
            one.start()
        for one in tabs:
            one.join(timeout=20)
        assert len(answers) == 8
        assert len({id(answer) for answer in answers}) == 1


@pytest.mark.parametrize(
    "timeframe", [Timeframe.TICK, Timeframe.S1, Timeframe.S5, Timeframe.M1, Timeframe.H4, Timeframe.D1]
)
@pytest.mark.parametrize("limit", [3, 200, 5_000])
def test_bars_from_ring_and_store_equal_those_of_all_trades(tmp_path: Path, timeframe: Timeframe, limit: int) -> None:
    store = SqlStore(tmp_path / "t.db", venue="test", now_ms=FakeClock().now_ms)
    with scripted_desk(store) as (desk, feed, _clock, _market):
        everything = random_ticks(7, 30_000, 60_000.0)
        # More trades than the ring holds, in uneven batches, asked in between so that the cache has to follow.
        for start, stop in ((0, 9_000), (9_000, 9_001), (9_001, 22_222), (22_222, 30_000)):
            feed.put(NewTicks("BTCUSDT", everything.rows(slice(start, stop))))
            store.flush()
            desk.bars("BTCUSDT", timeframe, limit)
        got = desk.bars("BTCUSDT", timeframe, limit)
    want = bars_from_ticks(everything, timeframe).rows(slice(-limit, None))
    assert_array_equal(got.start_ms, want.start_ms)
    for column in ("open", "high", "low", "close", "trades", "first_id", "last_id"):
        assert_array_equal(getattr(got, column), getattr(want, column))
    np.testing.assert_allclose(got.volume, want.volume, rtol=1e-12)


def test_a_filled_hole_shows_in_bars_that_were_already_answered(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "t.db", venue="test", now_ms=FakeClock().now_ms)
    with scripted_desk(store) as (desk, feed, _clock, _market):
        everything = random_ticks(8, 12_000, 60_000.0)
        keep = np.ones(12_000, np.bool_)
        keep[3_000:3_100] = False
        feed.put(NewTicks("BTCUSDT", everything.rows(keep)))
        store.flush()
        before = desk.bars("BTCUSDT", Timeframe.S1, 5_000)
        feed.put(NewTicks("BTCUSDT", everything.rows(~keep), late=True))
        store.flush()
        after = desk.bars("BTCUSDT", Timeframe.S1, 5_000)
    want = bars_from_ticks(everything, Timeframe.S1)
    assert before.trades.sum() == 11_900
    assert_array_equal(after.trades, want.trades)
    assert_array_equal(after.close, want.close)


def test_a_symbol_that_nobody_watches_is_refused_by_name() -> None:
    with scripted_desk() as (desk, _feed, _clock, _market):
        with pytest.raises(UnknownSymbol, match="DOGEUSDT"):
            desk.bars("DOGEUSDT", Timeframe.S1, 10)
        with pytest.raises(UnknownSymbol, match="DOGEUSDT"):
            desk.analysis(PairQuery("BTCUSDT", "DOGEUSDT"))


def test_before_a_market_is_open_the_status_says_so() -> None:
    desk = Desk(FakeClock(), PAIR)
    assert desk.status().state == "CONNECTING"
    desk.fail("the database is in use")
    assert (desk.status().state, desk.status().source_reason) == ("OFFLINE", "the database is in use")
    desk.close()


def test_the_pulse_keeps_only_watched_questions_warm() -> None:
    with scripted_desk() as (desk, feed, clock, _market):
        feed_pair(feed)
        desk.live(QUERY)
        before = desk.version(QUERY)
        feed.put(NewTicks("ETHUSDT", random_ticks(5, 3, 3_000.0, first_id=4_001, start_ms=1_700_000_900_000)))
        desk.refresh()
        warm = desk.version(QUERY)
        assert warm > before
        clock.pass_ms(60_000)
        feed.put(NewTicks("ETHUSDT", random_ticks(6, 3, 3_000.0, first_id=4_004, start_ms=1_700_000_901_000)))
        desk.refresh()
        assert desk.version(QUERY) == warm


def test_a_view_that_was_left_and_is_looked_at_again_is_of_now() -> None:
    with scripted_desk() as (desk, feed, clock, _market):
        _, ether = feed_pair(feed)
        now_ms = int(ether.time_ms[-1])
        left = desk.live(QUERY)
        clock.pass_ms(60_000)
        feed.put(NewTicks("ETHUSDT", random_ticks(5, 3, 3_000.0, first_id=4_001, start_ms=now_ms)))
        desk.refresh()
        assert desk.live(QUERY) is not left
        assert desk.live(QUERY).x_last_id == 4_003


def test_one_failed_read_does_not_end_the_pulse() -> None:
    store = FailingOnce(FakeClock().now_ms)
    with scripted_desk(store) as (desk, feed, _clock, _market):
        feed_pair(feed)
        desk.live(QUERY)
        version = desk.version(QUERY)
        feed.put(NewTicks("ETHUSDT", random_ticks(5, 3, 3_000.0, first_id=4_001, start_ms=1_700_000_900_000)))
        store.failures = 1
        desk.refresh()
        assert (store.failures, desk.version(QUERY)) == (0, version)
        desk.refresh()
        assert desk.version(QUERY) > version


def test_many_ticks_between_two_beats_cost_one_beat() -> None:
    beats = threading.Semaphore(0)
    gate = threading.Event()

    def refresh() -> None:
        beats.release()
        gate.wait(timeout=10)

    pulse = Pulse(refresh, beats_per_s=20)
    pulse.start()
    try:
        pulse.wake()
        assert beats.acquire(timeout=10)
        for _ in range(1_000):
            pulse.wake()
        gate.set()
        assert beats.acquire(timeout=10)
        wait_until(lambda: pulse.beats >= 2, what="the second beat ends")
        assert not beats.acquire(timeout=0.2)
    finally:
        gate.set()
        pulse.stop()


def test_a_question_that_has_no_answer_does_not_end_the_pulse() -> None:
    with scripted_desk() as (desk, feed, _clock, _market):
        feed_pair(feed)
        with pytest.raises(BadInput, match="at least 2 bars"):
            desk.live(PairQuery(*PAIR, PairParams(window_bars=1)))
        first = desk.live(QUERY)
        feed.put(NewTicks("BTCUSDT", random_ticks(3, 5, 60_000.0, first_id=4_001, start_ms=1_700_000_900_000)))
        desk.refresh()
        assert desk.live(QUERY) is not first


def test_without_a_pulse_old_numbers_do_not_stand_as_if_they_were_new() -> None:
    with scripted_desk() as (desk, feed, clock, _market):
        feed_pair(feed)
        first = desk.live(QUERY)
        feed.put(NewTicks("BTCUSDT", random_ticks(3, 5, 60_000.0, first_id=4_001, start_ms=1_700_000_900_000)))
        assert desk.live(QUERY) is first
        for _ in range(6):
            clock.pass_ms(1_000)
            newest = desk.live(QUERY)
        assert newest is not first


def test_a_study_holds_the_live_numbers_and_the_evidence_and_is_made_once() -> None:
    with scripted_desk() as (desk, feed, _clock, _market):
        feed_pair(feed)
        study, live = desk.study(QUERY), desk.analysis(QUERY)
        assert desk.study(QUERY) is study
        assert live.evidence is None
        assert study.evidence is not None
        assert_array_equal(study.zscore, live.zscore)
        feed.put(NewTicks("BTCUSDT", random_ticks(3, 5, 60_000.0, first_id=4_001, start_ms=1_700_000_900_000)))
        assert desk.study(QUERY) is not study


def live_leg(feed: ScriptedFeed, clock: FakeClock, symbol: str) -> None:
    """What the session notes when data of a symbol arrive."""
    now_ms = clock.monotonic_ms()
    feed.session.facts[symbol] = SymbolFacts(now_ms, last_arrival_ms=now_ms)


def test_a_verdict_on_a_leg_that_is_not_live_cannot_say() -> None:
    with scripted_desk() as (desk, feed, clock, _market):
        feed_pair(feed)
        for symbol in PAIR:
            live_leg(feed, clock, symbol)
        told = desk.live(QUERY)
        assert not any("numbers are old" in reason for reason in told.verdict.reasons)
        clock.pass_ms(11_000)
        stale = desk.live(QUERY)
        assert stale.verdict.outcome == "cannot say"
        assert stale.verdict.reasons[0] == "BTCUSDT is STALE. The numbers are old."
        assert stale.latest_zscore == told.latest_zscore


def test_a_leg_that_trades_no_more_makes_the_verdict_old_though_the_connection_lives() -> None:
    """A halt: heartbeats go on, trades do not."""
    with scripted_desk(archive=ListingArchive(PAIR)) as (desk, feed, clock, market):
        wait_until(lambda: market.listings(), what="the exchange's clock is known")
        now_ms = clock.monotonic_ms()  # the archive's clock is this one
        for symbol, seed in zip(PAIR, (1, 2), strict=True):
            ticks = random_ticks(seed, 4_000, 3_000.0)
            feed.put(NewTicks(symbol, replace(ticks, time_ms=ticks.time_ms - ticks.time_ms[-1] + now_ms)))
            live_leg(feed, clock, symbol)
        assert not any("traded" in reason for reason in desk.analysis(QUERY).verdict.reasons)
        clock.pass_ms(61_000)
        for symbol in PAIR:
            live_leg(feed, clock, symbol)
        told = desk.analysis(QUERY).verdict
        assert told.outcome == "cannot say"
        assert told.reasons[0] == "BTCUSDT has not traded for more than 60 s. The numbers are old."


def test_the_verdict_counts_how_many_pairs_and_settings_were_looked_at() -> None:
    with scripted_desk() as (desk, feed, clock, _market):
        y = random_ticks(1, 4_000, 60_000.0)
        noise = np.random.default_rng(5).normal(0, 1e-5, 4_000)
        feed.put(NewTicks("BTCUSDT", y))
        feed.put(NewTicks("ETHUSDT", replace(y, price=y.price / 20 * (1 + noise))))  # a pair bound beyond doubt
        for symbol in PAIR:
            live_leg(feed, clock, symbol)
        for window in (40, 50, 60):
            desk.analysis(PairQuery(*PAIR, PairParams(window_bars=window)))
        for exit_zscore in (0.1, 0.2, 0.3):  # another question, but the very same test
            desk.analysis(PairQuery(*PAIR, PairParams(window_bars=60, exit_zscore=exit_zscore, correlation="spearman")))
        asked = PairQuery(*PAIR, PairParams(window_bars=70))
        told = desk.analysis(asked).verdict
        assert told.outcome == "cointegrated"
        assert any(reason.startswith("The 4th pair and setting looked at") for reason in told.reasons)
        assert desk.study(asked).verdict.reasons == told.reasons  # the same question is no further look
