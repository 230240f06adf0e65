"""The lock on the door: in front of every HTTP request and every WebSocket, pages, API and assets alike.

Host must be one of ours (a page of another name that resolves to this machine is turned away), whatever changes state
must come from our own pages or from no browser at all, and every answer carries the headers that keep the page to
itself. Measured background: docs/security.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import error_body
from api.upload_body import MOST_BYTES

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_FETCH = frozenset({"same-origin", "none"})
# Bytes of a body. The page posts a dropped file as text, a third longer, beside everything it shows.
_API_BODY: Final = 1 << 20
_PAGE_BODY: Final = 8 << 20
# The file itself may be MOST_BYTES long; the form around it is small.
_UPLOAD_BODY: Final = MOST_BYTES + (64 << 10)
_UPLOAD: Final = "/api/data/upload"
_FIXED_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """ASGI middleware. names: host names that are ours.  port: ours.  script_hashes: CSP sources of the page's own
    inline scripts, asked for when the first answer goes out (they are final only after the last callback).
    """

    def __init__(
        self, app: ASGIApp, *, names: Iterable[str], port: int, script_hashes: Callable[[], Iterable[str]]
    ) -> None:
        self._app = app
        self._hosts = {_authority(name, port) for name in names} | ({*map(_bracketed, names)} if port == 80 else set())
        self._script_hashes = script_hashes
        self._policy: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, or answer 400 or 403."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self._hosts:
            await self._refuse(400, "foreign_host", "this address is not served under that name", scope, receive, send)
        elif not self._from_home(scope, headers):
            await self._refuse(403, "foreign_origin", "another site may not do this", scope, receive, send)
        else:
            await self._within_cap(scope, receive, self._with_headers(scope, send))

    async def _within_cap(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, but stop reading a body that is longer than anything here, and answer 413."""
        if scope["type"] == "websocket" or scope["method"] in _SAFE_METHODS:
            await self._app(scope, receive, send)
            return
        body = _CappedBody(receive, send, _cap(str(scope.get("path", ""))))
        told = Headers(scope=scope).get("content-length", "")
        if not (told.isdigit() and int(told) > body.cap):
            with suppress(ClientDisconnect):  # what an application meets when its reading is stopped
                await self._app(scope, body.receive, body.send)
            if not body.exceeded:
                return
        sentence = f"the body is longer than {body.cap >> 10:,} KiB, the most that is read here"
        await JSONResponse(error_body("too_large", sentence), status_code=413)(scope, receive, send)

    def _from_home(self, scope: Scope, headers: Headers) -> bool:
        if scope["type"] == "http" and scope["method"] in _SAFE_METHODS:
            return True
        origin = headers.get("origin")
        if origin is not None:
            # Exactly this host: another port of the same machine is another site.
            return urlsplit(origin).netloc.lower() == headers["host"].lower()
        return headers.get("sec-fetch-site", "none") in _OWN_FETCH

    async def _refuse(self, status: int, code: str, message: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": message})
            return
        answer = JSONResponse(error_body(code, message), status_code=status)
        await answer(scope, receive, self._with_headers(scope, send))

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _FIXED_HEADERS.items():
                    headers[name] = value
                headers["content-security-policy"] = self._content_policy()
                if str(scope.get("path", "")).startswith("/api"):
                    headers["cache-control"] = "no-store"
            await send(message)

        return sending

    def _content_policy(self) -> str:
        if self._policy is None:
            hashes = " ".join(self._script_hashes())
            self._policy = (
                f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
                "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; object-src 'none'; "
                "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
            )
        return self._policy


class _CappedBody:
    """Between the server and the application: counts what is read, and swallows the answer once it is too much."""

    def __init__(self, receive: Receive, send: Send, cap: int) -> None:
        self.cap = cap
        self.exceeded = False
        self._left = cap
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self.exceeded = self.exceeded or self._left < 0
        return {"type": "http.disconnect"} if self.exceeded else message

    async def send(self, message: Message) -> None:
        if not self.exceeded:
            await self._send(message)


def _cap(path: str) -> int:
    if path.rstrip("/") == _UPLOAD:
        return _UPLOAD_BODY
    return _API_BODY if path.startswith("/api/") else _PAGE_BODY


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _authority(name: str, port: int) -> str:
    return f"{_bracketed(name)}:{port}"
