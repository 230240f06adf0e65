"""The feed state machine: decoded batches and the time go in, events and facts come out. Pure.

It quarantines before it counts: a row that cannot be true never moves the id sequence, so the hole it leaves is
filled over REST like any other. Time is judged by the exchange's own event time, never by the local clock.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from analytics.market import BoolArray, Gap
from ingest.events import BookTop, Complaint, Decoded, FeedEvent, GapSeen, Halted, MarkPrice, NewTicks, Refused, Trades
from ingest.sequence import Cursor, Sequence

_TRADE_AHEAD_OF_EVENT_MS = 60_000
_TRADE_BEHIND_NEWEST_MS = 3_600_000
_DAY_MS = 86_400_000
# A print half or twice the mark price of the same seconds is no market price; REST decides about it later.
_MARK_RATIO = 2.0
_MARK_FRESH_MS = 10_000
_RATE_MEMORY_MS = 5_000.0
_REFUSED_KEPT = 50
_NOT_WATCHED = "not watched"


@dataclass(frozen=True, slots=True)
class SymbolFacts:
    """What is known of one symbol's feed. Arrivals are monotonic milliseconds.

    event_offset_ms: arrival (monotonic) minus `E`; with the exchange's clock minus the monotonic one it is the lag.
    """

    requested_at_ms: int
    last_arrival_ms: int | None = None
    last_trade_arrival_ms: int | None = None
    event_offset_ms: int | None = None
    trades: int = 0
    repeats: int = 0
    quarantined: int = 0
    rate_per_s: float = 0.0
    rate_at_ms: int = 0
    last_price: float | None = None
    last_trade_ms: int | None = None
    mark: MarkPrice | None = None
    book: BookTop | None = None
    halted: str | None = None

    def messages_per_s(self, now_ms: int) -> float:
        """Messages a second, an exponential mean over about five seconds."""
        return self.rate_per_s * math.exp(-max(now_ms - self.rate_at_ms, 0) / _RATE_MEMORY_MS)


class FeedSession:
    """One route's worth of symbols. any_symbol: take also what was not requested, as from a recording.

    Owned by the feed thread. `facts` may be read from any thread: its values are frozen and replaced whole.
    """

    def __init__(
        self, cursors: Mapping[str, Cursor], *, cause_at_start: str = "not running", any_symbol: bool = False
    ) -> None:
        self._any_symbol = any_symbol
        self._sequences = {symbol: Sequence(cursor) for symbol, cursor in cursors.items()}
        self._cause_at_start = cause_at_start
        self._cause: dict[str, str] = {}
        # What is on its way when a symbol is given up is no fault of the exchange.
        self._left: set[str] = set()
        self.facts: dict[str, SymbolFacts] = {}
        self.refused: deque[Refused] = deque(maxlen=_REFUSED_KEPT)
        self.complaints: deque[Complaint] = deque(maxlen=_REFUSED_KEPT)
        self.refused_total = 0

    def requested(self, symbols: Iterable[str], now_ms: int) -> None:
        """These symbols were asked for at `now_ms` (monotonic); until data arrive they are not live."""
        for symbol in symbols:
            known = self.facts.get(symbol)
            self.facts[symbol] = replace(known, requested_at_ms=now_ms) if known else SymbolFacts(now_ms)
            self._cause.setdefault(symbol, self._cause_at_start)
            self._left.discard(symbol)

    def dropped(self, cause: str, symbols: Iterable[str] | None = None) -> None:
        """The connection that carried these symbols (None: all) ended; a hole that shows after it has this cause.

        What began the hole stays its cause: a symbol that waits for its first trade since an earlier end keeps that.
        """
        for symbol in self.facts if symbols is None else symbols:
            self._cause.setdefault(symbol, cause)

    def forget(self, symbols: Iterable[str]) -> None:
        """These are followed no longer. Their place in the id sequence stays: taken up again, what lies between is a
        hole, "not watched".
        """
        for symbol in symbols:
            if self.facts.pop(symbol, None) is not None:
                self._cause.setdefault(symbol, _NOT_WATCHED)
                self._left.add(symbol)

    def received(self, batch: Decoded, *, arrival_ms: int, wall_ms: int) -> list[FeedEvent]:
        """Take one decoded read. arrival_ms: monotonic; wall_ms: the same moment in UTC, for stamps."""
        events: list[FeedEvent] = []
        self._note_refused(batch.refused)
        self.complaints.extend(answer for answer in batch.answers if isinstance(answer, Complaint))
        for mark in batch.marks:
            if self._is_wanted(mark.symbol):
                self._heard(mark.symbol, 1, mark.event_ms, arrival_ms)
                self.facts[mark.symbol] = replace(self.facts[mark.symbol], mark=mark)
        for book in batch.books:
            if self._is_wanted(book.symbol):
                self._heard(book.symbol, 1, book.event_ms, arrival_ms)
                self.facts[book.symbol] = replace(self.facts[book.symbol], book=book)
        for trades in batch.trades:
            if self._is_wanted(trades.symbol):
                self._heard(trades.symbol, len(trades.ticks), trades.event_ms, arrival_ms)
                events += self._traded(trades, arrival_ms, wall_ms)
            elif trades.symbol not in self._left:
                self._note_refused((Refused("a symbol that nobody asked for", trades.symbol.encode()),))
        return events

    def _is_wanted(self, symbol: str) -> bool:
        return self._any_symbol or symbol in self.facts

    def _heard(self, symbol: str, messages: int, event_ms: int, arrival_ms: int) -> None:
        facts = self.facts.get(symbol) or SymbolFacts(arrival_ms)
        # What was held back during a renewal comes after data that arrived later.
        is_newest = facts.last_arrival_ms is None or arrival_ms >= facts.last_arrival_ms
        self.facts[symbol] = replace(
            facts,
            last_arrival_ms=arrival_ms if is_newest else facts.last_arrival_ms,
            event_offset_ms=arrival_ms - event_ms if is_newest else facts.event_offset_ms,
            rate_per_s=facts.messages_per_s(arrival_ms) + messages * 1000.0 / _RATE_MEMORY_MS,
            rate_at_ms=max(arrival_ms, facts.rate_at_ms),
        )

    def _traded(self, trades: Trades, arrival_ms: int, wall_ms: int) -> list[FeedEvent]:
        symbol = trades.symbol
        facts = self.facts[symbol]
        if facts.halted is not None:
            return []
        sequence = self._sequences.setdefault(symbol, Sequence())
        ticks = trades.ticks
        plausible = self._plausible(trades, sequence.cursor, facts, wall_ms)
        if not plausible.all():
            reason = "price or time cannot be true"
            bad = ticks.trade_id[~plausible].tolist()
            self._note_refused(tuple(Refused(reason, f"id {one}".encode(), symbol) for one in bad))
            ticks = ticks.rows(plausible)
        step = sequence.advance(ticks, trades.excluded_id)
        facts = self.facts[symbol]
        if step.new_history:
            reason = f"{symbol}: trade ids started again; clear this symbol's data or use another --data-dir"
            self.facts[symbol] = replace(facts, halted=reason)
            return [Halted(symbol, reason)]
        kept = len(step.fresh) + len(step.late)
        self.facts[symbol] = replace(
            facts,
            trades=facts.trades + kept,
            repeats=facts.repeats + step.repeats,
            last_trade_arrival_ms=arrival_ms if kept else facts.last_trade_arrival_ms,
            last_price=float(step.fresh.price[-1]) if len(step.fresh) else facts.last_price,
            last_trade_ms=int(step.fresh.time_ms[-1]) if len(step.fresh) else facts.last_trade_ms,
        )
        cause = self._cause.pop(symbol, "skipped by the exchange")
        # The ledger hears of a hole before the rows behind it are stored.
        events: list[FeedEvent] = [
            GapSeen(Gap(symbol, first, last, "OPEN", cause, opened_at_ms=wall_ms)) for first, last in step.holes
        ]
        if len(step.late):
            events.append(NewTicks(symbol, step.late, late=True))
        if len(step.fresh):
            events.append(NewTicks(symbol, step.fresh))
        return events

    def _plausible(self, trades: Trades, cursor: Cursor | None, facts: SymbolFacts, wall_ms: int) -> BoolArray:
        ticks, mark = trades.ticks, facts.mark
        # One row from far in the future would make every later one look too old. The exchange's own mark price, which
        # is another message, speaks for a day that this machine's clock does not believe in.
        latest_ms = wall_ms + _DAY_MS
        if mark is not None:
            latest_ms = max(latest_ms, mark.event_ms + _TRADE_BEHIND_NEWEST_MS)
        if cursor is not None:
            latest_ms = max(latest_ms, cursor.last_time_ms + _TRADE_BEHIND_NEWEST_MS)
        # An event time that cannot be true says nothing about the other rows that came with it.
        is_true = trades.event_ms <= latest_ms
        earliest_ms = 0
        if cursor is not None:
            earliest_ms = cursor.last_time_ms - _TRADE_BEHIND_NEWEST_MS
        elif is_true:
            earliest_ms = trades.event_ms - _TRADE_BEHIND_NEWEST_MS
        latest_ms = min(latest_ms, trades.event_ms + _TRADE_AHEAD_OF_EVENT_MS)
        good: BoolArray = (ticks.time_ms >= earliest_ms) & (ticks.time_ms <= latest_ms)
        if mark is not None and not (is_true and abs(trades.event_ms - mark.event_ms) > _MARK_FRESH_MS):
            good &= (ticks.price < mark.mark_price * _MARK_RATIO) & (ticks.price * _MARK_RATIO > mark.mark_price)
        return np.asarray(good)

    def _note_refused(self, refused: tuple[Refused, ...]) -> None:
        self.refused.extend(refused)
        self.refused_total += len(refused)
        for one in refused:
            if one.symbol is not None and one.symbol in self.facts:
                facts = self.facts[one.symbol]
                self.facts[one.symbol] = replace(facts, quarantined=facts.quarantined + 1)
