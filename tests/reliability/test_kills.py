"""Killed, cut off or suspended at any moment: what was told to be stored is there, and the rest is taken up by id."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from tests.fakes import wait_until
from tests.reliability.outside import Lean
from tests.reliability.stage import Stage
from tests.reliability.storm import storm


@pytest.mark.timeout(300)
def test_row_26_forty_kills_and_a_hundred_cuts_lose_nothing(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=26) as stage:
        verdict = storm(stage, Lean, kills=40, cuts=100)
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0


def test_row_17_a_suspended_product_goes_on_where_it_was(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=17) as stage, Lean(stage) as product:
        product.until_live()
        product.send(signal.SIGSTOP)
        newest = stage.exchange.newest_id("BTCUSDT")
        wait_until(lambda: stage.exchange.newest_id("BTCUSDT") > newest + 30, what="the market goes on", within_s=60)
        stage.exchange.disconnect()
        threading.Event().wait(0.2)
        product.send(signal.SIGCONT)
        stage.quiesce(product.seen)
        product.end()
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0
