"""Bars of the symbols of a dataset: cut from its trades, or rolled up from the bars that were uploaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from analytics.bars import roll_up
from analytics.datasets import bare
from analytics.errors import BadInput, UnknownSymbol
from analytics.market import Bars, Ticks, Timeframe
from services.bar_history import BarHistory
from services.dataset_facts import DatasetFacts, SymbolFacts
from services.ports import TickStore
from storage.ring import Rings
from storage.rows import concatenated_bars

_PAGE_BARS = 50_000


class DatasetHistory:
    """Thread-safe. Symbols are those of the dataset, with or without its name. Nothing in it ever changes."""

    def __init__(self, store: TickStore, facts: DatasetFacts) -> None:
        self.store = store
        self.facts = facts
        self._trades = BarHistory(Rings(1), store)

    def of(self, symbol: str) -> SymbolFacts:
        """What is told of a symbol. Raises UnknownSymbol."""
        known: Mapping[str, SymbolFacts] = self.facts.symbols
        if bare(symbol) not in known:
            raise UnknownSymbol(symbol)
        return known[bare(symbol)]

    def newest_ticks(self, symbol: str, limit: int) -> Ticks:
        """The newest `limit` trades, ascending by id. Raises UnknownSymbol, and BadInput where bars were uploaded."""
        self.check(symbol, Timeframe.TICK)
        return self._trades.newest_ticks(bare(symbol), limit)

    def newest(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The newest `limit` bars. Raises UnknownSymbol, and BadInput where the uploaded bars are longer."""
        self.check(symbol, timeframe)
        facts = self.of(symbol)
        if facts.kind == "trades":
            return self._trades.newest(bare(symbol), timeframe, limit)
        return self._rolled(bare(symbol), facts, timeframe, limit)

    def check(self, symbol: str, timeframe: Timeframe) -> None:
        """Whether the symbol has bars of this length. Raises UnknownSymbol and BadInput."""
        held = self.of(symbol).timeframe
        if timeframe.milliseconds < held.milliseconds:
            raise BadInput(
                f"dataset {self.facts.name} holds {bare(symbol)} as bars of {held}; ask for {held} or longer"
            )

    def _rolled(self, symbol: str, facts: SymbolFacts, timeframe: Timeframe, limit: int) -> Bars:
        """Spans without a bar are left out, so the look back grows until enough are found."""
        length_ms = timeframe.milliseconds
        newest_ms = facts.last_ms - facts.last_ms % length_ms
        spans = limit
        while True:
            start_ms = max(newest_ms - (spans - 1) * length_ms, facts.first_ms - facts.first_ms % length_ms)
            pages = list(candle_pages(self.store, symbol, facts.timeframe, start_ms, facts.last_ms))
            bars = roll_up(concatenated_bars(pages or [Bars.empty()]), timeframe)
            if len(bars) >= limit or start_ms <= facts.first_ms:
                break
            spans *= 4
        bars = bars.rows(slice(-limit, None))
        if facts.tells_takers:
            return bars
        return replace(bars, taker_buy_volume=np.full(len(bars), np.nan))


def candle_pages(store: TickStore, symbol: str, timeframe: Timeframe, first_ms: int, last_ms: int) -> Iterator[Bars]:
    """The uploaded bars that start from `first_ms` to `last_ms`, in pages that are read one by one."""
    page_ms = _PAGE_BARS * timeframe.milliseconds
    for start_ms in range(first_ms, last_ms + 1, page_ms):
        page = store.candles(symbol, timeframe, start_ms=start_ms, end_ms=min(start_ms + page_ms, last_ms + 1))
        if len(page):
            yield page
