"""The power table against fresh simulations, against figures measured independently, and its own laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BadInput, NotEnoughData
from analytics.power import FOUND, HALF_LIVES, detectable_half_life, observations_needed, power
from tests.analytics.golden.power_table import found_share
from tests.analytics.markets import law


@pytest.mark.parametrize(
    ("observations", "half_lives"),
    [(100, 20), (300, 10), (300, 30), (500, 36), (150, 12), (240, 40), (700, 22.5)],
)
def test_a_fresh_simulation_finds_as_many(observations: int, half_lives: float) -> None:
    found = found_share(observations, observations / half_lives, pairs=1_000, seed=4_711)
    assert power(observations / half_lives, observations) == pytest.approx(found, abs=0.05)


@pytest.mark.parametrize(
    ("half_life_bars", "observations", "found"),
    [
        (10, 300, 0.69),
        (30, 300, 0.15),
        (100, 300, 0.09),
        (10, 1000, 1.00),
        (30, 1000, 0.78),
        (100, 1000, 0.14),
        (10, 3600, 1.00),
        (30, 3600, 1.00),
        (100, 3600, 0.87),
    ],
)
def test_the_figures_of_an_independent_simulation_with_statsmodels(
    half_life_bars: float, observations: int, found: float
) -> None:
    assert power(half_life_bars, observations) == pytest.approx(found, abs=0.03)


def test_a_cell_of_the_table_is_answered_as_it_stands() -> None:
    for observations, shares in FOUND.items():
        for half_lives, share in zip(HALF_LIVES, shares, strict=True):
            assert power(observations / half_lives, observations) == pytest.approx(share, abs=1e-9)


def test_beyond_the_table_its_edge_holds() -> None:
    assert power(1_000.0, 10_000) == pytest.approx(power(360.0, 3_600), abs=1e-9)
    assert power(0.01, 3_600) == 1.0
    assert power(1e9, 3_600) == FOUND[3600][0]


@law
@given(st.integers(100, 20_000), st.floats(0.2, 5_000), st.floats(1.0, 3.0))
def test_a_slower_reversion_is_never_found_more_often(observations: int, half_life: float, slower: float) -> None:
    assert 0.05 <= power(half_life * slower, observations) <= power(half_life, observations) <= 1.0


@law
@given(st.integers(100, 20_000), st.floats(0.2, 0.95))
def test_the_detectable_half_life_is_found_with_that_power(observations: int, wanted: float) -> None:
    assert power(detectable_half_life(observations, wanted), observations) == pytest.approx(wanted, abs=1e-9)


@law
@given(st.floats(3.0, 500.0))
def test_the_bars_needed_give_the_power_and_few_less_do_not(half_life: float) -> None:
    bars = observations_needed(half_life)
    assert power(half_life, bars) == pytest.approx(0.8, abs=0.01)
    assert power(half_life, max(int(0.9 * bars), 100)) < 0.8


def test_what_the_table_cannot_tell_is_refused() -> None:
    with pytest.raises(NotEnoughData):
        power(5, 99)
    for nonsense in (0.0, -3.0, float("nan")):
        with pytest.raises(BadInput):
            power(nonsense, 300)
        with pytest.raises(BadInput):
            observations_needed(nonsense)
    with pytest.raises(BadInput):
        detectable_half_life(300, 0.99)
