"""How moments are written: UTC, as short as the day allows. Every function takes epoch milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime

from dash import html

from layouts.numbers import DASH


def clock_time(time_ms: int, now_ms: int) -> str:
    """12:03:11 today, 22 Nov 12:03:11 in this year, 22 Nov 2025 12:03:11 before it."""
    moment, now = (datetime.fromtimestamp(one / 1000, UTC) for one in (time_ms, now_ms))
    return f"{_day(moment, now)}{moment:%H:%M:%S}"


def span(first_ms: int, last_ms: int, now_ms: int) -> str:
    """From one minute to another, a day named once: 02:10 to 02:31."""
    first, last, now = (datetime.fromtimestamp(one / 1000, UTC) for one in (first_ms, last_ms, now_ms))
    begin = f"{_day(first, now)}{first:%H:%M}"
    if first.date() != last.date():
        return f"{begin} to {_day(last, now)}{last:%H:%M}"
    return begin if f"{first:%H:%M}" == f"{last:%H:%M}" else f"{begin} to {last:%H:%M}"


def stamp(time_ms: int | None, now_ms: int) -> html.Time | str:
    """A moment for the page, with the full one for machines; unknown is the dash."""
    if time_ms is None:
        return DASH
    full = datetime.fromtimestamp(time_ms / 1000, UTC)
    return html.Time(clock_time(time_ms, now_ms), dateTime=f"{full:%FT%TZ}", title=f"{full:%F %T} UTC")


def _day(moment: datetime, now: datetime) -> str:
    if moment.date() == now.date():
        return ""
    return f"{moment.day} {moment:%b} " if moment.year == now.year else f"{moment.day} {moment:%b %Y} "
