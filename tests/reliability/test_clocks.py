"""Rows 16 and 17 of the fault matrix: clocks that jump, and a process that stands still."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.fakes import wait_until
from tests.reliability.outside import Lean
from tests.reliability.skewed_clock import SkewedClock
from tests.reliability.stage import Inside, Stage
from tests.reliability.test_connection_faults import connection_ids

HOUR_MS = 3_600_000


@pytest.mark.parametrize("jump_ms", [HOUR_MS, -HOUR_MS, 400])
def test_row_16_a_wall_clock_that_jumps_changes_nothing(tmp_path: Path, jump_ms: int) -> None:
    clock = SkewedClock()
    with Stage(tmp_path, seed=16) as stage, Inside(stage, clock=clock) as product:
        product.until_live()
        before = connection_ids(stage)
        clock.wall_ms += jump_ms
        newest = stage.exchange.newest_id("BTCUSDT") + 6
        wait_until(lambda: (product.seen()["BTCUSDT"].last_id or 0) > newest, what="it goes on")
        assert product.is_live()
        assert connection_ids(stage) == before
        stage.quiesce(product.seen)
        product.market.stop()
        # The bars of the checker are cut on the exchange's time.
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert stage.ledger() == []


def test_row_17_a_suspended_product_goes_on_where_it_was(tmp_path: Path) -> None:
    """An hour of the market passes while the process stands still, and its connection is cut off meanwhile."""
    with Stage(tmp_path, seed=17) as stage, Lean(stage) as product:
        product.until_live()
        product.send(signal.SIGSTOP)
        newest = stage.exchange.newest_id("BTCUSDT") + 5_000
        stage.exchange.faults.tempo(500)
        wait_until(lambda: stage.exchange.newest_id("BTCUSDT") > newest, what="the market goes on", within_s=60)
        stage.exchange.faults.tempo(1)
        stage.exchange.disconnect()
        product.send(signal.SIGCONT)
        stage.quiesce(product.seen)
        product.end()
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0
