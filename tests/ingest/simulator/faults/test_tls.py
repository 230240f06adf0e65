"""The same exchange behind TLS, with a certificate that nobody trusts by itself."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from ingest.simulator import LocalExchange
from tests.ingest.simulator.certificate import self_signed
from tests.ingest.simulator.conftest import HandClock, wait_until
from tests.ingest.simulator.faults.conftest import port_of


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def exchange(clock: HandClock, files: tuple[Path, Path]) -> Iterator[LocalExchange]:
    with LocalExchange(seed=7, now_ms=clock, tls=files) as running:
        yield running


@pytest.fixture
def trusting(files: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(files[0]))


def test_streams_and_rest_are_served_over_tls(
    exchange: LocalExchange, clock: HandClock, trusting: ssl.SSLContext
) -> None:
    assert exchange.market_ws_url == f"wss://127.0.0.1:{port_of(exchange)}/market"
    assert exchange.public_ws_url.startswith("wss://")
    assert exchange.rest_url.startswith("https://")
    rest = HTTPSConnection("127.0.0.1", port_of(exchange), timeout=10, context=trusting)
    rest.request("GET", "/fapi/v1/time")
    assert json.loads(rest.getresponse().read()) == {"serverTime": clock.now_ms}
    rest.request("POST", "/control/fault", body='{"do":"mute","symbols":["ETHUSDT"]}')
    assert json.loads(rest.getresponse().read()) == {"ok": True}
    rest.close()
    with connect(exchange.market_ws_url + "/ws/btcusdt@aggTrade", ssl=trusting, proxy=None, close_timeout=0.2) as feed:
        clock.advance(3_000)
        assert json.loads(feed.recv(timeout=10))["s"] == "BTCUSDT"


@pytest.mark.parametrize("how", ["fin", "rst", "mid_frame"])
def test_faults_reach_through_tls(exchange: LocalExchange, trusting: ssl.SSLContext, how: str) -> None:
    with connect(exchange.market_ws_url + "/ws/btcusdt@aggTrade", ssl=trusting, proxy=None, close_timeout=0.2) as feed:
        assert exchange.faults.cut(how=how)["connections"] == 1  # type: ignore[arg-type]
        with pytest.raises(ConnectionClosed) as ended:
            feed.recv(timeout=10)
        assert ended.value.rcvd is None
    wait_until(lambda: exchange.connections() == 0)


def test_a_client_that_does_not_trust_it_fails_and_nobody_else_notices(
    exchange: LocalExchange, trusting: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(exchange.market_ws_url + "/ws", ssl=ssl.create_default_context(), proxy=None).close()
    with socket.create_connection(("127.0.0.1", port_of(exchange)), timeout=10) as plain:
        plain.sendall(b"GET /fapi/v1/time HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not plain.recv(1_024).startswith(b"HTTP/1.1 200")
    with connect(exchange.market_ws_url + "/ws", ssl=trusting, proxy=None) as feed:
        feed.ping().wait(10)
        exchange.stop()
    assert not caplog.records
    assert "local-exchange" not in {thread.name for thread in threading.enumerate()}


def test_files_that_are_no_certificate_are_told_at_once(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with pytest.raises(FileNotFoundError):
        LocalExchange(tls=(tmp_path / "none.pem", files[1]))
    with pytest.raises(ssl.SSLError):
        LocalExchange(tls=(files[1], files[1]))
