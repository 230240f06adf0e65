"""Alerts between the contract and the nouns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from analytics.alert_book import RecordedEvent, RemovedRule
from analytics.alert_channels import Channel, OutboxRow, QuietHours, SecretText
from analytics.alert_checks import checked
from analytics.alert_document import condition_of, query_fields, query_of
from analytics.alert_readings import Key
from analytics.alert_record import TrackRecord
from analytics.alert_view import AlertRow
from analytics.alerts import AlertRule, Condition
from analytics.errors import BadInput
from analytics.market import PairQuery
from analytics.results import Unavailable
from api.alert_schemas import (
    AlertFields,
    AlertOut,
    ChannelIn,
    ChannelOut,
    ConditionOut,
    DeliveryOut,
    EventOut,
    FiringOut,
    QuietIn,
    RecordOut,
    RemovedAlert,
    StateOut,
)
from api.numbers import iso_utc, number
from services.alerting import ChannelRow

_OF_PAIR: Final = frozenset(query_fields(PairQuery("Y", "X"))) - {"symbol_a", "symbol_b"}
_OF_CONDITION: Final = frozenset({"metric", "operator", "threshold", "leave", "symbol"})
_MAY_BE_NONE: Final = frozenset(
    {"leave", "symbol", "repeat_ms", "expires_ms", "snoozed_until_ms", "most_per_hour", "template"}
    | {"lookback", "fixed_ratio"}
)
CSV_HEADER: Final = (
    "row,id,alert_id,name,kind,event,triggered_at,time_ms,source,symbol_a,symbol_b,timeframe,window,"
    "conditions,values,late,held_back,reason,version,recorded_at\n"
)


def new_rule(given: AlertFields) -> AlertRule:
    """The rule that is asked for. Raises BadInput that names the field."""
    fields = {name: value for name, value in _given(given).items() if value is not None}
    if "conditions" not in fields:
        for name, usual in (("metric", "zscore"), ("operator", ">")):
            fields.setdefault(name, usual)
        if "threshold" not in fields:
            raise BadInput("threshold: give the level of the alert, or its conditions")
    blank = AlertRule(0, "new", PairQuery("Y", "X"), (Condition("zscore", ">", 0.0),))
    return checked(replace(blank, **rule_changes(blank, fields)))


def changed_fields(rule: AlertRule, given: AlertFields) -> dict[str, Any]:
    """The fields of the rule that are to change. Raises BadInput that names the field."""
    fields = _given(given)
    for name, value in fields.items():
        if value is None and name not in _MAY_BE_NONE:
            raise BadInput(f"{name}: this cannot be null; leave it out to keep it as it is")
    return rule_changes(rule, fields)


def rule_changes(rule: AlertRule, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is given, as fields of a rule: the pair and its settings laid over those it has."""
    changes = {name: value for name, value in fields.items() if name not in _OF_PAIR | _OF_CONDITION | {"symbols"}}
    pair = {name: value for name, value in fields.items() if name in _OF_PAIR}
    if "symbols" in fields:
        pair["symbol_a"], pair["symbol_b"] = fields["symbols"]
    if pair:
        changes["query"] = query_of(query_fields(rule.query) | pair)
    one = {name: value for name, value in fields.items() if name in _OF_CONDITION}
    if "conditions" in fields:
        if one:
            raise BadInput(f"{next(iter(one))}: give either one condition or the list of conditions, not both")
        changes["conditions"] = tuple(condition_of(each) for each in fields["conditions"])
    elif one:
        if len(rule.conditions) != 1:
            raise BadInput(f"{next(iter(one))}: this alert has {len(rule.conditions)} conditions; give the whole list")
        changes["conditions"] = (condition_of(asdict(rule.conditions[0]) | one),)
    if "channels" in changes:
        changes["channels"] = tuple(changes["channels"])
    return changes


def alert_answer(row: AlertRow) -> AlertOut:
    """A rule as the contract writes it."""
    rule, first, standing = row.rule, row.rule.conditions[0], row.standing
    pair = query_fields(rule.query)
    return AlertOut(
        id=rule.id,
        name=rule.name,
        metric=first.metric,
        operator=first.operator,
        threshold=first.threshold,
        symbols=[pair.pop("symbol_a"), pair.pop("symbol_b")],
        active=rule.active,
        created_at=iso_utc(rule.created_ms),
        last_triggered=_iso(row.last_fired_ms),
        **pair,
        conditions=[_condition(one, row.values, row.missing) for one in rule.conditions],
        join=rule.join,
        evaluation=rule.evaluation,
        hold_ms=rule.hold_ms,
        cooldown_ms=rule.cooldown_ms,
        repeat_ms=rule.repeat_ms,
        expires_ms=rule.expires_ms,
        snoozed_until_ms=rule.snoozed_until_ms,
        most_per_hour=rule.most_per_hour,
        channels=list(rule.channels),
        template=rule.template,
        state=StateOut(
            source=row.source,
            word=standing.word,
            since=_iso(standing.since_ms or None),
            reason=standing.reason,
            event=standing.event,
            events=standing.events,
            held_back=standing.held_back,
            judged_at=_iso(row.at_ms),
            next_at=_iso(row.next_ms),
            waits=row.waits,
            unseen=row.unseen,
        ),
    )


def event_answer(recorded: RecordedEvent, deliveries: Sequence[OutboxRow] = ()) -> EventOut:
    """An event of the history as the contract writes it."""
    event, first = recorded.event, recorded.event.conditions[0]
    pair = query_fields(recorded.query)
    return EventOut(
        alert_id=event.rule_id,
        name=recorded.name,
        metric=first.metric,
        operator=first.operator,
        threshold=first.threshold,
        metric_value=event.values.get((first.metric, first.symbol)),
        triggered_at=iso_utc(event.at_ms),
        row=recorded.row,
        id=event.id,
        kind=event.kind,
        event=event.event,
        source=recorded.source,
        symbols=[pair["symbol_a"], pair["symbol_b"]],
        timeframe=pair["timeframe"],
        window=pair["window"],
        conditions=[_condition(one, event.values, {}) for one in event.conditions],
        late=event.late,
        held_back=event.held_back,
        reason=event.reason,
        version=event.version,
        recorded_at=iso_utc(recorded.recorded_ms),
        deliveries=[
            DeliveryOut(channel=one.channel, state=one.state, attempts=one.attempts, receipt=one.receipt)
            for one in deliveries
        ],
    )


def csv_rows(events: Iterable[RecordedEvent]) -> str:
    """A line an event, as `CSV_HEADER` names the columns; conditions and values of one cell are parted by `; `."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    for recorded in events:
        event, pair = recorded.event, query_fields(recorded.query)
        seen = [event.values.get((one.metric, one.symbol)) for one in event.conditions]
        lines.writerow(
            [
                recorded.row,
                event.id,
                event.rule_id,
                _cell(recorded.name),
                event.kind,
                event.event,
                iso_utc(event.at_ms),
                event.at_ms,
                recorded.source,
                pair["symbol_a"],
                pair["symbol_b"],
                pair["timeframe"],
                pair["window"],
                "; ".join(_written(one) for one in event.conditions),
                "; ".join("" if value is None else repr(value) for value in seen),
                str(event.late).lower(),
                str(event.held_back).lower(),
                event.reason or "",
                event.version,
                iso_utc(recorded.recorded_ms),
            ]
        )
    return text.getvalue()


def removed_answer(removed: RemovedRule) -> RemovedAlert:
    """What can be brought back, as the contract writes it."""
    rule = removed.rule
    return RemovedAlert(removal=removed.removal, id=rule.id, name=rule.name, removed_at=iso_utc(removed.removed_ms))


def record_answer(record: TrackRecord | Unavailable) -> RecordOut:
    """A track record as the contract writes it."""
    if isinstance(record, Unavailable):
        return RecordOut(available=False, unavailable={"record": record.reason})
    told = {name: getattr(record, name) for name in ("median_to_exit_ms", "median_open_ms", "worst_excursion_bp")}
    return RecordOut(
        available=True,
        from_=iso_utc(record.from_ms),
        to=iso_utc(record.to_ms),
        bars=record.bars,
        unknown_bars=record.unknown_bars,
        every_bars=record.every_bars,
        count=len(record.firings),
        held_back=record.held_back,
        exits=record.exits,
        median_to_exit_ms=number(record.median_to_exit_ms),
        median_open_ms=number(record.median_open_ms),
        worst_excursion_bp=number(record.worst_excursion_bp),
        firings=[FiringOut(**asdict(one)) for one in record.firings],
        unavailable={name: value.reason for name, value in told.items() if isinstance(value, Unavailable)},
    )


def channel_of(name: str, given: ChannelIn, held: Channel | None, made: SecretText | None) -> Channel:
    """The channel that is asked for. held: the one of that name.  made: a secret for one that brings none."""
    if given.url is None and held is None:
        raise BadInput("url: a new channel needs the address that it sends to")
    url = held.url if given.url is None and held is not None else SecretText(given.url or "")
    if given.signing is not None:
        signing = tuple(SecretText(text) for text in given.signing)
    elif held is not None:
        signing = held.signing
    else:
        signing = () if made is None else (made,)
    quiet = None if given.quiet is None else QuietHours(**given.quiet.model_dump())
    return Channel(name, given.kind, url, signing, quiet, given.active)


def channel_answer(row: ChannelRow, made: SecretText | None = None) -> ChannelOut:
    """A channel as the contract writes it, without its secrets. made: told this once."""
    channel, health = row.channel, row.health
    return ChannelOut(
        name=channel.name,
        kind=channel.kind,
        signing=len(channel.signing),
        quiet=None if channel.quiet is None else QuietIn(**asdict(channel.quiet)),
        active=channel.active,
        dead=health.dead,
        failures=health.failures,
        receipt=health.receipt,
        sent_at=_iso(health.sent_ms),
        made_secret=None if made is None else made.reveal(),
    )


def _given(given: AlertFields) -> dict[str, Any]:
    return given.model_dump(exclude_unset=True)


def _condition(one: Condition, values: Mapping[Key, float], missing: Mapping[Key, str]) -> ConditionOut:
    key = (one.metric, one.symbol)
    return ConditionOut(**asdict(one), value=values.get(key), reason=missing.get(key))


def _iso(time_ms: int | None) -> str | None:
    return None if time_ms is None else iso_utc(time_ms)


def _written(one: Condition) -> str:
    """A condition on one line, to be read again by whoever computes it again."""
    leg = "" if one.symbol is None else f"({one.symbol})"
    return f"{one.metric}{leg} {one.operator} {one.threshold!r}{'' if one.leave is None else f' leave {one.leave!r}'}"


def _cell(text: str) -> str:
    """Words of a user; what a spreadsheet would take for a formula begins with a quote."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
