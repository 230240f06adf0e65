"""Which published trades are sent on the sockets, and in which order."""

from __future__ import annotations

import numpy as np

from ingest.simulator.catalogue import Catalogue
from ingest.simulator.faults.shuffle import Shuffle
from ingest.simulator.trades import Trades


class Deliveries:
    """From the trades of a round to those that are sent in it. A symbol that nobody meddled with costs two lookups.

    Ids in here are the market's; what comes out bears published ids. Belongs to one thread.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._withheld: dict[str, list[tuple[int, int]]] = {}
        self._shuffles: dict[str, Shuffle] = {}

    def due(self, symbol: str, trades: Trades) -> Trades:
        """What is sent now of the trades that are published now."""
        if symbol in self._withheld:
            trades = self.without_withheld(symbol, trades)
        trades = self._catalogue.numbered(symbol, trades)
        if symbol in self._shuffles:
            shuffle = self._shuffles[symbol]
            trades = shuffle.passed(trades)
            if shuffle.is_over():
                del self._shuffles[symbol]
        return trades

    def shuffle(self, symbol: str, shuffle: Shuffle) -> bool:
        """Send the next trades in another order; False when that happens already."""
        return self._shuffles.setdefault(symbol, shuffle) is shuffle

    def shuffling(self) -> dict[str, int]:
        """How many trades are still to be shuffled, by symbol."""
        return {symbol: shuffle.left for symbol, shuffle in self._shuffles.items()}

    def withhold(self, symbol: str, first: int, last: int) -> None:
        """Never send these trades, both included."""
        self._withheld.setdefault(symbol, []).append((first, last))

    def without_withheld(self, symbol: str, trades: Trades) -> Trades:
        """Those of them that may be sent."""
        sent = np.ones(len(trades), np.bool_)
        for first, last in self._withheld.get(symbol, ()):
            sent &= (trades.trade_id < first) | (trades.trade_id > last)
        return trades if sent.all() else trades.picked(np.flatnonzero(sent))

    def withholding(self, newest: dict[str, int]) -> dict[str, int]:
        """How many trades are still to be withheld, by symbol, where there are any."""
        left = {
            symbol: sum(max(0, last - max(first - 1, newest[symbol])) for first, last in ranges)
            for symbol, ranges in self._withheld.items()
        }
        return {symbol: n for symbol, n in left.items() if n}

    def clear(self, newest: dict[str, int]) -> None:
        """Send everything from now on, in order. What was withheld stays so."""
        for shuffle in self._shuffles.values():
            shuffle.end()
        for symbol, ranges in self._withheld.items():
            ranges[:] = [(first, min(last, newest[symbol])) for first, last in ranges if first <= newest[symbol]]
