"""The lock on the door: in front of every HTTP request and every WebSocket, pages, API and assets alike.

Host must be one of ours (a page of another name that resolves to this machine is turned away), whatever changes state
must come from our own pages or from no browser at all, and every answer carries the headers that keep the page to
itself. Measured background: docs/security.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import error_body

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_FETCH = frozenset({"same-origin", "none"})
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
            await self._app(scope, receive, self._with_headers(scope, send))

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


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name else name


def _authority(name: str, port: int) -> str:
    return f"{_bracketed(name)}:{port}"
