"""The loop that judges every rule: one analysis and one reading for all rules on a pair, at most so often a second.

It has a share of the processor: the pair that has waited longest is first, and what does not fit into a beat comes with
the next one. A rule whose time was not seen (a restart, an outage) is first taken over the stored bars of that time.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Final

from analytics.alert_readings import Beside, Key, at_bar_close, closed_rows, shared_reading, wanted
from analytics.alert_rows import OF_TESTS
from analytics.alert_steps import step
from analytics.alert_view import AlertRow, next_ms
from analytics.alerts import OF_THE_FEED, AlertRule, Evaluation, Reading, Standing
from analytics.analysis import PairAnalysis
from analytics.errors import NotEstimable, PairwatchError, SourceUnavailable, StoreError, UnknownSymbol
from analytics.market import PairQuery
from analytics.pair import analyse_pair
from analytics.results import Unavailable
from analytics.status import MarketStatus, SymbolStatus
from analytics.stretches import Stretch
from services.alert_book import AlertBook
from services.alert_catching import Catching
from services.alert_ports import AlertMarket
from services.alert_state import AlertState, Moved
from services.ports import Clock

BEAT_MS: Final = 40  # of work, then the next beat goes on where this one has stopped
LOOK_ANYWAY_MS: Final = 450
LATE_TRADES_MS: Final = 500  # the last trades of a bar arrive after its end
HOLES_AGAIN_MS: Final = 1_000
_OF_TESTS: Final = OF_TESTS | {"net_edge_bps"}


@dataclass(slots=True, eq=False)
class _Group:
    """Rules that share an analysis and a reading. One thread alone touches it.

    market: in which its legs were subscribed.  answer: with the version of the data that it is of.  reading: what the
    rules were told last.  judged_ms: when, monotonic.
    closed: the answer of the rows that had closed by `closed_ms`.  holes: with what they were found by.
    """

    query: PairQuery
    evaluation: Evaluation
    rules: list[AlertRule] = field(default_factory=list)
    keys: frozenset[Key] = frozenset()
    market: object = None
    reading: Reading | None = None
    judged_ms: int = -LOOK_ANYWAY_MS
    answer: tuple[object, PairAnalysis] | None = None
    closed: PairAnalysis | None = None
    holes: tuple[object, tuple[Stretch, ...]] = (None, ())


class AlertLoop:
    """`beat` is for one thread; `row` and `notes_version` for any."""

    def __init__(self, market: AlertMarket, book: AlertBook, state: AlertState, clock: Clock) -> None:
        self._market = market
        self._book = book
        self._state = state
        self._clock = clock
        self._era = 0
        self._rules_version: int | None = None
        self._groups: list[_Group] = []
        self._off: list[AlertRule] = []
        self._catching = Catching(market, clock)
        self._lock = threading.Lock()
        self._readings: dict[int, Reading] = {}

    @property
    def notes_version(self) -> int:
        """Grows whenever a row says otherwise why it waits, or what was not seen."""
        return self._catching.version

    def row(self, rule: AlertRule, standing: Standing | None, fired_ms: int | None) -> AlertRow:
        """A rule for the page, with the numbers that it was told last."""
        with self._lock:
            reading = self._readings.get(rule.id) if rule.active else None
        stands = standing or Standing()
        keys = wanted((rule,))
        return AlertRow(
            rule=rule,
            source=self._state.source,
            standing=stands,
            last_fired_ms=fired_ms,
            next_ms=next_ms(rule, stands),
            values={} if reading is None else {key: reading.values[key] for key in keys & reading.values.keys()},
            missing={} if reading is None else {key: _why(reading, key) for key in keys - reading.values.keys()},
            at_ms=None if reading is None else reading.at_ms,
            waits=self._catching.waits(rule.id) if rule.active else None,
            unseen=self._catching.unseen(rule.id),
        )

    def beat(self) -> bool:
        """Judge the rules by what is known now. Whether something was told."""
        era = self._market.era
        if not era:
            return False
        status = self._market.status()
        if era != self._era or self._book.rules_version != self._rules_version:
            try:
                self._follow(era, status)
            except StoreError:
                return False  # the book says so itself, and the next beat asks again
        moved = self._judged(status, self._market.exchange_now_ms())
        if self._market.era != era:
            return False  # what came of two markets at once is of neither
        if not self._state.take(moved, status.source):
            for group in self._groups:
                group.reading = None
        return any(one.events for one in moved)

    def _follow(self, era: int, status: MarketStatus) -> None:
        """Take over another market, or what has become of the rules."""
        version, rules = self._book.rules_version, self._book.rules()
        if era != self._era:
            self._state.open(status.source)
            self._catching.begin(self._state.standings())
            self._groups = []
        self._state.follow(rules)
        known = {_key(group): group for group in self._groups}
        groups: dict[tuple[object, ...], _Group] = {}
        for rule in rules:
            if rule.active:
                made = _Group(rule.query, rule.evaluation)
                key: tuple[object, ...] = (rule.query, rule.evaluation, _is_of_the_feed(rule))
                group = groups.setdefault(key, made)
                group.rules.append(rule)
        for made_of, group in groups.items():
            group.keys = wanted(group.rules)
            if made_of in known:
                group.market, group.judged_ms = known[made_of].market, known[made_of].judged_ms
        self._groups = list(groups.values())
        with self._lock:
            held = {rule.id for rule in rules}
            self._readings = {rule_id: one for rule_id, one in self._readings.items() if rule_id in held}
        self._catching.keep({rule.id for rule in rules if rule.active})
        self._off = [rule for rule in rules if not rule.active]
        self._era, self._rules_version = era, version

    def _judged(self, status: MarketStatus, now_ms: int | None) -> list[Moved]:
        moved = self._switched_off(now_ms)
        began_ms = self._clock.monotonic_ms()
        names = {listing.symbol: listing.base for listing in self._market.listings()} if self._groups else {}
        self._state.bases = names or self._state.bases
        for group in sorted(self._groups, key=lambda one: one.judged_ms):
            moved += self._of_group(group, status, now_ms)
            if self._clock.monotonic_ms() - began_ms > BEAT_MS:
                break
        return moved

    def _switched_off(self, now_ms: int | None) -> list[Moved]:
        """What was open when a rule was switched off, also by another program, is resolved."""
        moved = []
        for rule in self._off:
            before = self._state.of(rule.id)
            if before.event or before.word != "Normal":
                after, events = step(rule, before, Reading(now_ms or before.at_ms or before.since_ms, {}))
                moved.append(Moved(rule, before, after, events))
        return moved

    def _of_group(self, group: _Group, status: MarketStatus, now_ms: int | None) -> list[Moved]:
        beat_ms = self._clock.monotonic_ms()
        try:
            return self._looked(group, status, now_ms, beat_ms)
        except (StoreError, SourceUnavailable):
            group.reading, group.judged_ms = None, beat_ms
            return []  # one read that failed, or a market that ends: the next beat asks again

    def _looked(self, group: _Group, status: MarketStatus, now_ms: int | None, beat_ms: int) -> list[Moved]:
        reading, analysis, beside = self._read(group, status, now_ms)
        if reading == group.reading and beat_ms - group.judged_ms < LOOK_ANYWAY_MS:
            return []
        group.reading, group.judged_ms = reading, beat_ms
        with self._lock:
            self._readings |= {rule.id: reading for rule in group.rules}
        moved: list[Moved] = []
        behind: list[AlertRule] = []
        for rule in group.rules:
            before = self._state.of(rule.id)
            after, events = step(rule, before, reading)
            if self._catching.is_behind(rule, before, after, reading, analysis):
                behind.append(rule)
            elif after is not before:
                moved.append(Moved(rule, before, after, events))
        if behind:
            group.reading = None  # they are judged by this moment too, once they have come so far
            moved += self._catching.caught_up(behind, self._state.standings(), reading, beside)
        return moved

    def _read(
        self, group: _Group, status: MarketStatus, now_ms: int | None
    ) -> tuple[Reading, PairAnalysis | Unavailable, Beside]:
        query = group.query
        try:
            group.market = self._market.follow(query, group.market)
            closes = group.evaluation == "bar_close"
            analysis = self._closed(group, status, now_ms) if closes else self._running(group)
        except (StoreError, SourceUnavailable):
            raise
        except NotEstimable as few:
            at_ms = max((leg.last_trade_ms or 0 for leg in _legs(query, status)), default=0) or now_ms or 0
            return Reading(at_ms, {}, unfit=str(few)), Unavailable(str(few)), Beside(status, now_ms)
        except UnknownSymbol as unknown:
            why = Unavailable(f"{unknown.symbol} is not watched any more")
            return shared_reading(group.keys, query, why, Beside(status, now_ms)), why, Beside(status, now_ms)
        except PairwatchError as error:
            why = Unavailable(str(error))
            return shared_reading(group.keys, query, why, Beside(status, now_ms)), why, Beside(status, now_ms)
        beside = self._beside(group, analysis, status, now_ms)
        version = analysis.y_last_id + analysis.x_last_id
        reading = shared_reading(group.keys, query, analysis, beside, version=version)
        return (at_bar_close(reading, analysis, beside) if closes else reading), analysis, beside

    def _running(self, group: _Group) -> PairAnalysis:
        """The answer of this moment; without the tests where no rule rests on them."""
        version = self._market.data_version(group.query)
        if group.answer is None or group.answer[0] != version:
            rests_on_tests = any(metric in _OF_TESTS for metric, _ in group.keys)
            ask = self._market.analysis if rests_on_tests else self._market.numbers
            group.answer = version, ask(group.query)
        return group.answer[1]

    def _closed(self, group: _Group, status: MarketStatus, now_ms: int | None) -> PairAnalysis:
        """The answer of the closed rows alone, computed once a bar."""
        timeframe, known = group.query.params.timeframe, group.closed
        traded = [leg.last_trade_ms for leg in _legs(group.query, status) if leg.last_trade_ms is not None]
        end_ms = max(traded, default=0) if now_ms is None else now_ms - LATE_TRADES_MS
        if known is not None and len(known.time_ms) and end_ms < int(known.time_ms[-1]) + 2 * timeframe.milliseconds:
            return known
        series, _ = self._market.past(group.query, group.query.params.sample_bars + 1)
        rows = closed_rows(series, timeframe, end_ms).newest(group.query.params.sample_bars)
        if known is not None and len(known.time_ms) and len(rows) and rows.time_ms[-1] == known.time_ms[-1]:
            return known
        group.closed = analyse_pair(group.query, rows)
        return group.closed

    def _beside(self, group: _Group, analysis: PairAnalysis, status: MarketStatus, now_ms: int | None) -> Beside:
        metrics = {metric for metric, _ in group.keys}
        query, mono_ms = group.query, self._clock.monotonic_ms()
        asks_funding = "funding" in metrics
        terms = {s: self._market.terms(s).at(mono_ms) for s in (query.y_symbol, query.x_symbol)} if asks_funding else {}
        costs = self._market.costs_of(analysis) if "net_edge_bps" in metrics else None
        return Beside(status, now_ms, self._holes(group, status, mono_ms), costs, terms)

    def _holes(self, group: _Group, status: MarketStatus, mono_ms: int) -> tuple[Stretch, ...]:
        counts = [(leg.gaps_open, leg.gaps_lost) for leg in _legs(group.query, status)]
        if not any(map(any, counts)):
            return ()
        found_by = (counts, mono_ms // HOLES_AGAIN_MS)
        if group.holes[0] != found_by:
            group.holes = found_by, self._market.stretches(group.query)
        return group.holes[1]


def _is_of_the_feed(rule: AlertRule) -> bool:
    return all(one.metric in OF_THE_FEED for one in rule.conditions)


def _key(group: _Group) -> tuple[object, ...]:
    return group.query, group.evaluation, all(_is_of_the_feed(rule) for rule in group.rules)


def _legs(query: PairQuery, status: MarketStatus) -> list[SymbolStatus]:
    return [status.symbols[s] for s in (query.y_symbol, query.x_symbol) if s in status.symbols]


def _why(reading: Reading, key: Key) -> str:
    return reading.error or reading.unfit or reading.missing.get(key) or f"{key[0]} has no value"
