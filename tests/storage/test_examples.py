"""The examples in the docstrings of the room hold."""

from __future__ import annotations

import doctest

import pytest

from storage import engines, ledger


@pytest.mark.parametrize("module", [engines, ledger], ids=lambda module: module.__name__)
def test_the_examples_hold(module: object) -> None:
    ran = doctest.testmod(module)  # type: ignore[arg-type]
    assert ran.attempted > 0
    assert ran.failed == 0
