"""The table of every test and estimate, and the sentences of the plots."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from analytics.analysis import PairAnalysis
from analytics.evidence import Evidence, Stationarity
from analytics.market import PairParams, PairQuery, Timeframe
from analytics.results import HalfLife, Unavailable
from layouts import relation
from layouts.evidence import Row, groups
from layouts.legs import legs
from layouts.numbers import DASH, MINUS
from tests.layouts.reading import classes, components, text
from tests.layouts.test_cards import HEDGE
from tests.screen_evidence import studied
from tests.screen_fake import LISTINGS, QUERY, FakeDesk

LEGS = legs(QUERY, LISTINGS)
WHY = Unavailable("the legs are one line")


@pytest.fixture(scope="module")
def seen() -> PairAnalysis:
    return studied(FakeDesk(held=1_500).live(QUERY))


def rows(analysis: PairAnalysis, evidence: Evidence | None = None) -> dict[str, Row]:
    found = evidence or analysis.evidence
    assert found is not None
    return {row.label: row for group in groups(analysis, found, LEGS) for row in group.rows}


def told(row: Row) -> tuple[str, str, str]:
    return row.value, row.sure, row.says


def test_each_test_is_read_in_its_own_direction(seen: PairAnalysis) -> None:
    table = rows(seen)
    assert told(table["Engle-Granger, BTC on ETH"]) == (f"{MINUS}5.21", "p <0.001", "cointegrated")
    assert told(table["Engle-Granger, ETH on BTC"]) == (f"{MINUS}3.12", "p = 0.087", "not shown")
    assert told(table["Phillips-Ouliaris"]) == (f"{MINUS}5.33", "p <0.001", "cointegrated")
    assert told(table["KPSS"]) == ("0.912", "p <0.010", "no fixed level")
    assert told(table["Variance ratio, 2 bars"]) == ("1.013", "p = 0.764", "like a walk")
    assert told(table["Variance ratio, 10 bars"]) == ("0.871", "p = 0.016", "moves taken back")


def test_johansen_is_told_for_both_ranks_with_its_vectors(seen: PairAnalysis) -> None:
    table = rows(seen)
    assert told(table["Johansen trace, r = 0"]) == ("31.40", "5 % at 17.95", "a relation")
    assert told(table["Johansen trace, r ≤ 1"]) == ("2.20", "5 % at 8.18", "no second one")
    assert told(table["Johansen largest λ, r = 0"]) == ("29.20", "5 % at 14.90", "a relation")
    assert told(table["Johansen vector 1"]) == (f"1, {MINUS}18.71", "λ 0.0193", "β 18.71")
    assert table["Johansen vector 2"].value == "1, +4.200"


def test_both_hedge_directions_stand_first(seen: PairAnalysis) -> None:
    assert list(rows(seen))[:3] == ["BTC on ETH", "ETH on BTC", "Intercept α"]
    assert told(rows(seen)["ETH on BTC"])[:2] == ("0.05320", "s.e. 0.00012")


def test_a_ratio_that_was_given_says_so_instead_of_an_error(seen: PairAnalysis) -> None:
    given = Unavailable("the ratio was given, not estimated")
    fixed = replace(HEDGE, method="fixed", stderr=given, interval=given, intercept_stderr=given)
    table = rows(replace(seen, hedge=fixed))
    assert told(table["BTC on ETH"]) == ("18.62", DASH, given.reason)
    assert told(table["Intercept α"])[1:] == (DASH, given.reason)


def test_reversion_has_its_intervals_and_units(seen: PairAnalysis) -> None:
    table = rows(seen)
    assert told(table["Hurst exponent"]) == ("0.410", "[0.36 to 0.46]", "comes back")
    assert told(table["OU deviation"]) == ("8.30", "s.e. 1.2", "USDT")
    assert told(table["Time to z = 0, at 0.0"]) == ("34.2 bars", "36.9 by bar ends", "34 s")
    half_life = seen.half_life
    assert isinstance(half_life, HalfLife)
    never = rows(replace(seen, half_life=replace(half_life, unbiased_bars=None)))
    assert never["Half-life, unbiased"].value == "never"
    assert table["Half-life, exact"].sure.startswith("[")
    assert table["Half-life, Chan"].value.endswith(" bars")


@pytest.mark.parametrize(
    ("bound", "pvalue", "sure", "says"),
    [
        ("<", 0.01, "p <0.010", "no fixed level"),
        (">", 0.1, "p >0.100", "level not rejected"),
        ("", 0.034, "p = 0.034", "no fixed level"),
        ("", 0.051, "p = 0.051", "level not rejected"),
    ],
)
def test_a_pvalue_beyond_the_table_is_a_bound(
    seen: PairAnalysis, bound: str, pvalue: float, sure: str, says: str
) -> None:
    assert seen.evidence is not None
    kpss = Stationarity(0.3, pvalue, bound, 11, 1_500, {})
    assert told(rows(seen, replace(seen.evidence, kpss=kpss))["KPSS"])[1:] == (sure, says)


def test_what_cannot_be_given_is_a_dash_with_its_reason(seen: PairAnalysis) -> None:
    assert seen.evidence is not None
    none = Evidence(**{field.name: WHY for field in fields(Evidence)})
    bare = replace(seen, hedge=WHY, adf=WHY, engle_granger=WHY, engle_granger_reverse=WHY, half_life=WHY, stability=WHY)
    table = rows(bare, none)
    assert len(table) >= 18
    assert {(row.value, row.says) for row in table.values()} == {(DASH, WHY.reason)}
    shown = text(relation.evidence_table(bare, none, LEGS))
    assert shown.count(WHY.reason) == 6  # once a group; below it "for the same reason"
    assert shown.count(DASH) == len(table)
    assert shown.count("for the same reason") == len(table) - 6
    assert "nan" not in shown


def test_every_row_has_its_definition_and_a_heading_cell(seen: PairAnalysis) -> None:
    assert seen.evidence is not None
    table = relation.evidence_table(seen, seen.evidence, LEGS)
    tips = [c.id for c in components(table) if getattr(c, "role", None) == "tooltip"]
    assert len(tips) == len(set(tips)) == len(rows(seen))
    heads = [c for c in components(table) if getattr(c, "scope", None) == "row"]
    assert len(heads) == len(tips)


def test_on_ticks_nothing_lasts_seconds(seen: PairAnalysis) -> None:
    ticks = replace(seen, query=PairQuery("BTCUSDT", "ETHUSDT", PairParams(Timeframe.TICK)))
    assert rows(ticks)["Time to z = 0, at 0.0"].says == ""


def test_the_residual_says_whether_one_relation_held(seen: PairAnalysis) -> None:
    now_ms = int(seen.time_ms[-1]) + 120_000
    assert text(relation.residual_told(seen, LEGS, now_ms)).startswith("One relation over the whole sample")
    broken = studied(seen, changed=True)
    sentence = text(relation.residual_told(broken, LEGS, now_ms))
    assert sentence == "The relation changed 10 min ago: 18.61 ETH per BTC before, 22.14 after."
    assert {"sign--triangle", "tone--mind"} <= classes(relation.residual_told(broken, LEGS, now_ms))
    assert rows(broken)["CUSUM of the residual"].says == "it changed"
    assert rows(broken)["β before, after"].value == "18.6 → 22.1"


def test_the_pvalue_trail_warns_of_many_looks(seen: PairAnalysis) -> None:
    assert seen.evidence is not None
    sentence = relation.pvalue_told(seen.evidence.pvalue_trail)
    assert text(sentence) == (
        "5 % 43 % of 121 windows of 300 bars passed. Among so many looks unrelated pairs pass too."
    )
    assert "sign--triangle" in classes(sentence)


def test_the_head_names_pair_settings_and_verdict(seen: PairAnalysis) -> None:
    shown = text(relation.head(seen, LEGS))
    assert shown.startswith("BTCUSDT on ETHUSDT 300 × 1s · OLS · price · 1,500 bars, 100 % clean")
    assert seen.verdict.headline.split("-")[0] in shown


def test_the_other_sentences_count_what_is_drawn(seen: PairAnalysis) -> None:
    assert seen.evidence is not None
    assert text(relation.autocorrelation_told(seen.evidence.residual)).startswith("40 of 40 lags")
    assert "Skewness +0.11, excess kurtosis +2.31." in text(relation.quantiles_told(seen.evidence.residual))
    assert "line of OLS" in text(relation.scatter_told(seen))
    assert "OLS over 300 bars" in text(relation.ratio_told(seen, seen.evidence.ratio_trail))
    assert relation.ratio_told(seen, WHY) == relation.pvalue_told(WHY) == relation.quantiles_told(WHY) == []
