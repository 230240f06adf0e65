"""The Desk: the one door to the market for the page, the API and, later, alerts and backtests.

It holds the market that runs now (the source may switch), turns questions into series, and remembers answers by data
version, so that any number of tabs costs one computation.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ParamSpec, TypeVar

from analytics.align import align_bars, align_ticks, default_carry_ms
from analytics.analysis import PairAnalysis
from analytics.costs import PairCosts
from analytics.datasets import dataset_of, of_datasets
from analytics.errors import BadInput, SourceUnavailable, UnknownSymbol
from analytics.glance import PairGlance
from analytics.market import Bars, Gap, Listing, PairQuery, PairSeries, Ticks, Timeframe
from analytics.pair import analyse_pair
from analytics.quotes import LegTerms, untold
from analytics.status import Diagnostics, FeedState, MarketStatus
from analytics.stretches import Stretch, stretches
from analytics.verdict import in_context
from services.alerting import Alerting
from services.answers import Answers, Question
from services.bar_history import BarHistory
from services.costing import Costing
from services.datasets import Datasets
from services.delivery.sender import Sender
from services.export import bar_pages, tick_pages
from services.glances import Glances
from services.keeping import Keeping
from services.market import Market
from services.ports import Clock, TickStore
from services.warm_up import warm_up
from storage.kept_memory import MemoryKeptStore

_P = ParamSpec("_P")
_Answer = TypeVar("_Answer")

_POOL_THREADS = 4
_SETTLED_S = 60.0
# MUTE is not among them: its trades are fetched, and how old they are is seen by themselves.
_NOT_LIVE: frozenset[FeedState] = frozenset({"CONNECTING", "STALE", "OFFLINE", "BLOCKED", "HALTED"})


class Desk:
    """Thread-safe. default_pair: what a visitor sees first.  keeping: what the user keeps; in memory where none is
    given.  datasets: what users have uploaded; where there is none, none can be.
    """

    def __init__(
        self,
        clock: Clock,
        default_pair: tuple[str, str],
        keeping: Keeping | None = None,
        datasets: Datasets | None = None,
        sender: Sender | None = None,
    ) -> None:
        self.keeping = keeping or Keeping(MemoryKeptStore(), clock, default_pair)
        self.alert_book = self.keeping.alerts
        self._clock = clock
        self._default_pair = default_pair
        self._datasets = datasets
        self._market: Market | None = None
        self._bars: BarHistory | None = None
        self._failure: str | None = None
        self._pool = ThreadPoolExecutor(_POOL_THREADS, thread_name_prefix="analytics")
        self._lock = threading.Lock()
        self._answers = Answers(clock, self._computed, self.data_version)
        self._glances = Glances(clock, self.analysis, self.follow, self._answers.warm)
        self._costing = Costing(clock, self.terms, self._taker_fee_bp)
        self._ledgers: dict[str | None, tuple[object, tuple[Gap, ...]]] = {}
        self._closing = threading.Event()
        self._warm = threading.Event()
        self._warm.set()
        self._era = 0
        self.alerting = Alerting(self, self.alert_book, clock, sender)

    def open(self, market: Market) -> None:
        """Answer from this market from now on."""
        history = BarHistory(market.rings, market.store)
        with self._lock:
            self._market, self._bars = market, history
            self._era += 1
            self._ledgers.clear()
        self._answers.forget()
        self._glances.forget()

    def fail(self, reason: str) -> None:
        """There is no market to answer from; `reason` is a sentence for the screen."""
        with self._lock:
            self._failure = reason

    def start_warm_up(self, *, settled_s: float = _SETTLED_S) -> None:
        """Import what the first analysis needs, by making one of made-up legs, while the doors open already.

        settled_s: seconds after that until the compiled loops are prepared, which takes the processor for a while.
        """
        self._warm.clear()
        wanted = (self._warm, self._closing, settled_s)
        threading.Thread(target=warm_up, args=wanted, name="warm-up", daemon=True).start()

    def wait_until_warm(self) -> None:
        """Wait for the warm-up. No figure may be drawn before its end.

        Plotly looks for pandas among the loaded modules and takes one that another thread has only begun to import.
        """
        self._warm.wait()

    def close(self) -> None:
        """Answer no more questions; those in flight are not waited for."""
        self.alerting.stop()
        self._closing.set()
        self._glances.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self.keeping.close()
        if self._datasets is not None:
            self._datasets.close()

    @property
    def datasets(self) -> Datasets:
        """What users have uploaded. Raises BadInput where nothing can be."""
        if self._datasets is None:
            raise BadInput("there is no folder for datasets here; start Pairwatch with a --data-dir")
        return self._datasets

    async def ask(self, question: Callable[_P, _Answer], *args: _P.args, **kwargs: _P.kwargs) -> _Answer:
        """Run a question on the analytics pool, so that the event loop stays free."""
        call = asyncio.get_running_loop().run_in_executor(self._pool, lambda: question(*args, **kwargs))
        return await call

    def status(self) -> MarketStatus:
        """State of the feed and the store."""
        market, _ = self._running()
        if market is None:
            failure = self._failure
            state: FeedState = "OFFLINE" if failure is not None else "CONNECTING"
            status = MarketStatus(source="live", state=state, now_ms=self._clock.now_ms(), source_reason=failure)
        else:
            status = market.status()
        recorded = self._datasets.recorded() if self._datasets is not None else {}
        return replace(status, datasets=recorded) if recorded else status

    @property
    def era(self) -> int:
        """Grows with every market that is opened; 0 before the first."""
        return self._era

    def exchange_now_ms(self) -> int | None:
        """The exchange's clock, None while it is not known."""
        market, _ = self._running()
        return market.exchange_now_ms() if market is not None else None

    def listings(self) -> tuple[Listing, ...]:
        """Every symbol that can be watched."""
        market, _ = self._running()
        return market.listings() if market is not None else ()

    def watched(self) -> tuple[str, ...]:
        """The symbols whose trades are collected."""
        market, _ = self._running()
        return market.watched() if market is not None else ()

    def watch(self, *symbols: str) -> None:
        """Collect these symbols too; those of datasets need only be there. Raises UnknownSymbol and BadInput."""
        if of_datasets(*symbols):
            for symbol in symbols:
                self.datasets.check(symbol)
            return
        market, _ = self._running()
        if market is not None:
            market.watch(symbols)

    def unwatch(self, *symbols: str) -> None:
        """Collect these symbols no longer. Raises UnknownSymbol and BadInput."""
        market, _ = self._running()
        for symbol in symbols:
            if (alert := self.alerting.needs(symbol)) is not None:
                raise BadInput(f"the alert “{alert}” watches {symbol}; switch it off or remove it first")
        if market is not None:
            market.unwatch(symbols)

    def diagnostics(self) -> Diagnostics:
        """Connections, allowance, disk, and what was set aside."""
        market, _ = self._running()
        return market.diagnostics() if market is not None else Diagnostics()

    def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
        """The ledger of holes, oldest first: of one symbol, or of all that are stored. Raises UnknownSymbol."""
        if symbol is not None and dataset_of(symbol) is not None:
            return self.datasets.gaps(symbol)
        market, _ = self._running()
        if market is None:
            return ()
        self._known(market, symbol)
        # A ledger of weeks takes a fifth of a second to read, pages ask every two: it is read when it has changed.
        store, names = market.store, sorted(market.store.summary()) if symbol is None else [symbol]
        version = (id(market), [(name, store.history_version(name)) for name in names])
        known = self._ledgers.get(symbol)
        if known is None or known[0] != version:
            known = self._ledgers[symbol] = version, store.gaps(symbol)
        return known[1]

    def export_ticks(self, symbol: str, limit: int | None = None) -> Iterator[Ticks]:
        """The committed trades, or the newest `limit` of them, in pages ascending by id. Raises UnknownSymbol."""
        if dataset_of(symbol) is not None:
            return self.datasets.tick_pages(symbol, limit)
        return tick_pages(self._store_of(symbol), symbol, limit)

    def export_bars(self, symbol: str, timeframe: Timeframe, limit: int | None = None) -> Iterator[Bars]:
        """The bars of the committed trades, or the newest `limit` of them, in pages. Raises UnknownSymbol."""
        if dataset_of(symbol) is not None:
            return self.datasets.bar_pages(symbol, timeframe, limit)
        return bar_pages(self._store_of(symbol), symbol, timeframe, limit)

    def default_query(self) -> PairQuery:
        """The pair that a visitor sees first: the configured one, or in a recording the first two symbols."""
        watched = self.watched()
        pair = self._default_pair
        if len(watched) >= 2 and not set(pair) <= set(watched):
            pair = (watched[0], watched[1])
        return PairQuery(*pair)

    def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The newest `limit` bars, the running one included. Raises UnknownSymbol."""
        return self._history_of(timeframe, limit, symbol).newest(symbol, timeframe, limit)

    def stretches(self, query: PairQuery) -> tuple[Stretch, ...]:
        """Holes, trades that came later, and silence in the sample of each leg, y first. Raises UnknownSymbol."""
        return self._stretches(query, query.params.sample_bars)

    def past(self, query: PairQuery, rows: int) -> tuple[PairSeries, tuple[Stretch, ...]]:
        """The newest rows of a pair, at most so many, and the stretches of both legs in them. Raises UnknownSymbol."""
        return self._series(query, rows), self._stretches(query, rows)

    def _stretches(self, query: PairQuery, limit: int) -> tuple[Stretch, ...]:
        timeframe, legs = query.params.timeframe, (query.y_symbol, query.x_symbol)
        history = self._history_of(timeframe, limit, *legs)
        return tuple(
            found
            for symbol in legs
            for found in stretches(symbol, history.newest(symbol, timeframe, limit), self.gaps(symbol), timeframe)
        )

    def version(self, query: PairQuery) -> int:
        """Changes whenever `live(query)` gives another object; 0 before the first."""
        return self._answers.version(Question(query))

    def live(self, query: PairQuery) -> PairAnalysis:
        """The newest answer that the pulse has made; computed here for a question that nobody has asked lately."""
        return self._answers.kept_warm(Question(query))

    def analysis(self, query: PairQuery) -> PairAnalysis:
        """The answer for the data of this moment. Raises UnknownSymbol."""
        return self._answers.now(Question(query))

    def numbers(self, query: PairQuery) -> PairAnalysis:
        """The same without tests and verdict, in a third of the time; not remembered. Raises UnknownSymbol."""
        self.wait_until_warm()
        found = self._answers.standing(Question(query))
        return found or analyse_pair(query, self._series(query, query.params.sample_bars), with_tests=False)

    def study(self, query: PairQuery) -> PairAnalysis:
        """The same with its evidence: every further test, tens of milliseconds of work. Raises UnknownSymbol."""
        return self._answers.now(Question(query, in_full=True))

    def glances(self, queries: Sequence[PairQuery], entry_zscores: Sequence[float]) -> tuple[PairGlance, ...]:
        """The rows of a watchlist, in this order, made at most every 1.5 s for all who look.

        The row of a pair that is on a chart is of the chart's own answer.
        Their legs are subscribed. A pair that fails says why in its own row. entry_zscores: the level of each, > 0.
        """
        return self._glances.told(queries, entry_zscores, self.status())

    def costs(self, query: PairQuery) -> PairCosts:
        """What a trade on this pair would earn and cost now, at the taker fee of the preferences; once for all who ask.

        Asking keeps the quotes fresh. Raises UnknownSymbol.
        """
        return self.costs_of(self.live(query))

    def costs_of(self, analysis: PairAnalysis) -> PairCosts:
        """The same of an answer that is there already."""
        return self._costing.costs(analysis)

    def refresh(self) -> None:
        """Bring every question that somebody still looks at up to date. Called by the pulse."""
        self._answers.refresh()
        self.alerting.wake()  # behind the screen: what it has computed serves the alerts too

    def _running(self) -> tuple[Market | None, BarHistory | None]:
        with self._lock:
            return self._market, self._bars

    def follow(self, query: PairQuery, before: object) -> object:
        """Subscribe the legs, once in each market: a symbol that somebody has removed since stays removed."""
        if of_datasets(query.y_symbol, query.x_symbol):
            self.watch(query.y_symbol, query.x_symbol)
            return before
        market, _ = self._running()
        if market is None:
            raise SourceUnavailable("no market is open yet")
        if market is not before:
            try:
                market.watch((query.y_symbol, query.x_symbol))
            except UnknownSymbol as unknown:
                raise BadInput(market.why_unknown(unknown.symbol)) from None
        for symbol in (query.y_symbol, query.x_symbol):
            if symbol not in market.watched():
                raise UnknownSymbol(symbol)
        return market

    def terms(self, symbol: str) -> LegTerms:
        """Quote and funding of a leg, kept fresh while somebody asks; or why they are not known."""
        if dataset_of(symbol) is not None:
            return untold("a dataset holds no quotes and no funding")
        market, _ = self._running()
        return market.terms(symbol) if market is not None else untold("no market is open yet")

    def _taker_fee_bp(self) -> float:
        return self.keeping.preferences().taker_fee_bp

    def _store_of(self, symbol: str) -> TickStore:
        market, _ = self._running()
        if market is None:
            raise SourceUnavailable("no market is open yet: ask again in a moment")
        self._known(market, symbol)
        return market.store

    def _known(self, market: Market, symbol: str | None) -> None:
        """What is stored stays readable when it is no longer watched."""
        if symbol is not None and symbol not in market.watched() and symbol not in market.store.summary():
            raise UnknownSymbol(symbol)

    def _history_of(self, timeframe: Timeframe, bars: int, *symbols: str) -> BarHistory | Datasets:
        """The bars of these symbols; what is missing of so many is asked for. Raises UnknownSymbol and BadInput."""
        if of_datasets(*symbols):
            return self.datasets
        market, history = self._running()
        if market is None or history is None:
            raise SourceUnavailable("no market is open yet: ask again in a moment")
        watched = market.watched()
        for symbol in symbols:
            if symbol not in watched:
                raise UnknownSymbol(symbol)
            market.want(symbol, timeframe, bars)
        return history

    def _computed(self, question: Question, looks: int) -> PairAnalysis:
        self.wait_until_warm()
        query = question.query
        analysis = analyse_pair(query, self._series(query, query.params.sample_bars), in_full=question.in_full)
        return replace(analysis, verdict=in_context(analysis.verdict, looks=looks, stale=self._stale(query)))

    def _stale(self, query: PairQuery) -> str | None:
        """Which leg is not live, or has not traded for longer than a price is carried, as a sentence. A dataset is
        old and means to be.
        """
        market, _ = self._running()
        legs = (query.y_symbol, query.x_symbol)
        if market is None or of_datasets(*legs):
            return None
        longest_ms = default_carry_ms(query.params.timeframe)
        for symbol, state in zip(legs, market.states(legs), strict=True):
            if state in _NOT_LIVE:
                return f"{symbol} is {state}"
            quiet_ms = market.quiet_ms(symbol)
            if quiet_ms is not None and quiet_ms > longest_ms:
                return f"{symbol} has not traded for more than {longest_ms // 1000:,} s"
        return None

    def data_version(self, query: PairQuery) -> object:
        """Differs whenever an answer would. Cheap."""
        if of_datasets(query.y_symbol, query.x_symbol):
            return self.datasets.version(query.y_symbol), self.datasets.version(query.x_symbol)
        _, history = self._running()
        if history is None:
            return None
        # Of the feed's states only what the verdict says of them: a page need not be drawn anew for the rest.
        return id(history), history.version(query.y_symbol), history.version(query.x_symbol), self._stale(query)

    def _series(self, query: PairQuery, limit: int) -> PairSeries:
        timeframe = query.params.timeframe
        history = self._history_of(timeframe, limit, query.y_symbol, query.x_symbol)
        if timeframe is Timeframe.TICK:
            y, x = (history.newest_ticks(s, limit) for s in (query.y_symbol, query.x_symbol))
            return align_ticks(y, x, limit=limit)
        # One more bar of each leg: the first row may need the price from before it.
        y_bars, x_bars = (history.newest(s, timeframe, limit + 1) for s in (query.y_symbol, query.x_symbol))
        return align_bars(y_bars, x_bars, timeframe, limit=limit)
