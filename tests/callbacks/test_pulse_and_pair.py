"""The heartbeat and what it redraws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analytics.market import PairQuery
from analytics.status import MarketStatus
from layouts import ids
from tests.callbacks.browser import Page
from tests.screen_fake import LISTINGS, START_MS, FakeDesk

VIEW = f"{ids.QUERY}.data"
VERSION = f"{ids.VERSION}.data"
FEED = f"{ids.FEED}.data"
FIGURE = f"{ids.DRAWING}.data"
DRAWN = f"{ids.DRAWN}.data"


def opened(tab: Page) -> dict[str, object]:
    """The tab, brought to its first picture."""
    tab.change(None, output=VIEW)
    newest = tab.change(VIEW, tab.props[VIEW], output=VERSION)
    return tab.change(VERSION, newest[VERSION], output=FIGURE)


def beat(tab: Page) -> dict[str, object]:
    return tab.change(f"{ids.PULSE}.n_intervals", 1, output=VERSION)


def test_before_there_is_a_view_the_heartbeat_is_silent(tab: Page) -> None:
    assert beat(tab) == {}
    assert tab.change(None, output=FIGURE) == {}


def test_nothing_is_sent_while_nothing_changes(tab: Page) -> None:
    opened(tab)
    beat(tab)
    assert beat(tab) == {}
    assert tab.sizes[-1] < 60


def test_a_new_version_is_told_and_drawn_as_a_patch(tab: Page, desk: FakeDesk) -> None:
    first = opened(tab)
    assert "__dash_patch_update" not in str(first[FIGURE])[:40]
    assert first[DRAWN]["view"] == tab.props[VIEW]  # type: ignore[index]
    desk.held += 5
    newest = beat(tab)
    assert newest[VERSION] == {"query": tab.props[VIEW], "version": desk.held}
    second = tab.change(VERSION, newest[VERSION], output=FIGURE)
    assert "__dash_patch_update" in str(second[FIGURE])[:40]
    assert second[f"{ids.ZSCORE_CARD}.tree"] != first[f"{ids.ZSCORE_CARD}.tree"]


def test_another_view_is_drawn_whole(tab: Page) -> None:
    opened(tab)
    tab.change(f"{ids.TIMEFRAME}.value", "5m", output=VIEW)
    newest = tab.change(VIEW, tab.props[VIEW], output=VERSION)
    figure = tab.change(VERSION, newest[VERSION], output=FIGURE)[FIGURE]
    assert isinstance(figure, dict)
    assert figure["layout"]["meta"]["bar_ms"] == 300_000


def test_an_empty_chart_is_drawn_whole_until_there_is_something_to_patch(tab: Page, desk: FakeDesk) -> None:
    desk.held = 0
    assert opened(tab).get(DRAWN) is None
    desk.held = 50
    newest = beat(tab)
    drawn = tab.change(VERSION, newest[VERSION], output=FIGURE)
    assert "__dash_patch_update" not in str(drawn[FIGURE])[:40]
    assert drawn[DRAWN]["view"] == tab.props[VIEW]


def test_a_market_that_has_no_rows_any_more_is_a_sentence_again(tab: Page, desk: FakeDesk) -> None:
    opened(tab)
    desk.held = 0
    blank = tab.change(VERSION, beat(tab)[VERSION], output=FIGURE)
    assert blank[DRAWN] is None
    assert blank[FIGURE]["data"] == []


def test_chart_cards_and_title_come_from_one_analysis(tab: Page, desk: FakeDesk) -> None:
    desk.asked.clear()
    drawn = opened(tab)
    assert len(desk.asked) == 1
    z = desk.live(desk.default_query()).latest_zscore
    assert isinstance(z, float)
    assert drawn[f"{ids.TITLE}.data"] == f"z {z:+.2f} BTC/ETH".replace("-", "−")


def test_an_ageing_feed_is_told_without_a_redraw(tab: Page, desk: FakeDesk) -> None:
    opened(tab)
    stale = {n: replace(s, state="STALE", age_ms=9_000) for n, s in desk.feed.symbols.items()}
    desk.feed = replace(desk.feed, symbols=stale)
    told = beat(tab)
    assert VERSION not in told
    assert told[f"{ids.CARDS}.className"] == "cards cards--stale"
    assert told[FEED]["word"] == "STALE"  # type: ignore[index]


def test_a_place_that_says_the_same_already_is_left_alone(tab: Page, desk: FakeDesk) -> None:
    opened(tab)
    desk.feed = replace(desk.feed, messages_per_s=99.0)
    told = beat(tab)
    assert {place for place in told if place != FEED} == {f"{ids.BADGE}.tree", f"{ids.BADGE_MORE}.tree"}
    assert "99 msg/s" in str(told[f"{ids.BADGE}.tree"])


def test_the_symbols_that_can_be_picked_follow_the_exchange(tab: Page, desk: FakeDesk) -> None:
    opened(tab)
    desk.held += 1
    assert f"{ids.LISTED}.data" not in beat(tab)
    desk.listed = LISTINGS[:3]
    told = beat(tab)
    assert [row[0] for row in told[f"{ids.LISTED}.data"]] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]  # type: ignore[attr-defined]


def test_the_adf_panel_is_filled_on_demand(tab: Page) -> None:
    opened(tab)
    result = str(tab.change(f"{ids.ADF_RUN}.n_clicks", 1, output=f"{ids.ADF_RESULT}.tree"))
    for fact in ("Statistic", "p-value", "Lags, by AIC", "Observations", "Critical 1 %", "Critical 10 %", "run at"):
        assert fact in result


def test_an_update_stays_small(tab: Page, desk: FakeDesk) -> None:
    opened(tab)
    desk.held += 1
    newest = beat(tab)
    assert tab.sizes[-1] < 8_000
    tab.change(VERSION, newest[VERSION], output=FIGURE)
    assert tab.sizes[-1] < 180_000


def test_a_level_that_is_moved_is_patched_and_another_pane_is_drawn_whole(tab: Page) -> None:
    opened(tab)
    address = tab.props[VIEW]

    def drawn(search: str) -> dict[str, object]:
        tab.change(f"{ids.URL}.search", search, output=VIEW)
        newest = tab.change(VIEW, tab.props[VIEW], output=VERSION)
        return tab.change(VERSION, newest[VERSION], output=FIGURE)

    assert "__dash_patch_update" in str(drawn(f"{address}&entry=2.5")[FIGURE])[:40]
    whole = drawn(f"{address}&entry=2.5&panes=hedge")
    assert "__dash_patch_update" not in str(whole[FIGURE])[:40]
    assert whole[f"{ids.HEADERS['correlation']}.style"] == {"display": "none"}
    assert "top" in whole[f"{ids.HEADERS['hedge']}.style"]  # type: ignore[operator]
    assert "Hedge ratio" in str(whole[f"{ids.READOUTS['hedge']}.tree"])
    assert whole[f"{ids.READOUTS['correlation']}.tree"] == []


def test_what_is_seen_is_written_as_a_table(tab: Page, desk: FakeDesk) -> None:
    opened(tab)
    times = desk.live(desk.default_query()).time_ms
    wanted = {"from": int(times[-10]), "to": int(times[-1]), "at": 1}
    file = tab.change(f"{ids.CSV_WANTED}.data", wanted, output=f"{ids.CSV_FILE}.data")[f"{ids.CSV_FILE}.data"]
    assert len([row for row in file["content"].splitlines() if not row.startswith("#")]) == 11
    assert file["filename"].startswith("pairwatch-btcusdt-ethusdt-1s-2025")


def test_two_tabs_do_not_share_a_view(desk: FakeDesk, tab: Page) -> None:
    other = Page(tab.app, tab.client)
    tab.change(None, output=VIEW)
    other.change(None, output=VIEW)
    other.change(f"{ids.SWAP}.n_clicks", 1, output=VIEW)
    assert tab.props[VIEW] != other.props[VIEW]
    assert tab.change(VIEW, tab.props[VIEW], output=VERSION)[VERSION]["query"] == tab.props[VIEW]


def test_a_leg_that_a_new_source_does_not_know_is_subscribed_again(tab: Page, desk: FakeDesk) -> None:
    opened(tab)
    desk.subscribed = ["BTCUSDT"]
    desk.feed = replace(desk.feed, symbols={"BTCUSDT": desk.feed.symbols["BTCUSDT"]})
    beat(tab)
    assert desk.subscribed == ["BTCUSDT", "ETHUSDT"]


def test_a_leg_that_the_market_does_not_have_is_told(tab: Page, desk: FakeDesk) -> None:
    opened(tab)
    desk.subscribed = ["BTCUSDT"]
    desk.listed = LISTINGS[:1]
    desk.feed = replace(desk.feed, symbols={"BTCUSDT": desk.feed.symbols["BTCUSDT"]})
    told = beat(tab)
    assert VERSION not in told
    assert str(told[f"{ids.AGE}.tree"]).startswith("ETHUSDT is not a symbol known here")
    assert tab.change(VERSION, tab.props[VERSION], output=FIGURE) == {}
    refused = tab.change(f"{ids.ADF_RUN}.n_clicks", 1, output=f"{ids.ADF_RESULT}.tree")
    assert "No result: ETHUSDT is not a symbol" in str(refused)


def test_while_the_market_is_not_open_nothing_is_drawn(tab: Page, desk: FakeDesk) -> None:
    tab.change(None, output=VIEW)
    desk.feed = replace(desk.feed, symbols={}, state="CONNECTING")
    told = tab.change(VIEW, tab.props[VIEW], output=VERSION)
    assert VERSION not in told
    assert told[FEED]["word"] == "CONNECTING"


def test_looking_keeps_the_answer_fresh(tab: Page, desk: FakeDesk) -> None:
    opened(tab)
    desk.asked.clear()
    desk.held += 1
    beat(tab)
    assert desk.asked == ["BTCUSDT"]


def test_the_fake_reveals_the_market_in_order(desk: FakeDesk) -> None:
    query = PairQuery("BTCUSDT", "ETHUSDT")
    before = desk.live(query)
    desk.held += 10
    after = desk.live(query)
    assert np.array_equal(before.y[10:], after.y[:-10])
    assert isinstance(desk.status(), MarketStatus)
    assert after.time_ms[-1] == START_MS + desk.held * 1000
