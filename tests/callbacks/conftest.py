"""A tab that has just been opened, and the Desk behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.callbacks.browser import Page, opened
from tests.screen_fake import FakeDesk


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
def tab(desk: FakeDesk) -> Iterator[Page]:
    with opened(desk) as page:
        yield page
