"""The exchange's clock never steps back, whatever the wall clock and the scripts do to it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.simulator.clock import ExchangeClock
from tests.ingest.simulator.conftest import NOON_MS, HandClock

STEPS = st.lists(st.tuples(st.integers(-10_000, 60_000), st.none() | st.floats(0.001, 10_000)), max_size=30)


@given(steps=STEPS, behind_ms=st.integers(0, 10**8), speed=st.floats(0.001, 10_000))
def test_it_never_steps_back(steps: list[tuple[int, float | None]], behind_ms: int, speed: float) -> None:
    wall = HandClock(NOON_MS)
    clock = ExchangeClock(wall, behind_ms=behind_ms, speed=speed)
    before = clock()
    for step_ms, faster in steps:
        wall.advance(step_ms)
        if faster is not None:
            clock.run_at(faster)
        assert clock() >= before
        before = clock()


@given(st.lists(st.integers(0, 10**7), max_size=20))
def test_untouched_it_is_the_wall_clock(steps: list[int]) -> None:
    wall = HandClock(NOON_MS)
    clock = ExchangeClock(wall)
    for step_ms in steps:
        wall.advance(step_ms)
        assert clock() == wall.now_ms


@given(steps=st.lists(st.integers(0, 10**6), max_size=20), speed=st.floats(1, 1_000))
def test_one_that_began_in_the_past_catches_up_and_never_passes(steps: list[int], speed: float) -> None:
    wall = HandClock(NOON_MS)
    clock = ExchangeClock(wall, behind_ms=3_600_000)
    clock.run_at(speed)
    for step_ms in steps:
        wall.advance(step_ms)
        assert clock() == min(wall.now_ms, NOON_MS - 3_600_000 + int((wall.now_ms - NOON_MS) * speed))


def test_one_that_began_in_the_present_runs_ahead_and_keeps_its_lead() -> None:
    wall = HandClock(NOON_MS)
    clock = ExchangeClock(wall)
    clock.run_at(20)
    wall.advance(1_000)
    assert clock() == NOON_MS + 20_000
    clock.run_at(1)
    wall.advance(1_000)
    assert clock() == NOON_MS + 21_000
