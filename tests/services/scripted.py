"""A market whose trades a test hands in one by one: real rings, real Desk, real threads, a store in memory."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from analytics.errors import SourceUnavailable
from analytics.market import Bars, Listing, Ticks, Timeframe
from analytics.status import FeedLink, RestFacts
from ingest.events import FeedEvent, NewTicks
from ingest.live import Link
from ingest.session import FeedSession
from services.datasets import Datasets
from services.desk import Desk
from services.market import Market
from services.parts import MarketParts
from services.ports import TickStore, TradeArchive
from storage.memory import MemoryStore
from storage.ring import Rings
from tests.fakes import FakeClock, wait_until

PAIR = ("BTCUSDT", "ETHUSDT")


class ScriptedFeed:
    """Delivers what is put into it."""

    def __init__(self, clock: FakeClock) -> None:
        self.session = FeedSession({})
        self.link = Link("LIVE", None, clock.monotonic_ms(), delivered=True)
        self.watching: list[str] = []
        self._events: queue.Queue[FeedEvent] = queue.Queue()

    def watch(self, symbols: Iterable[str]) -> None:
        self.watching += symbols

    def unwatch(self, symbols: Iterable[str]) -> None:
        self.watching = [symbol for symbol in self.watching if symbol not in list(symbols)]

    def link_of(self, symbol: str) -> Link:
        return self.link

    def links(self) -> tuple[FeedLink, ...]:
        return (FeedLink("scripted", "LIVE", len(self.watching)),)

    def put(self, event: FeedEvent) -> None:
        self.hand_in(event)
        self._events.join()

    def hand_in(self, event: FeedEvent) -> None:
        self._events.put(event)

    def run(self, emit: Callable[[FeedEvent], None], stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                event = self._events.get(timeout=0.02)
            except queue.Empty:
                continue
            emit(event)
            self._events.task_done()


class ListingArchive:
    """An exchange that lists symbols and has no past trades."""

    def __init__(self, symbols: Iterable[str]) -> None:
        self._symbols = tuple(symbols)

    def listings(self) -> tuple[Listing, ...]:
        return tuple(Listing(symbol, symbol[:-4], "USDT", 0.01, 0.001, 2) for symbol in self._symbols)

    def clock_offset_ms(self) -> int:
        return 0

    def trades_from(self, symbol: str, first_id: int, limit: int = 1000) -> Ticks:
        raise SourceUnavailable(f"no trades of {symbol} from {first_id} on, not {limit} nor one")

    def newest_trades(self, symbol: str, limit: int = 1000) -> Ticks:
        raise SourceUnavailable(f"no newest {limit} trades of {symbol}")

    def candles(self, symbol: str, timeframe: Timeframe, *, start_ms: int, end_ms: int) -> Bars:
        raise SourceUnavailable(f"no {timeframe} candles of {symbol} in [{start_ms}, {end_ms})")

    def facts(self) -> RestFacts:
        return RestFacts("listing.test", 0, 1200)

    def close(self) -> None:
        pass


def random_ticks(seed: int, n: int, price: float, *, first_id: int = 1, start_ms: int = 1_700_000_000_000) -> Ticks:
    """A seeded walk, several trades a second."""
    rng = np.random.default_rng(seed)
    return Ticks(
        trade_id=np.arange(first_id, first_id + n, dtype=np.int64),
        time_ms=start_ms + np.cumsum(rng.integers(0, 400, n)).astype(np.int64),
        price=price * np.exp(np.cumsum(rng.normal(0, 1e-4, n))),
        quantity=rng.uniform(0.01, 2, n),
        buyer_is_maker=rng.random(n) < 0.5,
    )


@contextmanager
def scripted_desk(
    store: TickStore | None = None,
    archive: TradeArchive | None = None,
    kind: type[ScriptedFeed] = ScriptedFeed,
    datasets: Path | None = None,
) -> Iterator[tuple[Desk, ScriptedFeed, FakeClock, Market]]:
    """A Desk on a scripted market. datasets: the folder of uploads. Asserts at the end that its threads have gone."""
    clock = FakeClock()
    feed = kind(clock)
    parts = MarketParts(
        source="live",
        feed=feed,
        rings=Rings(10_000),
        store=store or MemoryStore(clock.now_ms),
        archive=archive,
        clock=clock,
        symbols=PAIR,
    )
    desk = Desk(clock, PAIR, datasets=None if datasets is None else Datasets(datasets, clock))
    market = Market(parts, lambda _symbol: None)
    desk.open(market)
    market.start()
    try:
        yield desk, feed, clock, market
    finally:
        market.stop()
        desk.close()
        wait_until(lambda: not [t for t in threading.enumerate() if t.name == "feed"], what="feed thread gone")


def feed_pair(feed: ScriptedFeed, n: int = 4_000) -> tuple[Ticks, Ticks]:
    """Both legs of the default pair."""
    legs = random_ticks(1, n, 60_000.0), random_ticks(2, n, 3_000.0)
    for symbol, ticks in zip(PAIR, legs, strict=True):
        feed.put(NewTicks(symbol, ticks))
    return legs
