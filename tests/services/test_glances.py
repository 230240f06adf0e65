"""The rows of the watchlists: made once for all, in turn, only while somebody looks, and each failing by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from analytics.analysis import PairAnalysis
from analytics.errors import NotEnoughData, StoreError, UnknownSymbol
from analytics.glance import PairGlance
from analytics.market import PairParams, PairQuery
from analytics.pair import analyse_pair
from analytics.results import Unavailable
from analytics.status import MarketStatus, SymbolStatus
from ingest.events import NewTicks
from services.glances import ROUND_MS, SHARE, Glances
from tests.fakes import FakeClock, wait_until
from tests.screen_fake import series
from tests.services.scripted import PAIR, ListingArchive, feed_pair, random_ticks, scripted_desk

QUERY = PairQuery("BTCUSDT", "ETHUSDT", PairParams(window_bars=30))
OTHERS = tuple(replace(QUERY, x_symbol=f"COIN{n}USDT") for n in range(40))
SILENT = MarketStatus("live", "LIVE", 0)
ROWS = series(200)


class Bench:
    """Rows on a clock that stands still. cost_ms: how long each analysis takes.  refused: raised instead of one."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.cost_ms = 0
        self.made: list[PairQuery] = []
        self.followed: list[PairQuery] = []
        self.refused: dict[PairQuery, Exception] = {}
        self.market: object = "demo"
        self.charts: dict[PairQuery, PairAnalysis] = {}
        self.glances = Glances(
            self.clock,
            self.analyse,
            self.follow,
            lambda: self.charts,
            start=lambda _thread: None,
            spent_s=lambda: self.clock.mono_ms / 1000,
        )

    def analyse(self, query: PairQuery) -> PairAnalysis:
        self.made.append(query)
        self.clock.pass_ms(self.cost_ms)
        if query in self.refused:
            raise self.refused[query]
        return analyse_pair(query, ROWS)

    def follow(self, query: PairQuery, before: object) -> object:
        if self.market != before:
            self.followed.append(query)
        return self.market

    def told(self, *queries: PairQuery, entry: float = 2.0, status: MarketStatus = SILENT) -> tuple[PairGlance, ...]:
        return self.glances.told(queries, [entry] * len(queries), status)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_first_to_ask_is_told_and_the_next_ones_cost_nothing(bench: Bench) -> None:
    first = bench.told(QUERY)[0]
    assert not isinstance(first.zscore, Unavailable)
    for _ in range(8):
        bench.told(QUERY)
    assert bench.made == [QUERY]


def test_many_tabs_at_once_cost_one_computation(bench: Bench) -> None:
    gate = threading.Barrier(8)

    def tab() -> None:
        gate.wait()
        bench.told(QUERY)

    tabs = [threading.Thread(target=tab) for _ in range(8)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join(timeout=20)
    assert bench.made == [QUERY]


def test_rows_are_renewed_in_turn_and_none_more_often_than_every_round(bench: Bench) -> None:
    pairs = OTHERS[:6]
    bench.told(*pairs)
    bench.made.clear()
    rested = 0.0
    for _ in range(6):
        rest = bench.glances.turn()
        assert rest is not None
        rested += rest
        bench.clock.pass_ms(round(rest * 1000))
        bench.told(*pairs)
    assert bench.made == list(pairs)
    assert rested * 1000 == pytest.approx(ROUND_MS)


def test_forty_expensive_rows_take_no_more_than_their_share_of_a_core(bench: Bench) -> None:
    bench.told(*OTHERS)
    bench.cost_ms = 25
    bench.told(*OTHERS)
    rest = bench.glances.turn()
    assert rest is not None
    assert 0.025 / (0.025 + rest) == pytest.approx(SHARE)


def test_the_row_of_a_pair_on_a_chart_has_the_very_number_of_the_chart_at_no_cost(bench: Bench) -> None:
    before = bench.told(QUERY, OTHERS[0])
    bench.made.clear()
    exits_early = replace(QUERY, params=replace(QUERY.params, exit_zscore=0.5))  # which no row tells
    newer = analyse_pair(exits_early, series(201))
    bench.charts = {exits_early: newer}
    on_chart, other = bench.told(QUERY, OTHERS[0])
    assert on_chart.zscore == newer.latest_zscore != before[0].zscore
    assert on_chart.query == QUERY
    assert other.zscore == before[1].zscore
    assert bench.made == []


def test_the_desk_has_one_answer_for_row_and_chart() -> None:
    with scripted_desk() as (desk, feed, _clock, _market):
        end_ms = max(int(leg.time_ms[-1]) for leg in feed_pair(feed))
        wait_until(lambda: desk.analysis(QUERY).y_last_id == 4_000, what="both legs have come")
        shown, row = desk.live(QUERY), desk.glances([QUERY], [2.0])[0]
        for symbol, price in zip(PAIR, (60_000.0, 3_000.0), strict=True):
            feed.put(NewTicks(symbol, random_ticks(5, 9, price, first_id=4_001, start_ms=end_ms + 1_000)))
        wait_until(lambda: desk.analysis(QUERY).x_last_id == 4_009, what="more has come")
        newer = desk.live(QUERY)
        assert newer.latest_zscore != shown.latest_zscore == row.zscore
        assert desk.glances([QUERY], [2.0])[0].zscore == newer.latest_zscore


def test_a_list_that_nobody_looks_at_is_not_computed(bench: Bench) -> None:
    bench.told(*OTHERS[:3])
    bench.made.clear()
    bench.clock.pass_ms(6_000)
    assert bench.glances.turn() is None
    assert bench.made == []
    bench.told(QUERY)
    bench.glances.turn()
    assert set(bench.made) == {QUERY}


def test_who_looks_again_later_finds_the_old_row_until_its_turn(bench: Bench) -> None:
    bench.told(QUERY)
    bench.clock.pass_ms(20_000)
    assert bench.glances.turn() is None
    assert not isinstance(bench.told(QUERY)[0].zscore, Unavailable)


def test_the_first_look_at_a_long_list_does_not_wait_for_all_of_it(bench: Bench) -> None:
    bench.cost_ms = 100
    rows = bench.told(*OTHERS)
    assert len(bench.made) == 4
    assert rows[0].reason is None
    assert rows[-1].reason == "waiting for the first answer"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UnknownSymbol("COIN1USDT"), "COIN1USDT is not watched any more"),
        (StoreError("the disk is busy"), "the disk is busy"),
        (NotEnoughData(30, 2), "need 30 bars, got 2"),
    ],
)
def test_a_failure_stays_in_its_row(bench: Bench, error: Exception, told: str) -> None:
    bench.refused[OTHERS[1]] = error
    rows = bench.told(*OTHERS[:3])
    assert [row.reason for row in rows] == [None, told, None]
    assert rows[1].outcome == "cannot say"
    del bench.refused[OTHERS[1]]
    bench.clock.pass_ms(ROUND_MS)
    for _ in range(3):
        bench.glances.turn()
        bench.told(*OTHERS[:3])
    assert [row.reason for row in bench.told(*OTHERS[:3])] == [None, None, None]


def test_legs_are_subscribed_once_in_each_market(bench: Bench) -> None:
    bench.told(QUERY)
    bench.glances.turn()
    assert bench.followed == [QUERY]
    bench.market = "live"
    bench.glances.turn()
    assert bench.followed == [QUERY, QUERY]


def test_each_asks_with_levels_of_its_own(bench: Bench) -> None:
    z = bench.told(QUERY)[0].zscore
    assert not isinstance(z, Unavailable)
    loose, strict = (bench.told(QUERY, entry=abs(z) * factor)[0].beyond for factor in (0.5, 2.0))
    assert loose is not None
    assert strict is None
    assert bench.made == [QUERY]


def test_a_row_tells_the_state_and_the_age_of_its_worse_leg(bench: Bench) -> None:
    legs = {
        "BTCUSDT": SymbolStatus("BTCUSDT", "LIVE", age_ms=120),
        "ETHUSDT": SymbolStatus("ETHUSDT", "STALE", age_ms=9_000),
    }
    row = bench.told(QUERY, status=replace(SILENT, symbols=legs))[0]
    assert (row.state, row.age_ms) == ("STALE", 9_000)
    half = bench.told(QUERY, status=replace(SILENT, symbols={"BTCUSDT": legs["BTCUSDT"]}))[0]
    assert (half.state, half.age_ms) == ("CONNECTING", None)
    cut = bench.told(QUERY, status=replace(SILENT, state="OFFLINE", symbols=legs))[0]
    assert cut.state == "OFFLINE"


def test_a_new_market_begins_with_nothing(bench: Bench) -> None:
    bench.told(QUERY)
    bench.glances.forget()
    bench.told(QUERY)
    assert bench.made == [QUERY, QUERY]


def test_the_thread_renews_rests_and_ends(bench: Bench) -> None:
    threads: list[threading.Thread] = []

    def start(thread: threading.Thread) -> None:
        threads.append(thread)
        thread.start()

    bench.glances = Glances(bench.clock, bench.analyse, bench.follow, dict, start=start)
    bench.told(QUERY)
    wait_until(lambda: len(bench.made) > 1, what="the row is made again")
    bench.told(QUERY)
    assert len(threads) == 1
    bench.clock.pass_ms(60_000)
    wait_until(lambda: not threads[0].is_alive(), what="nobody looks, so the thread ends")
    bench.told(QUERY)
    assert len(threads) == 2
    bench.glances.close()
    assert not threads[1].is_alive()


def test_the_desk_tells_rows_and_says_which_symbol_is_not_listed() -> None:
    archive = ListingArchive((*PAIR, "SOLUSDT"))
    with scripted_desk(archive=archive) as (desk, feed, _clock, market):
        feed_pair(feed)
        wait_until(lambda: len(desk.listings()) == 3, what="the exchange has told its symbols")
        asked = [replace(QUERY, x_symbol=symbol) for symbol in ("ETHUSDT", "ARBUSDT", "SOLUSDT")]
        good, unlisted, fresh = desk.glances(asked, [2.0] * 3)
        assert good.zscore == desk.analysis(QUERY).latest_zscore
        assert unlisted.reason == "ARBUSDT is not listed"
        assert fresh.reason is None
        assert fresh.bars_held == 0
        assert "SOLUSDT" in market.watched()


def test_a_symbol_that_was_removed_by_hand_is_not_taken_up_again() -> None:
    archive = ListingArchive((*PAIR, "SOLUSDT"))
    with scripted_desk(archive=archive) as (desk, feed, _clock, market):
        feed_pair(feed)
        wait_until(lambda: len(desk.listings()) == 3, what="the exchange has told its symbols")
        query = replace(QUERY, x_symbol="SOLUSDT")
        desk.glances([query], [2.0])
        desk.unwatch("SOLUSDT")
        wait_until(
            lambda: desk.glances([query], [2.0])[0].reason == "SOLUSDT is not watched any more", what="the row says so"
        )
        assert "SOLUSDT" not in market.watched()


def test_rows_follow_the_trades() -> None:
    with scripted_desk() as (desk, feed, _clock, _market):
        _, ether = feed_pair(feed)
        before = desk.glances([QUERY], [2.0])[0]
        newest_ms = int(ether.time_ms[-1])
        feed.put(NewTicks("ETHUSDT", random_ticks(5, 30, 3_100.0, first_id=4_001, start_ms=newest_ms)))
        wait_until(lambda: desk.glances([QUERY], [2.0])[0].zscore != before.zscore, what="the row moves")


def test_before_a_market_is_open_every_row_says_so() -> None:
    with closing_desk() as glances:
        assert glances([QUERY], [2.0])[0].reason == "no market is open yet"


@contextmanager
def closing_desk() -> Iterator[Callable[..., tuple[PairGlance, ...]]]:
    from services.desk import Desk

    desk = Desk(FakeClock(), PAIR)
    yield desk.glances
    desk.close()
