"""A peer that breaks every rule: the connection is replaced, the cause names the code, and memory stays flat."""

from __future__ import annotations

import resource
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

import pytest

from ingest.live import LiveFeed
from ingest.session import FeedSession
from services.clock import SystemClock
from tests.fakes import wait_until
from tests.ingest.feeding import holes, ids, running
from tests.ingest.scripted import Peer, closing, frame, scripted
from tests.ingest.wire import agg_trade, combined

CLOCK = SystemClock()
MIB = 1 << 20


def after(hostile: Callable[[Peer], None]) -> tuple[str, list[int]]:
    """What the feed says of a first connection that does this behind trade 1, and the ids it has in the end."""

    def script(peer: Peer) -> None:
        peer.heartbeat()
        if peer.number == 0:
            peer.trade(1)
            with suppress(OSError):
                hostile(peer)
        else:
            peer.trade(3)
            peer.beat_until_gone()

    with scripted(script) as server:
        feed = LiveFeed(server.url, FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed) as events:
            wait_until(lambda: len(ids(events, "BTCUSDT")) == 2, what="the next connection")
            wait_until(lambda: feed.link.state == "LIVE", what="live again")
            assert feed.links()[0].reconnects == 1
        ((symbol, first, last, cause),) = holes(events)
        assert (symbol, first, last) == ("BTCUSDT", 2, 2)
        assert cause == feed.links()[0].reason
    return cause, ids(events, "BTCUSDT").tolist()


def sends(data: bytes) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        peer.send(data)
        peer.wait_gone()

    return script


BROKEN_TEXT = combined(agg_trade(2))[0][:-2] + b',"x":"\xff"}}'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (closing(1001, b"going away"), "closed the connection (1001 going away)"),
        (closing(1008, b"policy"), "closed the connection (1008 policy)"),
        (closing(1012), "closed the connection (1012)"),
        (frame(b"", 0x88), "closed the connection (1005)"),
        (closing(1011, b"\xff\xfe"), "(1011"),
        (frame(BROKEN_TEXT), "1007"),
        (frame(b"\x00\x01", 0x82), "1003"),
        (frame(b"{}", 0xC1), "1002, reserved bits"),
        (b"\x81\x85\0\0\0\0hello", "1002, the server sent a masked frame"),
        (frame(b"x", 0x80), "1002, a continuation"),
        (frame(b"x" * 126, 0x89), "1002, a control frame"),
        (b"\x81\x7f" + struct.pack("!Q", MIB + 1), "1009"),
        (b"\x81\x7f" + b"\xff" * 8, "1009"),
    ],
)
def test_the_cause_of_a_broken_connection_names_its_code(data: bytes, words: str) -> None:
    cause, got = after(sends(data))
    assert words in cause
    assert cause.startswith("127.0.0.1 ")
    assert got == [1, 3]


def test_an_end_without_a_word_is_1006() -> None:
    cause, _ = after(lambda peer: None)
    assert "(1006)" in cause


def test_a_reset_is_told() -> None:
    def reset(peer: Peer) -> None:
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.sock.close()

    cause, _ = after(reset)
    assert "dropped the connection" in cause


def test_a_cut_inside_a_frame_loses_only_that_frame() -> None:
    def cut(peer: Peer) -> None:
        peer.send(b"\x81\x7e" + struct.pack("!H", 1_000) + b"0123456789")

    cause, _ = after(cut)
    assert "(1006)" in cause


@pytest.mark.parametrize("fragments", [False, True])
def test_two_hundred_mebibytes_cost_nothing(fragments: bool) -> None:
    def flood(peer: Peer) -> None:
        piece = bytes(MIB // 4)
        peer.send(b"\x01\x00" if fragments else b"\x81\x7f" + struct.pack("!Q", 200 * MIB))
        for _ in range(800):
            peer.send(frame(piece, 0x00) if fragments else piece)

    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cause, _ = after(flood)
    assert "1009" in cause
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib <= 16 * 1024


def test_a_thousand_pings_get_the_newest_pong_and_no_more_than_four_a_second() -> None:
    pongs: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.heartbeat()
        for number in range(1_000):
            peer.send(frame(b"%d" % number, 0x89))
        peer.sock.settimeout(5)
        received = b""
        while b"999" not in received:
            more = peer.sock.recv(4096)
            key_at = 2
            while len(more) > key_at:
                size = more[1] & 0x7F
                key, body = more[2:6], more[6 : 6 + size]
                text = bytes(b ^ key[i % 4] for i, b in enumerate(body))
                if more[0] == 0x8A:
                    pongs.append(text)
                received += text
                more = more[6 + size :]
        peer.beat_until_gone()

    with scripted(script) as server:
        feed = LiveFeed(server.url, FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed):
            wait_until(lambda: pongs and pongs[-1] == b"999", what="the newest pong")
            assert len(pongs) <= 20
            assert server.open_now == {0}


def test_bytes_one_by_one_make_the_same_trades() -> None:
    def script(peer: Peer) -> None:
        for byte in b"".join(frame(message) for message in combined(agg_trade(1, time_ms=CLOCK.now_ms()))):
            peer.send(bytes([byte]))
        peer.heartbeat()
        peer.wait_gone()

    with scripted(script) as server:
        feed = LiveFeed(server.url, FeedSession({}), CLOCK, ["BTCUSDT"])
        with running(feed) as events:
            wait_until(lambda: ids(events, "BTCUSDT").tolist() == [1], what="the trade")
