"""Favourites: stars of the search that become pins of a watchlist, and what is said of it."""

from __future__ import annotations

from analytics.market import PairParams, PairQuery
from layouts import ids
from tests.callbacks.browser import Page
from tests.screen_fake import QUERY, FakeDesk

FAVOURITES = f"{ids.FAVOURITES}.data"
TOLD = f"{ids.STAR_TOLD}.tree"


def starred(
    tab: Page, pair: str, view: str = "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1"
) -> dict[str, object]:
    tab.props[f"{ids.QUERY}.data"] = view
    return tab.change(f"{ids.STAR}.data", {"pair": pair, "at": 1}, output=TOLD)


def pins(desk: FakeDesk) -> set[tuple[str, str]]:
    lists = desk.keeping.watchlists()
    return {(p.query.y_symbol, p.query.x_symbol) for each in lists for p in each.pairs if p.pinned}


def test_a_star_pins_the_pair_where_it_stands_and_another_lets_it_go(tab: Page, desk: FakeDesk) -> None:
    desk.keeping.add_pair("Majors", QUERY)
    before = len(desk.keeping.watchlist("Majors").pairs)
    told = starred(tab, "BTCUSDT-ETHUSDT")
    assert told[TOLD] == "BTCUSDT / ETHUSDT is a favourite now."
    assert told[FAVOURITES][0]["pinned"] is True  # type: ignore[index]
    assert ("BTCUSDT", "ETHUSDT") in pins(desk)
    told = starred(tab, "BTCUSDT-ETHUSDT")
    assert told[TOLD] == "BTCUSDT / ETHUSDT is no favourite any more. It stays in the list Majors."
    assert pins(desk) == set()
    assert len(desk.keeping.watchlist("Majors").pairs) == before


def test_a_pair_of_no_list_comes_into_the_one_shown_as_the_view_looks_at_it(tab: Page, desk: FakeDesk) -> None:
    view = "?pair=BTCUSDT-ETHUSDT&tf=1s&window=120&intercept=1&hedge=fixed&ratio=15.2"
    told = starred(tab, "COIN1USDT-COIN2USDT", view)
    assert told[TOLD] == "COIN1USDT / COIN2USDT is a favourite now, and stands in the list Majors."
    kept = desk.keeping.watchlist("Majors").pairs[-1].query
    assert kept == PairQuery("COIN1USDT", "COIN2USDT", PairParams(window_bars=120))  # the ratio was the other pair's


def test_the_lists_of_another_tab_come_with_the_next_version(tab: Page, desk: FakeDesk) -> None:
    desk.keeping.add_pair("Majors", PairQuery("COIN3USDT", "COIN4USDT"), pinned=True)
    told = tab.change(f"{ids.KEPT_VERSION}.data", desk.keeping.version, output=FAVOURITES)
    assert told[FAVOURITES][0]["pair"] == "COIN3USDT-COIN4USDT"
    assert TOLD not in told
