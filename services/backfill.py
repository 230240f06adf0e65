"""The one thread that asks the exchange for the past: holes first, then what the screen waits for, then older trades.

One page a turn, each at most a thousand trades, symbols in turn. It never disturbs live data: it waits while the store
has much to write, and the client it asks through keeps the weight allowance.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from random import Random

from analytics.errors import SourceUnavailable, StoreError
from analytics.market import Gap, Ticks, Timeframe
from ingest.rest import Silenced
from services.errands import Errand, Errands, Outcome
from services.holes import HoleFiller, without_errand
from services.older import OlderTrades
from services.ports import Clock, TickStore, TradeArchive

_LOOK_EVERY_S = 0.5
_OUT_OF_ORDER_MS = 500
_SAY_EVERY_MS = 30_000
# Between two pages the live side gets the processor for itself.
_BREATH_S = 0.02
# Live trades go before fetched ones: while more than this waits for the disk, nothing is fetched.
_MOST_WAITING = 20_000
_logger = logging.getLogger(__name__)


class Backfill:
    """Owns its thread. keep: where fetched trades go (ring and store). `fill`, `extend`, `deepen` and `add` are for any
    thread. trouble: why the last request was not answered, None when it was.
    """

    name = "backfill"

    def __init__(
        self, archive: TradeArchive, store: TickStore, clock: Clock, keep: Callable[[str, Ticks], None]
    ) -> None:
        self._store = store
        self._clock = clock
        # Not a secret: jitter only.
        self._errands = Errands(Random())
        self._filler = HoleFiller(archive, store, clock, keep, self._errands)
        self._older = OlderTrades(archive, store, clock, keep, self._open, self._errands.add)
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._quiet_until_ms = 0
        self._compared: dict[str, tuple[int, int]] = {}
        self.trouble: str | None = None

    def start(self) -> None:
        """Take up the holes that the ledger still lists, then wait for more."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end after the request in flight."""
        self._errands.close()

    @property
    def has_ended(self) -> bool:
        """Whether the thread was started and is no more."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread to end."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def fill(self, gap: Gap) -> None:
        """Fetch the trades of a hole that was just seen; soon, because rows out of order may fill it by themselves."""
        if gap.first_id <= gap.last_id:
            self._errands.add_at(self._clock.monotonic_ms() + _OUT_OF_ORDER_MS, self._filler.hole(gap))

    def extend(self, symbol: str, before_id: int, until_ms: int) -> None:
        """Fetch trades before `before_id`, page by page, back to the time `until_ms`."""
        self._older.extend(symbol, before_id, until_ms)

    def deepen(self, symbol: str, timeframe: Timeframe, bars: int) -> None:
        """Fetch older trades until there are so many bars (trades, for `TICK`), or the exchange has no more."""
        self._older.want(symbol, timeframe, bars)

    def add(self, *errands: Errand) -> None:
        """Take up something else to fetch."""
        self._errands.add(errands)

    def step(self) -> bool:
        """Do what is most urgent now, as the thread does all the time. False when nothing is due."""
        errand = self._errands.take(self._clock.monotonic_ms())
        if errand is None:
            return self._take_up_listed()
        self._do(errand)
        return True

    def _open(self, gap: Gap) -> None:
        self._store.open_gap(gap)
        self.fill(gap)

    def _run(self) -> None:
        while not self._errands.closed:
            if self._store_is_behind():
                self._errands.pause(_LOOK_EVERY_S)
                continue
            if self.step():
                self._errands.pause(_BREATH_S)
            else:
                self._errands.wait(_LOOK_EVERY_S)

    def _store_is_behind(self) -> bool:
        return self._store.trouble is not None or self._store.queue_depth() > _MOST_WAITING

    def _do(self, errand: Errand) -> None:
        now_ms = self._clock.monotonic_ms()
        self._compared = {}
        try:
            outcome = errand.page()
        except Silenced as silence:
            self._note(silence.reason)
            self._errands.put_off((replace(errand, failures=0),), now_ms, not_before_ms=now_ms + silence.for_ms)
            return
        except (SourceUnavailable, StoreError) as error:
            outcome = Outcome((), (errand,), error.reason if isinstance(error, SourceUnavailable) else str(error))
        self._note(outcome.reason)
        self._errands.add(outcome.go_on)
        self._errands.put_off(outcome.wait, now_ms)

    def _note(self, reason: str | None) -> None:
        """Remember why the last request was not answered, and say it in the log, but not for each hole anew."""
        now_ms = self._clock.monotonic_ms()
        if (
            reason is not None
            and reason != self.trouble
            and now_ms >= self._quiet_until_ms
            and not self._errands.closed
        ):
            self._quiet_until_ms = now_ms + _SAY_EVERY_MS
            _logger.warning("back-fill waits: %s", reason)
        self.trouble = reason

    def _take_up_listed(self) -> bool:
        """Take up what the ledger lists and nobody has told: from the run before, or what a full queue had to drop."""
        open_now = {
            symbol: (one.gaps_open, self._store.history_version(symbol))
            for symbol, one in self._store.summary().items()
            if one.gaps_open
        }
        # A ban lasts for days, and a ledger is long: it is not read again while nothing has changed.
        if not open_now or open_now == self._compared:
            return False
        try:
            # What was fetched a moment ago may not be committed yet.
            self._store.flush()
            listed = [gap for gap in self._store.gaps() if gap.state == "OPEN"]
        except StoreError as error:
            self._note(str(error))
            return False
        fresh = without_errand(listed, self._errands.known())
        self._errands.add(self._filler.hole(gap) for gap in fresh)
        self._compared = open_now
        return bool(fresh)
