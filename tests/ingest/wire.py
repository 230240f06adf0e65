"""Messages as the exchange writes them, for tests of everything that reads them."""

import json


def agg_trade(
    trade_id: int,
    price: str = "63943.90",
    *,
    symbol: str = "BTCUSDT",
    quantity: str = "0.095",
    time_ms: int = 1_000_000,
    **changes: object,
) -> dict[str, object]:
    return {
        "e": "aggTrade",
        "E": time_ms + 3,
        "s": symbol,
        "a": trade_id,
        "p": price,
        "q": quantity,
        "nq": quantity,
        "f": 2 * trade_id,
        "l": 2 * trade_id + 1,
        "T": time_ms,
        "m": True,
        "st": 1,
    } | changes


def raw_trade(
    trade_id: int, price: str = "28147.00", *, kind: str = "MARKET", time_ms: int = 1_000_000
) -> dict[str, object]:
    return {
        "e": "trade",
        "E": time_ms + 2,
        "T": time_ms,
        "s": "BTCUSDT",
        "t": trade_id,
        "p": price,
        "q": "0.001",
        "X": kind,
        "m": False,
    }


def mark_price(price: str, *, symbol: str = "BTCUSDT", time_ms: int = 1_000_000) -> dict[str, object]:
    return {
        "e": "markPriceUpdate",
        "E": time_ms,
        "s": symbol,
        "p": price,
        "ap": price,
        "P": price,
        "i": price,
        "r": "-0.00010000",
        "T": 28_800_000,
    }


def combined(*events: dict[str, object]) -> list[bytes]:
    return [json.dumps({"stream": "x@y", "data": event}, separators=(",", ":")).encode() for event in events]


def raw(*events: dict[str, object]) -> list[bytes]:
    return [json.dumps(event, separators=(",", ":")).encode() for event in events]
