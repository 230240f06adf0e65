"""The sender: sees to it that what the outbox holds leaves the house, each channel on its own.

At least once, fail-open: a message may come twice, under the same id; none is forgotten. A channel that stalls or is
dead delays no other.
"""

from __future__ import annotations

import logging
import random
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Final

from analytics.alert_channels import MOST_CHANNELS, Channel, ChannelKind
from analytics.errors import StoreError
from services.delivery.channel_health import ChannelHealth, HealthBoard
from services.delivery.courier import Courier, Errand, Pace
from services.delivery.letters import trial_letter
from services.delivery.outcome import Outcome, masked, stamp
from services.delivery.ports import Notifier, Outbox
from services.delivery.quiet import checked_quiet
from services.ports import Clock

STOP_WITHIN_MS: Final = 2_500
MOST_COURIERS: Final = 2 * MOST_CHANNELS  # some of them for channels that were removed
_LOOK_ANYWAY_S: Final = 30.0
_STORE_PAUSE_S: Final = 1.0
_logger = logging.getLogger(__name__)


class Sender:
    """notifiers: by kind of channel.  stopping: set by `stop`, watched by notifiers too.  chance: random in [0, 1)."""

    def __init__(
        self,
        outbox: Outbox,
        notifiers: Mapping[ChannelKind, Notifier],
        clock: Clock,
        stopping: threading.Event,
        *,
        pace: Pace | None = None,
        chance: Callable[[], float] = random.random,
        stop_within_ms: int = STOP_WITHIN_MS,
    ) -> None:
        self._outbox = outbox
        self._notifiers = notifiers
        self._clock = clock
        self._stopping = stopping
        self._stop_within_ms = stop_within_ms
        self._board = HealthBoard()
        self._errand = Errand(
            outbox, notifiers, clock, self._board, pace or Pace(), chance, stopping, started_ms=clock.now_ms()
        )
        self._couriers: dict[str, Courier] = {}  # the sender's thread alone changes it; `stop` after that has ended
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alert-sender", daemon=True)

    def start(self) -> None:
        """Start the thread. What a run before left unsent goes out first, marked late."""
        self._woken.set()
        self._thread.start()

    def wake(self) -> None:
        """Something was put into the outbox, or a channel was changed. Cheap, never blocks."""
        self._woken.set()

    def stop(self) -> None:
        """End every thread, within three seconds also when receivers stall; what is unsent stays in the outbox."""
        self._stopping.set()
        self._woken.set()
        until_ms = self._clock.monotonic_ms() + self._stop_within_ms
        if self._thread.is_alive():
            self._thread.join(self._stop_within_ms / 1000)
        for courier in list(self._couriers.values()):
            if not courier.join(max(until_ms - self._clock.monotonic_ms(), 1) / 1000):
                _logger.warning("a message to channel %r was under way at the end; it is sent again", courier.name)

    def check(self, channel: Channel) -> None:
        """Raises BadInput, with the cure and without a secret, for a channel that cannot work."""
        checked_quiet(channel.quiet)
        self._notifiers[channel.kind].check(channel)

    def test(self, channel: Channel) -> Outcome:
        """Send one test message now, once, also in quiet hours; blocking for seconds at most. Raises BadInput."""
        self.check(channel)
        now_ms = self._clock.now_ms()
        letter = trial_letter(uuid.uuid4().hex, channel.name, stamp(now_ms))
        said = self._notifiers[channel.kind].send(channel, letter, 1)
        outcome = Outcome(said.fate, masked(said.receipt, (channel.url, *channel.signing)), said.wait_ms)
        self._board.heard(channel.name, outcome, self._clock.now_ms())
        self.wake()
        return outcome

    def health(self) -> tuple[ChannelHealth, ...]:
        """Every channel that was tried in this run, or whose failures are still in the outbox."""
        return self._board.all()

    def banner(self) -> str | None:
        """What to tell of channels that nothing reaches; None while there is none."""
        return self._board.banner()

    @property
    def version(self) -> int:
        """Grows whenever `health` has changed. Cheap."""
        return self._board.version

    def _run(self) -> None:
        wait_s = 0.0
        while not self._stopping.is_set():
            if wait_s:
                self._woken.wait(wait_s)
            self._woken.clear()
            if not self._stopping.is_set():
                wait_s = self._look()

    def _look(self) -> float:
        """Wake the couriers of everything that waits. Returns the seconds until the next look."""
        try:
            names = self._outbox.waiting_channels()
            kept = {one.name for one in self._outbox.channels()}
        except StoreError as error:
            _logger.warning("the outbox of alerts cannot be read: %s", error)
            return _STORE_PAUSE_S
        self._board.forget([one.name for one in self._board.all() if one.name not in kept and one.name not in names])
        for name in [name for name, courier in self._couriers.items() if name not in names and not courier.busy]:
            del self._couriers[name]
        for name in names:
            courier = self._couriers.get(name)
            if courier is None and len(self._couriers) < MOST_COURIERS:
                courier = self._couriers[name] = Courier(name, self._errand)
            if courier is not None:
                courier.wake()
        return _STORE_PAUSE_S if len(names) > len(self._couriers) else _LOOK_ANYWAY_S
