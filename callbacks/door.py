"""What the callbacks ask of the Desk, as a structural type: the Desk answers to it, and so does the tests' fake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ParamSpec, Protocol, TypeVar

from analytics.analysis import PairAnalysis
from analytics.costs import PairCosts
from analytics.glance import PairGlance
from analytics.market import Bars, Gap, Listing, PairQuery, Timeframe
from analytics.status import Diagnostics, MarketStatus
from analytics.stretches import Stretch
from services.alerting import Alerting
from services.keeping import Keeping

P = ParamSpec("P")
T = TypeVar("T")


class Door(Protocol):
    """The one door to everything with state."""

    @property
    def keeping(self) -> Keeping:
        """What the user keeps. Ask through `ask`: a disk may take its time."""
        ...

    @property
    def alerting(self) -> Alerting:
        """Alerts: rules and how they stand, history, channels, news. Ask through `ask`."""
        ...

    async def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The answer of `question`, computed away from the event loop."""
        ...

    def wait_until_warm(self) -> None:
        """Before this returns no figure may be drawn."""
        ...

    def listings(self) -> tuple[Listing, ...]:
        """Every symbol the exchange lists."""
        ...

    def watch(self, *symbols: str) -> None:
        """Subscribe while running. Raises UnknownSymbol and BadInput."""
        ...

    def unwatch(self, *symbols: str) -> None:
        """Collect these no longer; what is stored stays. Raises UnknownSymbol and BadInput."""
        ...

    def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
        """The ledger of holes, of one symbol or of all. Raises UnknownSymbol and StoreError."""
        ...

    def diagnostics(self) -> Diagnostics:
        """Connections, allowance, disk, and what was set aside. Cheap."""
        ...

    def status(self) -> MarketStatus:
        """What the feed says of itself. Cheap."""
        ...

    def version(self, query: PairQuery) -> int:
        """Changes whenever `live(query)` would differ. Cheap."""
        ...

    def live(self, query: PairQuery) -> PairAnalysis:
        """The newest analysis, computed once for all who ask."""
        ...

    def study(self, query: PairQuery) -> PairAnalysis:
        """The same with its evidence: every further test, tens of milliseconds of work, once for all who ask."""
        ...

    def costs(self, query: PairQuery) -> PairCosts:
        """What a trade on this pair would earn and cost now. Cheap; asking keeps the exchange's quotes fresh."""
        ...

    def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The newest `limit` bars of one leg, the running one included. Raises UnknownSymbol."""
        ...

    def stretches(self, query: PairQuery) -> tuple[Stretch, ...]:
        """Holes, trades that came later, and silence in the sample of each leg. Raises UnknownSymbol."""
        ...

    def glances(self, queries: Sequence[PairQuery], entry_zscores: Sequence[float]) -> tuple[PairGlance, ...]:
        """The rows of a watchlist, in this order, made once for all who ask. A pair that fails says so in its row."""
        ...

    def default_query(self) -> PairQuery:
        """The view of a page that names none."""
        ...
