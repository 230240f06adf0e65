"""MacKinnon's p-values and critical values for tests of a unit root and of cointegration, with a constant.

Both are polynomials fitted to large simulations and published as tables: the p-value is that of the asymptotic
distribution of the statistic (MacKinnon, 1994, "Approximate asymptotic distribution functions for unit-root and
cointegration tests", JBES 12, tables 3 and 4); the critical values allow for the length of the sample (MacKinnon, 2010,
"Critical values for cointegration tests", Queen's Economics Department working paper 1227, table 2).
So at the critical value of a short sample the p-value is not exactly the level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Legs = Literal[1, 2]


@dataclass(frozen=True, slots=True)
class _Surface:
    """p = Phi(polynomial in the statistic), constant term first: `left` up to `joint`, `right` above it.

    Below `lowest` p is 0, above `highest` it is 1.
    """

    lowest: float
    joint: float
    highest: float
    left: tuple[float, ...]
    right: tuple[float, ...]


_SURFACES = {
    1: _Surface(-18.83, -1.61, 2.74, (2.1659, 1.4412, 0.038269), (1.7339, 0.93202, -0.12745, -0.010368)),
    2: _Surface(-18.86, -2.62, 0.92, (2.92, 1.5012, 0.039796), (2.1945, 0.64695, -0.29198, -0.042377)),
}

# Critical value = polynomial in 1 / observations, constant term first.
_CRITICAL = {
    1: {
        "1%": (-3.43035, -6.5393, -16.786, -79.433),
        "5%": (-2.86154, -2.8903, -4.234, -40.040),
        "10%": (-2.56677, -1.5384, -2.809, 0.0),
    },
    2: {
        "1%": (-3.89644, -10.9519, -33.527, 0.0),
        "5%": (-3.33613, -6.1101, -6.823, 0.0),
        "10%": (-3.04445, -4.2412, -2.720, 0.0),
    },
}


def pvalue(statistic: float, *, legs: Legs) -> float:
    """Part of the statistics of unrelated data that are lower than this one, in [0, 1].

    legs: 1 for a series that was observed, 2 for the residual of one leg on the other. The tables end at about -18.8,
    where p is 0.

    >>> round(pvalue(-2.86, legs=1), 3), round(pvalue(-2.86, legs=2), 3)
    (0.05, 0.147)
    """
    surface = _SURFACES[legs]
    if statistic > surface.highest:
        return 1.0
    if statistic < surface.lowest:
        return 0.0
    score = _polynomial(surface.left if statistic <= surface.joint else surface.right, statistic)
    return math.erfc(-score / math.sqrt(2.0)) / 2.0


def critical_values(*, legs: Legs, observations: float) -> dict[str, float]:
    """At "1%", "5%" and "10%", for a regression of `observations` rows (infinity is allowed).

    >>> {level: round(value, 2) for level, value in critical_values(legs=2, observations=100).items()}
    {'1%': -4.01, '5%': -3.4, '10%': -3.09}
    """
    return {level: _polynomial(terms, 1.0 / observations) for level, terms in _CRITICAL[legs].items()}


def _polynomial(terms: tuple[float, ...], at: float) -> float:
    value = 0.0
    for term in reversed(terms):
        value = value * at + term
    return value
