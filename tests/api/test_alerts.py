"""Alerts over REST: the contract's fields and calls, the whole rule, its record, its history, its receivers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.api.door import HOST, api_server
from tests.services.alerting_case import AlertCase, alert_case

SEED = {"name": "high", "symbols": ["BtcUsdt", "ethusdt"], "window": 20, "metric": "price", "operator": ">"}
RULE = SEED | {"threshold": 210.0, "leave": 205.0}


@pytest.fixture
def door() -> Iterator[tuple[TestClient, AlertCase]]:
    with alert_case() as case, TestClient(api_server(case.desk, case.clock), base_url=f"http://{HOST}") as client:
        yield client, case


def added(client: TestClient, **changes: Any) -> Any:
    answer = client.post("/api/alerts/", json=RULE | changes)
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(answer: Any, status: int, code: str) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]["code"] == code
    return str(answer.json()["error"]["message"])


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_contract_of_rules(door: tuple[TestClient, AlertCase], slash: str) -> None:
    client, _ = door
    made = client.post(f"/api/alerts{slash}", json=SEED | {"threshold": 210.0})
    assert made.status_code == 201
    contract = {
        "id": 1,
        "name": "high",
        "metric": "price",
        "operator": ">",
        "threshold": 210.0,
        "symbols": ["btcusdt", "ethusdt"],
        "window": 20,
        "active": True,
        "last_triggered": None,
    }
    assert contract.items() <= made.json().items()
    assert made.json()["created_at"].endswith("Z")
    (listed,) = client.get(f"/api/alerts{slash}").json()["alerts"]
    assert listed == made.json()
    gone = client.delete(f"/api/alerts/1{slash}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(f"/api/alerts{slash}").json()["alerts"] == []


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_toggle_by_query_by_body_and_by_neither(door: tuple[TestClient, AlertCase], method: str) -> None:
    client, _ = door
    added(client)
    assert client.request(method, "/api/alerts/1/toggle?active=false").json()["active"] is False
    assert client.request(method, "/api/alerts/1/toggle/", json={"active": True}).json()["active"] is True
    assert client.request(method, "/api/alerts/1/toggle").json()["active"] is False
    assert client.request(method, "/api/alerts/1/toggle", json={}).json()["active"] is True
    refused(client.request(method, "/api/alerts/7/toggle"), 404, "unknown_name")


def test_history_tells_firings_and_on_request_everything(door: tuple[TestClient, AlertCase]) -> None:
    client, case = door
    added(client)
    for price in (211.0, 204.0, 212.0, 203.0):
        case.trade(price)
    events = client.get("/api/alerts/history").json()["events"]
    assert [one["metric_value"] for one in events] == [212.0, 211.0]
    contract = {"alert_id": 1, "name": "high", "metric": "price", "operator": ">", "threshold": 210.0}
    assert contract.items() <= events[0].items()
    assert events[0]["triggered_at"] == client.get("/api/alerts/1").json()["last_triggered"]
    assert client.get("/api/alerts/history/").json()["events"] == events
    first = client.get("/api/alerts/history?kind=all&limit=3").json()
    assert [one["kind"] for one in first["events"]] == ["resolved", "fired", "resolved"]
    last = client.get(f"/api/alerts/history?kind=all&limit=3&before={first['next']}").json()
    assert ([one["kind"] for one in last["events"]], last["next"]) == (["fired"], None)
    assert client.get("/api/alerts/history?alert_id=9").json() == {"events": [], "next": None}
    assert client.get("/api/alerts/history?source=demo").json()["events"] == []


def test_the_history_as_a_file(door: tuple[TestClient, AlertCase]) -> None:
    client, case = door
    added(client, name="=high, or so")
    for price in (211.0, 204.0):
        case.trade(price)
    answer = client.get("/api/alerts/history.csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="pairwatch-alerts-')
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["kind"] for row in rows] == ["resolved", "fired"]
    assert [row["values"] for row in rows] == ["204.0", "211.0"]
    assert {row["name"] for row in rows} == {"'=high, or so"}
    assert {row["conditions"] for row in rows} == {"price > 210.0 leave 205.0"}


def test_a_whole_rule_is_made_and_changed_field_by_field(door: tuple[TestClient, AlertCase]) -> None:
    client, _ = door
    conditions = [
        {"metric": "zscore", "operator": "abs>=", "threshold": 2.0, "leave": 1.5},
        {"metric": "price", "operator": ">", "threshold": 1.0, "symbol": "ethusdt"},
    ]
    body = {"name": "entry", "symbols": ["btcusdt", "ethusdt"], "timeframe": "1M", "window": 60, "hedge": "tls"}
    more = {"conditions": conditions, "join": "any", "hold_ms": 5_000, "most_per_hour": 3, "expires_ms": 2_000_000_000}
    made = client.post("/api/alerts", json=body | more)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["timeframe"], told["hedge"], told["join"], told["hold_ms"]) == ("1m", "tls", "any", 5_000)
    assert [one["symbol"] for one in told["conditions"]] == [None, "ETHUSDT"]
    changed = client.patch("/api/alerts/1", json={"window": 90, "expires_ms": None, "cooldown_ms": 60_000}).json()
    assert changed == told | {"window": 90, "expires_ms": None, "cooldown_ms": 60_000}
    said = refused(client.patch("/api/alerts/1", json={"threshold": 3.0}), 422, "bad_input")
    assert said == "threshold: this alert has 2 conditions; give the whole list"
    assert refused(client.patch("/api/alerts/1", json={"name": None}), 422, "bad_input").startswith("name: this cannot")
    one = client.patch("/api/alerts/1", json={"conditions": conditions[:1]}).json()
    assert len(one["conditions"]) == 1
    assert client.patch("/api/alerts/1", json={"threshold": 3.0, "leave": None}).json()["threshold"] == 3.0


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (SEED, "threshold: give the level of the alert, or its conditions"),
        (SEED | {"metric": "zscore", "threshold": 50.0}, "never exceeds"),
        (RULE | {"leave": 300.0}, "leave"),
        (RULE | {"symbols": ["BTCUSDT", "BTCUSDT"]}, "BTCUSDT"),
        (RULE | {"symbols": ["BTCUSDT@JAN", "ETHUSDT@JAN"]}, "“BTCUSDT@JAN” is not a symbol"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_field(
    door: tuple[TestClient, AlertCase], body: dict[str, Any], told: str
) -> None:
    assert told in refused(door[0].post("/api/alerts", json=body), 422, "bad_input")
    assert door[0].get("/api/alerts").json()["alerts"] == []


def test_an_unknown_field_or_a_single_leg_is_refused(door: tuple[TestClient, AlertCase]) -> None:
    assert door[0].post("/api/alerts", json=RULE | {"treshold": 1}).status_code == 422
    assert door[0].post("/api/alerts", json=RULE | {"symbols": ["BTCUSDT"]}).status_code == 422


def test_duplicate_and_the_way_back_from_a_removal(door: tuple[TestClient, AlertCase]) -> None:
    client, _ = door
    added(client)
    copy = client.post("/api/alerts/1/duplicate")
    assert (copy.status_code, copy.json()["name"], copy.json()["active"]) == (201, "high (2)", False)
    removal = client.delete("/api/alerts/1").headers["removal"]
    (removed,) = client.get("/api/alerts/removed").json()["removed"]
    assert (str(removed["removal"]), removed["name"]) == (removal, "high")
    assert client.post(f"/api/alerts/removed/{removal}/restore").json()["id"] == 1
    refused(client.post(f"/api/alerts/removed/{removal}/restore"), 404, "unknown_name")


def test_the_record_of_a_rule_before_and_after_it_is_kept(door: tuple[TestClient, AlertCase]) -> None:
    client, case = door
    for price in (211.0, 204.0, 211.0, 204.0):
        case.trade(price)
    record = client.post("/api/alerts/record", json=RULE).json()
    assert (record["available"], record["count"], record["bars"]) == (True, 2, 14)
    assert record["median_to_exit_ms"] is None
    assert "names no trade" in record["unavailable"]["median_to_exit_ms"]
    added(client)
    assert client.get("/api/alerts/1/record").json() == record
    none = client.post("/api/alerts/record", json=RULE | {"metric": "gap", "threshold": 1.0, "leave": None}).json()
    assert none["available"] is False
    assert "cannot be replayed" in none["unavailable"]["record"]


def test_how_a_rule_stands_is_told_with_its_numbers(door: tuple[TestClient, AlertCase]) -> None:
    client, case = door
    added(client)
    case.trade(211.0)
    answer = client.get("/api/alerts").json()
    assert answer["firing"] == 1
    (rule,) = answer["alerts"]
    assert (rule["state"]["word"], rule["state"]["event"], rule["state"]["source"]) == ("Firing", 1, "live")
    assert rule["conditions"][0]["value"] == 211.0


def test_channels_take_secrets_in_and_tell_a_made_one_once(door: tuple[TestClient, AlertCase]) -> None:
    client, _ = door
    made = client.put("/api/alerts/channels/desk", json={"url": "https://hooks.example.com/xyz"})
    secret = made.json()["made_secret"]
    assert secret.startswith("whsec_")
    again = client.put("/api/alerts/channels/Desk", json={"quiet": {"start_minute": 1320, "end_minute": 420}})
    assert (again.json()["name"], again.json()["made_secret"], again.json()["signing"]) == ("desk", None, 1)
    told = client.get("/api/alerts/channels").text
    assert "hooks.example.com" not in told
    assert secret not in told
    said = refused(client.put("/api/alerts/channels/x", json={"url": "http://127.0.0.1/"}), 422, "bad_input")
    assert "127.0.0.1" in said or "https" in said
    assert refused(client.put("/api/alerts/channels/x", json={}), 422, "bad_input").startswith("url: a new channel")
    assert client.delete("/api/alerts/channels/desk").status_code == 204
    refused(client.post("/api/alerts/channels/desk/test"), 404, "unknown_name")
