"""A book with messages, a notifier that answers as it is told, and a courier stepped by hand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from analytics.alert_book import Message
from analytics.alert_channels import Channel, QuietHours, SecretText
from services.alert_book import AlertBook
from services.delivery.channel_health import HealthBoard
from services.delivery.courier import Courier, Errand, Pace
from services.delivery.letters import Letter
from services.delivery.outcome import Outcome
from storage.alert_memory import memory_alert_store
from tests.fakes import FakeClock

SECRET = "https://hook.example/a-telling-path?key=a-telling-key"
DESK = Channel("desk", "webhook", SecretText(SECRET))
ACCEPTED = Outcome("accepted", "204 No Content in 3 ms")
AGAIN = Outcome("again", "500 Internal Server Error in 3 ms")
REFUSED = Outcome("refused", "404 Not Found in 3 ms")
GONE = Outcome("gone", "410 Gone in 3 ms")


def body(number: int) -> str:
    data = {"id": f"{number}-1-fired", "title": "BTC/ETH fired", "text": f"z {number}", "late": False}
    return json.dumps({"type": "alert.fired", "timestamp": "2023-11-14T22:13:20.000Z", "data": data})


def message(number: int, channel: str = "desk", *, held_back: bool = False) -> Message:
    return Message(f"{number}-1-fired", channel, body(number), held_back=held_back)


@dataclass
class ScriptedNotifier:
    """Answers in turn; the last answer for ever. before: runs at every attempt."""

    answers: list[Outcome]
    sent: list[tuple[Letter, int]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def check(self, channel: Channel) -> None:
        """Every channel will do."""

    def send(self, channel: Channel, letter: Letter, attempt: int) -> Outcome:
        self.before()
        self.sent.append((letter, attempt))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def ids(self) -> list[str]:
        return [letter.id for letter, _ in self.sent]


class CourierCase:
    """chance 0.5: every wait is half of its most."""

    def __init__(self, *answers: Outcome, book: AlertBook | None = None, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.book = book or AlertBook(memory_alert_store(), self.clock)
        self.book.put_channel(DESK)
        self.notifier = ScriptedNotifier(list(answers))
        self.board = HealthBoard()
        self.pace = Pace()
        self.errand = Errand(
            self.book,
            {"webhook": self.notifier},
            self.clock,
            self.board,
            self.pace,
            lambda: 0.5,
            threading.Event(),
            self.clock.now_ms(),
        )
        self.courier = Courier("desk", self.errand)

    def post(self, *numbers: int, held_back: bool = False) -> None:
        self.book.post([message(number, held_back=held_back) for number in numbers])

    def quiet(self, quiet: QuietHours | None) -> None:
        self.book.put_channel(replace(DESK, quiet=quiet))

    def run(self) -> float | None:
        """Step until something must be waited for; returns how many seconds, None when nothing waits."""
        while (wait_s := self.courier.step()) == 0:
            pass
        return wait_s

    def states(self) -> dict[str, str]:
        return {row.event_id: row.state for row in self.book.messages(limit=1000)}
