"""Which connections there should be for the symbols that are wanted: the plan of all shards. Pure.

A connection carries a hundred symbols: two streams each, and servers of the exchange have been seen to allow 200.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from random import Random

from ingest.events import Decoded
from ingest.link import Action, Failure, Link, Wire
from ingest.shard import LinkRules, Shard

SYMBOLS_PER_CONNECTION = 100
# Where nothing is live, what concerns the reader most comes first.
_GRAVEST_FIRST = ("BLOCKED", "OFFLINE", "MUTE", "CONNECTING")


@dataclass(frozen=True, slots=True)
class ShardPicture:
    """A shard as others may see it. Times are monotonic milliseconds.

    opened_ms: of the connection that serves.  reason: why the last one ended.
    """

    link: Link
    symbols: frozenset[str]
    opened_ms: int | None
    renew_at_ms: int | None
    reconnects: int
    reason: str | None


class Links:
    """Owned by the feed thread."""

    def __init__(self, rules: LinkRules, rng: Random, now_ms: int) -> None:
        self._rules = rules
        self._rng = rng
        self._numbers = count(1)
        self._nothing = Link("CONNECTING", "no symbol is watched", now_ms)
        self._shards: list[Shard] = []

    def watch(self, symbols: Iterable[str], now_ms: int) -> list[Action]:
        """Carry these too; one that is carried already changes nothing."""
        actions: list[Action] = []
        for symbol in dict.fromkeys(symbols):
            if any(symbol in shard.symbols for shard in self._shards):
                continue
            actions += self._with_room(now_ms).watch((symbol,))
        return actions

    def unwatch(self, symbols: Iterable[str]) -> list[Action]:
        """Carry these no longer."""
        wanted_not = list(symbols)
        return [action for shard in self._shards for action in shard.unwatch(wanted_not)]

    def due(self, now_ms: int) -> list[Action]:
        """What is to be done now."""
        actions = [action for shard in self._shards for action in shard.due(now_ms)]
        self._shards = [shard for shard in self._shards if shard.symbols]
        return actions

    def opened(self, number: int, now_ms: int) -> None:
        """A connection is open."""
        for shard in self._shards:
            shard.opened(number, now_ms)

    def lost(self, number: int, failure: Failure, now_ms: int) -> list[Action]:
        """A connection ended, or could not be opened."""
        return [action for shard in self._shards for action in shard.lost(number, failure, now_ms)]

    def ending(self, number: int, now_ms: int) -> None:
        """The server announced that it will close this connection."""
        for shard in self._shards:
            shard.ending(number, now_ms)

    def heard(self, number: int, batch: Decoded, now_ms: int) -> bool:
        """Data arrived on a connection. True when they make its shard live."""
        found = self._find(number)
        if found is None:
            return False
        shard, wire = found
        for trades in batch.trades:
            wire.hear(trades.symbol, now_ms, trades.event_ms, trades.ticks.trade_id)
        for mark in batch.marks:
            wire.hear(mark.symbol, now_ms, mark.event_ms)
        return wire.delivered and shard.proven(wire, now_ms)

    def serves(self, number: int) -> bool:
        """Tell whether what this connection delivers counts at once; of one that is still being proven it is held."""
        found = self._find(number)
        return found is not None and found[0].serving is found[1]

    def picture(self) -> tuple[ShardPicture, ...]:
        """Every shard, for other threads."""
        return tuple(_picture(shard) for shard in self._shards)

    def summary(self, picture: tuple[ShardPicture, ...]) -> Link:
        """The state of the whole: live where anything is. Of one symbol only its own shard can tell."""
        live = [one.link for one in picture if one.link.state == "LIVE"]
        if live:
            return max(live, key=lambda link: link.since_ms)
        return min((one.link for one in picture), key=_gravity, default=self._nothing)

    def _with_room(self, now_ms: int) -> Shard:
        for shard in self._shards:
            if len(shard.symbols) < SYMBOLS_PER_CONNECTION:
                return shard
        self._shards.append(Shard(self._rules, self._numbers, self._rng, now_ms))
        return self._shards[-1]

    def _find(self, number: int) -> tuple[Shard, Wire] | None:
        for shard in self._shards:
            wire = shard.wire(number)
            if wire is not None:
                return shard, wire
        return None


def _gravity(link: Link) -> int:
    return _GRAVEST_FIRST.index(link.state)


def _picture(shard: Shard) -> ShardPicture:
    serving = shard.serving
    opened_ms = serving.opened_ms if serving is not None else None
    delivered = serving is not None and serving.delivered
    return ShardPicture(
        link=shard.link,
        symbols=frozenset(shard.symbols),
        opened_ms=opened_ms,
        renew_at_ms=shard.renew_at_ms if delivered else None,
        reconnects=shard.reconnects,
        reason=shard.last_reason,
    )
