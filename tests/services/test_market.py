"""One running market: which symbols it collects, and what it tells of itself."""

from __future__ import annotations

import pytest

from analytics.errors import BadInput, UnknownSymbol
from analytics.market import Gap
from ingest.events import GapSeen, NewTicks
from services.market import MOST_SYMBOLS
from tests.fakes import wait_until
from tests.services.scripted import PAIR, ListingArchive, feed_pair, random_ticks, scripted_desk

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
