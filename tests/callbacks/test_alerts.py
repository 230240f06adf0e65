"""Alerts in the callbacks: what every page hears, the tables of their page, the form, and what hands do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from analytics.alert_channels import Channel, SecretText
from analytics.alerts import AlertRule, Condition
from callbacks.alert_deeds import done, tried
from layouts import ids
from tests.callbacks.browser import Page
from tests.layouts.reading import text
from tests.screen_fake import QUERY, FakeDesk

VIEW = "?pair=BTCUSDT-ETHUSDT"
NEWS = f"{ids.ALERT_NEWS}.data"
ROWS = f"{ids.ALERT_ROWS}.tree"
SECRET = "https://receiver.example/very-secret"


def always(name: str = "always") -> AlertRule:
    return AlertRule(0, name, QUERY, (Condition("zscore", "<", 90.0 / 6),))


def judge(desk: FakeDesk) -> None:
    """Every rule by what is known now."""
    known = desk.feed.symbols
    traded = {name: replace(one, last_trade_ms=desk._now()) for name, one in known.items()}
    desk.feed = replace(desk.feed, symbols=traded)
    desk.alerting.beat()


def heard(tab: Page, desk: FakeDesk) -> dict[str, Any]:
    return tab.change(f"{ids.ALERT_VERSION}.data", desk.alerting.version, output=NEWS)


def wished(desk: FakeDesk, does: str, **more: Any) -> dict[str, Any]:
    return done(desk, {"do": does, "at": 1, **more}, VIEW)


def drafted(desk: FakeDesk, **changes: Any) -> dict[str, Any]:
    draft: dict[str, Any] = wished(desk, "new")["draft"]
    return draft | changes


def shown(tab: Page) -> dict[str, Any]:
    tab.props[f"{ids.PAGE}.data"] = "alerts"
    return tab.change(f"{ids.ALERTS_TIMER}.n_intervals", 1, output=ROWS)


def test_the_heartbeat_says_when_something_of_alerts_is_new(desk: FakeDesk, tab: Page) -> None:
    tab.change(f"{ids.URL}.search", VIEW, output=f"{ids.QUERY}.data")
    place, beat = f"{ids.ALERT_VERSION}.data", f"{ids.PULSE}.n_intervals"
    assert tab.change(beat, 1, output=place)[place] == desk.alerting.version
    assert place not in tab.change(beat, 2, output=place)
    desk.alerting.add(always())
    assert tab.change(beat, 3, output=place)[place] == desk.alerting.version


def test_a_page_that_begins_hears_what_fires_and_nothing_of_before(desk: FakeDesk, tab: Page) -> None:
    desk.alerting.add(always())
    judge(desk)
    news = heard(tab, desk)[NEWS]
    assert [one["name"] for one in news["firing"]] == ["always"]
    assert news["told"] == []


def test_an_event_is_heard_once(desk: FakeDesk, tab: Page) -> None:
    rule = desk.alerting.add(always())
    heard(tab, desk)
    judge(desk)
    (fired,) = heard(tab, desk)[NEWS]["told"]
    assert (fired["kind"], fired["pair"], fired["view"][:6]) == ("fired", "BTC/ETH", "?pair=")
    assert NEWS not in tab.change(f"{ids.ALERT_VERSION}.data", -1, output=NEWS)
    desk.alerting.toggle(rule.id, False)
    news = heard(tab, desk)[NEWS]
    assert news["firing"] == []
    assert [one["kind"] for one in news["told"]] == ["resolved"]


def test_the_page_is_drawn_once_while_nothing_changes(desk: FakeDesk, tab: Page) -> None:
    desk.alerting.add(always("first"))
    judge(desk)
    drawn = text(shown(tab)[ROWS])
    assert "Firing" in drawn
    assert "first" in drawn
    assert "BTC/ETH" in drawn
    assert tab.change(f"{ids.ALERTS_TIMER}.n_intervals", 2, output=ROWS) == {}


def test_another_page_in_front_asks_for_nothing(desk: FakeDesk, tab: Page) -> None:
    assert tab.change(f"{ids.ALERTS_TIMER}.n_intervals", 1, output=ROWS) == {}


def test_sort_and_search_are_of_the_page(desk: FakeDesk, tab: Page) -> None:
    for name in ("beta", "alpha"):
        desk.alerting.add(always(name))
    shown(tab)
    view = tab.props[f"{ids.ALERT_VIEW}.data"]
    drawn = text(tab.change(f"{ids.ALERT_VIEW}.data", {**view, "sort": "name"}, output=ROWS)[ROWS])
    assert drawn.index("alpha") < drawn.index("beta")
    found = text(tab.change(f"{ids.ALERT_VIEW}.data", {**view, "find": "eth bet"}, output=ROWS)[ROWS])
    assert "beta" in found
    assert "alpha" not in found


def test_history_is_filtered_and_goes_on_by_its_cursor(desk: FakeDesk, tab: Page) -> None:
    rule = desk.alerting.add(always())
    for _ in range(30):
        judge(desk)
        desk.alerting.toggle(rule.id, False)
        desk.alerting.toggle(rule.id, True)
        desk.held += 1
    place = f"{ids.ALERT_HISTORY}.tree"
    first = text(shown(tab)[place])
    assert first.count("alerts__inputs") == 25
    view = tab.props[f"{ids.ALERT_VIEW}.data"]
    older = desk.alerting.events(limit=25)[-1].row
    further = text(tab.change(f"{ids.ALERT_VIEW}.data", {**view, "before": older}, output=place)[place])
    assert further != first
    only = text(tab.change(f"{ids.ALERT_VIEW}.data", {**view, "kind": "resolved"}, output=place)[place])
    assert "Resolved" in only
    assert "Fired" not in only


def test_a_form_is_armed_changed_and_its_deletion_undone(desk: FakeDesk) -> None:
    told = wished(desk, "save", draft=drafted(desk, name="entry"))
    assert told["told"] == "“entry” is armed."
    (row,) = desk.alerting.rows()
    opened = wished(desk, "edit", rule=str(row.rule.id))["draft"]
    wished(desk, "save", draft=opened | {"hold": "30 s"})
    assert desk.alerting.row(row.rule.id).rule.hold_ms == 30_000
    gone = wished(desk, "remove", rule=str(row.rule.id))
    assert desk.alerting.rows() == ()
    wished(desk, "undo", removal=gone["removal"])
    assert desk.alerting.row(row.rule.id).rule.name == "entry"


def test_an_edit_keeps_what_the_form_does_not_have(desk: FakeDesk) -> None:
    rule = desk.alerting.add(always())
    desk.alerting.toggle(rule.id, False)
    wished(desk, "snooze", rule=str(rule.id), span="900000")
    before = desk.alerting.row(rule.id).rule
    wished(desk, "save", draft=wished(desk, "edit", rule=str(rule.id))["draft"] | {"name": "other"})
    assert desk.alerting.row(rule.id).rule == replace(before, name="other")


def test_a_refused_form_changes_nothing_and_says_where(desk: FakeDesk) -> None:
    answer = wished(desk, "save", draft=drafted(desk, hold="soon"))
    assert answer["wrong"]
    assert set(answer["refused"]) == {"hold"}
    assert desk.alerting.rows() == ()


def test_a_form_begins_with_what_the_chart_says(desk: FakeDesk) -> None:
    begin = {"metric": "zscore", "operator": "crosses_above", "threshold": 2.31, "leave": None}
    (condition,) = wished(desk, "new", begin=begin)["draft"]["conditions"]
    assert (condition["operator"], condition["threshold"], condition["leave"]) == ("crosses_above", "2.31", "")


def test_the_record_of_a_form_is_told_before_it_is_armed(desk: FakeDesk) -> None:
    draft = drafted(desk)
    (condition,) = draft["conditions"]
    told = tried(
        desk, {"draft": draft | {"conditions": [condition | {"threshold": "1", "leave": "0.5"}]}, "at": 5}, VIEW
    )
    assert told["words"].startswith("In the last ")
    assert told["at"] == 5
    assert told["marks"]
    assert all(set(mark) == {"at", "z", "side"} for mark in told["marks"])
    assert tried(desk, {"draft": draft | {"hold": "soon"}, "at": 6}, VIEW)["words"].startswith(
        "No record yet. Write a number"
    )


@pytest.mark.parametrize("does", ["toggle", "duplicate", "remove", "edit", "snooze"])
def test_an_alert_that_is_gone_is_told_as_such(desk: FakeDesk, does: str) -> None:
    answer = wished(desk, does, rule="99", active="1", span="0")
    assert answer["wrong"]
    assert "99" in answer["told"]


def test_toggle_copy_and_snooze(desk: FakeDesk) -> None:
    number = str(desk.alerting.add(always()).id)
    assert wished(desk, "toggle", rule=number, active="0")["told"] == "“always” is off."
    assert "off until you switch it on" in wished(desk, "duplicate", rule=number)["told"]
    assert wished(desk, "snooze", rule=number, span="3600000")["told"] == "“always” sleeps for 1 h."
    assert wished(desk, "snooze", rule=number, span="0")["told"] == "“always” is awake."


def channel(**changes: str) -> dict[str, str]:
    draft = {
        "name": "desk",
        "kind": "webhook",
        "url": SECRET,
        "signing": "",
        "quiet_from": "",
        "quiet_to": "",
        "zone": "",
    }
    return draft | changes


def test_no_secret_of_a_channel_is_ever_shown(desk: FakeDesk, tab: Page) -> None:
    desk.alert_book.put_channel(Channel("desk", "webhook", SecretText(SECRET)))
    answer = shown(tab)
    assert "desk" in text(answer[f"{ids.ALERT_CHANNELS}.tree"])
    assert "very-secret" not in str(answer)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("quiet", {"quiet_from": "late", "quiet_to": "07:00"}),
        ("quiet", {"quiet_from": "22:00", "quiet_to": "22:00"}),
        ("quiet", {"quiet_from": "22:00", "quiet_to": "07:00", "zone": "Mars/Base"}),
        ("url", {"url": "http://10.0.0.1/x"}),
        ("url", {"url": ""}),
        ("signing", {"signing": "short"}),
        ("name", {"name": ""}),
    ],
)
def test_a_refused_channel_says_where(desk: FakeDesk, field: str, changes: dict[str, str]) -> None:
    answer = wished(desk, "channel-save", draft=channel(**changes))
    assert set(answer["refused"]) == {field}, answer
    assert desk.alerting.channels() == ()


def test_a_channel_of_that_name_is_not_replaced_unseen(desk: FakeDesk) -> None:
    desk.alert_book.put_channel(Channel("desk", "webhook", SecretText(SECRET)))
    assert set(wished(desk, "channel-save", draft=channel(name="Desk"))["refused"]) == {"name"}
    assert wished(desk, "channel-remove", channel="desk")["told"].startswith("Channel “desk”")
    assert desk.alerting.channels() == ()


def test_firings_are_marked_on_the_chart_of_that_pair_alone(desk: FakeDesk) -> None:
    draft = drafted(desk)
    draft["conditions"][0] |= {"threshold": "1", "leave": "0.5"}
    elsewhere = tried(desk, {"draft": draft, "at": 5}, "?pair=SOLUSDT-ETHUSDT")
    assert elsewhere["words"].startswith("In the last ")
    assert elsewhere["marks"] == []
