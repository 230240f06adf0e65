"""Rules, standings and events of alerts as plain dicts that JSON knows, and back to the last bit.

The fields of a pair are those of the REST API and of a kept watchlist. What comes back is read strictly: an unknown
field, a wrong kind or a number that is not finite is refused with its place.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, fields
from typing import Any, Final, get_args

from analytics.alert_checks import checked, checked_condition
from analytics.alerts import (
    METRICS,
    OPERATORS,
    AlertEvent,
    AlertRule,
    Condition,
    Evaluation,
    EventKind,
    Join,
    Metric,
    Standing,
    Word,
)
from analytics.document_fields import (
    Fields,
    choice_in,
    each_in,
    flag_in,
    number_in,
    object_in,
    placed,
    text_in,
    whole_in,
)
from analytics.errors import BadInput
from analytics.kept import WatchedPair
from analytics.market import PairQuery
from analytics.pair_document import pair_fields, pair_of

_WHOLE: Final = (0, 2**53)  # what every reader of JSON holds exactly
_REAL: Final = (-sys.float_info.max, sys.float_info.max)
_PAIR: Final = (
    "symbol_a",
    "symbol_b",
    "timeframe",
    "window",
    "lookback",
    "hedge",
    "fixed_ratio",
    "include_intercept",
    "price_scale",
    "correlation",
    "exit_zscore",
)
_CONDITION: Final = tuple(one.name for one in fields(Condition))
_RULE: Final = tuple("pair" if one.name == "query" else one.name for one in fields(AlertRule))
_STANDING: Final = tuple(one.name for one in fields(Standing))
_EVENT: Final = tuple(one.name for one in fields(AlertEvent))
_VALUE: Final = ("metric", "symbol", "value")


def query_fields(query: PairQuery) -> dict[str, Any]:
    """A question about a pair as the REST API asks it; `query_of` reads it back."""
    told = pair_fields(WatchedPair(query))
    return {name: told[name] for name in _PAIR}


def query_of(value: object) -> PairQuery:
    """The question in such fields; what they leave out is the usual. Raises BadInput."""
    return pair_of(_known(value, "a pair", _PAIR)).query


def condition_fields(condition: Condition) -> dict[str, Any]:
    """A condition as a dict; `condition_of` reads it back."""
    return asdict(condition)


def condition_of(value: object) -> Condition:
    """The condition in such fields. Raises BadInput, also for a level or a leg that cannot be."""
    return checked_condition(_condition(value))


def rule_fields(rule: AlertRule) -> dict[str, Any]:
    """A rule as a dict; `rule_of` reads it back."""
    told = {one.name: getattr(rule, one.name) for one in fields(rule)}
    told["query"] = query_fields(rule.query)
    told["conditions"] = [condition_fields(one) for one in rule.conditions]
    told["channels"] = list(rule.channels)
    return dict(zip(_RULE, told.values(), strict=True))


def rule_of(value: object) -> AlertRule:
    """The rule in such fields, checked; `id`, `name`, `pair` and `conditions` must be there. Raises BadInput."""
    given = _known(value, "an alert", _RULE, needed=("id", "name", "pair", "conditions"))
    return checked(
        AlertRule(
            id=_whole(given, "id"),
            name=text_in(given, "name"),
            query=placed("pair", query_of, given["pair"]),
            conditions=each_in(given, "conditions", _condition),
            join=choice_in(given, "join", get_args(Join), "all"),
            evaluation=choice_in(given, "evaluation", get_args(Evaluation), "live"),
            hold_ms=_whole(given, "hold_ms"),
            cooldown_ms=_whole(given, "cooldown_ms"),
            repeat_ms=whole_in(given, "repeat_ms", _WHOLE, None),
            expires_ms=whole_in(given, "expires_ms", _WHOLE, None),
            snoozed_until_ms=whole_in(given, "snoozed_until_ms", _WHOLE, None),
            most_per_hour=whole_in(given, "most_per_hour", _WHOLE, None),
            channels=each_in(given, "channels", lambda one: text_in({"channel": one}, "channel")),
            template=_maybe_text(given, "template"),
            active=flag_in(given, "active", usual=True),
            created_ms=_whole(given, "created_ms"),
        )
    )


def standing_fields(standing: Standing) -> dict[str, Any]:
    """How a rule stands as a dict; `standing_of` reads it back."""
    told = asdict(standing)
    return told | {name: list(told[name]) for name in ("held", "before", "fired_ms")}


def standing_of(value: object) -> Standing:
    """How a rule stands, in such fields; what they leave out is as at the beginning. Raises BadInput."""
    given = _known(value, "a standing", _STANDING)
    return Standing(
        word=choice_in(given, "word", get_args(Word), "Normal"),
        since_ms=_whole(given, "since_ms"),
        reason=_maybe_text(given, "reason"),
        held=each_in(given, "held", lambda one: flag_in({"this": one}, "this", usual=False)),
        before=each_in(given, "before", lambda one: number_in({"this": one}, "this", _REAL)),
        pending_ms=whole_in(given, "pending_ms", _WHOLE, None),
        event=_whole(given, "event"),
        held_back=flag_in(given, "held_back", usual=False),
        events=_whole(given, "events"),
        told_ms=whole_in(given, "told_ms", _WHOLE, None),
        ended_ms=whole_in(given, "ended_ms", _WHOLE, None),
        fired_ms=each_in(given, "fired_ms", lambda one: _whole({"this": one}, "this")),
        bar_ms=whole_in(given, "bar_ms", _WHOLE, None),
        at_ms=whole_in(given, "at_ms", _WHOLE, None),
    )


def event_fields(event: AlertEvent) -> dict[str, Any]:
    """Something to tell as a dict; `event_of` reads it back."""
    told = {one.name: getattr(event, one.name) for one in fields(event)}
    told["conditions"] = [condition_fields(one) for one in event.conditions]
    told["values"] = [
        {"metric": metric, "symbol": symbol, "value": value} for (metric, symbol), value in event.values.items()
    ]
    return told


def event_of(value: object) -> AlertEvent:
    """What is to be told, in such fields. Raises BadInput."""
    given = _known(value, "an event", _EVENT, needed=("id", "rule_id", "event", "kind", "at_ms", "conditions"))
    return AlertEvent(
        id=text_in(given, "id"),
        rule_id=_whole(given, "rule_id"),
        event=_whole(given, "event"),
        kind=choice_in(given, "kind", get_args(EventKind), None),
        at_ms=_whole(given, "at_ms"),
        conditions=each_in(given, "conditions", _condition),
        values=dict(each_in(given, "values", _value)),
        version=_whole(given, "version"),
        held_back=flag_in(given, "held_back", usual=False),
        late=flag_in(given, "late", usual=False),
        reason=_maybe_text(given, "reason"),
    )


def _condition(value: object) -> Condition:
    given = _known(value, "a condition", _CONDITION, needed=("metric", "operator", "threshold"))
    return Condition(
        metric=choice_in(given, "metric", METRICS, None),
        operator=choice_in(given, "operator", OPERATORS, None),
        threshold=_real(given, "threshold"),
        leave=number_in(given, "leave", _REAL),
        symbol=_maybe_text(given, "symbol"),
    )


def _value(value: object) -> tuple[tuple[Metric, str | None], float]:
    given = _known(value, "a value", ("metric", "symbol", "value"), needed=("metric", "value"))
    return (choice_in(given, "metric", METRICS, None), _maybe_text(given, "symbol")), _real(given, "value")


def _known(value: object, kind: str, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> Fields:
    """The value, once it is an object of these fields and no other."""
    given = object_in(value)
    for name in given:
        if name not in known:
            raise BadInput(f"“{str(name)[:40]}” is no field of {kind}; there is {', '.join(known)}")
    for name in needed:
        if name not in given:
            raise BadInput(f"{name} is missing in {kind}")
    return given


def _whole(given: Fields, name: str) -> int:
    """From 0 on; 0 where there is none."""
    return whole_in(given, name, _WHOLE, 0) or 0


def _real(given: Fields, name: str) -> float:
    number = number_in(given, name, _REAL)
    if number is None:
        raise BadInput(f"{name}: this must be a number, such as 2.5")
    return number


def _maybe_text(given: Fields, name: str) -> str | None:
    return None if given.get(name) is None else text_in(given, name)
