"""Settings of the whole suite: a fixed hypothesis profile, and a browser that must be there in CI."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped, saying so; in CI that is an error."""
    wanting = [item for item in items if item.get_closest_marker("browser")]
    if CHROMIUM or not wanting:
        return
    if os.environ.get("CI"):
        raise pytest.UsageError("no Chromium: install it or set CHROMIUM; in CI its tests may not be skipped")
    for item in wanting:
        item.add_marker(pytest.mark.skip(reason="no Chromium found: install it or set CHROMIUM"))
