"""A pair at a glance: what a row of a watchlist tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.errors import BadInput
from analytics.false_discovery import q_values
from analytics.market import FloatArray, Int64Array, PairQuery, Timeframe, frozen_array
from analytics.results import Unavailable
from analytics.status import FeedState

SPARK_POINTS: Final = 60

Outcome = Literal["cointegrated", "not shown", "cannot say"]


@dataclass(frozen=True, slots=True)
class BeyondEntry:
    """A z-score at its entry level or farther out, and since when.

    since_ms: start of the first of the rows that have been so without a break, on the same side.  at_least: the rows
    held begin with it, so it may be longer.
    """

    since_ms: int
    at_least: bool


@dataclass(frozen=True, slots=True, eq=False)
class PairGlance:
    """One row of a watchlist.

    zscore, half_life_bars, correlation, hedge_ratio: the newest, or why there is none.  half_life_ms: the same in time,
    None on `tick`.  sparkline: at most SPARK_POINTS of z over the rolling window, oldest first, NaN where no row is.
    pvalue: of the test that the verdict follows; qvalue: over the whole list; None where there is no test.
    outcome, headline: the verdict's.  clean_share: see `PairAnalysis`.  beyond: None inside the entry level.
    state, age_ms: of the feed of the worse leg; age_ms is None while nothing has come.  reason: why the row as a whole
    cannot be told, as a sentence, or None.
    """

    query: PairQuery
    zscore: float | Unavailable
    sparkline: FloatArray
    half_life_bars: float | Unavailable
    half_life_ms: float | None
    pvalue: float | None
    qvalue: float | None
    outcome: Outcome
    headline: str
    correlation: float | Unavailable
    hedge_ratio: float | Unavailable
    clean_share: float | None
    bars_held: int
    bars_needed: int
    beyond: BeyondEntry | None
    state: FeedState
    age_ms: int | None
    reason: str | None


def pair_glance(
    analysis: PairAnalysis, *, entry_zscore: float, state: FeedState = "LIVE", age_ms: int | None = None
) -> PairGlance:
    """What a row tells of an analysis. entry_zscore: > 0, else BadInput."""
    half_life, bar_ms = analysis.half_life_bars, analysis.query.params.timeframe.milliseconds
    return PairGlance(
        query=analysis.query,
        zscore=analysis.latest_zscore,
        sparkline=sparkline(analysis.time_ms, analysis.zscore, analysis.query),
        half_life_bars=half_life,
        half_life_ms=None if isinstance(half_life, Unavailable) or not bar_ms else half_life * bar_ms,
        pvalue=analysis.verdict.pvalue,
        qvalue=None,
        outcome=analysis.verdict.outcome,
        headline=analysis.verdict.headline,
        correlation=analysis.latest_correlation,
        hedge_ratio=analysis.hedge if isinstance(analysis.hedge, Unavailable) else analysis.hedge.slope,
        clean_share=analysis.clean_share,
        bars_held=analysis.bars_held,
        bars_needed=analysis.bars_needed,
        beyond=beyond_entry(analysis.time_ms, analysis.zscore, entry_zscore),
        state=state,
        age_ms=age_ms,
        reason=None,
    )


def untold(query: PairQuery, reason: str, *, state: FeedState = "CONNECTING", age_ms: int | None = None) -> PairGlance:
    """The row of a pair that cannot be told. reason: a sentence."""
    why = Unavailable(reason)
    return PairGlance(
        query=query,
        zscore=why,
        sparkline=frozen_array(np.empty(0)),
        half_life_bars=why,
        half_life_ms=None,
        pvalue=None,
        qvalue=None,
        outcome="cannot say",
        headline=reason,
        correlation=why,
        hedge_ratio=why,
        clean_share=None,
        bars_held=0,
        bars_needed=query.params.sample_bars,
        beyond=None,
        state=state,
        age_ms=age_ms,
        reason=reason,
    )


def with_q_values(glances: Sequence[PairGlance]) -> tuple[PairGlance, ...]:
    """The same rows, each with its q-value over all of them that have a p-value."""
    pvalues = np.array([np.nan if one.pvalue is None else one.pvalue for one in glances], np.float64)
    found = q_values(pvalues).tolist()
    return tuple(replace(one, qvalue=None if one.pvalue is None else q) for one, q in zip(glances, found, strict=True))


def sparkline(time_ms: Int64Array, zscore: FloatArray, query: PairQuery) -> FloatArray:
    """The z-score of the newest rolling window in at most SPARK_POINTS equal spans of time, oldest first.

    time_ms: (n,) ascending; zscore: (n,).  Each point is the newest z of its span, NaN where the span has no row or no
    z. The spans are cut on the clock, so that a point stays what it was when the next one comes; on `tick` a span is a
    number of rows.
    """
    bars = min(query.params.window_bars, query.params.sample_bars)
    rows_a_point = max(-(-bars // SPARK_POINTS), 1)
    points = -(-bars // rows_a_point)
    if query.params.timeframe is Timeframe.TICK:
        return frozen_array(zscore[::-1][: points * rows_a_point : rows_a_point][::-1].copy())
    result = np.full(points, np.nan)
    if len(time_ms):
        span = time_ms // (query.params.timeframe.milliseconds * rows_a_point)
        at = span - int(span[-1]) + points - 1
        shown = at >= 0
        result[at[shown]] = zscore[shown]  # rows ascend, so the newest of a span is written last
    return frozen_array(result)


def beyond_entry(time_ms: Int64Array, zscore: FloatArray, entry_zscore: float) -> BeyondEntry | None:
    """Since when the z-score has been at its entry level or farther out; None where the newest is not.

    time_ms: (n,) ascending; zscore: (n,), a NaN ends the run.  Either side counts, each by itself.  Raises BadInput for
    a level that is not above 0.
    """
    if not entry_zscore > 0:
        raise BadInput(f"an entry level is a z-score above 0, not {entry_zscore}")
    if not len(zscore) or not abs(zscore[-1]) >= entry_zscore:
        return None
    outside = zscore * np.sign(zscore[-1]) >= entry_zscore
    inside = np.flatnonzero(~outside)
    first = int(inside[-1]) + 1 if len(inside) else 0
    known_before = first > 0 and bool(np.isfinite(zscore[first - 1]))
    return BeyondEntry(since_ms=int(time_ms[first]), at_least=not known_before)
