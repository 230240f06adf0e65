"""Rows 19 to 21 of the fault matrix: what REST answers, and what stands on the way to it."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from ingest.ban_file import remembered_budget
from ingest.weight import WeightBudget
from tests.fakes import wait_until
from tests.reliability.skewed_clock import SkewedClock
from tests.reliability.stage import GENEROUS, Inside, Stage

TRADES = "/fapi/v1/aggTrades"
BANS = {418: 121_000, 403: 301_000, 451: 301_000}


def passed(stage: Stage, product: Inside) -> None:
    stage.quiesce(product.seen)
    product.market.stop()
    verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0


def hole(stage: Stage) -> None:
    """A hole that only REST can fill."""
    told = stage.exchange.faults.withhold("BTCUSDT", 10)
    wait_until(lambda: stage.exchange.newest_id("BTCUSDT") > told["last_id"] + 3, what="the hole is behind us")


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"status": 503, "body": "html"},
        {"status": 200, "body": "html"},
        {"status": 200, "body": "empty"},
        {"body": "truncated"},
        {"drop": True},
        {"status": 429, "retry_after": 2},
    ],
    ids=str,
)
def test_row_19_a_bad_answer_means_later_and_never_lost(tmp_path: Path, answer: dict[str, Any]) -> None:
    with Stage(tmp_path, seed=19) as stage, Inside(stage) as product:
        product.until_live()
        before = len(stage.asked())
        stage.exchange.faults.rest(TRADES, **answer)
        hole(stage)
        wait_until(lambda: len(stage.asked()) > before, what="REST is asked")
        wait_until(lambda: product.seen()["BTCUSDT"].gaps_open, what="the hole is open")
        live = product.seen()["ETHUSDT"].last_id or 0
        wait_until(lambda: (product.seen()["ETHUSDT"].last_id or 0) > live, what="the feed goes on")
        assert product.seen()["BTCUSDT"].gaps_lost == 0
        stage.exchange.faults.clear()
        passed(stage, product)


def test_row_19_an_answer_that_never_comes_means_later(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=190) as stage, Inside(stage) as product:
        product.until_live()
        stage.exchange.faults.rest(TRADES, delay_s=60, count=1)
        hole(stage)
        live = product.seen()["ETHUSDT"].last_id or 0
        wait_until(lambda: (product.seen()["ETHUSDT"].last_id or 0) > live, what="the feed goes on")
        passed(stage, product)


@pytest.mark.parametrize("status", sorted(BANS))
def test_row_19_a_ban_holds_for_every_request_and_over_a_restart(tmp_path: Path, status: int) -> None:
    clock = SkewedClock()
    with Stage(tmp_path, seed=status) as stage:

        def budget() -> WeightBudget:
            return remembered_budget(stage.data_dir / "bans.json", stage.exchange.rest_url, clock.now_ms())

        with Inside(stage, clock=clock, budget=budget()) as product:
            product.until_live()
            stage.exchange.faults.rest("/", status=status)
            hole(stage)
            wait_until(lambda: stage.asked()[-1][2] == status, what="the exchange bans us")
            asked = len(stage.asked())
            live = product.seen()["BTCUSDT"].last_id or 0
            wait_until(lambda: (product.seen()["BTCUSDT"].last_id or 0) > live + 20, what="the feed goes on")
            assert len(stage.asked()) == asked
        with Inside(stage, clock=clock, budget=budget()) as product:
            wait_until(lambda: (product.seen()["BTCUSDT"].last_id or 0) > live + 50, what="the feed goes on")
            assert len(stage.asked()) == asked
            stage.exchange.faults.clear()
            assert product.seen()["BTCUSDT"].gaps_open > 0
        # The ban is over by the wall clock; whoever starts now asks.
        clock.wall_ms += BANS[status]
        with Inside(stage, clock=clock, budget=budget()) as product:
            passed(stage, product)


def test_row_20_a_refused_connection_is_told_and_tried_again(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=20) as stage:
        stage.exchange.faults.door("refuse")
        with Inside(stage) as product:
            wait_until(lambda: "OFFLINE" in {one.state for one in product.seen().values()}, what="it is OFFLINE")
            assert all(one.reason for one in product.seen().values())
            stage.exchange.faults.door("open")
            product.until_live()
            passed(stage, product)


def test_row_20_a_captive_portal_is_told_and_tried_again(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=200) as stage:
        stage.exchange.faults.door("html")
        stage.exchange.faults.rest("/", status=200, body="html")
        with Inside(stage) as product:
            wait_until(lambda: "OFFLINE" in {one.state for one in product.seen().values()}, what="it is OFFLINE")
            assert all(one.reason for one in product.seen().values())
            assert all(one.ticks_stored == 0 for one in product.seen().values())
            stage.exchange.faults.clear()
            product.until_live()
            passed(stage, product)


def test_row_20_a_name_that_cannot_be_looked_up_is_told(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=201) as stage:
        nowhere: dict[str, Any] = {
            "market_ws_url": "ws://no-such-host.invalid/market",
            "rest_url": "http://no-such-host.invalid",
        }
        with Inside(stage, **nowhere) as product:
            told = "cannot be looked up"
            wait_until(lambda: all(told in (one.reason or "") for one in product.seen().values()), what=told)
            assert {one.state for one in product.seen().values()} <= {"OFFLINE", "CONNECTING"}


class DeafProxy:
    """Counts who comes to it, and hangs up."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.visits = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            self.visits += 1
            client.close()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=5)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Any:
    deaf = DeafProxy()
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, deaf.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield deaf
    deaf.close()


def test_row_21_loopback_is_never_sent_through_a_proxy(tmp_path: Path, proxy: DeafProxy) -> None:
    with Stage(tmp_path, seed=21) as stage, Inside(stage) as product:
        product.until_live()
        hole(stage)
        passed(stage, product)
    assert proxy.visits == 0


def test_row_21_a_proxy_is_used_for_rest_and_websocket_alike(tmp_path: Path, proxy: DeafProxy) -> None:
    with Stage(tmp_path, seed=210) as stage:
        elsewhere: dict[str, Any] = {
            "market_ws_url": "ws://exchange.invalid/market",
            "rest_url": "http://exchange.invalid",
        }
        with Inside(stage, budget=WeightBudget(per_minute=GENEROUS), **elsewhere) as product:
            # The name is never looked up here: that is the proxy's business, for both.
            wait_until(lambda: proxy.visits >= 2, what="both came to the proxy")
            wait_until(lambda: all(one.reason for one in product.seen().values()), what="the reason is told")
            assert not any("looked up" in (one.reason or "") for one in product.seen().values())
