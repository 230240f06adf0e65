"""What may be written into the book of alerts: new, changed and copied rules, and channels. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from analytics.alert_book import MOST_RULES
from analytics.alert_channels import CHANNEL_KINDS, MOST_CHANNELS, Channel, QuietHours, SecretText
from analytics.alert_checks import checked
from analytics.alerts import AlertRule
from analytics.errors import BadInput
from analytics.kept_checks import LONGEST_NAME, checked_name

LONGEST_URL: Final = 2_000
LONGEST_SECRET: Final = 200
_DAY_MINUTES: Final = 1_440

_GIVEN: Final = frozenset({"id", "created_ms"})
_CHANGEABLE: Final = tuple(one.name for one in fields(AlertRule) if one.name not in _GIVEN)


def new_rule(rule: AlertRule, now_ms: int) -> AlertRule:
    """The rule as a new one, not yet under an id. Raises BadInput for one that cannot be."""
    return checked(replace(rule, id=0, created_ms=now_ms))


def changed_rule(rule: AlertRule, changes: Mapping[str, Any]) -> AlertRule:
    """The rule with some fields changed. Raises BadInput that names the field."""
    for name in changes:
        if name in _GIVEN:
            raise BadInput(f"{name}: an alert keeps the one it was given; leave it out")
        if name not in _CHANGEABLE:
            raise BadInput(f"{name} is no field of an alert; there is {', '.join(_CHANGEABLE)}")
    return checked(replace(rule, **changes))


def copied_rule(held: Sequence[AlertRule], rule: AlertRule) -> AlertRule:
    """A copy of it under a name that is free, not active and not snoozed."""
    taken = {one.name.casefold() for one in held}
    number = 2
    while (name := _numbered(rule.name, number)).casefold() in taken:
        number += 1
    return replace(rule, name=name, active=False, snoozed_until_ms=None)


def not_yet_there(
    held: Sequence[AlertRule], wanted: Sequence[AlertRule]
) -> tuple[tuple[AlertRule, ...], tuple[AlertRule, ...]]:
    """Those that are new, and those that are there: the same name with the same content.

    Whether a rule is active, and until when it is snoozed, is how it is used, not what it is.
    """
    known = {_content(one) for one in held}
    added: list[AlertRule] = []
    alike: list[AlertRule] = []
    for rule in wanted:
        (alike if _content(rule) in known else added).append(rule)
        known.add(_content(rule))
    return tuple(added), tuple(alike)


def with_room(held: Sequence[AlertRule], wanted: tuple[AlertRule, ...]) -> tuple[AlertRule, ...]:
    """The wanted ones, once there is room for them beside those that are held. Raises BadInput."""
    if wanted:
        check_room(len(held) + len(wanted) - 1)
    return wanted


def check_room(rules: int) -> None:
    """Raises BadInput where no rule may come to so many."""
    if rules >= MOST_RULES:
        raise BadInput(f"there would be more than {MOST_RULES:,} alerts; remove some first")


def checked_channel(channel: Channel) -> Channel:
    """The channel under a clean name, as far as it can be judged without asking the receiver.

    Raises BadInput that names the field, and never a secret.
    """
    name = checked_name("channel", channel.name)
    if channel.kind not in CHANNEL_KINDS:
        raise BadInput(f"kind: “{str(channel.kind)[:20]}” is none of {', '.join(CHANNEL_KINDS)}")
    _check_secret("url", channel.url, LONGEST_URL)
    if len(channel.signing) > 2:
        raise BadInput(
            f"signing: at most two secrets, the second while it is replaced; these are {len(channel.signing)}"
        )
    for secret in channel.signing:
        _check_secret("signing", secret, LONGEST_SECRET)
    if channel.quiet is not None:
        _check_quiet(channel.quiet)
    return replace(channel, name=name)


def check_room_for_channel(others: Sequence[Channel]) -> None:
    """Raises BadInput where there are too many channels beside these."""
    if len(others) >= MOST_CHANNELS:
        raise BadInput(f"there are {MOST_CHANNELS} channels already; remove one first")


def _numbered(name: str, number: int) -> str:
    mark = f" ({number})"
    return name[: LONGEST_NAME - len(mark)].rstrip() + mark


def _content(rule: AlertRule) -> AlertRule:
    return replace(rule, id=0, created_ms=0, active=True, snoozed_until_ms=None)


def _check_secret(name: str, secret: object, longest: int) -> None:
    if not isinstance(secret, SecretText) or not secret:
        raise BadInput(f"{name}: this must be a text that is not empty")
    text = secret.reveal()
    if len(text) > longest or not text.isprintable() or " " in text:
        raise BadInput(f"{name}: use at most {longest:,} characters, without spaces or line breaks")


def _check_quiet(quiet: QuietHours) -> None:
    for name, minute in (("start_minute", quiet.start_minute), ("end_minute", quiet.end_minute)):
        if isinstance(minute, bool) or not isinstance(minute, int) or not 0 <= minute < _DAY_MINUTES:
            raise BadInput(f"quiet: {name} must be a minute of the day, 0 to {_DAY_MINUTES - 1}")
    if quiet.start_minute == quiet.end_minute:
        raise BadInput("quiet: begin and end are the same minute; make the channel inactive to send nothing at all")
