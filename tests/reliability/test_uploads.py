"""Uploads to a real process: a long file does not stay in its memory, and half a one leaves nothing behind."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import numpy as np
import requests

from analytics.market import Ticks
from api.table import TICK_HEADER, tick_rows
from tests.e2e.product import Product
from tests.fakes import wait_until
from tests.reliability.machine import footprint

_MOST_MIB = (
    120.0  # blocks, columns and the database's pages; a file that stayed in memory would be 30 as bytes, 400 read
)
_PAGE = 50_000


def test_thirty_megabytes_come_in_with_bounded_memory(tmp_path: Path) -> None:
    path, rows = tmp_path / "long.csv", 0
    with path.open("w") as file:
        file.write(TICK_HEADER)
        while file.tell() < 30_000_000:
            file.write(tick_rows("btcusdt", page_of(rows)))
            rows += _PAGE
    with (
        Product("--source", "demo", data_dir=tmp_path / "data") as product,
        requests.Session() as session,
        path.open("rb") as file,
    ):
        session.trust_env = False
        small = {"file": ("small.csv", TICK_HEADER + tick_rows("btcusdt", page_of(0).rows(slice(0, 2_000))))}
        address = f"{product.url}/api/data/upload"
        session.post(address, params={"dataset": "small"}, files=small, timeout=120).raise_for_status()
        before = footprint(product.process.pid).peak_mib
        answer = session.post(address, params={"dataset": "long"}, files={"file": ("long.csv", file)}, timeout=280)
        assert answer.status_code == 200, answer.text
        assert answer.json()["stored"] == rows
        assert footprint(product.process.pid).peak_mib - before < _MOST_MIB


def page_of(start: int) -> Ticks:
    """Trades with ids that go on from `start`."""
    ids = np.arange(start + 1, start + _PAGE + 1, dtype=np.int64)
    steps = np.sin(ids / 900.0)
    return Ticks(ids, 1_700_000_000_000 + ids * 60, 60_000.0 + steps, np.abs(steps) + 0.25, ids % 2 == 0)


def half_sent(product: Product) -> socket.socket:
    """A connection on which the first mebibytes of a longer file have gone out."""
    form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="half.csv"\r\n\r\n' + TICK_HEADER.encode()
    head = (
        f"POST /api/data/upload HTTP/1.1\r\nHost: 127.0.0.1:{product.port}\r\nContent-Length: 30000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", product.port), timeout=60)
    connection.sendall(head.encode() + form + tick_rows("btcusdt", page_of(0)).encode())
    return connection


def arriving(folder: Path) -> bool:
    """Whether bytes of the file are on the disk already."""
    return any(path.stat().st_size for path in folder.glob(".incoming-*/file"))


def test_a_client_that_goes_away_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "datasets"
    with Product("--source", "demo", data_dir=tmp_path) as product:
        with half_sent(product):
            wait_until(lambda: arriving(folder), what="the file arrives")
        wait_until(lambda: not list(folder.iterdir()), what="nothing is left of it")
        assert product.ask("/api/datasets") == {"datasets": []}
        assert "Traceback" not in product.said()


def test_a_kill_in_the_middle_leaves_nothing_after_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "datasets"
    with Product("--source", "demo", data_dir=tmp_path) as product, half_sent(product):
        wait_until(lambda: arriving(folder), what="the file arrives")
        product.stop(signal.SIGKILL)
    assert [path.name[:10] for path in folder.iterdir()] == [".incoming-"]
    with Product("--source", "demo", data_dir=tmp_path) as product:
        assert product.ask("/api/datasets") == {"datasets": []}
        assert list(folder.iterdir()) == []
