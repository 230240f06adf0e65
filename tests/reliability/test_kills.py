"""Killed and cut off at any moment: what was told to be stored is there, and the rest is taken up by id."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.outside import Lean
from tests.reliability.stage import Stage
from tests.reliability.storm import storm


@pytest.mark.timeout(300)
def test_row_26_forty_kills_and_a_hundred_cuts_lose_nothing(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=26) as stage:
        verdict = storm(stage, Lean, kills=40, cuts=100)
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0
