"""What a rule may be: each refusal names the field and the cure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from analytics.alert_checks import checked
from analytics.alerts import Condition
from analytics.errors import BadInput
from analytics.market import PairParams, PairQuery, Timeframe
from tests.analytics.alert_paths import PAIR, rule


def on(**params: Any) -> PairQuery:
    return PairQuery("BTCUSDT", "ETHUSDT", replace(PAIR.params, **params))


def test_a_rule_in_order_comes_back_under_a_clean_name() -> None:
    assert checked(rule(name="  far   out ", template="  ")) == rule(name="far out", template=None)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Condition("zscore", ">", math.nan), "conditions[0].threshold: this must be a finite number"),
        (Condition("zscore", ">", 2.0, leave=2.5), "conditions[0].leave: what rises to 2 ends at that or below"),
        (Condition("zscore", "crosses_below", -2.0, leave=-2.5), "conditions[0].leave: what falls to -2 ends at that"),
        (Condition("zscore", "abs>=", 2.0, leave=-1.0), "conditions[0].leave: the way back ends between 0 and 2"),
        (Condition("zscore", "abs>=", 2.0, leave=math.nan), "conditions[0].leave: the way back ends between 0 and 2"),
        (Condition("zscore", ">", 2.0, leave=math.nan), "conditions[0].leave: this must be a finite number"),
        (Condition("zscore", "abs>=", 0.0), "conditions[0].threshold: an absolute value is always at least 0"),
        (Condition("zscore", ">", 8.0), "over 60 bars a z-score never exceeds 7.62"),
        (Condition("correlation", "<", -2.0), "threshold: correlation lies from -1 to 1"),
        (Condition("price", ">", 1.0, symbol="SOLUSDT"), "is no leg of the pair; give BTCUSDT or ETHUSDT"),
        (Condition("zscore", ">", 1.0, symbol="BTCUSDT"), "symbol: zscore is of the pair, not of a leg"),
        (Condition("volume", ">", 1.0), "metric: “volume” is none of zscore"),  # type: ignore[arg-type]
        (Condition("zscore", "==", 1.0), "operator: “==” is none of >"),  # type: ignore[arg-type]
    ],
)
def test_a_condition_that_cannot_be_is_refused(condition: Condition, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked(rule(condition))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"conditions": ()}, "conditions: an alert has 1 to 8 of them, not 0"),
        ({"conditions": (Condition("zscore", ">", 1.0),) * 9}, "conditions: an alert has 1 to 8 of them, not 9"),
        ({"join": "none"}, "join: “none” is none of all, any"),
        ({"evaluation": "hourly"}, "evaluation: “hourly” is none of live, bar_close"),
        ({"name": " "}, "the alert needs a name"),
        ({"name": "n" * 61}, "the name of the alert has 61 characters; use at most 60"),
        ({"hold_ms": -1}, "hold_ms: give 0 to"),
        ({"hold_ms": 1.5}, "hold_ms: give 0 to"),
        ({"cooldown_ms": 31 * 86_400_000}, "cooldown_ms: give 0 to"),
        ({"repeat_ms": 9_999}, "repeat_ms: give 10,000 to"),
        ({"expires_ms": -5}, "expires_ms: give a time"),
        ({"snoozed_until_ms": 10**15}, "snoozed_until_ms: give a time"),
        ({"created_ms": -1}, "created_ms: give a time"),
        ({"most_per_hour": 0}, "most_per_hour: give 1 to"),
        ({"id": -1}, "id: give a whole number"),
        ({"channels": ("phone", "phone")}, "channels: “phone” is there twice"),
        ({"channels": tuple("abcdefghijk")}, "channels: at most 10"),
        ({"channels": ("a/b",)}, "the name of the channel"),
        ({"template": "t" * 1_001}, "template: at most 1000"),
        ({"template": "{password}"}, "password"),
        ({"query": PairQuery("BTCUSDT", "BTCUSDT")}, "a pair needs two different symbols"),
        ({"query": PairQuery("BTCUSDT@MAY", "ETHUSDT@MAY")}, "is not a symbol"),
        ({"query": on(window_bars=1)}, "window: this must be a whole number from 2"),
        ({"query": on(timeframe=Timeframe.TICK), "evaluation": "bar_close"}, "a tick has no close"),
        (
            {"conditions": (Condition("tick_age", ">", 5_000.0),), "evaluation": "bar_close"},
            "a feed that is dead closes no bar; watch tick_age live",
        ),
        (
            {"query": on(hedge="kalman"), "conditions": (Condition("half_life", "<", 20.0),)},
            "half_life does not apply to a kalman spread",
        ),
        (
            {"query": on(timeframe=Timeframe.TICK), "conditions": (Condition("return_correlation", "<", 0.5),)},
            "returns have no correlation; choose bars",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked(rule(**changes))
    assert said in str(refused.value)


def test_a_kalman_score_has_no_largest_value() -> None:
    kalman = PairQuery("BTCUSDT", "ETHUSDT", PairParams(window_bars=5, hedge="kalman"))
    assert checked(rule(Condition("zscore", ">", 3.0), query=kalman)).conditions[0].threshold == 3.0
