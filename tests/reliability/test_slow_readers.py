"""Row 32 of the fault matrix: whoever asks for much and takes it slowly, or not at all."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

from analytics.market import Ticks
from tests.fakes import wait_until
from tests.reliability.machine import clients, footprint
from tests.reliability.slow_readers import SlowReader, first_picture, getting, heartbeat, posting
from tests.reliability.stage import Inside, Stage
from tests.reliability.whole import Whole

PAGE = "/_dash-update-component"
EXPORT = "/api/data/export?symbol=btcusdt&timeframe=tick"
DOWNLOADS, TABS = 20, 20
MIB_A_READER = 1.5
SHORT_LOG_BYTES = 1 << 20


def remember_hours(stage: Stage) -> None:
    """A store with some hours of trades, so that an export is longer than what the system takes for a connection."""
    with Inside(stage) as product:
        product.until_live()
        for symbol, count in (("BTCUSDT", 60_000), ("ETHUSDT", 20_000)):
            first_id = product.seen()[symbol].first_id or 0
            told = stage.exchange.truth(symbol, first_id - count, first_id - 1)
            price, quantity = told.price.astype(float), told.quantity.astype(float)
            older = Ticks(told.trade_id, told.time_ms, price, quantity, told.buyer_is_maker)
            product.market.store.append(symbol, older, backfilled=True)
        product.market.store.flush(60)


def ids_in(export: bytes) -> list[int]:
    return [int(line.split(",")[3]) for line in export.decode().splitlines()[1:]]


def whole_export(product: Whole) -> list[int]:
    """The ids of a file that is taken as quickly as it comes."""
    with closing(SlowReader(product, getting(product, EXPORT))) as reader:
        return ids_in(reader.body())


def is_drawn(product: Whole) -> bool:
    return "xaxis" in str(product.ask(PAGE, first_picture(product)))


def goes_on(stage: Stage, product: Whole) -> None:
    """The market becomes a hundred times as quick, is stored all the while, and others are served."""
    newest = stage.exchange.newest_id("BTCUSDT") + 5_000
    depths = []

    def is_stored() -> bool:
        health = product.health()
        depths.append(health["queue_depth"])
        return (health["symbols"]["BTCUSDT"]["last_id"] or 0) > newest

    stage.exchange.faults.tempo(100)
    wait_until(is_stored, what="trades are stored all the while", within_s=200)
    stage.exchange.faults.tempo(1)
    assert max(depths) < 5_000
    assert is_drawn(product)
    assert whole_export(product)[-1] > newest


def test_row_32_readers_that_stop_cost_little_and_hold_nobody_up(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=32) as stage:
        remember_hours(stage)
        log = stage.database.with_name(stage.database.name + "-wal")
        with Whole(stage) as product, ExitStack() as readers:
            product.until_live()
            stored = whole_export(product)
            assert is_drawn(product)
            before = footprint(product.process.pid)

            def stopped(request: bytes) -> SlowReader:
                return readers.enter_context(closing(SlowReader(product, request)))

            downloads = [stopped(getting(product, EXPORT)) for _ in range(DOWNLOADS)]
            questions = (heartbeat(product), first_picture(product)) * (TABS // 2)
            tabs = [stopped(posting(product, question)) for question in questions]

            goes_on(stage, product)
            stage.quiesce(product.seen)
            # The log is cut in a quiet moment, which no read that is still open would allow.
            wait_until(lambda: log.stat().st_size <= SHORT_LOG_BYTES, what="the log is cut")
            assert clients(product.port) >= DOWNLOADS
            assert footprint(product.process.pid).peak_mib - before.peak_mib < MIB_A_READER * (DOWNLOADS + TABS)

            # Who goes on after all gets the whole file, with everything that was stored when it was asked for.
            ids = ids_in(downloads[0].body())
            assert ids[: len(stored)] == stored
            assert ids == list(range(ids[0], ids[-1] + 1))
            for reader in downloads[1:-1] + tabs:
                reader.close()
            wait_until(lambda: clients(product.port) <= 2, what="they are forgotten")
            # One download still hangs when the product is ended.
            assert product.stop() == 0
            assert "Traceback" not in product.said()
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0
    assert "writer queue full" not in {row.cause for row in stage.ledger()}
