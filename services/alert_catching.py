"""What rules did not see: a restart, an outage, a machine that slept. They are taken over the stored bars of that time.

Once both legs flow again and their holes are filled, each rule goes on from the last moment it had judged, bar by bar,
and what it tells is marked late; then it is judged by the present again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from analytics.alert_readings import Beside, closed_rows, hole_words
from analytics.alert_record import MOST_ROWS
from analytics.alert_replay import replay
from analytics.alert_rows import OF_TESTS, RowValues, row_values, why_not_replayed
from analytics.alert_words import utc_text
from analytics.alerts import AlertRule, Evaluation, Reading, Standing
from analytics.analysis import PairAnalysis
from analytics.attempt import attempt
from analytics.market import PairQuery, PairSeries
from analytics.results import Unavailable
from analytics.stretches import Stretch
from services.alert_ports import AlertMarket
from services.alert_state import Moved
from services.ports import Clock

UNSEEN_MS: Final = 30_000  # of a rule that runs: a shorter pause is only one between two trades
SHORTEST_MS: Final = 1_000
LATE_MS: Final = 2_000
PATIENCE_MS: Final = 60_000
REACH_MS: Final = 10_000
LOOK_AGAIN_MS: Final = 1_000
MOST_TRADES: Final = 20_000

_Group = tuple[PairQuery, Evaluation]


class Catching:
    """`waits`, `unseen` and `version` are for any thread, the rest for that of the loop."""

    def __init__(self, market: AlertMarket, clock: Clock) -> None:
        self._market = market
        self._clock = clock
        self._fresh: set[int] = set()
        self._first_ms: dict[int, int] = {}
        self._seen_ms: dict[int, int] = {}
        self._since_ms: dict[_Group, int] = {}
        self._looked_ms: dict[_Group, int] = {}
        self._lock = threading.Lock()
        self._waits: dict[int, str] = {}
        self._unseen: dict[int, str] = {}
        self._version = 0

    @property
    def version(self) -> int:
        """Grows whenever `waits` or `unseen` say otherwise."""
        return self._version

    def waits(self, rule_id: int) -> str | None:
        """Why a rule is not judged just now, as a sentence."""
        with self._lock:
            return self._waits.get(rule_id)

    def unseen(self, rule_id: int) -> str | None:
        """Which time was never judged, and why, as a sentence."""
        with self._lock:
            return self._unseen.get(rule_id)

    def begin(self, standings: Mapping[int, Standing]) -> None:
        """The rules stand so since a run before, or since another market ran."""
        self._fresh = {rule_id for rule_id, one in standings.items() if one.at_ms is not None}
        self._first_ms, self._seen_ms, self._since_ms, self._looked_ms = {}, {}, {}, {}
        with self._lock:
            self._waits, self._unseen = {}, {}
            self._version += 1

    def keep(self, rules: set[int]) -> None:
        """Forget all but these."""
        self._fresh &= rules
        self._seen_ms = {rule_id: at_ms for rule_id, at_ms in self._seen_ms.items() if rule_id in rules}
        with self._lock:
            self._waits = {rule_id: why for rule_id, why in self._waits.items() if rule_id in rules}
            self._unseen = {rule_id: why for rule_id, why in self._unseen.items() if rule_id in rules}

    def is_behind(
        self,
        rule: AlertRule,
        before: Standing,
        after: Standing,
        reading: Reading,
        analysis: PairAnalysis | Unavailable,
    ) -> bool:
        """Whether there is time between what a rule has judged and this reading, which stored bars can tell it.

        after: what the reading alone would make of it.
        """
        if before.at_ms is None or after is before or after.at_ms != reading.at_ms or after.word in {"NoData", "Error"}:
            return False
        from_ms = max(before.at_ms, self._seen_ms.get(rule.id, 0))
        if not _is_missed(rule, from_ms, reading, analysis, fresh=rule.id in self._fresh):
            # Of a start the first readings may rest on the trades of before; only a newer one closes the gap.
            if rule.id not in self._fresh or reading.at_ms > self._first_ms.setdefault(rule.id, reading.at_ms):
                self._done(rule.id, reading.at_ms)
            return False
        why = why_not_replayed(rule)
        if why is None:
            return True
        self._done(rule.id, reading.at_ms, _sentence(from_ms, reading.at_ms, why))
        return False

    def caught_up(
        self, rules: Sequence[AlertRule], standings: Mapping[int, Standing], reading: Reading, beside: Beside
    ) -> list[Moved]:
        """The rules taken over the stored bars up to this reading; none while these are still being fetched.

        rules: of one group, behind, all with a standing. Raises StoreError and SourceUnavailable.
        """
        query, group = rules[0].query, (rules[0].query, rules[0].evaluation)
        now_ms = self._clock.monotonic_ms()
        waited_ms = now_ms - self._since_ms.setdefault(group, now_ms)
        from_ms = min(standings[one.id].at_ms or 0 for one in rules)
        legs = (beside.feed.symbols.get(symbol) for symbol in (query.y_symbol, query.x_symbol))
        if waited_ms < PATIENCE_MS and any(leg is not None and leg.gaps_open for leg in legs):
            self._wait(rules, f"the trades since {utc_text(from_ms)} are being filled in first")
            return []
        if now_ms - self._looked_ms.get(group, -LOOK_AGAIN_MS) < LOOK_AGAIN_MS:
            return []
        self._looked_ms[group] = now_ms
        series, holes = self._stored(query, from_ms, reading.at_ms)
        reaches = len(series) > 0 and int(series.time_ms[0]) <= from_ms
        if waited_ms < REACH_MS and not reaches:
            self._wait(rules, f"the bars since {utc_text(from_ms)} are being fetched first")
            return []
        self._since_ms.pop(group, None)
        moved: list[Moved] = []
        for alike in _alike(rules):
            moved += self._replayed(alike, standings, series, holes, reading)
        return moved

    def _stored(self, query: PairQuery, from_ms: int, until_ms: int) -> tuple[PairSeries, tuple[Stretch, ...]]:
        """The rows from there, and a sample before them."""
        timeframe = query.params.timeframe
        new = (until_ms - from_ms) // timeframe.milliseconds + 2 if timeframe.milliseconds else MOST_TRADES
        series, holes = self._market.past(query, min(query.params.sample_bars + new, MOST_ROWS))
        return closed_rows(series, timeframe, until_ms), holes

    def _replayed(
        self,
        rules: Sequence[AlertRule],
        standings: Mapping[int, Standing],
        series: PairSeries,
        holes: tuple[Stretch, ...],
        reading: Reading,
    ) -> list[Moved]:
        """rules: whose metrics are looked at at the same rows, so that one table serves all."""
        from_ms = min(standings[one.id].at_ms or 0 for one in rules)
        keys = {(condition.metric, condition.symbol): condition for rule in rules for condition in rule.conditions}
        of_all = replace(rules[0], conditions=tuple(keys.values()))
        start_ms = from_ms - rules[0].query.params.timeframe.milliseconds
        rows = attempt(partial(row_values, of_all, series, holes, from_ms=start_ms))
        moved: list[Moved] = []
        for rule in rules:
            before = standings[rule.id]
            self._done(rule.id, reading.at_ms, _lacking(before.at_ms or 0, reading.at_ms, rows))
            if isinstance(rows, RowValues):
                version = series.y_last_id + series.x_last_id
                after, told = replay(rule, before, rows, late_before_ms=reading.at_ms - LATE_MS, version=version)
                moved.append(Moved(rule, before, after, tuple(event for _, event in told)))
        return moved

    def _done(self, rule_id: int, at_ms: int, unseen: str | None = None) -> None:
        self._fresh.discard(rule_id)
        self._seen_ms[rule_id] = at_ms
        if unseen is None and rule_id not in self._waits:
            return
        with self._lock:
            self._waits.pop(rule_id, None)
            if unseen is not None:
                self._unseen[rule_id] = unseen
            self._version += 1

    def _wait(self, rules: Sequence[AlertRule], why: str) -> None:
        if all(self._waits.get(rule.id) == why for rule in rules):
            return
        with self._lock:
            self._waits |= {rule.id: why for rule in rules}
            self._version += 1


def _is_missed(
    rule: AlertRule, from_ms: int, reading: Reading, analysis: PairAnalysis | Unavailable, *, fresh: bool
) -> bool:
    bar_ms = rule.query.params.timeframe.milliseconds
    if rule.evaluation == "bar_close":
        # A bar that closed between the last one judged and this one.
        rows = () if isinstance(analysis, Unavailable) else analysis.time_ms[-2:-1]
        return any(int(start_ms) + bar_ms > from_ms for start_ms in rows)
    return reading.at_ms - from_ms > max(SHORTEST_MS if fresh else UNSEEN_MS, bar_ms)


def _alike(rules: Sequence[AlertRule]) -> list[list[AlertRule]]:
    """One table for all whose metrics are known at every row; those of tests are looked at more seldom."""
    tested = [rule for rule in rules if any(one.metric in OF_TESTS for one in rule.conditions)]
    plain = [rule for rule in rules if rule not in tested]
    return [group for group in (plain, *([rule] for rule in tested)) if group]


def _lacking(from_ms: int, until_ms: int, rows: RowValues | Unavailable) -> str | None:
    """What the stored bars do not tell of that time, as a sentence."""
    if isinstance(rows, Unavailable):
        return _sentence(from_ms, until_ms, rows.reason)
    first_ms = int(rows.at_ms[0]) if len(rows) else until_ms
    bar_ms = int(rows.at_ms[0] - rows.time_ms[0]) if len(rows) else 0
    if len(rows) and first_ms - 2 * bar_ms - UNSEEN_MS > from_ms:
        return _sentence(from_ms, first_ms, "no bars of that time are stored")
    hindered = [int(at) for at in rows.hole if at >= 0]
    return _sentence(from_ms, until_ms, hole_words(rows.holes[hindered[0]])) if hindered else None


def _sentence(from_ms: int, until_ms: int, why: str) -> str:
    return f"not judged from {utc_text(from_ms)} to {utc_text(until_ms)}: {why}"
