"""The deadlines of REST bans, kept by host in a small file, so that a restart does not ask during a ban.

One JSON object: host -> {"silent_until_ms": wall time, "reason": sentence}. It is written anew as a whole (temporary
file, fsync, rename). A file that cannot be read is set aside under another name, with a warning.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from ingest.reasons import host_of
from ingest.weight import LONGEST_SILENCE_MS, WeightBudget

_SLACK_MS = 3_600_000
_logger = logging.getLogger(__name__)


class Ban(msgspec.Struct, frozen=True):
    """silent_until_ms: wall time before which no request may be sent.  reason: a sentence for the screen."""

    silent_until_ms: int
    reason: str = ""


class BanFile:
    """Thread-safe. Failing to read or write it never stops anything: it is said in the log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def ban(self, host: str, now_ms: int) -> Ban | None:
        """The ban of a host that still lasts. One longer than any real ban is distrusted: a clock was set."""
        ban = self._read().get(host)
        if ban is None or ban.silent_until_ms <= now_ms:
            return None
        if ban.silent_until_ms > now_ms + LONGEST_SILENCE_MS + _SLACK_MS:
            _logger.warning("%s: the ban of %s would last longer than any real one and is ignored", self._path, host)
            return None
        return ban

    def keep(self, host: str, silent_until_ms: int, reason: str) -> None:
        """Remember a deadline."""
        with self._lock:
            bans = {**self._read(), host: Ban(silent_until_ms, reason)}
            temporary = self._path.with_name(self._path.name + ".new")
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                with temporary.open("wb") as file:
                    file.write(msgspec.json.encode(bans))
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(self._path)
            except OSError as error:
                _logger.warning("%s cannot be written, a restart would not know of the ban: %s", self._path, error)

    def _read(self) -> dict[str, Ban]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Ban])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._set_aside(error)
            return {}

    def _set_aside(self, why: Exception) -> None:
        aside = self._path.with_name(self._path.name + ".unreadable")
        try:
            self._path.replace(aside)
        except OSError as error:
            _logger.warning("%s cannot be read (%s) nor set aside: %s", self._path, why, error)
        else:
            _logger.warning("%s cannot be read (%s) and is now %s", self._path, why, aside.name)


def remembered_budget(
    path: Path, rest_url: str, now_ms: int, monotonic_ms: Callable[[], int] | None = None
) -> WeightBudget:
    """The allowance at an address, with the ban that a run before met, and which writes down the bans to come.

    monotonic_ms: what a ban that this run meets is counted by.
    """
    bans, host = BanFile(path), host_of(rest_url)
    ban = bans.ban(host, now_ms)
    return WeightBudget(
        silent_until_ms=ban.silent_until_ms if ban is not None else 0,
        reason=ban.reason if ban is not None else "",
        on_silence=partial(bans.keep, host),
        monotonic_ms=monotonic_ms,
    )
