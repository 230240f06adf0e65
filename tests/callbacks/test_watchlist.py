"""The watchlist's server side: only changed rows are sent, and what is asked of a list is done and told."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.kept import Watchlist
from analytics.market import PairQuery
from layouts import ids
from layouts.address import written
from tests.callbacks.browser import Page
from tests.screen_fake import QUERY, FakeDesk

ROWS = f"{ids.GLANCES}.data"
TIMER = f"{ids.GLANCE_TIMER}.n_intervals"
DONE = f"{ids.LIST_DONE}.data"
NAME = f"{ids.WATCHLIST}.data"
UNKNOWN = PairQuery("ARBUSDT", "ETHUSDT")
WALK = PairQuery("COIN1USDT", "COIN2USDT")


@pytest.fixture(autouse=True)
def _three_pairs(desk: FakeDesk) -> None:
    for watched in desk.keeping.watchlist("Majors").pairs:
        desk.keeping.remove_pair("Majors", watched.query)
    for query in (QUERY, UNKNOWN, WALK):
        desk.keeping.add_pair("Majors", query)


def shown(tab: Page) -> dict[str, Any]:
    """The first rows of a tab."""
    tab.change(None, output=f"{ids.QUERY}.data")
    return dict(tab.change(TIMER, 1, output=ROWS)[ROWS])


def asked(tab: Page, what: str, **more: Any) -> dict[str, Any]:
    return dict(tab.change(f"{ids.WATCH}.data", {"do": what, "at": 1, **more}, output=DONE))


def test_the_first_answer_has_every_row_in_the_users_order(tab: Page) -> None:
    news = shown(tab)
    assert news["keys"] == [row["key"] for row in news["rows"]] == [written(q) for q in (QUERY, UNKNOWN, WALK)]
    assert (news["list"], news["lists"], news["present"]) == ("Majors", ["Majors"], written(QUERY))
    assert [row["why"] for row in news["rows"]] == [None, "ARBUSDT is not listed", None]


def test_nothing_is_sent_while_nothing_changes(tab: Page) -> None:
    shown(tab)
    assert tab.change(TIMER, 2, output=ROWS) == {}
    assert tab.sizes[-1] < 60


def test_only_rows_that_changed_are_sent(tab: Page, desk: FakeDesk) -> None:
    shown(tab)
    desk.held += 1
    news = tab.change(TIMER, 2, output=ROWS)[ROWS]
    assert written(UNKNOWN) not in {row["key"] for row in news["rows"]}
    assert len(news["rows"]) == 2
    assert len(news["keys"]) == 3


def test_the_row_of_the_pair_on_the_chart_moves_with_the_cards(tab: Page, desk: FakeDesk) -> None:
    shown(tab)
    desk.held += 1
    version = f"{ids.VERSION}.data"
    news = tab.change(version, {"query": written(QUERY), "version": desk.held}, output=ROWS)[ROWS]
    assert desk.live(QUERY).latest_zscore == news["rows"][0]["z"]


def test_before_there_is_a_view_nothing_is_told(tab: Page) -> None:
    assert tab.change(TIMER, 1, output=ROWS) == {}


def test_the_pair_on_the_chart_has_the_charts_level_and_the_others_the_preferred_one(tab: Page, desk: FakeDesk) -> None:
    z = abs(float(str(shown(tab)["rows"][0]["z"])))
    tab.change(f"{ids.URL}.search", f"{written(QUERY)}&entry={z / 2:.3f}", output=f"{ids.QUERY}.data")
    beyond = tab.change(TIMER, 2, output=ROWS)[ROWS]["rows"]
    assert [row["since"] is not None for row in beyond if row["key"] == written(QUERY)] == [True]
    desk.keeping.change_preferences({"stop_zscore": 19, "entry_zscore": 18})
    tab.change(f"{ids.URL}.search", "?pair=SOLUSDT-ETHUSDT", output=f"{ids.QUERY}.data")
    inside = tab.change(TIMER, 3, output=ROWS)[ROWS]
    assert inside["entry"] == 18
    assert [row["since"] for row in inside["rows"] if row["key"] == written(QUERY)] == [None]


def test_the_pair_shown_can_be_added_once(tab: Page, desk: FakeDesk) -> None:
    shown(tab)
    tab.change(f"{ids.URL}.search", "?pair=SOLUSDT-ETHUSDT&tf=5m&window=50", output=f"{ids.QUERY}.data")
    assert asked(tab, "add")[DONE]["told"] == "Added SOL/ETH to Majors."
    assert desk.keeping.watchlist("Majors").pairs[-1].query.params.window_bars == 50
    assert asked(tab, "add")[DONE]["told"] == "SOL/ETH is in Majors already."
    assert len(desk.keeping.watchlist("Majors").pairs) == 4


def test_a_pair_removed_comes_back_to_its_place(tab: Page, desk: FakeDesk) -> None:
    shown(tab)
    done = asked(tab, "remove", key=written(UNKNOWN))[DONE]
    assert done["told"].startswith("Removed ARBUSDT/ETH")
    assert [one.query for one in desk.keeping.watchlist("Majors").pairs] == [QUERY, WALK]
    assert asked(tab, "undo", removal=done["removal"])[DONE]["removal"] is None
    assert [one.query for one in desk.keeping.watchlist("Majors").pairs] == [QUERY, UNKNOWN, WALK]


def test_a_pair_is_pinned_and_let_go(tab: Page, desk: FakeDesk) -> None:
    shown(tab)
    assert asked(tab, "pin", key=written(WALK))[DONE]["told"] == "Pinned COIN1/COIN2."
    assert [one.pinned for one in desk.keeping.watchlist("Majors").pairs] == [False, False, True]
    assert asked(tab, "pin", key=written(WALK))[DONE]["told"] == "Unpinned COIN1/COIN2."


def test_lists_are_made_chosen_renamed_deleted_and_brought_back(tab: Page, desk: FakeDesk) -> None:
    shown(tab)
    assert asked(tab, "create", name="Layer 1")[NAME] == "Layer 1"
    news = tab.change(TIMER, 2, output=ROWS)[ROWS]
    assert (news["list"], news["keys"], news["lists"]) == ("Layer 1", [], ["Majors", "Layer 1"])
    assert asked(tab, "rename", name="L1")[NAME] == "L1"
    gone = asked(tab, "delete")
    assert (gone[NAME], gone[DONE]["told"]) == ("Majors", "Deleted the list L1.")
    assert asked(tab, "undo", removal=gone[DONE]["removal"])[NAME] == "L1"
    assert [one.name for one in desk.keeping.watchlists()] == ["Majors", "L1"]


def test_another_list_is_sent_whole(tab: Page, desk: FakeDesk) -> None:
    desk.keeping.add_watchlist(Watchlist("Second", desk.keeping.watchlist("Majors").pairs[:1]))
    shown(tab)
    news = tab.change(NAME, "Second", output=ROWS)[ROWS]
    assert (news["list"], len(news["rows"])) == ("Second", 1)


@pytest.mark.parametrize(
    ("what", "more", "word"),
    [
        ("create", {"name": "Majors"}, "Majors"),
        ("create", {"name": ""}, "name"),
        ("delete", {}, "list"),
        ("remove", {"key": "?pair=A-B"}, "not in Majors any more"),
        ("undo", {"removal": 999}, "999"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    tab: Page, desk: FakeDesk, what: str, more: dict[str, Any], word: str
) -> None:
    shown(tab)
    before = desk.keeping.watchlists()
    done = asked(tab, what, **more)[DONE]
    assert done["wrong"] is True
    assert word in done["told"]
    assert done["told"].endswith(".")
    assert desk.keeping.watchlists() == before


def test_a_list_that_another_tab_deleted_gives_way_to_the_first(tab: Page, desk: FakeDesk) -> None:
    desk.keeping.add_watchlist(Watchlist("Second"))
    shown(tab)
    tab.change(NAME, "Second", output=ROWS)
    desk.keeping.remove_watchlist("Second")
    assert tab.change(TIMER, 3, output=ROWS)[ROWS]["list"] == "Majors"


def test_the_grid_comes_when_its_page_is_first_seen(tab: Page) -> None:
    assert tab.change(f"{ids.PAGE}.data", "pair", output=f"{ids.GRID}.children") == {}
    assert tab.change(f"{ids.PAGE}.data", "watchlist", output=f"{ids.GRID}.children")
    assert tab.change(f"{ids.PAGE}.data", "watchlist", output=f"{ids.GRID}.children") == {}


def test_the_present_pair_is_known_in_the_list_whatever_its_exit_level(tab: Page, desk: FakeDesk) -> None:
    desk.keeping.change_preferences({"exit_zscore": 0.5})
    assert shown(tab)["present"] == written(QUERY)
    assert asked(tab, "add")[DONE]["told"] == "BTC/ETH is in Majors already."
