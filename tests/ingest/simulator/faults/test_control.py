"""The control interface over HTTP."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from ingest.simulator import LocalExchange
from tests.ingest.simulator.conftest import HandClock, RestClient, wait_until
from tests.ingest.simulator.faults.conftest import TRADES, Knock


def ask(
    exchange: LocalExchange,
    method: str,
    path: str,
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    connection = HTTPConnection(urlsplit(exchange.rest_url).netloc, timeout=10)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def post(exchange: LocalExchange, **order: object) -> tuple[int, Any]:
    return ask(exchange, "POST", "/control/fault", json.dumps(order))


def test_a_fault_over_http_does_what_the_method_does(exchange: LocalExchange, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    assert post(exchange, do="cut", how="close", code=1012) == (200, {"ok": True, "connections": 1})
    assert raw.frame()[0] == 0x88
    assert post(exchange, do="mute", symbols=["BTCUSDT"], streams="aggTrade") == (200, {"ok": True})
    assert [f["do"] for f in exchange.faults.state()["faults"]] == ["mute"]
    assert post(exchange, do="clear") == (200, {"ok": True})


def test_the_state_tells_what_is_going_on(exchange: LocalExchange, clock: HandClock, open_raw: Knock) -> None:
    open_raw(TRADES)
    open_raw("/public/stream?streams=ethusdt@trade/ethusdt@bookTicker")
    wait_until(lambda: exchange.connections() == 2)
    ask(exchange, "GET", "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1")
    status, state = ask(exchange, "GET", "/control/state")
    assert status == 200
    market, public = state["connections"]
    assert market["id"] < public["id"]
    assert (market["route"], market["streams"]) == ("market", ["btcusdt@aggTrade"])
    assert (public["route"], public["streams"]) == ("public", ["ethusdt@trade", "ethusdt@bookTicker"])
    assert 0 <= market["age_s"] < 10
    assert state["newest"]["BTCUSDT"] == exchange.newest_id("BTCUSDT")
    assert set(state["newest"]) == set(exchange.symbols())
    assert state["time_ms"] == clock.now_ms
    assert state["faults"] == []
    assert state["rest"]["count"] == {"/fapi/v1/klines": {"200": 1}}  # asking for the state is no REST request
    ((when, *rest),) = state["rest"]["log"]
    assert isinstance(when, int)
    assert rest == ["/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit=1", 200]


@pytest.mark.parametrize(
    ("order", "word"),
    [
        ("{", "Not a fault"),
        ("[]", "Expected `object`"),
        pytest.param('{"x":' + "[" * 100_000, "recursion", id="deep"),
        (b'{"do":"new_ids","symbol":"\xff"}', "decode"),
        ('{"do":"explode"}', "explode"),
        ('{"do":"cut","how":"softly"}', "softly"),
        ('{"do":"cut","howl":"fin"}', "howl"),
        ('{"do":"cut","connection":99}', "no connection 99"),
        ('{"do":"withhold","symbol":"NOSUCH","ids":1}', "NOSUCH"),
        ('{"do":"withhold","symbol":"BTCUSDT","ids":"5"}', "ids"),
        ('{"do":"withhold","ids":5}', "symbol"),
        ('{"do":"stall","for_s":NaN}', "Not a fault"),
        ('{"do":"door","how":"status","status":10}', "status"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_a_sentence(
    exchange: LocalExchange, order: str | bytes, word: str
) -> None:
    status, answer = ask(exchange, "POST", "/control/fault", order)
    assert status == 400
    assert set(answer) == {"error"}
    assert word in answer["error"]
    assert answer["error"].endswith(".")


def test_other_paths_and_methods_are_told_what_there_is(exchange: LocalExchange) -> None:
    for method, path in (("GET", "/control/fault"), ("POST", "/control/state"), ("GET", "/control/")):
        status, answer = ask(exchange, method, path)
        assert status == 404
        assert "/control/state" in answer["error"]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://127.0.0.1:8050"}, {"Origin": "null"}, {"Host": "evil.example"}, {"Host": "evil.example:80"}],
)
def test_a_web_page_cannot_drive_it(exchange: LocalExchange, headers: dict[str, str]) -> None:
    for method, path in (("GET", "/control/state"), ("POST", "/control/fault")):
        status, answer = ask(exchange, method, path, '{"do":"mute"}', headers)
        assert status == 403
        assert set(answer) == {"error"}
    assert exchange.faults.state()["faults"] == []


def test_rest_is_unaware_of_it(rest: RestClient) -> None:
    assert rest.ask("/control/state")[0] == 200
    assert rest.ask("/fapi/v1/ping")[1]["X-MBX-USED-WEIGHT-1M"] == "1"
