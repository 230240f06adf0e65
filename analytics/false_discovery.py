"""How many of many tests that pass are luck: the q-values of Benjamini and Hochberg."""

from __future__ import annotations

import numpy as np

from analytics.definition import Definition
from analytics.errors import BadInput
from analytics.market import FloatArray

Q_VALUE = Definition(
    name="q-value",
    line="Among the listed pairs whose q is no larger than this one, the share expected to pass by luck alone.",
    formula=(
        "With the m p-values sorted upwards, q of the k-th is the smallest of m p(j) / j over all j >= k, at most 1: "
        "the lowest false discovery rate at which this pair would be reported."
    ),
    conventions=(
        "Over the pairs of the watchlist that have a p-value now, the one that the verdict follows; m counts these "
        "alone. A pair without a p-value has no q-value and does not count."
    ),
    source="Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995), 289-300.",
    checked_against="statsmodels `multipletests(method='fdr_bh')` (1e-12).",
    limits=(
        "Holds for independent tests and for some kinds of positive dependence; pairs that share a leg are neither "
        "for certain. It counts the pairs in the list, not those that you tried before and threw out."
    ),
)


def q_values(pvalues: FloatArray) -> FloatArray:
    """The q-value of each test by Benjamini and Hochberg, in the order given.

    pvalues: (m,) each in [0, 1], NaN where there was no test.  Returns (m,) in [0, 1], NaN where the p-value is; those
    do not count among the tests.  Raises BadInput for a number outside [0, 1].

    >>> q_values(np.array([0.01, 0.04, 0.03, np.nan])).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    known = np.isfinite(pvalues)
    tests = pvalues[known]
    if np.isinf(pvalues).any() or ((tests < 0.0) | (tests > 1.0)).any():
        raise BadInput("a p-value is a number from 0 to 1")
    largest_first = np.argsort(-tests, kind="stable")
    # The k-th largest of m has rank m - k: each q is the smallest of its own p m / rank and those of larger p-values.
    ranks = np.arange(len(tests), 0, -1)
    descending = np.minimum.accumulate(np.minimum(tests[largest_first] * len(tests) / ranks, 1.0))
    adjusted = np.empty_like(tests)
    adjusted[largest_first] = descending
    result = np.full(len(pvalues), np.nan)
    result[known] = adjusted
    return result
