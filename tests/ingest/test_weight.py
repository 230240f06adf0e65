"""Manners: how much may be asked, how long there is silence, and who goes first when there is little left."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.retry_after import silence_ms
from ingest.weight import LONGEST_SILENCE_MS, WeightBudget
from tests.fakes import FakeClock

MINUTE = 60_000


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 5_000)), max_size=300))
def test_no_clock_minute_ever_costs_more_than_the_budget(calls: list[tuple[int, int]]) -> None:
    budget, now = WeightBudget(100), 0
    spent: dict[int, int] = {}
    for weight, pause in calls:
        now += pause
        while wait := budget.take(weight, now):
            now += wait
        spent[now // MINUTE] = spent.get(now // MINUTE, 0) + weight
    assert all(total <= 100 for total in spent.values())


def test_the_exchanges_own_count_includes_other_programs() -> None:
    budget = WeightBudget(1200)
    assert budget.take(20, 1_000) == 0
    budget.told(1_190, 2_000)
    assert budget.take(20, 2_000) == MINUTE - 2_000
    assert budget.used(2_000) == 1_190
    assert budget.take(20, MINUTE) == 0


def test_light_calls_pass_where_a_long_fill_has_used_everything() -> None:
    budget, now = WeightBudget(1200), 5_000
    while not budget.take(20, now):
        pass
    budget.failed(now)
    assert budget.take(20, now) > 0
    assert [budget.take(1, now, light=True) for _ in range(100)] == [0] * 100


def test_a_ban_silences_even_light_calls_until_it_ends_and_halves_the_budget_after() -> None:
    budget = WeightBudget(1200)
    budget.silenced(120_000, 5_000)
    assert budget.take(1, 60_000, light=True) == 65_000
    assert budget.silence_ms(60_000) == 65_000
    later = 125_000
    taken = 0
    while not budget.take(20, later):
        taken += 20
    assert 500 <= taken <= 600
    assert budget.allowed(later) == 600
    assert budget.allowed(later + 11 * MINUTE) == 1200


def test_silence_is_told_once_for_each_later_deadline_and_never_shortened() -> None:
    told: list[tuple[int, str]] = []
    budget = WeightBudget(on_silence=lambda until_ms, reason: told.append((until_ms, reason)))
    budget.silenced(100_000, 0, "banned")
    budget.silenced(1_000, 50_000, "shorter")
    budget.silenced(600_000, 50_000, "longer")
    assert told == [(100_000, "banned"), (650_000, "longer")]
    assert (budget.silent_until_ms, budget.reason) == (650_000, "longer")
    budget.silenced(10**15, 0)
    assert budget.silent_until_ms == LONGEST_SILENCE_MS


def test_a_ban_from_before_the_start_holds() -> None:
    budget = WeightBudget(silent_until_ms=90_000, reason="banned")
    assert budget.take(1, 30_000, light=True) == 60_000
    assert budget.take(1, 90_000, light=True) == 0
    assert budget.allowed(90_000) == 600


@given(st.integers(0, 2**32), st.integers(1, 60))
def test_failures_in_a_row_make_the_next_heavy_request_wait_longer_up_to_half_a_minute(seed: int, n: int) -> None:
    budget = WeightBudget(rng=Random(seed))
    for _ in range(n):
        budget.failed(0)
    wait = budget.take(20, 0)
    ceiling = min(500 * 2 ** (n - 1), 30_000)
    assert ceiling / 2 - 1 <= wait <= ceiling + 1
    budget.answered()
    assert budget.take(20, 0) == 0


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, None, 60),
        (429, "7", 7),
        (429, "rubbish", 60),
        (429, "Thu, 01 Jan 1970 00:02:00 GMT", 20),
        (418, None, 120),
        (418, "5", 120),
        (418, "7200", 7200),
        (403, None, 300),
        (403, "30", 300),
        (451, None, 300),
        (500, "60", 0),
        (200, "60", 0),
    ],
)
def test_each_refusal_has_its_silence(status: int, header: str | None, seconds: int) -> None:
    assert silence_ms(status, header, 100_000) == seconds * 1000


def test_a_clock_that_is_set_back_does_not_turn_a_pause_into_an_hour() -> None:
    budget, now = WeightBudget(1200), 7_200_000
    budget.failed(now)
    assert budget.take(20, now) > 0
    assert budget.take(20, now - 3_600_000) == 0


@pytest.mark.parametrize("jump_ms", [-3_600_000, 3_600_000])
def test_a_wall_clock_that_is_set_neither_ends_a_ban_nor_makes_it_longer(jump_ms: int) -> None:
    clock = FakeClock()
    budget = WeightBudget(1200, monotonic_ms=clock.monotonic_ms)
    budget.silenced(120_000, clock.now_ms())
    clock.wall_ms += jump_ms
    assert budget.take(1, clock.now_ms(), light=True) == 120_000
    clock.pass_ms(119_999)
    assert budget.take(1, clock.now_ms(), light=True) == 1
    clock.pass_ms(1)
    assert budget.take(1, clock.now_ms(), light=True) == 0
    # The next one counts, whatever the wall clock said of the one before.
    budget.silenced(60_000, clock.now_ms())
    assert budget.silence_ms(clock.now_ms()) == 60_000
