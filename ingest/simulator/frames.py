"""WebSocket frames from the server: never masked, never compressed, never fragmented (RFC 6455, section 5.2)."""

from __future__ import annotations

from collections.abc import Iterable

_FINAL_TEXT = 0x81


def text_frame(payload: bytes) -> bytes:
    """One text message."""
    size = len(payload)
    if size < 126:
        return bytes((_FINAL_TEXT, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def raw_frames(payloads: Iterable[bytes]) -> bytes:
    """One message for each event, as `/ws/` connections get them."""
    return b"".join(map(text_frame, payloads))


def combined_frames(stream: str, payloads: Iterable[bytes]) -> bytes:
    """One message for each event, wrapped with its stream's name, as `/stream` connections get them."""
    head = b'{"stream":"' + stream.encode() + b'","data":'
    return b"".join(text_frame(head + payload + b"}") for payload in payloads)
