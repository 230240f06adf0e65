"""The form of an alert: what the browser builds it of, what stands in it, and what was typed read back as a rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from analytics.alert_checks import MOST_CONDITIONS, OF_A_LEG, checked
from analytics.alert_words import TEMPLATE_FIELDS
from analytics.alerts import METRICS, OPERATORS, AlertRule, Condition, Evaluation, Join
from analytics.errors import BadInput
from analytics.market import PairQuery
from layouts.address import parsed, written
from layouts.alert_texts import METRIC_WORDS, OPERATOR_WORDS, pair_words, span_ms, span_text, usual_name

_T = TypeVar("_T")
# The fields of a rule as its checks name them, and as the form does.
_NAMES: Final = {
    "hold_ms": "hold",
    "cooldown_ms": "cooldown",
    "repeat_ms": "repeat",
    "expires_ms": "expiry",
    "snoozed_until_ms": "form",
}
_PLACE: Final = re.compile(r"(?:conditions\[(\d+)\]\.)?(\w+): (.+)", re.DOTALL)
_MOMENT: Final = "%Y-%m-%d %H:%M"
_FIELDS: Final = frozenset(
    {"name", "join", "evaluation", "hold", "cooldown", "repeat", "expiry", "most_per_hour", "channels", "template"}
)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a form cannot be a rule: a sentence by field. A field of a condition is `conditions.0.threshold`."""

    fields: Mapping[str, str]


def form_choices() -> dict[str, Any]:
    """What the browser builds the form of."""
    return {
        "metrics": [
            {"value": name, "words": METRIC_WORDS[name][0], "unit": METRIC_WORDS[name][1], "leg": name in OF_A_LEG}
            for name in METRICS
        ],
        "operators": [{"value": name, "words": OPERATOR_WORDS[name]} for name in OPERATORS],
        "most": MOST_CONDITIONS,
        "template": dict(TEMPLATE_FIELDS),
    }


def blank_draft(query: PairQuery, bases: Mapping[str, str], begin: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A form for a new rule on a pair. begin: of its condition, where the chart has said something: metric, operator,
    threshold and leave as numbers.
    """
    entry: dict[str, Any] = {"metric": "zscore", "operator": "abs>=", "threshold": 2.0, "leave": 1.5, "symbol": None}
    entry |= begin or {}
    condition = Condition(
        metric=_choice(str(entry["metric"]), METRICS, "metric"),
        operator=_choice(str(entry["operator"]), OPERATORS, "operator"),
        threshold=float(entry["threshold"]),
        leave=None if entry["leave"] is None else float(entry["leave"]),
        symbol=entry["symbol"],
    )
    return {"name": "", **_draft(AlertRule(0, "", query, (condition,), cooldown_ms=60_000), bases)} | {"id": None}


def draft_of(rule: AlertRule, bases: Mapping[str, str]) -> dict[str, Any]:
    """The form with a rule in it."""
    return _draft(rule, bases)


def rule_typed(draft: Mapping[str, Any], base: PairQuery, now_ms: int) -> AlertRule | Refused:
    """The rule that was typed, checked; or why it cannot be, every field that can be judged by itself.

    draft: as the browser sends it; an `id` of None is 0.  base: the view for what its address leaves out.  now_ms: of
    the exchange, what an expiry as a span counts from.
    """
    wrong: dict[str, str] = {}

    def read(field: str, way: Callable[[], _T], instead: _T) -> _T:
        try:
            return way()
        except BadInput as error:
            wrong[field] = _sentence(str(error))
            return instead

    conditions = tuple(_condition(draft["conditions"][at], at, read) for at in range(len(draft["conditions"])))
    query = read("form", lambda: parsed(draft["view"], base), base)
    text = {name: str(draft.get(name) or "") for name in _FIELDS}
    rule = AlertRule(
        id=int(draft.get("id") or 0),
        name=text["name"],
        query=query,
        conditions=conditions,
        join=cast("Join", text["join"]),
        evaluation=cast("Evaluation", text["evaluation"]),
        hold_ms=read("hold", lambda: span_ms(text["hold"]), 0),
        cooldown_ms=read("cooldown", lambda: span_ms(text["cooldown"]), 0),
        repeat_ms=read("repeat", lambda: span_ms(text["repeat"]), 0) or None,
        expires_ms=read("expiry", lambda: _expiry(text["expiry"], now_ms), None),
        most_per_hour=read("most_per_hour", lambda: _whole(text["most_per_hour"]), None),
        channels=tuple(draft.get("channels") or ()),
        template=text["template"] or None,
    )
    return Refused(wrong) if wrong else _checked(rule)


def _checked(rule: AlertRule) -> AlertRule | Refused:
    try:
        named = rule if rule.name.strip() or not rule.conditions else replace(rule, name=usual_name(rule))
        return checked(named)
    except BadInput as error:
        return Refused(dict([_placed(str(error))]))


def _placed(told: str) -> tuple[str, str]:
    """The field that a check names, as the form calls it, and the sentence."""
    parts = _PLACE.fullmatch(told)
    if parts is None:
        return ("name" if "name of the alert" in told or "alert needs a name" in told else "form"), _sentence(told)
    at, field, sentence = parts.groups()
    if at is not None:
        return f"conditions.{at}.{field}", _sentence(sentence)
    named = _NAMES.get(field, field)
    return (named if named in _FIELDS else "form"), _sentence(sentence)


def _condition(typed: Mapping[str, Any], at: int, read: Callable[[str, Callable[[], Any], Any], Any]) -> Condition:
    place = f"conditions.{at}"
    leave = str(typed.get("leave") or "").strip()
    return Condition(
        metric=read(f"{place}.metric", lambda: _choice(typed["metric"], METRICS, "metric"), METRICS[0]),
        operator=read(f"{place}.operator", lambda: _choice(typed["operator"], OPERATORS, "operator"), OPERATORS[0]),
        threshold=read(f"{place}.threshold", lambda: _number(str(typed.get("threshold") or "")), 0.0),
        leave=read(f"{place}.leave", lambda: _number(leave), None) if leave else None,
        symbol=typed.get("symbol") or None,
    )


def _draft(rule: AlertRule, bases: Mapping[str, str]) -> dict[str, Any]:
    query = rule.query
    return {
        "id": rule.id,
        "view": written(query),
        "pair": pair_words(query, bases),
        "settings": f"{query.params.timeframe.value} bars, window {query.params.window_bars}, {query.params.hedge}",
        "legs": [query.y_symbol, query.x_symbol],
        "name": rule.name,
        "join": rule.join,
        "evaluation": rule.evaluation,
        "conditions": [_typed(one) for one in rule.conditions],
        "hold": span_text(rule.hold_ms),
        "cooldown": span_text(rule.cooldown_ms),
        "repeat": span_text(rule.repeat_ms),
        "expiry": "" if rule.expires_ms is None else _moment_text(rule.expires_ms),
        "most_per_hour": "" if rule.most_per_hour is None else str(rule.most_per_hour),
        "channels": list(rule.channels),
        "template": rule.template or "",
    }


def _typed(condition: Condition) -> dict[str, Any]:
    return {
        "metric": condition.metric,
        "operator": condition.operator,
        "threshold": f"{condition.threshold:.10g}",
        "leave": "" if condition.leave is None else f"{condition.leave:.10g}",
        "symbol": condition.symbol or "",
    }


def _choice(text: str, known: Sequence[_T], what: str) -> _T:
    found = next((one for one in known if one == text), None)
    if found is None:
        raise BadInput(f"“{text[:30]}” is no {what}; choose one of the list")
    return found


def _number(text: str) -> float:
    """What was typed as a number: a comma for the point, a true minus and a plus are understood."""
    cleaned = text.strip().replace("−", "-").replace(",", ".")
    try:
        return float(cleaned)
    except ValueError:
        raise BadInput("write a number, such as 2.5") from None


def _whole(text: str) -> int | None:
    typed = text.strip()
    if not typed:
        return None
    if not typed.isdecimal():
        raise BadInput("write a whole number, or nothing for no limit")
    return int(typed)


def _expiry(text: str, now_ms: int) -> int | None:
    """A span from now, or a moment of UTC."""
    typed = text.strip().removesuffix("UTC").strip()
    try:
        moment = datetime.strptime(typed, _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        span = _span_or_moment(typed)
        return now_ms + span if span else None
    at_ms = round(moment.timestamp() * 1000)
    if at_ms <= now_ms:
        raise BadInput("that moment has passed; write a later one")
    return at_ms


def _span_or_moment(typed: str) -> int:
    try:
        return span_ms(typed)
    except BadInput:
        raise BadInput("write a span such as 8 h or 7 d, or a moment of UTC such as 2026-11-30 08:00") from None


def _moment_text(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):{_MOMENT}} UTC"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].rstrip('.')}."
