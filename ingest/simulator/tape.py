"""What has been published so far. Every door (streams, REST, truth log) shows exactly this much of the market."""

from __future__ import annotations

from ingest.simulator.market import Market
from ingest.simulator.trades import Trades

_TRADES_AT_ONCE = 500  # of one symbol; what a pause or a jump of the clock left over follows in the next rounds


class Tape:
    """The published end of the market. Belongs to one thread.

    time_ms: the moment up to which quotes are shown.  newest: id of the last published trade of each symbol.
    """

    def __init__(self, market: Market, time_ms: int) -> None:
        self._market = market
        self.time_ms = time_ms
        self.paused = False
        self.newest = {symbol: market.newest_id(symbol, time_ms) for symbol in market.instruments}

    def advance(self, now_ms: int) -> dict[str, Trades]:
        """The trades that are published now, by symbol; none while paused. Ids go on without a hole."""
        if self.paused:
            return {}
        self.time_ms = max(self.time_ms, now_ms)
        fresh = {}
        for symbol, newest in self.newest.items():
            due = min(self._market.newest_id(symbol, self.time_ms), newest + _TRADES_AT_ONCE)
            if due > newest:
                fresh[symbol] = self._market.trades(symbol, newest + 1, due)
                self.newest[symbol] = due
        return fresh
