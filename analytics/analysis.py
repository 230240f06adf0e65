"""Everything about one pair at one moment: the answer of `analyse_pair`, and what every door shows a part of."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.evidence import Evidence, Stability
from analytics.market import BoolArray, FloatArray, Int64Array, PairQuery
from analytics.results import Cointegration, HalfLife, HedgeFit, Unavailable, UnitRootTest, Verdict


@dataclass(frozen=True, slots=True, eq=False)
class PairAnalysis:
    """Everything the doors show about one pair at one moment.

    Arrays are (n,), ascending in time, n <= params.sample_bars; NaN where a rolling value is still warming up or is
    undefined.  y, x: prices as traded (never logs).  hedge_ratio, hedge_intercept: the line at each row (the same in
    every row for a method that fits the sample as a whole); hedge_ratio_deviation: the standard error of its slope, NaN
    where the method has none.  spread: y - slope x - intercept on the chosen price scale.
    zscore_as_known: the z-score as it stood at each row, with the hedge ratio of that moment; all NaN for a method
    that cannot give it.
    hedge: the newest line.  engle_granger: y on x;  engle_granger_reverse: x on y.
    bars_needed, bars_held: warm-up progress, bars wanted for the full fit sample and bars there are.
    clean_share: part of the rows where both legs really traded; y_empty_share, x_empty_share: part of all bars between
    the first row and the last in which that leg did not trade. All three None on `tick`, where a row is one trade of
    one leg.
    evidence: the tests beyond the live numbers, None where they were not asked for.
    y_last_id, x_last_id: see `PairSeries`.
    """

    query: PairQuery
    time_ms: Int64Array
    y: FloatArray
    x: FloatArray
    clean: BoolArray
    hedge_ratio: FloatArray
    hedge_intercept: FloatArray
    hedge_ratio_deviation: FloatArray
    spread: FloatArray
    zscore: FloatArray
    zscore_as_known: FloatArray
    correlation: FloatArray
    return_correlation: FloatArray
    hedge: HedgeFit | Unavailable
    latest_spread: float | Unavailable
    latest_zscore: float | Unavailable
    latest_correlation: float | Unavailable
    latest_return_correlation: float | Unavailable
    adf: UnitRootTest | Unavailable
    engle_granger: Cointegration | Unavailable
    engle_granger_reverse: Cointegration | Unavailable
    half_life: HalfLife | Unavailable
    stability: Stability | Unavailable
    verdict: Verdict
    bars_needed: int
    bars_held: int
    clean_share: float | None
    y_empty_share: float | None
    x_empty_share: float | None
    evidence: Evidence | None
    y_last_id: int
    x_last_id: int

    @property
    def half_life_bars(self) -> float | Unavailable:
        """The exact half-life in bars, or why there is none."""
        return self.half_life if isinstance(self.half_life, Unavailable) else self.half_life.bars
