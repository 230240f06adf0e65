"""Row 18 of the fault matrix: the exchange ends every connection after a day, and nobody notices."""

from __future__ import annotations

from pathlib import Path

from ingest.simulator.rules import Rules
from tests.fakes import wait_until
from tests.reliability.stage import GENEROUS, Inside, Stage
from tests.reliability.test_connection_faults import connection_ids


def test_row_18_connections_are_renewed_before_their_life_ends(tmp_path: Path) -> None:
    rules = Rules(weight_per_minute=GENEROUS, connection_life_s=6.0)
    with Stage(tmp_path, seed=18, rules=rules) as stage, Inside(stage, renew_minutes=3 / 60) as product:
        product.until_live()
        first = connection_ids(stage)
        wait_until(lambda: connection_ids(stage) - first, what="a second connection", within_s=30)
        second = connection_ids(stage)
        wait_until(lambda: not connection_ids(stage) & second, what="a third connection", within_s=30)
        wait_until(lambda: len(connection_ids(stage)) == 1, what="exactly one is left")
        stage.quiesce(product.seen)
        product.market.stop()
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    # Renewed, not cut: nobody missed a trade, not even for a moment.
    assert stage.ledger() == []


def test_row_18_an_end_that_is_announced_loses_nothing(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=180) as stage, Inside(stage) as product:
        product.until_live()
        first = connection_ids(stage)
        stage.exchange.faults.shutdown_notice(after_s=3)
        wait_until(lambda: connection_ids(stage) and not connection_ids(stage) & first, what="another", within_s=30)
        wait_until(lambda: len(connection_ids(stage)) == 1, what="exactly one is left")
        product.until_live()
        stage.quiesce(product.seen)
        product.market.stop()
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert stage.ledger() == []
