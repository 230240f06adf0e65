"""The Diagnostics page's callbacks, and the notice of what is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.errors import StoreError
from analytics.market import Gap
from layouts import ids
from tests.callbacks.browser import Page, opened
from tests.screen_fake import LEDGER, START_MS, FakeDesk

TOLD = f"{ids.TOLD}.data"
HOLES = f"{ids.HOLES}.tree"
PATH = f"{ids.PAGE}.data"
WATCHED = f"{ids.WATCH_TOLD}.tree"
VIEW = f"{ids.QUERY}.data"
LOSS = f"{ids.LOSS_TOLD}.children"


def seen(tab: Page, desk: FakeDesk) -> dict[str, object]:
    """The tab on the Diagnostics page, after its first answer."""
    desk.ledger = LEDGER
    tab.change(None, output=VIEW)
    return tab.change(PATH, "data", output=TOLD)


def beat(tab: Page) -> dict[str, object]:
    return tab.change(f"{ids.DATA_TIMER}.n_intervals", 1, output=TOLD)


def test_on_another_page_nothing_is_asked(tab: Page) -> None:
    assert tab.change(PATH, "pair", output=TOLD) == {}


def test_the_first_answer_brings_every_section(tab: Page, desk: FakeDesk) -> None:
    told = seen(tab, desk)
    assert "5182010000" in str(told[HOLES])
    assert "fapi.example" in str(told[f"{ids.ALLOWANCE}.tree"])
    assert "binance.db" in str(told[f"{ids.STORE}.tree"])
    assert "price is not a number" in str(told[f"{ids.ASIDE}.tree"])
    assert "no data for 15 s" in str(told[f"{ids.LINKS}.tree"])
    choices = [option["value"] for option in told[f"{ids.HOLES_SYMBOL}.options"]]  # type: ignore[attr-defined]
    assert choices == ["all", "BTCUSDT", "ETHUSDT", "SOLUSDT"]


def test_only_what_changed_is_sent_again(tab: Page, desk: FakeDesk) -> None:
    seen(tab, desk)
    assert set(beat(tab)) == {TOLD}
    desk.ledger = (*LEDGER, Gap("BTCUSDT", 1, 2, "OPEN", "reconnect", START_MS))
    assert set(beat(tab)) == {TOLD, HOLES, f"{ids.HOLES_SUMMARY}.tree"}
    desk.machinery = replace(desk.machinery, threads=desk.machinery.threads, links=desk.machinery.links[:1])
    assert set(beat(tab)) == {TOLD, f"{ids.LINKS}.tree"}


def test_another_zone_renews_whatever_tells_a_time(tab: Page, desk: FakeDesk) -> None:
    seen(tab, desk)
    told = tab.change(f"{ids.LOOK}.data", {"zone": "America/New_York", "offset": -300}, output=TOLD)
    changed = {f"{name}.tree" for name in (ids.AS_OF, ids.LINKS, ids.ALLOWANCE, ids.HOLES)}
    assert set(told) == {TOLD, *changed}
    assert "UTC−4" in str(told[f"{ids.AS_OF}.tree"])  # October: the wall clock of that day
    assert "Seen, New York" in str(told[HOLES])


def test_the_ledger_is_narrowed_by_symbol_and_state(tab: Page, desk: FakeDesk) -> None:
    seen(tab, desk)
    told = tab.change(f"{ids.HOLES_SYMBOL}.value", "BTCUSDT", output=TOLD)
    assert "5182010000" in str(told[HOLES])
    assert "77120000" not in str(told[HOLES])
    told = tab.change(f"{ids.HOLES_STATE}.value", "FILLED", output=TOLD)
    assert "5182005801" in str(told[HOLES])
    assert "5182010000" not in str(told[HOLES])


def test_a_ledger_that_cannot_be_read_is_a_sentence() -> None:
    class Locked(FakeDesk):
        def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
            raise StoreError("the database is locked by another program")

    desk = Locked()
    with opened(desk) as tab:
        told = seen(tab, desk)
    assert told[f"{ids.HOLES_SUMMARY}.tree"] == "the database is locked by another program"
    assert told[HOLES] == []
    # What has nothing to do with the ledger is told all the same.
    assert "binance.db" in str(told[f"{ids.STORE}.tree"])
    assert "no data for 15 s" in str(told[f"{ids.LINKS}.tree"])


def test_its_timer_stands_still_while_an_answer_is_on_its_way(tab: Page) -> None:
    (spec,) = [one for one in tab.app._callback_list if f"{ids.TOLD}.data" in one["output"]]
    assert ids.DATA_TIMER in str(spec["running"])


def typed(tab: Page, words: str) -> dict[str, object]:
    tab.props[f"{ids.WATCH_INPUT}.value"] = words
    return tab.change(f"{ids.WATCH_ADD}.n_clicks", 1, output=WATCHED)


@pytest.mark.parametrize("words", ["coin7usdt", " COIN7/USDT ", "Coin7-USDT"])
def test_a_typed_symbol_is_watched(tab: Page, desk: FakeDesk, words: str) -> None:
    seen(tab, desk)
    told = typed(tab, words)
    assert told[WATCHED] == "COIN7USDT is watched from now on."
    assert told[f"{ids.WATCH_INPUT}.value"] == ""
    assert "COIN7USDT" in desk.subscribed


def test_several_at_once_and_one_known_already(tab: Page, desk: FakeDesk) -> None:
    seen(tab, desk)
    assert typed(tab, "COIN1USDT, COIN2USDT;coin3usdt")[WATCHED] == (
        "COIN1USDT, COIN2USDT and COIN3USDT are watched from now on."
    )
    assert typed(tab, "BTCUSDT")[WATCHED] == "BTCUSDT is watched already."


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "Write a symbol as the exchange does, such as SOLUSDT."),
        ("NOPEUSDT", "NOPEUSDT is not a symbol known here; pick one that the exchange lists, such as BTCUSDT."),
        ("<b>", "“<B>” is not a symbol; write it as the exchange does, such as SOLUSDT."),
    ],
)
def test_what_cannot_be_watched_is_told_and_stays_in_the_box(tab: Page, desk: FakeDesk, words: str, told: str) -> None:
    seen(tab, desk)
    before = list(desk.subscribed)
    answer = typed(tab, words)
    assert answer == {WATCHED: told, f"{ids.WATCH_INPUT}.invalid": True}
    assert desk.subscribed == before


def removed(tab: Page, symbol: str) -> dict[str, object]:
    return tab.change(f"{ids.UNWATCH}.data", {"symbol": symbol, "at": 1}, output=WATCHED)


def test_a_symbol_is_removed_by_its_button(tab: Page, desk: FakeDesk) -> None:
    seen(tab, desk)
    assert removed(tab, "SOLUSDT")[WATCHED] == "SOLUSDT is no longer watched. What is stored of it stays."
    assert desk.subscribed == ["BTCUSDT", "ETHUSDT"]


def test_a_leg_that_is_shown_cannot_be_removed(tab: Page, desk: FakeDesk) -> None:
    seen(tab, desk)
    assert str(removed(tab, "ETHUSDT")[WATCHED]).startswith("ETHUSDT is a leg of the pair shown")
    assert "ETHUSDT" in desk.subscribed


def test_on_this_page_the_heartbeat_computes_no_pair_and_takes_up_no_leg(tab: Page, desk: FakeDesk) -> None:
    seen(tab, desk)
    desk.asked.clear()
    desk.subscribed = ["BTCUSDT"]
    desk.feed = replace(desk.feed, symbols={"BTCUSDT": desk.feed.symbols["BTCUSDT"]})
    told = tab.change(f"{ids.PULSE}.n_intervals", 1, output=f"{ids.VERSION}.data")
    assert f"{ids.FEED}.data" in told
    assert f"{ids.VERSION}.data" not in told
    assert desk.asked == []
    assert desk.subscribed == ["BTCUSDT"]


def test_what_is_lost_of_a_leg_is_told_once(tab: Page, desk: FakeDesk) -> None:
    desk.ledger = LEDGER
    tab.change(None, output=VIEW)
    lost = {name: replace(one, gaps_lost=int(name != "SOLUSDT")) for name, one in desk.feed.symbols.items()}
    desk.feed = replace(desk.feed, symbols=lost)
    told = tab.change(VIEW, tab.props[VIEW], output=f"{ids.VERSION}.data")
    counts = told[f"{ids.LOSSES}.data"]
    assert counts == {"BTCUSDT": 1, "ETHUSDT": 1}
    notice = tab.change(f"{ids.LOSSES}.data", counts, output=LOSS)
    assert "2 holes are lost for good (12,042 trades of BTCUSDT and 1 trade of ETHUSDT" in str(notice[LOSS])
    assert "/data" in str(notice[LOSS])
    assert notice[f"{ids.LOSS_KEY}.data"]
    desk.held += 60
    again = tab.change(f"{ids.PULSE}.n_intervals", 2, output=f"{ids.VERSION}.data")
    assert f"{ids.LOSSES}.data" not in again


def test_where_nothing_is_lost_the_notice_is_gone(tab: Page, desk: FakeDesk) -> None:
    notice = tab.change(f"{ids.LOSSES}.data", {}, output=LOSS)
    assert notice == {LOSS: [], f"{ids.LOSS_KEY}.data": None}


def test_a_market_whose_disk_cannot_be_read_is_a_sentence_and_no_failure() -> None:
    class Unreadable(FakeDesk):
        def live(self, query: object) -> object:  # type: ignore[override]
            raise StoreError("the database cannot be read (disk I/O error)")

    with opened(Unreadable()) as tab:
        tab.change(None, output=VIEW)
        told = tab.change(VIEW, tab.props[VIEW], output=f"{ids.VERSION}.data")
        assert told[f"{ids.AGE}.tree"] == "the database cannot be read (disk I/O error)"
        refused = tab.change(f"{ids.ADF_RUN}.n_clicks", 1, output=f"{ids.ADF_RESULT}.tree")
    assert "No result: the database cannot be read" in str(refused)


def test_what_is_lost_is_told_also_while_its_rows_cannot_be_read() -> None:
    class Locked(FakeDesk):
        def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
            raise StoreError("the database is locked by another program")

    with opened(Locked()) as tab:
        told = tab.change(f"{ids.LOSSES}.data", {"ETHUSDT": 2, "BTCUSDT": 1}, output=LOSS)
        assert "Holes are lost for good (1 of BTCUSDT and 2 of ETHUSDT): see" in str(told[LOSS])
        assert told[f"{ids.LOSS_KEY}.data"] is not None
        assert tab.change(f"{ids.LOSSES}.data", {}, output=LOSS)[LOSS] == []
