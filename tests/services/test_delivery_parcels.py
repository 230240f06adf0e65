"""What goes out when: one by one, after the quiet hours, or with the hour's digest; nothing lost, nothing twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert_channels import OutboxRow, QuietHours
from analytics.errors import BadInput
from services.delivery.letters import LONGEST_TEXT, MOST_IN_A_DIGEST, digest_of, letter_of
from services.delivery.parcels import HELD_BACK_MS, next_parcel
from services.delivery.quiet import checked_quiet, quiet_end_ms

HOUR_MS = 3_600_000
NIGHT = QuietHours(22 * 60, 7 * 60, "Europe/Berlin")


def wall(text: str, zone: str = "Europe/Berlin") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def row(number: int, created_ms: int, *, held_back: bool = False, attempts: int = 0, text: str = "z 2.31") -> OutboxRow:
    data = {"id": f"{number}-1-fired", "title": "BTC/ETH fired", "text": text, "late": False}
    body = json.dumps({"type": "alert.fired", "timestamp": "2023-11-14T22:13:20.000Z", "data": data})
    return OutboxRow(number, data["id"], "desk", body, created_ms, attempts=attempts, held_back=held_back)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2026-11-23T21:59:59", None),
        ("2026-11-23T22:00:00", "2026-11-24T07:00:00"),
        ("2026-11-24T03:00:00", "2026-11-24T07:00:00"),
        ("2026-11-24T07:00:00", None),
        ("2026-03-28T23:00:00", "2026-03-29T07:00:00"),  # clocks go forward in this night
        ("2026-10-24T23:00:00", "2026-10-25T07:00:00"),  # and back in this one
    ],
)
def test_quiet_hours_follow_the_clock_on_the_wall(at: str, end: str | None) -> None:
    assert quiet_end_ms(NIGHT, wall(at)) == (None if end is None else wall(end))


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = QuietHours(12 * 60, 13 * 60)
    assert quiet_end_ms(noon, wall("2026-11-23T12:30:00", "UTC")) == wall("2026-11-23T13:00:00", "UTC")
    assert quiet_end_ms(noon, wall("2026-11-23T11:59:00", "UTC")) is None
    assert quiet_end_ms(None, 0) is None


@pytest.mark.parametrize(
    "quiet",
    [
        QuietHours(60, 60),
        QuietHours(-1, 60),
        QuietHours(0, 1440),
        QuietHours(0, 60, "Mars/Base"),
        QuietHours(0, 60, "../x"),
    ],
)
def test_quiet_hours_that_cannot_be_are_refused(quiet: QuietHours) -> None:
    with pytest.raises(BadInput, match="quiet hours"):
        checked_quiet(quiet)


def test_rows_go_out_one_by_one_in_their_order() -> None:
    rows = [row(1, 1000), row(2, 1000), row(3, 900)]
    first = next_parcel(rows, None, 2000)
    assert first is not None
    assert (first.ids, first.why, first.release_ms) == ((1,), None, 0)
    assert first.letter(0).id == "1-1-fired"
    assert next_parcel([], None, 0) is None


def test_a_night_goes_out_as_one_digest_when_it_ends() -> None:
    evening, night = wall("2026-11-23T21:59:00"), wall("2026-11-23T23:00:00")
    rows = [row(1, evening), row(2, night), row(3, night + 1), row(4, wall("2026-11-24T08:00:00"))]
    # What came before the night and was not sent in time is not sent into the night.
    stuck = next_parcel(rows, NIGHT, night)
    assert stuck is not None
    assert (stuck.ids, stuck.release_ms) == ((1,), wall("2026-11-24T07:00:00"))
    parcel = next_parcel(rows[1:], NIGHT, wall("2026-11-24T09:00:00"))
    assert parcel is not None
    assert (parcel.ids, parcel.why, parcel.release_ms) == ((2, 3), "quiet_hours", wall("2026-11-24T07:00:00"))
    letter = parcel.letter(0)
    assert [one["data"]["id"] for one in letter.document["data"]["events"]] == ["2-1-fired", "3-1-fired"]
    assert letter.text.startswith("Pairwatch: 2 alerts in quiet hours:\n• z 2.31")


def test_a_new_night_does_not_join_the_one_before() -> None:
    rows = [row(1, wall("2026-11-23T23:00:00")), row(2, wall("2026-11-24T23:00:00"))]
    parcel = next_parcel(rows, NIGHT, wall("2026-11-24T09:00:00"))
    assert parcel is not None
    assert parcel.ids == (1,)


def test_what_was_held_back_waits_an_hour_and_delays_nobody() -> None:
    rows = [row(1, 1000, held_back=True), row(2, 2000), row(3, 3000, held_back=True)]
    first = next_parcel(rows, None, 5000)
    assert first is not None
    assert (first.ids, first.why) == ((2,), None)
    held = [rows[0], rows[2], row(4, 1000 + HELD_BACK_MS, held_back=True)]
    digest = next_parcel(held, None, 5000)
    assert digest is not None
    assert (digest.ids, digest.why, digest.release_ms) == ((1, 3), "held_back", 1000 + HELD_BACK_MS)


def test_a_full_digest_does_not_wait() -> None:
    rows = [row(number, 1000 + number, held_back=True) for number in range(1, MOST_IN_A_DIGEST + 10)]
    parcel = next_parcel(rows, None, 5000)
    assert parcel is not None
    assert (len(parcel.rows), parcel.release_ms) == (MOST_IN_A_DIGEST, 1000 + MOST_IN_A_DIGEST)


@given(
    st.lists(st.tuples(st.integers(0, 72 * 60), st.booleans()), max_size=30),
    st.integers(0, 96 * 60),
    st.booleans(),
)
def test_every_row_goes_out_exactly_once_and_never_into_the_night(
    made: list[tuple[int, bool]], later: int, quiet: bool
) -> None:
    start_ms = wall("2026-11-23T00:00:00")
    times = sorted(minute for minute, _ in made)
    rows = [
        row(number, start_ms + minute * 60_000, held_back=held)
        for number, (minute, (_, held)) in enumerate(zip(times, made, strict=True), start=1)
    ]
    now_ms = start_ms + (72 * 60 + later) * 60_000
    hours = NIGHT if quiet else None
    seen: list[int] = []
    while rows:
        parcel = next_parcel(rows, hours, now_ms)
        assert parcel is not None
        again = next_parcel(rows, hours, now_ms)
        assert again is not None
        assert again.letter(0).id == parcel.letter(0).id
        now_ms = max(now_ms, parcel.release_ms)
        assert quiet_end_ms(hours, now_ms) is None
        seen += parcel.ids
        rows = [one for one in rows if one.id not in parcel.ids]
    assert sorted(seen) == list(range(1, len(made) + 1))


def test_what_is_left_of_a_run_before_is_late() -> None:
    parcel = next_parcel([row(1, 1000)], None, 5000)
    assert parcel is not None
    late = parcel.letter(started_ms=2000)
    assert late.text == "(late) z 2.31"
    assert late.document["data"]["late"] is True
    assert parcel.letter(started_ms=1000).document["data"]["late"] is False


def test_a_digest_of_the_same_rows_has_the_same_id_and_of_others_another() -> None:
    rows = [row(1, 1), row(2, 2), row(3, 3)]
    first = digest_of(rows, "held_back", late=False)
    again = digest_of([replace(one, attempts=4, next_ms=9) for one in rows], "held_back", late=True)
    assert first.id == again.id
    assert first.id != digest_of(rows[:2], "held_back", late=False).id


def test_a_digest_is_short_enough_and_says_how_many_more() -> None:
    letter = digest_of([row(n, n, text="x" * 500) for n in range(1, 101)], "held_back", late=False)
    assert len(letter.text) <= LONGEST_TEXT
    assert letter.text.splitlines()[-1] == f"… and {100 - (len(letter.text.splitlines()) - 2)} more"
    assert len(letter.document["data"]["events"]) == 100


@pytest.mark.parametrize("identity", ["", "7 3", "7-3\r\nHost: other", "7-ä", "x" * 201])
def test_an_id_that_no_header_can_carry_is_refused(identity: str) -> None:
    with pytest.raises(BadInput, match="message 1 has an id"):
        letter_of(replace(row(1, 0), event_id=identity), late=False)


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"data": 3}', '{"type":"t","timestamp":"t","data":{"title":"t"}}'])
def test_a_body_that_is_no_message_is_refused(body: str) -> None:
    with pytest.raises(BadInput, match="message 1 "):
        letter_of(replace(row(1, 0), body=body), late=False)
