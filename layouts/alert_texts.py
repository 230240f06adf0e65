"""Alerts in the words of the screen: conditions, spans of time, what a track record says, the sign of each state."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from analytics.alert_record import TrackRecord
from analytics.alert_words import metric_text, number_text
from analytics.alerts import AlertRule, Condition, EventKind, Metric, Operator, Word
from analytics.errors import BadInput
from analytics.market import PairQuery
from analytics.results import Unavailable
from layouts import numbers

SECOND_MS: Final = 1_000
DAY_MS: Final = 86_400_000
# Each state by its word, its tone and its shape: colour is never the only sign.
WORD_LOOKS: Final[Mapping[Word, tuple[str, str]]] = {
    "Normal": ("plain", "ring"),
    "Pending": ("mind", "half"),
    "Firing": ("bad", "triangle"),
    "NoData": ("plain", "query"),
    "Error": ("bad", "cross"),
}
OFF_LOOK: Final = ("plain", "dash")
KIND_LOOKS: Final[Mapping[EventKind, tuple[str, str]]] = {
    "fired": ("bad", "triangle"),
    "repeated": ("mind", "triangle"),
    "resolved": ("good", "check"),
}
OPERATOR_WORDS: Final[Mapping[Operator, str]] = {
    ">": "above",
    ">=": "at or above",
    "<": "below",
    "<=": "at or below",
    "crosses_above": "crosses above",
    "crosses_below": "crosses below",
    "abs>=": "at or beyond ±",
}
# What each metric is called in the form, and the unit of its level.
METRIC_WORDS: Final[Mapping[Metric, tuple[str, str]]] = {
    "zscore": ("z-score", "σ"),
    "spread": ("Spread", ""),
    "correlation": ("Correlation of prices", ""),
    "return_correlation": ("Correlation of returns", ""),
    "beta": ("Hedge ratio", ""),
    "price": ("Price of a leg", ""),
    "ratio": ("Ratio of the prices", ""),
    "adf_pvalue": ("ADF p-value", ""),
    "engle_granger_pvalue": ("Engle-Granger p-value", ""),
    "half_life": ("Half-life", "bars"),
    "net_edge_bps": ("Net edge of a trade now", "bp"),
    "funding": ("Funding of a leg", "bp"),
    "tick_age": ("Age of the newest trade", "ms"),
    "gap": ("Holes in the sample", "holes"),
}
_UNITS: Final = (("d", DAY_MS), ("h", 3_600_000), ("min", 60_000), ("s", SECOND_MS), ("ms", 1))
_UNIT_NAMES: Final[Mapping[str, int]] = {
    **dict(_UNITS),
    **dict.fromkeys(("sec", "second", "seconds"), SECOND_MS),
    **dict.fromkeys(("m", "minute", "minutes"), 60_000),
    **dict.fromkeys(("hour", "hours"), 3_600_000),
    **dict.fromkeys(("day", "days"), DAY_MS),
}
_SPAN: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]+)")


def condition_words(condition: Condition) -> str:
    """What a condition waits for: `z above 2.00, until 1.50`."""
    level = number_text(condition.metric, condition.threshold)
    gap = "" if condition.operator == "abs>=" else " "
    told = f"{metric_text(condition)} {OPERATOR_WORDS[condition.operator]}{gap}{level}"
    if condition.leave is not None and condition.leave != condition.threshold:
        told += f", until {number_text(condition.metric, condition.leave)}"
    return numbers.typeset(told)


def rule_words(rule: AlertRule) -> str:
    """All conditions of a rule, joined as it joins them."""
    return (" or " if rule.join == "any" else " and ").join(map(condition_words, rule.conditions))


def usual_name(rule: AlertRule) -> str:
    """What a rule is called that nobody has named: its first condition."""
    first = condition_words(rule.conditions[0]).partition(",")[0]
    return first if len(rule.conditions) == 1 else f"{first} and more"


def pair_words(query: PairQuery, bases: Mapping[str, str]) -> str:
    """The pair in short: BTC/ETH."""
    return "/".join(bases.get(symbol, symbol) for symbol in (query.y_symbol, query.x_symbol))


def span_text(milliseconds: int | None) -> str:
    """A span as it is typed: `90 s`, `5 min`; nothing for none.

    >>> span_text(90_000), span_text(300_000), span_text(0), span_text(None)
    ('90 s', '5 min', '', '')
    """
    if not milliseconds:
        return ""
    word, size = next((word, size) for word, size in _UNITS if milliseconds % size == 0)
    return f"{milliseconds // size} {word}"


def span_ms(text: str) -> int:
    """A span that was typed, in ms; nothing typed is 0. Raises BadInput.

    >>> span_ms("1.5 min"), span_ms("2h"), span_ms("")
    (90000, 7200000, 0)
    """
    typed = text.strip().lower()
    if typed in {"", "0", "never", "none"}:
        return 0
    parts = _SPAN.fullmatch(typed)
    if parts is None or parts[2] not in _UNIT_NAMES:
        raise BadInput("write a number with its unit, such as 30 s, 5 min, 2 h or 7 d")
    return round(float(parts[1].replace(",", ".")) * _UNIT_NAMES[parts[2]])


def record_words(record: TrackRecord | Unavailable) -> str:
    """What a rule would have done, as a sentence; or why that cannot be told."""
    if isinstance(record, Unavailable):
        short = "" if not record.needed else f" ({numbers.count(record.got or 0)} of {numbers.count(record.needed)})"
        return f"What it would have done cannot be told: {numbers.typeset(record.reason)}{short}."
    times = {0: "not once", 1: "once", 2: "twice"}.get(len(record.firings), f"{len(record.firings)} times")
    told = [f"In the last {_stretch(record.to_ms - record.from_ms)} of stored data this alert would have fired {times}"]
    if record.firings:
        told += [part for part in (_back(record), _worst(record)) if part]
    return f"{', '.join(told)}.{_limits(record)}"


def record_facts(record: TrackRecord) -> list[dict[str, Any]]:
    """The firings as the browser marks them on the chart: start of the bar, the z-score there, its side."""
    return [{"at": one.bar_ms, "z": one.zscore, "side": one.side} for one in record.firings]


def _back(record: TrackRecord) -> str:
    if isinstance(record.median_to_exit_ms, Unavailable):
        return record.median_to_exit_ms.reason
    count = len(record.firings)
    few = "" if record.exits == count else f" ({record.exits} of {count} came back)"
    return f"median {_stretch(record.median_to_exit_ms)} to the exit level{few}"


def _worst(record: TrackRecord) -> str:
    worst = record.worst_excursion_bp
    if not isinstance(worst, Unavailable):
        return f"worst excursion {numbers.basis_points(worst)}"
    known = isinstance(record.median_to_exit_ms, Unavailable) and record.median_to_exit_ms.reason == worst.reason
    return "" if known else worst.reason


def _limits(record: TrackRecord) -> str:
    """What the sentence rests on, where that is less than every bar."""
    told = []
    if record.held_back:
        told.append(f"{numbers.count(record.held_back)} of them would have come in a digest.")
    if record.every_bars > 1:
        told.append(f"Looked at every {numbers.count(record.every_bars)} bars.")
    if record.unknown_bars:
        told.append(f"{numbers.count(record.unknown_bars)} of {numbers.count(record.bars)} bars had no value.")
    return "".join(f" {one}" for one in told)


def _stretch(milliseconds: float) -> str:
    """A span for a sentence: 30 days, 41 minutes, 1.5 hours."""
    if not math.isfinite(milliseconds):
        return numbers.DASH
    for word, size in (("day", DAY_MS), ("hour", 3_600_000), ("minute", 60_000)):
        if milliseconds >= 2 * size:
            whole = milliseconds / size
            text = f"{whole:.1f}".removesuffix(".0") if whole < 10 else f"{whole:.0f}"
            return f"{text} {word}s"
    seconds = milliseconds / SECOND_MS
    return f"{seconds:.1f}".removesuffix(".0") + " seconds"
