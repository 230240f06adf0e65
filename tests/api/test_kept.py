"""What the user keeps, over REST: everything can be read, changed, taken back, carried away and brought in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from services.desk import Desk
from tests.api.door import api, api_server
from tests.fakes import FakeClock

PAIR = {"symbol_a": "SolUsdt", "symbol_b": "AVAXUSDT", "timeframe": "1M", "window": 60, "pinned": True}
MORNING = {"name": "Morning", "address": "/?pair=BTCUSDT-ETHUSDT&tf=1s", "watchlist": "Majors"}


@pytest.fixture
def door() -> Iterator[tuple[TestClient, Desk]]:
    with api() as (client, desk, _feed):
        yield client, desk


@pytest.fixture
def client(door: tuple[TestClient, Desk]) -> TestClient:
    return door[0]


def refused(answer: Any, status: int, code: str) -> str:
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    assert answer.json()["error"]["code"] == code
    return str(answer.json()["error"]["message"])


def test_preferences_change_one_by_one(client: TestClient) -> None:
    before = client.get("/api/kept/preferences").json()
    assert before == {
        "theme": "system",
        "colours": "safe",
        "zone": "utc",
        "taker_fee_bp": 5.0,
        "maker_fee_bp": 2.0,
        "entry_zscore": 2.0,
        "exit_zscore": 0.0,
        "stop_zscore": 3.5,
    }
    after = client.put("/api/kept/preferences", json={"theme": "light", "taker_fee_bp": 4.5}).json()
    assert after == before | {"theme": "light", "taker_fee_bp": 4.5}
    assert client.get("/api/kept/preferences").json() == after
    assert client.put("/api/kept/preferences", json={"theme": "pink"}).status_code == 422
    assert client.put("/api/kept/preferences", json={"fee": 1}).status_code == 422
    told = refused(client.put("/api/kept/preferences", json={"entry_zscore": 5}), 422, "bad_input")
    assert told == "the levels must be in order, exit < entry < stop: 0, 5 and 3.5 are not"
    assert client.get("/api/kept/preferences").json() == after


def test_a_watchlist_from_its_making_to_its_return(client: TestClient) -> None:
    (majors,) = client.get("/api/watchlists").json()["watchlists"]
    assert majors["name"] == "Majors"
    made = client.post("/api/watchlists", json={"name": " Alts ", "pairs": [PAIR]})
    assert made.status_code == 201
    assert made.json()["name"] == "Alts"
    assert made.json()["pairs"] == [
        {
            "symbol_a": "solusdt",
            "symbol_b": "avaxusdt",
            "timeframe": "1m",
            "window": 60,
            "lookback": None,
            "hedge": "ols",
            "fixed_ratio": None,
            "include_intercept": True,
            "price_scale": "level",
            "correlation": "pearson",
            "exit_zscore": 0.0,
            "pinned": True,
        }
    ]
    assert client.get("/api/watchlists/alts").json() == made.json()
    assert "“alts” already" in refused(client.post("/api/watchlists", json={"name": "alts"}), 409, "name_taken")
    renamed = client.put("/api/watchlists/alts", json={"name": "Small ones"}).json()
    assert renamed == made.json() | {"name": "Small ones"}
    assert client.put("/api/watchlists/small ones", json={"pairs": []}).json() == {"name": "Small ones", "pairs": []}
    gone = client.delete("/api/watchlists/Small ones").json()
    assert gone["kind"] == "watchlist"
    assert "“Majors”" in refused(client.get("/api/watchlists/Small ones"), 404, "unknown_name")
    assert client.get("/api/kept/removed").json()["removed"][0] == gone
    assert client.post(f"/api/kept/removed/{gone['removal']}/restore").json() == gone
    assert client.get("/api/watchlists/small ones").status_code == 200
    refused(client.post(f"/api/kept/removed/{gone['removal']}/restore"), 404, "unknown_name")


def test_the_only_watchlist_stays(client: TestClient) -> None:
    assert "only watchlist" in refused(client.delete("/api/watchlists/Majors"), 422, "bad_input")


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        (PAIR | {"symbol_b": "solusdt"}, "two different symbols"),
        (PAIR | {"hedge": "fixed"}, "belongs to hedge “fixed”"),
    ],
)
def test_a_pair_that_cannot_be_is_refused(client: TestClient, pair: dict[str, Any], told: str) -> None:
    assert told in refused(client.post("/api/watchlists", json={"name": "A", "pairs": [pair]}), 422, "bad_input")
    assert client.post("/api/watchlists", json={"name": "A", "pairs": [pair | {"window": 1}]}).status_code == 422


def test_a_workspace_from_its_saving_to_its_return(client: TestClient) -> None:
    saved = client.post("/api/workspaces", json=MORNING)
    assert saved.status_code == 201
    assert saved.json() == MORNING | {"saved_at": saved.json()["saved_at"]}
    changed = client.put("/api/workspaces/morning", json={"name": "Noon", "address": "/watchlist"}).json()
    assert (changed["name"], changed["address"], changed["watchlist"]) == ("Noon", "/watchlist", "Majors")
    assert client.get("/api/workspaces").json() == {"workspaces": [changed]}
    assert client.get("/api/workspaces/noon").json() == changed
    gone = client.delete("/api/workspaces/Noon").json()
    refused(client.get("/api/workspaces/Noon"), 404, "unknown_name")
    client.post(f"/api/kept/removed/{gone['removal']}/restore")
    assert client.get("/api/workspaces").json() == {"workspaces": [changed]}


@pytest.mark.parametrize("address", ["https://evil.example", "//evil.example", "javascript:alert(1)", "/a b"])
def test_a_workspace_leads_nowhere_else(client: TestClient, address: str) -> None:
    refused(client.post("/api/workspaces", json=MORNING | {"address": address}), 422, "bad_input")


def test_everything_is_carried_away_and_brought_in_elsewhere(client: TestClient) -> None:
    client.put("/api/kept/preferences", json={"theme": "light"})
    client.post("/api/watchlists", json={"name": "Alts", "pairs": [PAIR]})
    client.post("/api/workspaces", json=MORNING)
    file = client.get("/api/kept/export")
    assert file.headers["content-disposition"].startswith('attachment; filename="pairwatch-kept-2023')
    with TestClient(api_server(Desk(FakeClock(), ("BTCUSDT", "ETHUSDT")), FakeClock())) as elsewhere:
        seen = elsewhere.post("/api/kept/import?dry_run=true", content=file.content).json()
        assert seen == {
            "applied": False,
            "preferences": ["theme"],
            "watchlists": {"added": ["Alts"], "replaced": [], "alike": ["Majors"]},
            "workspaces": {"added": ["Morning"], "replaced": [], "alike": []},
            "alerts": {"added": [], "replaced": [], "alike": []},
            "removal": None,
        }
        assert elsewhere.get("/api/workspaces").json() == {"workspaces": []}
        done = elsewhere.post("/api/kept/import", content=file.content).json()
        assert done == seen | {"applied": True, "removal": 1}
        assert json.loads(elsewhere.get("/api/kept/export").text) == json.loads(file.text)


def test_a_file_with_a_fault_is_refused_whole(client: TestClient) -> None:
    document = json.loads(client.get("/api/kept/export").text)
    document["watchlists"].append({"name": "Bad", "pairs": [{"symbol_a": "btcusdt"}]})
    told = refused(client.post("/api/kept/import", content=json.dumps(document)), 422, "bad_input")
    assert told.startswith("watchlists[1].pairs[0]: symbol_b is missing")
    assert "not JSON" in refused(client.post("/api/kept/import", content=b"\xff\x00"), 422, "bad_input")
    assert len(client.get("/api/watchlists").json()["watchlists"]) == 1


@pytest.mark.parametrize("told_beforehand", [True, False])
def test_a_body_beyond_the_cap_is_not_read(client: TestClient, told_beforehand: bool) -> None:
    big = b" " * ((1 << 20) + 1)
    content: Any = big if told_beforehand else iter([big[:70_000]] * 16)
    answer = client.post("/api/kept/import", content=content)
    assert "longer than 1,024 KiB" in refused(answer, 413, "too_large")
    assert client.get("/api/watchlists").status_code == 200


def test_a_body_of_exactly_the_cap_is_read(client: TestClient) -> None:
    text = client.get("/api/kept/export").content
    assert client.post("/api/kept/import", content=text.ljust(1 << 20)).status_code == 200


def test_names_of_every_script_and_sign_make_the_way_there_and_back(client: TestClient) -> None:
    name = "Ätna & 東京 100 %?"
    made = client.post("/api/watchlists", json={"name": name}).json()
    assert made["name"] == name
    assert client.get(f"/api/watchlists/{quote(name)}").json() == made
    refused(client.post("/api/watchlists", json={"name": "a/b"}), 422, "bad_input")
