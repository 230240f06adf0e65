"""One POST over one connection, to an address that was judged before, within one deadline for all of it.

No redirect is followed, no cookie kept, no proxy asked; of the answer only status and a few headers matter.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import h11

from analytics.errors import ReceiverUnavailable
from services.delivery.addresses import Target

LONGEST_HEAD: Final = 32 * 1024
LONGEST_ANSWER: Final = 64 * 1024
_MOST_ADDRESSES: Final = 4
_MOST_INTERIM: Final = 10
_LOOK_AGAIN_S: Final = 0.25
_DRAIN_MS: Final = 1000
_READ_BYTES: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """How a receiver answered. retry_after, request_id: headers as they came, None where they did not."""

    status: int
    took_ms: int
    retry_after: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wire:
    """What a POST needs of the machine.

    monotonic_ms: the clock of the deadline.  tls: makes the context that judges certificates.  deadline_ms: for
    connecting, sending and the head of the answer together.  stopping: ends a wait early.
    """

    monotonic_ms: Callable[[], int]
    stopping: threading.Event
    tls: Callable[[], ssl.SSLContext]
    deadline_ms: int = 10_000


def trusted() -> ssl.SSLContext:
    """The system's authorities and those of `requests`, as for the exchange."""
    from requests.utils import DEFAULT_CA_BUNDLE_PATH

    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


def post(targets: Sequence[Target], headers: Mapping[str, str], body: bytes, wire: Wire) -> Reply:
    """Send and hear the answer. targets: the addresses of one name, tried in turn until one is connected.

    Raises ReceiverUnavailable when there is no answer: not reached, no valid certificate, broke off, too slow, too
    long, no HTTP.
    """
    began_ms = wire.monotonic_ms()
    deadline = _Deadline(wire, began_ms + wire.deadline_ms)
    try:
        with closing(_connected(targets, deadline, wire)) as sock:
            answer, client = _exchanged(sock, targets[0], headers, body, deadline)
            took_ms = wire.monotonic_ms() - began_ms
            _drain(sock, client, _Deadline(wire, min(deadline.at_ms, wire.monotonic_ms() + _DRAIN_MS)))
    except h11.RemoteProtocolError as error:
        raise ReceiverUnavailable("the answer is not HTTP, or too long") from error
    except ssl.SSLCertVerificationError as error:
        raise ReceiverUnavailable(f"its certificate is not valid: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise ReceiverUnavailable("no encrypted connection came about") from error
    except TimeoutError as error:
        raise ReceiverUnavailable(f"no answer within {wire.deadline_ms / 1000:g} s") from error
    except OSError as error:
        raise ReceiverUnavailable(f"the connection failed: {error.strerror or 'it broke off'}") from error
    given = {name.decode("ascii"): value.decode("latin-1") for name, value in answer.headers}
    known = next((given[name] for name in ("x-request-id", "request-id", "cf-ray") if name in given), None)
    return Reply(answer.status_code, took_ms, given.get("retry-after"), known)


class _Deadline:
    """Waits on a socket in short steps, so that the whole has an end whatever trickles in."""

    def __init__(self, wire: Wire, at_ms: int) -> None:
        self._wire = wire
        self.at_ms = at_ms

    def left_s(self) -> float:
        """Raises TimeoutError when nothing is left, or all is to stop."""
        left_ms = self.at_ms - self._wire.monotonic_ms()
        if left_ms <= 0 or self._wire.stopping.is_set():
            raise TimeoutError
        return left_ms / 1000

    def read(self, sock: socket.socket) -> bytes:
        """What has come; b"" at the end."""
        while True:
            sock.settimeout(min(self.left_s(), _LOOK_AGAIN_S))
            try:
                return sock.recv(_READ_BYTES)
            except TimeoutError:
                continue


def _connected(targets: Sequence[Target], deadline: _Deadline, wire: Wire) -> socket.socket:
    failed: OSError = TimeoutError()
    for target in targets[:_MOST_ADDRESSES]:
        limit_s = deadline.left_s() / 2 if len(targets) > 1 else deadline.left_s()
        try:
            sock = socket.create_connection((target.address, target.port), timeout=limit_s)
        except OSError as error:
            failed = error
            continue
        if target.scheme == "http":
            return sock
        return _encrypted(sock, target, deadline, wire.tls())
    raise failed


def _encrypted(sock: socket.socket, target: Target, deadline: _Deadline, tls: ssl.SSLContext) -> socket.socket:
    # The certificate is checked against the name, although the connection went to an address.
    wrapped = tls.wrap_socket(sock, server_hostname=target.host, do_handshake_on_connect=False)
    try:
        wrapped.settimeout(deadline.left_s())
        wrapped.do_handshake()
    except BaseException:
        wrapped.close()
        raise
    return wrapped


def _exchanged(
    sock: socket.socket, target: Target, headers: Mapping[str, str], body: bytes, deadline: _Deadline
) -> tuple[h11.Response, h11.Connection]:
    client = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST_HEAD)
    fields = {"Host": target.authority, "Content-Length": str(len(body)), "Connection": "close"} | dict(headers)
    request = h11.Request(method="POST", target=target.path, headers=list(fields.items()))
    whole = b"".join(
        part for part in (client.send(request), client.send(h11.Data(body)), client.send(h11.EndOfMessage())) if part
    )
    sock.settimeout(deadline.left_s())
    sock.sendall(whole)
    interim = 0
    while True:
        event = client.next_event()
        if isinstance(event, h11.Response):
            return event, client
        if isinstance(event, h11.InformationalResponse):
            interim += 1
            if interim > _MOST_INTERIM:
                raise ReceiverUnavailable("it only sends interim answers")
        else:
            read = deadline.read(sock)
            if not read:
                raise ReceiverUnavailable("it broke off before an answer")
            client.receive_data(read)


def _drain(sock: socket.socket, client: h11.Connection, deadline: _Deadline) -> None:
    """Let the receiver finish its answer, within bounds: some take an early end for a failure."""
    drained = 0
    try:
        while drained < LONGEST_ANSWER:
            event = client.next_event()
            if isinstance(event, h11.Data):
                drained += len(event.data)
            elif event is h11.NEED_DATA:
                client.receive_data(deadline.read(sock))
            else:
                return
    except (OSError, h11.RemoteProtocolError):
        return  # the status has been heard, and it alone decides
