"""Trades as the outside knows them: under their published ids, and without those that REST does not have.

The market counts its trades for ever. A symbol that begins a new history shows lower ids than the market's from then
on, and nothing of what was before. Everything inside the exchange speaks in the market's ids; only this file
translates.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np

from ingest.simulator.market import Market
from ingest.simulator.trades import Trades


class Catalogue:
    """Published ids and holes, by symbol. Belongs to one thread."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._over: dict[str, list[int]] = {}  # the market's id of the last trade of each history that is over
        self._holes: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def before(self, symbol: str, history: int = -1) -> int:
        """What an id published in a history lacks to the market's id of the same trade.

        history: 0 is the one that the market began with; -1 the newest.  Raises IndexError for one that never was.
        """
        if symbol not in self._over:
            return (0,)[history]
        return [0, *self._over[symbol]][history]

    def begin_anew(self, symbol: str, newest: int) -> None:
        """The trade after `newest` (the market's id) is published as number 1."""
        self._over.setdefault(symbol, []).append(newest)

    def hide(self, symbol: str, first: int, last: int) -> None:
        """REST does not have these trades (the market's ids, both included), for ever."""
        self._holes[symbol].append((first, last))

    def clear(self, newest: dict[str, int]) -> None:
        """Make no hole of trades that are not published yet. newest: the market's ids, by symbol."""
        for symbol, holes in self._holes.items():
            holes[:] = [(first, min(last, newest[symbol])) for first, last in holes if first <= newest[symbol]]

    def numbered(self, symbol: str, trades: Trades) -> Trades:
        """The same trades under their published ids."""
        if symbol not in self._over:
            return trades
        return replace(trades, trade_id=trades.trade_id - self.before(symbol))

    def page(self, symbol: str, first: int, last: int, limit: int, *, newest: bool = False) -> Trades:
        """What REST shows of first..last (the market's ids): the first `limit` trades of them, or the newest ones."""
        first = max(first, self.before(symbol) + 1)
        hidden = sum(max(0, min(last, z) - max(first, a) + 1) for a, z in self._holes.get(symbol, ()))
        if newest:
            first = max(first, last - limit - hidden + 1)
        else:
            last = min(last, first + limit + hidden - 1)
        trades = self.market.trades(symbol, first, last)
        if hidden:
            seen = np.ones(len(trades), np.bool_)
            for a, z in self._holes[symbol]:
                seen &= (trades.trade_id < a) | (trades.trade_id > z)
            trades = trades.picked(np.flatnonzero(seen))
            trades = trades.rows(max(0, len(trades) - limit), len(trades)) if newest else trades.rows(0, limit)
        return self.numbered(symbol, trades)
