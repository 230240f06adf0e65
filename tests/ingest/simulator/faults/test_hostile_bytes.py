"""Payloads and bytes that no exchange should send, and connections that end on schedule."""

from __future__ import annotations

import base64
import json

import pytest

from ingest.simulator import LocalExchange
from ingest.simulator.faults import FaultRefused
from tests.ingest.simulator.conftest import HandClock, wait_until
from tests.ingest.simulator.faults.conftest import TRADES, Knock

MIB = 1_048_576


@pytest.mark.parametrize("text", ["{", '{"p":NaN}', "", "[" * 100_000, "ü" * 40_000], ids=len)
def test_any_text_is_sent_as_it_is(exchange: LocalExchange, open_raw: Knock, text: str) -> None:
    raws = [open_raw(TRADES), open_raw("/public/ws")]
    assert exchange.faults.send(text)["connections"] == 2
    for raw in raws:
        assert raw.frame() == (0x81, text.encode())


def test_bytes_in_a_binary_frame_and_bad_unicode_in_a_text_frame(exchange: LocalExchange, open_raw: Knock) -> None:
    market, public = open_raw(TRADES), open_raw("/public/ws")
    encoded = base64.b64encode(b"\xff\xfe\x00").decode()
    assert exchange.faults.send(base64=encoded, binary=True, route="market")["connections"] == 1
    exchange.faults.send(base64=encoded, route="market")
    assert [market.frame(), market.frame()] == [(0x82, b"\xff\xfe\x00"), (0x81, b"\xff\xfe\x00")]
    assert public.is_silent()


def test_placeholders_make_a_payload_look_current(exchange: LocalExchange, clock: HandClock, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    text = '{"stream":"{lower}@aggTrade","s":"{symbol}","a":{next_id},"T":{time_ms},"p":"-1"}'
    exchange.faults.send(text, symbol="ETHUSDT")
    assert json.loads(raw.frame()[1]) == {
        "stream": "ethusdt@aggTrade",
        "s": "ETHUSDT",
        "a": exchange.newest_id("ETHUSDT") + 1,
        "T": clock.now_ms,
        "p": "-1",
    }
    exchange.faults.send("{symbol}")
    assert raw.frame() == (0x81, b"{symbol}")


def test_raw_bytes_are_put_on_the_wire(exchange: LocalExchange, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    exchange.faults.send_bytes(base64.b64encode(b"\xf7\x00 not a frame").decode())
    assert raw.take(14) == b"\xf7\x00 not a frame"


def test_a_message_that_cannot_be_is_refused(exchange: LocalExchange) -> None:
    with pytest.raises(FaultRefused, match="one of them"):
        exchange.faults.send()
    with pytest.raises(FaultRefused, match="one of them"):
        exchange.faults.send("x", base64="eA==")
    with pytest.raises(FaultRefused, match="base64"):
        exchange.faults.send(base64="!")
    with pytest.raises(FaultRefused, match="base64"):
        exchange.faults.send_bytes("ü")
    with pytest.raises(FaultRefused, match="flood"):
        exchange.faults.send("x" * (2 * MIB + 1))
    with pytest.raises(FaultRefused, match="NOSUCH"):
        exchange.faults.send("x", symbol="NOSUCH")
    with pytest.raises(FaultRefused, match="Unicode"):
        exchange.faults.send("\ud800")


def test_a_huge_frame_is_announced_streamed_and_over(
    exchange: LocalExchange, clock: HandClock, open_raw: Knock
) -> None:
    raw = open_raw(TRADES)
    assert exchange.faults.flood(mib=5.5)["connections"] == 1
    size = 11 * MIB // 2
    assert raw.take(10) == b"\x81\x7f" + size.to_bytes(8, "big")
    clock.advance(3_000)  # what is traded meanwhile does not come in between
    assert raw.take(size).count(b"x") == size
    wait_until(lambda: not exchange.faults.state()["connections"][0]["stalled"])
    clock.advance(3_000)
    assert raw.events(1)[0]["e"] == "aggTrade"


def test_a_flood_waits_for_its_reader_and_holds_up_nobody_else(exchange: LocalExchange, open_raw: Knock) -> None:
    raw, other = open_raw(TRADES), open_raw(TRADES)
    numbers = [c["id"] for c in exchange.faults.state()["connections"]]
    exchange.faults.flood(mib=100_000, connection=numbers[0])
    raw.take(3 * MIB)
    other.ping()
    assert other.frame() == (0x8A, b"")
    exchange.faults.clear()  # half a frame cannot be taken back
    with pytest.raises(ConnectionResetError):
        raw.take(1_000 * MIB)
    wait_until(lambda: exchange.connections() == 1)


def test_fragments_never_end_the_message(exchange: LocalExchange, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    exchange.faults.flood(mib=1, fragments=True)
    frames = [raw.frame() for _ in range(16)]
    assert [kind for kind, _ in frames] == [0x01, *[0x00] * 15]
    assert sum(len(payload) for _, payload in frames) == MIB
    assert raw.is_silent()
    exchange.faults.clear()
    with pytest.raises(ConnectionResetError):
        raw.frame()


def test_a_client_may_leave_in_a_flood_and_the_exchange_may_stop_in_one(
    exchange: LocalExchange, open_raw: Knock, caplog: pytest.LogCaptureFixture
) -> None:
    leaving, staying = open_raw(TRADES), open_raw(TRADES)
    exchange.faults.flood(mib=1_000)
    staying.take(MIB)
    leaving.take(MIB)
    leaving.socket.close()
    wait_until(lambda: exchange.connections() == 1)
    exchange.stop()
    assert not caplog.records


def test_a_shorter_life_ends_old_connections_too(exchange: LocalExchange, open_raw: Knock) -> None:
    old = open_raw(TRADES)
    exchange.faults.life(0.1)
    assert old.frame()[1][:2] == (1001).to_bytes(2, "big")
    new = open_raw(TRADES)
    assert new.frame()[1][:2] == (1001).to_bytes(2, "big")
    assert exchange.faults.state()["faults"] == [{"do": "life", "seconds": 0.1}]
    exchange.faults.clear()
    assert open_raw(TRADES).is_silent()


def test_a_shutdown_is_announced_and_then_done_to_those_who_were_there(
    exchange: LocalExchange, clock: HandClock, open_raw: Knock
) -> None:
    old = open_raw("/market/stream?streams=btcusdt@aggTrade")
    assert exchange.faults.shutdown_notice(1.0)["connections"] == 1
    new = open_raw(TRADES)
    assert old.events(1) == [{"e": "serverShutdown", "E": clock.now_ms}]
    clock.advance(2_000)
    assert old.events(1)[0]["stream"] == "btcusdt@aggTrade"  # it goes on until then
    while (frame := old.frame())[0] == 0x81:
        pass
    assert frame == (0x88, (1001).to_bytes(2, "big") + b"server shutdown")
    assert new.events(1)[0]["e"] == "aggTrade"
    wait_until(lambda: exchange.connections() == 1)


def test_clear_calls_a_shutdown_off(exchange: LocalExchange, open_raw: Knock) -> None:
    raw = open_raw(TRADES)
    exchange.faults.shutdown_notice(0.1)
    exchange.faults.clear()
    raw.events(1)
    assert raw.is_silent()
