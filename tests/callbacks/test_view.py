"""Controls and address bar: one view, written both ways."""

from __future__ import annotations

import pytest

from analytics.results import HedgeFit
from layouts import ids
from tests.callbacks.browser import Page, opened
from tests.screen_fake import FakeDesk

DEFAULT = "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1"
VIEW = f"{ids.QUERY}.data"
SEARCH = f"{ids.URL}.search"
NOTICE = f"{ids.NOTICE}.tree"
LABEL = f"{ids.FIT_LABEL}.tree"
REFUSED = {NOTICE, f"{ids.WINDOW}.invalid", f"{ids.RATIO}.invalid"}


def opened_at(tab: Page, search: str) -> dict[str, object]:
    tab.props[SEARCH] = search
    return tab.change(None, output=VIEW)


def test_a_page_without_an_address_shows_the_default_and_leaves_the_address_alone(tab: Page) -> None:
    changed = opened_at(tab, "")
    assert changed[VIEW] == DEFAULT
    assert changed[SEARCH] == ""
    assert "BTCUSDT" in str(changed[f"{ids.PAIR}.tree"])


def test_an_address_sets_the_controls_and_subscribes(tab: Page, desk: FakeDesk) -> None:
    address = "?pair=COIN7USDT-SOLUSDT&tf=5m&window=120&intercept=0"
    changed = opened_at(tab, address)
    assert changed[VIEW] == changed[SEARCH] == address
    controls = [changed[f"{name}.value"] for name in (ids.TIMEFRAME, ids.WINDOW, ids.INTERCEPT)]
    assert controls == ["5m", "120", False]
    assert "COIN7USDT" in desk.subscribed


@pytest.mark.parametrize(
    ("control", "value", "address"),
    [
        (f"{ids.TIMEFRAME}.value", "1h", "?pair=BTCUSDT-ETHUSDT&tf=1h&window=300&intercept=1"),
        (f"{ids.WINDOW}.value", " 60 ", "?pair=BTCUSDT-ETHUSDT&tf=1s&window=60&intercept=1"),
        (f"{ids.INTERCEPT}.value", False, "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=0"),
        (f"{ids.SWAP}.n_clicks", 1, "?pair=ETHUSDT-BTCUSDT&tf=1s&window=300&intercept=1"),
        (f"{ids.HEDGE}.value", "kalman", f"{DEFAULT}&hedge=kalman"),
        (f"{ids.SCALE}.value", "log", f"{DEFAULT}&scale=log"),
        (f"{ids.CORRELATION}.value", "spearman", f"{DEFAULT}&corr=spearman"),
        (f"{ids.RATIO}.value", " 15.20 ", f"{DEFAULT}&hedge=fixed&ratio=15.2"),
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
    assert set(changed) == REFUSED
    assert changed[NOTICE] == "The window must be a whole number of bars from 10 to 5,000; “abc” is not."
    assert changed[f"{ids.WINDOW}.invalid"] is True
    healed = tab.change(f"{ids.WINDOW}.value", "100", output=VIEW)
    assert healed[NOTICE] is None
    assert healed[f"{ids.WINDOW}.invalid"] is False


def test_the_menu_names_the_fit_in_force(tab: Page) -> None:
    assert opened_at(tab, "")[LABEL] == "OLS · price"
    assert opened_at(tab, "?hedge=kalman&scale=log")[LABEL] == "Kalman · log"
    assert opened_at(tab, "?hedge=fixed&ratio=15.2&intercept=0")[LABEL] == "Fixed 15.2 · price · no α"


def test_the_fixed_ratio_begins_as_the_one_on_the_screen(tab: Page, desk: FakeDesk) -> None:
    opened_at(tab, "")
    fit = desk.live(desk.default_query()).hedge
    assert isinstance(fit, HedgeFit)
    changed = tab.change(f"{ids.HEDGE}.value", "fixed", output=VIEW)
    assert changed[f"{ids.RATIO}.value"] == f"{fit.slope:.4g}"
    assert changed[VIEW] == f"{DEFAULT}&hedge=fixed&ratio={fit.slope:.4g}"
    changed = tab.change(f"{ids.HEDGE}.value", "ols", output=VIEW)
    assert changed[VIEW] == DEFAULT
    assert changed[f"{ids.RATIO}.value"] == ""


def test_where_nothing_is_fitted_a_ratio_must_be_typed(tab: Page, desk: FakeDesk) -> None:
    desk.held = 0
    opened_at(tab, "")
    changed = tab.change(f"{ids.HEDGE}.value", "fixed", output=VIEW)
    assert set(changed) == REFUSED
    assert "type one, such as 15.2" in str(changed[NOTICE])
    changed = tab.change(f"{ids.RATIO}.value", "-0.5", output=VIEW)
    assert changed[VIEW] == f"{DEFAULT}&hedge=fixed&ratio=-0.5"
    assert changed[f"{ids.HEDGE}.value"] == "fixed"


def test_a_bad_ratio_gets_a_sentence_and_changes_nothing(tab: Page) -> None:
    opened_at(tab, "?hedge=fixed&ratio=15.2")
    changed = tab.change(f"{ids.RATIO}.value", "abc", output=VIEW)
    assert set(changed) == REFUSED
    assert "“abc” is not" in str(changed[NOTICE])
    assert (changed[f"{ids.WINDOW}.invalid"], changed[f"{ids.RATIO}.invalid"]) == (False, True)


def test_an_address_that_cannot_be_shown_falls_back_with_a_sentence(tab: Page) -> None:
    changed = opened_at(tab, "?pair=NOPEUSDT-ETHUSDT")
    assert changed[VIEW] == DEFAULT
    assert "NOPEUSDT is not a symbol known here" in str(changed[NOTICE])
    assert "Showing BTCUSDT and ETHUSDT instead." in str(changed[NOTICE])


def test_a_bad_address_later_leaves_the_view(tab: Page) -> None:
    opened_at(tab, "")
    assert set(tab.change(SEARCH, "?tf=2s", output=VIEW)) == REFUSED


def test_the_default_pair_opens_before_the_exchange_has_told_its_symbols() -> None:
    class Unsure(FakeDesk):
        def watch(self, *symbols: str) -> None:
            self.subscribed.extend(symbols)

    desk = Unsure()
    desk.listed = ()
    with opened(desk) as tab:
        assert opened_at(tab, "")[NOTICE] is None


def test_a_control_touched_before_the_answer_to_a_new_address_changes_that_address(tab: Page) -> None:
    opened_at(tab, "")
    tab.props[SEARCH] = "?pair=SOLUSDT-ETHUSDT&tf=1s&window=300&intercept=1"
    changed = tab.change(f"{ids.TIMEFRAME}.value", "1m", output=VIEW)
    assert changed[VIEW] == changed[SEARCH] == "?pair=SOLUSDT-ETHUSDT&tf=1m&window=300&intercept=1"


@pytest.mark.parametrize("search", ["?pair=SOLUSTD-ETHUSDT", "?window=7", "?entry=9"])
def test_a_control_touched_while_the_address_cannot_be_shown_changes_the_view_held(tab: Page, search: str) -> None:
    opened_at(tab, "")
    tab.change(SEARCH, search, output=VIEW)
    assert tab.change(f"{ids.TIMEFRAME}.value", "1m", output=VIEW)[VIEW] == DEFAULT.replace("tf=1s", "tf=1m")


def test_the_levels_that_a_user_prefers_hold_where_the_address_names_none(tab: Page, desk: FakeDesk) -> None:
    desk.keeping.change_preferences({"entry_zscore": 2.5, "stop_zscore": 5})
    first = tab.change(None, output=VIEW)
    assert "entry=2.5&stop=5" in str(first[VIEW])
    named = tab.change(f"{ids.URL}.search", "?pair=BTCUSDT-ETHUSDT&entry=3", output=VIEW)
    assert "entry=3&stop=5" in str(named[VIEW])
    usual = tab.change(f"{ids.URL}.search", "?pair=BTCUSDT-ETHUSDT&entry=2&stop=3.5", output=VIEW)
    assert "entry" not in str(usual[VIEW])
    touched = tab.change(f"{ids.WINDOW}.value", "120", output=VIEW)
    assert "entry=2&stop=3.5" in str(touched[f"{ids.URL}.search"])


def test_other_preferences_are_taken_over_at_once_and_leave_the_address_alone(tab: Page, desk: FakeDesk) -> None:
    tab.change(None, output=VIEW)
    kept = f"{ids.PREFERENCES}.data"
    assert tab.change(kept, {"theme": "dark"}, output=VIEW) == {}
    desk.keeping.change_preferences({"entry_zscore": 2.5})
    answer = tab.change(kept, {"entry_zscore": 2.5}, output=VIEW)
    assert "entry=2.5" in str(answer[VIEW])
    assert f"{ids.URL}.search" not in answer


@pytest.mark.parametrize(
    ("path", "search", "told"),
    [
        ("/nowhere", "?pair=BTCUSDT-ETHUSDT", "There is no page /nowhere; this is the pair's."),
        ("/", "?span=7q", "“7q” is not a span; write it like 15m or 4h. All that is held is shown."),
        ("/", "?from=abc&to=1", "A range needs from before to"),
        ("/", "?from=2026-11-23T11:00:00Z&to=2026-11-23T10:00:00Z", "A range needs from before to"),
    ],
)
def test_what_cannot_be_followed_of_an_address_is_told_beside_its_view(
    tab: Page, path: str, search: str, told: str
) -> None:
    tab.props[f"{ids.URL}.pathname"] = path
    shown = tab.change(f"{ids.URL}.search", search, output=f"{ids.QUERY}.data")
    assert str(shown[f"{ids.NOTICE}.tree"]).startswith(told)
    assert str(shown[f"{ids.QUERY}.data"]).startswith("?pair=BTCUSDT-ETHUSDT")
