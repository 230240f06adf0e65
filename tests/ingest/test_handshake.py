"""What stands between the feed and its first message: refusals, login pages, certificates."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ingest.live import LiveFeed
from ingest.session import FeedSession
from services.clock import SystemClock
from tests.fakes import wait_until
from tests.ingest.feeding import ids, running
from tests.ingest.scripted import Peer, scripted

CLOCK = SystemClock()


@contextmanager
def answering(reply: bytes) -> Iterator[int]:
    """A server that gives every connection the same bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    peer, _ = listener.accept()
                except TimeoutError:
                    continue
                with peer:
                    peer.settimeout(1)
                    peer.recv(4096)
                    with suppress(OSError):  # a client that has seen enough
                        peer.sendall(reply)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            ended.set()
            thread.join(timeout=5)


def http(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@pytest.mark.parametrize(
    ("reply", "state", "words"),
    [
        (http("451 Unavailable For Legal Reasons", b""), "BLOCKED", ("451", "--source demo", "--replay", "spot")),
        (http("403 Forbidden", b"<html>WAF</html>"), "BLOCKED", ("403", "some minutes")),
        (http("418 I'm a teapot", b"{}", "Retry-After: 600"), "BLOCKED", ("418", "banned")),
        (http("503 Service Unavailable", b""), "OFFLINE", ("HTTP 503",)),
        (http("200 OK", b"<html>Please log in</html>"), "OFFLINE", ("HTTP 200", "login")),
        (http("302 Found", b"", "Location: http://login.example/"), "OFFLINE", ("HTTP 302", "login")),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "OFFLINE", ("cannot be reached",)),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "OFFLINE", ("cannot be reached",)),
        (b"HTTP/1.1 101 Switching Protocols\r\nX: " + b"x" * 400_000, "OFFLINE", ("does not end",)),
    ],
)
def test_an_answer_that_is_no_handshake_is_told_as_what_it_is(reply: bytes, state: str, words: tuple[str, ...]) -> None:
    with answering(reply) as port:
        feed = LiveFeed(f"ws://127.0.0.1:{port}/market", FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed):
            wait_until(lambda: feed.link.state != "CONNECTING", what="an answer")
            assert feed.link.state == state
            assert feed.link_of("BTCUSDT") == feed.link
            assert [word for word in words if word not in (feed.link.reason or "")] == []


def test_a_refused_connection_is_offline_with_its_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = int(closed.getsockname()[1])
    feed = LiveFeed(f"ws://127.0.0.1:{port}/market", FeedSession({}), CLOCK, ["BTCUSDT"])
    with running(feed):
        wait_until(lambda: feed.link.state == "OFFLINE", what="offline")
        assert "refuses the connection" in (feed.link.reason or "")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for loopback that nobody vouches for, with its key behind it."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    try:
        subprocess.run(
            ["openssl", *command.split(), *names, "-keyout", key, "-out", certificate], check=True, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip("openssl makes the certificate, and is not here")
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


def serving_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def beating(peer: Peer) -> None:
    peer.heartbeat()
    for number in range(1, 2_001):
        peer.trade(number)
    peer.beat_until_gone()


def test_a_certificate_that_nobody_vouches_for_is_refused_and_told(certificate: Path) -> None:
    with scripted(beating, serving_tls(certificate)) as server:
        feed = LiveFeed(server.url, FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed) as events:
            wait_until(lambda: feed.link.state == "OFFLINE", what="refused")
            assert "the certificate of 127.0.0.1 cannot be trusted" in (feed.link.reason or "")
        assert events == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_authority_named_in_the_environment_is_trusted_and_all_records_are_read(
    certificate: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(certificate))
    with scripted(beating, serving_tls(certificate)) as server:
        feed = LiveFeed(server.url, FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed) as events:
            wait_until(lambda: len(ids(events, "BTCUSDT")) == 2_000, what="every trade")
        assert ids(events, "BTCUSDT").tolist() == list(range(1, 2_001))
