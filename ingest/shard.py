"""One connection's worth of symbols, and how it is kept alive. Pure: events and the time go in, actions come out.

At any moment one connection serves the symbols. Before the exchange cuts it, or says that it will, another is opened
beside it; what that one delivers is held back until it lacks nothing, then the old one is closed. So a renewal leaves
no hole, and one that fails costs nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

from analytics.status import FeedState
from ingest.backoff import Backoff
from ingest.link import Action, Ask, Close, Expect, Failure, Forget, Link, Missed, Open, Release, Wire
from ingest.silence import MuteSymbols

SILENT_AFTER_MS = 10_000
_OPENING_LIMIT_MS = 15_000
_OVERLAP_LIMIT_MS = 10_000
# Four messages a second: the exchange drops whoever sends more than ten, pongs included.
_ASK_EVERY_MS = 250
_SYMBOLS_PER_REQUEST = 50
# The server that announces its end may do so on the new connection too.
_YOUNG_MS = 60_000
_ANNOUNCED_AGAIN_MS = 500


@dataclass(frozen=True, slots=True)
class LinkRules:
    """host, route: for sentences.  renew_after_ms: a connection is renewed at 95 to 100 % of it.  fitting: the first
    of these symbols, as many as an address can name.
    """

    host: str
    route: str
    renew_after_ms: int
    fitting: Callable[[tuple[str, ...]], tuple[str, ...]]


class Shard:
    """Owned by the feed thread. `numbers` gives every connection a number of its own."""

    def __init__(self, rules: LinkRules, numbers: Iterator[int], rng: Random, now_ms: int) -> None:
        self._rules = rules
        self._numbers = numbers
        self._rng = rng
        self._backoff = Backoff(rng)
        self._renewal_backoff = Backoff(rng)
        self._retry_at_ms = now_ms
        self._next_ask_ms = now_ms
        self._announced_ms = now_ms - _YOUNG_MS
        self._asks: deque[Ask] = deque()
        self._mute = MuteSymbols()
        self.symbols: dict[str, None] = {}
        self.link = Link("CONNECTING", None, now_ms)
        self.reconnects = 0
        self.last_reason: str | None = None
        self.renew_at_ms = now_ms
        self.serving: Wire | None = None
        self.coming: Wire | None = None

    def watch(self, symbols: Iterable[str]) -> list[Action]:
        """Carry these too."""
        added = tuple(symbol for symbol in symbols if symbol not in self.symbols)
        self.symbols |= dict.fromkeys(added)
        return [Expect(added)] if added else []

    def unwatch(self, symbols: Iterable[str]) -> list[Action]:
        """Carry these no longer."""
        removed = tuple(symbol for symbol in symbols if symbol in self.symbols)
        for symbol in removed:
            del self.symbols[symbol]
        return [Forget(removed)] if removed else []

    def due(self, now_ms: int) -> list[Action]:
        """What is to be done now. To be asked every 50 ms or so, and after every event."""
        if not self.symbols:
            return self._close_all()
        actions = self._overdue(now_ms)
        if self.serving is None and now_ms >= self._retry_at_ms:
            self.serving, begin = self._begun(now_ms)
            actions += [Expect(tuple(self.symbols)), begin]
        elif self.serving is not None and self.serving.delivered and self.coming is None:
            if now_ms >= self.renew_at_ms:
                self.coming, begin = self._begun(now_ms)
                actions.append(begin)
        elif self.coming is not None and self._is_ready(self.coming, now_ms):
            actions += self._hand_over(now_ms)
        return actions + self._subscriptions(now_ms)

    def opened(self, number: int, now_ms: int) -> None:
        """A connection is open."""
        wire = self.wire(number)
        if wire is not None:
            wire.opened_ms = now_ms

    def proven(self, wire: Wire, now_ms: int) -> bool:
        """Tell whether these first data make the shard live."""
        if wire is not self.serving or self.link.state == "LIVE":
            return False
        self.link = Link("LIVE", None, now_ms, delivered=True)
        self._settle(wire, now_ms)
        return True

    def ending(self, number: int, now_ms: int) -> None:
        """The server announced that it will close this connection."""
        wire = self.wire(number)
        if wire is None or wire.ending:
            return
        wire.ending = True
        if wire is self.serving:
            self._renew_soon(now_ms)

    def _renew_soon(self, now_ms: int) -> None:
        """At once; a little later when the connection that took over from an ending one is said to end as well."""
        again = now_ms - self._announced_ms < _YOUNG_MS
        self._announced_ms = now_ms
        self.renew_at_ms = min(self.renew_at_ms, now_ms + (_ANNOUNCED_AGAIN_MS if again else 0))

    def lost(self, number: int, failure: Failure, now_ms: int) -> list[Action]:
        """A connection ended, or could not be opened."""
        wire = self.wire(number)
        if wire is None:
            return []
        if wire is self.coming:
            self.coming = None
            wait_s = self._renewal_backoff.after_failure()
            if failure.status is not None:
                wait_s = self._renewal_backoff.after_refusal(failure.status, failure.retry_after_s)
            self.renew_at_ms = now_ms + round(wait_s * 1000)
            return []
        return self._lost_service(wire, failure, now_ms)

    def _lost_service(self, wire: Wire, failure: Failure, now_ms: int) -> list[Action]:
        actions: list[Action] = [Missed(tuple(wire.asked), failure.reason)] if wire.opened_ms is not None else []
        self.reconnects += wire.delivered
        self.last_reason = failure.reason
        coming, self.serving, self.coming = self.coming, None, None
        self._asks.clear()
        if coming is not None and coming.opened_ms is not None:
            # The age of the data decides about the light, not the socket: its successor is already there.
            self.serving = coming
            self._settle(coming, now_ms)
            return [*actions, Release(coming.number)]
        if coming is not None:
            actions.append(Close(coming.number))
        self._retry_at_ms = now_ms + round(self._wait_s(wire, failure, now_ms) * 1000)
        state: FeedState = "CONNECTING" if wire.delivered else _state_of(wire, failure)
        since_ms = self.link.since_ms if state == self.link.state else now_ms
        self.link = Link(state, failure.reason, since_ms)
        return actions

    def _wait_s(self, wire: Wire, failure: Failure, now_ms: int) -> float:
        if wire.delivered:
            return self._backoff.after_data((now_ms - wire.begun_ms) / 1000)
        if failure.status is not None:
            return self._backoff.after_refusal(failure.status, failure.retry_after_s)
        return self._backoff.after_failure()

    def _overdue(self, now_ms: int) -> list[Action]:
        actions: list[Action] = []
        for wire in (self.coming, self.serving):
            if wire is None:
                continue
            host = self._rules.host
            if wire.opened_ms is None and now_ms - wire.begun_ms > _OPENING_LIMIT_MS:
                reason = f"{host} does not answer in time"
            elif wire.opened_ms is not None and now_ms - max(wire.heard_ms or 0, wire.opened_ms) > SILENT_AFTER_MS:
                reason = f"{host} has sent no data for {SILENT_AFTER_MS // 1000} s"
                if not wire.delivered:
                    reason += f" on {self._rules.route}: wrong route or unknown symbol"
            else:
                continue
            actions += [*self.lost(wire.number, Failure(reason), now_ms), Close(wire.number)]
        return actions

    def _begun(self, now_ms: int) -> tuple[Wire, Open]:
        wire = Wire(next(self._numbers), now_ms)
        named = self._rules.fitting(tuple(self.symbols))
        wire.asked = dict.fromkeys(named, now_ms)
        return wire, Open(wire.number, named)

    def _is_ready(self, coming: Wire, now_ms: int) -> bool:
        serving = self.serving
        if serving is None or coming.opened_ms is None or not coming.delivered:
            return False
        if now_ms - coming.opened_ms > _OVERLAP_LIMIT_MS:
            return True
        alive = [s for s, heard in serving.heard.items() if now_ms - heard.at_ms <= SILENT_AFTER_MS]
        return all(coming.goes_on_from(serving, s) for s in alive if s in self.symbols)

    def _hand_over(self, now_ms: int) -> list[Action]:
        old, new = self.serving, self.coming
        if old is None or new is None:
            return []
        self.serving, self.coming = new, None
        self._asks.clear()
        self._renewal_backoff.after_data(0)
        self._settle(new, now_ms)
        return [Close(old.number), Release(new.number)]

    def _settle(self, wire: Wire, now_ms: int) -> None:
        """This connection carries the symbols now: when it is to be renewed."""
        self._backoff.after_data(0)
        opened_ms = wire.opened_ms if wire.opened_ms is not None else wire.begun_ms
        self.renew_at_ms = opened_ms + round(self._rules.renew_after_ms * self._rng.uniform(0.95, 1.0))
        if wire.ending:
            self._renew_soon(now_ms)

    def _subscriptions(self, now_ms: int) -> list[Action]:
        if now_ms < self._next_ask_ms:
            return []
        if not self._asks:
            self._asks += self._changes(now_ms)
        if not self._asks:
            return []
        self._next_ask_ms = now_ms + _ASK_EVERY_MS
        return [self._asks.popleft()]

    def _changes(self, now_ms: int) -> list[Ask]:
        for wire in (self.serving, self.coming):
            if wire is None or wire.opened_ms is None:
                continue
            if extra := tuple(s for s in wire.asked if s not in self.symbols)[:_SYMBOLS_PER_REQUEST]:
                for symbol in extra:
                    del wire.asked[symbol]
                    wire.heard.pop(symbol, None)
                return [Ask(wire.number, extra, wanted=False)]
            if missing := tuple(s for s in self.symbols if s not in wire.asked)[:_SYMBOLS_PER_REQUEST]:
                wire.asked |= dict.fromkeys(missing, now_ms)
                return [Ask(wire.number, missing, wanted=True)]
        if self.serving is not None and self.link.state == "LIVE":
            again = self._mute.due(self.serving, now_ms)[:_SYMBOLS_PER_REQUEST]
            if again:
                return [Ask(self.serving.number, again, wanted=False), Ask(self.serving.number, again, wanted=True)]
        return []

    def _close_all(self) -> list[Action]:
        closed = [Close(wire.number) for wire in (self.serving, self.coming) if wire is not None]
        self.serving = self.coming = None
        return list(closed)

    def wire(self, number: int) -> Wire | None:
        """One of its connections by number."""
        for wire in (self.serving, self.coming):
            if wire is not None and wire.number == number:
                return wire
        return None


def _state_of(wire: Wire, failure: Failure) -> FeedState:
    if failure.blocked:
        return "BLOCKED"
    return "OFFLINE" if wire.opened_ms is None else "MUTE"
