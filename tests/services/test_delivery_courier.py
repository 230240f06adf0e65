"""One channel's courier, stepped by hand on a clock that stands still, over the real book in memory."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert_book import Message
from analytics.alert_channels import QuietHours, SecretText
from analytics.errors import StoreError
from services.alert_book import AlertBook
from services.delivery.courier import Pace
from services.delivery.letters import Letter
from services.delivery.outcome import Outcome
from storage.alert_memory import memory_alert_store
from tests.fakes import FakeClock
from tests.services.delivery_case import ACCEPTED, AGAIN, DESK, GONE, REFUSED, SECRET, CourierCase

HOUR_MS = 3_600_000


def test_messages_go_out_in_order_and_are_marked_with_their_receipt() -> None:
    case = CourierCase(ACCEPTED)
    case.post(1, 2, 3)
    assert case.run() is None
    assert case.notifier.ids == ["1-1-fired", "2-1-fired", "3-1-fired"]
    assert {row.receipt for row in case.book.messages("SENT")} == {"2023-11-14T22:13:20Z 204 No Content in 3 ms"}


def test_a_failure_is_tried_again_after_a_growing_wait_and_nobody_overtakes() -> None:
    case = CourierCase(AGAIN, AGAIN, AGAIN, ACCEPTED)
    case.post(1, 2)
    waits = []
    while (wait_s := case.run()) is not None:
        waits.append(wait_s)
        case.clock.pass_ms(int(wait_s * 1000))
    assert waits == [0.5, 1.0, 2.0]
    assert case.notifier.ids == ["1-1-fired"] * 4 + ["2-1-fired"]
    assert [attempt for _, attempt in case.notifier.sent] == [1, 2, 3, 4, 1]


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_longer_than_an_hour(failures: int, chance: float) -> None:
    wait_ms = Pace().wait_ms(failures, chance)
    assert 0 <= wait_ms <= min(HOUR_MS, 1000 * 2 ** (failures - 1))


def test_a_receiver_that_asks_for_time_gets_it() -> None:
    case = CourierCase(Outcome("again", "429", wait_ms=90_000), ACCEPTED)
    case.post(1)
    assert case.run() == 90.0


@pytest.mark.parametrize("final", [REFUSED, GONE])
def test_a_final_no_gives_the_message_up_at_once_and_goes_on(final: Outcome) -> None:
    case = CourierCase(final, ACCEPTED)
    case.post(1, 2)
    assert case.run() is None
    assert case.states() == {"1-1-fired": "FAILED", "2-1-fired": "SENT"}


def test_after_a_day_of_failures_a_message_is_given_up_visibly() -> None:
    case = CourierCase(AGAIN)
    case.post(1, 2)
    waited_ms = 0
    while (wait_s := case.run()) is not None:
        waited_ms += int(wait_s * 1000)
        case.clock.pass_ms(int(wait_s * 1000))
    assert case.states() == {"1-1-fired": "FAILED", "2-1-fired": "FAILED"}
    assert 24 * HOUR_MS <= waited_ms <= 25 * HOUR_MS
    assert all("given up after 24 h" in (row.receipt or "") for row in case.book.messages("FAILED"))
    assert case.board.of("desk").given_up == 2


def test_a_message_is_tried_for_a_day_also_when_the_product_was_down_for_two() -> None:
    before = CourierCase(AGAIN)
    before.post(1)
    before.clock.pass_ms(48 * HOUR_MS)
    case = CourierCase(AGAIN, ACCEPTED, book=before.book, clock=before.clock)
    assert case.run() == 0.5
    case.clock.pass_ms(500)
    assert case.run() is None
    assert case.states() == {"1-1-fired": "SENT"}
    assert case.notifier.sent[0][0].text == "(late) z 1"


def test_a_restart_goes_on_with_the_wait_and_the_count_of_the_run_before() -> None:
    before = CourierCase(AGAIN)
    before.post(1)
    for _ in range(5):
        before.clock.pass_ms(int((before.run() or 0) * 1000))
    rest_s = before.run()
    assert rest_s == 16.0
    case = CourierCase(ACCEPTED, book=before.book, clock=before.clock)
    assert case.run() == rest_s
    assert case.board.of("desk").dead
    case.clock.pass_ms(16_000)
    assert case.run() is None
    assert not case.board.of("desk").dead


def test_a_wall_clock_that_jumps_cannot_mute_a_channel() -> None:
    case = CourierCase(AGAIN, ACCEPTED)
    case.post(1)
    assert case.run() == 0.5
    case.clock.wall_ms -= 72 * HOUR_MS
    case.clock.mono_ms += 500
    case.post(2)
    assert case.run() is None
    assert set(case.states().values()) == {"SENT"}


def test_a_channel_that_was_mended_is_tried_at_once() -> None:
    case = CourierCase(AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, ACCEPTED)
    case.post(1)
    for _ in range(4):
        case.clock.pass_ms(int((case.run() or 0) * 1000))
    assert (case.run(), case.board.of("desk").dead) == (8.0, True)
    case.book.put_channel(replace(DESK, url=SecretText("https://hook.example/mended")))
    assert case.run() is None
    assert case.board.of("desk").failures == 0


def test_a_channel_that_fails_in_a_row_is_dead_in_words_until_it_answers(caplog: pytest.LogCaptureFixture) -> None:
    case = CourierCase(*[AGAIN] * 5, ACCEPTED)
    case.post(1)
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            assert case.board.banner() is None
            case.clock.pass_ms(int((case.run() or 0) * 1000))
        case.run()
    banner = case.board.banner()
    assert banner is not None
    assert banner.startswith("Alerts do not reach “desk”: 5 attempts in a row failed since 2023-11-14 22:13:20 UTC.")
    assert "500 Internal Server Error" in banner
    assert caplog.text.count("Alerts do not reach") == 1
    case.clock.pass_ms(HOUR_MS)
    case.run()
    assert case.board.banner() is None


def test_a_channel_that_asked_for_nothing_more_is_dead_at_once() -> None:
    case = CourierCase(GONE)
    case.post(1)
    case.run()
    assert "the last attempt failed" in (case.board.banner() or "")
    assert "410 Gone" in (case.board.banner() or "")


@pytest.mark.parametrize(("change", "told"), [("removed", "there is no channel “desk”"), ("off", "is switched off")])
def test_what_waits_for_nobody_is_given_up_with_the_reason(change: str, told: str) -> None:
    case = CourierCase(ACCEPTED)
    case.post(1, 2)
    if change == "removed":
        case.book.remove_channel("desk")
    else:
        case.book.put_channel(replace(DESK, active=False))
    assert case.run() is None
    assert case.notifier.sent == []
    assert all(told in (row.receipt or "") for row in case.book.messages("FAILED"))


def test_a_body_that_is_no_message_stops_nobody() -> None:
    case = CourierCase(ACCEPTED)
    case.book.post([Message("bad", "desk", "{}")])
    case.post(1)
    assert case.run() is None
    assert case.states() == {"bad": "FAILED", "1-1-fired": "SENT"}


def test_a_night_is_slept_through_and_told_as_one() -> None:
    evening = datetime(2026, 11, 23, 23, tzinfo=ZoneInfo("Europe/Berlin"))
    case = CourierCase(ACCEPTED, clock=FakeClock(int(evening.timestamp() * 1000)))
    case.quiet(QuietHours(22 * 60, 7 * 60, "Europe/Berlin"))
    case.post(1, 2)
    case.post(3, held_back=True)
    assert case.run() == 8 * 3600
    case.clock.pass_ms(8 * HOUR_MS)
    assert case.run() is None
    assert sorted(case.states().values()) == ["SENT"] * 3
    assert [letter.document["data"]["why"] for letter, _ in case.notifier.sent] == ["quiet_hours", "held_back"]


class Sulking(AlertBook):
    """A book whose disk refuses to mark, so many times."""

    def __init__(self, clock: FakeClock, times: int) -> None:
        super().__init__(memory_alert_store(), clock)
        self.times = times

    def sent(self, rows: Sequence[int], receipt: str) -> None:
        if self.times:
            self.times -= 1
            raise StoreError("the disk is full")
        super().sent(rows, receipt)


def test_a_disk_that_refuses_the_mark_is_asked_again_before_anything_else_is_sent() -> None:
    clock = FakeClock()
    case = CourierCase(ACCEPTED, book=Sulking(clock, 2), clock=clock)
    case.post(1, 2)
    assert (case.run(), case.run()) == (1.0, 1.0)
    assert case.notifier.ids == ["1-1-fired"]
    assert case.run() is None
    assert case.notifier.ids == ["1-1-fired", "2-1-fired"]


class Crash(Exception):
    """The end of a run, at the moment of a mark."""


class Crashing(AlertBook):
    """A book whose run can end right before or right after it has marked."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(memory_alert_store(), clock)
        self.moments: list[str] = []

    def sent(self, rows: Sequence[int], receipt: str) -> None:
        moment = self.moments.pop() if self.moments else "never"
        if moment == "before":
            raise Crash
        super().sent(rows, receipt)
        if moment == "after":
            raise Crash


@given(
    st.lists(st.sampled_from([ACCEPTED, AGAIN, REFUSED]), max_size=12),
    st.lists(st.sampled_from(["never", "before", "after"]), max_size=8),
    st.lists(st.booleans(), min_size=1, max_size=6),
)
def test_whatever_happens_every_message_is_sent_or_given_up_and_first_times_keep_their_order(
    answers: list[Outcome], moments: list[str], held: list[bool]
) -> None:
    clock = FakeClock()
    book = Crashing(clock)
    book.moments = list(moments)
    case = CourierCase(*answers, ACCEPTED, book=book, clock=clock)
    for number, held_back in enumerate(held):
        case.post(number, held_back=held_back)
    notifier = case.notifier
    for _ in range(200):
        try:
            wait_s = case.run()
        except Crash:  # another run over the same database, and the same world outside
            case = CourierCase(book=book, clock=clock)
            case.errand.notifiers["webhook"] = notifier  # type: ignore[index]
            continue
        if wait_s is None:
            break
        clock.pass_ms(max(int(wait_s * 1000), 1))
    states = case.states()
    assert "WAITING" not in states.values()
    told = [name for letter, _ in notifier.sent for name in names_in(letter)]
    assert {name for name, state in states.items() if state == "SENT"} <= set(told)
    prompt = [f"{number}-1-fired" for number, held_back in enumerate(held) if not held_back]
    assert [name for name in dict.fromkeys(told) if name in prompt] == prompt


def names_in(letter: Letter) -> list[str]:
    return [one["data"]["id"] for one in letter.document["data"].get("events", [letter.document])]


def test_what_the_end_of_the_program_broke_off_is_not_a_failure() -> None:
    case = CourierCase(AGAIN)
    case.notifier.before = case.errand.stopping.set
    case.post(1)
    case.courier.step()
    (row,) = case.book.messages("WAITING")
    assert (row.attempts, case.board.all()) == (0, ())


def test_no_log_receipt_or_word_holds_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    told = Outcome("again", f"could not post to {SECRET}, a-telling-path and a-telling-key\nat all")
    case = CourierCase(told)
    case.post(1, 2)
    with caplog.at_level(logging.DEBUG):
        for _ in range(60):
            case.clock.pass_ms(int((case.run() or 0) * 1000))
    shown = [caplog.text, case.board.banner() or "", repr(case.board.all()), repr(case.book.channels())]
    shown += [row.receipt or "" for row in case.book.messages()]
    assert "could not post" in "".join(shown)
    for part in ("a-telling-path", "a-telling-key", SECRET):
        assert part not in "".join(shown)
