"""Rows 6 to 9 of the fault matrix: repeats, disorder, holes of every size, and ids that begin again."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.clock import SystemClock
from tests.e2e.product import run_once
from tests.fakes import wait_until
from tests.reliability.archive import import_command
from tests.reliability.stage import Inside, Stage

FAST = 300.0
HOUR_MS = 3_600_000


def passed(stage: Stage, product: Inside, *, lost: int = 0) -> None:
    """Quiesce, stop, judge."""
    stage.quiesce(product.seen)
    product.market.stop()
    verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == lost


def test_row_06_repeats_and_disorder_are_stored_once_and_in_order(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=6) as stage, Inside(stage) as product:
        product.until_live()
        stage.exchange.faults.tempo(20)
        faults = stage.exchange.faults
        for number in range(5):
            faults.shuffle("BTCUSDT", within=50, count=200, seed=number)
            faults.repeat("BTCUSDT", last=100)
            faults.repeat("ETHUSDT", last=1 + number * 13)
            wait_until(lambda: "shuffle" not in {one["do"] for one in faults.state()["faults"]}, what="all are sent")
        passed(stage, product)


@pytest.mark.parametrize("ids", [1, 999, 1000, 1001])
def test_row_07_a_hole_in_the_stream_is_filled_by_id(tmp_path: Path, ids: int) -> None:
    with Stage(tmp_path, seed=7) as stage, Inside(stage) as product:
        product.until_live()
        hole = stage.exchange.faults.withhold("BTCUSDT", ids)
        stage.exchange.faults.tempo(FAST)
        wait_until(lambda: stage.exchange.newest_id("BTCUSDT") > hole["last_id"] + 10, what="the hole is behind us")
        stage.exchange.faults.tempo(1)
        passed(stage, product)
        healed = {(row.first_id, row.last_id) for row in stage.ledger() if row.symbol == "BTCUSDT"}
        assert (hole["first_id"], hole["last_id"]) in healed


def test_row_07_fifty_thousand_ids_are_filled_within_half_the_weight_while_live_goes_on(tmp_path: Path) -> None:
    ids = 50_000
    with Stage(tmp_path, seed=70) as stage, Inside(stage) as product:
        product.until_live()
        hole = stage.exchange.faults.withhold("BTCUSDT", ids)
        stage.exchange.faults.tempo(2_000)
        wait_until(lambda: stage.exchange.newest_id("BTCUSDT") > hole["last_id"], what="the hole", within_s=60)
        stage.exchange.faults.tempo(1)
        stage.quiesce(product.seen)
        asked = sum("symbol=BTCUSDT" in query for path, query, _status in stage.asked() if path.endswith("aggTrades"))
        # A thousand trades a request, and a few more to begin and to look at the end.
        assert asked <= ids // 999 + 10
        passed(stage, product)


def test_row_08_what_rest_does_not_have_is_lost_with_its_ids_and_its_cause(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=8) as stage, Inside(stage) as product:
        product.until_live()
        hole = stage.exchange.faults.withhold("BTCUSDT", 7, rest=False)
        wait_until(lambda: stage.exchange.newest_id("BTCUSDT") > hole["last_id"] + 5, what="the hole is behind us")
        wait_until(lambda: product.seen()["BTCUSDT"].gaps_lost == 1, what="it is LOST", within_s=60)
        passed(stage, product, lost=7)
        (row,) = [row for row in stage.ledger() if row.state == "LOST"]
        assert (row.symbol, row.first_id, row.last_id) == ("BTCUSDT", hole["first_id"], hole["last_id"])
        assert row.cause


def test_row_08_what_is_behind_the_oldest_answer_is_lost_and_the_rest_is_filled(tmp_path: Path) -> None:
    """Half an hour passes in the hole; REST remembers six minutes of it, and answers older ids with its oldest row."""
    with Stage(tmp_path, seed=81) as stage, Inside(stage) as product:
        product.until_live()
        stage.exchange.faults.rest("/fapi/v1/aggTrades", status=500)
        hole = stage.exchange.faults.withhold("ETHUSDT", 10_000)
        stage.exchange.faults.tempo(FAST)
        wait_until(lambda: stage.exchange.newest_id("ETHUSDT") > hole["last_id"], what="the hole", within_s=60)
        stage.exchange.faults.tempo(1)
        stage.exchange.faults.clear()
        stage.exchange.faults.horizon(0.1, answer="rows")
        stage.quiesce(product.seen)
        product.market.stop()
        verdict = stage.verdict()
        assert verdict.passed, verdict.line()
        lost = [row for row in stage.ledger() if row.state == "LOST"]
        assert lost[0].first_id == hole["first_id"]
        assert 0 < verdict.lost < 10_000


def test_row_08_an_outage_of_fifty_hours_is_filled_for_48_and_lost_before(tmp_path: Path) -> None:
    now_ms = SystemClock().now_ms
    with Stage(tmp_path, seed=80, symbols=("LTCUSDT",), now_ms=lambda: now_ms() - 50 * HOUR_MS) as stage:
        with Inside(stage) as product:
            product.until_live()
        stage.restart_exchange()
        kept_from_ms = now_ms() - 48 * HOUR_MS
        with Inside(stage) as product:
            stage.quiesce(product.seen, within_s=100)
        verdict = stage.verdict()
        assert verdict.passed, verdict.line()
        lost = [row for row in stage.ledger() if row.state == "LOST"]
        assert {row.symbol for row in lost} == {"LTCUSDT"}
        for row in lost:
            # The last one lost is the last one older than 48 hours, give or take the time that the test takes.
            edge_ms = int(stage.exchange.truth(row.symbol, row.last_id, row.last_id).time_ms[0])
            assert abs(edge_ms - kept_from_ms) < 10 * 60_000
        ran = run_once(*import_command(stage, lost))
        assert ran.returncode == 0, ran.stderr
        healed = stage.verdict()
        assert healed.passed, healed.line()
        assert healed.lost == 0


def test_row_09_ids_that_begin_again_halt_the_symbol_and_are_never_mixed(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=9) as stage:
        with Inside(stage) as product:
            product.until_live()
            stage.exchange.faults.new_ids("BTCUSDT")
            # A relisting is told from a repeat by its newer time.
            stage.exchange.faults.tempo(60)
            wait_until(lambda: product.seen()["BTCUSDT"].state == "HALTED", what="the symbol stands still", within_s=60)
            stage.exchange.faults.tempo(1)
            assert product.seen()["BTCUSDT"].reason
            ether = product.seen()["ETHUSDT"].last_id or 0
            wait_until(lambda: (product.seen()["ETHUSDT"].last_id or 0) > ether, what="the other goes on")
        verdict = stage.verdict(until_ms=0)
        assert verdict.passed, verdict.line()
