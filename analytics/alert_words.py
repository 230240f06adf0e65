"""An alert in words: the plain sentence of each kind of event, a rule's own template, and the message that is sent."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

from analytics.alerts import AlertEvent, AlertRule, Condition, Metric, Operator
from analytics.errors import BadInput

LONGEST_TEMPLATE: Final = 1000
LONGEST_MESSAGE: Final = 1800  # letters; the narrowest of the usual receivers takes 2000
DASH: Final = "–"

TEMPLATE_FIELDS: Final[Mapping[str, str]] = {
    "text": "the plain sentence",
    "pair": "short names of both legs, such as BTC/ETH",
    "y": "symbol of the leg that is explained",
    "x": "symbol of the leg that explains",
    "timeframe": "of the bars, such as 1m",
    "window": "bars of the rolling window",
    "rule": "name of the rule",
    "kind": "fired, repeated or resolved",
    "metric": "of the first condition",
    "operator": "of the first condition, such as >",
    "threshold": "of the first condition",
    "value": "of the first condition's metric",
    "conditions": "every condition with its value",
    "time": "exchange time, UTC, to the second",
    "event": "number of the event within its rule",
    "late": "“(late) ” for an event of data that came after their time, else nothing",
}
_PIECE: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|\{|\}")
_METRIC: Final[Mapping[Metric, str]] = {
    "zscore": "z",
    "spread": "spread",
    "correlation": "correlation",
    "return_correlation": "correlation of returns",
    "beta": "beta",
    "price": "price",
    "ratio": "price ratio",
    "adf_pvalue": "ADF p-value",
    "engle_granger_pvalue": "Engle-Granger p-value",
    "half_life": "half-life",
    "net_edge_bps": "net edge",
    "funding": "funding",
    "tick_age": "age of the newest trade",
    "gap": "holes",
}
_UNIT: Final[Mapping[Metric, str]] = {
    "half_life": " bars",
    "net_edge_bps": " bp",
    "funding": " bp",
    "tick_age": " ms",
}
_PLACES: Final[Mapping[Metric, int]] = {
    "zscore": 2,
    "correlation": 3,
    "return_correlation": 3,
    "half_life": 1,
    "net_edge_bps": 1,
    "funding": 2,
    "tick_age": 0,
    "gap": 0,
}
_ABOVE: Final[Mapping[Operator, str]] = {
    ">": "above",
    ">=": "at or above",
    "<": "below",
    "<=": "at or below",
    "crosses_above": "above",
    "crosses_below": "below",
    "abs>=": "at or beyond ±",
}


def number_text(metric: Metric, value: float | None) -> str:
    """A metric's number with its usual places and unit; a dash for none.

    >>> number_text("zscore", 2.3149), number_text("adf_pvalue", 0.0002), number_text("beta", 0.0533333)
    ('2.31', '<0.001', '0.05333')
    """
    if value is None or not math.isfinite(value):
        return DASH
    if metric in {"adf_pvalue", "engle_granger_pvalue"}:
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    places = _PLACES.get(metric)
    text = f"{value:.{places}f}" if places is not None else f"{value:.{4 if metric == 'beta' else 6}g}"
    return f"{text}{_UNIT.get(metric, '')}"


def metric_text(condition: Condition) -> str:
    """What a condition looks at: `z`, or with its leg `price of ETHUSDT`."""
    name = _METRIC[condition.metric]
    return name if condition.symbol is None else f"{name} of {condition.symbol}"


def condition_text(condition: Condition, value: float | None) -> str:
    """A condition and the value it saw, such as `z 2.31 is above 2.00`; `z 1.70 (above 2.00)` where it is not so now.

    A crossing says on which side it ended.
    """
    level = number_text(condition.metric, condition.threshold)
    wanted = f"{_ABOVE[condition.operator]}{'' if condition.operator == 'abs>=' else ' '}{level}"
    told = f"{metric_text(condition)} {number_text(condition.metric, value)}"
    if value is None or not _is_so(condition, value):
        return f"{told} ({wanted})"
    return f"{told} is {wanted}"


def event_text(rule: AlertRule, event: AlertEvent, pair: str) -> str:
    """The plain sentence of an event. pair: its short name, such as BTC/ETH."""
    told = [(one, event.values.get((one.metric, one.symbol))) for one in event.conditions]
    if rule.join == "any" and event.kind != "resolved":
        told = [(one, value) for one, value in told if value is not None and _is_so(one, value)] or told
    joined = (" or " if rule.join == "any" else " and ").join(condition_text(one, value) for one, value in told)
    close = f"(rule “{rule.name}”), {utc_text(event.at_ms)}"
    if event.kind == "resolved":
        return f"{pair} resolved: {event.reason or joined} {close}"
    return f"{pair} {'still: ' if event.kind == 'repeated' else ''}{joined} {close}"


def checked_template(text: str | None) -> str | None:
    """A template as it is kept, None for an empty one. Raises BadInput for an unknown field or a stray brace.

    Fields stand in braces, `{{` and `}}` are braces themselves; there are no attributes, indices or formats.
    """
    if text is None or not text.strip():
        return None
    if len(text) > LONGEST_TEMPLATE:
        raise BadInput(f"template: at most {LONGEST_TEMPLATE} letters, got {len(text)}")
    if any(not letter.isprintable() and letter != "\n" for letter in text):
        raise BadInput("template: only printable letters and line breaks")
    filled(text, dict.fromkeys(TEMPLATE_FIELDS, ""))
    return text


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its fields in place; what is put in is never read as a template. Raises BadInput."""

    def put(piece: re.Match[str]) -> str:
        whole, name = piece[0], piece[1]
        if whole in {"{{", "}}"}:
            return whole[0]
        if name is None:
            raise BadInput(f"template: a single {whole} at letter {piece.start() + 1}; write {whole * 2} for a brace")
        if name not in values:
            raise BadInput(f"template: {{{name[:40]}}} is not a field; choose of {', '.join(TEMPLATE_FIELDS)}")
        return values[name]

    return _PIECE.sub(put, template)


def message_of(
    rule: AlertRule, event: AlertEvent, *, source: str = "live", bases: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What is told of an event, as JSON has it (docs/alerts.md): `{"type", "timestamp", "data"}`.

    source: of the data.  bases: short names of symbols, where they are known. Values that are not finite are null.
    Raises BadInput for a template that cannot be filled.
    """
    names = bases or {}
    query = rule.query
    pair = f"{names.get(query.y_symbol, query.y_symbol)}/{names.get(query.x_symbol, query.x_symbol)}"
    sentence = event_text(rule, event, pair)
    text = sentence if rule.template is None else filled(rule.template, _values(rule, event, pair, sentence))
    data = {
        "id": event.id,
        "rule": {"id": rule.id, "name": rule.name},
        "event": event.event,
        "kind": event.kind,
        "pair": {
            "name": pair,
            "symbol_a": query.y_symbol,
            "symbol_b": query.x_symbol,
            "timeframe": query.params.timeframe.value,
            "window": query.params.window_bars,
        },
        "conditions": [
            asdict(one) | {"value": _finite(event.values.get((one.metric, one.symbol)))} for one in event.conditions
        ],
        "join": rule.join,
        "time_ms": event.at_ms,
        "title": f"{pair} {event.kind}: {rule.name}",
        "text": _cut(text),
        "reason": event.reason,
        "source": source,
        "version": event.version,
        "held_back": event.held_back,
        "late": event.late,
    }
    return {"type": f"alert.{event.kind}", "timestamp": _iso(event.at_ms), "data": data}


def utc_text(time_ms: int) -> str:
    """A moment for a sentence.

    >>> utc_text(1_700_000_000_000)
    '2023-11-14 22:13:20 UTC'
    """
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _values(rule: AlertRule, event: AlertEvent, pair: str, sentence: str) -> dict[str, str]:
    first = event.conditions[0]
    every = "; ".join(condition_text(one, event.values.get((one.metric, one.symbol))) for one in event.conditions)
    return {
        "text": sentence,
        "pair": pair,
        "y": rule.query.y_symbol,
        "x": rule.query.x_symbol,
        "timeframe": rule.query.params.timeframe.value,
        "window": str(rule.query.params.window_bars),
        "rule": rule.name,
        "kind": event.kind,
        "metric": metric_text(first),
        "operator": first.operator,
        "threshold": number_text(first.metric, first.threshold),
        "value": number_text(first.metric, event.values.get((first.metric, first.symbol))),
        "conditions": every,
        "time": utc_text(event.at_ms),
        "event": str(event.event),
        "late": "(late) " if event.late else "",
    }


def _is_so(condition: Condition, value: float) -> bool:
    level = condition.threshold
    match condition.operator:
        case ">" | "crosses_above":
            return value > level
        case "<" | "crosses_below":
            return value < level
        case ">=":
            return value >= level
        case "<=":
            return value <= level
        case "abs>=":
            return abs(value) >= level


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1].rstrip()}…"


def _iso(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
