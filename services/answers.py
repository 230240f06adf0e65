"""Answers about pairs, remembered by data version: any number of tabs, sockets and rules cost one computation."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from analytics.analysis import PairAnalysis
from analytics.errors import BadInput, SourceUnavailable, StoreError
from analytics.market import PairQuery
from services.ports import Clock

_logger = logging.getLogger(__name__)

_REMEMBERED = 64
# A page asks twice a second; a question that nobody asked for this long is no longer kept warm.
_INTEREST_MS = 5_000


@dataclass(frozen=True, slots=True)
class Question:
    """in_full: with the evidence beyond the live numbers."""

    query: PairQuery
    in_full: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Remembered:
    analysis: PairAnalysis
    data_version: object
    version: int


class _Slot:
    """One question: its newest answer, and the lock that lets only one thread compute it."""

    def __init__(self) -> None:
        self.computing = threading.Lock()
        self.newest: _Remembered | None = None
        self.asked_ms = 0


def _test_of(query: PairQuery) -> int:
    """The same for all settings that ask the very same test. A number: they are only counted, and may be for weeks."""
    params = query.params
    given = params.fixed_ratio if params.hedge == "fixed" else None
    legs = (query.y_symbol, query.x_symbol)
    return hash((legs, params.timeframe, params.sample_bars, params.price_scale, params.include_intercept, given))


class Answers:
    """Thread-safe. data_version: differs whenever the answer would.

    compute: makes an answer, given how many different pairs and settings have been asked about, this one included.
    """

    def __init__(
        self,
        clock: Clock,
        compute: Callable[[Question, int], PairAnalysis],
        data_version: Callable[[PairQuery], object],
    ) -> None:
        self._clock = clock
        self._compute = compute
        self._data_version = data_version
        self._lock = threading.Lock()
        self._slots: OrderedDict[Question, _Slot] = OrderedDict()
        self._versions = itertools.count(1)
        self._seen: set[int] = set()
        self._beat_ms = clock.monotonic_ms()

    def forget(self) -> None:
        """Every answer: the market has changed."""
        with self._lock:
            self._slots.clear()

    def version(self, question: Question) -> int:
        """Changes whenever another answer is remembered; 0 before the first."""
        newest = self._slot(question).newest
        return newest.version if newest is not None else 0

    def kept_warm(self, question: Question) -> PairAnalysis:
        """The newest answer that the pulse has made; computed here when nobody has asked lately."""
        slot = self._slot(question)
        now_ms = self._clock.monotonic_ms()
        is_warm = now_ms - slot.asked_ms < _INTEREST_MS
        slot.asked_ms = now_ms
        newest = slot.newest
        if newest is None or not is_warm:
            return self.now(question)
        # A pulse that beats no more must not leave old numbers standing as if they were new.
        has_pulse = now_ms - self._beat_ms < _INTEREST_MS or newest.data_version == self._data_version(question.query)
        return newest.analysis if has_pulse else self.now(question)

    def now(self, question: Question) -> PairAnalysis:
        """The answer for the data of this moment. Raises what `compute` raises."""
        slot = self._slot(question)
        with slot.computing:
            data_version = self._data_version(question.query)
            newest = slot.newest
            if newest is None or newest.data_version != data_version:
                asked = _test_of(question.query)
                analysis = self._compute(question, len(self._seen | {asked}))
                self._seen.add(asked)
                newest = slot.newest = _Remembered(analysis, data_version, next(self._versions))
            return newest.analysis

    def standing(self, question: Question) -> PairAnalysis | None:
        """The answer for the data of this moment, where somebody has asked for it already."""
        with self._lock:
            slot = self._slots.get(question)
        newest = slot.newest if slot is not None else None
        is_of_now = newest is not None and newest.data_version == self._data_version(question.query)
        return newest.analysis if newest is not None and is_of_now else None

    def warm(self) -> dict[PairQuery, PairAnalysis]:
        """The newest answer to each question that somebody looks at now, as it stands: nothing is computed for it.

        Answers in full are left out.
        """
        now_ms = self._clock.monotonic_ms()
        with self._lock:
            looked_at = [(q, slot.newest) for q, slot in self._slots.items() if now_ms - slot.asked_ms < _INTEREST_MS]
        return {question.query: newest.analysis for question, newest in looked_at if newest and not question.in_full}

    def refresh(self) -> None:
        """Bring every question that somebody still looks at up to date."""
        now_ms = self._beat_ms = self._clock.monotonic_ms()
        with self._lock:
            asked = [question for question, slot in self._slots.items() if now_ms - slot.asked_ms < _INTEREST_MS]
        for question in asked:
            try:
                self.now(question)
            except (BadInput, SourceUnavailable):
                # Never to be answered, or the source has switched and a symbol is gone; whoever asks again is told.
                with self._lock:
                    self._slots.pop(question, None)
            except StoreError as error:
                # One read that failed (a busy disk, a market that ends): the next beat asks again.
                _logger.warning("%s", error)

    def _slot(self, question: Question) -> _Slot:
        with self._lock:
            slot = self._slots.setdefault(question, _Slot())
            self._slots.move_to_end(question)
            while len(self._slots) > _REMEMBERED:
                self._slots.popitem(last=False)
            return slot
