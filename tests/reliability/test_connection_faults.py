"""Rows 1 to 5 and 13 of the fault matrix: what happens to connections, and what the status says about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from tests.fakes import wait_until
from tests.reliability.checker import Verdict
from tests.reliability.skewed_clock import SkewedClock
from tests.reliability.stage import Inside, Stage

SILENCE_MS = 10_500


def connection_ids(stage: Stage) -> set[int]:
    """Connections that are open and not stalled."""
    return {one["id"] for one in stage.exchange.faults.state()["connections"] if not one["stalled"]}


def leap_with_data_in_between(stage: Stage, product: Inside, clock: SkewedClock) -> None:
    """Long enough for a symbol to be silent, and never so long at once that the connection is."""
    for _ in range(2):
        clock.leapt_ms += SILENCE_MS // 2
        told = stage.exchange.newest_id("BTCUSDT")
        wait_until(lambda: (product.seen()["BTCUSDT"].last_id or 0) > told, what="the other goes on")  # noqa: B023


def judged(stage: Stage, product: Inside) -> Verdict:
    """Quiesce, stop, judge."""
    stage.quiesce(product.seen)
    product.market.stop()
    verdict = stage.verdict()
    assert verdict.passed, verdict.line()
    assert verdict.lost == 0
    return verdict


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_row_01_a_connection_cut_between_frames_leaves_no_hole(tmp_path: Path, how: Literal["fin", "rst"]) -> None:
    with Stage(tmp_path, seed=1) as stage, Inside(stage) as product:
        product.until_live()
        # Nobody is let in until trades are missed for certain.
        stage.exchange.faults.door("refuse")
        stage.exchange.faults.cut(how=how)
        newest = stage.exchange.newest_id("BTCUSDT")
        wait_until(lambda: stage.exchange.newest_id("BTCUSDT") > newest + 5, what="trades are missed")
        assert not product.is_live()
        stage.exchange.faults.door("open")
        product.until_live()
        judged(stage, product)
        assert any(gap.state == "FILLED" for gap in stage.ledger())


@pytest.mark.parametrize(
    "end",
    [
        lambda faults: faults.cut(how="mid_frame"),
        lambda faults: faults.stall(how="mid_frame"),
    ],
    ids=["cut", "stall"],
)
def test_row_02_a_frame_that_never_ends_is_given_up(tmp_path: Path, end: Callable[..., object]) -> None:
    with Stage(tmp_path, seed=2) as stage, Inside(stage) as product:
        product.until_live()
        before = connection_ids(stage)
        end(stage.exchange.faults)
        # In real time: the library alone would wait here for ever.
        wait_until(lambda: connection_ids(stage) - before, what="a new connection", within_s=30)
        product.until_live()
        judged(stage, product)


def test_row_03_a_peer_that_vanished_is_stale_and_replaced(tmp_path: Path) -> None:
    clock = SkewedClock()
    with Stage(tmp_path, seed=3) as stage, Inside(stage, clock=clock) as product:
        product.until_live()
        before = connection_ids(stage)
        stage.exchange.faults.door("hang")
        stage.exchange.faults.stall(how="silent")
        clock.leapt_ms += SILENCE_MS
        wait_until(lambda: {one.state for one in product.seen().values()} & {"STALE", "OFFLINE"}, what="it is told")
        assert all(one.reason for one in product.seen().values())
        stage.exchange.faults.door("open")
        clock.leapt_ms += SILENCE_MS
        wait_until(lambda: connection_ids(stage) - before, what="a new connection", within_s=40)
        judged(stage, product)


def test_row_04_an_unknown_symbol_is_mute_beside_a_live_one(tmp_path: Path) -> None:
    clock = SkewedClock()
    with Stage(tmp_path, seed=4, symbols=("BTCUSDT", "NOSUCHUSDT")) as stage, Inside(stage, clock=clock) as product:
        wait_until(lambda: product.seen()["BTCUSDT"].state == "LIVE", what="the known one is LIVE")
        leap_with_data_in_between(stage, product, clock)
        wait_until(lambda: product.seen()["NOSUCHUSDT"].state == "MUTE", what="the unknown one is MUTE")
        assert product.seen()["NOSUCHUSDT"].reason
        assert product.seen()["NOSUCHUSDT"].ticks_stored == 0


def test_row_05_one_mute_symbol_is_stale_alone_and_nothing_reconnects(tmp_path: Path) -> None:
    clock = SkewedClock()
    with Stage(tmp_path, seed=5) as stage, Inside(stage, clock=clock) as product:
        product.until_live()
        before = connection_ids(stage)
        stage.exchange.faults.mute(["ETHUSDT"])
        newest = product.seen()["ETHUSDT"].last_id or 0
        wait_until(lambda: stage.exchange.newest_id("ETHUSDT") > newest + 5, what="trades are missed")
        leap_with_data_in_between(stage, product, clock)
        wait_until(lambda: product.seen()["ETHUSDT"].state == "STALE", what="the mute one is STALE")
        assert product.seen()["BTCUSDT"].state not in {"STALE", "MUTE", "OFFLINE"}
        assert connection_ids(stage) == before
        stage.exchange.faults.unmute()
        wait_until(lambda: product.seen()["ETHUSDT"].state != "STALE", what="it is heard again")
        assert connection_ids(stage) == before
        judged(stage, product)


@pytest.mark.parametrize("code", [1001, 1006, 1008, 1012])
def test_row_13_a_close_code_is_shown_and_survived(tmp_path: Path, code: int) -> None:
    with Stage(tmp_path, seed=code) as stage, Inside(stage) as product:
        product.until_live()
        stage.exchange.faults.door("refuse", count=2)
        stage.exchange.faults.cut(how="close", code=code, text="going away")
        wait_until(lambda: code_told(product, code), what="the code is told")
        product.until_live()
        judged(stage, product)


def code_told(product: Inside, code: int) -> bool:
    links = product.market.parts.feed.links()
    reasons = [link.reason or "" for link in links] + [one.reason or "" for one in product.seen().values()]
    causes = [gap.cause for gap in product.market.store.gaps()]
    return any(str(code) in text for text in [*reasons, *causes])
