"""In which zone times are told. One `Zone` serves the whole screen; files and the API speak UTC only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from analytics.market import FloatArray, Int64Array
from layouts.numbers import MINUS

_MINUTE_MS: Final = 60_000
_FURTHEST_MINUTES: Final = 24 * 60  # no clock on earth is a day away from UTC


@dataclass(frozen=True, slots=True)
class Zone:
    """name: "UTC", or the browser's IANA name such as "America/New_York".  offset_minutes: east of UTC, of this moment.

    A moment in a sentence is the wall clock of its own day. A time axis has the one offset of this moment, so that it
    neither folds nor leaps where clocks are changed; its title says which. A name that is not known here is told by
    its offset alone.
    """

    name: str = "UTC"
    offset_minutes: int = 0

    @property
    def title(self) -> str:
        """What stands at a time axis: "UTC", or "New York, UTC−5"."""
        distance = self.distance
        return distance if self.place == distance else f"{self.place}, {distance}"

    @property
    def place(self) -> str:
        """What stands above a column of times: "UTC", or "New York"."""
        known = self.name != "UTC" and _known(self.name)
        return self.name.rpartition("/")[2].replace("_", " ") if known else self.distance

    @property
    def distance(self) -> str:
        """How far a time axis is from UTC: "UTC", or "UTC−5"."""
        return "UTC" if self.name == "UTC" else _written(self.offset_minutes)

    @property
    def steady(self) -> Zone:
        """The clock of a time axis: this zone's distance of now, all year round."""
        return self if self.name == "UTC" else Zone("", self.offset_minutes)

    def moment(self, time_ms: float) -> datetime:
        """A moment of epoch milliseconds as the wall clock of its own day shows it."""
        return datetime.fromtimestamp(time_ms / 1000, self._clock())

    def suffix(self, time_ms: float) -> str:
        """What the wall clock is called at a moment: "UTC", or its distance, "UTC−4"."""
        if self.name == "UTC":
            return "UTC"
        distance = self.moment(time_ms).utcoffset() or timedelta()
        return _written(round(distance.total_seconds() / 60))

    def shown_ms(self, time_ms: Int64Array | FloatArray) -> FloatArray:
        """(n,) moments as they stand on a time axis, in milliseconds as if they were UTC. NaN stays NaN."""
        return time_ms.astype(np.float64) + self.offset_minutes * _MINUTE_MS

    def column(self, time_ms: Int64Array | FloatArray) -> list[str]:
        """(n,) moments as the chart library must be given them: as text, for it reads a number in the zone of the
        browser's machine. Milliseconds are written where there are any.
        """
        shown = np.round(self.shown_ms(time_ms)).astype("datetime64[ms]")
        fine = (shown != shown.astype("datetime64[s]")).any()
        written: Any = np.datetime_as_string(shown, unit="ms" if fine else "s")
        return list(map(str, written.tolist()))

    def mark(self, time_ms: float) -> str:
        """One moment on a time axis, as in `column`."""
        return self.column(np.array([time_ms], np.float64))[0]

    def _clock(self) -> tzinfo:
        if self.name == "UTC":
            return UTC
        return _known(self.name) or timezone(timedelta(minutes=self.offset_minutes))


UTC_ZONE: Final = Zone()


def zone_named(name: object, offset_minutes: object) -> Zone:
    """The zone that a browser tells of. What cannot be one is UTC, and is called so."""
    if not isinstance(name, str) or not isinstance(offset_minutes, int) or abs(offset_minutes) >= _FURTHEST_MINUTES:
        return UTC_ZONE
    return UTC_ZONE if name == "UTC" else Zone(name, offset_minutes)


def _known(name: str) -> ZoneInfo | None:
    """The rules of a zone, or None: the name comes from outside, and a browser may be newer than this machine."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _written(offset_minutes: int) -> str:
    hours, minutes = divmod(abs(offset_minutes), 60)
    sign = MINUS if offset_minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{minutes:02d}" if minutes else "")
