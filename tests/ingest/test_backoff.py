"""When the exchange is called again: laws of the waits, for any history of connections."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.backoff import Backoff

lives = st.floats(0, 100_000, allow_nan=False)


@given(st.integers(0, 2**32), st.lists(st.one_of(st.none(), lives), max_size=60), lives)
def test_after_data_the_next_try_is_within_half_a_second_whatever_went_before(
    seed: int, history: list[float | None], lived_s: float
) -> None:
    backoff = Backoff(Random(seed))
    for one in history:
        backoff.after_failure() if one is None else backoff.after_data(one)
    wait_s = backoff.after_data(lived_s)
    assert wait_s <= 0.5
    # Never more than two calls a second, and no wait at all once the connection has lived that long.
    assert wait_s + lived_s >= 0.5
    assert lived_s < 0.5 or wait_s == 0


@given(st.integers(0, 2**32))
def test_failures_in_a_row_climb_to_half_a_minute_and_never_reach_zero(seed: int) -> None:
    backoff = Backoff(Random(seed))
    waits = [backoff.after_failure() for _ in range(50)]
    assert all(0.25 <= wait <= min(0.5 * 2.0**number, 30) for number, wait in enumerate(waits))
    assert max(waits[10:]) > 10
    backoff.after_data(60)
    assert backoff.after_failure() <= 0.5


def test_a_thousand_failures_in_a_row_are_still_counted() -> None:
    backoff = Backoff(Random(1))
    assert all(backoff.after_failure() <= 30 for _ in range(3_000))


@pytest.mark.parametrize(("status", "minutes"), [(403, 5), (451, 5), (418, 2), (429, 1)])
@given(seed=st.integers(0, 2**32), asked_s=st.one_of(st.none(), st.floats(0, 10_000, allow_nan=False)))
def test_a_refusal_is_respected_for_minutes_and_for_as_long_as_it_says(
    status: int, minutes: int, seed: int, asked_s: float | None
) -> None:
    wait_s = Backoff(Random(seed)).after_refusal(status, asked_s)
    assert max(minutes * 60, asked_s or 0) <= wait_s <= max(minutes * 60, asked_s or 0) * 1.1


@given(st.integers(0, 2**32))
def test_a_server_error_is_a_failure_like_any_other_unless_it_names_a_time(seed: int) -> None:
    assert Backoff(Random(seed)).after_refusal(503) <= 0.5
    assert Backoff(Random(seed)).after_refusal(503, 7.0) == 7.0
