"""Rows 10 to 15 of the fault matrix: what a broken or hostile exchange sends, and more than anybody can take."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingest.simulator import LocalExchange
from tests.fakes import wait_until
from tests.reliability.machine import footprint
from tests.reliability.outside import Lean
from tests.reliability.skewed_clock import SkewedClock
from tests.reliability.stage import Inside, Stage

TRADE = (
    '{"stream":"{lower}@aggTrade","data":{"e":"aggTrade","E":{time_ms},"a":{next_id},"s":"{symbol}","p":"97000.1",'
    '"q":"0.5","nq":"0.5","f":1,"l":1,"T":{time_ms},"m":false,"st":1}}'
)
# Each is set aside; the id that it names must stay free for the true trade.
MALFORMED = {
    "truncated": TRADE[:-20],
    "no object": "[1, 2, 3]",
    "empty": "{}",
    "nested for ever": "[" * 100_000,
    "doubled name": TRADE.replace('"m":false', '"m":false,"p":"1.0"'),
    "id as text": TRADE.replace("{next_id}", '"{next_id}"'),
    "time as fraction": TRADE.replace('"T":{time_ms}', '"T":{time_ms}.5'),
    "side as number": TRADE.replace('"m":false', '"m":0'),
    "without a price": TRADE.replace('"p":"97000.1",', ""),
    "another market": TRADE.replace('"st":1', '"st":2'),
    "unknown symbol": TRADE.replace("{symbol}", "NOBODYUSDT"),
}
UNTRUE = {
    "NaN": TRADE.replace('"97000.1"', "NaN"),
    "NaN as text": TRADE.replace("97000.1", "NaN"),
    "infinite": TRADE.replace("97000.1", "Infinity"),
    "1e400": TRADE.replace("97000.1", "1e400"),
    "negative": TRADE.replace("97000.1", "-1"),
    "nothing": TRADE.replace("97000.1", "0"),
    "no quantity": TRADE.replace('"q":"0.5"', '"q":"0"'),
    "with underscore": TRADE.replace("97000.1", "97_000.1"),
    "with spaces": TRADE.replace("97000.1", " 97000.1 "),
    "ten times the price": TRADE.replace("97000.1", "970000.1"),
    "a tenth of it": TRADE.replace("97000.1", "9700.1"),
    "from tomorrow": TRADE.replace('"T":{time_ms}', '"T":9{time_ms}'),
}


def passed(stage: Stage, product: Inside) -> None:
    stage.quiesce(product.seen)
    product.market.stop()
    verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0


def set_aside(tmp_path: Path, table: dict[str, str], seed: int) -> None:
    with Stage(tmp_path, seed=seed) as stage, Inside(stage) as product:
        product.until_live()
        # The first mark price must have come: without it a price cannot be judged.
        marks = product.market.parts.feed.session.facts
        wait_until(lambda: marks["BTCUSDT"].mark is not None, what="a mark price")
        connections = {one["id"] for one in stage.exchange.faults.state()["connections"]}
        for name, text in table.items():
            before = product.market.diagnostics().set_aside_total
            stage.exchange.faults.send(text, symbol="BTCUSDT")
            wait_until(lambda: product.market.diagnostics().set_aside_total > before, what=name)  # noqa: B023
        assert {one["id"] for one in stage.exchange.faults.state()["connections"]} == connections
        passed(stage, product)


def test_row_10_malformed_messages_are_set_aside_and_counted(tmp_path: Path) -> None:
    set_aside(tmp_path, MALFORMED, 10)


def test_row_11_untrue_prices_never_reach_the_store(tmp_path: Path) -> None:
    set_aside(tmp_path, UNTRUE, 11)


@pytest.mark.parametrize(("mib", "fragments"), [(1.001, False), (200.0, False), (200.0, True)], ids=str)
def test_row_12_an_endless_message_is_cut_off_before_it_is_held(tmp_path: Path, mib: float, fragments: bool) -> None:
    with Stage(tmp_path, seed=12) as stage, Lean(stage) as product:
        product.until_live()
        connections = {one["id"] for one in stage.exchange.faults.state()["connections"]}
        before = footprint(product.process.pid)
        stage.exchange.faults.flood(mib, fragments=fragments)
        wait_until(
            lambda: {one["id"] for one in stage.exchange.faults.state()["connections"]} - connections,
            what="another connection",
            within_s=40,
        )
        product.until_live()
        assert footprint(product.process.pid).peak_mib - before.peak_mib < 16
        stage.quiesce(product.seen)
        product.end()
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    "hostile",
    [
        lambda faults: faults.send(base64=encoded(b'{"e":"\xff\xfe"}')),
        lambda faults: faults.send(base64=encoded(b"\x00\x01"), binary=True),
        lambda faults: faults.send_bytes(encoded(b"\x8f\x7e\xff\xff")),
        lambda faults: faults.send_bytes(encoded(b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff")),
        lambda faults: faults.send_bytes(encoded(bytes(range(256)))),
    ],
    ids=["bad UTF-8", "binary", "unknown opcode", "masked and huge", "noise"],
)
def test_row_13_bytes_that_break_the_protocol_are_survived(tmp_path: Path, hostile: Callable[..., object]) -> None:
    with Stage(tmp_path, seed=13) as stage, Inside(stage) as product:
        product.until_live()
        hostile(stage.exchange.faults)
        passed(stage, product)


def test_row_14_a_closed_session_is_not_stale(tmp_path: Path) -> None:
    """Nobody trades, and the mark prices go on."""
    clock = SkewedClock()
    with Stage(tmp_path, seed=14) as stage, Inside(stage, clock=clock) as product:
        product.until_live()
        stage.exchange.pause()
        heard = product.market.parts.feed.session.facts
        for _ in range(4):
            clock.leapt_ms += 5_000
            leapt_ms = clock.monotonic_ms()
            for symbol in stage.symbols:
                wait_until(lambda: (heard[symbol].last_arrival_ms or 0) > leapt_ms, what="a mark price")  # noqa: B023
        assert not {one.state for one in product.seen().values()} & {"STALE", "MUTE", "OFFLINE", "CONNECTING"}
        stage.exchange.resume()
        passed(stage, product)


def test_row_15_a_burst_beyond_the_queue_becomes_holes_that_are_refilled(tmp_path: Path) -> None:
    with Stage(tmp_path, seed=15, symbols=LocalExchange().symbols()) as stage:
        with Lean(stage) as product:
            product.until_live()
            before = footprint(product.process.pid)
            with closing(sqlite3.connect(stage.database, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                stage.exchange.faults.tempo(400)
                wait_until(lambda: overflown(product), what="the queue is full", within_s=100)
                stage.exchange.faults.tempo(1)
                other.execute("ROLLBACK")
            stage.quiesce(product.seen, within_s=100)
            assert footprint(product.process.pid).peak_mib - before.peak_mib < 200
            product.end()
        assert {row.state for row in stage.ledger() if row.cause == "writer queue full"} == {"FILLED"}
        verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0


def overflown(product: Lean) -> bool:
    return any(one.gaps_open for one in product.seen().values())
