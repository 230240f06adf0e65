"""The watchlist in real Chromium: what a row tells, and everything that hands can do with a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from analytics.kept import WatchedPair, Watchlist
from analytics.market import PairParams, PairQuery, Timeframe
from layouts import ids, numbers
from layouts.address import written
from tests.e2e.faked import Faked, served
from tests.screen_fake import QUERY, FakeDesk

pytestmark = pytest.mark.browser

SLOW = PairQuery("SOLUSDT", "ETHUSDT", PairParams(Timeframe.M5, 60))
WALK = PairQuery("COIN1USDT", "COIN2USDT")
UNLISTED = PairQuery("ARBUSDT", "ETHUSDT")


@pytest.fixture(scope="module")
def served_fake() -> Iterator[Faked]:
    desk = FakeDesk()
    desk.glances([QUERY], [2.0])  # what an analysis needs is loaded before a page waits for it
    with served(desk) as running:
        yield running


@pytest.fixture
def faked(served_fake: Faked) -> Faked:
    """A list of four pairs, levels that no z-score reaches, a feed that is well."""
    desk, usual = served_fake.desk, FakeDesk()
    desk.feed, desk.held, keeping = usual.feed, usual.held, desk.keeping
    for extra in keeping.watchlists()[1:]:
        keeping.remove_watchlist(extra.name)
    if keeping.watchlists()[0].name != "Majors":
        keeping.rename_watchlist(keeping.watchlists()[0].name, "Majors")
    keeping.put_watchlist(Watchlist("Majors", tuple(map(WatchedPair, (QUERY, SLOW, WALK, UNLISTED)))))
    keeping.change_preferences({"entry_zscore": 15, "stop_zscore": 19})
    return served_fake


def opened(page: Page, faked: Faked, place: str = "/?pair=BTCUSDT-ETHUSDT") -> Page:
    faked.visit(page, place)
    expect(rows(page)).to_have_count(4, timeout=90_000)
    expect(row(page, "BTC/ETH").locator(".watch__z")).to_have_text(numbers.zscore(zscore_now(faked)))
    return page


def zscore_now(faked: Faked) -> float:
    return float(str(faked.desk.glances([QUERY], [15.0])[0].zscore))


def rows(page: Page) -> Locator:
    return page.locator(f"#{ids.LIST_ROWS} tr")


def row(page: Page, pair: str) -> Locator:
    return rows(page).filter(has=page.locator(".watch__pairname").get_by_text(pair, exact=True))


def names(page: Page) -> list[str]:
    return page.locator(f"#{ids.LIST_ROWS} .watch__pairname").all_inner_texts()


def expect_order(page: Page, *pairs: str) -> None:
    expect(page.locator(f"#{ids.LIST_ROWS} .watch__pairname")).to_have_text(list(pairs))


def head(page: Page, column: str) -> Locator:
    return page.locator(f".watch__table [data-sort={column}]")


def told(page: Page) -> Locator:
    return page.locator(f"#{ids.LIST_TOLD}")


def test_a_row_tells_z_its_trail_half_life_q_verdict_and_quality(same_page: Page, faked: Faked) -> None:
    page = opened(same_page, faked)
    glance = faked.desk.glances([QUERY], [15.0])[0]
    assert isinstance(glance.zscore, float)
    first = row(page, "BTC/ETH")
    expect(first.locator(".watch__z")).to_have_text(numbers.zscore(glance.zscore))
    expect(first.locator(".spark__line")).to_have_attribute("d", re.compile(r"^M[\d.]+ [\d.]+L"))
    expect(first.locator(".watch__half_life")).to_have_text(re.compile(r"^\d+ (s|min)$"))
    expect(first.locator(".watch__q")).to_contain_text(re.compile(r"^(<?0\.\d{3})"))
    expect(first.locator(".watch__q")).to_contain_text(glance.headline)
    expect(first.locator(".watch__clean")).to_contain_text("LIVE, 100 % of the bars clean")
    expect(first).to_have_attribute("aria-selected", "true")


def test_a_pair_that_cannot_be_told_says_why_in_its_own_row_alone(same_page: Page, faked: Faked) -> None:
    page = opened(same_page, faked)
    expect(row(page, "ARBUSDT/ETH")).to_contain_text("ARBUSDT is not listed")
    expect(row(page, "ARBUSDT/ETH").locator(".watch__z")).to_have_text("—")
    expect(row(page, "SOL/ETH").locator(".watch__z")).to_have_text(re.compile(r"^[+−]?\d"))


def test_an_unrelated_pair_has_another_mark_than_a_cointegrated_one(same_page: Page, faked: Faked) -> None:
    page = opened(same_page, faked)
    for query, pair in ((QUERY, "BTC/ETH"), (WALK, "COIN1/COIN2")):
        shape = {"cointegrated": "check", "not shown": "dash", "cannot say": "query"}
        outcome = faked.desk.glances([query], [15.0])[0].outcome
        expect(row(page, pair).locator(".watch__q .sign")).to_have_class(re.compile(f"sign--{shape[outcome]}"))


def test_every_column_sorts_both_ways_and_then_not_at_all(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    own = ["BTC/ETH", "SOL/ETH", "COIN1/COIN2", "ARBUSDT/ETH"]
    expect_order(page, *own)
    head(page, "pair").click()
    expect_order(page, "ARBUSDT/ETH", "BTC/ETH", "COIN1/COIN2", "SOL/ETH")
    expect(page.locator("th.watch__pair").first).to_have_attribute("aria-sort", "ascending")
    head(page, "z").click()
    expect(page.locator("th.watch__z")).to_have_attribute("aria-sort", "descending")
    zs = {r.query: abs(float(str(r.zscore))) for r in faked.desk.glances([QUERY, SLOW, WALK], [15.0] * 3)}
    by_z = [{QUERY: "BTC/ETH", SLOW: "SOL/ETH", WALK: "COIN1/COIN2"}[q] for q in sorted(zs, key=lambda q: -zs[q])]
    expect_order(page, *by_z, "ARBUSDT/ETH")  # what is unknown comes last
    head(page, "z").click()
    expect(page.locator("th.watch__z")).to_have_attribute("aria-sort", "ascending")
    head(page, "z").click()
    expect(page.locator("th.watch__z")).to_have_attribute("aria-sort", "none")
    expect_order(page, *own)


def test_the_order_chosen_is_there_again_after_a_reload(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    head(page, "pair").click()
    page.reload()
    expect_order(page, "ARBUSDT/ETH", "BTC/ETH", "COIN1/COIN2", "SOL/ETH")


def test_a_pinned_pair_stays_on_top_however_the_list_is_sorted(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    row(page, "SOL/ETH").hover()
    row(page, "SOL/ETH").get_by_role("button", name="Pin SOL/ETH").click()
    expect_order(page, "SOL/ETH", "BTC/ETH", "COIN1/COIN2", "ARBUSDT/ETH")
    head(page, "pair").click()
    expect_order(page, "SOL/ETH", "ARBUSDT/ETH", "BTC/ETH", "COIN1/COIN2")
    assert faked.desk.keeping.watchlist("Majors").pairs[1].pinned
    row(page, "SOL/ETH").get_by_role("button", name="Unpin SOL/ETH").click()
    expect_order(page, "ARBUSDT/ETH", "BTC/ETH", "COIN1/COIN2", "SOL/ETH")


def test_the_filter_leaves_the_pairs_that_match(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    box = page.locator(f"#{ids.LIST_FILTER}")
    box.fill("eth sol")
    expect_order(page, "SOL/ETH")
    box.fill("5m")
    expect_order(page, "SOL/ETH")
    box.fill("nothing like it")
    expect(page.locator(".watch__scroll")).to_have_attribute("data-none", "No pair of this list matches.")
    box.fill("")
    expect(rows(page)).to_have_count(4)


def test_p_stands_in_the_place_of_q_where_one_likes(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    glance = faked.desk.glances([QUERY, SLOW, WALK, UNLISTED], [15.0] * 4)[0]
    page.locator(".watch__menu summary").click()
    page.get_by_role("button", name="Show p instead of q").click()
    assert glance.pvalue is not None
    expect(row(page, "BTC/ETH").locator(".watch__q span").nth(1)).to_have_text(numbers.pvalue(glance.pvalue))
    expect(head(page, "q")).to_have_text("p")
    page.reload()
    expect(head(page, "q")).to_have_text("p")


def test_a_click_opens_the_pair_with_its_own_settings_and_marks_it(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked, "/?pair=BTCUSDT-ETHUSDT&prices=rebased")
    row(page, "SOL/ETH").click()
    expect(page).to_have_url(re.compile(r"\?pair=SOLUSDT-ETHUSDT&tf=5m&window=60&intercept=1&prices=rebased$"))
    expect(row(page, "SOL/ETH")).to_have_attribute("aria-selected", "true")
    expect(page.locator(f"#{ids.LIST_ROWS} [aria-selected=true]")).to_have_count(1)
    expect(page.locator(f"#{ids.WINDOW}")).to_have_value("60")


def test_arrows_walk_through_the_list_and_open(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    row(page, "BTC/ETH").focus()
    page.keyboard.press("ArrowDown")
    expect(row(page, "SOL/ETH")).to_be_focused()
    expect(page).to_have_url(re.compile("pair=SOLUSDT-ETHUSDT"))
    expect(row(page, "SOL/ETH")).to_be_focused()
    page.keyboard.press("End")
    expect(row(page, "ARBUSDT/ETH")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("pair=BTCUSDT-ETHUSDT"))


def test_keys_pin_and_remove_and_undo_brings_back(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    row(page, "COIN1/COIN2").focus()
    page.keyboard.press("f")
    expect_order(page, "COIN1/COIN2", "BTC/ETH", "SOL/ETH", "ARBUSDT/ETH")
    expect(row(page, "COIN1/COIN2")).to_be_focused()
    page.keyboard.press("Delete")
    expect_order(page, "BTC/ETH", "SOL/ETH", "ARBUSDT/ETH")
    expect(told(page)).to_contain_text("Removed COIN1/COIN2.")
    told(page).get_by_role("button", name="Undo").click()
    expect_order(page, "COIN1/COIN2", "BTC/ETH", "SOL/ETH", "ARBUSDT/ETH")


def test_the_pair_shown_is_added_and_a_button_removes_it(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked, "/?pair=SOLUSDT-BTCUSDT")
    add = page.locator(f"#{ids.LIST_ADD}")
    expect(add).to_be_enabled()
    add.click()
    expect(row(page, "SOL/BTC")).to_have_attribute("aria-selected", "true")
    expect(told(page)).to_contain_text("Added SOL/BTC to Majors.")
    expect(add).to_be_disabled()
    row(page, "SOL/BTC").hover()
    row(page, "SOL/BTC").get_by_role("button", name="Remove SOL/BTC from the list").click()
    expect(row(page, "SOL/BTC")).to_have_count(0)


def test_lists_are_made_renamed_chosen_deleted_and_brought_back(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    menu, name, chosen = (
        page.locator(".watch__menu summary"),
        page.locator(f"#{ids.LIST_NEW_NAME}"),
        page.locator(f"#{ids.LIST_NAME}"),
    )
    menu.click()
    name.fill("Layer 1")
    page.get_by_role("button", name="New list").click()
    expect(chosen).to_have_value("Layer 1")
    expect(page.locator(".watch__scroll")).to_have_attribute("data-none", re.compile("This list is empty"))
    page.locator(f"#{ids.LIST_ADD}").click()
    expect_order(page, "BTC/ETH")
    menu.click()
    name.fill("L1")
    page.get_by_role("button", name="Rename").click()
    expect(chosen).to_have_value("L1")
    chosen.select_option("Majors")
    expect(rows(page)).to_have_count(4)
    chosen.select_option("L1")
    expect_order(page, "BTC/ETH")
    page.reload()
    expect(chosen).to_have_value("L1")
    menu.click()
    page.get_by_role("button", name="Delete list").click()
    expect(chosen).to_have_value("Majors")
    told(page).get_by_role("button", name="Undo").click()
    expect(chosen).to_have_value("L1")


def test_a_name_that_is_taken_is_refused_in_a_sentence(same_page: Page, faked: Faked) -> None:
    page = opened(same_page, faked)
    page.locator(".watch__menu summary").click()
    page.locator(f"#{ids.LIST_NEW_NAME}").fill("Majors")
    page.get_by_role("button", name="New list").click()
    expect(told(page)).to_contain_text("Majors")
    expect(told(page)).to_have_class(re.compile("watch__told--wrong"))


def test_what_another_tab_changes_is_seen_here(same_page: Page, faked: Faked) -> None:
    page = opened(same_page, faked)
    faked.desk.keeping.remove_pair("Majors", WALK)
    expect_order(page, "BTC/ETH", "SOL/ETH", "ARBUSDT/ETH")


def test_the_row_of_the_pair_on_the_chart_has_the_z_of_its_card(same_page: Page, faked: Faked) -> None:
    page = opened(same_page, faked, f"/{written(QUERY)}")
    card = page.locator(f"#{ids.ZSCORE_CARD} .card__value")
    for _ in range(2):
        faked.desk.held += 25
        told = numbers.zscore(zscore_now(faked))
        expect(card).to_have_text(told)
        expect(row(page, "BTC/ETH").locator(".watch__z")).to_have_text(told)


def test_rows_change_in_place(same_page: Page, faked: Faked) -> None:
    page = opened(same_page, faked)
    figure = row(page, "BTC/ETH").locator(".watch__z")
    before = figure.inner_text()
    page.evaluate("document.querySelectorAll('#list-rows *').forEach(one => { one.wasHere = true; })")
    faked.desk.held += 40
    expect(figure).not_to_have_text(before)
    fresh = "[...document.querySelectorAll('#list-rows *')].filter(one => !one.wasHere).length"
    assert page.evaluate(fresh) == 0


def test_old_rows_fade_and_tell_their_age(same_page: Page, faked: Faked) -> None:
    page = opened(same_page, faked)
    expect(row(page, "BTC/ETH")).not_to_have_class(re.compile("watch__row--stale"))
    feed = faked.desk.feed
    old = replace(feed.symbols["BTCUSDT"], state="STALE", age_ms=12_400)
    faked.desk.feed = replace(feed, symbols={**feed.symbols, "BTCUSDT": old})
    expect(row(page, "BTC/ETH")).to_have_class(re.compile("watch__row--stale"))
    expect(row(page, "BTC/ETH").locator(".watch__age")).to_have_text(re.compile(r"^1\d s old$"))
    expect(row(page, "BTC/ETH").locator(".watch__clean")).to_contain_text("STALE")
    expect(row(page, "COIN1/COIN2")).not_to_have_class(re.compile("watch__row--stale"))


def test_pairs_at_their_level_are_listed_counted_in_the_title_and_on_the_icon(watched_page: Page, faked: Faked) -> None:
    page = opened(watched_page, faked)
    levels = page.locator(f"#{ids.LEVELS} li")
    expect(levels).to_have_text(["No pair beyond z ±15.00."])
    plain = page.locator("link[rel=icon]").get_attribute("href")
    faked.desk.keeping.change_preferences({"entry_zscore": 0.1})
    expect(page).to_have_title(re.compile(r"^\(\d\) "))
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("^data:image/svg"))
    expect(page.locator(".levels__z")).to_have_count(3)  # the pair on the chart may be there first
    zs = [abs(float(text.replace("−", "-"))) for text in page.locator(".levels__z").all_inner_texts()]
    assert zs == sorted(zs, reverse=True)
    expect(levels.first).to_have_text(re.compile(r"(s|min|h)$"))
    levels.filter(has_text="SOL/ETH").get_by_role("button").click()
    expect(page).to_have_url(re.compile("pair=SOLUSDT-ETHUSDT"))
    faked.desk.keeping.change_preferences({"entry_zscore": 15})
    page.goto(f"{faked.url}/?pair=BTCUSDT-ETHUSDT&entry=15&stop=19")
    expect(page).to_have_title(re.compile(r"^z "))
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", str(plain))


def test_the_pair_on_the_chart_tells_its_level_beside_the_chart(same_page: Page, faked: Faked) -> None:
    page = opened(same_page, faked, f"/{written(QUERY)}&entry=0.01")
    expect(page.locator(f"#{ids.AT_LEVEL}")).to_have_text(re.compile(r"^Beyond entry: BTC/ETH [+−]\d\.\d\d, "))


def test_the_list_is_used_with_one_hand_on_a_phone(watched_page: Page, faked: Faked) -> None:
    watched_page.set_viewport_size({"width": 390, "height": 844})
    page = opened(watched_page, faked)
    row(page, "SOL/ETH").scroll_into_view_if_needed()
    box = row(page, "SOL/ETH").bounding_box()
    assert box is not None
    assert box["height"] >= 40
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    row(page, "SOL/ETH").locator(".watch__z").click()
    expect(page).to_have_url(re.compile("pair=SOLUSDT-ETHUSDT"))
