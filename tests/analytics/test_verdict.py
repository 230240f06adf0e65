"""The headline follows Engle-Granger alone; the reasons say what it rests on."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.market import PairParams, PairQuery, PairSeries
from analytics.pair import analyse_pair
from analytics.results import Cointegration, Unavailable, UnitRootTest, Verdict
from analytics.verdict import verdict
from tests.analytics.markets import random_walks

CRITICAL = {"1%": -3.9, "5%": -3.34, "10%": -3.05}


def engle_granger_at(pvalue: float, *, bars: int = 500) -> Cointegration:
    return Cointegration(-3.0, pvalue, 2, bars, CRITICAL)


def adf_at(pvalue: float) -> UnitRootTest:
    return UnitRootTest(-3.0, pvalue, 2, 497, CRITICAL)


UNCLEAR_ADF = adf_at(0.2)


def judged(
    engle_granger: Cointegration | Unavailable,
    *,
    adf: UnitRootTest | Unavailable = UNCLEAR_ADF,
    half_life: float | Unavailable = 5.0,
    held: int = 500,
    needed: int = 500,
    clean_share: float | None = 1.0,
) -> Verdict:
    return verdict(
        engle_granger=engle_granger,
        adf=adf,
        half_life_bars=half_life,
        bars_held=held,
        bars_needed=needed,
        clean_share=clean_share,
    )


def said(answer: Verdict) -> str:
    return " ".join(answer.reasons)


@pytest.mark.parametrize(
    ("pvalue", "outcome", "headline"),
    [
        (0.0, "cointegrated", "Cointegrated at 5 %"),
        (0.049, "cointegrated", "Cointegrated at 5 %"),
        (0.05, "not shown", "Cointegration not shown at 5 %"),
        (1.0, "not shown", "Cointegration not shown at 5 %"),
    ],
)
def test_the_headline_is_engle_granger_at_five_percent(pvalue: float, outcome: str, headline: str) -> None:
    answer = judged(engle_granger_at(pvalue))
    assert (answer.outcome, answer.headline) == (outcome, headline)


def test_plain_adf_never_makes_the_headline_and_carries_its_warning() -> None:
    answer = judged(engle_granger_at(0.20), adf=adf_at(0.001))
    assert answer.outcome == "not shown"
    assert "p = 0.001" in said(answer)
    assert "optimistic" in said(answer)
    assert "must not be read as cointegration" in said(answer)
    assert "must not be read" not in said(judged(engle_granger_at(0.01), adf=adf_at(0.001)))


def test_a_test_that_cannot_run_is_no_verdict_and_gives_its_reason() -> None:
    answer = judged(Unavailable("need 30 bars, got 12", 30, 12), held=12)
    assert answer.outcome == "cannot say"
    assert answer.reasons[0] == "No test: need 30 bars, got 12."


@pytest.mark.parametrize(("bars", "outcome"), [(99, "cannot say"), (100, "cointegrated")])
def test_a_verdict_needs_a_hundred_bars(bars: int, outcome: str) -> None:
    answer = judged(engle_granger_at(0.001, bars=bars), held=bars)
    assert answer.outcome == outcome
    assert ("Too few bars" in said(answer)) is (outcome == "cannot say")


def test_warm_up_is_said_until_the_sample_is_full() -> None:
    assert "Warming up: 212 of 300 bars." in judged(engle_granger_at(0.2), held=212, needed=300).reasons
    assert "Warming up" not in said(judged(engle_granger_at(0.2), held=300, needed=300))


def test_not_shown_in_a_short_sample_is_not_not_there() -> None:
    assert "10 half-lives long" in said(judged(engle_granger_at(0.3), half_life=50.0))
    assert "half-lives" not in said(judged(engle_granger_at(0.3), half_life=16.0))
    assert "no reversion" in said(judged(engle_granger_at(0.3), half_life=Unavailable("no reversion")))
    assert "half-lives" not in said(judged(engle_granger_at(0.3), half_life=0.0))


def test_carried_prices_are_said_when_they_are_most_of_the_sample() -> None:
    assert "only 20% of the bars" in said(judged(engle_granger_at(0.3), clean_share=0.2))
    assert "carried" not in said(judged(engle_granger_at(0.3), clean_share=0.5))
    assert "carried" not in said(judged(engle_granger_at(0.3), clean_share=None))


def test_size_of_the_whole_path_one_unrelated_pair_in_twenty_is_called_cointegrated() -> None:
    query = PairQuery("A", "B", PairParams(window_bars=60, lookback_bars=300))
    called = 0
    for seed in range(200):
        y, x = random_walks(50_000 + seed, 300)
        series = PairSeries(np.arange(300), y, x, *(np.ones(300, np.bool_),) * 3, 1, 1)
        called += analyse_pair(query, series).verdict.outcome == "cointegrated"
    assert 0.02 <= called / 200 <= 0.10
