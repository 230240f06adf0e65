"""Which symbols are silent while others of the same connection are heard. Pure.

A connection whose data stop altogether is replaced. One symbol that is mute is only asked for again, more and more
seldom: its market may be closed, or the exchange may not know it.
"""

from __future__ import annotations

from ingest.link import Wire

_LOOK_EVERY_MS = 1_000
_FIRST_AFTER_MS = 15_000
_THEN_AFTER_MS = (60_000, 300_000)


class MuteSymbols:
    """Remembers how often each was asked for again."""

    def __init__(self) -> None:
        self._look_at_ms = 0
        self._tries: dict[str, int] = {}
        self._next_ms: dict[str, int] = {}

    def due(self, wire: Wire, now_ms: int) -> tuple[str, ...]:
        """The symbols to unsubscribe and to subscribe again now."""
        if now_ms < self._look_at_ms:
            return ()
        self._look_at_ms = now_ms + _LOOK_EVERY_MS
        return tuple(symbol for symbol in wire.asked if self._is_due(symbol, wire, now_ms))

    def _is_due(self, symbol: str, wire: Wire, now_ms: int) -> bool:
        heard = wire.heard.get(symbol)
        since_ms = heard.at_ms if heard is not None else wire.asked[symbol]
        tries = self._tries.get(symbol, 0)
        if now_ms - since_ms < _FIRST_AFTER_MS:
            self._tries.pop(symbol, None)
            self._next_ms.pop(symbol, None)
            return False
        if now_ms < self._next_ms.get(symbol, 0):
            return False
        self._tries[symbol] = tries + 1
        self._next_ms[symbol] = now_ms + _THEN_AFTER_MS[min(tries, len(_THEN_AFTER_MS) - 1)]
        return True
