"""A running local exchange with a clock in the test's hand, and plain clients for it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.sync.client import ClientConnection, connect

from ingest.simulator import LocalExchange

NOON_MS = 1_772_712_000_000  # 2026-03-05T12:00:00Z


class HandClock:
    """Wall time that moves only when it is told to."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def advance(self, milliseconds: int) -> None:
        self.now_ms += milliseconds


class RestClient:
    """One keep-alive HTTP connection of the standard library (no proxy, no retries)."""

    def __init__(self, url: str) -> None:
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=10)

    def ask(self, target: str, method: str = "GET") -> tuple[int, dict[str, str], Any]:
        """(status, headers, JSON)."""
        self.connection.request(method, target)
        response = self.connection.getresponse()
        body = response.read()
        return response.status, dict(response.getheaders()), json.loads(body) if body else None

    def rows(self, target: str) -> Any:
        status, _, body = self.ask(target)
        assert status == 200, body
        return body


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON_MS)


@pytest.fixture
def exchange(clock: HandClock) -> Iterator[LocalExchange]:
    with LocalExchange(seed=7, now_ms=clock) as running:
        yield running


@pytest.fixture
def rest(exchange: LocalExchange) -> Iterator[RestClient]:
    client = RestClient(exchange.rest_url)
    yield client
    client.connection.close()


@pytest.fixture
def dial() -> Iterator[Callable[[str], ClientConnection]]:
    """Opens WebSockets and closes them at the end. Loopback is never proxied."""
    with ExitStack() as opened:
        yield lambda url: opened.enter_context(connect(url, proxy=None, open_timeout=10, close_timeout=0.1))


def messages(connection: ClientConnection, count: int, timeout_s: float = 10) -> list[Any]:
    """The next `count` messages."""
    return [json.loads(connection.recv(timeout=timeout_s)) for _ in range(count)]


def wait_until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    """Poll until it holds; fail after the deadline."""
    pause = threading.Event()
    for _ in range(int(timeout_s * 100)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("the condition did not become true in time")
