"""The headline follows one test alone; the reasons say what it rests on, the weightiest first."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.evidence import Stability
from analytics.holes import hole_share
from analytics.market import HedgeMethod, Int64Array, Timeframe
from analytics.results import Cointegration, Unavailable, UnitRootTest, Verdict
from analytics.verdict import MOST_IN_HOLES, in_context, verdict

CRITICAL = {"1%": -3.9, "5%": -3.34, "10%": -3.05}
NO_REVERSION = Unavailable("no reversion: deviations of the spread are not expected to shrink")


def engle_granger_at(pvalue: float) -> Cointegration:
    return Cointegration(-3.0, pvalue, 2, 500, CRITICAL)


def adf_at(pvalue: float) -> UnitRootTest:
    return UnitRootTest(-3.0, pvalue, 2, 497, CRITICAL)


def changed_at(time_ms: int | None) -> Stability:
    path = np.zeros(500)
    return Stability(path, path, 1.0, 1.5, time_ms, 1.52, 0.81)


def minutes(n: int) -> Int64Array:
    return np.arange(n, dtype=np.int64) * 60_000


UNCLEAR_ADF = adf_at(0.2)
STEADY = changed_at(None)


def judged(
    engle_granger: Cointegration | Unavailable,
    *,
    hedge: HedgeMethod = "ols",
    reverse: Cointegration | Unavailable | None = None,
    adf: UnitRootTest | Unavailable = UNCLEAR_ADF,
    half_life: float | Unavailable = 5.0,
    stability: Stability | Unavailable = STEADY,
    lone: tuple[int, ...] = (),
    without: Cointegration | Unavailable | None = None,
    prices: int = 200,
    time_ms: Int64Array | None = None,
    held: int = 500,
    needed: int = 0,
    beside: tuple[str, ...] = (),
) -> Verdict:
    return verdict(
        hedge=hedge,
        engle_granger=engle_granger,
        reverse=engle_granger if reverse is None else reverse,
        adf=adf,
        half_life_bars=half_life,
        stability=stability,
        lone_prints=np.array(lone, np.int64),
        without_them=engle_granger if without is None else without,
        fewest_prices=("x", prices),
        time_ms=minutes(held) if time_ms is None else time_ms,
        timeframe=Timeframe.M1,
        bars_needed=needed or held,
        beside=beside,
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
    assert (answer.outcome, answer.headline, answer.pvalue) == (outcome, headline, pvalue)
    assert answer.reasons[0].startswith("Engle-Granger on 500 bars: p")


def test_plain_adf_never_makes_the_headline_and_carries_its_warning() -> None:
    answer = judged(engle_granger_at(0.20), adf=adf_at(0.001))
    assert answer.outcome == "not shown"
    assert "p = 0.001" in said(answer)
    assert "Optimistic" in said(answer)
    assert "must not be read as cointegration" in said(answer)
    assert "must not be read" not in said(judged(engle_granger_at(0.01), adf=adf_at(0.001)))


def test_a_test_that_cannot_run_is_no_verdict_and_gives_its_reason() -> None:
    answer = judged(Unavailable("need 30 bars, got 12", 30, 12), held=12)
    assert (answer.outcome, answer.pvalue) == ("cannot say", None)
    assert answer.reasons[0] == "No test: need 30 bars, got 12."


@pytest.mark.parametrize(("bars", "outcome"), [(99, "cannot say"), (100, "cointegrated")])
def test_a_verdict_needs_a_hundred_bars(bars: int, outcome: str) -> None:
    answer = judged(engle_granger_at(0.001), held=bars)
    assert answer.outcome == outcome
    assert ("Too few bars: 99 of the 100" in answer.reasons[0]) is (outcome == "cannot say")


def test_warm_up_and_sentences_of_others_come_last() -> None:
    answer = judged(engle_granger_at(0.2), held=212, needed=300, beside=("Half of the bars are empty.",))
    assert answer.reasons[-2:] == ("Warming up: 212 of 300 bars.", "Half of the bars are empty.")
    assert "Warming up" not in said(judged(engle_granger_at(0.2), held=300, needed=300))


def test_a_sample_shorter_than_ten_half_lives_cannot_say_and_names_the_cure() -> None:
    short = judged(engle_granger_at(0.3), half_life=31.0, held=300)
    assert short.outcome == "cannot say"
    assert short.reasons[0] == (
        "Too few bars for this half-life: with a half-life of 31 bars the test finds a real relation in 15 % of "
        "samples of 300 bars; 1100 bars would give 80 %."
    )
    assert judged(engle_granger_at(0.3), half_life=30.0, held=300).outcome == "not shown"


def test_not_shown_says_how_many_relations_the_test_would_have_found() -> None:
    middling = judged(engle_granger_at(0.3), half_life=20.0)
    assert middling.reasons[1].startswith("Not shown is not 'not there': with a half-life of 20 bars the test finds")
    assert "; 690 bars would give 80 %." in middling.reasons[1]
    long = judged(engle_granger_at(0.3), half_life=5.0)
    assert long.reasons[1].startswith("Such a relation would hardly be missed")
    assert "would give" not in said(long)
    assert judged(engle_granger_at(0.3), half_life=0.0).outcome == "not shown"


def test_a_spread_that_does_not_revert_cannot_say() -> None:
    answer = judged(engle_granger_at(0.3), half_life=NO_REVERSION)
    assert answer.outcome == "cannot say"
    assert answer.reasons[0].startswith("The spread shows no reversion")


@pytest.mark.parametrize(("pvalue", "outcome"), [(0.01, "cannot say"), (0.4, "not shown")])
def test_a_change_of_the_relation_comes_first_with_its_age_and_what_it_means(pvalue: float, outcome: str) -> None:
    answer = judged(engle_granger_at(pvalue), stability=changed_at(458 * 60_000), half_life=200.0)
    assert answer.outcome == outcome
    assert answer.reasons[0].startswith(
        "The relation changed 41 minutes ago, 42 bars back: slope 1.52 before, 0.81 after."
    )
    assert ("No one line holds" in answer.reasons[0]) is (outcome == "not shown")
    assert ("One line across that means nothing" in answer.reasons[0]) is (outcome == "cannot say")
    assert "changed" not in said(judged(engle_granger_at(pvalue)))
    assert "changed" not in said(judged(engle_granger_at(pvalue), stability=Unavailable("need 100 bars")))


@pytest.mark.parametrize(
    ("age_ms", "words"),
    [
        (1_000, "1 second ago"),
        (99_000, "99 seconds ago"),
        (120_000, "2 minutes ago"),
        (7_100_000, "118 minutes ago"),
        (10_800_000, "3 hours ago"),
        (864_000_000, "10 days ago"),
    ],
)
def test_ages_are_told_in_the_unit_a_reader_would_use(age_ms: int, words: str) -> None:
    time_ms = np.linspace(0, 2_000_000_000, 500).astype(np.int64)
    assert words in said(judged(engle_granger_at(0.01), time_ms=time_ms, stability=changed_at(2_000_000_000 - age_ms)))


def test_two_directions_that_answer_differently_are_both_told() -> None:
    answer = judged(engle_granger_at(0.01), reverse=engle_granger_at(0.21))
    assert "The direction matters: y on x p = 0.010, x on y p = 0.210." in answer.reasons
    assert "direction" not in said(judged(engle_granger_at(0.01), reverse=engle_granger_at(0.04)))


@pytest.mark.parametrize("hedge", ["rolling_ols", "kalman"])
def test_a_moving_ratio_is_not_what_was_tested(hedge: HedgeMethod) -> None:
    answer = judged(engle_granger_at(0.01), hedge=hedge, adf=Unavailable("not applicable"))
    assert answer.outcome == "cointegrated"
    assert "moves its ratio" in said(answer)
    assert "was not tested" in said(answer)


def test_a_leg_on_a_few_steps_cannot_say() -> None:
    answer = judged(engle_granger_at(0.001), prices=9)
    assert answer.outcome == "cannot say"
    assert answer.reasons[0].startswith("Leg x took only 9 different prices")
    assert judged(engle_granger_at(0.001), prices=10).outcome == "cointegrated"


@pytest.mark.parametrize(
    ("after", "cusum", "outcome"), [(1.4, 1.0, "cointegrated"), (1.2, 1.0, "cannot say"), (1.4, 1.6, "cannot say")]
)
def test_a_change_that_moves_the_line_takes_the_headline_and_a_small_one_is_told(
    after: float, cusum: float, outcome: str
) -> None:
    path = np.zeros(500)
    changed = Stability(path, path, cusum, 1.5, 458 * 60_000, 1.52, after)
    answer = judged(engle_granger_at(0.001), stability=changed)
    assert answer.outcome == outcome
    assert "The relation changed 41 minutes ago" in said(answer)


def test_the_caution_of_plain_adf_is_that_of_the_fit() -> None:
    assert "15 % of unrelated" in said(judged(engle_granger_at(0.2)))
    assert "a quarter of unrelated" in said(judged(engle_granger_at(0.2), hedge="tls"))
    assert "unrelated" not in said(judged(Unavailable("the Engle-Granger test needs the intercept")))


def test_what_was_not_tested_is_not_told_as_tested() -> None:
    answer = judged(Unavailable("the price of leg y did not move"), hedge="kalman", adf=Unavailable("not applicable"))
    assert answer.reasons == ("No test: the price of leg y did not move.",)


@pytest.mark.parametrize(
    ("lone", "told"),
    [
        ((462,), "One bar, 37 bars back,"),
        ((499,), "One bar, the newest,"),
        ((3, 462), "2 bars, the last of them 37 bars back,"),
    ],
)
@pytest.mark.parametrize(("pvalue", "without"), [(0.0001, 0.4), (0.4, 0.0001)])
def test_a_bar_on_which_the_answer_hangs_cannot_say(
    lone: tuple[int, ...], told: str, pvalue: float, without: float
) -> None:
    answer = judged(engle_granger_at(pvalue), lone=lone, without=engle_granger_at(without))
    assert answer.outcome == "cannot say"
    assert answer.reasons[0].startswith(told)
    assert ("p < 0.001" if without < 0.001 else "p = 0.400") in answer.reasons[0]


def test_a_bar_far_off_on_which_nothing_hangs_is_not_told() -> None:
    for pvalue, without in ((0.0001, 0.01), (0.4, 0.3)):
        answer = judged(engle_granger_at(pvalue), lone=(462,), without=engle_granger_at(without))
        assert answer == judged(engle_granger_at(pvalue))


def test_another_fitted_line_is_named() -> None:
    assert "that of the Huber line" in said(judged(engle_granger_at(0.01), hedge="huber"))
    assert "OLS line" not in said(judged(engle_granger_at(0.01)))


def test_a_given_ratio_is_judged_by_adf_under_its_condition() -> None:
    shown = judged(engle_granger_at(0.9), hedge="fixed", adf=adf_at(0.01))
    assert (shown.outcome, shown.pvalue) == ("cointegrated", 0.01)
    assert "not chosen by these bars" in shown.reasons[0]
    assert "Optimistic" not in said(shown)
    assert "direction" not in said(judged(engle_granger_at(0.9), hedge="fixed", reverse=engle_granger_at(0.01)))
    assert judged(engle_granger_at(0.01), hedge="fixed", adf=adf_at(0.3)).outcome == "not shown"
    short = judged(engle_granger_at(0.01), hedge="fixed", adf=adf_at(0.3), half_life=80.0)
    assert short.outcome == "cannot say"
    assert short.reasons[0] == ("The sample is 6.2 half-lives long (of 80 bars), too few to tell; 2800 bars would do.")
    assert judged(engle_granger_at(0.01), hedge="fixed", adf=Unavailable("flat")).outcome == "cannot say"


def test_a_sample_with_a_tenth_of_its_time_missing_cannot_say() -> None:
    gapped = np.concatenate((minutes(250), minutes(250) + 60_000 * 320))
    answer = judged(engle_granger_at(0.001), time_ms=gapped)
    assert answer.outcome == "cannot say"
    assert answer.reasons[0].startswith("Gaps: 12 % of the time")
    little = np.concatenate((minutes(250), minutes(250) + 60_000 * 270))
    assert judged(engle_granger_at(0.001), time_ms=little).outcome == "cointegrated"


@pytest.mark.parametrize("trades_a_bar", [0.003, 0.02, 0.1, 0.5])
def test_a_thin_market_is_not_taken_for_one_with_gaps(trades_a_bar: float) -> None:
    rng = np.random.default_rng(11)
    for _ in range(60):
        lively = trades_a_bar * np.exp(0.8 * rng.standard_normal(60)).repeat(40)  # busy and quiet spells
        at_s = (rng.exponential(1.0, 2_400) / lively).cumsum().astype(np.int64)
        assert hole_share(np.unique(at_s) * 1_000, Timeframe.S1) < MOST_IN_HOLES


def test_an_outage_is_a_hole_on_any_timeframe() -> None:
    assert hole_share(minutes(0), Timeframe.M1) == hole_share(minutes(1), Timeframe.M1) == 0.0
    assert hole_share(np.zeros(9, np.int64), Timeframe.TICK) == 0.0
    rng = np.random.default_rng(12)
    ticks = np.sort(rng.integers(0, 600_000, 1_500))
    torn = np.where(ticks > 300_000, ticks + 200_000, ticks)
    assert hole_share(ticks, Timeframe.TICK) == 0.0
    assert hole_share(torn, Timeframe.TICK) == pytest.approx(0.25, abs=0.01)


COINTEGRATED = Verdict("cointegrated", "Cointegrated at 5 %", ("Engle-Granger.", "Two."), 0.01)


def test_many_looks_are_counted_for_a_pair_that_passed() -> None:
    assert in_context(COINTEGRATED, looks=1, stale=None) == COINTEGRATED
    assert "The 2nd pair and setting" in said(in_context(COINTEGRATED, looks=2, stale=None))
    assert "p < 0.025: met." in said(in_context(COINTEGRATED, looks=2, stale=None))
    many = in_context(COINTEGRATED, looks=112, stale=None)
    assert many.outcome == "cointegrated"
    assert many.reasons[-1] == (
        "The 112th pair and setting looked at: of 112 unrelated ones 5.6 pass. "
        "Bonferroni asks for p < 0.00045: not met."
    )
    none = Verdict("not shown", "Cointegration not shown at 5 %", ("Engle-Granger.",), 0.3)
    assert in_context(none, looks=112, stale=None) == none


@pytest.mark.parametrize(("held", "told"), [(500, "One in twenty"), (120, "One in twelve")])
def test_luck_is_told_once_and_for_the_length_of_the_sample(held: int, told: str) -> None:
    alone = judged(engle_granger_at(0.01), held=held, half_life=2.0)
    assert f"{told} unrelated pairs passes this test by luck." in alone.reasons
    assert "by luck" not in said(in_context(alone, looks=3, stale=None))


@pytest.mark.parametrize(("pvalue", "told"), [(0.0497, "p = 0.0497"), (0.0502, "p = 0.050 "), (0.0432, "p = 0.043 ")])
def test_a_p_value_shows_on_which_side_of_the_level_it_lies(pvalue: float, told: str) -> None:
    assert told in said(judged(engle_granger_at(pvalue)))


@pytest.mark.parametrize("outcome", ["cointegrated", "not shown", "cannot say"])
def test_a_leg_that_is_not_live_makes_any_verdict_old(outcome: str) -> None:
    before = Verdict(outcome, "A headline", ("Engle-Granger.",), 0.01)  # type: ignore[arg-type]
    answer = in_context(before, looks=30, stale="No trade of BTCUSDT for 12 s.")
    assert answer.outcome == "cannot say"
    assert answer.headline == "Cannot say whether the pair is cointegrated"
    assert answer.reasons == ("No trade of BTCUSDT for 12 s. The numbers are old.", "Engle-Granger.")
