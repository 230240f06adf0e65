"""The splitter against frames written by wsproto (an implementation that nobody here wrote), under any cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.frame_protocol import CloseReason, FrameProtocol

from ingest.frames import Control, FrameSplitter, Opcode

texts = st.lists(st.text(max_size=200), max_size=12)


def server_bytes(messages: list[str], fragment: int = 0) -> bytes:
    peer = FrameProtocol(client=False, extensions=[])
    out = bytearray()
    for number, message in enumerate(messages):
        if fragment and len(message) > fragment:
            pieces = [message[i : i + fragment] for i in range(0, len(message), fragment)]
            for piece in pieces[:-1]:
                out += peer.send_data(piece, fin=False)
                out += peer.ping(b"between fragments")
            out += peer.send_data(pieces[-1], fin=True)
        else:
            out += peer.send_data(message, fin=True)
        if number % 3 == 2:
            out += peer.ping(str(number).encode())
    return bytes(out)


@given(texts, st.integers(0, 9), st.lists(st.integers(0, 4000), max_size=20))
def test_any_cut_of_the_stream_gives_the_same_messages(messages: list[str], fragment: int, cuts: list[int]) -> None:
    stream = server_bytes(messages, fragment)
    edges = sorted({0, len(stream), *(c for c in cuts if c < len(stream))})
    splitter = FrameSplitter()
    received = [splitter.feed(stream[a:b]) for a, b in pairwise(edges)]
    assert [m.decode() for r in received for m in r.messages] == messages


@given(st.binary(max_size=400))
def test_random_bytes_never_do_worse_than_broken(data: bytes) -> None:
    broken = FrameSplitter(max_message_bytes=1000).feed(data).broken
    assert broken is None or broken[:4].isdecimal()


def test_control_frames_keep_their_order_and_payload() -> None:
    peer = FrameProtocol(client=False, extensions=[])
    stream = peer.ping(b"a") + peer.pong(b"b") + peer.close(CloseReason.GOING_AWAY, "bye")
    assert FrameSplitter().feed(bytes(stream)).controls == [
        Control(Opcode.PING, b"a"),
        Control(Opcode.PONG, b"b"),
        Control(Opcode.CLOSE, b"bye", 1001),
    ]


def test_a_frame_over_the_cap_is_refused_at_its_header() -> None:
    header = bytes([0x81, 127]) + (200 << 20).to_bytes(8, "big")
    assert "1009, a message of more than 1048576 bytes" in (FrameSplitter().feed(header).broken or "")


def test_endless_empty_fragments_are_refused() -> None:
    splitter = FrameSplitter(max_message_bytes=64)
    splitter.feed(bytes([0x01, 0]))
    assert "1009, a fragmented message" in (splitter.feed(bytes([0x00, 0]) * 100).broken or "")


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (bytes([0x81, 0x85, 0, 0, 0, 0]) + b"hello", "masked"),
        (bytes([0xC1, 1]) + b"x", "reserved"),
        (bytes([0x80, 1]) + b"x", "continuation"),
        (bytes([0x01, 1]) + b"x" + bytes([0x81, 1]) + b"y", "inside a fragmented"),
        (bytes([0x82, 1]) + b"x", "1003"),
        (bytes([0x83, 1]) + b"x", "opcode 0x3"),
        (bytes([0x8B, 1]) + b"x", "opcode 0xb"),
        (bytes([0x09, 1]) + b"x", "control frame"),
        (bytes([0x89, 126, 0, 200]) + bytes(200), "control frame"),
        (bytes([0x89, 126, 0, 200]), "control frame"),
        (bytes([0x88, 1]) + b"x", "half a status"),
    ],
)
def test_broken_frames_are_named(frame: bytes, reason: str) -> None:
    whole = server_bytes(["before"])
    received = FrameSplitter().feed(whole + frame)
    assert received.messages == [b"before"]
    assert reason in (received.broken or "")
