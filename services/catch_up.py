"""Asks the exchange for trades that the stream ought to have told and did not.

A hole shows when the next trade arrives; this is for the symbols where none does. It looks after every new connection
(what was traded while we were away may be the last for an hour), after a row that was set aside, and when a symbol is
quiet for longer than usual (its trades may go missing while its heartbeat comes). While the stream tells nothing at all
it is the only teller: it goes on asking, and gives a symbol that is new here its first trades.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from analytics.errors import SourceUnavailable
from analytics.market import Gap, Ticks
from ingest.rest import Refusal
from ingest.session import SymbolFacts
from services.arrivals import Arrivals
from services.ports import Clock, TradeArchive

_LOOK_EVERY_S = 0.5
_SETTLING_MS = 2_000
_SILENT_MS = 3_000
_WHILE_SILENT_MS = 10_000
_QUIET_MS = 30_000
_SHORTEST_QUIET_MS = 5_000
# So many times the usual time between two trades without one is unusual.
_UNUSUAL = 30
_LONGEST_QUIET_MS = 600_000
_AGAIN_AFTER_FIND_MS = 5_000
_FAILED_MS = 5_000
# What is younger than this may still be on its way over the stream.
_IN_FLIGHT_MS = 1_000
_PRESENT_MS = 10_000
_MOST_PAGES = 10
_PAGE = 1_000
# A look costs 20 of the 1200 that a minute allows: ten at once, then one in two seconds leaves the half to the holes.
_MOST_AT_ONCE = 10
_ONE_MORE_MS = 2_000
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """What is remembered of looking after a symbol. Times are monotonic.

    since_ms: it is watched since then.  asked_ms: the subscription that the last look was for.  looked_ms: the last
    look.  next_ms: not before then.  quiet_ms: how long a silence must last before the next look.  set_aside: rows of
    it that were set aside before the last look.  found_ms: when trades were last found that a living stream had not
    told.
    """

    since_ms: int
    asked_ms: int | None = None
    looked_ms: int | None = None
    next_ms: int = 0
    quiet_ms: int = _QUIET_MS
    set_aside: int = 0
    found_ms: int | None = None


def is_silent(look: Look, facts: SymbolFacts, now_ms: int) -> bool:
    """Whether nothing at all comes over the stream, no heartbeat either. Pure."""
    heard_ms = facts.last_arrival_ms
    return now_ms - (look.since_ms if heard_ms is None else max(heard_ms, look.since_ms)) >= _SILENT_MS


def is_settled(look: Look | None, facts: SymbolFacts) -> bool:
    """Whether a trade since the subscription, or a look, has shown what was missed before it. Pure."""
    traded_ms = facts.last_trade_arrival_ms
    if traded_ms is not None and traded_ms >= facts.requested_at_ms:
        return True
    return look is not None and look.asked_ms == facts.requested_at_ms


def is_due(look: Look, facts: SymbolFacts, now_ms: int) -> bool:
    """Whether to ask about a symbol now. Pure."""
    if now_ms < look.next_ms or facts.halted is not None:
        return False
    if is_silent(look, facts, now_ms):
        return look.looked_ms is None or now_ms - look.looked_ms >= _WHILE_SILENT_MS
    heard_ms, traded_ms = facts.last_arrival_ms, facts.last_trade_arrival_ms
    if heard_ms is None or heard_ms < facts.requested_at_ms:
        return False
    quiet_for_ms = now_ms - max(facts.requested_at_ms, traded_ms if traded_ms is not None else 0)
    if not is_settled(look, facts) or look.set_aside != facts.quarantined:
        return quiet_for_ms >= _SETTLING_MS
    return quiet_for_ms >= unusual_ms(look, facts)


def unusual_ms(look: Look, facts: SymbolFacts) -> int:
    """How long a silence is unusual: 5 to 30 s, by how often the symbol is traded, longer after each look. Pure."""
    traded_ms = facts.last_trade_arrival_ms
    if look.looked_ms is not None and (traded_ms is None or traded_ms <= look.looked_ms):
        return look.quiet_ms
    if traded_ms is None or not facts.trades:
        return _QUIET_MS
    usual_ms = (traded_ms - look.since_ms) / facts.trades
    return round(min(max(usual_ms * _UNUSUAL, _SHORTEST_QUIET_MS), _QUIET_MS))


def after_look(look: Look, facts: SymbolFacts, now_ms: int, *, found: bool) -> Look:
    """What is remembered after an answer. Pure."""
    quiet_ms = unusual_ms(look, facts)
    looked = replace(look, looked_ms=now_ms, next_ms=now_ms, set_aside=facts.quarantined)
    if is_silent(look, facts, now_ms):
        return looked
    looked = replace(looked, asked_ms=facts.requested_at_ms)
    if look.asked_ms != facts.requested_at_ms or look.set_aside != facts.quarantined:
        return replace(looked, quiet_ms=_QUIET_MS)
    if found:
        return replace(looked, next_ms=now_ms + _AGAIN_AFTER_FIND_MS, quiet_ms=0, found_ms=now_ms)
    return replace(looked, quiet_ms=min(max(quiet_ms * 2, _SHORTEST_QUIET_MS), _LONGEST_QUIET_MS))


class CatchUp:
    """Owns its thread.

    newest_id: a symbol's newest known id, None when there is none.  exchange_now_ms: its clock, None while unknown.
    """

    name = "catch-up"

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
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end."""
        self._stopping.set()

    @property
    def has_ended(self) -> bool:
        """Whether the thread was started and is no more."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread to end."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def unsettled(self) -> frozenset[str]:
        """Symbols of which nobody knows yet what was traded before their present connection."""
        return frozenset(
            symbol for symbol, one in self._facts().items() if not is_settled(self._looks.get(symbol), one)
        )

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
        allowed, refilled_ms = _MOST_AT_ONCE, self._clock.monotonic_ms()
        while not self._stopping.wait(_LOOK_EVERY_S):
            facts, now_ms = self._facts(), self._clock.monotonic_ms()
            more = (now_ms - refilled_ms) // _ONE_MORE_MS
            allowed, refilled_ms = min(allowed + more, _MOST_AT_ONCE), refilled_ms + more * _ONE_MORE_MS
            self._looks = {symbol: self._looks.get(symbol, Look(now_ms)) for symbol in facts}
            due = [symbol for symbol, one in facts.items() if is_due(self._looks[symbol], one, now_ms)]
            # Whoever waited longest comes first; a try that failed was a turn too, or what never answers took them all.
            for symbol in sorted(due, key=lambda symbol: self._looks[symbol].next_ms)[:allowed]:
                if self._stopping.is_set():
                    return
                allowed -= 1
                self._look(symbol, facts[symbol])

    def _look(self, symbol: str, facts: SymbolFacts) -> None:
        look, now_ms = self._looks[symbol], self._clock.monotonic_ms()
        is_dead = is_silent(look, facts, now_ms)
        is_connected = look.asked_ms == facts.requested_at_ms and not is_dead
        cause = "not told by the stream" if is_connected else "not running or not connected"
        if look.set_aside != facts.quarantined:
            cause = "set aside"
        try:
            found = self._ask(symbol, cause, is_dead=is_dead)
        except SourceUnavailable as error:
            _logger.debug("%s: no look at its newest trades: %s", symbol, error.reason)
            self._looks[symbol] = replace(look, next_ms=now_ms + _FAILED_MS)
        else:
            self._looks[symbol] = after_look(look, facts, now_ms, found=found)

    def _ask(self, symbol: str, cause: str, *, is_dead: bool) -> bool:
        """Fetch what lies beyond the newest known id. True where there is something. is_dead: the stream is."""
        newest_id = self._newest_id(symbol)
        if newest_id is None:
            rows = self._settled(self._archive.newest_trades(symbol, _PAGE))
            if len(rows):
                self._arrivals.first(symbol, rows)
            return False
        answer = self._from(symbol, newest_id + 1)
        if answer is None:
            return self._list_the_rest(symbol, newest_id + 1, cause)
        rows = self._settled(answer)
        rows = rows.rows(rows.trade_id > newest_id)
        # The stream may have told them meanwhile.
        if not len(rows) or (self._newest_id(symbol) or 0) >= int(rows.trade_id[-1]):
            return False
        self._arrivals.missed(symbol, newest_id, rows, cause)
        # A page may be shorter than asked for, so only the newest trade itself tells that there is no more. While the
        # stream is dead there will always be some more, and the next look has it.
        if not (is_dead and self._reaches_the_present(answer)):
            self._list_the_rest(symbol, int(rows.trade_id[-1]) + 1, cause)
        return True

    def _reaches_the_present(self, answer: Ticks) -> bool:
        now_ms = self._exchange_now_ms()
        return len(answer) < _PAGE and now_ms is not None and int(answer.time_ms[-1]) > now_ms - _PRESENT_MS

    def _from(self, symbol: str, first_id: int) -> Ticks | None:
        """The answer; None where the exchange refuses or knows nothing, as it does for ids older than it keeps."""
        try:
            answer = self._archive.trades_from(symbol, first_id, _PAGE)
        except Refusal as refusal:
            if not refusal.about_request:
                raise
            return None
        return answer if len(answer) or self._looks[symbol].looked_ms is not None else None

    def _list_the_rest(self, symbol: str, first_id: int, cause: str) -> bool:
        """More than a page is missing, or too old to ask by id: a hole like any other, filled from its newest end.

        However short the exchange's pages are: there is no more when it has nothing beyond the last one.
        """
        beyond, next_id = self._settled(self._archive.newest_trades(symbol, _PAGE)), first_id
        for _ in range(_MOST_PAGES):
            if not len(beyond) or int(beyond.trade_id[-1]) < next_id:
                break
            last_id = int(beyond.trade_id[-1])
            self._arrivals.hole(Gap(symbol, next_id, last_id, "OPEN", cause, self._clock.now_ms()))
            next_id = last_id + 1
            beyond = self._settled(self._from(symbol, next_id) or Ticks.empty())
        return next_id > first_id

    def _settled(self, rows: Ticks) -> Ticks:
        now_ms = self._exchange_now_ms()
        return rows if now_ms is None else rows.rows(rows.time_ms <= now_ms - _IN_FLIGHT_MS)
