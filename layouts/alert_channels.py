"""Where alerts are sent to, on the Alerts page: what is known of each channel, with its secrets as dots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dash import html

from analytics.alert_channels import MASK, Channel, ChannelKind, QuietHours
from layouts import numbers
from layouts.alert_tables import act
from layouts.aria import aria
from layouts.marks import mark
from layouts.moments import stamp
from layouts.tables import Column, table
from layouts.zone import Zone

_COLUMNS: Final = (
    Column("Channel"),
    Column("Kind"),
    Column("Address"),
    Column("Quiet hours"),
    Column("State", "wide"),
    Column("Change"),
)
_KINDS: Final[dict[ChannelKind, str]] = {"webhook": "Webhook", "apprise": "apprise"}


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """One channel and how it does. dead: why nothing reaches it, as a sentence, else None.  failures: in a row.

    receipt: its last answer, None where it was not tried yet.  sent_ms: when something arrived last, wall time UTC.
    """

    channel: Channel
    dead: str | None = None
    failures: int = 0
    receipt: str | None = None
    sent_ms: int | None = None


def channels_table(channels: Sequence[ChannelFacts], now_ms: int, zone: Zone) -> Any:
    """Every channel by name; no address and no secret is ever shown."""
    rows = [
        (
            html.B(one.channel.name),
            _KINDS[one.channel.kind] + (", signed" if one.channel.signing else ""),
            html.Span(MASK, title="The address is a secret and is not shown"),
            quiet_words(one.channel.quiet),
            _state(one, now_ms, zone),
            _buttons(one.channel),
        )
        for one in channels
    ]
    none = "No channel yet: alerts are told on the screen alone. A channel carries them further."
    return table("Channels", _COLUMNS, rows, none=none)


def quiet_words(quiet: QuietHours | None) -> str:
    """A span of the day with its zone: 22:00 to 07:00 Europe/Berlin."""
    if quiet is None:
        return numbers.DASH
    begin, end = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (quiet.start_minute, quiet.end_minute))
    return f"{begin} to {end} {quiet.zone}"


def _state(one: ChannelFacts, now_ms: int, zone: Zone) -> list[Any]:
    word, tone, shape = _looks(one)
    told: list[Any] = [html.Span([mark(shape), word], className=f"state tone--{tone}")]
    if one.sent_ms is not None:
        told.append(html.Span([" last arrived ", stamp(one.sent_ms, now_ms, zone)], className="state__reason"))
    reason = one.dead or (one.receipt if one.failures else None)
    if reason:
        told.append(html.Div(numbers.typeset(reason), className="alerts__detail"))
    return told


def _looks(one: ChannelFacts) -> tuple[str, str, str]:
    if not one.channel.active:
        return "Off", "plain", "dash"
    if one.dead:
        return "Dead", "bad", "cross"
    if one.failures:
        return f"{numbers.counted(one.failures, 'failure')} in a row", "mind", "half"
    return ("Works", "good", "check") if one.receipt else ("Not tried yet", "plain", "ring")


def _buttons(channel: Channel) -> html.Div:
    name = channel.name
    toggle = html.Button(
        "On" if channel.active else "Off",
        type="button",
        role="switch",
        className="alerts__button alerts__switch",
        **act("channel-toggle", channel=name, active="0" if channel.active else "1"),
        **aria(checked="true" if channel.active else "false", label=f"Channel {name}, active"),
    )
    others = [
        html.Button(
            word,
            type="button",
            className="alerts__button",
            **act(does, channel=name, kind=channel.kind),
            **aria(label=f"{label} {name}"),
        )
        for word, does, label in (
            ("Test", "channel-test", "Send a test message to"),
            ("Remove", "channel-remove", "Remove channel"),
        )
    ]
    return html.Div([toggle, *others], className="alerts__buttons")
