"""The Kalman hedge: slope and intercept as random walks, followed row by row, from that row and earlier ones only."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from analytics.definition import Definition
from analytics.errors import BadInput, DegenerateData, NotEnoughData
from analytics.hedge import require_moving_legs
from analytics.kalman_filter import FilteredLine, LineState, StateNoise, filtered_line
from analytics.line import line_quality
from analytics.market import FloatArray
from analytics.results import HedgeFit, HedgePath, Unavailable
from analytics.samples import require_sample

WARM_UP_BARS = 30
_RESOLUTION = 16 * float(np.finfo(np.float64).eps)
_NORMAL_REACH = 1.959963984540054  # 97.5 % quantile of the standard normal

KALMAN = Definition(
    name="Hedge ratio (Kalman)",
    line="Units of x against one unit of y, followed bar by bar as it drifts; the band is 1.96 deviations either way.",
    formula=(
        "y[t] = intercept[t] + slope[t] x[t] + noise of variance V; before each row slope and level step by delta "
        "/ (1 - delta) of their own variance units. Filtered: row t and earlier ones only."
    ),
    conventions=(
        "delta = 1e-4: state, units and scale all forget in 1 / sqrt(delta) = 100 rows; delta = 0 is OLS on the "
        "rows so far. Both noises are in the pair's own units, so no price needs a setting: the slope steps in V "
        "/ variance of x (over the last 100 moves of x; a row in which x stands still does not count), the level "
        "at the mean of x in V, and V is the running mean of the squared standardised innovations. The first 30 "
        "rows (or more, until x moves) start it by OLS and are NaN. Given an `observation_variance`, Chan's fixed "
        "matrices instead: delta / (1 - delta) I, state and covariance 0 at the first row, no step before it; "
        "these fit prices near 30 and no others."
    ),
    source=(
        "Chan, *Algorithmic Trading* (2013), ch. 3; Harvey, *Forecasting, Structural Time Series Models and the "
        "Kalman Filter* (1989), 3.4 for V; Montana, Triantafyllopoulos and Tsagaris (2009) for delta / (1 - "
        "delta)."
    ),
    checked_against=(
        "pykalman and filterpy, Chan's matrices, with and without intercept: slope, intercept, variances, "
        "innovations to 1e-10 (golden files); filterpy with our units built from their definition, to 1e-10; OLS "
        "on the rows so far at delta = 0, to 1e-8."
    ),
    limits=(
        "The band is right for a slope that drifts while the residual is white noise (it holds 95 %), wide for a "
        "constant one (99 %), and far too narrow where the spread reverts slowly: at a half-life of 10 bars it "
        "holds the true slope in half of the rows. There is no p-value, and ADF, half-life or Hurst of a Kalman "
        "spread are not applicable: the filter makes any residual look like it reverts (of 1500 bars of unrelated "
        "walks ADF finds nearly all)."
    ),
)
INNOVATION = Definition(
    name="Kalman z-score",
    line="How far y is from what the Kalman line expected one bar before, in deviations of that expectation.",
    formula="z[t] = e[t] / sqrt(Q[t]), e[t] = y[t] - slope[t-1] x[t] - intercept[t-1], Q[t] its predicted variance.",
    conventions=(
        "Rows before t only, no window: about 100 rows count. e is also the spread shown. NaN in the first 30 "
        "rows and where e cannot be told from the rounding of the prices."
    ),
    source="Chan, *Algorithmic Trading* (2013), ch. 3.",
    checked_against="pykalman and filterpy, as the slope, to 1e-10.",
    limits=(
        "Its deviation is 1 by construction, on unrelated walks too: large values are no evidence that the pair "
        "reverts. The line follows a lasting deviation, so z comes home even where the spread does not. In the "
        "first 200 rows it is up to 1.4 times too large where the spread reverts slowly. It is no trade's profit: "
        "the line moves."
    ),
)


def kalman_hedge(
    y: FloatArray,
    x: FloatArray,
    *,
    include_intercept: bool = True,
    delta: float = 1e-4,
    observation_variance: float | None = None,
) -> HedgePath:
    """The hedge ratio as a state that walks at random, with its band, and how unexpected each row was.

    y, x: (n,) prices or log prices, finite, n >= 31.  slope, intercept, slope_deviation: after the row was seen.
    spread: y minus its prediction from the rows before.  zscore: that innovation over its own deviation; NaN where it
    cannot be told from rounding (such a spread is 0).  All NaN for the first 30 rows, and on while x has not moved.

    delta in [0, 1) sets the memory: the state, the unit of x and the scale of the innovations all forget in about
    1 / sqrt(delta) rows, 100 by default; 0 never forgets and is OLS on the rows so far.  observation_variance None:
    both noises are measured in the pair's own units, see `KALMAN`, so that any two prices give the same
    z-score in any currency.  A number: Chan's fixed matrices, noise delta / (1 - delta) I and this variance, state and
    covariance 0 at the first row; this is not free of the units of y and x.

    A longer series never changes an earlier value, to the last bit.  Raises NotEnoughData; DegenerateData when a leg
    does not move (with an intercept) or is 0 throughout (without); BadInput.

    >>> rng = np.random.default_rng(1)
    >>> x = 100 + rng.normal(0, 0.1, 500).cumsum()
    >>> path = kalman_hedge(3 + 1.5 * x + rng.normal(0, 0.05, 500), x)
    >>> int(np.isnan(path.slope).sum()), float(path.slope[-1].round(2)), float(path.slope_deviation[-1].round(2))
    (30, 1.5, 0.01)
    """
    if not 0 <= delta < 1:
        raise BadInput(f"delta lies between 0 and 1 (1 excluded), {delta} does not")
    if observation_variance is not None and not 0 < observation_variance < math.inf:
        raise BadInput(f"the observation variance must be positive, not {observation_variance}")
    require_sample(y, x, needed=WARM_UP_BARS + 1)
    require_moving_legs(y, x, include_intercept=include_intercept)
    noise = delta / (1 - delta)
    if observation_variance is not None:
        return _fixed_matrices(y, x, noise, observation_variance, include_intercept=include_intercept)
    return _own_units(y, x, noise, include_intercept=include_intercept)


def kalman_fit(path: HedgePath, y: FloatArray, x: FloatArray, *, include_intercept: bool = True) -> HedgeFit:
    """The newest line of a Kalman path, as every hedge method shows it.

    y, x: (n,) the rows that the path was made of.  Slope, deviation and band (+-1.96 deviations) are the newest state;
    r, R2 and the residual deviation are of that line over all rows.  Raises DegenerateData where the path has no value.
    """
    slope, intercept, stderr = float(path.slope[-1]), float(path.intercept[-1]), float(path.slope_deviation[-1])
    if not math.isfinite(slope):
        raise DegenerateData("the Kalman filter is still warming up")
    quality = line_quality(y, x, slope, intercept, include_intercept=include_intercept)
    no_test = Unavailable("the slope is a moving state: it has a band, not a p-value")
    return HedgeFit(
        method="kalman",
        slope=slope,
        intercept=intercept,
        rvalue=quality.rvalue,
        r_squared=quality.r_squared,
        r_squared_kind=quality.r_squared_kind,
        stderr=stderr,
        interval=(slope - _NORMAL_REACH * stderr, slope + _NORMAL_REACH * stderr),
        intercept_stderr=Unavailable("the path keeps the deviation of the slope only"),
        tvalue=no_test,
        pvalue=no_test,
        residual_deviation=quality.residual_deviation,
        observations=len(y),
    )


def _fixed_matrices(
    y: FloatArray, x: FloatArray, noise: float, observation_variance: float, *, include_intercept: bool
) -> HedgePath:
    """Chan's convention: the first row meets a state known to be 0, so only from the second on is anything learnt."""
    step = np.full(len(y), noise)
    step[0] = 0.0
    still = np.zeros(len(y))
    level_step = step if include_intercept else still
    line = filtered_line(y, x, LineState(0, 0, 0, 0, 0), StateNoise(step, still, level_step), observation_variance)
    unit = np.ones(len(y))
    return _path(y, x, line, _Frame(0.0, 0.0), scale_before=unit, scale_after=unit, start=WARM_UP_BARS)


def _own_units(y: FloatArray, x: FloatArray, noise: float, *, include_intercept: bool) -> HedgePath:
    """Least squares on the first rows, then the filter with an observation variance of 1 and the noise in that unit.

    The gain does not depend on what the observation variance is, only on the noise relative to it. So it is found
    beside the filter, from the standardised innovations (Harvey 1989, 3.4: it can be concentrated out).
    """
    n, start = len(y), _first_row(x, include_intercept=include_intercept)
    if start >= n:
        raise NotEnoughData(needed=start + 1, got=n)
    frame = _Frame(float(y[0]), float(x[0])) if include_intercept else _Frame(0.0, 0.0)
    v, u = y - frame.y_origin, x - frame.x_origin
    memory = max(1 / math.sqrt(noise), WARM_UP_BARS) if noise > 0 else math.inf
    begin, variance = _least_squares(v[:start].tolist(), u[:start].tolist(), include_intercept=include_intercept)
    steps = _steps(u[: n - 1], noise, memory, include_intercept=include_intercept)
    steps = StateNoise(*[column[start - 1 :] for column in steps])
    line = filtered_line(v[start:], u[start:], begin, steps, 1.0)
    squares = line.innovation**2 / line.innovation_variance
    freedom = start - (2 if include_intercept else 1)
    scale = np.array(_running_mean(squares.tolist(), variance, freedom, memory))
    return _path(y, x, line, frame, scale_before=scale[:-1], scale_after=scale[1:], start=start)


class _Frame(NamedTuple):
    """Where the filter measures y and x from. Far from the prices it would lose their digits."""

    y_origin: float
    x_origin: float


def _first_row(x: FloatArray, *, include_intercept: bool) -> int:
    """The row that the filter begins at: the warm-up is over and x has moved before it."""
    moved = np.abs(x - x[0]) > _RESOLUTION * np.abs(x) if include_intercept else x != 0
    return max(WARM_UP_BARS, int(np.argmax(moved)) + 1)


def _least_squares(y: list[float], x: list[float], *, include_intercept: bool) -> tuple[LineState, float]:
    """The line through the first rows for an observation variance of 1, and the residual variance.

    Sums are exact (fsum): how the rows lie in memory must not change a bit.
    """
    n = len(y)
    y_mean, x_mean = (math.fsum(y) / n, math.fsum(x) / n) if include_intercept else (0.0, 0.0)
    sxx = math.fsum((b - x_mean) ** 2 for b in x)
    slope = math.fsum((a - y_mean) * (b - x_mean) for a, b in zip(y, x, strict=True)) / sxx
    level = y_mean - slope * x_mean
    ssr = math.fsum((a - level - slope * b) ** 2 for a, b in zip(y, x, strict=True))
    if not include_intercept:
        return LineState(slope, 0.0, 1 / sxx, 0.0, 0.0), ssr / (n - 1)
    return LineState(slope, level, 1 / sxx, -x_mean / sxx, 1 / n + x_mean * x_mean / sxx), ssr / (n - 2)


def _steps(x: FloatArray, noise: float, memory: float, *, include_intercept: bool) -> StateNoise:
    """Noise of the state after each row, (n,) each, for an observation variance of 1.

    Slope and level at the running mean of x step independently, by `noise` of their own units: 1 / deviation of x, and
    1. Only rows in which x moved count for mean and deviation: while it stands still nothing is learnt about the
    slope, and nothing may be forgotten either.
    """
    if not include_intercept:
        squares = np.array(_running_mean((x * x).tolist(), 0.0, 0, memory)[1:])
        still = np.zeros(len(x))
        return StateNoise(np.divide(noise, squares, out=still.copy(), where=squares > 0), still, still)
    means, variances = [], []
    mean, variance, moves, last = 0.0, 0.0, 1.0, float(x[0])
    for value in x.tolist():
        if value != last:
            last = value
            moves = min(moves + 1.0, memory)
            offset = value - mean
            mean += offset / moves
            variance = (1.0 - 1.0 / moves) * (variance + offset * offset / moves)
        means.append(mean)
        variances.append(variance)
    pivot, spread = np.array(means), np.array(variances)
    slope = np.divide(noise, spread, out=np.zeros(len(x)), where=spread > 0)
    return StateNoise(slope, -pivot * slope, noise + pivot * pivot * slope)


def _running_mean(values: Iterable[float], start: float, weight: float, memory: float) -> list[float]:
    """`start`, which counts as `weight` values, then the mean after each value; it forgets in `memory` values."""
    mean, count, means = start, float(weight), [start]
    for value in values:
        count = min(count + 1.0, memory)
        mean += (value - mean) / count
        means.append(mean)
    return means


def _path(
    y: FloatArray,
    x: FloatArray,
    line: FilteredLine,
    frame: _Frame,
    *,
    scale_before: FloatArray,
    scale_after: FloatArray,
    start: int,
) -> HedgePath:
    """The filtered line in the units of the prices. `line` may begin at the first row or at `start`."""
    skipped = len(y) - len(line.slope)
    y_there, x_there = y[skipped:], x[skipped:]
    resolution = _RESOLUTION * (np.abs(y_there) + np.abs(line.slope * x_there))
    innovation = np.where(np.abs(line.innovation) > resolution, line.innovation, 0.0)
    deviation = np.sqrt(line.innovation_variance * scale_before)
    scores = np.full(len(innovation), np.nan)
    np.divide(innovation, deviation, out=scores, where=deviation > resolution)
    intercept = frame.y_origin + line.level - line.slope * frame.x_origin
    slope_deviation = np.sqrt(line.slope_variance) * np.maximum(np.sqrt(scale_after), resolution)
    columns = (line.slope, intercept, slope_deviation, innovation, scores)
    head, known = np.full(start, np.nan), slice(start - skipped, None)
    return HedgePath(*[np.concatenate((head, column[known])) for column in columns])
