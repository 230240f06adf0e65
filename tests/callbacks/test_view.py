"""Controls and address bar: one view, written both ways."""

from __future__ import annotations

import pytest

from layouts import ids
from tests.callbacks.browser import Page, opened
from tests.screen_fake import FakeDesk

DEFAULT = "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1"
VIEW = f"{ids.QUERY}.data"
SEARCH = f"{ids.URL}.search"
NOTICE = f"{ids.NOTICE}.children"


def opened_at(tab: Page, search: str) -> dict[str, object]:
    tab.props[SEARCH] = search
    return tab.change(None, output=VIEW)


def test_a_page_without_an_address_shows_the_default_and_leaves_the_address_alone(tab: Page) -> None:
    changed = opened_at(tab, "")
    assert changed[VIEW] == DEFAULT
    assert changed[SEARCH] == ""
    assert changed[f"{ids.Y}.value"] == "BTCUSDT"


def test_an_address_sets_the_controls_and_subscribes(tab: Page, desk: FakeDesk) -> None:
    address = "?pair=COIN7USDT-SOLUSDT&tf=5m&window=120&intercept=0"
    changed = opened_at(tab, address)
    assert changed[VIEW] == changed[SEARCH] == address
    controls = [changed[f"{name}.value"] for name in (ids.Y, ids.X, ids.TIMEFRAME, ids.WINDOW, ids.INTERCEPT)]
    assert controls == ["COIN7USDT", "SOLUSDT", "5m", "120", False]
    assert "COIN7USDT" in desk.subscribed


@pytest.mark.parametrize(
    ("control", "value", "address"),
    [
        (f"{ids.Y}.value", "SOLUSDT", "?pair=SOLUSDT-ETHUSDT&tf=1s&window=300&intercept=1"),
        (f"{ids.X}.value", "SOLUSDT", "?pair=BTCUSDT-SOLUSDT&tf=1s&window=300&intercept=1"),
        (f"{ids.Y}.value", "ETHUSDT", "?pair=ETHUSDT-BTCUSDT&tf=1s&window=300&intercept=1"),
        (f"{ids.TIMEFRAME}.value", "1h", "?pair=BTCUSDT-ETHUSDT&tf=1h&window=300&intercept=1"),
        (f"{ids.WINDOW}.value", " 60 ", "?pair=BTCUSDT-ETHUSDT&tf=1s&window=60&intercept=1"),
        (f"{ids.INTERCEPT}.value", False, "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=0"),
        (f"{ids.SWAP}.n_clicks", 1, "?pair=ETHUSDT-BTCUSDT&tf=1s&window=300&intercept=1"),
    ],
)
def test_each_control_writes_the_address(tab: Page, control: str, value: object, address: str) -> None:
    opened_at(tab, "")
    changed = tab.change(control, value, output=VIEW)
    assert changed[VIEW] == changed[SEARCH] == address
    assert changed[NOTICE] is None


def test_the_back_button_sets_the_controls_again(tab: Page) -> None:
    opened_at(tab, DEFAULT)
    tab.change(f"{ids.TIMEFRAME}.value", "5m", output=VIEW)
    changed = tab.change(SEARCH, DEFAULT, output=VIEW)
    assert changed[VIEW] == DEFAULT
    assert changed[f"{ids.TIMEFRAME}.value"] == "1s"


def test_a_bad_window_gets_a_sentence_and_changes_nothing(tab: Page) -> None:
    opened_at(tab, "")
    changed = tab.change(f"{ids.WINDOW}.value", "abc", output=VIEW)
    assert set(changed) == {NOTICE, f"{ids.WINDOW}.invalid"}
    assert changed[NOTICE] == "The window must be a whole number of bars from 10 to 5,000; “abc” is not."
    assert changed[f"{ids.WINDOW}.invalid"] is True
    healed = tab.change(f"{ids.WINDOW}.value", "100", output=VIEW)
    assert healed[NOTICE] is None
    assert healed[f"{ids.WINDOW}.invalid"] is False


def test_an_address_that_cannot_be_shown_falls_back_with_a_sentence(tab: Page) -> None:
    changed = opened_at(tab, "?pair=NOPEUSDT-ETHUSDT")
    assert changed[VIEW] == DEFAULT
    assert "NOPEUSDT is not a symbol known here" in str(changed[NOTICE])
    assert "Showing BTCUSDT and ETHUSDT instead." in str(changed[NOTICE])


def test_a_bad_address_later_leaves_the_view(tab: Page) -> None:
    opened_at(tab, "")
    assert set(tab.change(SEARCH, "?tf=2s", output=VIEW)) == {NOTICE, f"{ids.WINDOW}.invalid"}


def test_the_default_pair_opens_before_the_exchange_has_told_its_symbols() -> None:
    class Unsure(FakeDesk):
        def watch(self, *symbols: str) -> None:
            self.subscribed.extend(symbols)

    desk = Unsure()
    desk.listed = ()
    with opened(desk) as tab:
        assert opened_at(tab, "")[NOTICE] is None
