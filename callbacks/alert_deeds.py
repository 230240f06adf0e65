"""What the user does with alerts and channels, and what came of it for the page. Runs on the pool."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, Final

from analytics.alert_channels import Channel, ChannelKind, QuietHours, SecretText
from analytics.alert_record import TrackRecord
from analytics.alerts import AlertRule
from analytics.errors import BadInput, PairwatchError
from analytics.market import PairQuery
from callbacks.alert_shown import bases_of
from callbacks.door import Door
from layouts.address import parsed
from layouts.alert_form import Refused, blank_draft, draft_of, form_choices, rule_typed
from layouts.alert_texts import record_facts, record_words, span_text
from services.delivery.outcome import Outcome

_CLOCK: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
# What a change of the form does not touch.
_KEPT: Final = frozenset({"id", "created_ms", "active", "snoozed_until_ms"})


def done(desk: Door, wish: Mapping[str, Any], held: str | None) -> dict[str, Any]:
    """Do what was wished: `told` with the number of an undo, a `draft` for the form, or `refused` by field.

    held: the view in front, which a new alert is of.  What is refused changes nothing, and the form keeps what was
    typed.
    """
    asked = {**wish, "held": held}
    try:
        return {"do": wish["do"], "wrong": False, "at": wish["at"]} | _DEEDS[wish["do"]](desk, asked)
    except PairwatchError as error:
        return {"do": wish["do"], "wrong": True, "at": wish["at"], "told": _sentence(str(error))}


def tried(desk: Door, trial: Mapping[str, Any], held: str | None) -> dict[str, Any]:
    """What the rule in the form would have done, or why that is not told; with its firings where its pair is the
    chart's. held: the view of the chart.
    """
    untold = {"marks": [], "at": trial["at"]}
    rule = rule_typed(trial["draft"], desk.default_query(), desk.status().now_ms)
    if isinstance(rule, Refused):
        return untold | {"words": f"No record yet. {next(iter(rule.fields.values()))}"}
    try:
        record = desk.alerting.record_of(rule)
    except PairwatchError as error:
        return untold | {"words": _sentence(str(error))}
    here = _same_bars(rule.query, parsed(held, desk.default_query()))
    marks = record_facts(record) if here and isinstance(record, TrackRecord) else []
    return untold | {"words": record_words(record), "marks": marks}


def _same_bars(one: PairQuery, other: PairQuery) -> bool:
    legs = (one.y_symbol, one.x_symbol) == (other.y_symbol, other.x_symbol)
    return legs and one.params.timeframe is other.params.timeframe


def _blank(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    query = parsed(asked["held"], desk.default_query())
    return _opened(desk, blank_draft(query, bases_of(desk), asked.get("begin")))


def _edit(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    return _opened(desk, draft_of(_rule(desk, asked), bases_of(desk)))


def _opened(desk: Door, draft: dict[str, Any]) -> dict[str, Any]:
    return {
        "draft": draft,
        "choices": form_choices(),
        "channels": [one.channel.name for one in desk.alerting.channels() if one.channel.active],
    }


def _save(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    draft = asked["draft"]
    rule = rule_typed(draft, desk.default_query(), desk.status().now_ms)
    if isinstance(rule, Refused):
        return {"refused": dict(rule.fields), "wrong": True}
    if draft["id"] is None:
        added = desk.alerting.add(rule)
        return {"told": f"“{added.name}” is armed.", "saved": added.id}
    changed = {one.name: getattr(rule, one.name) for one in fields(AlertRule) if one.name not in _KEPT}
    kept = desk.alerting.change(rule.id, **changed)
    return {"told": f"“{kept.name}” is saved.", "saved": kept.id}


def _toggle(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    rule = desk.alerting.toggle(int(asked["rule"]), asked["active"] == "1")
    return {"told": f"“{rule.name}” is {'on' if rule.active else 'off'}."}


def _duplicate(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    copy = desk.alerting.duplicate(int(asked["rule"]))
    return {"told": f"“{copy.name}” is a copy, and off until you switch it on."}


def _snooze(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    span_ms = int(asked["span"])
    until_ms = desk.status().now_ms + span_ms if span_ms else None
    rule = desk.alerting.change(int(asked["rule"]), snoozed_until_ms=until_ms)
    return {"told": f"“{rule.name}” sleeps for {span_text(span_ms)}." if span_ms else f"“{rule.name}” is awake."}


def _remove(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    name = _rule(desk, asked).name
    return {"told": f"“{name}” is deleted.", "removal": desk.alerting.remove(int(asked["rule"]))}


def _undo(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    return {"told": f"“{desk.alerting.bring_back(int(asked['removal'])).name}” is back."}


def _channel_save(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    typed = {name: str(value or "").strip() for name, value in asked["draft"].items()}
    wrong: dict[str, str] = {}
    if any(one.channel.name.casefold() == typed["name"].casefold() for one in desk.alerting.channels()):
        wrong["name"] = "A channel has that name already; choose another, or remove that one first."
    try:
        quiet = _quiet(typed)
    except BadInput as error:
        wrong["quiet"], quiet = _sentence(str(error)), None
    if wrong:
        return {"refused": wrong, "wrong": True}
    kind: ChannelKind = "apprise" if typed["kind"] == "apprise" else "webhook"
    signing = (SecretText(typed["signing"]),) if typed["signing"] and kind == "webhook" else ()
    try:
        kept = desk.alerting.put_channel(
            Channel(typed["name"], kind, SecretText(typed["url"]), signing=signing, quiet=quiet)
        )
    except BadInput as error:
        return {"refused": dict([_at_channel_field(str(error))]), "wrong": True}
    return {"told": f"Channel “{kept.name}” is kept. Send a test message to see that it works.", "saved": kept.name}


def _channel_toggle(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    channel = desk.alerting.channel(asked["channel"])
    kept = desk.alerting.put_channel(replace(channel, active=asked["active"] == "1"))
    return {"told": f"Channel “{kept.name}” is {'on' if kept.active else 'off'}."}


def _channel_test(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    outcome: Outcome = desk.alerting.test_channel(asked["channel"])
    arrived = outcome.fate == "accepted"
    word = "arrived" if arrived else "did not arrive"
    return {"told": f"The test message to “{asked['channel']}” {word}: {outcome.receipt}", "wrong": not arrived}


def _channel_remove(desk: Door, asked: Mapping[str, Any]) -> dict[str, Any]:
    desk.alerting.remove_channel(asked["channel"])
    return {"told": f"Channel “{asked['channel']}” and its secrets are removed."}


def _rule(desk: Door, asked: Mapping[str, Any]) -> AlertRule:
    return desk.alerting.row(int(asked["rule"])).rule


def _quiet(typed: Mapping[str, str]) -> QuietHours | None:
    """The quiet hours that were typed, None where neither end was. Raises BadInput."""
    begin, end = typed["quiet_from"], typed["quiet_to"]
    if not begin and not end:
        return None
    return QuietHours(_minute(begin), _minute(end), typed["zone"] or "UTC")


def _minute(text: str) -> int:
    parts = _CLOCK.fullmatch(text)
    if parts is None:
        raise BadInput("write both ends as hours and minutes, such as 22:00 and 07:00, or neither")
    return int(parts[1]) * 60 + int(parts[2])


def _at_channel_field(told: str) -> tuple[str, str]:
    """The field of the channel's form that a check names, and the sentence."""
    if told.startswith("a signing secret"):
        return "signing", _sentence(told)
    field, colon, sentence = told.partition(": ")
    known = {
        "url": "url",
        "signing": "signing",
        "quiet": "quiet",
        "quiet hours": "quiet",
        "name": "name",
        "kind": "kind",
    }
    if colon and field in known:
        return known[field], _sentence(sentence)
    return ("name" if "name of the channel" in told or "channel needs a name" in told else "url"), _sentence(told)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].rstrip('.')}."


_DEEDS: Final[dict[str, Callable[[Door, Mapping[str, Any]], dict[str, Any]]]] = {
    "new": _blank,
    "edit": _edit,
    "save": _save,
    "toggle": _toggle,
    "duplicate": _duplicate,
    "snooze": _snooze,
    "remove": _remove,
    "undo": _undo,
    "channel-save": _channel_save,
    "channel-toggle": _channel_toggle,
    "channel-test": _channel_test,
    "channel-remove": _channel_remove,
}
