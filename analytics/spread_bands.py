"""Where the spread's own recent mean stands, and how wide one deviation is: the z-score, drawn on the spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.analysis import PairAnalysis
from analytics.market import FloatArray
from analytics.rolling import rolling_lengths, rolling_sums


@dataclass(frozen=True, slots=True, eq=False)
class SpreadBands:
    """mean, deviation: (n,) in the units of the spread, of which z = (spread - mean) / deviation; NaN where z is."""

    mean: FloatArray
    deviation: FloatArray


def spread_bands(analysis: PairAnalysis) -> SpreadBands:
    """The mean and the deviation that the z-score of each row rests on.

    Of the rolling window, with the current row in it and ddof 1; for Kalman 0 and the deviation that the filter
    expected. NaN where there is no z-score.
    """
    if analysis.query.params.hedge == "kalman":
        scores = np.where(analysis.zscore == 0, np.nan, analysis.zscore)
        deviation = analysis.spread / scores
        return SpreadBands(np.where(np.isfinite(deviation), 0.0, np.nan), deviation)
    mean, deviation = (np.full(len(analysis.spread), np.nan) for _ in range(2))
    known = np.isfinite(analysis.spread)
    values = analysis.spread[known]
    if len(values):
        window = analysis.query.params.window_bars
        sums = rolling_sums(values, window_bars=window)
        freedom = np.maximum(rolling_lengths(len(values), window) - 1, 1)
        mean[known], deviation[known] = values - sums.offsets[0], np.sqrt(sums.squares[0] / freedom)
    unknown = ~np.isfinite(analysis.zscore)
    mean[unknown] = deviation[unknown] = np.nan
    return SpreadBands(mean, deviation)
