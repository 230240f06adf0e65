"""The ledger of holes and what health says of everything, field by field."""

from __future__ import annotations

import json
import threading
from urllib.request import ProxyHandler, build_opener

from analytics.errors import StoreError
from analytics.market import Gap, Ticks
from analytics.status import StoreFacts
from storage.memory import MemoryStore
from tests.api.door import api, api_server, served
from tests.fakes import wait_until
from tests.services.scripted import feed_pair, random_ticks, scripted_desk

FIELDS = ["symbol", "first_id", "last_id", "state", "cause", "opened_at", "closed_at"]


def ledger() -> MemoryStore:
    """Trades 1 to 100 of both legs with a hole in each state."""
    store = MemoryStore(lambda: 1_700_000_009_001)
    for symbol, opened_at_ms in (("BTCUSDT", 1_700_000_000_120), ("ETHUSDT", 1_700_000_005_000)):
        held = random_ticks(1, 100, 60_000.0)
        store.append(symbol, held.rows((held.trade_id < 20) | (held.trade_id > 40)))
        store.open_gap(Gap(symbol, 20, 40, "OPEN", "reconnect", opened_at_ms))
    store.append("BTCUSDT", held.rows((held.trade_id >= 20) & (held.trade_id < 30)), backfilled=True)
    store.lose_gap("BTCUSDT", 35, 40, "the exchange no longer has them", 1_700_000_008_000)
    return store


def test_every_row_of_the_ledger_is_told() -> None:
    store = ledger()
    with api(store) as (client, _desk, _feed):
        answer = client.get("/api/data/gaps").json()
        assert client.get("/api/data/gaps/").json() == answer
        bitcoin = client.get("/api/data/gaps", params={"symbol": "BtcUsdt"}).json()["gaps"]
        assert len(answer["gaps"]) == len(store.gaps())
    assert list(answer) == ["gaps"]
    assert all(list(gap) == FIELDS for gap in answer["gaps"])
    assert bitcoin == [gap for gap in answer["gaps"] if gap["symbol"] == "btcusdt"]
    assert [(g["first_id"], g["last_id"], g["state"], g["closed_at"] is None) for g in bitcoin] == [
        (20, 29, "FILLED", False),
        (30, 34, "OPEN", True),
        (35, 40, "LOST", False),
    ]
    assert bitcoin[1] == {
        "symbol": "btcusdt",
        "first_id": 30,
        "last_id": 34,
        "state": "OPEN",
        "cause": "reconnect",
        "opened_at": "2023-11-14T22:13:20.120Z",
        "closed_at": None,
    }
    assert bitcoin[2]["closed_at"] == "2023-11-14T22:13:28.000Z"
    assert bitcoin[2]["cause"] == "the exchange no longer has them"


def test_where_nothing_is_missing_the_list_is_empty() -> None:
    with api() as (client, _desk, feed):
        feed_pair(feed, 10)
        assert client.get("/api/data/gaps").json() == {"gaps": []}
        assert client.get("/api/data/gaps", params={"symbol": "ethusdt"}).json() == {"gaps": []}


def test_the_holes_of_an_unknown_symbol_are_an_error() -> None:
    with api() as (client, _desk, _feed):
        answer = client.get("/api/data/gaps", params={"symbol": "NOPEUSDT"})
        assert client.get("/api/data/gaps", params={"symbol": "BTC/USDT"}).status_code == 422
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_symbol")


def test_health_counts_holes_by_symbol_and_in_all() -> None:
    with api(ledger()) as (client, _desk, _feed):
        health = client.get("/api/health").json()
    by_symbol = {name: (one["gaps_open"], one["gaps_lost"]) for name, one in health["symbols"].items()}
    assert by_symbol == {"BTCUSDT": (1, 1), "ETHUSDT": (1, 0)}
    assert (health["gaps_open"], health["gaps_lost"], health["quarantined"]) == (2, 1, 0)
    assert health["store"]["trouble"] is None
    assert health["rest"] is None
    assert [link["route"] for link in health["connections"]] == ["scripted"]


class SulkingStore(MemoryStore):
    """Can say nothing of itself."""

    def facts(self) -> StoreFacts:
        raise StoreError("the database is locked")


def test_health_answers_whatever_the_store_does() -> None:
    with api(SulkingStore(lambda: 0)) as (client, _desk, _feed):
        answer = client.get("/api/health")
    assert answer.status_code == 200
    assert answer.json()["store"]["trouble"] == "the database is locked"


class HangingStore(MemoryStore):
    """Answers no read until it is let go."""

    def __init__(self) -> None:
        super().__init__(lambda: 0)
        self.waiting = 0
        self.let_go = threading.Event()

    def ticks_between(self, symbol: str, first_id: int, last_id: int, *, limit: int | None = None) -> Ticks:
        self.waiting += 1
        self.let_go.wait(20)
        return super().ticks_between(symbol, first_id, last_id, limit=limit)


def test_health_does_not_wait_behind_questions_that_hang_on_the_disk() -> None:
    store = HangingStore()
    store.append("BTCUSDT", random_ticks(1, 100, 60_000.0))
    opener = build_opener(ProxyHandler({}))
    with scripted_desk(store) as (desk, _feed, clock, _market), served(api_server(desk, clock)) as port:
        url = f"http://127.0.0.1:{port}/api"
        answers: list[int] = []

        def export() -> None:
            with opener.open(f"{url}/data/export?symbol=BTCUSDT&timeframe=tick", timeout=30) as answer:
                answers.append(answer.read().count(b"\n"))

        hanging = [threading.Thread(target=export) for _ in range(6)]
        for thread in hanging:
            thread.start()
        try:
            # All four threads of the Desk's pool hang, and two more questions wait for one.
            wait_until(lambda: store.waiting >= 4, what="the pool hangs")
            with opener.open(f"{url}/health", timeout=10) as answer:
                assert json.load(answer)["symbols"]["BTCUSDT"]["ticks_stored"] == 100
            assert answers == []
        finally:
            store.let_go.set()
            for thread in hanging:
                thread.join(20)
        assert answers == [101] * 6
