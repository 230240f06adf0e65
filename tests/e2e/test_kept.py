"""What the user keeps, in real Chromium on the fake Desk: settings, workspaces, and all of it as a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from layouts import ids
from tests.e2e.conftest import opened_page
from tests.e2e.faked import served
from tests.screen_fake import FakeDesk

pytestmark = pytest.mark.browser


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk(held=400)  # quick to analyse: nothing here rests on the numbers


@pytest.fixture
def url(desk: FakeDesk) -> Iterator[str]:
    with served(desk) as running:
        yield running.url


@pytest.fixture
def page(url: str, watched_page: Page) -> Page:
    watched_page.goto(f"{url}/settings")
    expect(watched_page.locator(f"#{ids.TAKER_FEE}")).to_have_value("5")
    return watched_page


def told(page: Page) -> Locator:
    return page.locator(f"#{ids.SETTINGS_TOLD}")


def menu(page: Page) -> Locator:
    """The menu of workspaces, open."""
    found = page.locator(f"#{ids.WORKSPACE_MENU}")
    if found.get_attribute("open") is None:
        found.locator("summary").click()
    return found


def said(page: Page) -> Locator:
    return page.locator(f"#{ids.WORKSPACE_TOLD}")


def saved(page: Page, name: str) -> None:
    menu(page).get_by_label("Name for a new workspace").fill(name)
    menu(page).get_by_role("button", name="Save", exact=True).click()
    expect(said(page)).to_contain_text(f"“{name}”")


def test_a_setting_is_saved_at_once_and_holds_in_every_open_tab(
    page: Page, url: str, desk: FakeDesk, chromium: Browser
) -> None:
    with opened_page(chromium) as (other, wrong):
        other.goto(f"{url}/settings")
        expect(other.locator(f"#{ids.TAKER_FEE}")).to_have_value("5")
        page.locator(f"#{ids.COLOURS}").get_by_text("Classic").click()
        expect(told(page)).to_have_text("Saved: colours classic.")
        expect(other.get_by_role("radio", name="Classic")).to_be_checked()
        page.get_by_label("Taker fee").fill("4.5")
        page.get_by_label("Taker fee").press("Enter")
        expect(told(page)).to_have_text("Saved: taker fee 4.5 bp.")
        expect(other.get_by_label("Taker fee")).to_have_value("4.5")
        expect(told(other)).to_be_empty()
    assert wrong == []
    kept = desk.keeping.preferences()
    assert (kept.colours, kept.taker_fee_bp) == ("classic", 4.5)


def test_a_number_that_cannot_be_is_refused_beside_its_box_and_mended(page: Page, desk: FakeDesk) -> None:
    entry = page.locator(f"#{ids.ENTRY_LEVEL}")
    entry.fill("9")
    entry.press("Tab")
    expect(told(page)).to_contain_text("Not saved: the levels must be in order")
    expect(entry).to_have_class(re.compile("is-invalid"))
    expect(entry).to_have_value("9")
    entry.fill("2,5")
    entry.press("Tab")
    expect(told(page)).to_have_text("Saved: entry level 2.5.")
    expect(entry).not_to_have_class(re.compile("is-invalid"))
    expect(entry).to_have_value("2.5")
    assert desk.keeping.preferences().entry_zscore == 2.5


def test_the_settings_are_changed_by_keyboard_alone(page: Page, desk: FakeDesk) -> None:
    page.get_by_role("radio", name="System").focus()
    page.keyboard.press("ArrowRight")
    expect(told(page)).to_have_text("Saved: theme dark.")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(told(page)).to_have_text("Saved: colours classic.")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(told(page)).to_have_text("Saved: time zone local.")
    page.keyboard.press("Tab")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    expect(told(page)).to_have_text("Saved: taker fee 3 bp.")
    assert desk.keeping.preferences().zone == "local"


def test_a_workspace_brings_back_pair_options_range_page_and_list(url: str, desk: FakeDesk, watched_page: Page) -> None:
    page = watched_page
    page.goto(f"{url}/?pair=SOLUSDT-ETHUSDT&tf=5m&window=120&hedge=kalman")
    expect(page.locator(f"#{ids.WINDOW}")).to_have_value("120")
    saved(page, "Morning")
    (workspace,) = desk.keeping.workspaces()
    assert workspace.watchlist == "Majors"
    page.goto(f"{url}/data")
    expect(page.locator(f"#{ids.SYMBOLS} tbody tr").first).to_be_visible()
    menu(page).get_by_role("link", name="Morning").click()
    expect(page).to_have_url(re.compile(re.escape(workspace.address)))
    expect(page.locator(f"#{ids.WINDOW}")).to_have_value("120")
    expect(page.locator(f"#{ids.FIT_LABEL}")).to_contain_text("Kalman")
    expect(page.locator(f"#{ids.WORKSPACE_MENU}")).not_to_have_attribute("open", re.compile(".*"))


def test_a_workspace_is_renamed_removed_and_brought_back_by_keyboard(page: Page, desk: FakeDesk) -> None:
    page.locator(f"#{ids.WORKSPACE_MENU} summary").press("Enter")
    page.get_by_label("Name for a new workspace").fill("Morning")
    page.keyboard.press("Enter")
    expect(said(page)).to_have_text("Saved as “Morning”.")
    page.get_by_role("button", name="Rename Morning").press("Enter")
    page.keyboard.type("Noon")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Rename Morning")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("Noon")
    page.keyboard.press("Enter")
    expect(said(page)).to_have_text("“Morning” is called “Noon” now.")
    page.get_by_role("button", name="Remove Noon").press("Enter")
    expect(said(page)).to_contain_text("“Noon” is removed.")
    expect(menu(page).get_by_role("link", name="Noon")).to_have_count(0)
    said(page).get_by_role("button", name="Undo").press("Enter")
    expect(said(page)).to_have_text("“Noon” is back.")
    expect(menu(page).get_by_role("link", name="Noon")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(f"#{ids.WORKSPACE_MENU} summary")).to_be_focused()


def test_a_name_that_cannot_be_is_told(page: Page) -> None:
    menu(page).get_by_role("button", name="Save", exact=True).click()
    expect(said(page)).to_have_text("The workspace needs a name; type one.")


def test_everything_is_exported_and_imported_and_the_import_is_undone(
    page: Page, desk: FakeDesk, tmp_path: Path
) -> None:
    saved(page, "Morning")
    with page.expect_download() as download:
        menu(page).get_by_role("link", name="Export").click()
    file = tmp_path / download.value.suggested_filename
    assert file.name.startswith("pairwatch-kept-")
    download.value.save_as(file)
    document = json.loads(file.read_text())
    document["workspaces"].append(document["workspaces"][0] | {"name": "Evening"})
    document["preferences"]["maker_fee_bp"] = 1.5
    file.write_text(json.dumps(document))
    menu(page).locator("input[type=file]").set_input_files(file)
    plan = page.locator(f"#{ids.IMPORT_PLAN}")
    expect(plan).to_contain_text("workspace “Evening”")
    expect(plan).to_contain_text("maker fee")
    assert len(desk.keeping.workspaces()) == 1
    plan.get_by_role("button", name="Take it in").click()
    expect(said(page)).to_contain_text("is taken in: 1 new")
    expect(page.get_by_label("Maker fee")).to_have_value("1.5")
    expect(menu(page).get_by_role("link", name="Evening")).to_be_visible()
    said(page).get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Maker fee")).to_have_value("2")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("kept.json", "{", "The file is not JSON"),
        ("kept.json", '{"kind": "pairwatch kept", "format": 9}', "The file is in format 9, and this Pairwatch knows 1"),
        ("kept.json", " " * ((1 << 20) + 1), "kept.json has 1,024 KiB, and an export at most 1,024"),
        ("photo.png", "x", "photo.png is no JSON file"),
    ],
)
def test_a_file_that_cannot_be_taken_in_is_a_sentence(
    page: Page, tmp_path: Path, name: str, content: str, sentence: str
) -> None:
    file = tmp_path / name
    file.write_text(content)
    menu(page).locator("input[type=file]").set_input_files(file)
    expect(said(page)).to_contain_text(sentence)
