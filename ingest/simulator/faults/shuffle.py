"""Trades out of order, within bounds: nothing lost, and none far from its place."""

from __future__ import annotations

import numpy as np

from ingest.simulator.trades import Trades


class Shuffle:
    """Changes the order of the next `left` trades of a symbol; none ends up more than `within` places from its own.

    Trade i gets the key i + u with u drawn from [0, within + 1), and trades leave in the order of their keys: whoever
    overtakes i came at most `within` after it. A key below the number of trades seen so far cannot be undercut any
    more, so its trade can leave, and no more than `within + 1` wait.
    """

    def __init__(self, within: int, left: int, seed: int) -> None:
        self.left = left
        self._within = within
        self._draw = np.random.default_rng(seed)
        self._arrived = 0
        self._keys = np.empty(0)
        self._held: Trades | None = None

    def is_over(self) -> bool:
        """Whether all of them have left."""
        return not self.left and not len(self._keys)

    def end(self) -> None:
        """Change no more orders; what waits leaves with the next trades."""
        self.left = 0

    def passed(self, trades: Trades) -> Trades:
        """These trades come in; those that leave now, in their new order."""
        n = min(len(trades), self.left)
        keys = self._arrived + np.arange(n) + self._draw.uniform(0, self._within + 1, n)
        self._keys = np.concatenate((self._keys, keys))
        came = trades.rows(0, n)
        held = came if self._held is None else self._held.joined(came)
        self._arrived += n
        self.left -= n
        leaves = self._keys < (self._arrived if self.left else np.inf)
        order = np.flatnonzero(leaves)
        gone = held.picked(order[np.argsort(self._keys[order])])
        self._held = held.picked(np.flatnonzero(~leaves))
        self._keys = self._keys[~leaves]
        return gone.joined(trades.rows(n, len(trades)))
