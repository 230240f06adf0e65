"""Alerting: the one door to alerts for the page and the API. Rules with how they stand, history, channels, news."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from analytics.alert_book import RecordedEvent, RemovedRule
from analytics.alert_channels import Channel, OutboxRow
from analytics.alert_checks import checked
from analytics.alert_record import MOST_ROWS, TrackRecord, track_record
from analytics.alert_view import AlertRow, News
from analytics.alerts import AlertRule, EventKind
from analytics.datasets import dataset_of
from analytics.errors import BadInput, PairwatchError
from analytics.market import PairQuery, Timeframe
from analytics.results import Unavailable
from services.alert_book import AlertBook
from services.alert_loop import AlertLoop
from services.alert_ports import AlertMarket
from services.alert_state import AlertState
from services.delivery.channel_health import ChannelHealth
from services.delivery.opening import open_sender
from services.delivery.outcome import Outcome
from services.delivery.sender import Sender
from services.ports import Clock
from services.pulse import Pulse

RECORD_DAYS: Final = 30
LOOK_ANYWAY_S: Final = 0.5  # a dead feed wakes nobody, and how old it is must be seen
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel and how it does."""

    channel: Channel
    health: ChannelHealth


class Alerting:
    """Thread-safe; blocking for the milliseconds that a disk takes: ask through `Desk.ask`.

    Every method that changes something raises StoreError when the disk refuses, and BadInput with place and cure for
    what cannot be; then nothing has changed. sender: one of its own, to public addresses, where none is given.
    """

    def __init__(self, market: AlertMarket, book: AlertBook, clock: Clock, sender: Sender | None = None) -> None:
        self._market = market
        self._book = book
        self._clock = clock
        self._sender = sender or open_sender(book, clock, local=False)
        self._sends = False
        self._state = AlertState(book, clock)
        self._loop = AlertLoop(market, book, self._state, clock)
        self._pulse: Pulse | None = None
        self._lock = threading.Lock()
        self._version = clock.now_ms()  # beyond every version of a run before
        self._seen: tuple[object, ...] = ()

    @property
    def version(self) -> int:
        """Grows with every change of rules, their words, events, channels and messages; the numbers of now are left
        out of it.
        """
        seen = (
            self._book.version,
            self._book.trouble,
            self._state.version,
            self._state.trouble,
            self._loop.notes_version,
            self._sender.version,
        )
        with self._lock:
            if seen != self._seen:
                self._seen = seen
                self._version += 1
            return self._version

    @property
    def source(self) -> str:
        """The market that is judged now."""
        return self._state.source

    def rows(self) -> tuple[AlertRow, ...]:
        """Every rule as it stands, the oldest first."""
        rules, standings, fired = self._book.rules(), self._state.standings(), self._state.last_fired()
        return tuple(self._loop.row(rule, standings.get(rule.id), fired.get(rule.id)) for rule in rules)

    def row(self, rule_id: int) -> AlertRow:
        """One rule as it stands. Raises UnknownName."""
        rule = self._book.rule(rule_id)
        return self._loop.row(rule, self._state.standings().get(rule_id), self._state.last_fired().get(rule_id))

    def firing(self) -> int:
        """How many rules have an open event. Cheap."""
        return sum(one.event > 0 for one in self._state.standings().values())

    def news(self, since: int | None = None) -> News:
        """What was told after the number that the last answer ended with; None for a page that begins. Cheap."""
        return self._state.news(since)

    def add(self, rule: AlertRule) -> AlertRule:
        """Keep a new rule, and judge it from now on; its id is given here."""
        _check_market(rule.query)
        added = self._book.add(rule)
        self._changed()
        return added

    def change(self, rule_id: int, **fields: Any) -> AlertRule:
        """Give some fields of a rule other values. Raises UnknownName."""
        if "query" in fields:
            _check_market(fields["query"])
        changed = self._book.change(rule_id, **fields)
        if not changed.active:
            self._state.settle(changed, self._now_ms())
        self._changed()
        return changed

    def toggle(self, rule_id: int, active: bool | None = None) -> AlertRule:  # noqa: FBT001  the name says it
        """Switch a rule on or off, or over where `active` is None; what is open is resolved. Raises UnknownName."""
        return self.change(rule_id, active=not self._book.rule(rule_id).active if active is None else active)

    def duplicate(self, rule_id: int) -> AlertRule:
        """A copy under another name, which is not active until somebody says so. Raises UnknownName."""
        copy = self._book.duplicate(rule_id)
        self._changed()
        return copy

    def remove(self, rule_id: int) -> int:
        """Resolve what is open of a rule and take it away; returns the number that brings it back.

        Raises UnknownName.
        """
        self._state.settle(self._book.rule(rule_id), self._now_ms())
        removal = self._book.remove(rule_id)
        self._changed()
        return removal

    def removed(self) -> tuple[RemovedRule, ...]:
        """What can be brought back, newest first."""
        return self._book.removed()

    def bring_back(self, removal: int) -> AlertRule:
        """Undo a removal: the rule under its old id. Raises UnknownName."""
        rule = self._book.bring_back(removal)
        self._changed()
        return rule

    def record_of(self, rule: AlertRule, *, days: int = RECORD_DAYS) -> TrackRecord | Unavailable:
        """What the rule would have done over so many days of stored bars, at most 100 000 rows of them.

        It need not be kept. Takes a fraction of a second. Unavailable, in words, where the data do not tell it; from
        when on they reach is in the record. Raises BadInput for a rule that cannot be.
        """
        wanted = checked(rule)
        _check_market(wanted.query)
        params = wanted.query.params
        bars = MOST_ROWS if params.timeframe is Timeframe.TICK else days * _DAY_MS // params.timeframe.milliseconds
        try:
            series, found = self._market.past(wanted.query, min(bars + params.sample_bars, MOST_ROWS))
        except PairwatchError as error:
            return Unavailable(str(error))
        from_ms = int(series.time_ms[-1]) - days * _DAY_MS if len(series) else None
        return track_record(wanted, series, holes=found, from_ms=from_ms)

    def events(
        self,
        rule_id: int | None = None,
        before: int | None = None,
        limit: int = 100,
        *,
        kind: EventKind | None = None,
        source: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
    ) -> tuple[RecordedEvent, ...]:
        """A page of the history, newest first; the next one is `before` the `row` of its last event.

        source: the market that is judged now, where none is given.
        """
        where = source or self.source
        return self._book.events(rule_id, before, limit, kind=kind, source=where, since_ms=since_ms, until_ms=until_ms)

    def deliveries(self, event_ids: tuple[str, ...]) -> Mapping[str, tuple[OutboxRow, ...]]:
        """What became of these events of the live market, by event id."""
        return self._book.deliveries(event_ids)

    def channels(self) -> tuple[ChannelRow, ...]:
        """Every channel with how it does, by name."""
        health = {one.name: one for one in self._sender.health()}
        return tuple(ChannelRow(one, health.get(one.name, ChannelHealth(one.name))) for one in self._book.channels())

    def channel(self, name: str) -> Channel:
        """The channel of that name, in any case. Raises UnknownName."""
        return self._book.channel(name)

    def put_channel(self, channel: Channel) -> Channel:
        """Keep a channel, in the place of the one of that name. Raises BadInput for one that cannot work."""
        self._sender.check(channel)
        kept = self._book.put_channel(channel)
        self._sender.wake()
        return kept

    def remove_channel(self, name: str) -> None:
        """Take a channel and its secrets away, for good. Raises UnknownName."""
        self._book.remove_channel(name)
        self._sender.wake()

    def test_channel(self, name: str) -> Outcome:
        """Send one test message now; blocking for seconds at most. Raises UnknownName and BadInput."""
        return self._sender.test(self._book.channel(name))

    def banner(self) -> str | None:
        """What the user must know: that alerts are not judged, not kept, or reach nobody; None while all is well."""
        ended = self._pulse is not None and self._pulse.has_ended
        fault = "Alerts are not judged any more: their thread stopped on a fault; restart Pairwatch." if ended else None
        trouble = self._state.trouble or self._book.trouble
        kept = f"Alerts cannot be written down, so none is told: {trouble}" if trouble else None
        return " ".join(one for one in (fault, kept, self._sender.banner()) if one) or None

    def needs(self, symbol: str) -> str | None:
        """The name of an active rule that watches this symbol, or None."""
        legs = ((one.name, one.query) for one in self._book.rules() if one.active)
        return next((name for name, query in legs if symbol in (query.y_symbol, query.x_symbol)), None)

    def beat(self) -> None:
        """Judge every rule by what is known now. Called by the pulse."""
        told = self._loop.beat()
        if self._state.source == "live" and self._market.era:
            self._start_sending()
            if told:
                self._sender.wake()

    def start(self, beats_per_s: float) -> None:
        """Start the thread: at most so many beats a second, and a few while nothing trades."""
        self._pulse = Pulse(self.beat, beats_per_s, name="alerts", at_least_every_s=LOOK_ANYWAY_S)
        self._pulse.start()

    def wake(self) -> None:
        """Something changed. Cheap, never blocks."""
        if self._pulse is not None:
            self._pulse.wake()

    def stop(self) -> None:
        """End the threads, within three seconds, and write everything down. Before the book is closed."""
        if self._pulse is not None:
            self._pulse.stop()
        self._state.write_down()
        if self._sends:
            self._sender.stop()

    def _start_sending(self) -> None:
        # Only where real trades are judged: of a demo or a recording nothing leaves the house.
        with self._lock:
            begins, self._sends = not self._sends and self._pulse is not None, self._sends or self._pulse is not None
        if begins:
            self._sender.start()

    def _changed(self) -> None:
        self._state.follow(self._book.rules())
        self.wake()

    def _now_ms(self) -> int:
        known_ms = self._market.exchange_now_ms()
        return self._clock.now_ms() if known_ms is None else known_ms


def _check_market(query: PairQuery) -> None:
    for symbol in (query.y_symbol, query.x_symbol):
        if dataset_of(symbol) is not None:
            raise BadInput(f"symbols: {symbol} is of a dataset; an alert watches the market of now")
