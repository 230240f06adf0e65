"""The system's Chromium, headless and without a word to the outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.conftest import CHROMIUM

_QUIET = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# As root it runs only without its sandbox.
_AS_ROOT = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser for as long as the block lasts."""
    with sync_playwright() as playwright:
        browser = begun(playwright)
        yield browser
        browser.close()


def begun(playwright: Playwright) -> Browser:
    """A browser whose every context is a fresh profile."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[*_QUIET, *_AS_ROOT])


def begun_profile(playwright: Playwright, folder: Path) -> BrowserContext:
    """A browser with one profile that lasts, far from UTC. As for a user, a page that was loaded twice comes cheaper,
    because the browser keeps what it has compiled.
    """
    return playwright.chromium.launch_persistent_context(
        folder,
        executable_path=CHROMIUM,
        args=[*_QUIET, *_AS_ROOT],
        viewport={"width": 1366, "height": 768},
        timezone_id="America/New_York",
    )
