"""Which published trades are sent on the sockets, and in which order."""

from __future__ import annotations

import numpy as np

from ingest.simulator.catalogue import Catalogue
from ingest.simulator.trades import Trades


class Deliveries:
    """From the trades of a round to those that are sent in it. A symbol that nobody meddled with costs one lookup.

    Ids in here are the market's; what comes out bears published ids. Belongs to one thread.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._withheld: dict[str, list[tuple[int, int]]] = {}

    def due(self, symbol: str, trades: Trades) -> Trades:
        """What is sent now of the trades that are published now."""
        if symbol in self._withheld:
            trades = self.without_withheld(symbol, trades)
        return self._catalogue.numbered(symbol, trades)

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
        """Send everything from now on. What was withheld stays so."""
        for symbol, ranges in self._withheld.items():
            ranges[:] = [(first, min(last, newest[symbol])) for first, last in ranges if first <= newest[symbol]]
