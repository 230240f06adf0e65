"""What each REST endpoint answers. All of them look at the tape, so REST never knows more than the streams said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingest.simulator.calendar import DAY_MS, HOUR_MS, MINUTE_MS, OPENING_MS
from ingest.simulator.candles import INTERVALS, Candle, Candles, interval_end_ms, interval_start_ms, merged
from ingest.simulator.catalogue import Catalogue
from ingest.simulator.exchange_info import exchange_info
from ingest.simulator.faults.terms import Terms
from ingest.simulator.funding import FUNDING_EVERY_MS, funding_rate, next_funding_ms
from ingest.simulator.listing import Instrument, decimal_text
from ingest.simulator.market import Market
from ingest.simulator.query import Query
from ingest.simulator.replies import Refusal, Reply, json_reply
from ingest.simulator.rules import Rules
from ingest.simulator.tape import Tape
from ingest.simulator.trades import Trades


class Endpoints:
    """The answers, as coroutines of a checked query."""

    def __init__(
        self,
        seed: int,
        market: Market,
        candles: Candles,
        tape: Tape,
        rules: Rules,
        now_ms: Callable[[], int],
        catalogue: Catalogue,
        terms: Terms,
    ) -> None:
        self.listed = frozenset(market.instruments)
        self._seed = seed
        self._market = market
        self._candles = candles
        self._tape = tape
        self._rules = rules
        self._now_ms = now_ms
        self._catalogue = catalogue
        self._terms = terms

    async def ping(self, _query: Query) -> Reply:
        """`{}`."""
        return json_reply({})

    async def time(self, _query: Query) -> Reply:
        """The exchange's clock."""
        return json_reply({"serverTime": self._now_ms()})

    async def exchange_info(self, _query: Query) -> Reply:
        """What is listed."""
        instruments = self._market.instruments.values()
        return json_reply(exchange_info(instruments, self._now_ms(), self._rules.weight_per_minute))

    async def agg_trades(self, query: Query) -> Reply:
        """Aggregate trades: from an id on, or within an hour, or the newest ones; 48 hours back, unless told."""
        symbol, limit = query.symbol(), query.limit(500, 1_000)
        from_id, (start_ms, end_ms) = query.whole("fromId"), query.span()
        if from_id is not None and (start_ms is not None or end_ms is not None):
            raise Refusal(-1128, "Combination of optional parameters invalid.")
        if start_ms is not None and end_ms is not None and end_ms - start_ms > HOUR_MS:
            raise Refusal(-1127, "More than 1 hours between startTime and endTime.")
        newest, since_ms = self._tape.newest[symbol], self._now_ms() - self._terms.horizon_ms
        before = self._catalogue.before(symbol)
        oldest = max(before, self._market.newest_id(symbol, since_ms - 1)) + 1
        first, last, from_end = oldest, newest, False
        if from_id is not None:
            first = self._from(from_id + before, oldest, newest)
        elif start_ms is not None:
            end_ms = start_ms + HOUR_MS - 1 if end_ms is None else end_ms
            first = max(oldest, self._id_before(symbol, start_ms) + 1)
            last = min(newest, self._id_before(symbol, end_ms + 1))
        else:
            last = newest if end_ms is None else min(newest, self._id_before(symbol, end_ms + 1))
            from_end = True
        trades = self._catalogue.page(symbol, first, last, limit, newest=from_end)
        return json_reply(_agg_trade_rows(self._market.instruments[symbol], trades))

    def _from(self, first: int, oldest: int, newest: int) -> int:
        """Where a page begins that is asked for from `first` on, when there is nothing before `oldest`."""
        if first >= oldest:
            return first
        if self._terms.older == "error":
            raise Refusal(-1130, "Data sent for parameter 'fromId' is not valid: these trades are no longer kept.")
        return oldest if self._terms.older == "rows" else newest + 1

    def _id_before(self, symbol: str, time_ms: int) -> int:
        """Id of the last published trade with T < time_ms. (A client may send any number: nothing is made ahead.)"""
        if time_ms > self._tape.time_ms:
            return self._tape.newest[symbol]
        return min(self._tape.newest[symbol], self._market.newest_id(symbol, time_ms - 1))

    async def klines(self, query: Query) -> Reply:
        """Klines, ascending: from `startTime` on, or the newest ones; the running one included; 30 days back."""
        symbol, limit = query.symbol(), query.limit(500, 1_500)
        interval = query.choice("interval", INTERVALS, Refusal(-1120, "Invalid interval."))
        start_ms, end_ms = query.span()
        newest = self._tape.newest[symbol]
        until_ms = int(self._newest(symbol).time_ms[0])
        until_ms = until_ms if end_ms is None else min(end_ms, until_ms)
        oldest_ms = max(OPENING_MS, (self._tape.time_ms - self._rules.klines_days * DAY_MS) // MINUTE_MS * MINUTE_MS)
        if start_ms is not None and start_ms > self._tape.time_ms:
            return json_reply([])
        if start_ms is None:
            begins = interval_start_ms(interval, until_ms)
            for _ in range(limit - 1):
                if begins < oldest_ms:
                    break
                begins = interval_start_ms(interval, begins - 1)
            start_ms = begins
        else:
            until_ms = min(until_ms, _after(interval, max(start_ms, oldest_ms), limit) - 1)
        start_ms = max(start_ms, oldest_ms)
        candles = await self._candles.candles(symbol, interval, start_ms, until_ms + 1, newest)
        instrument = self._market.instruments[symbol]
        return json_reply([_kline_row(instrument, interval, c) for c in candles[:limit]])

    async def funding_rate(self, query: Query) -> Reply:
        """Past funding rates, ascending."""
        symbol, limit = query.optional_symbol(), query.limit(100, 1_000)
        start_ms, end_ms = query.span()
        newest = min(end_ms or self._tape.time_ms, self._tape.time_ms) // FUNDING_EVERY_MS
        oldest = -(-max(start_ms or 0, OPENING_MS) // FUNDING_EVERY_MS)
        numbers = range(oldest, newest + 1)
        numbers = numbers[:limit] if start_ms is not None else numbers[-limit:]
        symbols = sorted(self.listed) if symbol is None else [symbol]
        rows = [
            {
                "symbol": s,
                "fundingTime": n * FUNDING_EVERY_MS,
                "fundingRate": funding_rate(self._seed, s, n * FUNDING_EVERY_MS),
                "markPrice": self._market.mark_text(s, n * FUNDING_EVERY_MS),
            }
            for n in (numbers if symbol is not None else numbers[-max(1, limit // len(symbols)) :])
            for s in symbols
        ]
        return json_reply(rows)

    async def premium_index(self, query: Query) -> Reply:
        """Mark price and the funding to come."""
        return self._for_symbols(query, self._premium_index)

    async def price(self, query: Query) -> Reply:
        """The last price."""
        return self._for_symbols(query, self._price)

    async def book_ticker(self, query: Query) -> Reply:
        """Best bid and ask."""
        return self._for_symbols(query, self._book_ticker)

    async def day(self, query: Query) -> Reply:
        """Statistics of the last 24 hours, by the minute."""
        symbol = query.optional_symbol()
        if symbol is not None:
            return json_reply(await self._day(symbol))
        return json_reply([await self._day(s) for s in self._market.instruments])

    def _for_symbols(self, query: Query, row: Callable[[str], dict[str, Any]]) -> Reply:
        symbol = query.optional_symbol()
        return json_reply([row(s) for s in self._market.instruments] if symbol is None else row(symbol))

    def _premium_index(self, symbol: str) -> dict[str, Any]:
        mark = self._market.mark_text(symbol, self._tape.time_ms)
        funding_ms = next_funding_ms(self._now_ms())
        return {
            "symbol": symbol,
            "markPrice": mark,
            "indexPrice": mark,
            "estimatedSettlePrice": mark,
            "lastFundingRate": funding_rate(self._seed, symbol, funding_ms),
            "interestRate": "0.00010000",
            "nextFundingTime": funding_ms,
            "time": self._now_ms(),
        }

    def _newest(self, symbol: str) -> Trades:
        return self._market.trades(symbol, self._tape.newest[symbol], self._tape.newest[symbol])

    def _price(self, symbol: str) -> dict[str, Any]:
        newest = self._newest(symbol)
        price = self._market.instruments[symbol].price_text(int(newest.price_units[0]))
        return {"symbol": symbol, "price": price, "time": int(newest.time_ms[0])}

    def _book_ticker(self, symbol: str) -> dict[str, Any]:
        instrument, time_ms = self._market.instruments[symbol], self._tape.time_ms
        bid = self._market.bid_units(symbol, time_ms)
        bid_quantity, ask_quantity = instrument.quoted_quantities(time_ms)
        return {
            "symbol": symbol,
            "bidPrice": instrument.price_text(bid),
            "bidQty": instrument.quantity_text(bid_quantity),
            "askPrice": instrument.price_text(bid + instrument.tick_units),
            "askQty": instrument.quantity_text(ask_quantity),
            "time": time_ms,
            "lastUpdateId": time_ms,
        }

    async def _day(self, symbol: str) -> dict[str, Any]:
        instrument, newest = self._market.instruments[symbol], self._newest(symbol)
        end_ms = int(newest.time_ms[0]) // MINUTE_MS * MINUTE_MS + MINUTE_MS
        table = await self._candles.minutes(symbol, end_ms - DAY_MS, end_ms, int(newest.trade_id[0]))
        day = merged(table)
        change = day.close_units - day.open_units
        price, quantity = instrument.price_text, instrument.quantity_text
        quote_decimals = instrument.price_decimals + instrument.quantity_decimals
        average = day.quote_units / day.volume_units / 10**instrument.price_decimals
        return {
            "symbol": symbol,
            "priceChange": ("-" if change < 0 else "") + price(abs(change)),
            "priceChangePercent": f"{100 * change / day.open_units:.3f}",
            "weightedAvgPrice": f"{average:.{instrument.price_decimals}f}",
            "lastPrice": price(day.close_units),
            "lastQty": quantity(int(newest.quantity_units[0])),
            "openPrice": price(day.open_units),
            "highPrice": price(day.high_units),
            "lowPrice": price(day.low_units),
            "volume": quantity(day.volume_units),
            "quoteVolume": decimal_text(day.quote_units, quote_decimals),
            "openTime": day.start_ms,
            "closeTime": int(newest.time_ms[0]),
            "firstId": day.first_fill,
            "lastId": day.last_fill,
            "count": day.trades,
        }


def _after(interval: str, start_ms: int, bars: int) -> int:
    """First millisecond after the `bars` bars that begin at or after `start_ms`."""
    edge = interval_start_ms(interval, start_ms)
    if edge < start_ms:
        edge = interval_end_ms(interval, edge)
    for _ in range(bars):
        edge = interval_end_ms(interval, edge)
    return edge


def _agg_trade_rows(instrument: Instrument, trades: Trades) -> list[dict[str, Any]]:
    columns = zip(
        trades.trade_id.tolist(),
        trades.price_units.tolist(),
        trades.quantity_units.tolist(),
        trades.normal_units.tolist(),
        trades.first_fill.tolist(),
        trades.last_fill.tolist(),
        trades.time_ms.tolist(),
        trades.buyer_is_maker.tolist(),
        strict=True,
    )
    price, quantity = instrument.price_text, instrument.quantity_text
    return [
        {"a": a, "p": price(p), "q": quantity(q), "nq": quantity(nq), "f": first, "l": last, "T": t, "m": m}
        for a, p, q, nq, first, last, t, m in columns
    ]


def _kline_row(instrument: Instrument, interval: str, candle: Candle) -> list[Any]:
    price, quantity = instrument.price_text, instrument.quantity_text
    quote_decimals = instrument.price_decimals + instrument.quantity_decimals
    return [
        candle.start_ms,
        price(candle.open_units),
        price(candle.high_units),
        price(candle.low_units),
        price(candle.close_units),
        quantity(candle.volume_units),
        interval_end_ms(interval, candle.start_ms) - 1,
        decimal_text(candle.quote_units, quote_decimals),
        candle.trades,
        quantity(candle.buy_volume_units),
        decimal_text(candle.buy_quote_units, quote_decimals),
        "0",
    ]
