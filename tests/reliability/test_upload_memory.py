"""A long file goes through a real process without staying in its memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import requests

from analytics.market import Ticks
from api.table import TICK_HEADER, tick_rows
from tests.e2e.product import Product
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
        # As a body of its own that is read piece by piece: the client must not be the one that is measured.
        answer = session.post(address, params={"dataset": "long"}, files={"file": ("long.csv", file)}, timeout=280)
        assert answer.status_code == 200, answer.text
        assert answer.json()["stored"] == rows
        assert footprint(product.process.pid).peak_mib - before < _MOST_MIB


def page_of(start: int) -> Ticks:
    """Trades with ids that go on from `start`."""
    ids = np.arange(start + 1, start + _PAGE + 1, dtype=np.int64)
    steps = np.sin(ids / 900.0)
    return Ticks(ids, 1_700_000_000_000 + ids * 60, 60_000.0 + steps, np.abs(steps) + 0.25, ids % 2 == 0)
