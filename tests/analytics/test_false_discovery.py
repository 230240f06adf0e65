"""q-values against an independent implementation, and the laws that make them trustworthy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from analytics.errors import BadInput
from analytics.false_discovery import q_values

PVALUES = st.lists(st.floats(0.0, 1.0, allow_subnormal=False), min_size=1, max_size=60)


@given(PVALUES)
def test_q_values_are_those_of_statsmodels(pvalues: list[float]) -> None:
    given_p = np.array(pvalues)
    np.testing.assert_allclose(q_values(given_p), multipletests(given_p, method="fdr_bh")[1], rtol=0, atol=1e-12)


@given(PVALUES)
def test_the_order_of_the_list_does_not_matter(pvalues: list[float]) -> None:
    given_p = np.array(pvalues)
    order = np.random.default_rng(len(pvalues)).permutation(len(pvalues))
    np.testing.assert_array_equal(q_values(given_p)[order], q_values(given_p[order]))


@given(PVALUES)
def test_a_q_value_is_never_below_its_p_value_and_keeps_the_order(pvalues: list[float]) -> None:
    given_p = np.array(pvalues)
    q = q_values(given_p)
    assert (q >= given_p * (1 - 1e-15)).all()
    assert (q <= 1.0).all()
    assert (np.diff(q[np.argsort(given_p, kind="stable")]) >= 0).all()


@given(PVALUES, st.lists(st.integers(0, 60), max_size=5))
def test_pairs_without_a_test_do_not_count(pvalues: list[float], places: list[int]) -> None:
    given_p = np.array(pvalues)
    at = [min(place, len(pvalues)) for place in places]
    holed = np.insert(given_p, at, np.nan)
    q = q_values(holed)
    np.testing.assert_array_equal(np.isnan(q), np.isnan(holed))
    np.testing.assert_array_equal(q[~np.isnan(q)], q_values(given_p))


def test_one_test_alone_keeps_its_p_value() -> None:
    assert q_values(np.array([0.031])).tolist() == [0.031]


def test_no_tests_have_no_q_values() -> None:
    assert q_values(np.array([])).tolist() == []
    assert np.isnan(q_values(np.array([np.nan, np.nan]))).all()


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.inf])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(BadInput, match="from 0 to 1"):
        q_values(np.array([0.5, wrong]))


def test_of_what_is_reported_at_ten_percent_a_tenth_at_most_is_luck() -> None:
    rng = np.random.default_rng(5)
    false_shares = []
    for _ in range(400):
        luck, real = rng.uniform(size=30), rng.beta(0.1, 8.0, size=10)
        reported = q_values(np.concatenate([luck, real])) <= 0.1
        false_shares.append(reported[:30].sum() / max(reported.sum(), 1))
    assert np.mean(false_shares) <= 0.1 * 30 / 40 + 0.01
