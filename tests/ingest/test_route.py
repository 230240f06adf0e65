"""The way to the exchange: the WebSocket and REST take the same one, and loopback never leaves the machine."""

from __future__ import annotations

import base64
import socket

import pytest
import requests

from ingest.live import LiveFeed
from ingest.route import ProxyRefusal, proxy_for
from ingest.session import FeedSession
from services.clock import SystemClock
from tests.fakes import wait_until
from tests.ingest.feeding import ids, running
from tests.ingest.proxy import proxying
from tests.ingest.scripted import Peer, scripted

CLOCK = SystemClock()
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
# A name that no name server knows: only the proxy can lead there.
NAME = "fstream.made-up.invalid"


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def beating(peer: Peer) -> None:
    peer.heartbeat()
    peer.trade(1)
    peer.beat_until_gone()


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_the_feed_goes_through_the_proxy_that_the_environment_names(
    variable: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(beating) as server, proxying() as proxy:
        monkeypatch.setenv(variable, f"{scheme}127.0.0.1:{proxy.port}")
        feed = LiveFeed(f"ws://{NAME}:{server.port}/market", FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed) as events:
            wait_until(lambda: ids(events, "BTCUSDT").tolist() == [1], what="the trade through the proxy")
        assert proxy.asked == [f"{NAME}:{server.port}"]


def test_a_proxy_gets_the_login_of_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(beating) as server, proxying() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://al%40ice:s3cret@127.0.0.1:{proxy.port}")
        feed = LiveFeed(f"ws://{NAME}:{server.port}/market", FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed):
            wait_until(lambda: feed.link.state == "LIVE", what="live")
        login = base64.b64encode(b"al@ice:s3cret")
        assert b"Proxy-Authorization: Basic " + login in proxy.heads[0]


def test_a_proxy_that_dies_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(beating) as server, proxying() as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        feed = LiveFeed(f"ws://{NAME}:{server.port}/market", FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed):
            wait_until(lambda: feed.link.state == "LIVE", what="live")
            proxy.cut()
            wait_until(lambda: feed.link.state == "OFFLINE", what="offline")
            assert f"the proxy 127.0.0.1:{proxy.port} cannot be reached" in (feed.link.reason or "")
            assert NAME in (feed.link.reason or "")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "asks for a login (HTTP 407)"),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "(HTTP 503)"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "something other than HTTP"),
        (b"HTTP/1.1 200", "dropped the connection"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 40_000, "dropped the connection"),
    ],
)
def test_what_a_proxy_does_wrong_is_named(answer: bytes, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxying(answer) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
        feed = LiveFeed(f"ws://{NAME}:9/market", FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed):
            wait_until(lambda: feed.link.state == "OFFLINE", what="offline")
            assert words in (feed.link.reason or "")
            assert f"the proxy 127.0.0.1:{proxy.port}" in (feed.link.reason or "")


def test_loopback_is_never_proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(beating) as server, proxying() as proxy:
        for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy.port}")
        for host in ("127.0.0.1", "localhost"):
            feed = LiveFeed(f"ws://{host}:{server.port}/market", FeedSession({}), CLOCK, ["BTCUSDT"])
            with running(feed):
                wait_until(lambda feed=feed: feed.link.state == "LIVE", what="live")  # type: ignore[misc]
        assert proxy.asked == []


@pytest.mark.parametrize("except_for", ["*", NAME, "made-up.invalid", ".invalid", f"other.example, {NAME}"])
def test_no_proxy_is_heeded(except_for: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    url = f"wss://{NAME}/market"
    proxy = proxy_for(url)
    assert proxy is not None
    assert (proxy.host, proxy.port) == ("proxy.example", 3128)
    monkeypatch.setenv("NO_PROXY", except_for)
    assert proxy_for(url) is None


@pytest.mark.parametrize("variable", VARIABLES[:3])
@pytest.mark.parametrize("secure", [True, False])
def test_rest_and_websocket_choose_the_same_proxy(variable: str, secure: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "http://proxy.example:3128")
    rest = f"{'https' if secure else 'http'}://{NAME}/fapi/v1/time"
    with requests.Session() as session:
        chosen = session.merge_environment_settings(rest, {}, None, None, None)["proxies"]
    expected = requests.utils.select_proxy(rest, chosen)
    proxy = proxy_for(f"{'wss' if secure else 'ws'}://{NAME}/market")
    assert (None if proxy is None else f"http://{proxy.host}:{proxy.port}") == expected


def test_a_proxy_of_another_kind_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    with pytest.raises(ProxyRefusal, match="give an http:// one"):
        proxy_for(f"wss://{NAME}/market")
    feed = LiveFeed(f"wss://{NAME}/market", FeedSession({}), CLOCK, ["BTCUSDT"])
    with running(feed):
        wait_until(lambda: feed.link.state == "OFFLINE", what="offline")
        assert "socks5://127.0.0.1 cannot be used" in (feed.link.reason or "")


def test_a_name_that_cannot_be_looked_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = LiveFeed(f"wss://{NAME}/market", FeedSession({}), CLOCK, ["BTCUSDT"])
    with running(feed):
        wait_until(lambda: feed.link.state == "OFFLINE", what="offline")
        assert "cannot be looked up" in (feed.link.reason or "")


def test_a_server_that_never_answers_the_handshake_does_not_hold_up_the_end() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        feed = LiveFeed(f"ws://127.0.0.1:{listener.getsockname()[1]}/market", FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed):
            peer, _ = listener.accept()
            peer.settimeout(5)
            assert peer.recv(4096).startswith(b"GET /market/stream?streams=btcusdt@aggTrade")
            assert feed.link.state == "CONNECTING"
        # The attempt was ended with the feed: nobody waits for an answer any longer.
        while peer.recv(4096):
            pass
        peer.close()
