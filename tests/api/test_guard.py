"""The lock: foreign names and foreign pages are turned away, on HTTP and on WebSocket."""

from __future__ import annotations

import pytest
from starlette.types import Message, Receive, Scope, Send

from api.guard import Guard
from tests.api.door import HOST, api

ASK = {"symbol_a": "btcusdt", "symbol_b": "ethusdt"}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8050", "127.0.0.1:9999", "127.0.0.1", "", "localhost."])
def test_a_foreign_host_is_refused(host: str) -> None:
    with api() as (client, _desk, _feed):
        response = client.get("/api/health", headers={"host": host})
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "foreign_host"


@pytest.mark.parametrize("host", ["127.0.0.1:8050", "localhost:8050", "LOCALHOST:8050", "[::1]:8050"])
def test_our_own_names_are_served(host: str) -> None:
    with api() as (client, _desk, _feed):
        assert client.get("/api/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": f"http://{HOST}"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({}, 200),
    ],
)
def test_only_our_own_pages_and_programs_may_ask_by_post(headers: dict[str, str], status: int) -> None:
    with api() as (client, _desk, _feed):
        assert client.post("/api/analytics/snapshot", json=ASK, headers=headers).status_code == status


def test_every_answer_carries_the_protecting_headers() -> None:
    with api() as (client, _desk, _feed):
        for path in ("/api/health", "/docs", "/api/nothing"):
            headers = client.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["referrer-policy"] == "no-referrer"
            policy = headers["content-security-policy"]
            assert "'sha256-x'" in policy
            assert "unsafe-eval" not in policy
            assert "script-src 'self' 'unsafe-inline'" not in policy


async def knock(headers: list[tuple[bytes, bytes]]) -> list[Message]:
    sent: list[Message] = []

    async def inside(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    guard = Guard(inside, names=["127.0.0.1"], port=8050, script_hashes=list)
    await guard({"type": "websocket", "path": "/x", "headers": headers}, receive, send)
    return sent


@pytest.mark.parametrize(
    ("host", "origin", "accepted"),
    [
        (HOST, f"http://{HOST}", True),
        (HOST, None, True),
        (HOST, "http://evil.example", False),
        ("evil.example:8050", "http://evil.example:8050", False),
    ],
)
def test_a_foreign_page_cannot_open_a_websocket(host: str, origin: str | None, accepted: bool) -> None:
    import asyncio

    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin else [])
    (message,) = asyncio.run(knock(headers))
    assert message["type"] == ("websocket.accept" if accepted else "websocket.close")
