"""Stores that are closed after the test, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.sql import SqlStore
from tests.storage.trades import DAY_MS


@pytest.fixture
def opened() -> Iterator[Callable[..., SqlStore]]:
    """Open stores with `venue="test"`, a short patience with locks, and a long one with a busy machine."""
    stores: list[SqlStore] = []

    def open_store(url_or_path: Path | str, **options: Any) -> SqlStore:
        settings: dict[str, Any] = {"venue": "test", "now_ms": lambda: DAY_MS, "busy_timeout_ms": 50}
        settings |= {"read_deadline_s": 120.0, **options}
        store = SqlStore(url_or_path, **settings)
        stores.append(store)
        return store

    yield open_store
    for store in stores:
        store.close()
