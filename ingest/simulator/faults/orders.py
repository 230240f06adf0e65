"""The vocabulary of faults: one small type for each, checked before anything happens.

`docs/local-exchange.md` has the table. A word is the same in Python and in the JSON of `POST /control/fault`.
"""

from __future__ import annotations

import base64
import binascii
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


Order = Cut | Stall | Door | Mute | Unmute | Withhold | RestAnswer | HorizonAt | Clear


def read_order(text: bytes) -> Order:
    """The order in a JSON text. Raises FaultRefused."""
    try:
        order: Order = msgspec.json.decode(text, type=Order)
    except msgspec.DecodeError as wrong:
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
    except binascii.Error as wrong:
        raise FaultRefused(f"This is not base64: {wrong}.") from None
