"""A tiny CONNECT proxy: it maps made-up names to loopback, and can refuse, ask for a login, or die."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class ConnectProxy:
    """asked: the targets of all requests, `host:port`.  answer: instead of connecting, when set."""

    def __init__(self, answer: bytes = b"") -> None:
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self._answer = answer
        self._ended = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def accept(self) -> None:
        self._listener.settimeout(0.02)
        while not self._ended.is_set():
            with suppress(OSError):  # a time-out, or it has died
                client, _ = self._listener.accept()
                self._start(self._serve, client)

    def cut(self) -> None:
        """Die: every connection goes, and none is taken any more."""
        self._ended.set()
        self._listener.close()
        for sock in list(self._sockets):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self.cut()
        for thread in self._threads:
            thread.join(5)

    def _start(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            self._sockets.append(client)
            client.settimeout(5)
            head = b""
            while b"\r\n\r\n" not in head:
                more = client.recv(4096)
                if not more:
                    return
                head += more
            self.heads.append(head)
            found = re.match(rb"CONNECT (\S+):(\d+) HTTP", head)
            self.asked.append(f"{found[1].decode()}:{int(found[2])}" if found else "no CONNECT")
            if self._answer or not found:
                client.sendall(self._answer or b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", int(found[2])), timeout=5) as server:
                self._sockets.append(server)
                client.sendall(b"HTTP/1.1 200 Connection established\r\nX-By: test\r\n\r\n")
                self._start(self._pump, client, server)
                self._pump(server, client)

    def _pump(self, source: socket.socket, drain: socket.socket) -> None:
        source.settimeout(None)
        with suppress(OSError):
            while data := source.recv(65_536):
                drain.sendall(data)
        for sock in (source, drain):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxying(answer: bytes = b"") -> Iterator[ConnectProxy]:
    """A running proxy."""
    proxy = ConnectProxy(answer)
    thread = threading.Thread(target=proxy.accept)
    thread.start()
    try:
        yield proxy
    finally:
        proxy._ended.set()
        thread.join(5)
        proxy.end()
