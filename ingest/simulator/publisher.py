"""From the tape to the clients: who gets which event, and when."""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ingest.simulator import payloads
from ingest.simulator.candles import Candles, interval_end_ms, interval_start_ms
from ingest.simulator.catalogue import Catalogue
from ingest.simulator.faults.deliveries import Deliveries
from ingest.simulator.faults.mutes import Mutes
from ingest.simulator.faults.terms import Terms
from ingest.simulator.frames import combined_frames, raw_frames
from ingest.simulator.funding import funding_rate, next_funding_ms
from ingest.simulator.market import Market
from ingest.simulator.streams import Kind, Stream, parse_stream
from ingest.simulator.tape import Tape
from ingest.simulator.trades import Trades
from ingest.simulator.truth import TruthLog
from ingest.simulator.websocket import Peer

_ROUND_S = 0.05
_KLINES_EVERY_S = 0.25


@dataclass(slots=True)
class _Audience:
    """The clients of one stream, by the form in which they want it."""

    stream: Stream
    raw: list[Peer] = field(default_factory=list)
    combined: list[Peer] = field(default_factory=list)

    def send(self, events: Iterable[bytes]) -> None:
        events = list(events)
        if self.raw:
            frames = raw_frames(events)
            for peer in self.raw:
                peer.send(frames)
        if self.combined:
            frames = combined_frames(self.stream.name, events)
            for peer in self.combined:
                peer.send(frames)


class Publisher:
    """Publishes the tape to the connected clients. Lives on one event loop."""

    def __init__(
        self,
        seed: int,
        market: Market,
        candles: Candles,
        tape: Tape,
        truth: TruthLog | None,
        now_ms: Callable[[], int],
        catalogue: Catalogue,
        deliveries: Deliveries,
        mutes: Mutes,
        terms: Terms,
    ) -> None:
        self.peers: set[Peer] = set()
        self._catalogue = catalogue
        self._deliveries = deliveries
        self._mutes = mutes
        self._terms = terms
        self._numbers = itertools.count(1)
        self._seed = seed
        self._market = market
        self._candles = candles
        self._tape = tape
        self._truth = truth
        self._now_ms = now_ms
        self._audiences: dict[Kind, dict[str, list[_Audience]]] = {}
        self._outdated = False
        self._second = now_ms() // 1000
        self._bids: dict[str, int] = {}
        self._sent_klines: dict[str, tuple[int, int]] = {}

    def next_number(self) -> int:
        """An id for a connection."""
        return next(self._numbers)

    def joined(self, peer: Peer) -> None:
        """A client connected."""
        self.peers.add(peer)
        self._outdated = True

    def left(self, peer: Peer) -> None:
        """A client is gone."""
        self.peers.discard(peer)
        self._outdated = True

    def subscriptions_changed(self) -> None:
        """Some client subscribed or unsubscribed."""
        self._outdated = True

    def log_missed(self, newest: dict[str, int]) -> None:
        """Log what was published while nobody could be connected: after these trades, up to where the tape begins."""
        for symbol, last in self._tape.newest.items():
            missed = self._market.trades(symbol, newest[symbol] + 1, last)
            if self._truth is not None and len(missed):
                instrument = self._market.instruments[symbol]
                self._truth.append(instrument, self._catalogue.numbered(symbol, missed), self._now_ms())

    def begin_anew(self, symbol: str) -> None:
        """The next trade of this symbol bears the id 1."""
        self._catalogue.begin_anew(symbol, self._tape.newest[symbol])
        if self._truth is not None:
            self._truth.note(f"new_ids {symbol}")

    def repeat(self, symbol: str, trades: Trades) -> None:
        """Send trades that were sent before, under the ids that they have now."""
        trades = self._catalogue.numbered(symbol, trades)
        for audience in self._audience("aggTrade", symbol):
            audience.send(payloads.agg_trades(self._market.instruments[symbol], trades, self._now_ms()))

    async def run(self) -> None:
        """Publish for ever: trades and quotes every 50 ms, heartbeats every second."""
        loop = asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            self._round(self._now_ms(), began_s)
            await asyncio.sleep(max(0.001, began_s + _ROUND_S - loop.time()))

    async def run_klines(self) -> None:
        """Publish the running klines four times a second."""
        while True:
            for audiences in list(self._audiences.get("kline", {}).values()):
                for audience in list(audiences):
                    await self._kline(audience)
            await asyncio.sleep(_KLINES_EVERY_S)

    def _round(self, now_ms: int, loop_s: float) -> None:
        if self._outdated:
            self._find_audiences()
        for symbol, trades in self._tape.advance(now_ms).items():
            self._publish_trades(symbol, trades, now_ms)
        self._publish_quotes(now_ms)
        if now_ms // 1000 != self._second:
            self._publish_marks(now_ms, self._second)
            self._second = now_ms // 1000
        for peer in list(self.peers):
            peer.keep_alive(loop_s, self._terms.life_s)
            peer.flush()

    def _find_audiences(self) -> None:
        found: dict[str, _Audience] = {}
        for peer in self.peers:
            for name in peer.subscriptions.names:
                stream = parse_stream(name, self._market.instruments)
                if stream is not None and stream.is_delivered_on(peer.route) and not self._mutes.silence(stream):
                    audience = found.setdefault(name, _Audience(stream))
                    (audience.combined if peer.subscriptions.combined else audience.raw).append(peer)
        self._sent_klines = {name: sent for name, sent in self._sent_klines.items() if name in found}
        self._audiences = defaultdict(lambda: defaultdict(list))
        for audience in found.values():
            self._audiences[audience.stream.kind][audience.stream.symbol].append(audience)
        self._outdated = False

    def _audience(self, kind: Kind, symbol: str) -> list[_Audience]:
        return self._audiences.get(kind, {}).get(symbol, [])

    def _publish_trades(self, symbol: str, trades: Trades, now_ms: int) -> None:
        instrument = self._market.instruments[symbol]
        if self._truth is not None:
            self._truth.append(instrument, self._catalogue.numbered(symbol, trades), now_ms)
        due = self._deliveries.due(symbol, trades)
        for audience in self._audience("aggTrade", symbol):
            audience.send(payloads.agg_trades(instrument, due, now_ms))
        fills = self._audience("trade", symbol)
        if fills:
            first_id = int(trades.trade_id[0])
            before = self._market.trades(symbol, first_id - 1, first_id - 1)
            after_fill = int(before.last_fill[-1]) if len(before) else 0
            for audience in fills:
                audience.send(payloads.fills(instrument, trades, now_ms, after_fill=after_fill))

    def _publish_quotes(self, now_ms: int) -> None:
        for symbol, audiences in self._audiences.get("bookTicker", {}).items():
            bid = self._market.bid_units(symbol, self._tape.time_ms)
            if self._bids.get(symbol) == bid:
                continue
            self._bids[symbol] = bid
            instrument = self._market.instruments[symbol]
            bid_quantity, ask_quantity = instrument.quoted_quantities(self._tape.time_ms)
            event = payloads.book_ticker(
                instrument,
                update_id=self._tape.time_ms,
                bid_units=bid,
                bid_quantity=bid_quantity,
                ask_quantity=ask_quantity,
                event_ms=now_ms,
                time_ms=self._tape.time_ms,
            )
            for audience in audiences:
                audience.send([event])

    def _publish_marks(self, now_ms: int, last_second: int) -> None:
        """One event for each stream whose time came since `last_second`; when time runs fast, not one for each time."""
        second = now_ms // 1000
        for symbol, audiences in self._audiences.get("markPrice", {}).items():
            funding_ms = next_funding_ms(now_ms)
            event = payloads.mark_price(
                self._market.instruments[symbol],
                mark=self._market.mark_text(symbol, self._tape.time_ms),
                rate=funding_rate(self._seed, symbol, funding_ms),
                next_funding_ms=funding_ms,
                event_ms=now_ms,
            )
            for audience in audiences:
                if second // audience.stream.every_s != last_second // audience.stream.every_s:
                    audience.send([event])

    async def _kline(self, audience: _Audience) -> None:
        """Send the running kline when trades came in; first the last word on the one that ended, if it did."""
        symbol, interval = audience.stream.symbol, audience.stream.interval
        newest = self._tape.newest[symbol]
        sent_start_ms, sent_id = self._sent_klines.get(audience.stream.name, (0, 0))
        if newest == sent_id:
            return
        time_ms = int(self._market.trades(symbol, newest, newest).time_ms[-1])
        start_ms = interval_start_ms(interval, time_ms)
        since_ms = sent_start_ms or start_ms
        for candle in await self._candles.candles(symbol, interval, since_ms, start_ms + 1, newest):
            closed = interval_end_ms(interval, candle.start_ms) <= time_ms
            instrument = self._market.instruments[symbol]
            audience.send([payloads.kline(instrument, interval, candle, closed=closed, event_ms=self._now_ms())])
        self._sent_klines[audience.stream.name] = (start_ms, newest)
