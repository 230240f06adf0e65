"""The form of an alert: what was typed is read as a rule, and every refusal stands at its field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert_channels import MOST_CHANNELS
from analytics.alert_record import Firing, TrackRecord
from analytics.alerts import METRICS, OPERATORS, AlertRule, Condition
from analytics.errors import BadInput
from analytics.results import Unavailable
from layouts.alert_form import Refused, blank_draft, draft_of, form_choices, rule_typed
from layouts.alert_texts import condition_words, record_words, rule_words, span_ms, span_text
from tests.screen_fake import QUERY, START_MS

BASES = {"BTCUSDT": "BTC", "ETHUSDT": "ETH"}
DAY_MS = 86_400_000


def typed(**changes: Any) -> dict[str, Any]:
    return blank_draft(QUERY, BASES) | changes


def condition(**changes: Any) -> dict[str, Any]:
    first: dict[str, Any] = typed()["conditions"][0]
    return first | changes


def read(draft: dict[str, Any]) -> AlertRule | Refused:
    return rule_typed(draft, QUERY, START_MS)


def refused(**changes: Any) -> dict[str, str]:
    answer = read(typed(**changes))
    assert isinstance(answer, Refused)
    return dict(answer.fields)


def test_a_form_that_nobody_has_touched_is_a_rule() -> None:
    rule = read(typed())
    assert isinstance(rule, AlertRule)
    assert rule.name == "z at or beyond ±2.00"
    assert rule.query == QUERY
    assert rule.conditions == (Condition("zscore", "abs>=", 2.0, 1.5),)
    assert rule.cooldown_ms == 60_000


def test_the_chart_says_what_the_form_begins_with() -> None:
    begun = blank_draft(QUERY, BASES, {"operator": "crosses_above", "threshold": 2.31, "leave": None})
    rule = read(begun)
    assert isinstance(rule, AlertRule)
    assert rule.conditions == (Condition("zscore", "crosses_above", 2.31),)


@given(
    hold=st.integers(0, 30 * 86_400).map(lambda s: s * 1000),
    repeat=st.none() | st.integers(10, 86_400).map(lambda s: s * 1000),
    most=st.none() | st.integers(1, 1000),
    expires=st.none() | st.integers(1, 1000).map(lambda m: START_MS // 60_000 * 60_000 + m * 60_000),
    join=st.sampled_from(["all", "any"]),
    level=st.floats(0.5, 9, allow_nan=False).map(lambda x: round(x, 3)),
)
def test_a_rule_comes_back_from_its_own_form(
    hold: int, repeat: int | None, most: int | None, expires: int | None, join: Any, level: float
) -> None:
    rule = AlertRule(
        7, "entry", QUERY, (Condition("zscore", ">", level), Condition("price", "<", 1.5, symbol="ETHUSDT")), join=join,
        hold_ms=hold, repeat_ms=repeat, most_per_hour=most, expires_ms=expires, channels=("desk",), template="{text}!",
    )  # fmt: skip
    assert read(draft_of(rule, BASES)) == rule


def test_each_refusal_stands_at_its_field() -> None:
    told = refused(
        conditions=[condition(threshold="two"), condition(leave="?")],
        hold="5",
        cooldown="soon",
        repeat="1 fortnight",
        expiry="tomorrow",
        most_per_hour="-1",
    )
    assert set(told) == {
        "conditions.0.threshold", "conditions.1.leave", "hold", "cooldown", "repeat", "expiry", "most_per_hour",
    }  # fmt: skip
    assert all(sentence.endswith(".") and sentence[0].isupper() for sentence in told.values())


def test_what_the_checks_say_stands_at_its_field_too() -> None:
    assert set(refused(conditions=[condition(), condition(threshold="99", leave="")])) == {"conditions.1.threshold"}
    assert set(refused(conditions=[condition(operator=">", threshold="2", leave="3")])) == {"conditions.0.leave"}
    assert set(refused(repeat="1 s")) == {"repeat"}
    assert set(refused(hold="31 d")) == {"hold"}
    assert set(refused(name="a/b")) == {"name"}
    assert set(refused(template="{nothing}")) == {"template"}
    assert set(refused(channels=["a", "a"])) == {"channels"}
    assert set(refused(conditions=[])) == {"form"}
    assert set(refused(expiry="2020-01-01 00:00")) == {"expiry"}
    assert set(refused(conditions=[condition(metric="moon")])) == {"conditions.0.metric"}


def test_an_expiry_is_a_span_or_a_moment() -> None:
    in_a_day, at = read(typed(expiry="1 d")), read(typed(expiry="2026-11-30 08:00 UTC"))
    assert isinstance(in_a_day, AlertRule)
    assert isinstance(at, AlertRule)
    assert in_a_day.expires_ms == START_MS + DAY_MS
    assert at.expires_ms == 1_796_025_600_000


def test_the_form_offers_every_metric_and_operator() -> None:
    choices = form_choices()
    assert [one["value"] for one in choices["metrics"]] == list(METRICS)
    assert [one["value"] for one in choices["operators"]] == list(OPERATORS)
    assert MOST_CHANNELS > 0


@given(st.integers(0, 60 * 86_400_000))
def test_a_span_comes_back_from_its_text(milliseconds: int) -> None:
    assert span_ms(span_text(milliseconds)) == milliseconds


@pytest.mark.parametrize("text", ["5", "5 parsecs", "min", "-3 s", "5 min 3 s"])
def test_a_span_without_a_unit_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="with its unit"):
        span_ms(text)


def test_conditions_in_words() -> None:
    rule = AlertRule(
        1, "n", QUERY, (Condition("zscore", ">", 2, 1.5), Condition("price", "crosses_below", -3.25, symbol="ETHUSDT"))
    )
    assert condition_words(rule.conditions[0]) == "z above 2.00, until 1.50"
    assert rule_words(rule) == "z above 2.00, until 1.50 and price of ETHUSDT crosses below −3.25"
    assert " or " in rule_words(replace(rule, join="any"))


def record(*firings: Firing, **facts: Any) -> TrackRecord:
    told: dict[str, Any] = {
        "from_ms": 0, "to_ms": 30 * DAY_MS, "bars": 43_200, "unknown_bars": 0, "every_bars": 1, "firings": firings,
        "held_back": 0, "exits": len(firings), "median_to_exit_ms": 41 * 60_000.0, "median_open_ms": 60_000.0,
        "worst_excursion_bp": -38.0, "events": (),
    }  # fmt: skip
    return TrackRecord(**(told | facts))


def test_what_a_rule_would_have_done_is_one_sentence() -> None:
    fired = Firing(1_000, 0, 2.3, 1, 2_000, 3_000, -38.0)
    assert record_words(record(*[fired] * 14)) == (
        "In the last 30 days of stored data this alert would have fired 14 times, "
        "median 41 minutes to the exit level, worst excursion −38.0 bp."
    )
    assert record_words(record(fired, fired, exits=1)).startswith(
        "In the last 30 days of stored data this alert would have fired twice, median 41 minutes to the exit level (1"
    )


def test_a_rule_that_never_fired_says_no_more() -> None:
    nothing = Unavailable("it would not have fired")
    told = record_words(record(median_to_exit_ms=nothing, worst_excursion_bp=nothing, unknown_bars=12))
    assert told == (
        "In the last 30 days of stored data this alert would have fired not once. 12 of 43,200 bars had no value."
    )


def test_why_there_is_no_record_is_said() -> None:
    assert record_words(Unavailable("need 1500 bars, got 212", 1500, 212)) == (
        "What it would have done cannot be told: need 1500 bars, got 212 (212 of 1,500)."
    )


def test_a_reason_that_holds_for_both_is_told_once() -> None:
    why = Unavailable("the rule is not of the spread, so it names no trade")
    fired = Firing(1_000, 0, None, None, 2_000, None, None)
    told = record_words(record(fired, exits=0, median_to_exit_ms=why, worst_excursion_bp=why))
    assert told.count("names no trade") == 1
