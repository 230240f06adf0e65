"""The tables of the Alerts page: every rule as it stands, and the history of what was told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import html

from analytics.alert_book import RecordedEvent
from analytics.alert_channels import OutboxRow
from analytics.alert_view import AlertRow
from analytics.alert_words import condition_text, metric_text, number_text
from analytics.alerts import AlertEvent, Condition, EventKind
from layouts import numbers
from layouts.address import written
from layouts.alert_texts import KIND_LOOKS, OFF_LOOK, WORD_LOOKS, pair_words, rule_words, span_text
from layouts.aria import aria, data
from layouts.marks import mark
from layouts.moments import stamp
from layouts.navigation import PAIR
from layouts.zone import Zone

# The columns of both tables: the name that a sort is told by (none: it cannot be sorted by), and the head.
_RULE_COLUMNS: Final = (
    ("state", "State"), ("name", "Alert"), ("pair", "Pair"), ("", "Now"), ("since", "Since"),
    ("fired", "Last fired"), ("next", "Next allowed"), ("", "Change"),
)  # fmt: skip
_EVENT_COLUMNS: Final = ("Time", "What", "Alert", "Pair", "Values", "Sent", "Inputs")
_ORDER: Final = ("Firing", "Pending", "Error", "NoData", "Normal")
_SNOOZES: Final = (("15 min", 900_000), ("1 h", 3_600_000), ("8 h", 28_800_000))
KIND_WORDS: Final[Mapping[EventKind, str]] = {"fired": "Fired", "repeated": "Still", "resolved": "Resolved"}


def rules_table(
    rows: Sequence[AlertRow],
    bases: Mapping[str, str],
    *,
    sort: str = "state",
    down: bool = False,
    find: str = "",
    now_ms: int,
    zone: Zone,
) -> Any:
    """Every rule that has the words of `find` in its name or pair. now_ms: of the exchange."""
    if not rows:
        return html.P(
            "No alert yet. Make one with the button above, with the right button on the chart, or with the key a.",
            className="rows__none",
        )
    words = find.casefold().replace("/", " ").split()
    wanted = [row for row in rows if all(word in _searched(row, bases) for word in words)]
    if not wanted:
        return html.P(f"No alert has “{find.strip()}” in its name or pair.", className="rows__none")
    ordered = sorted(wanted, key=lambda row: _weight(row, sort, bases), reverse=down)
    return _table(
        "Alerts",
        [_sorting_head(name, head, sort, down=down) for name, head in _RULE_COLUMNS],
        [_rule_row(row, bases, now_ms, zone) for row in ordered],
    )


def rules_note(rows: Sequence[AlertRow]) -> str:
    """How many there are, and how many of them are firing: 3 alerts, 1 firing, 1 off."""
    firing = sum(row.standing.event > 0 and row.rule.active for row in rows)
    off = sum(not row.rule.active for row in rows)
    told = [numbers.counted(len(rows), "alert")]
    told += [f"{count} {word}" for count, word in ((firing, "firing"), (off, "off")) if count]
    return ", ".join(told)


def history_table(
    events: Sequence[RecordedEvent],
    deliveries: Mapping[str, tuple[OutboxRow, ...]],
    bases: Mapping[str, str],
    *,
    now_ms: int,
    zone: Zone,
) -> Any:
    """A page of the history, newest first. deliveries: the messages of an event, by its id."""
    if not events:
        return html.P("Nothing has been told that fits.", className="rows__none")
    return _table(
        "History of alerts",
        [html.Th(head, scope="col") for head in _EVENT_COLUMNS],
        [_event_row(one, deliveries.get(one.event.id, ()), bases, now_ms, zone) for one in events],
    )


def act(does: str, **details: str) -> dict[str, Any]:
    """What a button does; assets/alerts.js listens for all of them in one place."""
    return {"data-alert": does, **{f"data-{name}": value for name, value in details.items()}}


def _table(caption: str, heads: list[html.Th], rows: list[html.Tr]) -> html.Div:
    return html.Div(
        html.Table(
            [html.Caption(caption, className="visually-hidden"), html.Thead(html.Tr(heads)), html.Tbody(rows)],
            className="rows alerts__table",
        ),
        className="rows__frame",
        tabIndex=0,
        role="region",
        **aria(label=caption),
    )


def _sorting_head(name: str, head: str, sort: str, *, down: bool) -> html.Th:
    if not name:
        return html.Th(head, scope="col")
    order = "none" if name != sort else "descending" if down else "ascending"
    button = html.Button(head, type="button", className=f"alerts__sort alerts__sort--{order}", **act("sort", by=name))
    return html.Th(button, scope="col", **aria(sort=order))


def _weight(row: AlertRow, sort: str, bases: Mapping[str, str]) -> tuple[Any, ...]:
    """What a row is ordered by; what is not known comes last, and names decide between equals."""
    name = row.rule.name.casefold()
    if sort == "name":
        return (name,)
    if sort == "pair":
        return (pair_words(row.rule.query, bases), name)
    moments = {"since": row.standing.since_ms or None, "fired": row.last_fired_ms, "next": row.next_ms}
    if sort in moments:
        at_ms = moments[sort]
        return (at_ms is None, -(at_ms or 0), name)
    place = _ORDER.index(row.standing.word) if row.rule.active else len(_ORDER)
    return (place, name)


def _searched(row: AlertRow, bases: Mapping[str, str]) -> str:
    query = row.rule.query
    return f"{row.rule.name} {pair_words(query, bases)} {query.y_symbol} {query.x_symbol}".casefold()


def _rule_row(row: AlertRow, bases: Mapping[str, str], now_ms: int, zone: Zone) -> html.Tr:
    rule, standing = row.rule, row.standing
    cells = (
        _state(row, now_ms, zone),
        [html.B(rule.name), html.Div(rule_words(rule), className="alerts__detail"), *_ways(row)],
        _pair(row.rule.query, bases),
        _values(row),
        stamp(standing.since_ms or None, now_ms, zone),
        stamp(row.last_fired_ms, now_ms, zone),
        stamp(row.next_ms, now_ms, zone) if row.next_ms else "at once" if rule.active and not standing.event else "",
        _buttons(row, now_ms),
    )
    return html.Tr(
        [
            html.Td(cell, className="alerts__do" if head == "Change" else "", **{"data-label": head})  # type: ignore[arg-type]
            for (_, head), cell in zip(_RULE_COLUMNS, cells, strict=True)
        ],
        key=f"rule-{rule.id}",
        className="alerts__row" if rule.active else "alerts__row alerts__row--off",
    )


def _state(row: AlertRow, now_ms: int, zone: Zone) -> list[Any]:
    rule, standing = row.rule, row.standing
    tone, shape = WORD_LOOKS[standing.word] if rule.active else OFF_LOOK
    told: list[Any] = [
        html.Span([mark(shape), standing.word if rule.active else "Off"], className=f"state tone--{tone}")
    ]
    reasons = [row.waits or standing.reason, row.unseen] if rule.active else []
    told += [html.Div(_capital(reason), className="alerts__detail") for reason in reasons if reason]
    if rule.active and rule.snoozed_until_ms and rule.snoozed_until_ms > now_ms:
        told.append(
            html.Div(["snoozed until ", stamp(rule.snoozed_until_ms, now_ms, zone)], className="alerts__detail")
        )
    return told


def _ways(row: AlertRow) -> list[html.Div]:
    """What of a rule is not the usual, in one line."""
    rule = row.rule
    told = [
        "on bar close" if rule.evaluation == "bar_close" else "",
        f"for {span_text(rule.hold_ms)}" if rule.hold_ms else "",
        f"rests {span_text(rule.cooldown_ms)}" if rule.cooldown_ms else "",
        f"again every {span_text(rule.repeat_ms)}" if rule.repeat_ms else "",
        f"at most {rule.most_per_hour} an hour" if rule.most_per_hour else "",
        f"to {', '.join(rule.channels)}" if rule.channels else "",
    ]
    line = " · ".join(part for part in told if part)
    return [html.Div(line, className="alerts__detail")] if line else []


def _pair(query: Any, bases: Mapping[str, str]) -> list[Any]:
    href = PAIR.path + written(query)
    params = query.params
    return [
        html.A(pair_words(query, bases), href=href, className="file", **data(goes=href)),
        html.Div(f"{params.timeframe.value} · {params.window_bars}", className="alerts__detail"),
    ]


def _values(row: AlertRow) -> list[Any]:
    """The number of each condition now, or a dash with its reason."""
    return [html.Div(_value(row, one)) for one in row.rule.conditions]


def _value(row: AlertRow, condition: Condition) -> list[Any]:
    key = (condition.metric, condition.symbol)
    name = html.Span(f"{metric_text(condition)} ", className="alerts__name")
    value = row.values.get(key)
    if value is not None and math.isfinite(value):
        return [name, html.B(numbers.typeset(number_text(condition.metric, value)))]
    why = row.missing.get(key)
    return [name, numbers.DASH, *([html.Div(numbers.typeset(why), className="alerts__detail")] if why else [])]


def _buttons(row: AlertRow, now_ms: int) -> html.Div:
    rule = row.rule
    number = str(rule.id)
    snoozed = bool(rule.snoozed_until_ms and rule.snoozed_until_ms > now_ms)
    toggle = html.Button(
        "On" if rule.active else "Off",
        type="button",
        role="switch",
        className="alerts__button alerts__switch",
        **act("toggle", rule=number, active="0" if rule.active else "1"),
        **aria(checked="true" if rule.active else "false", label=f"{rule.name}, active"),
    )
    snoozes = [
        html.Button(word, type="button", className="alerts__button", **act("snooze", rule=number, span=str(span)))
        for word, span in _SNOOZES
    ]
    snooze = (
        _button("Wake", "snooze", rule.name, rule=number, span="0")
        if snoozed
        else html.Details(
            [
                html.Summary("Snooze", className="alerts__button", **aria(label=f"Snooze {rule.name}")),
                html.Div(snoozes, className="alerts__spans"),
            ],
            className="alerts__snooze",
        )
    )
    others = [
        _button(word, does, rule.name, rule=number)
        for word, does in (("Edit", "edit"), ("Copy", "duplicate"), ("Delete", "remove"))
    ]
    return html.Div([toggle, *others[:1], snooze, *others[1:]], className="alerts__buttons")


def _button(word: str, does: str, name: str, **details: str) -> html.Button:
    return html.Button(
        word, type="button", className="alerts__button", **act(does, **details), **aria(label=f"{word} {name}")
    )


def _event_row(
    one: RecordedEvent, messages: Sequence[OutboxRow], bases: Mapping[str, str], now_ms: int, zone: Zone
) -> html.Tr:
    event = one.event
    tone, shape = KIND_LOOKS[event.kind]
    late = [html.Span(" late", className="alerts__late")] if event.late else []
    cells = (
        stamp(event.at_ms, now_ms, zone),
        [html.Span([mark(shape), KIND_WORDS[event.kind]], className=f"state tone--{tone}"), *late],
        [html.B(one.name), *([html.Div(_capital(event.reason), className="alerts__detail")] if event.reason else [])],
        _pair(one.query, bases),
        numbers.typeset("; ".join(condition_text(each, _seen(event, each)) for each in event.conditions)),
        [html.Div(line) for line in sent_lines(event, messages)],
        _inputs(one),
    )
    return html.Tr(
        [
            html.Td(cell, className="alerts__values" if head == "Values" else "", **{"data-label": head})  # type: ignore[arg-type]
            for head, cell in zip(_EVENT_COLUMNS, cells, strict=True)
        ],
        key=f"event-{one.row}",
    )


def sent_lines(event: AlertEvent, messages: Sequence[OutboxRow]) -> list[str]:
    """What became of an event: a line for each channel, or that it was told on the screen alone."""
    if not messages:
        return ["in the digest" if event.held_back else "screen only"]
    return [f"{one.channel}: {_fate(one)}" for one in messages]


def _fate(message: OutboxRow) -> str:
    said = f" ({message.receipt})" if message.receipt else ""
    if message.state == "SENT":
        return f"sent{said}"
    if message.state == "FAILED":
        return f"given up{said}"
    tried = f", tried {numbers.counted(message.attempts, 'time')}" if message.attempts else ""
    return f"waits{' for the digest' if message.held_back else ''}{tried}{said}"


def _inputs(one: RecordedEvent) -> html.Details:
    """All that the firing rested on, so that it can be computed again."""
    event = one.event
    lines: list[tuple[str, str]] = [
        (f"{metric}{f' of {symbol}' if symbol else ''}", f"{value!r}")
        for (metric, symbol), value in event.values.items()
    ]
    lines += [
        ("condition", f"{each.metric} {each.operator} {each.threshold!r}, leave {each.leave!r}")
        for each in event.conditions
    ]
    lines += [
        ("event", event.id),
        ("version of the data", str(event.version)),
        ("source", one.source),
        ("exchange time, ms", str(event.at_ms)),
        ("view", written(one.query)),
    ]
    told = html.Dl([html.Div([html.Dt(name), html.Dd(value)], className="alerts__line") for name, value in lines])
    return html.Details([html.Summary("Inputs", className="alerts__unfold"), told], className="alerts__inputs")


def _seen(event: AlertEvent, condition: Condition) -> float | None:
    return event.values.get((condition.metric, condition.symbol))


def _capital(words: str) -> str:
    return numbers.typeset(f"{words[0].upper()}{words[1:]}")
