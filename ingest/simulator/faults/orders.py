"""The vocabulary of faults: one small type for each, checked before anything happens.

`docs/local-exchange.md` has the table. A word is the same in Python and in the JSON of `POST /control/fault`.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Route = Literal["market", "public", "unrouted"]
Seconds = Annotated[float, Meta(ge=0, le=1_000_000)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Status = Annotated[int, Meta(ge=200, le=599)]


class FaultRefused(ValueError):
    """A fault that cannot be; the message is a sentence that says why."""


class _Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    pass


class Cut(_Order, frozen=True, tag="cut"):
    """End connections now."""

    how: Literal["fin", "rst", "mid_frame", "close"] = "fin"
    code: Annotated[int, Meta(ge=1_000, le=4_999)] = 1_000
    text: Annotated[str, Meta(max_length=120)] = ""
    route: Route | None = None
    connection: int | None = None


class Stall(_Order, frozen=True, tag="stall"):
    """Connections stay open and nothing comes any more."""

    how: Literal["silent", "mid_frame"] = "silent"
    for_s: Seconds | None = None
    route: Route | None = None
    connection: int | None = None


class Door(_Order, frozen=True, tag="door"):
    """How new WebSocket handshakes are met."""

    how: Literal["refuse", "hang", "status", "html", "open"]
    status: Status = 503
    for_s: Seconds | None = None
    count: Count | None = None


class Mute(_Order, frozen=True, tag="mute"):
    """Acknowledged, connected, and nothing is sent of these streams."""

    symbols: tuple[str, ...] = ()
    streams: Literal["aggTrade", "markPrice", "all"] = "all"


class Unmute(_Order, frozen=True, tag="unmute"):
    """End every `mute`."""


class Withhold(_Order, frozen=True, tag="withhold"):
    """The next trades are not sent."""

    symbol: str
    ids: Annotated[int, Meta(ge=1, le=1_000_000)]
    rest: bool = True


class Repeat(_Order, frozen=True, tag="repeat"):
    """The newest trades once more."""

    symbol: str
    last: Annotated[int, Meta(ge=1, le=10_000)]


class ShuffleNext(_Order, frozen=True, tag="shuffle"):
    """The next trades out of order."""

    symbol: str
    within: Annotated[int, Meta(ge=1, le=10_000)]
    count: Count
    seed: Annotated[int, Meta(ge=0)] = 0


class NewIds(_Order, frozen=True, tag="new_ids"):
    """A symbol's ids begin at 1 again."""

    symbol: str


class Send(_Order, frozen=True, tag="send"):
    """One message to every connection."""

    text: str | None = None
    base64: str | None = None
    binary: bool = False
    route: Route | None = None
    symbol: str | None = None


class SendBytes(_Order, frozen=True, tag="send_bytes"):
    """Bytes onto the wire of every connection."""

    base64: str
    route: Route | None = None


class Flood(_Order, frozen=True, tag="flood"):
    """A huge frame, or fragments of a message that never ends."""

    mib: Annotated[float, Meta(gt=0, le=100_000)] = 200.0
    fragments: bool = False
    route: Route | None = None
    connection: int | None = None


class Tempo(_Order, frozen=True, tag="tempo"):
    """How fast the exchange's time runs."""

    speed: Annotated[float, Meta(ge=0.001, le=10_000)]


class Life(_Order, frozen=True, tag="life"):
    """How long a connection may live."""

    seconds: Seconds


class ShutdownNotice(_Order, frozen=True, tag="shutdown_notice"):
    """A warning, and the end of the connections after it."""

    after_s: Seconds


class RestAnswer(_Order, frozen=True, tag="rest"):
    """Scripted REST answers."""

    path: str = "/"
    status: Status | None = None
    retry_after: Annotated[int, Meta(ge=0, le=10_000_000)] | None = None
    body: Literal["json", "html", "empty", "truncated"] = "json"
    delay_s: Seconds = 0.0
    drop: bool = False
    count: Count | None = None
    for_s: Seconds | None = None


class HorizonAt(_Order, frozen=True, tag="horizon"):
    """How far back REST has trades, and what it says about older ids."""

    hours: Annotated[float, Meta(ge=0, le=100_000)]
    answer: Literal["rows", "empty", "error"] = "empty"


class Clear(_Order, frozen=True, tag="clear"):
    """Every fault off."""


Order = (
    Cut
    | Stall
    | Door
    | Mute
    | Unmute
    | Withhold
    | Repeat
    | ShuffleNext
    | NewIds
    | Send
    | SendBytes
    | Flood
    | Tempo
    | Life
    | ShutdownNotice
    | RestAnswer
    | HorizonAt
    | Clear
)


def read_order(text: bytes) -> Order:
    """The order in a JSON text. Raises FaultRefused."""
    try:
        order: Order = msgspec.json.decode(text, type=Order)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise FaultRefused(f"Not a fault: {wrong}.") from None
    return order


def checked_order(do: str, arguments: dict[str, Any]) -> Order:
    """The order with this name and these arguments. Raises FaultRefused."""
    try:
        order: Order = msgspec.convert({"do": do, **arguments}, type=Order)
    except msgspec.ValidationError as wrong:
        raise FaultRefused(f"Not a fault: {wrong}.") from None
    return order


def decoded(text: str) -> bytes:
    """The bytes of a base64 text. Raises FaultRefused."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as wrong:
        raise FaultRefused(f"This is not base64: {wrong}.") from None
