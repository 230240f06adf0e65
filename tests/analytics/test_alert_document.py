"""Rules, standings and events through JSON and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from analytics.alert_checks import checked
from analytics.alert_document import (
    condition_fields,
    condition_of,
    event_fields,
    event_of,
    query_fields,
    query_of,
    rule_fields,
    rule_of,
    standing_fields,
    standing_of,
)
from analytics.alerts import AlertEvent, AlertRule, Condition, Reading
from analytics.errors import BadInput
from tests.analytics.alert_paths import FAR_OUT, PAIR, Z, readings, rule, rules, walked
from tests.analytics.markets import law


def through_json(value: object) -> Any:
    return json.loads(json.dumps(value, allow_nan=False))


@law
@given(rules(), readings())
def test_what_is_written_comes_back_the_same(of: AlertRule, path: tuple[Reading, ...]) -> None:
    standing, events = walked(of, path)
    assert standing_of(through_json(standing_fields(standing))) == standing
    assert [event_of(through_json(event_fields(one))) for one in events] == events
    assert [condition_of(through_json(condition_fields(one))) for one in of.conditions] == list(of.conditions)


def test_a_rule_comes_back_with_its_pair() -> None:
    whole = checked(rule(repeat_ms=60_000, channels=("phone",), template="{pair}", most_per_hour=3, expires_ms=5))
    assert rule_of(through_json(rule_fields(whole))) == whole
    assert query_of(through_json(query_fields(PAIR))) == PAIR


def test_what_a_rule_leaves_out_is_the_usual() -> None:
    pair = {"symbol_a": "btcusdt", "symbol_b": "ethusdt", "timeframe": "1s", "window": 60}
    short = {"id": 7, "name": "far out", "pair": pair, "conditions": [condition_fields(FAR_OUT)]}
    assert rule_of(short) == rule()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colour": "red"}, "“colour” is no field of an alert"),
        ({"name": 5}, "name: this must be a text"),
        ({"id": "7"}, "id: this must be a whole number"),
        ({"id": 7.5}, "id: this must be a whole number"),
        ({"active": 1}, "active: this must be true or false"),
        ({"join": "both"}, "join: “both” is none of all, any"),
        ({"pair": {"symbol_a": "BTCUSDT"}}, "pair: symbol_b is missing"),
        ({"pair": {"symbol_a": "BTCUSDT", "symbol_b": "ETHUSDT", "pinned": True}}, "“pinned” is no field of a pair"),
        ({"conditions": "z > 2"}, "conditions: this must be a list"),
        ({"conditions": [{"metric": "zscore", "operator": ">"}]}, "conditions[0]: threshold is missing in a condition"),
        (
            {"conditions": [{"metric": "zscore", "operator": ">", "threshold": None}]},
            "threshold: this must be a number",
        ),
        ({"conditions": [{"metric": "zscore", "operator": ">", "threshold": float("inf")}]}, "threshold: this must be"),
        ({"conditions": [{"metric": "zscore", "operator": ">", "threshold": 10**400}]}, "threshold: this must be"),
        ({"conditions": [{"metric": [], "operator": ">", "threshold": 1}]}, "is none of zscore"),
        ({"channels": [1]}, "channels[0]: channel: this must be a text"),
    ],
)
def test_a_document_that_is_not_one_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as refused:
        rule_of(rule_fields(rule()) | changes)
    assert said in str(refused.value)


@pytest.mark.parametrize("value", [None, [], "rule", 3])
def test_what_is_no_object_is_refused(value: object) -> None:
    for read in (rule_of, standing_of, event_of, condition_of, query_of):
        with pytest.raises(BadInput, match="must be an object"):
            read(value)


def test_standings_and_events_are_read_as_strictly() -> None:
    event = event_fields(AlertEvent("7-1-fired", 7, 1, "fired", 5, (FAR_OUT,), {Z: 2.5}, 3))
    stands: tuple[dict[str, Any], ...] = ({"word": "Asleep"}, {"held": [1]}, {"since_ms": -1})
    for fields in stands:
        with pytest.raises(BadInput):
            standing_of(fields)
    changes: tuple[dict[str, Any], ...] = (
        {"kind": "gone"},
        {"values": [{"metric": "zscore"}]},
        {"values": {}},
        {"late": None},
    )
    for change in changes:
        with pytest.raises(BadInput):
            event_of(event | change)
    with pytest.raises(BadInput, match="event is missing in an event"):
        event_of({name: value for name, value in event.items() if name != "event"})


def test_a_condition_is_checked_as_it_is_read() -> None:
    with pytest.raises(BadInput, match="leave: what rises"):
        condition_of(condition_fields(Condition("zscore", ">", 2.0, 3.0)))
