"""The whole sender on its threads, over real sockets: order, independence, an orderly end, and kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from analytics.alert_channels import Channel, SecretText
from analytics.errors import BadInput, StoreError
from services.alert_book import AlertBook
from services.clock import SystemClock
from services.delivery.courier import Pace
from services.delivery.opening import open_sender
from services.delivery.post import Wire, trusted
from services.delivery.sender import Sender
from services.delivery.webhook import WebhookNotifier, new_secret
from storage.alert_memory import memory_alert_store
from storage.alert_store import SqlAlertStore
from storage.kept_opening import open_kept
from tests.fakes import wait_until
from tests.services.delivery_case import ACCEPTED, ScriptedNotifier, message
from tests.services.receiver import Receiver, receiving, stall, status

HOME = Path(__file__).resolve().parents[2]


@contextmanager
def sending(book: AlertBook, *, pace: Pace | None = None) -> Iterator[Sender]:
    clock, stopping = SystemClock(), threading.Event()
    webhook = WebhookNotifier(clock, Wire(clock.monotonic_ms, stopping, trusted), lambda host, _: (host,), local=True)
    quick = pace or Pace(first_ms=2, most_ms=20)
    sender = Sender(book, {"webhook": webhook}, clock, stopping, pace=quick)
    sender.start()
    try:
        yield sender
    finally:
        sender.stop()


def book_with(**receivers: Receiver) -> AlertBook:
    book = AlertBook(memory_alert_store(), SystemClock())
    for name, receiver in receivers.items():
        book.put_channel(Channel(name, "webhook", SecretText(receiver.url), (new_secret(),)))
    return book


def arrived(receiver: Receiver) -> list[str]:
    return [got.headers["webhook-id"] for got in receiver.received]


def test_a_stalling_and_a_failing_channel_delay_no_other() -> None:
    with receiving(stall) as stalling, receiving(status(500)) as failing, receiving(status(200)) as well:
        book = book_with(a_stalling=stalling, b_failing=failing, well=well)
        with sending(book) as sender:
            book.post([message(number, name) for number in range(20) for name in ("a_stalling", "b_failing", "well")])
            sender.wake()
            wait_until(lambda: len(well.received) == 20, what="everything reached the one that answers")
            wait_until(lambda: sender.banner(), what="the failing one is called dead")
            banner = sender.banner() or ""
        assert arrived(well) == [f"{number}-1-fired" for number in range(20)]
        assert set(arrived(stalling)) == set(arrived(failing)) == {"0-1-fired"}
        assert "“b_failing”" in banner
        assert "“well”" not in banner


def test_a_message_survives_every_kind_of_failure_on_its_way() -> None:
    troubles = [status(500), status(429, "Retry-After: 0"), status(503), status(408), lambda sock, _ended: sock.close()]
    with receiving(*troubles, status(200)) as receiver:
        book = book_with(desk=receiver)
        with sending(book) as sender:
            book.post([message(1), message(2)])
            sender.wake()
            wait_until(lambda: len(book.messages("SENT")) == 2, what="both arrived")
        assert arrived(receiver) == ["1-1-fired"] * 6 + ["2-1-fired"]
        assert [json.loads(got.body)["data"]["attempt"] for got in receiver.received] == [1, 2, 3, 4, 5, 6, 1]


def test_it_ends_in_time_although_receivers_stall_and_loses_nothing() -> None:
    with receiving(stall) as one, receiving(stall) as two:
        book = book_with(one=one, two=two)
        with sending(book) as sender:
            book.post([message(1, "one"), message(1, "two")])
            sender.wake()
            wait_until(lambda: one.received and two.received, what="both stall")
        assert [row.attempts for row in book.messages("WAITING")] == [0, 0]
        assert threads_of_alerts() == []


def test_it_ends_although_a_way_to_send_heeds_nothing(caplog: pytest.LogCaptureFixture) -> None:
    held, entered = threading.Event(), threading.Event()

    def heedless() -> None:
        entered.set()
        held.wait()

    book = AlertBook(memory_alert_store(), SystemClock())
    book.put_channel(Channel("desk", "webhook", SecretText("https://hook.example/")))
    notifier = ScriptedNotifier([ACCEPTED], before=heedless)
    sender = Sender(book, {"webhook": notifier}, SystemClock(), threading.Event(), stop_within_ms=50)
    sender.start()
    book.post([message(1)])
    sender.wake()
    assert entered.wait(60)
    sender.stop()  # it returns although the notifier does not
    assert "a message to channel 'desk' was under way at the end" in caplog.text
    held.set()
    wait_until(lambda: not threads_of_alerts(), what="the thread ended by itself")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # that it ends is the point
def test_a_fault_of_ours_is_told_and_another_thread_goes_on() -> None:
    faults = [KeyError("secret-part")]

    def faulty() -> None:
        if faults:
            raise faults.pop()

    book = AlertBook(memory_alert_store(), SystemClock())
    book.put_channel(Channel("desk", "webhook", SecretText("https://hook.example/")))
    book.post([message(1)])
    sender = Sender(book, {"webhook": ScriptedNotifier([ACCEPTED], before=faulty)}, SystemClock(), threading.Event())
    sender.start()
    wait_until(sender.health, what="it is told")
    (health,) = sender.health()
    assert (health.receipt, health.failures) == ("sending broke off with KeyError", 1)
    wait_until(lambda: "alerts-to-desk" not in threads_of_alerts(), what="the thread has ended")
    sender.wake()
    wait_until(lambda: book.messages("SENT"), what="another has sent it")
    sender.stop()


def threads_of_alerts() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("alert")]


def test_what_a_run_before_left_goes_out_late() -> None:
    with receiving(status(200)) as receiver:
        book = book_with(desk=receiver)
        book.post([message(1)])
        (left,) = book.messages("WAITING")
        wait_until(lambda: SystemClock().now_ms() > left.created_ms, what="a millisecond later")
        with sending(book):
            wait_until(lambda: book.messages("SENT"), what="it arrived")
        (got,) = receiver.received
        assert json.loads(got.body)["data"]["late"] is True


def test_a_courier_has_no_thread_while_nothing_waits() -> None:
    with receiving(status(200)) as receiver:
        book = book_with(desk=receiver)
        with sending(book) as sender:
            for number in range(1, 31):
                book.post([message(number)])
                sender.wake()
                wait_until(lambda: not book.due(SystemClock().now_ms(), 1), what="it arrived")
            wait_until(lambda: "alerts-to-desk" not in threads_of_alerts(), what="it ended")
        assert arrived(receiver) == [f"{number}-1-fired" for number in range(1, 31)]


def test_a_test_message_is_sent_once_and_clears_a_dead_channel() -> None:
    with receiving(status(410), status(200)) as receiver:
        book = book_with(desk=receiver)
        with sending(book) as sender:
            channel = book.channel("desk")
            assert sender.test(channel).fate == "gone"
            assert "410 Gone" in (sender.banner() or "")
            before = sender.version
            assert sender.test(channel).fate == "accepted"
            assert (sender.banner(), sender.version > before) == (None, True)
            first, second = (json.loads(got.body) for got in receiver.received)
            assert first["type"] == "alert.test"
            assert "Test from Pairwatch: the channel “desk” works" in first["data"]["text"]
            assert first["data"]["id"] != second["data"]["id"]


def test_a_channel_that_cannot_work_is_refused_before_it_is_tried() -> None:
    sender = open_sender(AlertBook(memory_alert_store(), SystemClock()), SystemClock(), local=False)
    with pytest.raises(BadInput, match="--allow-local-webhooks"):
        sender.test(Channel("desk", "webhook", SecretText("https://127.0.0.1/")))
    sender.stop()


def test_an_outbox_that_cannot_be_read_is_asked_again() -> None:
    class Shy(AlertBook):
        asked = 0

        def waiting_channels(self) -> tuple[str, ...]:
            self.asked += 1
            if self.asked == 1:
                raise StoreError("the disk is away")
            return super().waiting_channels()

    with receiving(status(200)) as receiver:
        book = Shy(memory_alert_store(), SystemClock())
        book.put_channel(Channel("desk", "webhook", SecretText(receiver.url)))
        book.post([message(1)])
        with sending(book) as sender:
            wait_until(lambda: book.asked, what="it was asked")
            sender.wake()
            wait_until(lambda: receiver.received, what="it arrived")


_CHILD = """
import os, signal, sys
from pathlib import Path
from services.alert_book import AlertBook
from services.clock import SystemClock
from storage.alert_store import SqlAlertStore
from storage.kept_opening import open_kept
from tests.services.delivery_case import ACCEPTED, ScriptedNotifier, message
from tests.services.test_delivery_sender import sending

class Dying(AlertBook):
    def due(self, *asked):
        if sys.argv[2] == "before the send":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().due(*asked)

    def sent(self, rows, receipt):
        if sys.argv[2] == "after the send":
            os.kill(os.getpid(), signal.SIGKILL)
        super().sent(rows, receipt)
        if sys.argv[2] == "after the mark":
            os.kill(os.getpid(), signal.SIGKILL)

book = Dying(SqlAlertStore(open_kept(Path(sys.argv[1]))), SystemClock())
book.post([message(number) for number in range(3)])
with sending(book):
    signal.pause()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
@pytest.mark.parametrize(("moment", "first"), [("before the send", 0), ("after the send", 1), ("after the mark", 1)])
def test_after_kill_9_every_event_arrives_at_least_once_under_its_id(tmp_path: Path, moment: str, first: int) -> None:
    path = tmp_path / "kept.db"
    with receiving(status(200)) as receiver:
        book = AlertBook(SqlAlertStore(open_kept(path)), SystemClock())
        book.put_channel(Channel("desk", "webhook", SecretText(receiver.url), (new_secret(),)))
        book.close()
        command = [sys.executable, "-c", _CHILD, str(path), moment]
        child = subprocess.run(command, cwd=HOME, env=os.environ | {"PYTHONPATH": str(HOME)}, timeout=120, check=False)
        assert child.returncode == -signal.SIGKILL
        assert len(receiver.received) == first
        again = AlertBook(SqlAlertStore(open_kept(path)), SystemClock())
        with sending(again):
            wait_until(lambda: len(again.messages("SENT")) == 3, what="all of them are marked")
        again.close()
    repeated = ["0-1-fired"] if moment == "after the send" else []
    assert arrived(receiver) == [*repeated, "0-1-fired", "1-1-fired", "2-1-fired"]
    assert all(json.loads(got.body)["data"]["late"] for got in receiver.received[first:])
