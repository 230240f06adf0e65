"""MacKinnon's tables against statsmodels over a dense grid, and against the figures that the papers print."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.tsa.adfvalues import mackinnoncrit, mackinnonp

from analytics.mackinnon import Legs, critical_values, pvalue

LEGS: list[Legs] = [1, 2]


@pytest.mark.parametrize("legs", LEGS)
def test_pvalues_equal_statsmodels_from_tail_to_tail(legs: Legs) -> None:
    ends = [-18.83, -18.86, -1.61, -2.62, 2.74, 0.92]
    beside = [np.nextafter(end, side) for end in ends for side in (-math.inf, math.inf)]
    for statistic in [*np.linspace(-25.0, 5.0, 6_001), *ends, *beside]:
        expected = mackinnonp(float(statistic), regression="c", N=legs)
        assert pvalue(float(statistic), legs=legs) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("legs", LEGS)
def test_critical_values_equal_statsmodels(legs: Legs) -> None:
    for observations in [*range(20, 400), 1_440, 3_600, 100_000, math.inf]:
        expected = mackinnoncrit(N=legs, regression="c", nobs=observations)
        found = critical_values(legs=legs, observations=observations)
        assert list(found) == ["1%", "5%", "10%"]
        np.testing.assert_allclose(list(found.values()), expected, rtol=1e-14)


def test_published_values() -> None:
    """Asymptotic ones of MacKinnon (2010), table 2; Fuller (1976), table 8.5.2, tau_mu for n = 100 (two digits)."""
    asymptotic = {1: (-3.43035, -2.86154, -2.56677), 2: (-3.89644, -3.33613, -3.04445)}
    for legs in LEGS:
        assert tuple(critical_values(legs=legs, observations=math.inf).values()) == asymptotic[legs]
    fuller = {"1%": -3.51, "5%": -2.89, "10%": -2.58}
    assert critical_values(legs=1, observations=100) == pytest.approx(fuller, abs=0.015)


@pytest.mark.parametrize("legs", LEGS)
def test_the_asymptotic_critical_values_have_about_their_own_pvalues(legs: Legs) -> None:
    """Two papers, sixteen years apart, that must tell the same story."""
    levels = {"1%": 0.01, "5%": 0.05, "10%": 0.10}
    for level, statistic in critical_values(legs=legs, observations=math.inf).items():
        assert pvalue(statistic, legs=legs) == pytest.approx(levels[level], rel=0.02)


@pytest.mark.parametrize("legs", LEGS)
def test_a_higher_statistic_never_has_a_lower_pvalue_and_all_are_probabilities(legs: Legs) -> None:
    found = np.array([pvalue(float(statistic), legs=legs) for statistic in np.linspace(-30.0, 10.0, 4_001)])
    assert found[0] == 0.0
    assert found[-1] == 1.0
    assert np.all(np.diff(found) >= -1e-3)  # the two polynomials do not meet exactly where they join
    assert pvalue(-math.inf, legs=legs) == 0.0


def test_a_fit_makes_the_same_statistic_less_surprising() -> None:
    for statistic in np.linspace(-8.0, 0.0, 50):
        assert pvalue(float(statistic), legs=2) > pvalue(float(statistic), legs=1)
