"""A Desk for the screen: a seeded pair that reverts, revealed second by second, and a feed whose state a test sets.

`python -m tests.screen_fake PORT` serves the dashboard on it, to look at while working on the screen.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ParamSpec, TypeVar
from zlib import crc32

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.costs import PairCosts, trading_costs
from analytics.errors import BadInput, UnknownSymbol
from analytics.glance import PairGlance, pair_glance, with_q_values
from analytics.glance import untold as untold_glance
from analytics.market import Bars, Gap, Listing, PairParams, PairQuery, PairSeries, Timeframe
from analytics.pair import analyse_pair
from analytics.quotes import Funding, LegTerms, Quote, untold
from analytics.status import (
    Diagnostics,
    FeedLink,
    MarketStatus,
    RestFacts,
    SetAside,
    StoreFacts,
    SymbolStatus,
    pair_state,
)
from analytics.stretches import Stretch
from services.alerting import Alerting
from services.keeping import Keeping
from storage.kept_memory import MemoryKeptStore
from tests.fakes import FakeClock

P = ParamSpec("P")
T = TypeVar("T")

START_MS = 1_760_000_000_000
QUERY = PairQuery("BTCUSDT", "ETHUSDT", PairParams(window_bars=300))
LISTINGS = (
    Listing("BTCUSDT", "BTC", "USDT", 0.1, 0.001, 1),
    Listing("ETHUSDT", "ETH", "USDT", 0.01, 0.001, 2),
    Listing("SOLUSDT", "SOL", "USDT", 0.01, 1.0, 2),
    Listing("1000PEPEUSDT", "1000PEPE", "USDT", 0.0000001, 1.0, 7),
    *(Listing(f"COIN{n}USDT", f"COIN{n}", "USDT", 0.001, 0.1, 3) for n in range(520)),
)
LEDGER = (
    Gap("BTCUSDT", 5_182_005_801, 5_182_005_838, "FILLED", "reconnect", START_MS - 900_000, START_MS - 899_120),
    Gap("BTCUSDT", 5_182_010_000, 5_182_022_041, "LOST", "beyond the 48 h of history", START_MS, START_MS + 4_000),
    Gap("ETHUSDT", 77_000_000, 77_000_000, "LOST", "the exchange does not have it", START_MS + 1_200_000, START_MS),
    Gap("ETHUSDT", 77_120_000, 77_120_412, "OPEN", "3 s without data", START_MS + 1_500_000),
    Gap("SOLUSDT", 9_001, 9_900, "FILLED", "restart", START_MS - 86_400_000, START_MS - 86_399_000),
)
MACHINERY = Diagnostics(
    links=(
        FeedLink("market", "LIVE", 3, START_MS - 3_600_000, START_MS + 79_200_000, 2, "no data for 15 s"),
        FeedLink("public", "LIVE", 3, START_MS - 3_600_000, START_MS + 79_300_000),
    ),
    rest=RestFacts("fapi.example", used=412, allowed=1_200),
    store=StoreFacts(
        "/home/trader/pairwatch/binance.db", 734_003_200, 4_190_208, 21_474_836_480, "SQLite 3.51.3 (no defect)"
    ),
    set_aside=(SetAside("price is not a number", '{"e":"aggTrade","p":"NaN"}', "ETHUSDT"),),
    set_aside_total=17,
    complaints=("2: Invalid request",),
    exchange_clock_ms=-38,
    threads=12,
)


def market(seconds: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """(n,) prices of y and x, a second apart: x walks, y follows it with a deviation that fades."""
    rng = np.random.default_rng(seed)
    x = 3_424.0 * np.exp(np.cumsum(rng.normal(0, 1.2e-4, seconds)))
    deviation = np.zeros(seconds)
    shocks = rng.normal(0, 1.4, seconds)
    for t in range(1, seconds):
        deviation[t] = 0.985 * deviation[t - 1] + shocks[t]
    return np.round(203.1 + 18.62 * x + deviation, 1), np.round(x, 2)


def series(held: int, timeframe: Timeframe = Timeframe.S1, *, hole: slice | None = None, seed: int = 7) -> PairSeries:
    """The first `held` rows of the market; `hole` is left out."""
    y, x = market(held, seed)
    time_ms = START_MS + np.arange(held) * (timeframe.milliseconds or 250)
    kept = np.ones(held, bool)
    if hole is not None:
        kept[hole] = False
    return PairSeries(time_ms[kept], y[kept], x[kept], np.ones(kept.sum(), bool), *(time_ms[kept],) * 2, held, held)


class FakeDesk:
    """Answers as the Desk does. `held`: seconds of the market revealed so far. `feed`: what status() says."""

    def __init__(self, held: int = 1_800, now: Callable[[], int] | None = None) -> None:
        self.held = held
        self.keeping = Keeping(MemoryKeptStore(), FakeClock(START_MS), (QUERY.y_symbol, QUERY.x_symbol))
        self.alert_book = self.keeping.alerts
        self.era = 1
        self.listed = LISTINGS
        self.subscribed: list[str] = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
        self.asked: list[str] = []
        self.ledger: tuple[Gap, ...] = ()
        self.machinery = MACHINERY
        self.stretched: tuple[Stretch, ...] = ()
        self.studied = 0
        self.quote_age_ms: int | None = 2_400
        self._glanced: dict[PairQuery, tuple[int, PairAnalysis]] = {}
        self._answers: dict[tuple[PairQuery, int], PairAnalysis] = {}
        self._now = now or (lambda: START_MS + self.held * 1000)
        self._hums = False
        self._y, self._x = market(12_000)
        self.feed = MarketStatus(
            source="live",
            state="LIVE",
            now_ms=0,
            messages_per_s=212.4,
            symbols={
                "BTCUSDT": self._symbol("BTCUSDT", 63_958.4, 84.2),
                "ETHUSDT": self._symbol("ETHUSDT", 3_424.18, 71.0),
                "SOLUSDT": self._symbol("SOLUSDT", 151.07, 24.3),
            },
        )

        self.alerting = Alerting(self, self.alert_book, FakeClock(START_MS))  # `beat` judges the rules, by hand

    @staticmethod
    def _symbol(name: str, price: float, rate: float) -> SymbolStatus:
        return SymbolStatus(
            name, "LIVE", ticks_stored=428_303, age_ms=120, lag_ms=38, messages_per_s=rate, last_price=price
        )

    def hum(self) -> None:
        """From now on the rate changes every second.

        To a page, a feed of which nothing changes is a server that is gone, and a clock that runs a silent market.
        """
        self._hums = True

    async def ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Off the event loop, as the Desk does it."""
        return await asyncio.to_thread(question, *args, **kwargs)

    def wait_until_warm(self) -> None:
        """It computes nothing."""

    def listings(self) -> tuple[Listing, ...]:
        return self.listed

    def watch(self, *symbols: str) -> None:
        for symbol in symbols:
            if symbol not in {listing.symbol for listing in self.listed}:
                raise UnknownSymbol(symbol)
            if symbol not in self.subscribed:
                self.subscribed.append(symbol)

    def unwatch(self, *symbols: str) -> None:
        for symbol in symbols:
            if symbol not in self.subscribed:
                raise UnknownSymbol(symbol)
        if len(self.subscribed) - len(symbols) < 2:
            raise BadInput("a pair needs two symbols; add another one before you remove this one")
        self.subscribed = [symbol for symbol in self.subscribed if symbol not in symbols]

    def gaps(self, symbol: str | None = None) -> tuple[Gap, ...]:
        if symbol is not None and symbol not in self.subscribed:
            raise UnknownSymbol(symbol)
        return tuple(gap for gap in self.ledger if symbol in {None, gap.symbol})

    def diagnostics(self) -> Diagnostics:
        return self.machinery

    def status(self) -> MarketStatus:
        rate = self.feed.messages_per_s + (int(time.monotonic()) % 2 if self._hums else 0)
        return replace(self.feed, now_ms=self._now(), messages_per_s=rate)

    def version(self, query: PairQuery) -> int:
        return self.held

    def live(self, query: PairQuery) -> PairAnalysis:
        for symbol in (query.y_symbol, query.x_symbol):
            if symbol not in self.subscribed:
                raise UnknownSymbol(symbol)
        if (query, self.held) not in self._answers:
            self._answers = {(query, self.held): self._computed(query)}
        return self._answers[query, self.held]

    analysis = numbers = live

    def data_version(self, query: PairQuery) -> object:
        return self.held

    def exchange_now_ms(self) -> int | None:
        return self._now()

    def follow(self, query: PairQuery, before: object) -> object:
        self.watch(query.y_symbol, query.x_symbol)
        return self

    def past(self, query: PairQuery, rows: int) -> tuple[PairSeries, tuple[Stretch, ...]]:
        return self._rows(replace(query, params=replace(query.params, lookback_bars=rows))), self.stretched

    def costs_of(self, analysis: PairAnalysis) -> PairCosts:
        return self.costs(analysis.query)

    def terms(self, symbol: str) -> LegTerms:
        return self._terms(63_958.4 if symbol == QUERY.y_symbol else 3_424.18, self._now())

    def study(self, query: PairQuery) -> PairAnalysis:
        self.studied += 1
        return self._computed(query, in_full=True)

    def _computed(self, query: PairQuery, *, in_full: bool = False) -> PairAnalysis:
        self.asked.append(query.y_symbol)
        return analyse_pair(query, self._rows(query), in_full=in_full)

    def _rows(self, query: PairQuery) -> PairSeries:
        rows = slice(max(self.held - query.params.sample_bars, 0), self.held)
        step = query.params.timeframe.milliseconds or 250
        end_ms = self._now() // step * step
        time_ms = end_ms - np.arange(self.held - rows.start - 1, -1, -1) * step
        known = {"BTCUSDT": self._y, "ETHUSDT": self._x}
        y, x = (known.get(s, self._x / 22)[rows] for s in (query.y_symbol, query.x_symbol))
        traded = np.ones(len(y), bool)
        return PairSeries(time_ms, y, x, traded, time_ms, time_ms, self.held, self.held)

    def bars(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """One trade a bar, and wicks of a few cents, at the rows of the market."""
        seen = self._rows(replace(QUERY, params=PairParams(timeframe=timeframe, lookback_bars=limit)))
        close = seen.y if symbol == QUERY.y_symbol else seen.x
        opened, whole = np.concatenate((close[:1], close[:-1])), np.arange(len(close))
        high, low = np.maximum(opened, close) + 0.02, np.minimum(opened, close) - 0.02
        one = np.ones(len(close))
        quality = np.zeros(len(close), np.uint8)
        return Bars(seen.time_ms, opened, high, low, close, one, np.ones_like(whole), one, whole, whole, quality)

    def stretches(self, query: PairQuery) -> tuple[Stretch, ...]:
        return self.stretched

    def costs(self, query: PairQuery) -> PairCosts:
        now_ms = self._now()
        y, x = (self._terms(price, now_ms) for price in (63_958.4, 3_424.18))
        fee_bp = self.keeping.preferences().taker_fee_bp
        return trading_costs(self.live(query), y, x, taker_fee_bp=fee_bp, now_ms=now_ms)

    def glances(self, queries: Sequence[PairQuery], entry_zscores: Sequence[float]) -> tuple[PairGlance, ...]:
        """Pairs of COINs walk apart, all others revert, each in its own way."""
        rows = (self._glance(query, entry) for query, entry in zip(queries, entry_zscores, strict=True))
        return with_q_values(tuple(rows))

    def _glance(self, query: PairQuery, entry: float) -> PairGlance:
        legs, listed = (query.y_symbol, query.x_symbol), {listing.symbol for listing in self.listed}
        unknown = [symbol for symbol in legs if symbol not in listed]
        if unknown:
            return untold_glance(query, f"{unknown[0]} is not listed")
        self.watch(*legs)
        held, made = self._glanced.get(query, (None, None))
        if made is None or held != self.held:
            held, made = self._glanced[query] = self.held, analyse_pair(query, self._glance_rows(query))
        fed = self.status()
        ages = [self.feed.symbols[symbol].age_ms for symbol in legs if symbol in self.feed.symbols]
        return replace(
            pair_glance(made, entry_zscore=entry),
            state=pair_state(fed, *(symbol for symbol in legs if symbol in fed.symbols)) if ages else "LIVE",
            age_ms=max((age for age in ages if age is not None), default=120),
        )

    def _glance_rows(self, query: PairQuery) -> PairSeries:
        rows = self._rows(query)
        if query.y_symbol == QUERY.y_symbol and query.x_symbol == QUERY.x_symbol:
            return rows
        seed, n = crc32(f"{query.y_symbol}{query.x_symbol}".encode()), self.held
        y, x = market(n, seed)
        if query.y_symbol.startswith("COIN"):
            y = market(n, seed + 1)[1]
        return replace(rows, y=y[-len(rows) :], x=x[-len(rows) :])

    def _terms(self, bid: float, now_ms: int) -> LegTerms:
        """A quote a tenth of a basis point wide, and a settlement in two hours."""
        if self.quote_age_ms is None:
            return untold("a recording holds no quotes and no funding")
        taken_ms = now_ms - self.quote_age_ms
        return LegTerms(Quote("S", bid, bid * 1.00001, taken_ms), Funding("S", 1e-4, 7_200_000, 0, taken_ms))

    @staticmethod
    def default_query() -> PairQuery:
        return QUERY


def main(port: int) -> None:
    """Serve the dashboard on the fake, the market moving with the clock."""
    import time

    import uvicorn
    from fastapi import FastAPI

    from callbacks.dashboard import create_dashboard

    began = time.monotonic()

    class Moving(FakeDesk):
        def status(self) -> MarketStatus:
            self.held = 1_800 + int(4 * (time.monotonic() - began))
            age = int(time.monotonic() * 1000) % 400
            moved = {
                name: replace(symbol, age_ms=age, ticks_stored=symbol.ticks_stored + 90 * self.held)
                for name, symbol in self.feed.symbols.items()
            }
            holed = replace(
                moved["ETHUSDT"], state="BACKFILLING", gaps_open=1, gaps_lost=1, reason="1 hole being filled"
            )
            moved |= {"ETHUSDT": holed, "BTCUSDT": replace(moved["BTCUSDT"], gaps_lost=1)}
            return replace(super().status(), symbols={name: moved[name] for name in self.subscribed if name in moved})

    server = FastAPI()
    desk = Moving(now=lambda: int(time.time() * 1000))
    desk.live(desk.default_query())  # as the Desk warms up: nothing is imported while the first page is drawn
    later_ms = desk._now() - START_MS - 3_600_000
    desk.ledger = tuple(replace(gap, opened_at_ms=gap.opened_at_ms + later_ms) for gap in LEDGER)
    now_ms = desk._now()
    desk.machinery = replace(
        MACHINERY,
        links=tuple(
            replace(link, opened_ms=now_ms - 5_000_000, renewed_at_ms=now_ms + 76_000_000) for link in MACHINERY.links
        ),
    )
    create_dashboard(server, desk)
    uvicorn.run(server, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    import sys

    main(int(sys.argv[1]))
