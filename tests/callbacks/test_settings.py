"""The Settings page's callback: what is saved, refused, and told to the other tabs."""

from __future__ import annotations

import pytest

from analytics.kept import Preferences
from layouts import ids
from tests.callbacks.browser import Page
from tests.screen_fake import FakeDesk

HELD = f"{ids.PREFERENCES}.data"
TOLD = f"{ids.SETTINGS_TOLD}.tree"


def test_the_first_answer_is_what_is_kept(tab: Page, desk: FakeDesk) -> None:
    desk.keeping.change_preferences({"theme": "light", "taker_fee_bp": 4.5})
    told = tab.change(None, output=HELD)
    assert told[HELD]["theme"] == "light"
    assert told[f"{ids.THEME}.value"] == "light"
    assert told[f"{ids.TAKER_FEE}.value"] == "4.5"
    assert TOLD not in told


@pytest.mark.parametrize(
    ("control", "value", "field", "kept", "told"),
    [
        (ids.THEME, "dark", "theme", "dark", "Saved: theme dark."),
        (ids.ZONE_CHOICE, "local", "zone", "local", "Saved: time zone local."),
        (ids.COLOURS, "classic", "colours", "classic", "Saved: colours classic."),
        (ids.TAKER_FEE, " 4,5 ", "taker_fee_bp", 4.5, "Saved: taker fee 4.5 bp."),
        (ids.STOP_LEVEL, "4", "stop_zscore", 4.0, "Saved: stop level 4."),
    ],
)
def test_a_change_is_saved_at_once_and_says_so(
    tab: Page, desk: FakeDesk, control: str, value: str, field: str, kept: object, told: str
) -> None:
    tab.change(None, output=HELD)
    answer = tab.change(f"{control}.value", value, output=HELD)
    assert answer[TOLD] == told
    assert getattr(desk.keeping.preferences(), field) == kept
    assert answer[HELD][field] == kept


def test_what_cannot_be_is_refused_beside_its_box_and_stays_typed(tab: Page, desk: FakeDesk) -> None:
    tab.change(None, output=HELD)
    answer = tab.change(f"{ids.ENTRY_LEVEL}.value", "9", output=HELD)
    assert answer[TOLD] == "Not saved: the levels must be in order, exit < entry < stop: 0, 9 and 3.5 are not."
    assert answer[f"{ids.ENTRY_LEVEL}.invalid"] is True
    assert HELD not in answer
    assert f"{ids.ENTRY_LEVEL}.value" not in answer
    assert desk.keeping.preferences() == Preferences()
    mended = tab.change(f"{ids.ENTRY_LEVEL}.value", "2.5", output=HELD)
    assert mended[f"{ids.ENTRY_LEVEL}.invalid"] is False


def test_a_button_elsewhere_changes_them_too(tab: Page, desk: FakeDesk) -> None:
    tab.change(None, output=HELD)
    answer = tab.change(f"{ids.PREFER}.data", {"zone": "local", "at": 1}, output=HELD)
    assert desk.keeping.preferences().zone == "local"
    assert answer[f"{ids.ZONE_CHOICE}.value"] == "local"


def test_another_tab_is_told_by_the_heartbeat_and_only_once(tab: Page, desk: FakeDesk) -> None:
    version = f"{ids.KEPT_VERSION}.data"
    tab.change(None, output=f"{ids.QUERY}.data")
    tab.change(None, output=HELD)
    tab.change(f"{ids.PULSE}.n_intervals", 1, output=version)
    assert version not in tab.change(f"{ids.PULSE}.n_intervals", 2, output=version)
    desk.keeping.change_preferences({"theme": "light"})
    beat = tab.change(f"{ids.PULSE}.n_intervals", 3, output=version)
    assert beat[version] == desk.keeping.version
    again = next(one for name in tab.app.callback_map for one in name.strip(".").split("...") if f"{HELD}@" in one)
    answer = tab.change(version, beat[version], output=again)
    assert answer[HELD]["theme"] == "light"
    assert TOLD not in answer
