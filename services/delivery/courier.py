"""One channel's courier: takes what waits for it, one parcel after the other, and writes down what became of it.

At least once: a row is marked after the receiver has answered, so a crash in between sends it again, under its id.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from analytics.alert_channels import Channel, ChannelKind, OutboxRow
from analytics.errors import BadInput, StoreError
from services.delivery.channel_health import HealthBoard
from services.delivery.letters import Letter
from services.delivery.outcome import Outcome, masked, stamp
from services.delivery.parcels import Parcel, next_parcel
from services.delivery.ports import Notifier, Outbox
from services.ports import Clock

_FIRST_FEW: Final = 8  # enough to send one by one; a digest needs all that may belong to it
_LOOKED_AT: Final = 500
_MOST_GIVEN_UP: Final = 10_000
_EVER_MS: Final = 400 * 24 * 3_600_000
_STORE_PAUSE_S: Final = 1.0
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to try. The wait after the n-th failure in a row is random within first_ms x 2^(n-1), at most most_ms.

    give_up_ms: how long a message is tried for.
    """

    first_ms: int = 1_000
    most_ms: int = 3_600_000
    give_up_ms: int = 24 * 3_600_000

    def wait_ms(self, failures: int, chance: float) -> int:
        """Full jitter. failures: in a row, at least 1.  chance: in [0, 1)."""
        return int(min(self.most_ms, self.first_ms * 2 ** min(failures - 1, 40)) * chance)


@dataclass(frozen=True, slots=True)
class Errand:
    """What every courier works with. started_ms: when this run began; what waits from before is late."""

    outbox: Outbox
    notifiers: Mapping[ChannelKind, Notifier]
    clock: Clock
    board: HealthBoard
    pace: Pace
    chance: Callable[[], float]
    stopping: threading.Event
    started_ms: int


class Courier:
    """Has a thread of its own while something waits for its channel. `wake` from any thread; `step` on its own only."""

    def __init__(self, name: str, errand: Errand) -> None:
        self.name = name
        self._errand = errand
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None
        self._owed: Callable[[], None] | None = None
        self._rest_until_ms: int | None = None  # monotonic, so that a step of the wall clock cannot mute a channel
        self._channel: Channel | None = None

    @property
    def busy(self) -> bool:
        """Whether its thread runs."""
        with self._lock:
            return self._thread is not None and self._thread.is_alive()

    def wake(self) -> None:
        """Something may wait. Cheap, never blocks."""
        with self._lock:
            self._woken.set()
            if (self._thread is None or not self._thread.is_alive()) and not self._errand.stopping.is_set():
                self._thread = threading.Thread(target=self._run, name=f"alerts-to-{self.name[:20]}", daemon=True)
                self._thread.start()

    def join(self, limit_s: float) -> bool:
        """Wait for its thread. Returns whether it has ended."""
        with self._lock:
            thread = self._thread
            self._woken.set()
        if thread is not None:
            thread.join(limit_s)
        return thread is None or not thread.is_alive()

    def step(self) -> float | None:
        """Do one thing. Returns the seconds until the next, 0 for at once, None when nothing waits."""
        try:
            if self._owed is not None:
                self._owed()
                self._owed = None
            return self._next()
        except StoreError as error:
            _logger.warning("what waits for channel %r cannot be read or marked: %s", self.name, error)
            return _STORE_PAUSE_S

    def _run(self) -> None:
        while not self._errand.stopping.is_set():
            self._woken.clear()
            wait_s = self._watched_step()
            if wait_s is None:
                with self._lock:
                    if not self._woken.is_set():
                        self._thread = None
                        return
            elif wait_s > 0:
                self._woken.wait(wait_s)

    def _watched_step(self) -> float | None:
        try:
            return self.step()
        except Exception as error:
            # A fault of ours ends this thread; the sender starts another, and the page tells what it was.
            broken = Outcome("again", f"sending broke off with {type(error).__name__}")
            self._errand.board.heard(self.name, broken, self._errand.clock.now_ms())
            raise

    def _next(self) -> float | None:
        clock = self._errand.clock
        now_ms = clock.now_ms()
        rows = self._waiting(_FIRST_FEW)
        if not rows:
            return None
        channel = self._receiver()
        if channel is None or not channel.active:
            there = "there is no channel “{}”" if channel is None else "the channel “{}” is switched off"
            self._drop(self._waiting(_LOOKED_AT), f"not sent: {there.format(self.name)}")
            return 0
        if channel.quiet is not None or any(row.held_back for row in rows):
            rows = self._waiting(_LOOKED_AT)
        try:
            parcel = next_parcel(rows, channel.quiet, now_ms)
        except BadInput as error:
            self._drop(rows, str(error))
            return 0
        if parcel is None:
            return None
        self._remember(parcel, now_ms)
        rest_ms = max(parcel.release_ms - now_ms, (self._rest_until_ms or 0) - clock.monotonic_ms())
        if rest_ms > 0:
            return rest_ms / 1000
        self._send(channel, parcel)
        return 0

    def _waiting(self, limit: int) -> tuple[OutboxRow, ...]:
        # Those that rest are asked for too: a later message must not overtake one that is tried again.
        return self._errand.outbox.due(self._errand.clock.now_ms() + _EVER_MS, limit, self.name)

    def _receiver(self) -> Channel | None:
        wanted = self.name.casefold()
        channel = next((one for one in self._errand.outbox.channels() if one.name.casefold() == wanted), None)
        if channel != self._channel and self._channel is not None:
            self._rest_until_ms = self._errand.clock.monotonic_ms()  # somebody mended it: try at once
            self._errand.board.forget([self.name])
        self._channel = channel
        return channel

    def _remember(self, parcel: Parcel, now_ms: int) -> None:
        """Go on with the rest that a run before had begun."""
        if self._rest_until_ms is not None:
            return
        rest_ms = parcel.rows[0].next_ms - now_ms if parcel.attempts else 0
        self._rest_until_ms = self._errand.clock.monotonic_ms() + min(max(rest_ms, 0), self._errand.pace.most_ms)
        self._errand.board.remember(self.name, parcel.attempts, parcel.rows[0].receipt)

    def _send(self, channel: Channel, parcel: Parcel) -> None:
        letter = self._letter(parcel)
        if letter is None:
            return
        said = self._errand.notifiers[channel.kind].send(channel, letter, parcel.attempts + 1)
        if self._errand.stopping.is_set() and said.fate != "accepted":
            return  # broken off by the end of the program, not by the receiver
        now_ms = self._errand.clock.now_ms()
        outcome = Outcome(said.fate, masked(said.receipt, (channel.url, *channel.signing)), said.wait_ms)
        was_dead = self._errand.board.of(self.name).dead
        health = self._errand.board.heard(self.name, outcome, now_ms)
        if health.dead and not was_dead:
            _logger.warning("%s", health.words)
        self._owe(self._mark_of(parcel, outcome, now_ms, health.failures))

    def _mark_of(self, parcel: Parcel, outcome: Outcome, now_ms: int, failures: int) -> Callable[[], None]:
        outbox, pace = self._errand.outbox, self._errand.pace
        receipt = f"{stamp(now_ms)} {outcome.receipt}"
        if outcome.fate == "accepted":
            return lambda: outbox.sent(parcel.ids, receipt)
        if outcome.fate != "again":
            self._errand.board.gave_up(self.name, len(parcel.rows))
            return lambda: outbox.failed(parcel.ids, receipt, None)
        old = self._too_old(parcel, now_ms)
        if old:
            self._errand.board.gave_up(self.name, len(old))
            return lambda: outbox.failed(old, f"{receipt}; given up after {pace.give_up_ms // 3_600_000} h", None)
        wait_ms = max(pace.wait_ms(failures, self._errand.chance()), outcome.wait_ms or 0)
        self._rest_until_ms = self._errand.clock.monotonic_ms() + wait_ms
        return lambda: outbox.failed(parcel.ids, receipt, now_ms + wait_ms)

    def _too_old(self, parcel: Parcel, now_ms: int) -> tuple[int, ...]:
        """What to give up with this failure: the parcel when its time is over, and all that is as old with it."""
        last_ms = now_ms - self._errand.pace.give_up_ms
        started_ms = self._errand.started_ms
        if max(parcel.release_ms, parcel.rows[0].created_ms, started_ms) > last_ms:
            return ()
        rows = self._waiting(_MOST_GIVEN_UP)
        others = [row.id for row in rows if not row.held_back and max(row.created_ms, started_ms) <= last_ms]
        return tuple(sorted({*parcel.ids, *others}))

    def _letter(self, parcel: Parcel) -> Letter | None:
        """What to send. A body that is no message is given up alone, so that it stops nobody."""
        for row in parcel.rows:
            try:
                Parcel((row,), parcel.release_ms).letter(self._errand.started_ms)
            except BadInput as error:
                self._drop((row,), str(error))
                return None
        return parcel.letter(self._errand.started_ms)

    def _drop(self, rows: tuple[OutboxRow, ...], reason: str) -> None:
        _logger.warning("%d messages are not sent: %s", len(rows), reason)
        self._errand.board.gave_up(self.name, len(rows))
        ids = tuple(row.id for row in rows)
        self._owe(lambda: self._errand.outbox.failed(ids, reason, None))

    def _owe(self, mark: Callable[[], None]) -> None:
        """Write down what became of rows; until the store takes it, nothing else is sent."""
        self._owed = mark
        mark()
        self._owed = None
