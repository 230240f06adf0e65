"""The metrics of a rule at every row of a stored series, as they were known there: what a replay is judged by.

Each value rests on its row and earlier ones, as many as the live numbers rest on, so it is the number that stood on the
screen when that bar closed. What a rule was told between two closes is not stored and cannot be replayed; nor can what
rests on quotes, on funding or on the feed of then.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from analytics.alert_readings import OF_THE_MOMENT, Key, bars_needed, hole_words, too_few
from analytics.alerts import AlertRule, Metric, Reading
from analytics.as_known import zscore_as_known
from analytics.attempt import attempt
from analytics.cointegration import engle_granger
from analytics.correlation import rolling_correlation, rolling_return_correlation
from analytics.errors import BadInput
from analytics.half_life import half_life
from analytics.hedging import newest_line
from analytics.market import (
    BoolArray,
    FloatArray,
    HedgeMethod,
    Int64Array,
    PairParams,
    PairQuery,
    PairSeries,
    Timeframe,
)
from analytics.rank_correlation import rolling_rank_correlation, rolling_return_rank_correlation
from analytics.results import Unavailable
from analytics.rolling_hedge import rolling_ols
from analytics.rolling_legs import rolling_legs
from analytics.rolling_residual import rolling_residual
from analytics.spread import on_scale, spread
from analytics.stretches import Stretch
from analytics.total_least_squares import orthogonal_slope
from analytics.unit_root import adf_test
from analytics.zscore import zscore

# A test at every row of a month would take minutes; these many looks take less than a second.
MOST_LOOKS: Final = 500
OF_TESTS: Final[frozenset[Metric]] = frozenset({"adf_pvalue", "engle_granger_pvalue", "half_life"})
AS_KNOWN: Final[frozenset[HedgeMethod]] = frozenset({"ols", "tls", "fixed", "rolling_ols"})
_OF_THE_LINE: Final[frozenset[Metric]] = frozenset({"zscore", "spread", "beta"})
_NOT_STORED: Final[dict[Metric, str]] = {
    "net_edge_bps": "net_edge_bps rests on quotes and funding rates, which are not stored: it cannot be replayed",
    "funding": "funding rates of then are not stored: funding cannot be replayed",
    "tick_age": "how old the data were then is not stored: tick_age cannot be replayed",
    "gap": "a hole of then may have been filled since: gap cannot be replayed",
}


@dataclass(frozen=True, slots=True, eq=False)
class RowValues:
    """What a rule could be told at each row.

    row: (n,) where it stands in the series.  time_ms: (n,) starts of the bars.  at_ms: (n,) their closes, on `tick` the
    trade itself.  columns: by metric and leg, (n,), NaN where there is no value.  needed: bars without which a metric
    is not told.  hole: (n,) index into `holes` of the one that hinders what rests on bars, -1 for none.  every_bars:
    the tests were looked at that often.
    """

    row: Int64Array
    time_ms: Int64Array
    at_ms: Int64Array
    columns: Mapping[Key, FloatArray]
    needed: Mapping[Key, int]
    hole: Int64Array
    holes: tuple[Stretch, ...]
    every_bars: int

    def __len__(self) -> int:
        return len(self.time_ms)

    def reading(self, row: int, *, late: bool = False, version: int = 0) -> Reading:
        """What the rule is told when the bar of that row closes."""
        values: dict[Key, float] = {}
        missing: dict[Key, str] = {}
        for key, column in self.columns.items():
            value = float(column[row])
            if math.isnan(value):
                missing[key] = self._why(key, row)
            else:
                values[key] = value
        return Reading(
            at_ms=int(self.at_ms[row]),
            values=values,
            missing=missing,
            bar_ms=int(self.time_ms[row]),
            version=version,
            late=late,
        )

    def _why(self, key: Key, row: int) -> str:
        if self.row[row] + 1 < self.needed[key]:
            return too_few(self.needed[key], int(self.row[row]) + 1)
        if self.hole[row] >= 0 and key[0] not in OF_THE_MOMENT:
            return hole_words(self.holes[self.hole[row]])
        return f"{key[0]} has no value in this bar"


def why_not_replayed(rule: AlertRule) -> str | None:
    """Why stored rows do not tell what the rule would have done, as a sentence; None where they do."""
    params = rule.query.params
    for metric in (one.metric for one in rule.conditions):
        if metric in _NOT_STORED:
            return _NOT_STORED[metric]
        if metric not in _OF_THE_LINE:
            continue
        if params.hedge not in AS_KNOWN:
            return f"{metric} with hedge {params.hedge} cannot be told as it was known at each bar; choose ols"
        if params.hedge == "rolling_ols" and params.sample_bars < 2 * params.window_bars:
            return "with rolling OLS a sample of at least two windows is needed; give a longer lookback"
    return None


def row_values(
    rule: AlertRule, series: PairSeries, holes: Sequence[Stretch] = (), *, from_ms: int | None = None
) -> RowValues:
    """The metrics of the rule at each row of a series that may be longer than a sample.

    series: of the rule's query; the first rows only warm up.  holes: of both legs in that time.  from_ms: rows before
    it are not told.  Where many rows are told, a metric of a test is looked at only at every so many of them
    (`every_bars`), and all conditions of such a rule are told at these rows alone.
    Raises BadInput with the sentence of `why_not_replayed`.
    """
    why = why_not_replayed(rule)
    if why is not None:
        raise BadInput(why)
    params = rule.query.params
    keys = [(one.metric, one.symbol) for one in rule.conditions]
    needed = {key: bars_needed(key[0], params) for key in keys}
    hole = _hindering_hole(series, params, tuple(holes))
    every_bars, rows = _rows_told(series, params, from_ms, tests=any(metric in OF_TESTS for metric, _ in keys))
    columns: dict[Key, FloatArray] = {}
    for key in keys:
        column = np.array(_column(key, rule.query, series, rows))
        column[: max(needed[key] - 1, 0)] = np.nan
        if key[0] not in OF_THE_MOMENT:
            column[hole >= 0] = np.nan
        column[~np.isfinite(column)] = np.nan
        columns[key] = column
    at_ms = series.time_ms + params.timeframe.milliseconds
    return RowValues(
        row=rows,
        time_ms=series.time_ms[rows],
        at_ms=at_ms[rows],
        columns={key: column[rows] for key, column in columns.items()},
        needed=needed,
        hole=hole[rows],
        holes=tuple(holes),
        every_bars=every_bars,
    )


def scores_as_known(query: PairQuery, series: PairSeries) -> FloatArray:
    """(n,) the z-score that stood on the screen as each bar closed, NaN where there was none. hedge: of `AS_KNOWN`."""
    params = query.params
    y, x = _scaled(params, series)
    if params.hedge == "rolling_ols":
        values = rolling_ols(y, x, params.window_bars, include_intercept=params.include_intercept).spread
        known = np.isfinite(values)
        scores = np.full(len(values), np.nan)
        scores[known] = zscore(values[known], params.window_bars)
        return scores
    return zscore_as_known(
        y,
        x,
        fit_bars=params.sample_bars,
        window_bars=min(params.window_bars, params.sample_bars),
        include_intercept=params.include_intercept,
        method=params.hedge,
        fixed_ratio=params.fixed_ratio,
    )


def lines_as_known(query: PairQuery, series: PairSeries) -> tuple[FloatArray, FloatArray]:
    """(n,) the hedge ratio and the spread that stood on the screen when each bar closed. hedge: of `AS_KNOWN`."""
    params = query.params
    y, x = _scaled(params, series)
    if params.hedge == "fixed" and params.fixed_ratio is not None:
        slope = np.full(len(y), float(params.fixed_ratio))
        return slope, y - slope * x
    if params.hedge == "tls":
        return _nearest_lines(y, x, params)
    fit_bars = params.window_bars if params.hedge == "rolling_ols" else params.sample_bars
    path = rolling_ols(y, x, fit_bars, include_intercept=params.include_intercept)
    return path.slope, path.spread


def _nearest_lines(y: FloatArray, x: FloatArray, params: PairParams) -> tuple[FloatArray, FloatArray]:
    """By total least squares."""
    legs = rolling_legs(y, x, params.sample_bars)
    known = legs.lines(include_intercept=params.include_intercept)
    syy, sxx, sxy = (sums[known] for sums in legs.sums(include_intercept=params.include_intercept))
    slope = np.full(len(y), np.nan)
    slope[known] = orthogonal_slope(syy, sxx, sxy)
    slope[~np.isfinite(slope)] = np.nan
    return slope, rolling_residual(legs, slope).offset if params.include_intercept else y - slope * x


def _scaled(params: PairParams, series: PairSeries) -> tuple[FloatArray, FloatArray]:
    return on_scale(series.y, params.price_scale), on_scale(series.x, params.price_scale)


def _column(key: Key, query: PairQuery, series: PairSeries, rows: Int64Array) -> FloatArray:
    metric, symbol = key
    params = query.params
    if not len(series):
        return np.empty(0)
    match metric:
        case "price":
            return series.x if symbol == query.x_symbol else series.y
        case "ratio":
            return series.y / series.x
        case "zscore":
            return scores_as_known(query, series)
        case "beta" | "spread":
            return lines_as_known(query, series)[0 if metric == "beta" else 1]
        case "correlation" | "return_correlation":
            return _correlation(metric, params, series)
    return _tested(metric, params, series, rows)


def _correlation(metric: Metric, params: PairParams, series: PairSeries) -> FloatArray:
    window, is_ranked = min(params.window_bars, params.sample_bars), params.correlation == "spearman"
    if metric == "correlation":
        of_levels = rolling_rank_correlation if is_ranked else rolling_correlation
        return of_levels(series.y, series.x, window)
    of_returns = rolling_return_rank_correlation if is_ranked else rolling_return_correlation
    return of_returns(series.y, series.x, min(params.window_bars, params.sample_bars - 1))


def _rows_told(series: PairSeries, params: PairParams, from_ms: int | None, *, tests: bool) -> tuple[int, Int64Array]:
    """How often there is a look, in bars, and at which rows: those of round bars, so that they stay the same."""
    first = 0 if from_ms is None else int(np.searchsorted(series.time_ms, from_ms))
    rows = np.arange(first, len(series))
    every = max(-(-len(rows) // MOST_LOOKS), 1) if tests else 1
    if every == 1:
        return 1, rows
    number = rows if params.timeframe is Timeframe.TICK else series.time_ms[rows] // params.timeframe.milliseconds
    return every, rows[number % every == 0]


def _tested(metric: Metric, params: PairParams, series: PairSeries, rows: Int64Array) -> FloatArray:
    y, x = _scaled(params, series)
    found = np.full(len(series), np.nan)
    for row in rows[rows + 1 >= params.sample_bars]:
        sample = slice(row + 1 - params.sample_bars, row + 1)
        value = attempt(partial(_test, metric, y[sample], x[sample], params))
        found[row] = np.nan if isinstance(value, Unavailable) else value
    return found


def _test(metric: Metric, y: FloatArray, x: FloatArray, params: PairParams) -> float:
    """Of one sample. Raises NotEnoughData, DegenerateData."""
    if metric == "engle_granger_pvalue":
        return engle_granger(y, x, include_intercept=params.include_intercept).pvalue
    shown = spread(y, x, newest_line(y, x, params))
    return adf_test(shown).pvalue if metric == "adf_pvalue" else half_life(shown).bars


def _hindering_hole(series: PairSeries, params: PairParams, holes: tuple[Stretch, ...]) -> Int64Array:
    """By row the hole that hinders what rests on bars: open within its sample, or lost within its window; else -1."""
    hindered = np.full(len(series), -1)
    for at, hole in enumerate(holes):
        if hole.kind not in {"open", "lost"}:
            continue
        reach = params.sample_bars if hole.kind == "open" else min(params.window_bars, params.sample_bars)
        first = int(np.searchsorted(series.time_ms, hole.start_ms - params.timeframe.milliseconds, "right"))
        last = int(np.searchsorted(series.time_ms, hole.end_ms, "left")) + reach - 1
        rows: BoolArray = hindered[first:last] < 0
        hindered[first:last][rows] = at
    return hindered
