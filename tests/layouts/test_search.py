"""What the symbol search answers from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.kept import WatchedPair, Watchlist
from analytics.market import Listing, PairQuery
from layouts.search import favourites, listed, nearest, states
from tests.screen_fake import LISTINGS, QUERY, FakeDesk

COINS = (
    Listing("BTCUSDT", "BTC", "USDT", 0.1, 0.001, 1),
    Listing("BTCUSDC", "BTC", "USDC", 0.1, 0.001, 1),
    Listing("1000SHIBUSDT", "1000SHIB", "USDT", 0.000001, 1.0, 6),
    Listing("1MBABYDOGEUSDT", "1MBABYDOGE", "USDT", 0.000001, 1.0, 6),
)


def test_the_browser_is_given_every_symbol_with_its_parts() -> None:
    assert listed(LISTINGS)[0] == ["BTCUSDT", "BTC", "USDT"]
    assert len(listed(LISTINGS)) == len(LISTINGS)


def test_every_watched_symbol_has_its_state_tone_and_shape() -> None:
    healthy = FakeDesk().status()
    stale = replace(healthy, symbols={"BTCUSDT": replace(healthy.symbols["BTCUSDT"], state="STALE")})
    assert states(healthy)["ETHUSDT"] == ["LIVE", "good", "circle"]
    assert states(stale) == {"BTCUSDT": ["STALE", "bad", "triangle"]}


def test_pinned_pairs_come_first_and_no_view_twice() -> None:
    other = PairQuery("SOLUSDT", "ETHUSDT")
    lists = (
        Watchlist("Majors", (WatchedPair(other), WatchedPair(QUERY))),
        Watchlist("Mine", (WatchedPair(QUERY, pinned=True),)),
    )
    told = favourites(lists)
    assert [(row["pair"], row["list"], row["pinned"]) for row in told] == [
        ("BTCUSDT-ETHUSDT", "Mine", True),
        ("SOLUSDT-ETHUSDT", "Majors", False),
    ]
    assert told[0]["view"] == "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SHIBUSDT", "1000SHIBUSDT"),
        ("BABYDOGEUSDT", "1MBABYDOGEUSDT"),
        ("shib", "1000SHIBUSDT"),
        ("BTC", "BTCUSDT"),
        ("BTCUSTD", "BTCUSDT"),
    ],
)
def test_the_nearest_symbol_is_the_one_that_was_meant(typed: str, meant: str) -> None:
    assert nearest(typed, COINS)[0] == meant


def test_nothing_is_near_to_nonsense() -> None:
    assert nearest("QQQQQQ", COINS) == ()
