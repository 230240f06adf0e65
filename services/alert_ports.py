"""What the alerting asks of the market, as a structural type: the Desk answers to it, and so does the tests' fake."""

from __future__ import annotations

from typing import Protocol

from analytics.analysis import PairAnalysis
from analytics.costs import PairCosts
from analytics.market import Listing, PairQuery, PairSeries
from analytics.quotes import LegTerms
from analytics.status import MarketStatus
from analytics.stretches import Stretch


class AlertMarket(Protocol):
    """The market that runs now; it may be switched at any time, which `era` tells."""

    @property
    def era(self) -> int:
        """Grows with every market that is opened; 0 before the first. Cheap."""
        ...

    def status(self) -> MarketStatus:
        """What the feed says of itself."""
        ...

    def exchange_now_ms(self) -> int | None:
        """The exchange's clock, None while it is not known."""
        ...

    def listings(self) -> tuple[Listing, ...]:
        """Every symbol that can be watched."""
        ...

    def follow(self, query: PairQuery, before: object) -> object:
        """Subscribe the legs, once in each market: given what the last call returned. Raises PairwatchError."""
        ...

    def analysis(self, query: PairQuery) -> PairAnalysis:
        """The answer for the data of this moment, computed once for all who ask. Raises PairwatchError."""
        ...

    def numbers(self, query: PairQuery) -> PairAnalysis:
        """The same without tests and verdict, in a third of the time; not remembered. Raises PairwatchError."""
        ...

    def data_version(self, query: PairQuery) -> object:
        """Differs whenever an answer would. Cheap."""
        ...

    def past(self, query: PairQuery, rows: int) -> tuple[PairSeries, tuple[Stretch, ...]]:
        """The newest rows of a pair, at most so many, and the stretches of both legs in them. Raises PairwatchError."""
        ...

    def stretches(self, query: PairQuery) -> tuple[Stretch, ...]:
        """The same stretches within the sample. Raises PairwatchError."""
        ...

    def costs_of(self, analysis: PairAnalysis) -> PairCosts:
        """What a trade would earn and cost now."""
        ...

    def terms(self, symbol: str) -> LegTerms:
        """Quote and funding of a leg, kept fresh while somebody asks."""
        ...
