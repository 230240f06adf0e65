"""Recorded frames played again through the same decoder and session that meet the live exchange.

A recording is text, plain or gzip, one frame a line: `local_ns frame`. The prefix is when the recorder received it, in
ns, us or ms (told by its size); it sets the pace and nothing else.
"""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from analytics.errors import BadInput
from analytics.status import FeedLink
from ingest.binance import decode
from ingest.events import FeedEvent
from ingest.live import Link
from ingest.session import FeedSession

_BATCH_LINES = 2_000
# At a human pace, frames this close together in the recording go out as one batch.
_BATCH_SPAN_MS = 50
_LINE_LIMIT = 1 << 20
_SYMBOL_PEEK_LINES = 5_000
# Below this depth the store's queue takes more; a replay can wait, the exchange cannot.
_ROOM_TICKS = 50_000


class _Clock(Protocol):
    def now_ms(self) -> int: ...
    def monotonic_ms(self) -> int: ...


class ReplayFeed:
    """Plays one recording. speed: times real time, or None for as fast as it goes.

    `run` is lent a thread. queue_depth tells how many trades wait to be written: the replay never overruns the store.
    """

    def __init__(
        self,
        path: Path,
        session: FeedSession,
        clock: _Clock,
        *,
        speed: float | None,
        queue_depth: Callable[[], int],
    ) -> None:
        self._path = path
        self.session = session
        self._clock = clock
        self._speed = speed
        self._queue_depth = queue_depth
        self.link = Link("CONNECTING", None, clock.monotonic_ms())

    def watch(self, symbols: Iterable[str]) -> None:
        """A recording delivers what it holds; asking for more changes nothing."""

    def unwatch(self, symbols: Iterable[str]) -> None:
        """A recording delivers what it holds; asking for less changes nothing."""

    def link_of(self, symbol: str) -> Link:  # noqa: ARG002  one file carries every symbol
        """The state of the recording."""
        return self.link

    def links(self) -> tuple[FeedLink, ...]:
        """A recording has no connection."""
        return ()

    def run(self, emit: Callable[[FeedEvent], None], stopping: threading.Event) -> None:
        """Play to the end, or until `stopping` is set."""
        began_ms, first_ms = self._clock.monotonic_ms(), None
        self.link = Link("LIVE", None, began_ms, delivered=True)
        try:
            for recorded_ms, frames in _batches(self._path, whole=self._speed is None):
                first_ms = recorded_ms if first_ms is None else first_ms
                if not self._wait_for(recorded_ms - first_ms, began_ms, stopping):
                    return
                for event in self.session.received(
                    decode(frames), arrival_ms=self._clock.monotonic_ms(), wall_ms=self._clock.now_ms()
                ):
                    emit(event)
        except (OSError, EOFError, zlib.error, BadInput) as error:
            self.link = Link("OFFLINE", f"the recording ends early: {error}", self._clock.monotonic_ms())
            return
        # "Finished" promises that everything is written down.
        while self._queue_depth() and not stopping.is_set():
            stopping.wait(0.01)
        self.link = Link("FINISHED", "the recording has come to its end", self._clock.monotonic_ms())

    def _wait_for(self, recorded_ms: float, began_ms: int, stopping: threading.Event) -> bool:
        if self._speed is not None:
            due_ms = began_ms + recorded_ms / self._speed
            stopping.wait(max(due_ms - self._clock.monotonic_ms(), 0) / 1000)
        while self._queue_depth() > _ROOM_TICKS and not stopping.is_set():
            stopping.wait(0.01)
        return not stopping.is_set()


def recorded_symbols(path: Path) -> tuple[str, ...]:
    """The symbols with trades near the beginning, in order of appearance.

    Raises BadInput, naming the line, when the file cannot be read or is no recording: the check before a start.
    """
    found: dict[str, None] = {}
    lines = 0
    try:
        for _, frames in _batches(path, whole=True):
            found.update((trades.symbol, None) for trades in decode(frames).trades)
            lines += len(frames)
            if lines >= _SYMBOL_PEEK_LINES:
                break
    except (OSError, EOFError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInput(f"{path} cannot be read ({why}); give a file of recorded frames, plain or .gz") from error
    if not found:
        raise BadInput(f"{path} holds no trades in its first {lines} lines; record aggTrade or trade streams")
    return tuple(found)


def _batches(path: Path, *, whole: bool) -> Iterator[tuple[float, list[bytes]]]:
    frames: list[bytes] = []
    first_ms = 0.0
    for number, line in _lines(path):
        prefix, _, frame = line.rstrip(b"\r\n").partition(b" ")
        if not prefix.isdigit() or not frame:
            raise BadInput(f"{path}, line {number}: expected `local_ns frame`, got {line[:40]!r}")
        received_ms = _milliseconds(int(prefix))
        if frames and (len(frames) >= _BATCH_LINES or not (whole or received_ms - first_ms < _BATCH_SPAN_MS)):
            yield first_ms, frames
            frames = []
        if not frames:
            first_ms = received_ms
        frames.append(frame)
    if frames:
        yield first_ms, frames


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with _opened(path) as file:
        number = 0
        while line := file.readline(_LINE_LIMIT):
            number += 1
            if line.strip():
                yield number, line


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return cast("BinaryIO", gzip.open(path, "rb")) if packed else path.open("rb")


def _milliseconds(stamp: int) -> float:
    if stamp >= 10**17:
        return stamp / 1e6
    return stamp / 1e3 if stamp >= 10**14 else float(stamp)
