"""The exchange's events as bytes: one function an event, field names and types as documented.

Prices and quantities are strings, ids and times whole numbers. Written out by hand because the same short text is
made tens of thousands of times a second in a burst; nothing in it needs escaping.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.simulator.candles import Candle, interval_end_ms
from ingest.simulator.listing import Instrument, decimal_text
from ingest.simulator.trades import Trades


def agg_trades(instrument: Instrument, trades: Trades, event_ms: int) -> Iterator[bytes]:
    """One `aggTrade` event for each trade."""
    symbol, price, quantity = instrument.symbol, instrument.price_text, instrument.quantity_text
    for a, t, p, q, nq, first, last, m in zip(
        trades.trade_id.tolist(),
        trades.time_ms.tolist(),
        trades.price_units.tolist(),
        trades.quantity_units.tolist(),
        trades.normal_units.tolist(),
        trades.first_fill.tolist(),
        trades.last_fill.tolist(),
        trades.buyer_is_maker.tolist(),
        strict=True,
    ):
        yield (
            f'{{"e":"aggTrade","E":{event_ms},"a":{a},"s":"{symbol}","p":"{price(p)}","q":"{quantity(q)}",'
            f'"nq":"{quantity(nq)}","f":{first},"l":{last},"T":{t},"m":{"true" if m else "false"},"st":1}}'
        ).encode()


def fills(instrument: Instrument, trades: Trades, event_ms: int, *, after_fill: int) -> Iterator[bytes]:
    """The `trade` events behind these aggregate trades: their fills, and before some of them an insurance-fund fill
    (a tenth off the market, as on the real stream). Its id is one that the aggregate trades leave out.

    after_fill: the last fill before these trades.
    """
    expected = after_fill + 1
    for a, t, p, q, first, last, m in zip(
        trades.trade_id.tolist(),
        trades.time_ms.tolist(),
        trades.price_units.tolist(),
        trades.quantity_units.tolist(),
        trades.first_fill.tolist(),
        trades.last_fill.tolist(),
        trades.buyer_is_maker.tolist(),
        strict=True,
    ):
        if first > expected:
            away = p * (9 if a % 2 else 11) // 10 // instrument.tick_units * instrument.tick_units
            yield _fill(
                instrument, event_ms, t, first - 1, max(away, instrument.tick_units), q, "INSURANCE_FUND", maker=m
            )
        parts = last - first + 1
        for k in range(parts):
            yield _fill(instrument, event_ms, t, first + k, p, (q + k) // parts, "MARKET", maker=m)
        expected = last + 1


def _fill(
    instrument: Instrument,
    event_ms: int,
    time_ms: int,
    fill_id: int,
    price: int,
    quantity: int,
    kind: str,
    *,
    maker: bool,
) -> bytes:
    return (
        f'{{"e":"trade","E":{event_ms},"T":{time_ms},"s":"{instrument.symbol}","t":{fill_id},'
        f'"p":"{instrument.price_text(price)}","q":"{instrument.quantity_text(quantity)}","X":"{kind}",'
        f'"m":{"true" if maker else "false"},"st":1}}'
    ).encode()


def book_ticker(
    instrument: Instrument,
    *,
    update_id: int,
    bid_units: int,
    bid_quantity: int,
    ask_quantity: int,
    event_ms: int,
    time_ms: int,
) -> bytes:
    """A `bookTicker` event; the ask is one tick above the bid."""
    return (
        f'{{"e":"bookTicker","u":{update_id},"s":"{instrument.symbol}","ps":"{instrument.symbol}",'
        f'"b":"{instrument.price_text(bid_units)}","B":"{instrument.quantity_text(bid_quantity)}",'
        f'"a":"{instrument.price_text(bid_units + instrument.tick_units)}",'
        f'"A":"{instrument.quantity_text(ask_quantity)}","T":{time_ms},"E":{event_ms},"st":1}}'
    ).encode()


def mark_price(instrument: Instrument, *, mark: str, rate: str, next_funding_ms: int, event_ms: int) -> bytes:
    """A `markPriceUpdate` event. `T` is the next funding time, not a trade time."""
    return (
        f'{{"e":"markPriceUpdate","E":{event_ms},"s":"{instrument.symbol}","p":"{mark}","ap":"{mark}","P":"{mark}",'
        f'"i":"{mark}","r":"{rate}","T":{next_funding_ms},"st":1}}'
    ).encode()


def kline(instrument: Instrument, interval: str, candle: Candle, *, closed: bool, event_ms: int) -> bytes:
    """A `kline` event; the candle is final only when `x` is true."""
    price, quantity = instrument.price_text, instrument.quantity_text
    quote_decimals = instrument.price_decimals + instrument.quantity_decimals
    end_ms = interval_end_ms(interval, candle.start_ms) - 1
    return (
        f'{{"e":"kline","E":{event_ms},"s":"{instrument.symbol}","k":{{"t":{candle.start_ms},"T":{end_ms},'
        f'"s":"{instrument.symbol}","i":"{interval}","f":{candle.first_fill},"L":{candle.last_fill},'
        f'"o":"{price(candle.open_units)}","c":"{price(candle.close_units)}","h":"{price(candle.high_units)}",'
        f'"l":"{price(candle.low_units)}","v":"{quantity(candle.volume_units)}","n":{candle.trades},'
        f'"x":{"true" if closed else "false"},"q":"{decimal_text(candle.quote_units, quote_decimals)}",'
        f'"V":"{quantity(candle.buy_volume_units)}",'
        f'"Q":"{decimal_text(candle.buy_quote_units, quote_decimals)}","B":"0"}},"st":1}}'
    ).encode()
