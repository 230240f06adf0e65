"""What the headline promises, by seeded simulation through the one computation behind every door."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.market import FloatArray, PairParams, PairQuery, PairSeries
from analytics.pair import analyse_pair
from analytics.results import Verdict
from tests.analytics.golden.stability_levels import deviations
from tests.analytics.markets import random_walks

SEED = 90_000


def judged(y: FloatArray, x: FloatArray) -> Verdict:
    n = len(y)
    whole = np.ones(n, np.bool_)
    series = PairSeries(np.arange(n) * 1_000, y, x, whole, np.arange(n) * 1_000, np.arange(n) * 1_000, 1, 1)
    return analyse_pair(PairQuery("Y", "X", PairParams(window_bars=60, lookback_bars=n)), series).verdict


@pytest.mark.timeout(300)
def test_one_unrelated_pair_in_twenty_is_called_cointegrated_and_hardly_one_changed() -> None:
    verdicts = [judged(*random_walks(SEED + number, 300)) for number in range(2_000)]
    called = sum(verdict.outcome == "cointegrated" for verdict in verdicts) / len(verdicts)
    assert 0.035 <= called <= 0.08, f"seeds from {SEED}: {called}"
    changed = sum("relation changed" in verdict.reasons[0] for verdict in verdicts) / len(verdicts)
    assert changed <= 0.06, f"seeds from {SEED}: {changed}"
    assert sum(verdict.outcome == "cannot say" for verdict in verdicts) > 0.3 * len(verdicts)


def test_a_relation_with_a_half_life_of_ten_bars_is_found_in_a_thousand() -> None:
    found = 0
    for number in range(200):
        rng = np.random.default_rng(SEED + number)
        x = rng.standard_normal(1_000).cumsum()
        found += judged(500 + 1.5 * x + deviations(rng, 1_000, 10.0), 300 + x).outcome == "cointegrated"
    assert found >= 0.95 * 200, f"seeds from {SEED}: {found} of 200"


def test_bounce_of_twice_a_bars_move_does_not_make_unrelated_pairs_cointegrated() -> None:
    called, pairs = 0, 600
    for number in range(pairs):
        rng = np.random.default_rng(SEED + number)
        walks = rng.standard_normal((2, 1_000)).cumsum(axis=1) + 2 * rng.standard_normal((2, 1_000))
        called += judged(500 + walks[0], 300 + walks[1]).outcome == "cointegrated"
    assert called / pairs < 0.12, f"seeds from {SEED}: {called / pairs}"
    assert called / pairs + 2.33 * math.sqrt(0.08 * 0.92 / pairs) > 0.05  # the pairs are really noisy walks
