"""Moments as they are read: in the zone of the screen, which stands beside them, also where clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from layouts import holes, machinery, moments
from layouts.adf import adf_result
from layouts.legs import legs
from layouts.zone import UTC_ZONE, Zone
from tests.layouts.reading import components, text
from tests.screen_fake import LEDGER, MACHINERY, QUERY, START_MS, FakeDesk

NEW_YORK = Zone("America/New_York", -300)


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc,arg-type]


def test_a_day_begins_at_midnight_of_the_zone() -> None:
    late, later = ms(2026, 1, 10, 3), ms(2026, 1, 10, 6)  # 22:00 on the 9th, 01:00 on the 10th
    assert moments.clock_time(late, later) == "03:00:00"
    assert moments.clock_time(late, later, NEW_YORK) == "9 Jan 22:00:00"


def test_a_named_time_is_named_by_the_distance_of_its_own_day() -> None:
    now_ms = ms(2026, 12, 2)
    assert moments.named_time(ms(2026, 7, 1, 12), now_ms, NEW_YORK) == "1 Jul 08:00:00 UTC−4"
    assert moments.named_time(ms(2026, 11, 30, 12), now_ms, NEW_YORK) == "30 Nov 07:00:00 UTC−5"
    assert moments.named_time(ms(2026, 7, 1, 12), now_ms) == "1 Jul 12:00:00 UTC"


@pytest.mark.parametrize(
    ("first", "last", "zone", "told"),
    [
        ((2026, 1, 10, 7, 10), (2026, 1, 10, 7, 31), UTC_ZONE, "07:10 to 07:31 UTC"),
        ((2026, 1, 10, 7, 10), (2026, 1, 10, 7, 10), NEW_YORK, "02:10 UTC−5"),
        ((2026, 1, 9, 23, 10), (2026, 1, 10, 7, 31), NEW_YORK, "9 Jan 18:10 to 02:31 UTC−5"),
    ],
)
def test_a_span_names_its_zone_once(first: tuple[int, ...], last: tuple[int, ...], zone: Zone, told: str) -> None:
    assert moments.span(ms(*first), ms(*last), ms(2026, 1, 10, 12), zone) == told


def test_a_span_over_a_change_of_the_clocks_names_both_distances() -> None:
    told = moments.span(ms(2026, 11, 1, 5, 30), ms(2026, 11, 1, 6, 30), ms(2026, 11, 1, 20), NEW_YORK)
    assert told == "01:30 UTC−4 to 01:30 UTC−5"


def test_a_stamp_keeps_the_full_moment_for_machines_and_pointers() -> None:
    (shown,) = components(moments.stamp(ms(2026, 7, 1, 12), ms(2026, 7, 1, 13), NEW_YORK))
    assert (shown.children, shown.dateTime, shown.title) == (
        "08:00:00",
        "2026-07-01T12:00:00Z",
        "2026-07-01 08:00:00 UTC−4",
    )


def test_columns_of_times_are_headed_by_their_place() -> None:
    for zone, place in ((UTC_ZONE, "UTC"), (NEW_YORK, "New York")):
        told = text(holes.holes_table(list(LEDGER), holes.EVERY, START_MS, zone))
        assert f"Seen, {place} Closed, {place}" in told
        assert f"Since, {place} Renewal" in text(machinery.links_table(MACHINERY, START_MS, zone))


def test_a_test_that_was_run_says_when_in_the_zone_of_the_screen() -> None:
    desk = FakeDesk()
    told = text(adf_result(desk.live(QUERY), legs(QUERY, desk.listings()), ms(2026, 7, 1, 12), NEW_YORK))
    assert "run at 08:00:00 UTC−4" in told
