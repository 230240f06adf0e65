"""Asks the exchange for trades that the stream ought to have told and did not.

A hole shows when the next trade arrives; this is for the symbols where none does. It looks after every new connection
(what was traded while we were away may be the last for an hour) and when a symbol is quiet for longer than usual
(its trades may go missing while its heartbeat comes). It also gives a symbol that is new here its first trades.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from analytics.errors import SourceUnavailable
from analytics.market import Ticks
from ingest.session import SymbolFacts
from services.arrivals import Arrivals
from services.ports import Clock, TradeArchive

_LOOK_EVERY_S = 0.5
_AFTER_REQUEST_MS = 2_000
_QUIET_MS = 30_000
_LONGEST_QUIET_MS = 600_000
_AGAIN_AFTER_FIND_MS = 5_000
_FAILED_MS = 5_000
# What is younger than this may still be on its way over the stream.
_IN_FLIGHT_MS = 3_000
_PAGE = 1_000
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """When a symbol was looked after, by the monotonic clock.

    asked_ms: the subscription that the last look was for.  next_ms: not before then.  quiet_ms: how long a silence
    must last before the next look.  found_ms: when trades were last found that the stream had not told.
    """

    asked_ms: int = -1
    next_ms: int = 0
    quiet_ms: int = _QUIET_MS
    found_ms: int | None = None


def is_due(look: Look, facts: SymbolFacts, now_ms: int) -> bool:
    """Whether to ask about a symbol now. Pure."""
    heard = facts.last_arrival_ms
    if now_ms < look.next_ms or facts.halted is not None or heard is None or heard < facts.requested_at_ms:
        return False
    traded = facts.last_trade_arrival_ms
    if look.asked_ms != facts.requested_at_ms:
        # Trades since the subscription have shown every hole before them.
        if traded is not None and traded >= facts.requested_at_ms:
            return False
        return now_ms - facts.requested_at_ms >= _AFTER_REQUEST_MS
    quiet_since = max(facts.requested_at_ms, traded if traded is not None else 0)
    return now_ms - quiet_since >= look.quiet_ms


def after_look(look: Look, facts: SymbolFacts, now_ms: int, *, found: bool) -> Look:
    """What is remembered after an answer. Pure."""
    is_quiet = look.asked_ms == facts.requested_at_ms
    if found and is_quiet:
        return Look(facts.requested_at_ms, now_ms + _AGAIN_AFTER_FIND_MS, 0, now_ms)
    quiet_ms = min(max(look.quiet_ms * 2, _QUIET_MS), _LONGEST_QUIET_MS) if is_quiet else _QUIET_MS
    return Look(facts.requested_at_ms, now_ms, quiet_ms, look.found_ms)


class CatchUp:
    """Owns its thread.

    newest_id: a symbol's newest known id, None when there is none.  exchange_now_ms: its clock, None while unknown.
    """

    def __init__(
        self,
        archive: TradeArchive,
        clock: Clock,
        facts: Callable[[], dict[str, SymbolFacts]],
        newest_id: Callable[[str], int | None],
        arrivals: Arrivals,
        exchange_now_ms: Callable[[], int | None],
    ) -> None:
        self._archive = archive
        self._clock = clock
        self._facts = facts
        self._newest_id = newest_id
        self._arrivals = arrivals
        self._exchange_now_ms = exchange_now_ms
        self._looks: dict[str, Look] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="catch-up", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end."""
        self._stopping.set()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread to end."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def undelivered(self) -> frozenset[str]:
        """Symbols whose trades had to be fetched because the stream does not tell them."""
        facts = self._facts()
        return frozenset(
            symbol
            for symbol, look in list(self._looks.items())
            if look.found_ms is not None
            and symbol in facts
            and (facts[symbol].last_trade_arrival_ms or 0) < look.found_ms
        )

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY_S):
            facts = self._facts()
            self._looks = {symbol: look for symbol, look in self._looks.items() if symbol in facts}
            now_ms = self._clock.monotonic_ms()
            due = [symbol for symbol, one in facts.items() if is_due(self._looks.get(symbol, Look()), one, now_ms)]
            self._look(due, facts)

    def _look(self, due: Iterable[str], facts: dict[str, SymbolFacts]) -> None:
        for symbol in due:
            if self._stopping.is_set():
                return
            look, now_ms = self._looks.get(symbol, Look()), self._clock.monotonic_ms()
            is_new = look.asked_ms != facts[symbol].requested_at_ms
            try:
                found = self._ask(symbol, "not running or not connected" if is_new else "not told by the stream")
            except SourceUnavailable as error:
                _logger.debug("%s: no look at its newest trades: %s", symbol, error.reason)
                self._looks[symbol] = replace(look, next_ms=now_ms + _FAILED_MS)
            else:
                self._looks[symbol] = after_look(look, facts[symbol], now_ms, found=found)

    def _ask(self, symbol: str, cause: str) -> bool:
        """Fetch what lies beyond the newest known id. True where there is something."""
        newest_id = self._newest_id(symbol)
        if newest_id is None:
            rows = self._settled(self._archive.newest_trades(symbol, _PAGE))
            if len(rows):
                self._arrivals.first(symbol, rows)
            return False
        rows = self._settled(self._archive.trades_from(symbol, newest_id + 1, _PAGE))
        rows = rows.rows(rows.trade_id > newest_id)
        # The stream may have told them meanwhile.
        if not len(rows) or (self._newest_id(symbol) or 0) >= int(rows.trade_id[-1]):
            return False
        self._arrivals.missed(symbol, newest_id, rows, cause)
        return True

    def _settled(self, rows: Ticks) -> Ticks:
        now_ms = self._exchange_now_ms()
        return rows if now_ms is None else rows.rows(rows.time_ms <= now_ms - _IN_FLIGHT_MS)
