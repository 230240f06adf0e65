"""Scripted REST answers, the horizon, and the record of requests."""

from __future__ import annotations

import json
import threading
from http.client import HTTPConnection, HTTPResponse, IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit

import pytest

from ingest.simulator import LocalExchange
from ingest.simulator.faults import FaultRefused
from tests.ingest.simulator.conftest import NOON_MS, HandClock, RestClient

TIME = "/fapi/v1/time"
TRADES = "/fapi/v1/aggTrades?symbol=BTCUSDT"
HOUR_MS = 3_600_000


def answer(exchange: LocalExchange, target: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(exchange.rest_url).netloc, timeout=10)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("status", [418, 429, 403, 451, 500, 503])
def test_a_status_is_answered_exactly_so_many_times(exchange: LocalExchange, rest: RestClient, status: int) -> None:
    exchange.faults.rest("/fapi/v1/agg", status=status, retry_after=7, count=3)
    for _ in range(3):
        assert rest.ask(TIME)[0] == 200  # another path
        got, headers, body = rest.ask(TRADES)
        assert (got, headers["Retry-After"]) == (status, "7")
        assert isinstance(body["code"], int)
        assert body["msg"]
    assert rest.ask(TRADES)[0] == 200
    counted = exchange.faults.state()["rest"]["count"]
    assert counted == {TIME: {"200": 3}, "/fapi/v1/aggTrades": {str(status): 3, "200": 1}}


def test_a_ban_tells_until_when(exchange: LocalExchange, rest: RestClient) -> None:
    exchange.faults.rest(status=418, retry_after=120)
    assert f"banned until {NOON_MS + 120_000}" in rest.ask(TIME)[2]["msg"]


def test_the_newest_script_answers_and_then_the_one_before(exchange: LocalExchange, rest: RestClient) -> None:
    exchange.faults.rest(status=500)
    exchange.faults.rest(TIME, status=429, count=1)
    assert [f["status"] for f in exchange.faults.state()["faults"]] == [500, 429]
    assert [rest.ask(TIME)[0] for _ in range(3)] == [429, 500, 500]
    assert exchange.faults.state()["faults"] == [
        {
            "do": "rest",
            "path": "/",
            "status": 500,
            "body": "json",
            "delay_s": 0.0,
            "drop": False,
            "used": 2,
        }
    ]
    exchange.faults.clear()
    assert rest.ask(TIME)[0] == 200


@pytest.mark.parametrize("status", [None, 200, 502])
def test_bodies_that_are_not_what_was_asked_for(exchange: LocalExchange, status: int | None) -> None:
    exchange.faults.rest(status=status, body="html", count=1)
    response, body = answer(exchange, TIME)
    assert (response.status, response.headers.get_content_type()) == (status or 200, "text/html")
    assert body.startswith(b"<!DOCTYPE html>")
    exchange.faults.rest(status=status, body="empty", count=1)
    assert answer(exchange, TIME)[1] == b""
    exchange.faults.rest(status=status, body="truncated", count=1)
    with pytest.raises(IncompleteRead) as cut:
        answer(exchange, TIME)
    assert len(cut.value.partial) > 5
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.value.partial)
    assert json.loads(answer(exchange, TIME)[1]) == {"serverTime": NOON_MS}


def test_a_dropped_request_gets_no_answer_and_is_counted(exchange: LocalExchange, rest: RestClient) -> None:
    exchange.faults.rest(TIME, drop=True)
    with pytest.raises(RemoteDisconnected):
        rest.ask(TIME)
    assert exchange.faults.state()["rest"]["count"] == {TIME: {"0": 1}}


def test_a_slow_answer_is_true_and_holds_up_nobody_else(exchange: LocalExchange, rest: RestClient) -> None:
    exchange.faults.rest(TIME, delay_s=0.5)
    slow: list[bytes] = []
    asking = threading.Thread(target=lambda: slow.append(answer(exchange, TIME)[1]))
    asking.start()
    while not exchange.faults.state()["rest"]["log"]:
        assert asking.is_alive()
    assert rest.ask("/fapi/v1/ping")[0] == 200
    assert [row[3] for row in exchange.faults.state()["rest"]["log"]] == [None, 200]
    asking.join(10)
    assert json.loads(slow[0]) == {"serverTime": NOON_MS}
    first, second = exchange.faults.state()["rest"]["log"]
    assert first[1:] == [TIME, "", 200]
    assert second[1:] == ["/fapi/v1/ping", "", 200]
    assert first[0] <= second[0]


def test_a_script_ends_by_itself_after_its_time(exchange: LocalExchange, rest: RestClient) -> None:
    exchange.faults.rest(status=500, for_s=0.05)
    statuses = []
    while 200 not in statuses:
        statuses.append(rest.ask(TIME)[0])
    assert set(statuses[:-1]) <= {500}
    assert exchange.faults.state()["faults"] == []


def test_beyond_the_horizon_there_are_the_oldest_rows_or_none_or_an_error(
    exchange: LocalExchange, rest: RestClient, clock: HandClock
) -> None:
    newest = exchange.newest_id("BTCUSDT")
    rows = rest.rows(f"{TRADES}&endTime={NOON_MS - HOUR_MS // 2}&limit=1000")
    inside, outside = rows[-1]["a"], newest - 200_000
    assert rest.rows(f"{TRADES}&fromId={outside}&limit=1")[0]["a"] == outside  # the usual 48 hours
    for answer_word in ("rows", "empty", "error"):
        exchange.faults.horizon(0.75, answer=answer_word)
        assert rest.rows(f"{TRADES}&fromId={inside}&limit=1")[0]["a"] == inside
        status, _, body = rest.ask(f"{TRADES}&fromId={outside}&limit=5")
        if answer_word == "rows":
            assert [row["a"] for row in body] == list(range(body[0]["a"], body[0]["a"] + 5))
            first = exchange.truth("BTCUSDT", body[0]["a"] - 1, body[0]["a"]).time_ms
            assert first[0] < NOON_MS - 0.75 * HOUR_MS <= first[1] == body[0]["T"]  # the very oldest
        elif answer_word == "empty":
            assert (status, body) == (200, [])
        else:
            assert status == 400
            assert body["code"] < 0
    assert exchange.faults.state()["faults"] == [{"do": "horizon", "hours": 0.75, "answer": "error"}]
    exchange.faults.clear()
    assert rest.rows(f"{TRADES}&fromId={outside}&limit=1")[0]["a"] == outside


def test_a_fault_that_is_not_running_is_an_error() -> None:
    exchange = LocalExchange()
    with pytest.raises(RuntimeError, match="not running"):
        exchange.faults.clear()
    with pytest.raises(FaultRefused):
        exchange.faults.withhold("BTCUSDT", 0)
