"""Connections that end badly, and connections that do not even end."""

from __future__ import annotations

import json

import pytest

from ingest.simulator import LocalExchange
from ingest.simulator.faults import FaultRefused
from tests.ingest.simulator.conftest import HandClock, wait_until
from tests.ingest.simulator.faults.conftest import TRADES, Knock


def test_fin_ends_it_between_frames_and_without_a_close_frame(
    exchange: LocalExchange, clock: HandClock, open_raw: Knock
) -> None:
    raw = open_raw(TRADES)
    clock.advance(3_000)
    raw.events(1)
    assert exchange.faults.cut(how="fin") == {"ok": True, "connections": 1}
    kinds = {0x81}
    while kinds == {0x81}:
        kinds = {raw.frame()[0]}
    assert kinds == {-1}
    wait_until(lambda: exchange.connections() == 0)


def test_rst_is_a_reset(exchange: LocalExchange, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    exchange.faults.cut(how="rst")
    with pytest.raises(ConnectionResetError):
        raw.frame()


def test_a_cut_inside_a_frame_delivers_ten_of_a_thousand_announced_bytes(
    exchange: LocalExchange, open_raw: Knock
) -> None:
    raw = open_raw(TRADES)
    exchange.faults.cut(how="mid_frame")
    assert raw.take(4) == b"\x81\x7e\x03\xe8"
    assert len(raw.take(1_000)) == 10
    assert raw.take(1) == b""


@pytest.mark.parametrize("code", [1001, 1006, 1008, 1012, 4321])
def test_a_close_frame_bears_any_code(exchange: LocalExchange, open_raw: Knock, code: int) -> None:
    raw = open_raw(TRADES)
    exchange.faults.cut(how="close", code=code, text="so it goes")
    assert raw.frame() == (0x88, code.to_bytes(2, "big") + b"so it goes")
    assert raw.frame() == (-1, b"")


def test_a_route_or_one_connection_can_be_meant(exchange: LocalExchange, open_raw: Knock) -> None:
    market, public, other = open_raw(TRADES), open_raw("/public/ws/btcusdt@trade"), open_raw(TRADES)
    assert exchange.faults.cut(route="public")["connections"] == 1
    assert public.frame()[0] == -1
    wait_until(lambda: exchange.connections() == 2)
    first, second = (c["id"] for c in exchange.faults.state()["connections"])
    assert exchange.faults.cut(connection=second)["connections"] == 1
    assert other.frame()[0] == -1
    assert market.is_silent()
    wait_until(lambda: exchange.connections() == 1)
    for connection, route in ((second, None), (first, "public")):
        with pytest.raises(FaultRefused, match=f"no connection {connection}"):
            exchange.faults.cut(connection=connection, route=route)  # type: ignore[arg-type]


def test_a_silent_connection_stays_open_and_a_new_one_works(
    exchange: LocalExchange, clock: HandClock, open_raw: Knock
) -> None:
    old = open_raw("/market/ws/btcusdt@aggTrade/btcusdt@markPrice@1s")
    assert exchange.faults.stall()["connections"] == 1
    new = open_raw(TRADES)
    old.ping()
    clock.advance(3_000)
    new.events(1)
    assert old.is_silent()
    old.socket.sendall(b"\x88\x80\x00\x00\x00\x00")  # a close frame gets no answer either
    clock.advance(3_000)
    assert old.is_silent()
    assert [c["stalled"] for c in exchange.faults.state()["connections"]] == [True, False]
    old.socket.close()
    wait_until(lambda: exchange.connections() == 1)


def test_a_stall_inside_a_frame_begins_it_and_clear_ends_it(
    exchange: LocalExchange, clock: HandClock, open_raw: Knock
) -> None:
    raw = open_raw(TRADES)
    exchange.faults.stall(how="mid_frame")
    assert raw.take(4) == b"\x81\x7e\x03\xe8"
    begun = raw.take(10)
    clock.advance(3_000)
    assert raw.is_silent()
    before = exchange.newest_id("BTCUSDT")
    assert before > 0
    exchange.faults.clear()
    assert isinstance(json.loads(begun + raw.take(990)), dict)  # the frame is finished: what follows is framed well
    clock.advance(3_000)
    assert raw.events(1)[0]["a"] > before  # what came in the stall was not sent


def test_a_stall_for_a_time_ends_by_itself(exchange: LocalExchange, clock: HandClock, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    exchange.faults.stall(for_s=0.2)
    raw.ping()
    wait_until(lambda: not exchange.faults.state()["connections"][0]["stalled"])
    clock.advance(3_000)
    assert raw.events(1)[0]["e"] == "aggTrade"
    raw.ping()
    kind = 0x81
    while kind == 0x81:
        kind, _ = raw.frame()
    assert kind == 0x8A


def test_a_stalled_connection_can_still_be_cut(exchange: LocalExchange, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    exchange.faults.stall()
    assert exchange.faults.cut(how="rst")["connections"] == 1
    with pytest.raises(ConnectionResetError):
        raw.frame()
