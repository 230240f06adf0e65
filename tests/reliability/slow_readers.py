"""Clients that ask and do not take the answer, and what a tab of the page asks for."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

from layouts import ids
from tests.e2e.product import Product

_SMALL = 4_096
_PATIENCE_S = 60.0


class SlowReader:
    """One connection with a small window, whose answer is taken only when told."""

    def __init__(self, product: Product, request: bytes) -> None:
        self._socket = socket.socket()
        # Before the connection: afterwards the system has already promised more room.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        self._socket.settimeout(_PATIENCE_S)
        self._socket.connect(("127.0.0.1", product.port))
        self._socket.sendall(request)
        self._taken = self._socket.recv(1)
        self._is_over = False

    def take(self, size: int) -> None:
        """Read at most so many bytes more."""
        while size > 0 and not self._is_over:
            piece = self._socket.recv(min(size, 1 << 16))
            self._taken += piece
            size -= len(piece)
            self._is_over = not piece

    def body(self) -> bytes:
        """Read to the end: the body, out of its chunks. Raises ValueError when the server broke it off."""
        while not self._is_over:
            self.take(1 << 20)
        head, _, rest = self._taken.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 ") or not rest.endswith(b"\r\n0\r\n\r\n"):
            raise ValueError(f"no whole answer: {head!r} ... {rest[-40:]!r}")
        return b"".join(_chunks(rest))

    def close(self) -> None:
        self._socket.close()


def _chunks(rest: bytes) -> Iterator[bytes]:
    at = 0
    while length := int(rest[at : (line_end := rest.index(b"\r\n", at))], 16):
        yield rest[line_end + 2 : line_end + 2 + length]
        at = line_end + 2 + length + 2


def getting(product: Product, path: str) -> bytes:
    """A request for a path; the connection ends with its answer."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{product.port}\r\nConnection: close\r\n\r\n".encode()


def posting(product: Product, question: dict[str, Any]) -> bytes:
    """A request of the page; the connection ends with its answer."""
    body = json.dumps(question).encode()
    head = f"POST /_dash-update-component HTTP/1.1\r\nHost: 127.0.0.1:{product.port}\r\nConnection: close\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def heartbeat(product: Product) -> dict[str, Any]:
    """What a tab asks at each beat: is there anything new?"""
    return _question(product, ids.VERSION)


def first_picture(product: Product) -> dict[str, Any]:
    """What a tab asks that has no picture yet: the whole of it."""
    return _question(product, ids.DRAWING)


def _question(product: Product, written: str) -> dict[str, Any]:
    """The call of the server's callback that writes to this component first, from a tab on the default pair."""
    view = "?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1"
    props = {
        **dict(_props(product.ask("/_dash-layout"))),
        f"{ids.PULSE}.n_intervals": 1,
        f"{ids.QUERY}.data": view,
        f"{ids.URL}.pathname": "/",
        f"{ids.VERSION}.data": {"query": view, "version": 0},
    }
    callback = next(
        one
        for one in product.ask("/_dash-dependencies")
        if not one["clientside_function"] and one["output"].strip(".").startswith(f"{written}.")
    )
    places = [place.rpartition(".") for place in callback["output"].strip(".").split("...")]
    return {
        "output": callback["output"],
        "outputs": [{"id": component, "property": prop} for component, _, prop in places],
        "inputs": [{**one, "value": props.get(f"{one['id']}.{one['property']}")} for one in callback["inputs"]],
        "state": [{**one, "value": props.get(f"{one['id']}.{one['property']}")} for one in callback["state"]],
        "changedPropIds": [f"{callback['inputs'][0]['id']}.{callback['inputs'][0]['property']}"],
        "parsedChangedPropsIds": [f"{callback['inputs'][0]['id']}.{callback['inputs'][0]['property']}"],
    }


def _props(tree: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(tree, list):
        for part in tree:
            yield from _props(part)
    elif isinstance(tree, dict) and "props" in tree:
        props = tree["props"]
        yield from ((f"{props['id']}.{name}", value) for name, value in props.items() if "id" in props)
        yield from _props(props.get("children"))
