"""How moments are written: as short as the day allows, in the zone of the screen. Times are epoch milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime

from dash import html

from layouts.numbers import DASH
from layouts.zone import UTC_ZONE, Zone


def clock_time(time_ms: int, now_ms: int, zone: Zone = UTC_ZONE) -> str:
    """12:03:11 today, 22 Nov 12:03:11 in this year, 22 Nov 2025 12:03:11 before it. Its reader must name the zone."""
    moment = zone.moment(time_ms)
    return f"{_day(moment, zone.moment(now_ms))}{moment:%H:%M:%S}"


def named_time(time_ms: int, now_ms: int, zone: Zone = UTC_ZONE) -> str:
    """The same with its zone: 12:03:11 UTC."""
    return f"{clock_time(time_ms, now_ms, zone)} {zone.suffix(time_ms)}"


def span(first_ms: int, last_ms: int, now_ms: int, zone: Zone = UTC_ZONE) -> str:
    """From one minute to another, a day and the zone named once: 02:10 to 02:31 UTC."""
    first, last, now = (zone.moment(one) for one in (first_ms, last_ms, now_ms))
    begin, end = (f"{_day(one, now)}{one:%H:%M}" for one in (first, last))
    named = zone.suffix(last_ms)
    if zone.suffix(first_ms) != named:  # clocks were changed between them
        return f"{begin} {zone.suffix(first_ms)} to {end} {named}"
    if first.date() == last.date():
        end = f"{last:%H:%M}"
        if f"{first:%H:%M}" == end:
            return f"{begin} {named}"
    return f"{begin} to {end} {named}"


def stamp(time_ms: int | None, now_ms: int, zone: Zone = UTC_ZONE, *, named: bool = False) -> html.Time | str:
    """A moment for the page, with the full one for machines; unknown is the dash. named: with its zone beside it."""
    if time_ms is None:
        return DASH
    return html.Time(
        (named_time if named else clock_time)(time_ms, now_ms, zone),
        dateTime=f"{datetime.fromtimestamp(time_ms / 1000, UTC):%FT%TZ}",
        title=f"{zone.moment(time_ms):%F %T} {zone.suffix(time_ms)}",
    )


def _day(moment: datetime, now: datetime) -> str:
    if moment.date() == now.date():
        return ""
    return f"{moment.day} {moment:%b} " if moment.year == now.year else f"{moment.day} {moment:%b %Y} "
