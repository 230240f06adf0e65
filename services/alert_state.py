"""How the rules stand in the market that runs, and the writing down of it: one owner for all threads.

A standing with something to tell is on the disk before anybody is told. One that has only come into another word is
written within two seconds, and one whose clock alone has moved within half a minute: until then the readings since
bring it again.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from analytics.alert_book import Message, Move
from analytics.alert_steps import forgetting, step, worth_keeping
from analytics.alert_view import News, Told
from analytics.alert_words import event_text, message_of
from analytics.alerts import AlertEvent, AlertRule, Reading, Standing
from analytics.errors import StoreError
from services.alert_book import AlertBook
from services.ports import Clock

KEPT_NEWS: Final = 100
WORDS_WITHIN_MS: Final = 2_000
CLOCKS_WITHIN_MS: Final = 30_000
SOURCES: Final = ("live", "demo", "replay")


class Moved(NamedTuple):
    """A rule that was judged. before: the standing it was judged from."""

    rule: AlertRule
    before: Standing
    after: Standing
    events: tuple[AlertEvent, ...] = ()


class AlertState:
    """Thread-safe. Nothing is moved from a standing that is not the newest: whoever comes second judges again."""

    def __init__(self, book: AlertBook, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._lock = threading.Lock()
        self._source = "live"
        self._rules: dict[int, AlertRule] = {}
        self._standings: dict[int, Standing] = {}
        self._written: dict[int, Standing] = {}
        self._fired_ms: dict[int, int] = {}
        self._words_ms = self._clocks_ms = clock.monotonic_ms()
        self._numbers = itertools.count(clock.now_ms())  # beyond every number of a run before
        self._news: deque[Told] = deque(maxlen=KEPT_NEWS)
        self._upto = self._began = next(self._numbers)
        self._version = 0
        self._trouble: str | None = None
        self.bases: Mapping[str, str] = {}
        self._load("live")

    @property
    def source(self) -> str:
        """The market that the standings are of."""
        return self._source

    @property
    def version(self) -> int:
        """Grows whenever a rule has come into another word or something was told."""
        return self._version

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written down now, as a sentence; until it can, nothing is told."""
        return self._trouble

    def open(self, source: str) -> None:
        """From now on the standings are of this market. Raises StoreError."""
        self.write_down()
        with self._lock:
            self._load(source)

    def follow(self, rules: Sequence[AlertRule]) -> None:
        """Take over what was added, changed and removed. Raises StoreError."""
        with self._lock:
            self._follow(rules)

    def standings(self) -> dict[int, Standing]:
        """How every rule stands, by id; one that was never judged has none."""
        with self._lock:
            return dict(self._standings)

    def of(self, rule_id: int) -> Standing:
        """How a rule stands."""
        with self._lock:
            return self._standings.get(rule_id, Standing())

    def last_fired(self) -> dict[int, int]:
        """Exchange time of the newest firing of each rule that has one."""
        with self._lock:
            return dict(self._fired_ms)

    def news(self, since: int | None) -> News:
        """What was told after the number `since`, oldest first; None: nothing yet, only the number to go on from."""
        with self._lock:
            if since is None:
                return News(self._upto)
            told = tuple(one for one in self._news if one.number > since)
            new = self._upto - max(since, self._began)
            return News(self._upto, told, missed=max(new - len(told), 0))

    def take(self, moved: Sequence[Moved], source: str) -> bool:
        """Let rules move on, and write down what must be. Whether all of it was taken: what was not is judged again.

        source: of which the moves are; those of another than the present one are dropped.
        """
        with self._lock:
            if source != self._source:
                return False
            current = [one for one in moved if self._standings.get(one.rule.id, Standing()) == one.before]
            for one in current:
                if not one.events:
                    self._adopt(one)
            telling = [one for one in current if one.events]
            return self._record(telling) and len(current) == len(moved)

    def settle(self, rule: AlertRule, at_ms: int) -> None:
        """Resolve what is open of a rule in every market: it was switched off, or is about to be removed.

        rule: as it is kept.  at_ms: exchange time. Raises StoreError.
        """
        with self._lock:
            for source in SOURCES:
                mine = source == self._source
                before = self._standings.get(rule.id) if mine else self._book.standings(source).get(rule.id)
                if before is None or (before.word == "Normal" and not before.event):
                    continue
                moment_ms = at_ms if source == "live" or mine else before.at_ms or before.since_ms
                after, events = step(_off(rule), before, Reading(moment_ms, {}))
                left_out = self._book.record_all(
                    [self._move(Moved(rule, before, after, events), source)], source=source
                )
                if mine and not left_out:
                    self._adopt(Moved(rule, before, after, events), written=True)

    def write_down(self) -> None:
        """Write down every standing as it is: the market is switched, or the product ends."""
        with self._lock:
            self._clocks_ms = self._clock.monotonic_ms() - CLOCKS_WITHIN_MS
            self._record([])

    def _load(self, source: str) -> None:
        if source == "replay":
            self._book.forget(source)  # a recording begins anew
        self._source = source
        self._rules = {}
        self._standings, self._written = {}, {}
        self._fired_ms = dict(self._book.last_fired(source))
        self._follow(self._book.rules())
        self._version += 1

    def _follow(self, rules: Sequence[AlertRule]) -> None:
        known, self._rules = self._rules, {one.id: one for one in rules}
        for gone in known.keys() - self._rules.keys():
            self._standings.pop(gone, None)
            self._written.pop(gone, None)
        new = self._rules.keys() - known.keys()
        kept = self._book.standings(self._source) if new else {}
        for rule_id in new & kept.keys():
            self._standings[rule_id] = self._written[rule_id] = kept[rule_id]
        for rule_id, rule in self._rules.items():
            before = known.get(rule_id)
            if before is not None and _measured(before) != _measured(rule) and rule_id in self._standings:
                self._standings[rule_id] = forgetting(self._standings[rule_id])
        self._version += 1

    def _record(self, telling: Sequence[Moved]) -> bool:
        """Write down these, and what is due beside them. Whether all was taken."""
        now_ms = self._clock.monotonic_ms()
        told = {one.rule.id for one in telling}
        due = [rule_id for rule_id in self._due(now_ms) if rule_id not in told]
        if not told and not due:
            return True
        moves = [self._move(one, self._source) for one in telling]
        moves += [Move(self._rules[rule_id], self._standings[rule_id]) for rule_id in due]
        try:
            left_out = set(self._book.record_all(moves, source=self._source))
        except StoreError as error:
            self._trouble = str(error)
            return False
        self._trouble = None
        for rule_id in due:
            if rule_id not in left_out:
                self._written[rule_id] = self._standings[rule_id]
        for one in telling:
            if one.rule.id not in left_out:
                self._adopt(one, written=True)
        return not left_out & told

    def _due(self, now_ms: int) -> list[int]:
        """The rules whose standing is to be written now."""
        if now_ms - self._clocks_ms >= CLOCKS_WITHIN_MS:
            self._clocks_ms = self._words_ms = now_ms
            return [i for i, one in self._standings.items() if i in self._rules and self._written.get(i) is not one]
        if now_ms - self._words_ms < WORDS_WITHIN_MS:
            return []
        self._words_ms = now_ms
        return [
            i
            for i, one in self._standings.items()
            if i in self._rules
            and self._written.get(i) is not one
            and worth_keeping(self._written.get(i, Standing()), one)
        ]

    def _adopt(self, one: Moved, *, written: bool = False) -> None:
        rule_id = one.rule.id
        if one.before.word != one.after.word or one.before.reason != one.after.reason or one.events:
            self._version += 1
        self._standings[rule_id] = one.after
        if written:
            self._written[rule_id] = one.after
        for event in one.events:
            if event.kind == "fired":
                self._fired_ms[rule_id] = event.at_ms
            self._upto = next(self._numbers)
            text = event_text(one.rule, event, self._pair(one.rule))
            told = Told(self._upto, self._source, one.rule.name, one.rule.query, text, self._clock.now_ms(), event)
            self._news.append(told)

    def _pair(self, rule: AlertRule) -> str:
        legs = (rule.query.y_symbol, rule.query.x_symbol)
        return "/".join(self.bases.get(symbol, symbol) for symbol in legs)

    def _move(self, one: Moved, source: str) -> Move:
        """Only what the live market tells leaves the house: of a demo or a recording nothing does."""
        if source != "live" or not one.events or not one.rule.channels:
            return Move(one.rule, one.after, one.events)
        known = {channel.name.casefold(): channel.name for channel in self._book.channels()}
        messages = tuple(
            Message(event.id, known.get(name.casefold(), name), body, held_back=event.held_back)
            for event in one.events
            for body in [json.dumps(message_of(one.rule, event, source=source, bases=self.bases), allow_nan=False)]
            for name in one.rule.channels
        )
        return Move(one.rule, one.after, one.events, messages)


def _off(rule: AlertRule) -> AlertRule:
    return AlertRule(rule.id, rule.name, rule.query, rule.conditions, active=False)


def _measured(rule: AlertRule) -> tuple[object, ...]:
    return rule.query, rule.conditions, rule.join, rule.evaluation
