"""Quiet hours: whether a moment is in them, and when they end, by the clock of their own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics.alert_channels import QuietHours
from analytics.errors import BadInput

_MINUTES = 24 * 60


def checked_quiet(quiet: QuietHours | None) -> QuietHours | None:
    """Quiet hours as they are kept. Raises BadInput for a minute out of the day, no span at all, or an unknown zone."""
    if quiet is None:
        return None
    for minute in (quiet.start_minute, quiet.end_minute):
        if not 0 <= minute < _MINUTES:
            raise BadInput("quiet hours: give times from 00:00 to 23:59")
    if quiet.start_minute == quiet.end_minute:
        raise BadInput("quiet hours: start and end are the same; switch the channel off to send nothing at all")
    _zone(quiet.zone)
    return quiet


def quiet_end_ms(quiet: QuietHours | None, at_ms: int) -> int | None:
    """When the quiet hours around a moment end, UTC milliseconds; None when the moment is not in any.

    Where clocks are put forward or back, start and end keep the time that the clock on the wall shows.
    Raises BadInput for an unknown zone.
    """
    if quiet is None:
        return None
    zone = _zone(quiet.zone)
    today = datetime.fromtimestamp(at_ms / 1000, zone).date()
    for day in (today - timedelta(days=1), today):
        start_ms = _moment_ms(day, quiet.start_minute, zone)
        over = quiet.end_minute <= quiet.start_minute
        end_ms = _moment_ms(day + timedelta(days=1) if over else day, quiet.end_minute, zone)
        if start_ms <= at_ms < end_ms:
            return end_ms
    return None


def _moment_ms(day: date, minute: int, zone: ZoneInfo) -> int:
    wall = datetime.combine(day, time(minute // 60, minute % 60), zone)
    return int(wall.astimezone(UTC).timestamp() * 1000)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput("quiet hours: the zone is not known; write it like Europe/Berlin or UTC") from error
