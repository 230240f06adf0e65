"""Times in the zone of the screen: exact, named, and steady where clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from layouts.look import Look, look_of
from layouts.zone import UTC_ZONE, Zone, zone_named

NEW_YORK = Zone("America/New_York", -300)
AUTUMN = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)  # when New York's clocks go from 02:00 back to 01:00


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def test_a_moment_is_the_wall_clock_of_its_own_day() -> None:
    before, after = ms(AUTUMN - timedelta(minutes=30)), ms(AUTUMN + timedelta(minutes=30))
    assert [f"{NEW_YORK.moment(one):%H:%M}" for one in (before, after)] == ["01:30", "01:30"]
    assert [NEW_YORK.suffix(one) for one in (before, after)] == ["UTC−4", "UTC−5"]


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        (NEW_YORK, AUTUMN),
        (Zone("America/New_York", -240), datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),
        (Zone("Europe/Berlin", 60), datetime(2026, 10, 25, 1, 0, tzinfo=UTC)),
        (Zone("Australia/Lord_Howe", 630), datetime(2026, 4, 4, 15, 0, tzinfo=UTC)),  # by half an hour
    ],
)
def test_a_time_axis_neither_folds_nor_leaps_where_clocks_are_changed(zone: Zone, change: datetime) -> None:
    minutes = ms(change) + np.arange(-180, 180) * 60_000
    drawn = np.array(zone.column(minutes), "datetime64[ms]").astype(np.int64)
    assert (np.diff(drawn) == 60_000).all()
    np.testing.assert_array_equal(drawn, zone.shown_ms(minutes).astype(np.int64))
    np.testing.assert_array_equal(zone.shown_ms(minutes) - zone.offset_minutes * 60_000, minutes)


def test_a_chart_is_given_text_because_numbers_would_be_read_in_the_zone_of_the_machine() -> None:
    noon = ms(datetime(2026, 11, 23, 17, 35, tzinfo=UTC))
    assert UTC_ZONE.column(np.array([noon])) == ["2026-11-23T17:35:00"]
    assert NEW_YORK.column(np.array([noon, noon + 250])) == ["2026-11-23T12:35:00.000", "2026-11-23T12:35:00.250"]
    assert NEW_YORK.mark(noon) == "2026-11-23T12:35:00"
    assert UTC_ZONE.column(np.array([], np.int64)) == []


@pytest.mark.parametrize(
    ("zone", "title"),
    [
        (UTC_ZONE, "UTC"),
        (NEW_YORK, "New York, UTC−5"),
        (Zone("Asia/Kolkata", 330), "Kolkata, UTC+5:30"),
        (Zone("America/Argentina/Buenos_Aires", -180), "Buenos Aires, UTC−3"),
        (Zone("Europe/London", 0), "London, UTC+0"),
    ],
)
def test_the_zone_is_named_with_its_distance(zone: Zone, title: str) -> None:
    assert zone.title == title


def test_a_zone_that_is_not_known_here_is_told_by_its_distance() -> None:
    newer = Zone("Mars/Olympus_Mons", 90)
    assert newer.title == "UTC+1:30"
    assert newer.suffix(0) == "UTC+1:30"
    assert f"{newer.moment(0):%H:%M}" == "01:30"


@pytest.mark.parametrize(
    "told", [None, {"zone": 7, "offset": 0}, {"zone": "X/Y", "offset": "no"}, {"zone": "A/B", "offset": 9**9}]
)
def test_what_is_no_zone_is_utc_and_called_so(told: dict[str, object] | None) -> None:
    assert look_of(told).zone == UTC_ZONE


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/localtime", "", "a" * 400, "America"])
def test_a_name_from_outside_reads_no_other_file(name: str) -> None:
    assert zone_named(name, -300).title == "UTC−5"


def test_a_browser_names_its_zone() -> None:
    assert look_of({"zone": "America/New_York", "offset": -300}) == Look(zone=NEW_YORK)
