"""The control interface over HTTP: `POST /control/fault` and `GET /control/state`, for programs on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from ingest.simulator.faults.director import Director
from ingest.simulator.faults.orders import FaultRefused, read_order
from ingest.simulator.replies import Reply

PREFIX = "/control/"
_HERE = {"127.0.0.1", "localhost"}


class ControlEndpoint:
    """Requests in, replies out. A web page must not drive it: no foreign Host, no Origin."""

    def __init__(self, director: Director) -> None:
        self._director = director

    def reply(self, method: str, target: str, asks: Mapping[bytes, bytes], body: bytes) -> Reply:
        """The answer to one request under `/control/`. asks: its headers, names in lower case."""
        host = urlsplit("//" + asks.get(b"host", b"").decode("ascii", "replace")).hostname
        if host not in _HERE or b"origin" in asks:
            return _error(403, "Only a program on this machine may script faults, not a web page.")
        path = urlsplit(target).path
        if (method, path) == ("GET", "/control/state"):
            return _json(200, self._director.state())
        if (method, path) == ("POST", "/control/fault"):
            try:
                return _json(200, self._director.perform(read_order(body)))
            except FaultRefused as refused:
                return _error(400, str(refused))
        return _error(404, "There are two: POST /control/fault and GET /control/state.")


def _error(status: int, sentence: str) -> Reply:
    return _json(status, {"error": sentence})


def _json(status: int, value: object) -> Reply:
    return Reply(status, msgspec.json.encode(value))
