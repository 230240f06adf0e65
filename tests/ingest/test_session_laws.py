"""The law of the session, whatever comes in whatever order: each trade is handed on once, or is in a listed hole."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ingest.binance import decode
from ingest.events import GapSeen, Halted, NewTicks
from ingest.sequence import Cursor
from ingest.session import FeedSession
from tests.ingest.wire import agg_trade, combined, mark_price

SYMBOLS = ("BTCUSDT", "ETHUSDT")
BEGAN_MS = 1_700_000_000_000
BROKEN = (
    {"p": "NaN"},
    {"q": "0"},
    {"p": "-1"},
    {"T": 0},
    {"T": BEGAN_MS * 2},
    {"st": 2},
    {"m": "yes"},
    {"p": "630000"},
)


class Trades(RuleBasedStateMachine):
    """An exchange that publishes ids one by one, a wire that drops, doubles, delays and spoils them, and the ledger."""

    @initialize(stored=st.one_of(st.none(), st.integers(0, 50)))
    def begin(self, stored: int | None) -> None:
        cursors = {} if stored is None else {one: Cursor(stored, BEGAN_MS) for one in SYMBOLS}
        self.session = FeedSession(cursors)
        self.session.requested(SYMBOLS, 0)
        self.published = dict.fromkeys(SYMBOLS, stored or 0)
        self.first = dict.fromkeys(SYMBOLS, None if stored is None else stored + 1)
        self.newest = dict.fromkeys(SYMBOLS, stored)
        self.held: dict[str, list[int]] = {one: [] for one in SYMBOLS}
        self.listed: dict[str, set[int]] = {one: set() for one in SYMBOLS}
        self.delayed: list[tuple[str, int]] = []
        self.watched = set(SYMBOLS)
        self.now_ms = 1_000

    def row(self, symbol: str, trade_id: int, **changes: object) -> dict[str, object]:
        """The trade as the exchange tells it, always the same."""
        return agg_trade(trade_id, symbol=symbol, time_ms=BEGAN_MS + trade_id * 100) | changes

    def deliver(self, *rows: dict[str, object]) -> None:
        self.now_ms += 10
        wall_ms = BEGAN_MS + self.now_ms
        for event in self.session.received(decode(combined(*rows)), arrival_ms=self.now_ms, wall_ms=wall_ms):
            assert not isinstance(event, Halted)
            if isinstance(event, GapSeen):
                gap = event.gap
                new = set(range(gap.first_id, gap.last_id + 1))
                assert new.isdisjoint(self.listed[gap.symbol])
                assert new.isdisjoint(self.held[gap.symbol])
                self.listed[gap.symbol] |= new
            elif isinstance(event, NewTicks):
                self.take(event)

    def take(self, event: NewTicks) -> None:
        got, symbol = event.ticks.trade_id.tolist(), event.symbol
        assert got == sorted(set(got))
        if self.first[symbol] is None:
            self.first[symbol] = got[0]
        for one in got:
            # What fills a hole must have been listed, and what goes ahead must not.
            assert (one in self.listed[symbol]) == event.late
            self.listed[symbol].discard(one)
        self.held[symbol] += got
        self.newest[symbol] = max(got[-1], self.newest[symbol] or 0)

    @rule(symbol=st.sampled_from(SYMBOLS), fates=st.lists(st.sampled_from(["sent", "lost", "delayed"]), max_size=12))
    def publish(self, symbol: str, fates: list[str]) -> None:
        rows = []
        for fate in fates:
            self.published[symbol] += 1
            if fate == "sent":
                rows.append(self.row(symbol, self.published[symbol]))
            elif fate == "delayed":
                self.delayed.append((symbol, self.published[symbol]))
        self.deliver(*rows)

    @rule(data=st.data())
    def deliver_late(self, data: st.DataObject) -> None:
        if self.delayed:
            chosen = data.draw(st.lists(st.sampled_from(self.delayed), max_size=6))
            self.deliver(*(self.row(symbol, trade_id) for symbol, trade_id in chosen))

    @rule(data=st.data(), symbol=st.sampled_from(SYMBOLS))
    def repeat(self, data: st.DataObject, symbol: str) -> None:
        if self.held[symbol]:
            again = data.draw(st.lists(st.sampled_from(self.held[symbol]), max_size=6))
            self.deliver(*(self.row(symbol, one) for one in again))

    @rule(symbol=st.sampled_from(SYMBOLS), how=st.sampled_from(BROKEN))
    def spoil(self, symbol: str, how: dict[str, object]) -> None:
        """A row that cannot be true, beside its honest neighbour."""
        if symbol in self.watched:
            self.published[symbol] += 2
            self.deliver(mark_price("63943.9", symbol=symbol, time_ms=BEGAN_MS + self.published[symbol] * 100))
            refused = self.session.refused_total
            spoilt = self.row(symbol, self.published[symbol] - 1, **how)
            self.deliver(spoilt, self.row(symbol, self.published[symbol]))
            assert self.session.refused_total == refused + 1
            assert self.published[symbol] - 1 not in self.held[symbol]

    @rule(cause=st.text(min_size=1, max_size=5))
    def drop(self, cause: str) -> None:
        self.session.dropped(cause)

    @rule(symbol=st.sampled_from(SYMBOLS))
    def leave_or_return(self, symbol: str) -> None:
        if symbol in self.watched:
            self.session.forget([symbol])
        else:
            self.session.requested([symbol], self.now_ms)
        self.watched ^= {symbol}

    @rule()
    def restart(self) -> None:
        """The process ends and begins again with what the store holds; its open holes are in the ledger."""
        cursors = {
            one: Cursor(newest, BEGAN_MS + newest * 100) for one, newest in self.newest.items() if newest is not None
        }
        self.session = FeedSession(cursors)
        self.session.requested(sorted(self.watched), self.now_ms)
        # Rows that come late now are the back-fill's to find: the session has forgotten the holes.
        self.delayed.clear()

    @invariant()
    def each_trade_is_held_once_or_listed(self) -> None:
        if not hasattr(self, "held"):
            return
        for symbol in SYMBOLS:
            held, first, newest = self.held[symbol], self.first[symbol], self.newest[symbol]
            assert len(held) == len(set(held))
            if first is not None and newest is not None:
                known = {one for one in held if one >= first} | self.listed[symbol]
                assert known == set(range(first, newest + 1))


Trades.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestTrades = Trades.TestCase
