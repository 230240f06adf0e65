"""The menu of saved views: saving, renaming, removing with a way back, and files that come in."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from analytics.kept import Watchlist
from layouts import ids
from services.keeping import Keeping
from storage.kept_memory import MemoryKeptStore
from tests.callbacks.browser import Page
from tests.fakes import FakeClock
from tests.layouts.reading import text
from tests.screen_fake import FakeDesk

ROWS = f"{ids.WORKSPACES}.children"
TOLD = f"{ids.WORKSPACE_TOLD}.tree"
LOOK = f"{ids.WORKSPACE_TOLD}.className"
PLAN = f"{ids.IMPORT_PLAN}.tree"
FILE = f"{ids.IMPORT_FILE}.contents"
VIEW = "/?pair=SOLUSDT-ETHUSDT&tf=5m&span=15m"


def act(tab: Page, what: str, **details: Any) -> dict[str, Any]:
    return tab.change(f"{ids.WORKSPACE_ACT}.data", {"act": what, **details, "at": 1}, output=ROWS)


def dropped(tab: Page, content: bytes, name: str = "kept.json") -> dict[str, Any]:
    tab.props[f"{ids.IMPORT_FILE}.filename"] = name
    return tab.change(FILE, f"data:application/json;base64,{b64encode(content).decode()}", output=ROWS)


def test_before_there_is_one_the_menu_says_what_a_view_is(tab: Page) -> None:
    assert "None yet" in text(tab.change(None, output=ROWS)[ROWS])


def test_a_view_is_saved_with_its_whole_address_and_the_list_beside_it(tab: Page, desk: FakeDesk) -> None:
    desk.keeping.add_watchlist(Watchlist("Alts"))
    tab.props[f"{ids.WATCHLIST}.data"] = "Alts"
    answer = act(tab, "save", name=" Morning ", address=VIEW)
    assert answer[TOLD] == "Saved as “Morning”."
    assert answer[f"{ids.WORKSPACE_NAME}.value"] == ""
    (saved,) = desk.keeping.workspaces()
    assert (saved.name, saved.address, saved.watchlist) == ("Morning", VIEW, "Alts")
    assert "SOLUSDT / ETHUSDT · 5m" in text(answer[ROWS])
    assert VIEW in str(answer[ROWS])
    again = act(tab, "save", name="Morning", address="/watchlist")
    assert again[TOLD] == "“Morning” now opens this view."


def test_what_cannot_be_saved_is_a_sentence(tab: Page, desk: FakeDesk) -> None:
    answer = act(tab, "save", name="", address=VIEW)
    assert answer[TOLD] == "The workspace needs a name; type one."
    assert answer[LOOK].endswith("--refused")
    assert desk.keeping.workspaces() == ()


def test_a_view_is_renamed_removed_and_brought_back(tab: Page, desk: FakeDesk) -> None:
    act(tab, "save", name="Morning", address=VIEW)
    assert act(tab, "rename", name="Morning", new_name="Noon")[TOLD] == "“Morning” is called “Noon” now."
    gone = act(tab, "remove", name="Noon")
    assert text(gone[TOLD]).startswith("“Noon” is removed.")
    assert desk.keeping.workspaces() == ()
    back = act(tab, "undo", removal=str(desk.keeping.removed()[0].removal))
    assert back[TOLD] == "“Noon” is back."
    assert "Noon" in text(back[ROWS])


def test_another_tab_sees_a_new_view_when_the_version_moves(tab: Page, desk: FakeDesk) -> None:
    desk.keeping.put_workspace("Theirs", "/", "Majors")
    answer = tab.change(f"{ids.KEPT_VERSION}.data", desk.keeping.version, output=ROWS)
    assert "Theirs" in text(answer[ROWS])
    assert TOLD not in answer
    again = tab.change(f"{ids.KEPT_VERSION}.data", desk.keeping.version + 1, output=ROWS)
    assert ROWS not in again  # drawn anew, a row would lose the focus and what is typed in it


def test_a_file_shows_what_it_changes_before_it_is_taken_in_and_can_be_undone(tab: Page, desk: FakeDesk) -> None:
    elsewhere = Keeping(MemoryKeptStore(), FakeClock(), ("BTCUSDT", "ETHUSDT"))
    elsewhere.put_workspace("Evening", "/data", "Majors")
    elsewhere.change_preferences({"taker_fee_bp": 4})
    elsewhere.put_watchlist(Watchlist("Majors"))
    seen = dropped(tab, elsewhere.export().encode(), "mine.json")
    told = text(seen[PLAN])
    assert "mine.json" in told
    assert "workspace “Evening”" in told
    assert "watchlist “Majors”" in told
    assert "taker fee" in told
    assert desk.keeping.workspaces() == ()
    done = act(tab, "take-in")
    assert text(done[TOLD]).startswith("mine.json is taken in: 1 new, 1 replaced.")
    assert done[PLAN] is None
    assert desk.keeping.preferences().taker_fee_bp == 4
    assert desk.keeping.watchlist("Majors").pairs == ()
    act(tab, "undo", removal=str(desk.keeping.removed()[0].removal))
    assert desk.keeping.preferences().taker_fee_bp == 5
    assert len(desk.keeping.watchlist("Majors").pairs) > 5


def test_a_file_that_is_left_changes_nothing(tab: Page, desk: FakeDesk) -> None:
    before = desk.keeping.version
    assert "everything in it is here already" in text(dropped(tab, desk.keeping.export().encode())[PLAN])
    assert act(tab, "leave")[PLAN] is None
    assert desk.keeping.version == before


def test_a_file_of_another_kind_is_refused_with_a_sentence(tab: Page, desk: FakeDesk) -> None:
    answer = dropped(tab, b"PNG")
    assert answer[TOLD].startswith("The file is not JSON")
    assert answer[PLAN] is None
    tab.props[FILE] = None
    assert act(tab, "take-in")[TOLD] == "The file is not here any more; choose it again."
