"""Opening a WebSocket: the way there, TLS, and websocket-client's handshake, within one deadline and a bounded answer.

websocket-client alone would wait for each byte anew, read an answer of any length, and know nothing of ALL_PROXY.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable

import requests
import websocket
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from ingest.deadline import Deadline
from ingest.link import Failure
from ingest.reasons import failure_reason, status_reason
from ingest.route import dial, host_and_port

CONNECT_TIMEOUT_S = 10.0
# No exchange says this much before the first frame; a page of a captive portal may.
_ANSWER_BYTES = 256 * 1024

OPENING_ERRORS = (OSError, websocket.WebSocketException, ValueError)


class Opening:
    """One try. `open` may be called once, on any thread; `abandon` from another one ends it."""

    def __init__(self, url: str, monotonic_ms: Callable[[], int], within_s: float = CONNECT_TIMEOUT_S) -> None:
        self._url = url
        self._monotonic_ms = monotonic_ms
        self._within_s = within_s
        self._sock: socket.socket | None = None

    def open(self) -> websocket.WebSocket:
        """The open connection; its socket is `sock`. Raises OPENING_ERRORS, leaving nothing open."""
        deadline = Deadline(self._monotonic_ms, self._within_s)
        self._sock = sock = dial(self._url, deadline)
        try:
            if self._url.startswith("wss:"):
                sock.settimeout(deadline.left_s())
                self._sock = sock = _tls_context(self._url).wrap_socket(
                    sock, server_hostname=host_and_port(self._url)[0]
                )
            connection = _shaken_hands(self._url, _Answer(sock, deadline))
            connection.sock = sock
            deadline.left_s()
        except BaseException:
            sock.close()
            raise
        return connection

    def abandon(self) -> None:
        """Nobody waits for it any longer. Where it opens all the same, whoever gets it has to close it."""
        sock = self._sock
        if sock is not None:
            end(sock)


def _shaken_hands(url: str, answer: _Answer) -> websocket.WebSocket:
    connection = websocket.WebSocket(skip_utf8_validation=True, enable_multithread=False)
    try:
        connection.connect(url, socket=answer, redirect_limit=0)
    except websocket.WebSocketException as error:
        redirect = connection.handshake_response
        if redirect is None:
            raise
        # An exchange never sends us elsewhere; the page that asks for a login does.
        raise websocket.WebSocketBadStatusException(str(error), redirect.status) from error
    return connection


class _Answer:
    """The socket as websocket-client may see it during the handshake: so many bytes, and until then."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._bytes = 0

    def send(self, data: bytes) -> int:
        self._sock.settimeout(self._deadline.left_s())
        return self._sock.send(data)

    def recv(self, size: int) -> bytes:
        self._sock.settimeout(self._deadline.left_s())
        data = self._sock.recv(size)
        self._bytes += len(data)
        if self._bytes > _ANSWER_BYTES:
            raise websocket.WebSocketException("its answer to the handshake does not end")
        return data

    def gettimeout(self) -> float | None:
        return self._sock.gettimeout()

    def close(self) -> None:
        self._sock.close()


def end(sock: socket.socket) -> None:
    """Wake whoever waits for this socket; whether it is still connected does not matter."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # not connected yet, or no longer


def failure_of(error: BaseException, url: str) -> Failure:
    """What an opening's error means."""
    if isinstance(error, websocket.WebSocketBadStatusException):
        headers = error.resp_headers or {}
        asked = str(headers.get("retry-after", ""))
        return Failure(
            status_reason(error.status_code, url), error.status_code, float(asked) if asked.isdecimal() else None
        )
    return Failure(failure_reason(error, url))


def _tls_context(url: str) -> ssl.SSLContext:
    """The system's authorities and those of `requests`, a bundle named in the environment included."""
    host, port = host_and_port(url)
    with requests.Session() as session:
        found = session.merge_environment_settings(f"https://{host}:{port}/", {}, None, None, None)["verify"]
    context = ssl.create_default_context()
    context.load_verify_locations(found if isinstance(found, str) else DEFAULT_CA_BUNDLE_PATH)
    return context
