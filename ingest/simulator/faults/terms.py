"""The terms of the exchange that a script may change while it runs: a connection's life, and REST's memory."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.simulator.rules import OlderAnswer, Rules


@dataclass(slots=True)
class Terms:
    """Belongs to one thread.

    life_s: how long a connection may live.  horizon_ms: how far back REST has trades.  older: what it answers when
    asked for an id from before that: the oldest rows it has, an empty list, or an error.
    """

    life_s: float
    horizon_ms: int
    older: OlderAnswer

    @classmethod
    def of(cls, rules: Rules) -> Terms:
        """What the exchange starts with."""
        return cls(rules.connection_life_s, rules.trades_horizon_ms, rules.older_answer)

    def restore(self, rules: Rules) -> None:
        """As at the start."""
        start = Terms.of(rules)
        self.life_s, self.horizon_ms, self.older = start.life_s, start.horizon_ms, start.older
