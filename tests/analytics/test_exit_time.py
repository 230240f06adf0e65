"""Expected exit times against published constants, a closed form, the backward equation and simulation."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial.legendre import leggauss
from scipy.linalg import solve_banded

from analytics.errors import DegenerateData
from analytics.evidence import ExitTime, OrnsteinUhlenbeck
from analytics.exit_time import exit_time
from tests.analytics.markets import law

# OEIS A249418, A250719, A249417 after S. Finch, Ornstein-Uhlenbeck Process (2004), for dX = -X dt + sqrt(2) dW.
FROM_1_TO_0 = 0.901908012652806500639431208443776743
FROM_2_TO_0 = 1.425204565537799718959736645615121712
FROM_0_TO_1 = 2.093406649678321806920161811250081828

NODES, WEIGHTS = leggauss(240)


def process(half_life_bars: float, mean: float = 0.0, deviation: float = 1.0) -> OrnsteinUhlenbeck:
    reversion = math.log(2) / half_life_bars
    volatility = deviation * math.sqrt(2 * reversion)
    return OrnsteinUhlenbeck(mean, 0.1, reversion, 0.1, volatility, 0.1, deviation, 0.1)


UNIT = process(math.log(2))


def to_the_mean(start: float) -> Decimal:
    """Finch's series for the expected time from `start` to 0: half the sum of -(-sqrt(2) start)^k gamma(k / 2) / k!.

    Negative for a negative start, as times add along the way. Its terms cancel, hence the 150 digits.
    """
    mean, geometric, part, power = Decimal(1), 1 / Decimal(2).sqrt(), Decimal("0.25"), 1
    for _ in range(8):  # pi by the arithmetic-geometric mean of Gauss and Legendre
        last, mean = mean, (mean + geometric) / 2
        geometric, part, power = (last * geometric).sqrt(), part - power * (last - mean) ** 2, 2 * power
    gammas = [((mean + geometric) ** 2 / (4 * part)).sqrt(), Decimal(1)]  # of 1/2 and of 1
    total, term = Decimal(0), Decimal(-1)
    for k in range(1, 900):
        term *= -Decimal(2).sqrt() * Decimal(start) / k
        total += term * gammas[(k + 1) % 2]
        gammas[(k + 1) % 2] *= Decimal(k) / 2
    return total / 2


def on_bar_ends(start: float, level: float, reversion: float) -> float:
    """Bars until an AR(1) of deviation 1 is first at or below level: E(x) = 1 + integral of p(x, y) E(y), y > level."""
    kept = math.exp(-reversion)
    shock = math.sqrt(1 - kept * kept)
    y = level + (NODES + 1) / 2 * (9.0 - level)
    weights = WEIGHTS * (9.0 - level) / 2 / (shock * math.sqrt(2 * math.pi))

    def density(x: np.ndarray) -> np.ndarray:
        return np.exp(-np.square((y - kept * x[:, None]) / shock) / 2) * weights

    expected = np.linalg.solve(np.eye(len(y)) - density(y), np.ones(len(y)))
    return float(1 + (density(np.array([start])) @ expected)[0])


def test_published_constants() -> None:
    assert exit_time(UNIT, 1.0, 0.0).bars == pytest.approx(FROM_1_TO_0, rel=1e-12)
    assert exit_time(UNIT, 2.0, 0.0).bars == pytest.approx(FROM_2_TO_0, rel=1e-12)
    assert exit_time(UNIT, 1.0, -1.0).bars == pytest.approx(FROM_1_TO_0 + FROM_0_TO_1, rel=1e-12)


@pytest.mark.parametrize(
    ("start", "level"),
    [(1, 0), (0.001, 0), (6, 0), (2, 0.5), (3, 2.75), (8, 1), (2, -2), (0.5, -4), (4, -6), (12, 11.5)],
)
def test_the_closed_form_to_150_digits(start: float, level: float) -> None:
    with localcontext(prec=150):
        exact = float(to_the_mean(start) - to_the_mean(level))
    assert exit_time(UNIT, start, level).bars == pytest.approx(exact, rel=1e-10)


def test_the_backward_equation_solved_on_a_grid() -> None:
    """T'' - x T' = -1 for x above the level, T(level) = 0; far out T' = 1 / x to leading orders."""
    level, top, cells = 0.5, 40.0, 200_000
    x, step = np.linspace(level, top, cells + 1, retstep=True)
    inner = x[1:-1]
    bands = np.zeros((3, cells))
    bands[0, 1:] = 1 / step**2 - inner / (2 * step)
    bands[1, :-1] = -2 / step**2
    bands[2, : cells - 2] = (1 / step**2 + inner / (2 * step))[1:]
    bands[1, -1], bands[2, cells - 2] = 1 / step, -1 / step
    right = np.full(cells, -1.0)
    right[-1] = 1 / (top - step / 2) - 1 / (top - step / 2) ** 3
    times = solve_banded((1, 1), bands, right)
    for start in (1.0, 2.0, 5.0):
        solved = float(np.interp(start, x[1:], times))
        assert exit_time(UNIT, start, level).bars == pytest.approx(solved, rel=1e-4)


def test_simulation_of_short_steps() -> None:
    """20 000 paths in steps of 1 / 400 of a relaxation time; the grid's own overshoot makes them a little late."""
    rng, steps = np.random.default_rng(8), 400
    kept = math.exp(-1 / steps)
    shock = math.sqrt(1 - kept * kept)
    x = np.full(20_000, 2.0)
    total, elapsed = 0.0, 0
    while len(x):
        elapsed += 1
        x = kept * x + shock * rng.standard_normal(len(x))
        total += elapsed / steps * np.count_nonzero(x <= 0.5)
        x = x[x > 0.5]
    found = exit_time(process(math.log(2) * steps), 2.0, 0.5)
    assert total / 20_000 == pytest.approx(found.seen_bars / steps, abs=0.02)
    assert total / 20_000 > found.bars / steps


@pytest.mark.parametrize("half_life_bars", [2.0, 5.0, 30.0, 100.0])
@pytest.mark.parametrize(("start", "level"), [(2.0, 0.0), (2.0, 0.5), (3.0, 1.0), (2.5, -0.5)])
def test_bar_ends_by_the_integral_equation_of_the_autoregression(
    half_life_bars: float, start: float, level: float
) -> None:
    found = exit_time(process(half_life_bars), start, level)
    assert found.seen_bars == pytest.approx(on_bar_ends(start, level, math.log(2) / half_life_bars), rel=0.02)


def test_bar_ends_near_the_level_are_too_short_by_at_most_a_fifth() -> None:
    for half_life_bars in (2.0, 10.0, 100.0):
        exact = on_bar_ends(0.05, 0.0, math.log(2) / half_life_bars)
        found = exit_time(process(half_life_bars), 0.05, 0.0)
        assert 0.79 * exact < found.seen_bars < exact


def test_only_what_is_at_the_level_has_come_back() -> None:
    """The level is that of a moving mean, so the spread may lie between it and the mean of the process."""
    there = process(10.0, mean=3.0)
    for level in (2.0, 3.0, 3.5):
        assert exit_time(there, level, level) == ExitTime(level, 0.0, 0.0)
    for now, level in ((2.9, 3.5), (3.6, 3.5), (1.9, 2.0), (3.1, 2.0), (2.9, 3.0), (3.2, 3.5), (2.5, 2.0)):
        found = exit_time(there, now, level)
        assert 0.0 < found.bars < found.seen_bars
    assert exit_time(there, 3.2, 3.5).bars > exit_time(there, 3.8, 3.5).bars  # against the pull, and with it


@law
@given(st.floats(-6, 6), st.floats(-2, 2), st.sampled_from([1e-8, 3.0, 1e5]), st.sampled_from([0.0, -40.0]))
def test_units_and_sides_do_not_matter(now: float, level: float, scale: float, shift: float) -> None:
    plain = exit_time(process(12.0), now, level)
    mirrored = exit_time(process(12.0), -now, -level)
    assert (mirrored.bars, mirrored.seen_bars) == (plain.bars, plain.seen_bars)
    if abs(now - level) > 1e-6 and abs(now) > 1e-6:
        scaled = exit_time(process(12.0, shift * scale, scale), (now + shift) * scale, (level + shift) * scale)
        assert (scaled.bars, scaled.seen_bars) == pytest.approx((plain.bars, plain.seen_bars), rel=1e-6)


@law
@given(st.floats(0, 3), st.floats(0.01, 3), st.floats(0.01, 3))
def test_times_add_along_the_way(level: float, first: float, second: float) -> None:
    there, middle = process(20.0), level + first
    whole = exit_time(there, middle + second, level).bars
    parts = exit_time(there, middle + second, middle).bars + exit_time(there, middle, level).bars
    assert whole == pytest.approx(parts, rel=1e-9)


@law
@given(st.floats(0.01, 1e7), st.floats(0, 1e3))
def test_it_is_finite_and_grows_with_the_distance(distance: float, level: float) -> None:
    there = process(20.0)
    near, far = exit_time(there, level + distance, level), exit_time(there, level + 1.5 * distance, level)
    assert 0 < near.bars < far.bars < 1e4
    assert near.bars < near.seen_bars


def test_without_a_number_it_says_so() -> None:
    for now, level in ((math.nan, 0.0), (1.0, math.inf)):
        with pytest.raises(DegenerateData, match="not a finite number"):
            exit_time(UNIT, now, level)
    with pytest.raises(DegenerateData, match="so far beyond the mean"):
        exit_time(UNIT, 1.0, -30.0)
