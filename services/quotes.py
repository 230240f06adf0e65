"""Quotes and funding of the symbols that somebody looks at, asked for in a thread of their own.

Asking is what keeps them fresh: nobody asks, nothing is fetched. However many symbols there are, a minute costs at most
6 requests for all quotes and one for all rates: 40 of the allowance.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from analytics.errors import SourceUnavailable
from analytics.quotes import Funding, LegTerms, Quote
from analytics.results import Unavailable
from services.ports import Clock, QuoteSource

QUOTE_EVERY_MS = 10_000
FUNDING_EVERY_MS = 60_000
# Who still looks asks again in less.
_INTEREST_MS = 15_000
_Known = TypeVar("_Known", Quote, Funding)


class _Asked(Generic[_Known]):
    """One kind of answer. Thread-safe.

    what: in a sentence.  every_ms: between two requests for a symbol.  all_from: from so many symbols on, one request
    for all the exchange lists costs less than one for each.
    """

    def __init__(
        self, what: str, every_ms: int, all_from: int, request: Callable[[str | None], tuple[_Known, ...]]
    ) -> None:
        self._what = what
        self._every_ms = every_ms
        self._all_from = all_from
        self._request: Callable[[str | None], tuple[_Known, ...]] = request
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._tried_ms: dict[str, int] = {}
        self._failure: dict[str, str] = {}

    def newest(self, symbol: str) -> _Known | Unavailable:
        """The newest answer, however old, or why there is none."""
        with self._lock:
            found, failure = self._known.get(symbol), self._failure.get(symbol)
            if found is not None:
                return found
            return Unavailable(failure or f"waiting for the first {self._what} of {symbol}")

    def due(self, symbols: Iterable[str], now_ms: int) -> list[str]:
        """Those that have not been asked for lately."""
        with self._lock:
            never = now_ms - self._every_ms
            return [symbol for symbol in symbols if now_ms - self._tried_ms.get(symbol, never) >= self._every_ms]

    def ask(self, looked_at: list[str], now_ms: int) -> None:
        """Ask for those that are due, together with the rest where that is cheaper."""
        due = self.due(looked_at, now_ms)
        if len(looked_at) >= self._all_from and due:
            self._answered(looked_at, None, now_ms)
        else:
            for symbol in due:
                self._answered([symbol], symbol, now_ms)

    def _answered(self, wanted: list[str], symbol: str | None, now_ms: int) -> None:
        with self._lock:
            self._tried_ms |= dict.fromkeys(wanted, now_ms)
        try:
            found = {one.symbol: one for one in self._request(symbol)}
        except SourceUnavailable as error:
            with self._lock:
                self._failure |= dict.fromkeys(wanted, error.reason)
            return
        with self._lock:
            for one in wanted:
                self._failure[one] = f"the exchange tells no {self._what} of {one}"
                self._known.pop(one, None)
            self._known |= {one: found[one] for one in wanted if one in found}


class Quotes:
    """Owns its thread."""

    name = "quotes"

    def __init__(self, source: QuoteSource, clock: Clock) -> None:
        self._clock = clock
        self._quotes = _Asked("quote", QUOTE_EVERY_MS, 3, source.quotes)
        self._fundings = _Asked("funding rate", FUNDING_EVERY_MS, 11, source.fundings)
        self._looked_ms: dict[str, int] = {}
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end."""
        self._stopping.set()
        self._woken.set()

    @property
    def has_ended(self) -> bool:
        """Whether the thread was started and is no more."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread to end."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def terms(self, symbol: str) -> LegTerms:
        """What is known of a symbol now; what is missing or getting old is asked for. Never waits."""
        now_ms = self._clock.monotonic_ms()
        self._looked_ms[symbol] = now_ms
        if self._quotes.due([symbol], now_ms) or self._fundings.due([symbol], now_ms):
            self._woken.set()
        return LegTerms(self._quotes.newest(symbol), self._fundings.newest(symbol))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.wait()
            self._woken.clear()
            now_ms = self._clock.monotonic_ms()
            looked_at = [one for one, at_ms in list(self._looked_ms.items()) if now_ms - at_ms < _INTEREST_MS]
            self._quotes.ask(looked_at, now_ms)
            self._fundings.ask(looked_at, now_ms)
