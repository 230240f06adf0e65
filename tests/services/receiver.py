"""A local receiver of webhooks that answers as it is told: well, badly, never, for ever."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

Answer = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True, slots=True)
class Received:
    head: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    port: int
    answers: list[Answer]  # in turn; the last one for ever
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/token-of-the-path?key=value-of-the-key"


def status(code: int, *headers: str) -> Answer:
    def answer(sock: socket.socket, _ended: threading.Event) -> None:
        lines = [f"HTTP/1.1 {code} Word", *headers, "Content-Length: 2", "Connection: close", "", "ok"]
        sock.sendall("\r\n".join(lines).encode())

    return answer


def raw(data: bytes) -> Answer:
    return lambda sock, _ended: sock.sendall(data)


def stall(_sock: socket.socket, ended: threading.Event) -> None:
    ended.wait()


def endless(first: bytes, again: bytes) -> Answer:
    def answer(sock: socket.socket, ended: threading.Event) -> None:
        sock.sendall(first)
        while not ended.is_set():
            sock.sendall(again)

    return answer


@contextmanager
def receiving(*answers: Answer, certificate: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    listener = socket.create_server(("127.0.0.1", 0))
    receiver = Receiver(listener.getsockname()[1], list(answers))
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*certificate)
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            receiver.connections += 1
            threads.append(threading.Thread(target=_serve, args=(receiver, sock, tls)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield receiver
    finally:
        receiver.ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join()


def _serve(receiver: Receiver, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
    try:
        sock.settimeout(20)
        if tls is not None:
            sock = tls.wrap_socket(sock, server_side=True)
        with sock:
            got = _read(sock)
            if got is None:
                return
            receiver.received.append(got)
            answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            answer(sock, receiver.ended)
    except OSError:
        sock.close()  # the sender has gone: that is what some tests are about


def _read(sock: socket.socket) -> Received | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += sock.recv(65536)
    return Received(first, headers, body)
