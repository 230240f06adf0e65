"""What a trade on a pair costs, remembered until its answer or its quotes change: one computation for all who look."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from analytics.analysis import PairAnalysis
from analytics.costs import PairCosts, trading_costs
from analytics.market import PairQuery
from analytics.quotes import LegTerms
from services.ports import Clock

_REMEMBERED = 64


@dataclass(frozen=True, slots=True, eq=False)
class _Remembered:
    """analysis: held, so that its identity stays its own.  rests_on: everything else that the costs rest on."""

    analysis: PairAnalysis
    rests_on: tuple[object, ...]
    costs: PairCosts


class Costing:
    """Thread-safe. terms: of a symbol, cheap; asking keeps them fresh.  taker_fee_bp: of the preferences, cheap."""

    def __init__(self, clock: Clock, terms: Callable[[str], LegTerms], taker_fee_bp: Callable[[], float]) -> None:
        self._clock = clock
        self._terms = terms
        self._taker_fee_bp = taker_fee_bp
        self._lock = threading.Lock()
        self._remembered: OrderedDict[PairQuery, _Remembered] = OrderedDict()

    def costs(self, analysis: PairAnalysis) -> PairCosts:
        """What a trade on the spread of this answer would earn and cost if it were entered now."""
        query, now_ms, fee_bp = analysis.query, self._clock.monotonic_ms(), self._taker_fee_bp()
        y, x = self._terms(query.y_symbol), self._terms(query.x_symbol)
        rests_on = (y, x, fee_bp, now_ms // 1000)  # by the second, because ages are told and settlements come nearer
        with self._lock:
            known = self._remembered.get(query)
        if known is not None and known.analysis is analysis and known.rests_on == rests_on:
            return known.costs
        found = trading_costs(analysis, y, x, taker_fee_bp=fee_bp, now_ms=now_ms)
        with self._lock:
            self._remembered[query] = _Remembered(analysis, rests_on, found)
            self._remembered.move_to_end(query)
            while len(self._remembered) > _REMEMBERED:
                self._remembered.popitem(last=False)
        return found
