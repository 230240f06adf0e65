"""Stream names and routes: which stream is delivered on which path, and which one stays mute."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from ingest.simulator.candles import INTERVALS

Route = Literal["market", "public", "unrouted"]
Kind = Literal["aggTrade", "trade", "bookTicker", "markPrice", "kline"]

_PUBLIC_KINDS: dict[str, Kind] = {"trade": "trade", "bookTicker": "bookTicker"}
_MARK_PRICE_EVERY_S = {"markPrice": 3, "markPrice@3s": 3, "markPrice@1s": 1}


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream that exists. name: as subscribed.  interval: of a kline.  every_s: of a mark price."""

    name: str
    symbol: str
    kind: Kind
    public: bool
    interval: str = ""
    every_s: int = 0

    def is_delivered_on(self, route: Route) -> bool:
        """The trap: unrouted paths accept every subscription and deliver only the public streams."""
        return self.public is (route != "market")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a client connected. combined: messages come as {"stream", "data"}.  names: streams asked for in the URL."""

    route: Route
    combined: bool
    names: tuple[str, ...]


def parse_stream(name: str, listed: Container[str]) -> Stream | None:
    """The stream called `name`, or None when there is no such one. Names are lower case before the `@`."""
    pair, _, what = name.partition("@")
    symbol = pair.upper()
    if pair != pair.lower() or symbol not in listed:
        return None
    if what == "aggTrade":
        return Stream(name, symbol, "aggTrade", public=False)
    if what in _PUBLIC_KINDS:
        return Stream(name, symbol, _PUBLIC_KINDS[what], public=True)
    if what in _MARK_PRICE_EVERY_S:
        return Stream(name, symbol, "markPrice", public=False, every_s=_MARK_PRICE_EVERY_S[what])
    if what.startswith("kline_") and what[6:] in INTERVALS:
        return Stream(name, symbol, "kline", public=False, interval=what[6:])
    return None


def parse_endpoint(target: str) -> Endpoint | None:
    """What a WebSocket request target asks for, or None when no WebSocket is served there.

    >>> parse_endpoint("/market/stream?streams=btcusdt@aggTrade/ethusdt@aggTrade").names
    ('btcusdt@aggTrade', 'ethusdt@aggTrade')
    >>> parse_endpoint("/ws/btcusdt@aggTrade").route
    'unrouted'
    """
    parts = urlsplit(target)
    segments = [unquote(s) for s in parts.path.split("/") if s]
    route: Route = "unrouted"
    if segments and segments[0] == "market":
        route, segments = "market", segments[1:]
    elif segments and segments[0] == "public":
        route, segments = "public", segments[1:]
    if segments and segments[0] == "ws":
        return Endpoint(route, combined=False, names=tuple(segments[1:]))
    if segments == ["stream"]:
        asked = parse_qs(parts.query).get("streams", [""])[0]
        return Endpoint(route, combined=True, names=tuple(n for n in asked.split("/") if n))
    return None
