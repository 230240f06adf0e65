"""The JSON of the exchange's REST answers. Beside `binance.py` the only file that knows it."""

from __future__ import annotations

import re

import msgspec
import numpy as np

from analytics.errors import MalformedFrame
from analytics.market import Bars, Int64Array, Listing, Quality, Ticks
from analytics.quotes import Funding, Quote
from ingest.binance import Decimal, SymbolName, Whole


class _AggTradeRow(msgspec.Struct, gc=False):
    a: Whole
    p: Decimal
    q: Decimal
    T: Whole
    m: bool


class _CandleRow(msgspec.Struct, array_like=True, gc=False):
    start_ms: Whole
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    end_ms: Whole
    quote_volume: Decimal
    trades: Whole
    taker_buy_volume: Decimal


class _ServerTime(msgspec.Struct):
    serverTime: Whole  # noqa: N815  the exchange's spelling


class _Filter(msgspec.Struct):
    filterType: str  # noqa: N815
    tickSize: str = ""  # noqa: N815
    stepSize: str = ""  # noqa: N815


class _SymbolRow(msgspec.Struct):
    symbol: SymbolName
    status: str = "TRADING"
    baseAsset: str = ""  # noqa: N815
    quoteAsset: str = ""  # noqa: N815
    contractType: str = ""  # noqa: N815
    pricePrecision: int = 8  # noqa: N815
    filters: list[_Filter] = []


class _ExchangeInfo(msgspec.Struct):
    symbols: list[_SymbolRow]


class _QuoteRow(msgspec.Struct, gc=False):
    symbol: SymbolName
    bidPrice: Decimal  # noqa: N815
    askPrice: Decimal  # noqa: N815


class _FundingRow(msgspec.Struct, gc=False):
    symbol: SymbolName
    lastFundingRate: str  # noqa: N815  empty for what is never funded
    nextFundingTime: Whole  # noqa: N815  0 for what is never funded
    time: Whole


class _Fault(msgspec.Struct):
    code: int
    msg: str


_agg_trades = msgspec.json.Decoder(list[_AggTradeRow])
_agg_trade = msgspec.json.Decoder(_AggTradeRow)
_candles = msgspec.json.Decoder(list[_CandleRow])
_server_time = msgspec.json.Decoder(_ServerTime)
_exchange_info = msgspec.json.Decoder(_ExchangeInfo)
_quotes = msgspec.json.Decoder(_QuoteRow | list[_QuoteRow])
_fundings = msgspec.json.Decoder(_FundingRow | list[_FundingRow])
_fault = msgspec.json.Decoder(_Fault)

# Weight of a klines request, by the most rows it may have.
_CANDLE_WEIGHTS = ((99, 1), (499, 2), (1_000, 5))
_CANDLE_WEIGHT = 10

# Before any exchange of this kind there was.
_OLDEST_MS = 1_000_000_000_000
_SYMBOL = re.compile(r"[A-Z0-9]{2,30}")
_SIGNED = re.compile(r"-?0\.[0-9]{1,18}")  # a rate of 1 or more is none
_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


def decode_agg_trades(body: bytes, newest_ms: int) -> tuple[Ticks, int]:
    """Rows of `/fapi/v1/aggTrades`, ascending by id, and how many rows were left out because they cannot be true.

    newest_ms: no trade is newer than this. A row whose price, quantity or time cannot be, or of other types, is no
    trade. Raises MalformedFrame when the body is anything else, such as the HTML of a captive portal.
    """
    try:
        rows, unreadable = _agg_trades.decode(body), 0
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        rows, unreadable = _readable_trades(body, error)
    ticks = Ticks(
        trade_id=np.array([row.a for row in rows], np.int64),
        time_ms=np.array([row.T for row in rows], np.int64),
        price=np.array([float(row.p) for row in rows], np.float64),
        quantity=np.array([float(row.q) for row in rows], np.float64),
        buyer_is_maker=np.array([row.m for row in rows], np.bool_),
    )
    good = (ticks.price > 0) & (ticks.quantity > 0) & (ticks.time_ms > _OLDEST_MS) & (ticks.time_ms <= newest_ms)
    ticks = ticks.rows(good)
    _, order = np.unique(ticks.trade_id, return_index=True)
    return ticks.rows(order), unreadable + int((~good).sum())


def _readable_trades(body: bytes, error: Exception) -> tuple[list[_AggTradeRow], int]:
    """The rows that can be read, one by one, and how many cannot."""
    try:
        pieces = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedFrame(f"the answer holds no trades ({error})") from error
    rows = []
    for piece in pieces:
        try:
            rows.append(_agg_trade.decode(piece))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return rows, len(pieces) - len(rows)


def candle_weight(limit: int) -> int:
    """What a request for up to `limit` candles costs.

    >>> [candle_weight(limit) for limit in (1, 99, 100, 499, 500, 1000, 1001, 1500)]
    [1, 1, 2, 2, 5, 5, 10, 10]
    """
    return next((weight for most, weight in _CANDLE_WEIGHTS if limit <= most), _CANDLE_WEIGHT)


def decode_candles(body: bytes, length_ms: int) -> Bars:
    """Rows of `/fapi/v1/klines`, ascending by start, the running one included. Spans without a trade are left out.

    length_ms: of one candle. BACKFILLED, first_id and last_id 0. Raises MalformedFrame when the body is anything else,
    or a candle contradicts itself, its neighbours or the grid.
    """
    try:
        rows = _candles.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedFrame(f"the answer holds no candles ({error})") from error
    zeros = np.zeros(len(rows), np.int64)
    bars = Bars(
        start_ms=np.array([row.start_ms for row in rows], np.int64),
        open=np.array([float(row.open) for row in rows], np.float64),
        high=np.array([float(row.high) for row in rows], np.float64),
        low=np.array([float(row.low) for row in rows], np.float64),
        close=np.array([float(row.close) for row in rows], np.float64),
        volume=np.array([float(row.volume) for row in rows], np.float64),
        trades=np.array([row.trades for row in rows], np.int64),
        taker_buy_volume=np.array([float(row.taker_buy_volume) for row in rows], np.float64),
        first_id=zeros,
        last_id=zeros,
        quality=np.full(len(rows), Quality.BACKFILLED, np.uint8),
    )
    _check_candles(bars, np.array([row.end_ms for row in rows], np.int64), length_ms)
    return bars.rows(bars.trades > 0)


def _check_candles(bars: Bars, end_ms: Int64Array, length_ms: int) -> None:
    rules = {
        "begins off the grid": bars.start_ms % length_ms == 0,
        "does not last as long as asked for": end_ms == bars.start_ms + length_ms - 1,
        "is not newer than the one before": np.diff(bars.start_ms) > 0,
        "has no price": bars.low > 0,
        "is not highest at its high": bars.high >= np.maximum(np.maximum(bars.open, bars.close), bars.low),
        "is not lowest at its low": bars.low <= np.minimum(bars.open, bars.close),
        "has bought more than was traded": bars.taker_buy_volume <= bars.volume,
    }
    for fault, holds in rules.items():
        if not holds.all():
            raise MalformedFrame(f"a candle {fault}")


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


def decode_quotes(body: bytes, taken_ms: int) -> tuple[Quote, ...]:
    """Best bids and asks, of one symbol or of many. Symbols that are not quoted on both sides are left out.

    taken_ms: our monotonic clock when the answer came. Raises MalformedFrame.
    """
    try:
        found = _quotes.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedFrame(f"the answer holds no quotes ({error})") from error
    rows = found if isinstance(found, list) else [found]
    quotes = (Quote(row.symbol, float(row.bidPrice), float(row.askPrice), taken_ms) for row in rows)
    return tuple(quote for quote in quotes if 0 < quote.bid <= quote.ask)


def decode_fundings(body: bytes, taken_ms: int) -> tuple[Funding, ...]:
    """The funding to come, of one symbol or of many. Symbols that are never funded are left out.

    taken_ms: as for `decode_quotes`. Raises MalformedFrame.
    """
    try:
        found = _fundings.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedFrame(f"the answer holds no funding rates ({error})") from error
    rows = found if isinstance(found, list) else [found]
    return tuple(
        Funding(row.symbol, float(row.lastFundingRate), row.nextFundingTime, row.time, taken_ms)
        for row in rows
        if _SIGNED.fullmatch(row.lastFundingRate) and row.nextFundingTime > 0
    )


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
    return Listing(row.symbol, row.baseAsset or row.symbol, row.quoteAsset, float(tick_text), step, decimals)
