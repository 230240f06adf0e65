"""The look of the page: no other theme flashes up; it follows the system and the user at once, and its charts too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from analytics.kept import Preferences
from layouts import ids
from layouts.navigation import PAGES
from layouts.navigation import Page as Place
from layouts.theme import DARK, LIGHT
from tests.e2e.faked import Faked, served
from tests.screen_fake import FakeDesk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def fake() -> Iterator[Faked]:
    with served(FakeDesk()) as running:
        yield running


@pytest.fixture
def faked(fake: Faked) -> Faked:
    """Nothing kept but what a first visitor has."""
    fake.desk.keeping.prefer(Preferences())
    return fake


def background(colour: str) -> str:
    """As the browser writes it."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def drawn(page: Page, ground: str) -> None:
    """The chart stands on that ground."""
    expect(page.locator(f"#{ids.CHART} .main-svg").first).to_have_css("background-color", background(ground))


def test_the_page_follows_the_theme_of_the_system_while_it_is_open(watched_page: Page, faked: Faked) -> None:
    watched_page.emulate_media(color_scheme="light")
    watched_page.goto(faked.url)
    expect(watched_page.locator("body")).to_have_css("background-color", background(LIGHT.ground))
    drawn(watched_page, LIGHT.ground)
    watched_page.emulate_media(color_scheme="dark")
    expect(watched_page.locator("body")).to_have_css("background-color", background(DARK.ground))
    drawn(watched_page, DARK.ground)


def test_a_kept_theme_is_there_before_any_script_has_run(chromium: Browser, faked: Faked) -> None:
    faked.desk.keeping.change_preferences({"theme": "light", "colours": "classic", "zone": "local"})
    page = chromium.new_page(java_script_enabled=False, color_scheme="dark")
    page.goto(faked.url)
    root = page.locator("html")
    for name, value in {"bs-theme": "light", "theme": "light", "colours": "classic", "zone": "local"}.items():
        expect(root).to_have_attribute(f"data-{name}", value)
    expect(page.locator("body")).to_have_css("background-color", background(LIGHT.ground))
    page.close()


def test_the_theme_of_the_system_is_there_before_the_page_is_drawn(chromium: Browser, faked: Faked) -> None:
    page = chromium.new_page(color_scheme="light")
    page.route("**/_dash-component-suites/**", lambda route: route.abort())  # nothing of Dash runs
    page.goto(faked.url)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    expect(page.locator("body")).to_have_css("background-color", background(LIGHT.ground))
    page.close()


def test_one_call_leads_from_the_system_to_dark_to_light_and_back(watched_page: Page, faked: Faked) -> None:
    watched_page.emulate_media(color_scheme="light")
    watched_page.goto(faked.url)
    drawn(watched_page, LIGHT.ground)
    root = watched_page.locator("html")
    for theme, seen in (("dark", "dark"), ("light", "light"), ("system", "light")):
        watched_page.evaluate("() => window.dash_clientside.pairwatch.cycleTheme()")
        expect(root).to_have_attribute("data-theme", theme)
        expect(root).to_have_attribute("data-bs-theme", seen)
        drawn(watched_page, DARK.ground if seen == "dark" else LIGHT.ground)


def test_the_zone_of_the_browser_is_exact_in_both_directions(watched_page: Page, faked: Faked) -> None:
    watched_page.goto(faked.url)
    drawn(watched_page, LIGHT.ground)
    expect(watched_page.locator("html")).to_have_attribute("data-zone", "utc")
    assert watched_page.evaluate("() => window.pairwatch.zone.title()") == "UTC"
    watched_page.evaluate("() => window.dash_clientside.pairwatch.toggleZone()")
    expect(watched_page.locator("html")).to_have_attribute("data-zone", "local")
    assert watched_page.evaluate("() => window.pairwatch.zone.title()").startswith("New York, UTC−")
    # an hour before and after New York's clocks go back: a chart neither folds nor leaps there
    shown = "() => [0, 1, 2].map((hour) => window.pairwatch.zone.toShown(Date.UTC(2026, 10, 1, 5 + hour)))"
    first, second, third = watched_page.evaluate(shown)
    assert (second - first, third - second) == (3_600_000, 3_600_000)
    back = f"() => window.pairwatch.zone.toUtc({second}) === Date.UTC(2026, 10, 1, 6)"
    assert watched_page.evaluate(back)


@pytest.mark.parametrize("width", [1366, 390])
def test_paper_is_white(watched_page: Page, faked: Faked, width: int) -> None:
    watched_page.set_viewport_size({"width": width, "height": 844})
    watched_page.emulate_media(color_scheme="dark")
    watched_page.goto(faked.url)
    drawn(watched_page, DARK.ground)
    watched_page.emulate_media(media="print", color_scheme="dark")
    expect(watched_page.locator("body")).to_have_css("background-color", background(LIGHT.ground))
    watched_page.emulate_media(media="screen", color_scheme="dark")
    expect(watched_page.locator("body")).to_have_css("background-color", background(DARK.ground))


_SMALL = """() => [...document.querySelectorAll(".shell :is(button, select, summary, label.segment, .form-control)")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("[class*=ag-]"))
  .filter((one) => one.getBoundingClientRect().height < 39.5)
  .map((one) => `${one.tagName} ${one.className} ${one.getBoundingClientRect().height}`)"""
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("shown", PAGES, ids=lambda page: page.name)
def test_a_thumb_reaches_everything_on_a_phone(watched_page: Page, faked: Faked, shown: Place) -> None:
    watched_page.set_viewport_size({"width": 390, "height": 844})
    watched_page.goto(f"{faked.url}{shown.path}")
    expect(watched_page.locator(f"#{ids.FOOT}")).to_contain_text("trades stored")
    assert watched_page.evaluate(_SMALL) == []
    assert watched_page.evaluate(_WIDER) == 0
    bar = watched_page.get_by_role("navigation", name="Pages").bounding_box()
    assert bar is not None
    assert bar["y"] + bar["height"] == 844
