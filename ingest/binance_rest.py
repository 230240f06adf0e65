"""The JSON of the exchange's REST answers. Beside `binance.py` the only file that knows it."""

from __future__ import annotations

import re

import msgspec
import numpy as np

from analytics.errors import MalformedFrame
from analytics.market import Listing, Ticks
from ingest.binance import Decimal, SymbolName, Whole


class _AggTradeRow(msgspec.Struct, gc=False):
    a: Whole
    p: Decimal
    q: Decimal
    T: Whole
    m: bool


class _ServerTime(msgspec.Struct):
    serverTime: Whole  # noqa: N815  the exchange's spelling


class _Filter(msgspec.Struct):
    filterType: str  # noqa: N815
    tickSize: str = ""  # noqa: N815
    stepSize: str = ""  # noqa: N815


class _SymbolRow(msgspec.Struct):
    symbol: SymbolName
    status: str
    baseAsset: str  # noqa: N815
    quoteAsset: str  # noqa: N815
    contractType: str = ""  # noqa: N815
    pricePrecision: int = 8  # noqa: N815
    filters: list[_Filter] = []


class _ExchangeInfo(msgspec.Struct):
    symbols: list[_SymbolRow]


class _Fault(msgspec.Struct):
    code: int
    msg: str


_agg_trades = msgspec.json.Decoder(list[_AggTradeRow])
_server_time = msgspec.json.Decoder(_ServerTime)
_exchange_info = msgspec.json.Decoder(_ExchangeInfo)
_fault = msgspec.json.Decoder(_Fault)

_SYMBOL = re.compile(r"[A-Z0-9]{2,30}")
_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


def decode_agg_trades(body: bytes) -> Ticks:
    """Rows of `/fapi/v1/aggTrades`, ascending by id. Rows without a positive price and quantity are left out.

    Raises MalformedFrame when the body is anything else, such as the HTML of a captive portal.
    """
    try:
        rows = _agg_trades.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedFrame(f"the answer holds no trades ({error})") from error
    ticks = Ticks(
        trade_id=np.array([row.a for row in rows], np.int64),
        time_ms=np.array([row.T for row in rows], np.int64),
        price=np.array([float(row.p) for row in rows], np.float64),
        quantity=np.array([float(row.q) for row in rows], np.float64),
        buyer_is_maker=np.array([row.m for row in rows], np.bool_),
    )
    ticks = ticks.rows((ticks.price > 0) & (ticks.quantity > 0))
    _, order = np.unique(ticks.trade_id, return_index=True)
    return ticks.rows(order)


def decode_server_time(body: bytes) -> int:
    """The exchange's clock, milliseconds UTC. Raises MalformedFrame."""
    try:
        return _server_time.decode(body).serverTime
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedFrame(f"the answer holds no time ({error})") from error


def decode_listings(body: bytes) -> tuple[Listing, ...]:
    """The symbols that trade now, in alphabetical order. Raises MalformedFrame."""
    try:
        info = _exchange_info.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedFrame(f"the answer lists no symbols ({error})") from error
    trading = [row for row in info.symbols if row.status == "TRADING" and _SYMBOL.fullmatch(row.symbol)]
    return tuple(sorted((_listing(row) for row in trading), key=lambda listing: listing.symbol))


def decode_fault(body: bytes) -> str | None:
    """The exchange's own words about a refused request, or None when the body holds none."""
    try:
        fault = _fault.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return f"{fault.msg[:200]} ({fault.code})"


def _listing(row: _SymbolRow) -> Listing:
    ticks = [f.tickSize for f in row.filters if f.filterType == "PRICE_FILTER"]
    steps = [f.stepSize for f in row.filters if f.filterType == "LOT_SIZE"]
    tick_text = ticks[0] if ticks and _PLAIN.fullmatch(ticks[0]) else f"{10.0**-row.pricePrecision:.12f}"
    step = float(steps[0]) if steps and _PLAIN.fullmatch(steps[0]) else 0.0
    decimals = len(tick_text.rstrip("0").partition(".")[2])
    return Listing(row.symbol, row.baseAsset, row.quoteAsset, float(tick_text), step, decimals)
