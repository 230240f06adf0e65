"""Killed and cut off at any moment: what was told to be stored is there, and the rest is taken up by id."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

from tests.e2e.product import HOME, run_once
from tests.fakes import wait_until
from tests.reliability.archive import import_command
from tests.reliability.outside import Successors
from tests.reliability.stage import Inside, Stage
from tests.reliability.storm import held, storm


def test_row_26_forty_kills_and_a_hundred_cuts_lose_nothing(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=26, tempo=20.0) as stage:
        successors = Successors(stage)
        try:
            verdict = storm(stage, successors, kills=40, cuts=100)
        finally:
            successors.end()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0


def test_row_27_an_import_that_is_killed_can_be_run_again(tmp_path: Path) -> None:
    """Migration, retention, backup and restore are killed at every single point in tests/storage."""
    draw = random.Random(27)
    pause = threading.Event()
    with Stage(tmp_path, seed=270) as stage:
        with Inside(stage) as product:
            product.until_live()
            hole = stage.exchange.faults.withhold("BTCUSDT", 20_000, rest=False)
            stage.exchange.faults.tempo(1_000)
            wait_until(lambda: stage.exchange.newest_id("BTCUSDT") > hole["last_id"] + 10, what="the hole", within_s=60)
            stage.exchange.faults.tempo(1)
            stage.quiesce(product.seen)
        lost = [row for row in stage.ledger() if row.state == "LOST"]
        assert sum(row.last_id - row.first_id + 1 for row in lost) == 20_000
        command = import_command(stage, lost)
        for _ in range(5):
            running = subprocess.Popen([sys.executable, "app.py", *command], cwd=HOME, stdout=subprocess.DEVNULL)
            pause.wait(draw.uniform(0.8, 1.6))
            running.kill()
            running.wait(timeout=30)
            held(stage.database)
        assert run_once(*command).returncode == 0
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0
