"""WebSocket frames from the server: never masked, never compressed, never fragmented (RFC 6455, section 5.2)."""

from __future__ import annotations

from collections.abc import Iterable

_FINAL_TEXT = 0x81
_FINAL_CLOSE = 0x88


def frame_head(first_byte: int, size: int) -> bytes:
    """What comes before a payload of this size. first_byte: the final bit and the opcode."""
    if size < 126:
        return bytes((first_byte, size))
    if size < 65_536:
        return bytes((first_byte, 126)) + size.to_bytes(2, "big")
    return bytes((first_byte, 127)) + size.to_bytes(8, "big")


def text_frame(payload: bytes) -> bytes:
    """One text message."""
    size = len(payload)
    if size < 126:
        return bytes((_FINAL_TEXT, size)) + payload
    return frame_head(_FINAL_TEXT, size) + payload


def close_frame(code: int, reason: str) -> bytes:
    """A close frame with any code, also one that nobody may send. reason: cut after 123 bytes."""
    payload = code.to_bytes(2, "big") + reason.encode()[:123]
    return frame_head(_FINAL_CLOSE, len(payload)) + payload


def raw_frames(payloads: Iterable[bytes]) -> bytes:
    """One message for each event, as `/ws/` connections get them."""
    return b"".join(map(text_frame, payloads))


def combined_frames(stream: str, payloads: Iterable[bytes]) -> bytes:
    """One message for each event, wrapped with its stream's name, as `/stream` connections get them."""
    head = b'{"stream":"' + stream.encode() + b'","data":'
    return b"".join(text_frame(head + payload + b"}") for payload in payloads)
