"""Alerts in real Chromium: made from the chart, seen to fire on a move of the market, resolved, read again, changed."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from analytics.alerts import AlertRule, Condition
from ingest.simulator import LocalExchange
from layouts import ids
from tests.e2e.accessibility import grave_violations
from tests.e2e.chart_page import HELD, opened
from tests.e2e.faked import Faked, served
from tests.e2e.test_alerts_running import jump, price, running
from tests.screen_fake import QUERY, FakeDesk

pytestmark = pytest.mark.browser

PLACE = "/alerts?pair=BTCUSDT-ETHUSDT"


@pytest.fixture(scope="module")
def faked() -> Iterator[Faked]:
    with served(FakeDesk(HELD)) as one:
        yield one


@pytest.fixture
def alone(faked: Faked) -> Faked:
    """No alert is there yet."""
    for row in faked.desk.alerting.rows():
        faked.desk.alerting.remove(row.rule.id)
    return faked


def judge(desk: FakeDesk) -> None:
    traded = {name: replace(one, last_trade_ms=desk._now()) for name, one in desk.feed.symbols.items()}
    desk.feed = replace(desk.feed, symbols=traded)
    desk.alerting.beat()


def always(name: str = "always") -> AlertRule:
    return AlertRule(0, name, QUERY, (Condition("price", ">", 1.0),))


def form(page: Page) -> Locator:
    return page.locator(f"#{ids.ALERT_FORM}")


def typed(page: Page, field: str) -> Locator:
    return form(page).locator(f"[data-field='{field}']")


def told(page: Page) -> Locator:
    return page.locator(f"#{ids.ALERT_TOLD}")


def at_alerts(page: Page, faked: Faked) -> Locator:
    faked.visit(page, PLACE)
    rows = page.locator(f"#{ids.ALERT_ROWS} tbody tr")
    expect(page.locator(f"#{ids.ALERT_NOTE}")).to_have_text(re.compile(r"^\d+ alerts?"))
    return rows


def test_a_point_of_the_chart_becomes_an_alert_with_its_record(same_page: Page, alone: Faked) -> None:
    chart = opened(same_page, alone)
    same_page.mouse.click(chart.at(0.5, 0)[0], chart.height_of(1.4), button="right")
    same_page.get_by_role("menuitem", name=re.compile(r"Alert when z crosses 1\.[34]")).click()
    record = form(same_page).locator(".alert-form__record")
    expect(record).to_contain_text("of stored data this alert would have fired")
    typed(same_page, "conditions.0.threshold").fill("0.8")
    expect(record).to_contain_text("worst excursion")
    expect(same_page.locator(".fired").first).to_be_attached()
    typed(same_page, "conditions.0.threshold").fill("1.4")
    assert grave_violations(same_page) == []
    form(same_page).get_by_role("button", name="Arm").click()
    expect(told(same_page)).to_have_text(re.compile("“z crosses above 1.40” is armed"))
    expect(form(same_page)).to_be_hidden()
    expect(same_page.locator(".fired")).to_have_count(0)
    (row,) = alone.desk.alerting.rows()
    assert row.rule.conditions[0].operator == "crosses_above"


def test_a_refusal_stands_at_its_field_and_loses_nothing(same_page: Page, alone: Faked) -> None:
    opened(same_page, alone)
    same_page.keyboard.press("a")
    typed(same_page, "conditions.0.threshold").fill("two")
    typed(same_page, "hold").fill("5")
    typed(same_page, "name").fill("mine")
    same_page.keyboard.press("Enter")
    expect(form(same_page).get_by_text("Write a number, such as 2.5.")).to_be_visible()
    expect(form(same_page).get_by_text("Write a number with its unit")).to_be_visible()
    expect(typed(same_page, "conditions.0.threshold")).to_be_focused()
    assert [typed(same_page, one).input_value() for one in ("hold", "name")] == ["5", "mine"]
    same_page.keyboard.press("Escape")
    assert alone.desk.alerting.rows() == ()


def test_what_happens_is_told_at_most_three_times_and_counted(same_page: Page, alone: Faked) -> None:
    opened(same_page, alone)
    desk = alone.desk
    judge(desk)
    rules = [desk.alerting.add(always(f"rule {n}")) for n in range(5)]
    judge(desk)
    toasts = same_page.locator(f"#{ids.ALERT_TOASTS} .note")
    expect(toasts).to_have_count(3)
    expect(same_page.locator(".notes__more")).to_have_text("and 2 more in the history")
    expect(same_page).to_have_title(re.compile(r"^\(5 firing\) "))
    expect(same_page.locator(f"#{ids.ALERT_FIRING} li")).to_have_count(5)
    assert grave_violations(same_page) == []
    for rule in rules:
        desk.alerting.toggle(rule.id, False)
    expect(same_page.locator(f"#{ids.ALERT_FIRING}")).to_be_empty()
    expect(toasts.last).to_contain_text("Resolved")


def test_an_alert_is_switched_changed_deleted_and_back(same_page: Page, alone: Faked) -> None:
    alone.desk.alerting.add(always("entry"))
    rows = at_alerts(same_page, alone)
    expect(rows).to_have_count(1)
    rows.get_by_role("switch").click()
    expect(rows.first).to_contain_text("Off")
    rows.get_by_role("button", name="Edit entry").click()
    typed(same_page, "name").fill("exit")
    form(same_page).get_by_role("button", name="Save").click()
    expect(rows.first).to_contain_text("exit")
    rows.get_by_role("button", name="Delete exit").click()
    expect(rows).to_have_count(0)
    told(same_page).get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(1)


def test_a_channel_keeps_its_secret(same_page: Page, alone: Faked) -> None:
    at_alerts(same_page, alone)
    same_page.get_by_role("button", name="Add a channel").click()
    channel = same_page.locator(f"#{ids.ALERT_CHANNEL_FORM}")
    channel.get_by_label("Name").fill("desk")
    channel.get_by_label("Address").fill("https://10.0.0.1/very-secret")
    channel.get_by_role("button", name="Keep").click()
    expect(channel.locator(".alert-form__wrong", has_text="10.0.0.1")).to_be_visible()
    channel.get_by_label("Address").fill("https://receiver.example/very-secret")
    channel.get_by_role("button", name="Keep").click()
    expect(channel).to_be_hidden()
    expect(same_page.locator(f"#{ids.ALERT_CHANNELS}")).to_contain_text("Not tried yet")
    assert "very-secret" not in same_page.content()
    same_page.get_by_role("button", name="Remove channel desk").click()
    expect(same_page.locator(f"#{ids.ALERT_CHANNELS}")).to_contain_text("No channel yet")


@pytest.mark.parametrize("width", [1366, 390])
def test_the_page_is_for_everybody(same_page: Page, alone: Faked, width: int) -> None:
    alone.desk.alerting.add(always())
    judge(alone.desk)
    same_page.set_viewport_size({"width": width, "height": 768})
    expect(at_alerts(same_page, alone)).to_have_count(1)
    expect(same_page.locator(f"#{ids.ALERT_HISTORY} tbody tr").first).to_be_visible()
    same_page.locator(".alerts__inputs summary").first.click()
    assert grave_violations(same_page) == []
    assert same_page.evaluate("document.documentElement.scrollWidth") <= width
    same_page.set_viewport_size({"width": 1366, "height": 768})


def test_a_move_of_the_market_is_seen_to_fire_and_to_end(watched_page: Page, tmp_path: Path) -> None:
    page = watched_page
    with LocalExchange(seed=7) as exchange, running(exchange, tmp_path) as product:
        page.goto(f"{product.url}/?pair=BTCUSDT-ETHUSDT&tf=1s&window=10")
        expect(page.locator(f"#{ids.ZSCORE_CARD} .card__value")).to_have_text(re.compile(r"^[+−]\d"))
        usual = price(product)
        page.keyboard.press("a")
        typed(page, "conditions.0.metric").select_option("price")
        typed(page, "conditions.0.operator").select_option(">")
        typed(page, "conditions.0.threshold").fill(f"{1.2 * usual:.1f}")
        typed(page, "conditions.0.leave").fill(f"{1.1 * usual:.1f}")
        typed(page, "name").fill("jump")
        form(page).get_by_role("button", name="Arm").click()
        expect(told(page)).to_contain_text("is armed")
        jump(exchange, 1.5 * usual)
        toasts = page.locator(f"#{ids.ALERT_TOASTS} .note")
        expect(toasts.filter(has_text="Fired")).to_be_visible()
        expect(page).to_have_title(re.compile(r"^\(1 firing\) "))
        exchange.faults.clear()
        expect(toasts.filter(has_text="Resolved")).to_be_visible()
        page.goto(f"{product.url}/alerts")
        history = page.locator(f"#{ids.ALERT_HISTORY} tbody tr")
        expect(history.locator(".state")).to_have_text(["Resolved", "Fired"])
        with page.expect_download() as started:
            page.get_by_role("link", name="CSV").click()
        rows = list(csv.DictReader(started.value.path().read_text().splitlines()))
        assert [row["kind"] for row in rows] == ["resolved", "fired"]
