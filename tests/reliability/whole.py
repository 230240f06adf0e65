"""The whole product, `python app.py`, as one of the things that can be put on the stage."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from contextlib import suppress
from urllib.error import URLError

from tests.e2e.product import Product
from tests.fakes import wait_until
from tests.reliability.seen import Seen, seen_in_health
from tests.reliability.stage import Stage


class Whole(Product):
    """Asked through /api/health."""

    def __init__(self, stage: Stage, *flags: str) -> None:
        super().__init__(
            "--source",
            "live",
            "--history-minutes",
            "0",
            *flags,
            data_dir=stage.data_dir,
            environment=stage.environment(),
        )
        self._stage = stage
        self._newest: dict[str, Seen] = {}

    def seen(self) -> Mapping[str, Seen]:
        self._newest = seen_in_health(self.health()["symbols"])
        return self._newest

    def is_live(self, *, delayed: bool = False) -> bool:
        """Every symbol delivers and has something stored. delayed: a market that begins in the past will do."""
        seen = self.seen()
        good = {"LIVE", "DELAYED", "BACKFILLING"} if delayed else {"LIVE"}
        return all(
            symbol in seen and seen[symbol].state in good and seen[symbol].last_id is not None
            for symbol in self._stage.symbols
        )

    def until_live(self, *, within_s: float = 60.0, delayed: bool = False) -> None:
        wait_until(lambda: self.is_live(delayed=delayed), what="every symbol is LIVE", within_s=within_s)

    def end(self, how: signal.Signals = signal.SIGTERM) -> Mapping[str, Seen]:
        """End it and wait; what it had said until then."""
        with suppress(URLError, ConnectionError):
            self.seen()
        self.stop(how)
        return self._newest
