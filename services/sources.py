"""Which market runs: the one that was asked for, or, with `auto`, the live exchange where it answers and the demo
market where it does not, under a banner, until it does.
"""

from __future__ import annotations

import logging
import threading

from analytics.errors import SourceUnavailable, StoreError
from ingest.ban_file import remembered_budget
from ingest.probe import probe_exchange
from services.data_folder import bans_file
from services.desk import Desk
from services.market import Market
from services.opening import open_demo, open_live, open_replay
from services.ports import Clock
from services.pulse import Pulse
from settings import Settings

_logger = logging.getLogger(__name__)

# The screen must move within ten seconds on any network: the first try may not take longer than this.
_FIRST_TRY_S = 4.0
_NEXT_TRY_S = 8.0
_ASKED_FOR_DEMO = "you asked for it (--source demo)"


class Sources:
    """Opens the market into the Desk and, with `auto`, switches it. Owns its thread and the market that runs."""

    def __init__(
        self, settings: Settings, clock: Clock, desk: Desk, pulse: Pulse, *, retry_every_s: float = 15.0
    ) -> None:
        self._retry_every_s = retry_every_s
        self._settings = settings
        self._clock = clock
        self._desk = desk
        self._pulse = pulse
        # One budget for probe and market: a ban holds for everything after it, also after a restart.
        self._budget = remembered_budget(bans_file(settings), settings.rest_url, clock.now_ms(), clock.monotonic_ms)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._market: Market | None = None
        self._thread = threading.Thread(target=self._choose, name="sources", daemon=True)

    def open(self) -> None:
        """Open what was asked for; with `auto` the choice goes on in the background.

        Raises BadInput (symbols, recording) and StoreError (database) at once, so that a start can be refused.
        """
        choice = self._settings.chosen_source
        if choice == "replay" and self._settings.replay is not None:
            self._run(open_replay(self._settings, self._settings.replay, self._clock, self._pulse.wake))
        elif choice == "demo":
            self._run(open_demo(self._settings, self._clock, self._pulse.wake, _ASKED_FOR_DEMO, strict=True))
        elif choice == "live":
            self._run(open_live(self._settings, self._clock, self._pulse.wake, self._budget))

    def start(self) -> None:
        """Start the threads of what was opened."""
        if self._market is not None:
            self._market.start()
        else:
            self._thread.start()

    def stop(self) -> None:
        """Stop the market; everything is written down when this returns."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)
        with self._lock:
            market, self._market = self._market, None
        if market is not None:
            market.stop()

    def _run(self, market: Market) -> Market | None:
        """Make this the market that runs; the one before."""
        with self._lock:
            before, self._market = self._market, market
        self._desk.open(market)
        self._pulse.wake()
        return before

    def _choose(self) -> None:
        try:
            self._live_or_demo()
        except StoreError as error:
            _logger.error("%s", error)  # noqa: TRY400  the sentence is the message, a traceback would hide it
            self._desk.fail(str(error))

    def _live_or_demo(self) -> None:
        try:
            self._probe(_FIRST_TRY_S)
        except SourceUnavailable as error:
            _logger.warning("demo market: %s", error.reason)
            if self._stopping.is_set():
                return
            reason = f"{error.reason}; trying again every {self._retry_every_s:.0f} s"
            demo = open_demo(self._settings, self._clock, self._pulse.wake, reason)
            self._run(demo)
            demo.start()
            self._wait_for_exchange()
        else:
            self._go_live()

    def _go_live(self) -> None:
        live = open_live(self._settings, self._clock, self._pulse.wake, self._budget)
        demo = self._run(live)
        live.start()
        if demo is not None:
            _logger.warning("%s answers now: the demo market ends", self._settings.rest_url)
            try:
                demo.stop()
            except StoreError as error:
                # Made-up trades that the disk did not take; the live market runs already.
                _logger.warning("%s", error)

    def _wait_for_exchange(self) -> None:
        while not self._stopping.wait(self._retry_every_s):
            try:
                self._probe(_NEXT_TRY_S)
                self._go_live()
            except SourceUnavailable:
                continue
            except StoreError as error:
                # Its database is in use: the demo goes on, and so do the tries.
                _logger.warning("%s", error)
                continue
            return

    def _probe(self, within_s: float) -> None:
        probe_exchange(
            self._settings.rest_url,
            self._settings.market_ws_url,
            self._settings.symbols[0],
            self._clock,
            self._budget,
            within_s=within_s,
        )
