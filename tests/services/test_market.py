"""One running market: which symbols it collects, and what it tells of itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import pytest

from analytics.errors import BadInput, UnknownSymbol
from analytics.market import Gap, Listing, Ticks
from ingest.events import GapSeen, NewTicks
from services.market import MOST_SYMBOLS
from tests.fakes import FakeClock, wait_until
from tests.services.scripted import PAIR, ListingArchive, ScriptedFeed, feed_pair, random_ticks, scripted_desk

LISTED = (*PAIR, *(f"S{number}USDT" for number in range(MOST_SYMBOLS)))


def test_a_symbol_no_longer_watched_keeps_its_trades_and_its_ledger() -> None:
    with scripted_desk(archive=ListingArchive(LISTED)) as (desk, feed, _clock, _market):
        wait_until(lambda: len(desk.listings()) == len(LISTED), what="listings known")
        feed_pair(feed, 50)
        desk.watch("S1USDT")
        assert feed.watching == ["S1USDT"]
        feed.put(NewTicks("S1USDT", random_ticks(3, 40, 150.0)))
        feed.put(GapSeen(Gap("S1USDT", 41, 50, "OPEN", "cut", 0)))
        desk.unwatch("S1USDT")
        assert (feed.watching, desk.watched()) == ([], PAIR)
        assert sum(len(page) for page in desk.export_ticks("S1USDT")) == 40
        assert [(gap.first_id, gap.last_id) for gap in desk.gaps("S1USDT")] == [(41, 50)]
        with pytest.raises(UnknownSymbol):
            desk.unwatch("S1USDT")
        with pytest.raises(UnknownSymbol):
            desk.gaps("S2USDT")


class Interrupted(ScriptedFeed):
    """Lets somebody else go first in the middle of what it is asked to do."""

    interruption: Callable[[], None] = lambda: None

    def unwatch(self, symbols: Iterable[str]) -> None:
        other = threading.Thread(target=self.interruption)
        other.start()
        other.join(0.2)
        super().unwatch(symbols)
        self.others = [other]


def test_what_is_listed_as_watched_is_carried_whoever_asks_at_the_same_moment() -> None:
    with scripted_desk(archive=ListingArchive(LISTED), kind=Interrupted) as (desk, feed, _clock, _market):
        assert isinstance(feed, Interrupted)
        wait_until(lambda: len(desk.listings()) == len(LISTED), what="listings known")
        desk.watch("S1USDT")
        feed.interruption = lambda: desk.watch("S1USDT", "S2USDT")
        desk.unwatch("S1USDT")
        feed.others[0].join(10)
        assert sorted(feed.watching) == ["S1USDT", "S2USDT"]
        assert sorted(desk.watched()) == sorted([*PAIR, "S1USDT", "S2USDT"])


def test_the_last_two_symbols_stay_and_two_hundred_are_the_most() -> None:
    with scripted_desk(archive=ListingArchive(LISTED)) as (desk, _feed, _clock, _market):
        wait_until(lambda: len(desk.listings()) == len(LISTED), what="listings known")
        with pytest.raises(BadInput, match="two symbols"):
            desk.unwatch("ETHUSDT")
        desk.watch(*LISTED[:MOST_SYMBOLS])
        desk.watch(LISTED[7])
        with pytest.raises(BadInput, match="at most 200"):
            desk.watch(LISTED[MOST_SYMBOLS])
        assert len(desk.watched()) == MOST_SYMBOLS
        with pytest.raises(UnknownSymbol):
            desk.watch("NOSUCHUSDT")


def test_a_mute_symbol_that_is_not_listed_says_so() -> None:
    with scripted_desk(archive=ListingArchive(["BTCUSDT"])) as (desk, feed, clock, _market):
        wait_until(lambda: len(desk.listings()) == 1, what="listings known")
        feed.session.requested(PAIR, clock.monotonic_ms())
        clock.pass_ms(11_000)
        told = {symbol: one.reason or "" for symbol, one in desk.status().symbols.items()}
        assert "wrong route or unknown symbol" in told["BTCUSDT"]
        assert "does not list ETHUSDT" in told["ETHUSDT"]


def test_diagnostics_are_those_of_the_parts() -> None:
    with scripted_desk(archive=ListingArchive(PAIR)) as (desk, feed, clock, _market):
        feed_pair(feed, 10)
        wait_until(lambda: desk.diagnostics().exchange_clock_ms is not None, what="clock known")
        told = desk.diagnostics()
        assert [link.route for link in told.links] == ["scripted"]
        assert told.rest is not None
        assert told.rest.host == "listing.test"
        assert told.exchange_clock_ms == clock.monotonic_ms() - clock.now_ms()


class TellingArchive(ListingArchive):
    """Tells the time of an exchange that does not sleep with this machine."""

    clock = FakeClock()

    def clock_offset_ms(self) -> int:
        return self.clock.now_ms() - self.clock.monotonic_ms()


def test_after_this_machine_has_slept_the_exchanges_clock_is_asked_for_again() -> None:
    archive = TellingArchive(PAIR)
    with scripted_desk(archive=archive) as (desk, _feed, clock, _market):
        archive.clock = clock
        wait_until(lambda: desk.diagnostics().exchange_clock_ms is not None, what="clock known")
        clock.wall_ms += 600_000
        wait_until(lambda: desk.diagnostics().exchange_clock_ms == 0, what="asked again")


class BrokenArchive(ListingArchive):
    """Fails in a way that nobody has foreseen."""

    def __init__(self, what: str) -> None:
        super().__init__(PAIR)
        self._what = what

    def listings(self) -> tuple[Listing, ...]:
        self._break_at("listings")
        return super().listings()

    def trades_from(self, symbol: str, first_id: int, limit: int = 1000) -> Ticks:
        self._break_at("trades_from")
        return super().trades_from(symbol, first_id, limit)

    def newest_trades(self, symbol: str, limit: int = 1000) -> Ticks:
        self._break_at("newest_trades")
        return super().newest_trades(symbol, limit)

    def _break_at(self, what: str) -> None:
        if what == self._what:
            raise ZeroDivisionError(what)


def _one_hole(feed: ScriptedFeed, clock: FakeClock) -> None:
    feed.put(GapSeen(Gap("BTCUSDT", 41, 50, "OPEN", "cut", 0)))
    clock.pass_ms(1_000)


def _wait_for_trades(feed: ScriptedFeed, clock: FakeClock) -> None:
    feed.session.requested(PAIR, clock.monotonic_ms())

    def has_asked() -> bool:
        clock.pass_ms(1_000)
        return "catch-up" not in _threads()

    wait_until(has_asked, what="catch-up asked")


def _unforeseen_event(feed: ScriptedFeed, _clock: FakeClock) -> None:
    feed.hand_in(NewTicks("BTCUSDT", Ticks.empty()))


def _nothing(_feed: ScriptedFeed, _clock: FakeClock) -> None:
    """The thread fails by itself."""


def _threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(
    ("name", "broken", "provoke"),
    [
        ("backfill", "trades_from", _one_hole),
        ("catch-up", "newest_trades", _wait_for_trades),
        ("exchange-info", "listings", _nothing),
        ("feed", "nothing", _unforeseen_event),
    ],
)
def test_a_thread_that_dies_is_seen(name: str, broken: str, provoke: Callable[[ScriptedFeed, FakeClock], None]) -> None:
    with scripted_desk(archive=BrokenArchive(broken)) as (desk, feed, clock, _market):
        provoke(feed, clock)
        told = f"the {name} thread stopped on a fault of its own; restart Pairwatch"
        wait_until(lambda: told in (desk.status().source_reason or ""), what=told)
