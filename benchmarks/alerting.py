"""What judging costs a running desk: a thousand rules over twenty pairs, every leg trading twenty times a second.

A beat may take 50 ms. ours: processor time of a beat in which every leg has a new trade; peer: that of the twenty
analyses alone, which a screen with these pairs needs anyway.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np

from analytics.alerts import AlertRule, Condition
from analytics.market import PairParams, PairQuery, Ticks
from analytics.rolling import prepare_compiled
from benchmarks.measure import Row
from ingest.events import NewTicks
from ingest.session import SymbolFacts
from services.desk import Desk
from services.market import Market
from services.parts import MarketParts
from storage.ring import Rings
from storage.sql import SqlStore
from tests.fakes import FakeClock, wait_until
from tests.services.scripted import ListingArchive, ScriptedFeed, random_ticks

PAIRS, RULES, BEATS, TRADES = 20, 1_000, 40, 6_000
BEAT_MS = 50
SYMBOLS = tuple(f"LEG{number:02d}USDT" for number in range(PAIRS + 1))
QUERIES = tuple(PairQuery(y, x, PairParams(window_bars=200)) for y, x in pairwise(SYMBOLS))


class Stand:
    """A desk on twenty-one legs that trade when they are told to."""

    def __init__(self, feed: ScriptedFeed, clock: FakeClock, desk: Desk) -> None:
        self.desk = desk
        self._feed, self._clock = feed, clock
        self._prices: dict[str, float] = {}
        self._ids = dict.fromkeys(SYMBOLS, TRADES)

    def begin(self) -> None:
        """A history of some minutes."""
        for seed, symbol in enumerate(SYMBOLS):
            ticks = random_ticks(seed, TRADES, 1_000.0, start_ms=0)
            time_ms = ticks.time_ms - ticks.time_ms[-1] + self._clock.monotonic_ms()
            self._put(symbol, Ticks(ticks.trade_id, time_ms, ticks.price, ticks.quantity, ticks.buyer_is_maker))
            self._prices[symbol] = float(ticks.price[-1])

    def trade(self, rng: np.random.Generator) -> None:
        """Every leg trades."""
        self._clock.pass_ms(BEAT_MS)
        for symbol in SYMBOLS:
            self._ids[symbol] += 1
            self._prices[symbol] *= float(np.exp(rng.normal(0, 1e-4)))
            one, now_ms = np.array([self._ids[symbol]]), np.array([self._clock.monotonic_ms()])
            self._put(symbol, Ticks(one, now_ms, np.array([self._prices[symbol]]), np.ones(1), np.ones(1, np.bool_)))

    def _put(self, symbol: str, ticks: Ticks) -> None:
        self._feed.put(NewTicks(symbol, ticks))
        self._feed.session.facts[symbol] = SymbolFacts(0, last_arrival_ms=self._clock.monotonic_ms())


@contextmanager
def stand(rules: int) -> Iterator[Stand]:
    clock = FakeClock()
    clock.pass_ms(10_000_000)
    feed = ScriptedFeed(clock)
    archive = ListingArchive(SYMBOLS)
    folder = tempfile.TemporaryDirectory(prefix="alerting-")
    store = SqlStore(Path(folder.name) / "live.db", venue="benchmark", now_ms=clock.now_ms)
    parts = MarketParts("live", feed, Rings(10_000), store, archive, clock, SYMBOLS)
    desk = Desk(clock, (SYMBOLS[0], SYMBOLS[1]))
    market = Market(parts, lambda _symbol: None)
    desk.open(market)
    market.start()
    try:
        wait_until(market.listings, what="the exchange's clock is known")
        made = Stand(feed, clock, desk)
        made.begin()
        desk.alert_book.add_all([_rule(number) for number in range(rules)])
        yield made
    finally:
        market.stop()
        desk.close()
        folder.cleanup()


def _rule(number: int) -> AlertRule:
    """Levels all over the score, so that some are crossed at every beat."""
    level = 0.05 * (1 + number // PAIRS)
    condition = Condition("zscore", "abs>=", level, leave=0.8 * level)
    return AlertRule(0, f"rule {number}", QUERIES[number % PAIRS], (condition,))


def _spent_ms(made: Stand, beat: Callable[[], object]) -> list[float]:
    rng = np.random.default_rng(3)
    spent = []
    for turn in range(BEATS + 5):
        made.trade(rng)
        start = time.thread_time()
        beat()
        if turn >= 5:
            spent.append((time.thread_time() - start) * 1e3)
    return spent


def run() -> list[Row]:
    """One comparison: medians, and the range of their ratio."""
    prepare_compiled()
    with stand(RULES) as made:
        ours = _spent_ms(made, made.desk.alerting.beat)
        judged = [row.standing.word for row in made.desk.alerting.rows()]
        assert set(judged) <= {"Normal", "Firing"}, set(judged)
        events = made.desk.alert_book.count_events()
    with stand(0) as made:
        alone = made.desk
        peer = _spent_ms(made, lambda: [alone.analysis(query) for query in QUERIES])
    ratios = sorted(theirs / own for own, theirs in zip(ours, peer, strict=True))
    worst = float(np.percentile(ours, 95))
    name = f"a beat of {RULES} rules on {PAIRS} pairs (p95 {worst:.0f} ms, {events} events) / the analyses alone"
    middle = statistics.median(ours), statistics.median(peer)
    return [Row(name, *middle, statistics.median(ratios), ratios[0], ratios[-1], "ms/beat")]
