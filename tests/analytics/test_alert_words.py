"""What an alert says: plain sentences, templates that can only name fields, a document without NaN."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert_words import (
    LONGEST_MESSAGE,
    TEMPLATE_FIELDS,
    checked_template,
    condition_text,
    event_text,
    filled,
    message_of,
)
from analytics.alerts import AlertEvent, AlertRule, Condition, EventKind, Join
from analytics.errors import BadInput
from analytics.market import PairQuery

Z = Condition("zscore", ">", 2.0, leave=1.5)
RHO = Condition("correlation", "<=", 0.8)
AT_MS = 1_700_000_000_000
BASES = {"BTCUSDT": "BTC", "ETHUSDT": "ETH"}


def rule(*conditions: Condition, join: Join = "all", template: str | None = None) -> AlertRule:
    return AlertRule(7, "entry", PairQuery("BTCUSDT", "ETHUSDT"), conditions or (Z,), join, template=template)


def event(of: AlertRule, *values: float, kind: EventKind = "fired", reason: str | None = None) -> AlertEvent:
    seen = {(one.metric, one.symbol): value for one, value in zip(of.conditions, values, strict=False)}
    return AlertEvent(f"7-3-{kind}", 7, 3, kind, AT_MS, of.conditions, seen, 41, reason=reason)


def said(of: AlertRule, *values: float, kind: EventKind = "fired", reason: str | None = None) -> str:
    return event_text(of, event(of, *values, kind=kind, reason=reason), "BTC/ETH")


def test_each_kind_of_event_has_a_plain_sentence() -> None:
    close = "(rule “entry”), 2023-11-14 22:13:20 UTC"
    assert said(rule(), 2.3149) == f"BTC/ETH z 2.31 is above 2.00 {close}"
    assert said(rule(), 1.7, kind="repeated") == f"BTC/ETH still: z 1.70 (above 2.00) {close}"
    assert said(rule(), 1.42, kind="resolved") == f"BTC/ETH resolved: z 1.42 (above 2.00) {close}"
    off = said(rule(), kind="resolved", reason="the rule was switched off")
    assert off == f"BTC/ETH resolved: the rule was switched off {close}"
    assert said(rule(Z, RHO), 2.5, 0.7771).startswith(
        "BTC/ETH z 2.50 is above 2.00 and correlation 0.777 is at or below"
    )


def test_of_alternatives_those_that_hold_are_told() -> None:
    either = rule(Z, RHO, join="any")
    assert "correlation" not in said(either, 2.5, 0.9)
    assert "z 1.00" not in said(either, 1.0, 0.7)
    assert said(either, 1.0, 0.9).count(" or ") == 2  # the word, and that of `at or below`


@pytest.mark.parametrize(
    ("condition", "value", "text"),
    [
        (Condition("zscore", "abs>=", 2.0), -2.345, "z -2.35 is at or beyond ±2.00"),
        (Condition("price", "crosses_above", 3000, symbol="ETHUSDT"), 3001.5, "price of ETHUSDT 3001.5 is above 3000"),
        (Condition("adf_pvalue", "<", 0.05), 0.0001, "ADF p-value <0.001 is below 0.050"),
        (Condition("half_life", "<=", 60), 41.23, "half-life 41.2 bars is at or below 60.0 bars"),
        (Condition("net_edge_bps", ">", 5), 7.25, "net edge 7.2 bp is above 5.0 bp"),
        (Condition("tick_age", ">", 2000), 4100.0, "age of the newest trade 4100 ms is above 2000 ms"),
        (Condition("gap", ">=", 1), 2.0, "holes 2 is at or above 1"),
        (Condition("beta", "<", 0.05), None, "beta – (below 0.05)"),
        (Condition("beta", "<", 0.05), math.nan, "beta – (below 0.05)"),
    ],
)
def test_numbers_have_their_places_and_units(condition: Condition, value: float | None, text: str) -> None:
    assert condition_text(condition, value) == text


def test_a_template_is_filled_by_its_fields() -> None:
    of = rule(template="{pair} {metric} {operator} {threshold}: {value} {{{kind}}} #{event} {time}")
    data = message_of(of, event(of, 2.3149), bases=BASES)["data"]
    assert data["text"] == "BTC/ETH z > 2.00: 2.31 {fired} #3 2023-11-14 22:13:20 UTC"


def test_what_is_put_into_a_template_is_never_read_as_one() -> None:
    values = dict.fromkeys(TEMPLATE_FIELDS, "{text} {nothing} {0.__class__} }}")
    assert filled("{rule}", values) == "{text} {nothing} {0.__class__} }}"


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{price}", "{price} is not a field"),
        ("{rule.__class__}", "is not a field"),
        ("{rule!r}", "is not a field"),
        ("{value:.3f}", "is not a field"),
        ("{0}", "is not a field"),
        ("{}", "{} is not a field"),
        ("{ rule }", "is not a field"),
        ("up {", "a single { at letter 4"),
        ("up }", "a single } at letter 4"),
        ("a" * 1001, "at most 1000 letters"),
        ("bell \x07", "printable"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused_by_name(template: str, told: str) -> None:
    with pytest.raises(BadInput, match=re.escape(told)):
        checked_template(template)


def test_every_field_can_be_used_and_an_empty_template_is_none() -> None:
    every = " ".join(f"{{{name}}}" for name in TEMPLATE_FIELDS)
    assert checked_template(every) == every
    assert "{" not in message_of(rule(template=every), event(rule(), 2.3))["data"]["text"]
    assert checked_template("  \n") is None
    assert checked_template(None) is None


@given(st.text(max_size=200))
def test_a_template_that_was_taken_can_always_be_filled(text: str) -> None:
    try:
        kept = checked_template(text)
    except BadInput:
        return
    of = rule(template=kept)
    assert len(message_of(of, event(of, 2.3))["data"]["text"]) <= LONGEST_MESSAGE


def test_the_document_names_every_field() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
    assert [name for name in TEMPLATE_FIELDS if f"`{name}`" not in text] == []
    example = json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1])  # type: ignore[index]
    told = message_of(rule(), event(rule(), 2.3), bases=BASES)
    assert list(example) == list(told)
    assert list(example["data"]) == [*told["data"], "attempt"]
    for part in ("pair", "rule"):
        assert list(example["data"][part]) == list(told["data"][part])
    assert list(example["data"]["conditions"][0]) == list(told["data"]["conditions"][0])


def test_the_message_is_json_whatever_the_values() -> None:
    of = rule(Z, RHO, template="{conditions} " * 70)
    told = message_of(of, event(of, math.inf), source="live", bases=BASES)
    document = json.loads(json.dumps(told, allow_nan=False))
    assert document["type"] == "alert.fired"
    assert document["timestamp"] == "2023-11-14T22:13:20.000Z"
    data = document["data"]
    assert [one["value"] for one in data["conditions"]] == [None, None]
    assert data["conditions"][0]["threshold"] == 2.0
    assert data["pair"] == {
        "name": "BTC/ETH", "symbol_a": "BTCUSDT", "symbol_b": "ETHUSDT", "timeframe": "1s", "window": 300
    }  # fmt: skip
    assert len(data["text"]) == LONGEST_MESSAGE
    assert data["text"].endswith("…")
