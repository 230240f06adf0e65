"""The status light as a table: facts in, word and sentence out."""

from typing import get_args

import pytest

from analytics.status import FeedState
from ingest.live import Link
from ingest.session import SymbolFacts
from services.health import Knowledge, market_status, symbol_state
from services.parts import MarketParts
from storage.memory import MemoryStore
from storage.ring import Rings
from tests.fakes import FakeClock
from tests.services.scripted import PAIR, ScriptedFeed

LIVE = Link("LIVE", None, 0, delivered=True)
NOW = 100_000


def facts(*, arrived_ago_ms: int | None, asked_ago_ms: int = 60_000, halted: str | None = None) -> SymbolFacts:
    arrival = None if arrived_ago_ms is None else NOW - arrived_ago_ms
    return SymbolFacts(requested_at_ms=NOW - asked_ago_ms, last_arrival_ms=arrival, halted=halted)


@pytest.mark.parametrize(
    ("known", "gaps", "link", "lag_ms", "state", "words"),
    [
        (facts(arrived_ago_ms=100), 0, LIVE, 20, "LIVE", None),
        (facts(arrived_ago_ms=100), 0, LIVE, None, "LIVE", None),
        (facts(arrived_ago_ms=100), 2, LIVE, 20, "BACKFILLING", "2 holes"),
        (facts(arrived_ago_ms=100), 0, LIVE, 2_500, "DELAYED", "2.5 s late"),
        (facts(arrived_ago_ms=10_001), 0, LIVE, 20, "STALE", "no data for 10 s"),
        (facts(arrived_ago_ms=None, asked_ago_ms=3_000), 0, LIVE, None, "CONNECTING", "first data"),
        (facts(arrived_ago_ms=None, asked_ago_ms=11_000), 0, LIVE, None, "MUTE", "wrong route or unknown symbol"),
        # Data from before the last reconnect prove nothing about this connection.
        (facts(arrived_ago_ms=30_000, asked_ago_ms=12_000), 0, LIVE, None, "MUTE", "12 s ago"),
        (facts(arrived_ago_ms=100), 0, Link("OFFLINE", "no route", 0), 20, "OFFLINE", "no route"),
        (facts(arrived_ago_ms=100, halted="ids again"), 0, LIVE, 20, "HALTED", "ids again"),
    ],
)
def test_the_light_follows_the_age_of_data(
    known: SymbolFacts, gaps: int, link: Link, lag_ms: int | None, state: FeedState, words: str | None
) -> None:
    age_ms = None if known.last_arrival_ms is None else NOW - known.last_arrival_ms
    got, reason = symbol_state(known, gaps, link, age_ms=age_ms, lag_ms=lag_ms, mono_ms=NOW)
    assert got == state
    assert (reason is None) if words is None else (words in (reason or ""))


class TwoConnections(ScriptedFeed):
    """Carries the second symbol over a connection of its own."""

    other = LIVE

    def link_of(self, symbol: str) -> Link:
        return self.link if symbol == PAIR[0] else self.other


@pytest.mark.parametrize("lost", get_args(FeedState))
def test_one_of_two_connections_may_be_in_any_state_and_the_worse_one_is_told(lost: FeedState) -> None:
    clock = FakeClock()
    feed, store = TwoConnections(clock), MemoryStore(clock.now_ms)
    feed.other = Link(lost, "the second connection", 0)
    feed.session.requested(PAIR, clock.monotonic_ms())
    parts = MarketParts("live", feed, Rings(10), store, None, clock, PAIR)
    told = market_status(parts, PAIR, Knowledge())
    assert told.symbols[PAIR[0]].state == "CONNECTING"
    worse = lost in {"HALTED", "BLOCKED", "OFFLINE", "MUTE", "STALE", "DELAYED"}
    assert told.state == (lost if worse else "CONNECTING")
    assert told.source_reason == ("the second connection" if lost in {"BLOCKED", "OFFLINE"} else None)


@pytest.mark.parametrize(
    ("known", "state", "words"),
    [
        (Knowledge(), "LIVE", None),
        (Knowledge(unsettled=PAIR), "BACKFILLING", "before this connection"),
        (Knowledge(unsettled=PAIR, rest_silence="x.test bans us"), "BACKFILLING", "because x.test bans us"),
        (Knowledge(undelivered=PAIR), "MUTE", "fetched every 5 s"),
        (Knowledge(listed=["ETHUSDT"]), "LIVE", None),
    ],
)
def test_what_is_known_beside_the_feed_makes_the_light_true(known: Knowledge, state: str, words: str | None) -> None:
    clock = FakeClock()
    feed = ScriptedFeed(clock)
    now_ms = clock.monotonic_ms()
    feed.session.facts["BTCUSDT"] = SymbolFacts(now_ms - 5_000, last_arrival_ms=now_ms)
    parts = MarketParts("live", feed, Rings(10), MemoryStore(clock.now_ms), None, clock, PAIR)
    told = market_status(parts, PAIR, known).symbols["BTCUSDT"]
    assert told.state == state
    assert (told.reason is None) if words is None else (words in (told.reason or ""))
