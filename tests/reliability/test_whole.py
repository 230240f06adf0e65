"""The whole product in a process of its own: killed, started twice, asked by strangers."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

from tests.e2e.product import run_once
from tests.ports import free_port
from tests.reliability.stage import Stage
from tests.reliability.whole import Whole


def test_row_26_the_whole_product_goes_on_after_a_kill(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=27) as stage:
        for _ in range(2):
            with Whole(stage) as product:
                product.until_live()
                product.end(signal.SIGKILL)
        with Whole(stage) as product:
            stage.quiesce(product.seen)
            assert product.stop() in {0, -signal.SIGTERM}
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0


def status_of(port: int, request: str) -> int:
    """The status that a raw HTTP request is answered with."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(request.replace("\n", "\r\n").encode())
        answer = client.makefile("rb").readline()
    return int(answer.split()[1])


def test_rows_30_and_34_a_second_instance_and_strangers_are_turned_away(tmp_path: Path) -> None:
    """One start for both, because a start takes seconds."""
    with Stage(tmp_path, seed=34) as stage, Whole(stage) as product:
        product.until_live()
        addresses = [
            "--market-ws-url",
            stage.exchange.market_ws_url,
            "--rest-url",
            stage.exchange.rest_url,
            "--no-browser",
            "--source",
            "live",
        ]
        same_folder = run_once("--data-dir", str(stage.data_dir), "--port", str(free_port()), *addresses)
        assert same_folder.returncode == 2
        assert f"in use by another Pairwatch (pid {product.process.pid})" in same_folder.stderr
        same_port = run_once("--data-dir", str(tmp_path / "other"), "--port", str(product.port), *addresses)
        assert same_port.returncode == 2
        assert f"port {product.port} is taken" in same_port.stderr
        host = f"127.0.0.1:{product.port}"
        for expected, request in hostile_requests(host):
            assert status_of(product.port, request) == expected, request
        assert product.is_live()


def hostile_requests(host: str) -> list[tuple[int, str]]:
    """What a page from elsewhere, or a name that was made to point here, could send."""
    upgrade = (
        "Upgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: " + "A" * 22 + "=="
    )
    post = "Content-Type: application/json\nContent-Length: 2\nConnection: close\n\n{}"
    return [
        (200, f"GET /api/health HTTP/1.1\nHost: {host}\nConnection: close\n\n"),
        (400, "GET /api/health HTTP/1.1\nHost: evil.example\nConnection: close\n\n"),
        (400, f"GET / HTTP/1.1\nHost: evil.example:{host.rpartition(':')[2]}\nConnection: close\n\n"),
        (400, "GET / HTTP/1.1\nHost: 127.0.0.1:1\nConnection: close\n\n"),
        (403, f"POST /api/analytics/snapshot HTTP/1.1\nHost: {host}\nOrigin: https://evil.example\n{post}"),
        (403, f"POST /api/analytics/snapshot HTTP/1.1\nHost: {host}\nOrigin: null\n{post}"),
        (403, f"POST /api/analytics/snapshot HTTP/1.1\nHost: {host}\nSec-Fetch-Site: cross-site\n{post}"),
        (403, f"GET /_dash-ws-callback HTTP/1.1\nHost: {host}\nOrigin: http://evil.example\n{upgrade}\n\n"),
        (403, f"GET /x HTTP/1.1\nHost: evil.example\nOrigin: http://evil.example\n{upgrade}\n\n"),
    ]
