"""The weight budget under any order of requests, bans, failures and other programs, against a plain model."""

from __future__ import annotations

from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ingest.weight import WeightBudget

MINUTE = 60_000
CAUTION = 10 * MINUTE


class Requests(RuleBasedStateMachine):
    """The clock only moves when a rule moves it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_700_000_000_000
        self.told: list[int] = []
        self.budget = WeightBudget(1200, on_silence=lambda until_ms, _reason: self.told.append(until_ms), rng=Random(1))
        self.silent_until = 0
        self.heavy: dict[int, int] = {}
        self.failures = 0

    @property
    def minute(self) -> int:
        return self.now // MINUTE

    @rule(milliseconds=st.integers(0, 3 * MINUTE))
    def time_passes(self, milliseconds: int) -> None:
        self.now += milliseconds

    @rule(weight=st.sampled_from([1, 2, 5, 10, 20]))
    def ask(self, weight: int) -> None:
        wait = self.budget.take(weight, self.now)
        if self.now < self.silent_until:
            assert wait == self.silent_until - self.now
        elif wait == 0:
            self.heavy[self.minute] = self.heavy.get(self.minute, 0) + weight
            cautious = self.silent_until and self.now < self.silent_until + CAUTION
            assert self.heavy[self.minute] <= (600 if cautious else 1200)
        else:
            assert wait <= max(MINUTE, 30_000)

    @rule()
    def ask_lightly(self) -> None:
        wait = self.budget.take(1, self.now, light=True)
        if self.now < self.silent_until:
            assert wait == self.silent_until - self.now
        elif self.budget.used(self.now) < 800:
            assert wait == 0

    @rule(used=st.integers(0, 2400))
    def hear_of_others(self, used: int) -> None:
        self.budget.told(used, self.now)
        assert self.budget.used(self.now) >= used

    @rule(seconds=st.integers(1, 400))
    def be_banned(self, seconds: int) -> None:
        self.budget.silenced(seconds * 1000, self.now)
        self.silent_until = max(self.silent_until, self.now + seconds * 1000)

    @rule()
    def fail(self) -> None:
        self.budget.failed(self.now)
        self.failures += 1
        assert self.budget.take(20, self.now) > 0

    @rule()
    def be_answered(self) -> None:
        self.budget.answered()
        self.failures = 0

    @invariant()
    def silence_is_what_was_asked_for(self) -> None:
        assert self.budget.silence_ms(self.now) == max(self.silent_until - self.now, 0)
        assert self.told == sorted(set(self.told))
        assert (self.told[-1] if self.told else 0) == self.silent_until


TestRequests = Requests.TestCase
TestRequests.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
