"""A scripted market to judge alerts on: a trade of each leg every second, at prices that the test says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from analytics.alerts import AlertRule, Condition
from analytics.market import PairParams, PairQuery, Ticks
from ingest.events import NewTicks
from ingest.session import SymbolFacts
from services.alerting import Alerting
from services.desk import Desk
from storage.memory import MemoryStore
from tests.fakes import FakeClock, wait_until
from tests.services.scripted import PAIR, ListingArchive, ScriptedFeed, scripted_desk

QUERY = PairQuery(*PAIR, PairParams(window_bars=20))


class AlertCase:
    """The market and its alerting; `beat` is called by hand, so that every moment is the test's own."""

    def __init__(self, desk: Desk, feed: ScriptedFeed, clock: FakeClock) -> None:
        self.desk = desk
        self.alerting: Alerting = desk.alerting
        self.clock = clock
        self._feed = feed
        self._ids = dict.fromkeys(PAIR, 1_000)

    @property
    def now_ms(self) -> int:
        """The exchange's clock: that of this machine since it started."""
        return self.clock.monotonic_ms()

    def trade(self, y: float, x: float = 100.0, *, after_ms: int = 1_000, beat: bool = True) -> None:
        """Time passes, each leg trades, and the rules are judged."""
        self.clock.pass_ms(after_ms)
        for symbol, price in zip(PAIR, (y, x), strict=True):
            self._ids[symbol] += 1
            number, time_ms = np.array([self._ids[symbol]]), np.array([self.now_ms])
            ticks = Ticks(number, time_ms, np.array([price]), np.array([1.0]), np.array([True]))
            self._feed.put(NewTicks(symbol, ticks))
            self.heard(symbol)
        if beat:
            self.alerting.beat()

    def take(self, symbol: str, ticks: Ticks) -> None:
        """Deliver recorded trades; the time is the caller's to pass."""
        if len(ticks):
            self._feed.put(NewTicks(symbol, ticks))
            self.heard(symbol)

    def heard(self, symbol: str) -> None:
        """What the session notes when anything of a symbol arrives."""
        self._feed.session.facts[symbol] = SymbolFacts(0, last_arrival_ms=self.now_ms)

    def told(self) -> list[tuple[str, str]]:
        """Kind and id of everything in the history, oldest first."""
        return [(one.event.kind, one.event.id) for one in self.alerting.events()[::-1]]

    def word(self, rule_id: int = 1) -> str:
        """The word in which a rule is."""
        return self.alerting.row(rule_id).standing.word


def rule(*conditions: Condition, query: PairQuery = QUERY, **fields: object) -> AlertRule:
    """A rule on the scripted pair; of its y price unless conditions are given."""
    wanted = conditions or (Condition("price", ">", 210.0, leave=205.0),)
    return AlertRule(0, "high", query, wanted, **fields)  # type: ignore[arg-type]


@contextmanager
def alert_case() -> Iterator[AlertCase]:
    """Ten trades of each leg have come."""
    clock = FakeClock()
    with scripted_desk(MemoryStore(clock.now_ms), ListingArchive(PAIR)) as (desk, feed, clock_of_desk, market):
        wait_until(market.listings, what="the exchange's clock is known")
        case = AlertCase(desk, feed, clock_of_desk)
        for number in range(10):
            case.trade(200.0 + number % 2, beat=False)
        yield case
