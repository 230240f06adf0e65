"""Settings of the whole suite: a fixed hypothesis profile, a browser that must be there in CI, many tests at once."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""

# Most tests wait for something, so more of them than processors run side by side.
SIDE_BY_SIDE = 3
# What takes longest begins first, so that no worker is left with it when the others have ended.
LONGEST_FIRST = (
    "tests/reliability/test_ids.py",
    "tests/reliability/test_kills.py",
    "tests/reliability/",
    "tests/e2e/",
    "tests/storage/",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """`-n auto`: workers for everything; a choice of tests is sooner done than workers are started for it."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword
    return SIDE_BY_SIDE if everything else 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers get the longest files first; whoever runs alone keeps the order of the folders."""
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next(
        (place for place, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start)), len(LONGEST_FIRST)
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a browser its tests are skipped, saying so; in CI that is a failure."""
    if CHROMIUM or not item.get_closest_marker("browser"):
        return
    missing = "no Chromium found: install it or set CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(f"{missing}; in CI its tests may not be skipped", pytrace=False)
    pytest.skip(missing)
