"""WebSocket messages from bytes (RFC 6455, client side), without any IO.

The connection itself belongs to websocket-client. This splitter replaces only its read path: one large read from the
socket goes in, every whole message comes out. That costs a tenth of the library's three reads a frame, puts a cap on
sizes, and cannot hang inside a half-received frame, because the caller's timed reads go on while a frame is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from analytics.errors import MalformedFrame

_FIN = 0x80
_RESERVED = 0x70
_OPCODE = 0x0F
_MASKED = 0x80
_LENGTH = 0x7F
_CONTROL_LIMIT = 125


class Opcode(IntEnum):
    """RFC 6455, section 5.2."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


@dataclass(frozen=True, slots=True)
class Control:
    """A ping, pong or close. close_code is None for the others and for a close without a status."""

    opcode: Opcode
    payload: bytes
    close_code: int | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What one read completed: data messages in order, and control frames in order.

    broken: RFC 6455's status code and a sentence, where what follows breaks the protocol and the connection must be
    dropped.
    """

    messages: list[bytes]
    controls: list[Control]
    broken: str | None = None


class FrameSplitter:
    """Cuts a server's byte stream into messages.

    max_message_bytes bounds one message, fragments added up, before it is buffered: a frame that declares more is
    refused when its header arrives. At most one partial message is held.
    """

    def __init__(self, max_message_bytes: int = 1 << 20) -> None:
        self._limit = max_message_bytes
        self._pending = b""
        self._fragments: list[bytes] = []
        self._fragment_bytes = 0

    def feed(self, data: bytes) -> Received:
        """Take the next bytes of the stream, any cut. What was whole before a broken frame is still given."""
        messages: list[bytes] = []
        controls: list[Control] = []
        try:
            self._cut(data, messages, controls)
        except MalformedFrame as error:
            # Nothing behind it can be trusted, nor is it worth its memory.
            self._pending = b""
            self._fragments = []
            return Received(messages, controls, error.reason)
        return Received(messages, controls)

    def _cut(self, data: bytes, messages: list[bytes], controls: list[Control]) -> None:
        buffer = self._pending + data if self._pending else data
        at, end = 0, len(buffer)
        while end - at >= 2:
            first, length = buffer[at], buffer[at + 1]
            body = at + 2
            if length == 126:
                body += 2
                if end < body:
                    break
                length = int.from_bytes(buffer[at + 2 : body], "big")
            elif length == 127:
                body += 8
                if end < body:
                    break
                length = int.from_bytes(buffer[at + 2 : body], "big")
            elif length & _MASKED:
                raise MalformedFrame("1002, the server sent a masked frame")
            if length + self._fragment_bytes > self._limit:
                raise MalformedFrame(f"1009, a message of more than {self._limit} bytes was announced")
            if end - body < length:
                self._refuse_early(first, length)
                break
            at = body + length
            # The one shape that matters for speed: a whole, final text frame outside a fragmented message.
            if first == 0x81 and not self._fragments:
                messages.append(buffer[body:at])
            else:
                self._special(first, buffer[body:at], messages, controls)
        self._pending = buffer[at:]

    def _refuse_early(self, first: int, length: int) -> None:
        if first & 0x08 and length > _CONTROL_LIMIT:
            raise MalformedFrame("1002, a control frame of more than 125 bytes")

    def _special(self, first: int, payload: bytes, messages: list[bytes], controls: list[Control]) -> None:
        if first & _RESERVED:
            raise MalformedFrame("1002, reserved bits are set, but no extension was agreed")
        opcode, final = first & _OPCODE, bool(first & _FIN)
        if opcode >= Opcode.CLOSE:
            controls.append(_control(opcode, payload, final=final))
        elif opcode == Opcode.CONTINUATION:
            if not self._fragments:
                raise MalformedFrame("1002, a continuation without a beginning")
            self._fragment(payload, messages, final=final)
        elif opcode == Opcode.BINARY:
            raise MalformedFrame("1003, a binary message where only text was agreed")
        elif opcode == Opcode.TEXT:
            if self._fragments:
                raise MalformedFrame("1002, a new message began inside a fragmented one")
            if final:
                messages.append(payload)
            else:
                self._fragment(payload, messages, final=False)
        else:
            raise MalformedFrame(f"1002, unknown opcode {opcode:#x}")

    def _fragment(self, payload: bytes, messages: list[bytes], *, final: bool) -> None:
        self._fragments.append(payload)
        # An empty fragment still costs a list slot: count it, or a peer could grow the list for ever.
        self._fragment_bytes += max(len(payload), 1)
        if self._fragment_bytes > self._limit:
            raise MalformedFrame(f"1009, a fragmented message of more than {self._limit} bytes")
        if final:
            messages.append(b"".join(self._fragments))
            self._fragments = []
            self._fragment_bytes = 0


def _control(opcode: int, payload: bytes, *, final: bool) -> Control:
    if opcode not in {Opcode.CLOSE, Opcode.PING, Opcode.PONG}:
        raise MalformedFrame(f"1002, unknown opcode {opcode:#x}")
    if not final or len(payload) > _CONTROL_LIMIT:
        raise MalformedFrame("1002, a control frame was fragmented or longer than 125 bytes")
    if opcode != Opcode.CLOSE:
        return Control(Opcode(opcode), payload)
    if len(payload) == 1:
        raise MalformedFrame("1002, a close frame with half a status code")
    code = int.from_bytes(payload[:2], "big") if payload else None
    return Control(Opcode.CLOSE, payload[2:], code)
