"""The rows of the watchlists: made once for all tabs, one after the other, and only while somebody looks.

One thread renews the row that has waited longest and then rests: so long that no row is made more than once in
ROUND_MS, and at least so long that the rows together take no more than SHARE of a core, however many there are.
A pair that is also on a chart has the chart's own answer, so that both show the same number at the same moment.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from analytics.analysis import PairAnalysis
from analytics.errors import PairwatchError, UnknownSymbol
from analytics.glance import PairGlance, pair_glance, untold, with_q_values
from analytics.market import PairQuery
from analytics.status import MarketStatus, pair_state
from services.ports import Clock

ROUND_MS: Final = 1_500
SHARE: Final = 0.12
# A tab asks every second; one in the background may be allowed to ask once a minute, and finds its rows made anew.
_INTEREST_MS: Final = 5_000
_FORGOTTEN_MS: Final = 120_000
# Who asks first waits a moment for the rows, rather than be shown none.
_FIRST_MS: Final = 400
_WAITING: Final = "waiting for the first answer"


@dataclass(eq=False)
class _Row:
    """One pair. analysis or refusal: the newest answer.  market: in which its legs were subscribed.
    turn: grows from row to row as they are made; 0 before the first.
    """

    query: PairQuery
    making: threading.Lock = field(default_factory=threading.Lock)
    analysis: PairAnalysis | None = None
    refusal: str = _WAITING
    market: object = None
    turn: int = 0
    asked_ms: int = 0
    drawn: tuple[PairAnalysis, float, PairGlance] | None = None

    def glance(self, entry_zscore: float, on_chart: PairAnalysis | None) -> PairGlance:
        """The row as it stands, without what the feed says. on_chart: the answer that a chart shows of this pair."""
        analysis = on_chart or self.analysis
        if analysis is None:
            return untold(self.query, self.refusal)
        drawn = self.drawn
        if drawn is None or drawn[0] is not analysis or drawn[1] != entry_zscore:
            made = replace(pair_glance(analysis, entry_zscore=entry_zscore), query=self.query)
            drawn = self.drawn = (analysis, entry_zscore, made)
        return drawn[2]


class Glances:
    """Thread-safe.

    analyse: the answer of this moment.  follow: subscribes the legs of a pair, given the market in which that was done
    before; returns the market, or None while there is none.  Both raise PairwatchError.  on_charts: the answers that
    somebody looks at elsewhere, as they stand.  start: runs the thread.  spent_s: time on the processor of whoever
    calls it.
    """

    def __init__(
        self,
        clock: Clock,
        analyse: Callable[[PairQuery], PairAnalysis],
        follow: Callable[[PairQuery, object], object],
        on_charts: Callable[[], Mapping[PairQuery, PairAnalysis]],
        start: Callable[[threading.Thread], None] = threading.Thread.start,
        spent_s: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock = clock
        self._analyse = analyse
        self._follow = follow
        self._on_charts = on_charts
        self._start = start
        self._spent_s = spent_s
        self._lock = threading.Lock()
        self._rows: dict[PairQuery, _Row] = {}
        self._thread: threading.Thread | None = None
        self._turns = itertools.count(1)
        self._closing = threading.Event()

    def told(
        self, queries: Sequence[PairQuery], entry_zscores: Sequence[float], status: MarketStatus
    ) -> tuple[PairGlance, ...]:
        """A row for each pair, in this order, with its q-value over all of them.

        A pair that fails says so in its own row. entry_zscores: the level of each, > 0.
        """
        rows = self._looked_at(queries)
        began_ms = self._clock.monotonic_ms()
        for row in rows:
            if not row.turn and self._clock.monotonic_ms() - began_ms < _FIRST_MS:
                self._make(row, only_first=True)
        shown = {_alike(query): analysis for query, analysis in self._on_charts().items()}
        levelled = zip(rows, entry_zscores, strict=True)
        return with_q_values(
            [_with_feed(row.glance(entry, shown.get(_alike(row.query))), status) for row, entry in levelled]
        )

    def forget(self) -> None:
        """Every row: the market has changed."""
        with self._lock:
            self._rows.clear()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        thread = self._thread
        if thread is not None and thread.is_alive():
            thread.join(timeout=1.0)

    def turn(self) -> float | None:
        """Renew the row that has waited longest. How long to rest, in seconds; None when nobody looks any more."""
        began_ms = self._clock.monotonic_ms()
        with self._lock:
            seen = [row for row in self._rows.values() if began_ms - row.asked_ms < _INTEREST_MS]
            self._rows = {q: row for q, row in self._rows.items() if began_ms - row.asked_ms < _FORGOTTEN_MS}
            if not seen:
                self._thread = None  # under the lock, so that who looks next starts another
                return None
        before_s = self._spent_s()
        self._make(min(seen, key=lambda row: row.turn))
        return max(ROUND_MS / 1000 / len(seen), (self._spent_s() - before_s) * (1 - SHARE) / SHARE)

    def _looked_at(self, queries: Sequence[PairQuery]) -> list[_Row]:
        now_ms = self._clock.monotonic_ms()
        with self._lock:
            rows = [self._rows.setdefault(query, _Row(query)) for query in queries]
            for row in rows:
                row.asked_ms = now_ms
            if rows and not self._closing.is_set() and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, name="glances", daemon=True)
                self._start(self._thread)
        return rows

    def _run(self) -> None:
        rest_s: float | None = ROUND_MS / 1000  # who asked first has just made the rows
        while rest_s is not None and not self._closing.wait(rest_s):
            rest_s = self.turn()

    def _make(self, row: _Row, *, only_first: bool = False) -> None:
        with row.making:
            if only_first and row.turn:
                return
            try:
                row.market = self._follow(row.query, row.market)
                row.analysis = self._analyse(row.query)
            except UnknownSymbol as unknown:
                row.analysis, row.refusal = None, f"{unknown.symbol} is not watched any more"
            except PairwatchError as error:
                row.analysis, row.refusal = None, str(error)
            row.turn = next(self._turns)


def _alike(query: PairQuery) -> PairQuery:
    """The same for all whose rows are the same: the exit level decides nothing that a row tells."""
    return replace(query, params=replace(query.params, exit_zscore=0.0))


def _with_feed(glance: PairGlance, status: MarketStatus) -> PairGlance:
    """The row with what the feed says of the pair's legs now; its age is that of the older leg."""
    symbols = glance.query.y_symbol, glance.query.x_symbol
    ages = [leg.age_ms for leg in map(status.symbols.get, symbols) if leg is not None and leg.age_ms is not None]
    age_ms = max(ages) if len(ages) == len(symbols) else None
    return replace(glance, state=pair_state(status, *symbols), age_ms=age_ms)
