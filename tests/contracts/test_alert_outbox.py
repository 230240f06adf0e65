"""Channels and the outbox of the book of alerts, asked of the database on disk and of its twin in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.alert_channels import MOST_CHANNELS, Channel, QuietHours, SecretText
from analytics.errors import BadInput, UnknownName
from services.alert_book import AlertBook
from storage.alert_memory import memory_alert_store
from storage.alert_store import SqlAlertStore
from storage.kept_opening import open_kept
from tests.contracts.alert_nouns import (
    NOW,
    OPS,
    PHONE,
    RULE,
    SIGNING,
    URL,
    event,
    firing,
    message,
)
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture(params=["sqlite", "memory"])
def book(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Iterator[AlertBook]:
    on_disk = request.param == "sqlite"
    store = SqlAlertStore(open_kept(tmp_path / "kept.db")) if on_disk else memory_alert_store()
    made = AlertBook(store, clock)
    yield made
    made.close()


def test_channels_are_kept_with_their_secrets(book: AlertBook) -> None:
    assert book.put_channel(OPS) == OPS
    book.put_channel(PHONE)
    assert book.channels() == (OPS, PHONE)
    assert book.channel("OPS").url.reveal() == URL
    assert [one.reveal() for one in book.channel("ops").signing] == [SIGNING]
    book.put_channel(replace(OPS, name="Ops", quiet=None))
    assert [one.name for one in book.channels()] == ["Ops", "Phone"]
    book.remove_channel("OPS")
    assert book.channels() == (PHONE,)
    for ask in (book.channel, book.remove_channel):
        with pytest.raises(UnknownName, match="“ops”; there is “Phone”"):
            ask("ops")


@pytest.mark.parametrize(
    ("channel", "told"),
    [
        (replace(OPS, name=" "), "the channel needs a name"),
        (replace(OPS, kind="pigeon"), "kind: “pigeon” is none of webhook, apprise"),  # type: ignore[arg-type]
        (replace(OPS, url=SecretText("")), "url: this must be a text"),
        (replace(OPS, url=SecretText(f"{URL} x")), "url: use at most 2,000 characters"),
        (replace(OPS, signing=(SecretText(SIGNING),) * 3), "signing: at most two"),
        (replace(OPS, quiet=QuietHours(0, 1_440)), "end_minute must be a minute of the day"),
        (replace(OPS, quiet=QuietHours(5, 5)), "begin and end are the same"),
        (replace(OPS, quiet=QuietHours(0, 1, "Mars/Olympus")), "“Mars/Olympus” is no time zone"),
        (replace(OPS, quiet=QuietHours(0, 1, "../etc")), "is no time zone"),
    ],
)
def test_a_channel_that_cannot_be_is_refused_and_no_secret_is_told(
    book: AlertBook, channel: Channel, told: str
) -> None:
    with pytest.raises(BadInput, match=told) as refused:
        book.put_channel(channel)
    assert "verysecret" not in str(refused.value)
    assert book.channels() == ()


def test_there_is_an_end_to_the_channels(book: AlertBook) -> None:
    for number in range(MOST_CHANNELS):
        book.put_channel(replace(PHONE, name=f"c{number}"))
    with pytest.raises(BadInput, match="16 channels already"):
        book.put_channel(OPS)
    book.put_channel(replace(PHONE, name="C3", active=True))
    assert len(book.channels()) == MOST_CHANNELS


def test_the_outbox_gives_what_is_due_in_order(book: AlertBook) -> None:
    rule = book.add(RULE)
    book.record(rule, firing(1), [event(rule, 1)], [message("1-1-fired", next_ms=NOW + 5), message("1-1-fired", "b")])
    assert book.post([message("test-1", "a", held_back=True), message("1-1-fired", "b")]) == 1
    assert [(one.id, one.channel) for one in book.due(NOW, 10)] == [(2, "b"), (3, "a")]
    assert [(one.id, one.channel) for one in book.due(NOW + 5, 2)] == [(1, "ops"), (2, "b")]
    (test,) = book.due(NOW, 10, "a")
    assert (test.event_id, test.held_back, test.state, test.attempts, test.created_ms) == (
        "test-1",
        True,
        "WAITING",
        0,
        NOW,
    )
    assert book.waiting_channels() == ("a", "b", "ops")


def test_what_an_attempt_came_to_is_kept(book: AlertBook) -> None:
    book.post([message(f"e{number}") for number in range(4)])
    book.failed([1, 2], "answered 500", NOW + 60)
    assert [(one.id, one.attempts) for one in book.due(NOW, 10)] == [(3, 0), (4, 0)]
    book.sent([1, 3], "202 at 09:14:05 UTC")
    book.failed([2, 3], "answered 410", None)
    found = {one.id: (one.state, one.attempts, one.receipt) for one in book.messages()}
    assert found == {
        1: ("SENT", 2, "202 at 09:14:05 UTC"),
        2: ("FAILED", 2, "answered 410"),
        3: ("SENT", 1, "202 at 09:14:05 UTC"),
        4: ("WAITING", 0, None),
    }
    assert [one.id for one in book.messages("SENT")] == [3, 1]
    assert [one.id for one in book.messages(before=3, limit=1)] == [2]
    assert {key: [one.id for one in rows] for key, rows in book.deliveries(["e0", "e3", "none"]).items()} == {
        "e0": [1],
        "e3": [4],
    }
    assert book.deliveries([]) == {}
