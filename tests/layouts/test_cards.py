"""What the cards and the ADF panel say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analytics.analysis import PairAnalysis
from analytics.market import HedgeMethod, PairParams, PairQuery
from analytics.pair import analyse_pair
from analytics.results import Cointegration, HalfLife, HedgeFit, Unavailable, UnitRootTest, Verdict
from layouts import cards
from layouts.adf import CAUTION, adf_result
from layouts.chart_view import ChartView
from layouts.legs import legs
from layouts.numbers import DASH, MINUS
from layouts.zscore_card import zscore_card
from tests.layouts.reading import classes, components, text
from tests.screen_fake import LISTINGS, QUERY, START_MS, FakeDesk, series

LEGS = legs(QUERY, LISTINGS)
USUAL = ChartView()
HEDGE = HedgeFit(
    method="ols",
    slope=18.6231,
    intercept=-203.14,
    rvalue=0.9706,
    r_squared=0.942,
    r_squared_kind="centred",
    stderr=0.0271,
    interval=(18.570, 18.676),
    intercept_stderr=9.0,
    tvalue=687.0,
    pvalue=0.0,
    residual_deviation=8.02,
    observations=1500,
)
EG = Cointegration(-4.2, 0.004, 1, 1500, {"1%": -3.9, "5%": -3.34, "10%": -3.05})
ADF = UnitRootTest(-5.841, 0.0000004, 2, 1497, {"1%": -3.435, "5%": -2.863, "10%": -2.568})


@pytest.fixture(scope="module")
def seen() -> PairAnalysis:
    analysis = analyse_pair(QUERY, series(1_500))
    assert isinstance(analysis.half_life, HalfLife)
    half_life = replace(analysis.half_life, bars=240.0, low_bars=120.0, high_bars=500.0)
    unknown = np.full(len(analysis.y), np.nan)
    return replace(
        analysis, zscore_as_known=unknown, hedge=HEDGE, adf=ADF, latest_spread=14.816, latest_zscore=2.3149,
        latest_correlation=0.9712, latest_return_correlation=-0.0638, half_life=half_life,
    )  # fmt: skip


def test_the_zscore_says_which_leg_is_dear_and_past_which_level(seen: PairAnalysis) -> None:
    told = text(zscore_card(seen, LEGS, USUAL))
    assert told.startswith("z-score · 300 × 1s +2.31")
    assert told.endswith("above entry +2: BTC dear against ETH")
    for z, reading in (
        (-2.5, f"below entry {MINUS}2: BTC cheap against ETH"),
        (3.5, "above stop +3.5: BTC dear against ETH"),
        (1.99, "inside the entry levels, ±2"),
    ):
        assert text(zscore_card(replace(seen, latest_zscore=z), LEGS, USUAL)).endswith(reading)
    early = replace(seen, query=replace(QUERY, params=replace(QUERY.params, exit_zscore=0.5)), latest_zscore=-0.5)
    assert text(zscore_card(early, LEGS, USUAL)).endswith("inside the exit levels, ±0.5")


def part(seen: PairAnalysis, name: str, z: float = 0.0, chart: ChartView = USUAL) -> list[Any]:
    tree = zscore_card(replace(seen, latest_zscore=z), LEGS, chart)
    return [one for one in components(tree) if name in classes(one)]


@pytest.mark.parametrize(("z", "left"), [(0.0, "50.0%"), (2.0, "75.0%"), (9.0, "100.0%"), (-9.0, "0.0%")])
def test_the_gauge_stands_where_z_is(seen: PairAnalysis, z: float, left: str) -> None:
    assert part(seen, "gauge__mark", z)[-1].style == {"left": left}


def test_the_gauge_shows_the_levels_in_force(seen: PairAnalysis) -> None:
    (scale,) = part(seen, "gauge__scale")
    assert text(scale) == f"{MINUS}3.5 {MINUS}2 0 +2 +3.5"
    (wide,) = part(seen, "gauge__scale", chart=ChartView(entry_zscore=1.5, stop_zscore=7.5))
    assert text(wide) == f"{MINUS}7.5 {MINUS}1.5 0 +1.5 +7.5"
    assert [one.style["left"] for one in wide.children][-1] == "96.9%"


def test_levels_that_stand_close_are_not_written_over_each_other(seen: PairAnalysis) -> None:
    (scale,) = part(seen, "gauge__scale", chart=ChartView(entry_zscore=0.3))
    assert text(scale) == f"{MINUS}3.5 0 +3.5"


def test_a_z_past_a_level_is_told_by_tone_and_word(seen: PairAnalysis) -> None:
    for z, tone in ((1.0, "plain"), (-2.0, "mind"), (4.0, "bad")):
        assert f"tone--{tone}" in classes(part(seen, "card__value--hero", z))


def test_the_metric_cards_hold_value_and_second_line(seen: PairAnalysis) -> None:
    assert text(cards.hedge_card(seen, LEGS)) == (
        f"Hedge ratio β · ETH per BTC 18.62 OLS · α {MINUS}203.1 · R² 0.942 · s.e. 0.027"
    )
    assert text(cards.spread_card(seen, LEGS)) == "Spread · USDT +14.8 half-life 240 bars [120 to 500] · 4 min"
    assert text(cards.correlation_card(seen, LEGS)) == (
        f"Correlation of prices · Pearson 0.971 returns {MINUS}0.064 · last 300 bars"
    )
    assert text(cards.adf_card(seen)) == f"ADF p-value · fitted spread <0.001 statistic {MINUS}5.84 · 2 lags"


@pytest.mark.parametrize(
    ("method", "stderr", "interval", "told"),
    [
        ("kalman", 0.0271, Unavailable("none"), "Kalman · α −203.1 · R² 0.942 · s.e. 0.027"),
        ("theil_sen", Unavailable("none"), (18.5701, 18.6762), "Theil-Sen · α −203.1 · R² 0.942 · 95 % 18.57 to 18.68"),
        (
            "fixed",
            Unavailable("it was given"),
            Unavailable("no"),
            "Fixed ratio · α −203.1 · R² 0.942 · s.e. —: it was given",
        ),
    ],
)
def test_the_hedge_card_says_how_exactly_the_slope_is_known(
    seen: PairAnalysis, method: HedgeMethod, stderr: object, interval: object, told: str
) -> None:
    fit = replace(HEDGE, method=method, stderr=stderr, interval=interval)  # type: ignore[arg-type]
    assert text(cards.hedge_card(replace(seen, hedge=fit), LEGS)).endswith(told)


def test_an_interval_that_reaches_never_has_no_upper_end(seen: PairAnalysis) -> None:
    assert isinstance(seen.half_life, HalfLife)
    open_ended = replace(seen, half_life=replace(seen.half_life, high_bars=None))
    assert "half-life 240 bars [120 or more] · 4 min" in text(cards.spread_card(open_ended, LEGS))


def with_hedge(seen: PairAnalysis, hedge: HedgeMethod) -> PairAnalysis:
    return replace(seen, query=replace(QUERY, params=PairParams(hedge=hedge)))


def test_a_test_that_does_not_apply_says_so_and_why(seen: PairAnalysis) -> None:
    why = Unavailable("the line moves with the spread")
    moving = replace(with_hedge(seen, "rolling_ols"), adf=why, half_life=why)
    sentence = "not applicable: the line moves with the spread"
    assert sentence in text(cards.adf_card(moving))
    assert f"half-life {DASH}: not applicable, as ADF" in text(cards.spread_card(moving, LEGS))
    assert f"No result: {sentence}." in text(adf_result(moving, LEGS, START_MS))
    already = replace(moving, adf=Unavailable(sentence))
    assert text(cards.adf_card(already)).count("not applicable") == 1
    short = replace(moving, adf=Unavailable("need 30 bars, got 7", 30, 7))
    assert "not applicable" not in text(cards.adf_card(short))


def test_empty_bars_are_warned_of_by_leg_and_share(seen: PairAnalysis) -> None:
    one = cards.correlation_card(replace(seen, y_empty_share=0.05, x_empty_share=0.629), LEGS)
    assert text(one).endswith("empty bars 63 % of ETH: returns read low")
    assert {"sign--triangle", "tone--mind"} <= classes(one)
    both = cards.correlation_card(replace(seen, y_empty_share=0.5, x_empty_share=0.9), LEGS)
    assert "empty bars 50 % of BTC, 90 % of ETH:" in text(both)
    for share in (0.05, None):
        assert "empty" not in text(cards.correlation_card(replace(seen, x_empty_share=share), LEGS))


def test_the_correlation_card_names_its_kind(seen: PairAnalysis) -> None:
    ranks = replace(seen, query=replace(QUERY, params=PairParams(correlation="spearman")))
    assert text(cards.correlation_card(ranks, LEGS)).startswith("Correlation of prices · Spearman")


def test_the_zscore_of_a_kalman_filter_is_called_what_it_is(seen: PairAnalysis) -> None:
    kalman = with_hedge(seen, "kalman")
    assert "standardised innovation" in text(zscore_card(kalman, LEGS, USUAL))


def test_without_an_intercept_the_card_says_so(seen: PairAnalysis) -> None:
    query = PairQuery("BTCUSDT", "ETHUSDT", PairParams(include_intercept=False))
    plain = replace(seen, query=query, hedge=replace(HEDGE, intercept=0.0, r_squared_kind="uncentred"))
    assert "no intercept · R² 0.942 uncentred" in text(cards.hedge_card(plain, LEGS))
    assert cards.spread_formula(plain, LEGS) == f"BTCUSDT {MINUS} 18.62 × ETHUSDT"


def test_the_spread_is_written_out_with_the_signs_that_make_it(seen: PairAnalysis) -> None:
    assert cards.spread_formula(seen, LEGS) == f"BTCUSDT {MINUS} 18.62 × ETHUSDT + 203.1"
    logs = replace(seen, query=PairQuery("BTCUSDT", "ETHUSDT", PairParams(price_scale="log")))
    assert cards.spread_formula(logs, LEGS).startswith("log BTCUSDT − 18.62 × log ETHUSDT")


@pytest.mark.parametrize("outcome", ["cointegrated", "not shown", "cannot say"])
def test_the_verdict_has_words_a_shape_and_its_reasons(seen: PairAnalysis, outcome: str) -> None:
    verdict = Verdict(outcome, "A headline", ("Engle-Granger p = 0.004.", "t = -5.1."))  # type: ignore[arg-type]
    tests = {"engle_granger": EG, "engle_granger_reverse": Unavailable("the legs are one line")}
    card = cards.verdict_card(replace(seen, verdict=verdict, **tests))  # type: ignore[arg-type]
    assert text(card) == (
        f"A headline Rests on 1,500 bars, 100 % clean p 0.004, other way round {DASH} "
        f"Engle-Granger p = 0.004. t = {MINUS}5.1."
    )
    assert len({name for name in classes(card) if name.startswith("sign--")}) == 1


def test_what_is_unknown_is_a_dash_with_its_reason_in_sight(seen: PairAnalysis) -> None:
    why = Unavailable("the spread did not move")
    unknown = replace(
        seen, hedge=why, adf=why, latest_spread=why, latest_zscore=why, latest_correlation=why,
        latest_return_correlation=why, half_life=why,
    )  # fmt: skip
    drawn = (
        zscore_card(unknown, LEGS, USUAL),
        cards.hedge_card(unknown, LEGS),
        cards.spread_card(unknown, LEGS),
        cards.correlation_card(unknown, LEGS),
        cards.adf_card(unknown),
    )
    for card in drawn:
        value = next(c for c in components(card) if "card__value" in classes(c))
        assert value.children == DASH
        assert value.title == why.reason
        assert why.reason in text(card)
    assert cards.title(unknown, LEGS) == f"z {DASH} BTC/ETH"


def test_an_unknown_second_line_keeps_the_first(seen: PairAnalysis) -> None:
    why = Unavailable("the fit has no residuals")
    card = cards.spread_card(replace(seen, half_life=why), LEGS)
    assert text(card) == f"Spread · USDT +14.8 half-life {DASH}: {why.reason}"


def test_warming_up_counts_bars(seen: PairAnalysis) -> None:
    short = replace(seen, latest_zscore=Unavailable("need 300 bars, got 212", needed=300, got=212))
    assert "warming up, 212 of 300 bars" in text(zscore_card(short, LEGS, USUAL))


def test_the_statistics_say_how_clean_their_window_is(seen: PairAnalysis) -> None:
    assert cards.clean_window(replace(seen, clean_share=0.9199)) == "1,500 bars, 91 % clean"
    assert cards.clean_window(replace(seen, clean_share=0.9999)) == "1,500 bars, 99 % clean"


def test_the_tab_says_z_and_pair(seen: PairAnalysis) -> None:
    assert cards.title(seen, LEGS) == "z +2.31 BTC/ETH"


def test_no_row_at_all_still_gives_every_card() -> None:
    empty = FakeDesk(held=0).live(QUERY)
    told = text([zscore_card(empty, LEGS, USUAL), cards.verdict_card(empty)])
    assert DASH in told
    assert "nan" not in told


def test_the_adf_panel_shows_the_whole_result(seen: PairAnalysis) -> None:
    told = text(adf_result(seen, LEGS, START_MS))
    for fact in (
        "BTC/ETH · run at 08:53:20 UTC",
        f"Statistic {MINUS}5.841",
        "p-value <0.001",
        "Lags, by AIC 2",
        "Observations 1,497",
        f"Critical 1 % {MINUS}3.435 passed",
        f"Critical 5 % {MINUS}2.863 passed",
        f"Critical 10 % {MINUS}2.568 passed",
        f"On BTCUSDT {MINUS} 18.62 × ETHUSDT + 203.1, 1,497 observations of 1s.",
        CAUTION,
    ):
        assert fact in told


def test_the_adf_panel_tells_a_missed_level(seen: PairAnalysis) -> None:
    told = text(adf_result(replace(seen, adf=replace(ADF, statistic=-3.0)), LEGS, START_MS))
    assert f"Critical 1 % {MINUS}3.435 missed" in told
    assert f"Critical 5 % {MINUS}2.863 passed" in told


def test_the_adf_panel_gives_the_reason_when_there_is_no_result(seen: PairAnalysis) -> None:
    short = replace(seen, adf=Unavailable("need 20 bars, got 7", needed=20, got=7))
    assert "No result: warming up, 7 of 20 bars, about 13 s." in text(adf_result(short, LEGS, START_MS))
