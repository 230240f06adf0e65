"""Manners: how often and how soon the exchange is asked again."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from ingest.backoff import Backoff
from ingest.weight import WeightBudget

MINUTE = 60_000


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 5_000)), max_size=300))
def test_no_clock_minute_ever_costs_more_than_the_budget(calls: list[tuple[int, int]]) -> None:
    budget, now = WeightBudget(100), 0
    spent: dict[int, int] = {}
    for weight, pause in calls:
        now += pause
        now += budget.wait_ms(weight, now)
        budget.spent(weight, now)
        spent[now // MINUTE] = spent.get(now // MINUTE, 0) + weight
    assert all(total <= 100 for total in spent.values())


def test_the_exchanges_own_count_includes_other_programs() -> None:
    budget = WeightBudget(1200)
    budget.spent(20, 1_000)
    budget.told(1_190, 2_000)
    assert budget.wait_ms(20, 2_000) == MINUTE - 2_000
    assert budget.wait_ms(20, MINUTE) == 0


def test_a_ban_silences_everything_until_it_ends_and_halves_the_budget_after() -> None:
    budget = WeightBudget(1200)
    budget.silenced(120_000, 5_000)
    assert budget.wait_ms(1, 60_000) == 65_000
    later = 125_000
    assert budget.wait_ms(20, later) == 0
    budget.spent(600, later)
    assert budget.wait_ms(20, later) > 0
    assert budget.wait_ms(20, later + 11 * MINUTE) == 0


def test_after_a_good_connection_the_next_try_is_immediate() -> None:
    backoff = Backoff(Random(1))
    assert backoff.after_data(lived_s=60) == 0
    assert 0 < backoff.after_data(lived_s=0.1) <= 1


@given(st.integers(0, 2**32))
def test_failures_in_a_row_climb_to_half_a_minute_and_never_reach_zero(seed: int) -> None:
    backoff = Backoff(Random(seed))
    waits = [backoff.after_failure() for _ in range(50)]
    assert all(0.25 <= wait <= 30 for wait in waits)
    assert max(waits[:2]) <= 1
    assert max(waits[10:]) > 10
    backoff.after_data(60)
    assert backoff.after_failure() <= 0.5
