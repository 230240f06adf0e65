"""Did one relation hold over the whole sample, and if not, since when does another one?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.evidence import Stability
from analytics.long_run import LongRun, long_run
from analytics.market import FloatArray, Int64Array, frozen_array
from analytics.samples import centred, is_flat, require_sample, rounding_of

MINIMUM_BARS = 100
EDGE_SHARE = 0.05  # no change is looked for nearer to an end, or to another change
FADE_SHARE = 0.08  # rows left out on either side of a change, because one relation may fade into the next
CUSUM_LEVEL = 1.55
SHORTEST_SIDE = 10
_STEEPNESS = 6
_LEAST_LEFT = 1e-12
_STILL_PERSISTENT = 60.0  # with more effective observations one change, or none, has explained what there is

RELATION_CHANGE = Definition(
    name="Change of the relation",
    line="When another line between the two prices took over from the one before, if one did within these bars.",
    formula=(
        "The row of the least product of the squares left by two lines of y on x and by two of x on y. A change is "
        "told where the squares that two lines save, over the long-run variance of the residual about them, exceed "
        "15 (1 + (22 / m)^6); m is the number of independent observations that this residual is worth."
    ),
    conventions=(
        "Change of slope and intercept; none is looked for in the first and last 5 % of the rows. 8 % on either side "
        "of one (a third of a short side) are left out of the noise and the slopes, because a relation may fade. The "
        "same must hold of x on y, with 12 instead of 22. Where one change does not explain enough, and in the rows "
        "after one, a second is looked for (level 30, and 40 instead of 22); the later one is given. n >= 100. The "
        "long-run variance is that of an autoregression by AIC, or by half the longest order where that gives more."
    ),
    source=(
        "Date: Bai (1994), J. Time Series Analysis 15; Bai (1997), Econometric Theory 13. Test of this kind: Hansen "
        "(1992), JBES 10; on the confusion of breaks and walks: Gregory and Hansen (1996), J. Econometrics 70. Levels: "
        "own simulation, `tests/analytics/golden/stability_levels.py`."
    ),
    checked_against=(
        "The date: every row tried with `numpy.linalg.lstsq`, the same row. The long-run variance: statsmodels "
        "`levinson_durbin` to 1e-10. False changes: 1 to 6 % of simulated pairs (half-lives 3 to 60, either leg "
        "following, under bounce, and unrelated walks; the tests hold 300 and 1 500 bars). The demo market's breaks: "
        "at least 95 % told in an hour of 1 s bars or two of 5 s bars, 97 % of them dated within the four minutes "
        "that they take."
    ),
    limits=(
        "A change shows only where the relation reverts many times in the sample: with a half-life of 30 s only "
        "half of the demo market's breaks are told in 25 minutes. Three changes in one sample hide each other. It is "
        "no forecast that the new relation lasts."
    ),
)
CUSUM = Definition(
    name="CUSUM of the residual",
    line="Running sum of the spread about one line: it leaves the band where no single line held over all bars.",
    formula="e(1) + ... + e(k) over the square root of n times the long-run variance; band 1.55 sqrt(1 + (22 / m)^6).",
    conventions=(
        "e: residual of the OLS line over all rows. The long-run variance is that about the best two lines, so that a "
        "change does not hide in it. The band holds for the largest value of the whole path."
    ),
    source=(
        "Ploberger and Kraemer (1992), Econometrica 60; for cointegration Xiao and Phillips (2002), J. Econometrics "
        "108. The band: own simulation, `tests/analytics/golden/stability_levels.py`."
    ),
    checked_against="Seeded simulation: the path leaves the band in 1 to 5 % of stable pairs.",
    limits=(
        "The band is wide where the residual reverts slowly: it then tells nothing. The path returns to 0 at the end "
        "by construction."
    ),
)
HEDGE_DRIFT = Definition(
    name="Hedge-ratio drift",
    line="The hedge ratio before and after the change of the relation, or in the two halves where none is told.",
    formula="OLS slope of y on x on either side.",
    conventions="With intercept. Next to a change 8 % of the sample are left out, a third of that side at most.",
    source="Any textbook.",
    checked_against="`numpy.polyfit` to 1e-9.",
    limits="Two halves of unrelated walks differ too; only a told change is evidence.",
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A statistic tells of a change above level * (1 + (persistence / effective observations)^6).

    A residual that hardly reverts within the sample, as that of unrelated walks, must so show a far larger change than
    one that reverts many times. Simulated by tests/analytics/golden/stability_levels.py.
    """

    level: float
    persistence: float

    def inflation(self, noise: LongRun) -> float:
        """What a residual of this noise multiplies the level by."""
        return 1.0 + (self.persistence / max(noise.effective, 1.0)) ** _STEEPNESS


ONE_CHANGE = Threshold(15.0, 22.0)
ONE_CHANGE_REVERSED = Threshold(15.0, 12.0)
TWO_CHANGES = Threshold(30.0, 40.0)


@dataclass(frozen=True, slots=True)
class _Search:
    """Of y on x: the first rows after the changes, the squares they save over the long-run variance, and the noise."""

    rows: tuple[int, ...]
    evidence: float
    noise: LongRun

    def passes(self, threshold: Threshold) -> bool:
        return self.evidence > threshold.level * threshold.inflation(self.noise)


def stability(time_ms: Int64Array, y: FloatArray, x: FloatArray) -> Stability:
    """Whether one OLS line held over the whole sample; if not, the row from which another one fits better.

    time_ms: (n,) of the rows.  y, x: (n,) prices or log prices, finite, n >= 100.
    The date is that of least squares, in both directions at once, over all changes of slope and intercept which leave
    5 % of the rows on either side. A change is told where two lines save more squares than noise of this
    autocorrelation lets them: the squares saved, over the long-run variance of the residual about both lines, exceed
    15 (1 + (22 / m)^6), m being the number of independent observations that this residual is worth. They must exceed
    15 (1 + (12 / m)^6) with x explained by y too, because a regressor that carries the noise of the relation tilts the
    line in short samples. A second change is looked for where one does not explain enough, and after one; the later
    one is given. On unrelated walks m stays small, whatever lines are drawn. cusum: of the residual of the one line.
    Scales of price do not matter. Raises NotEnoughData; DegenerateData where a leg does not move, also on one side of
    the change, or where both legs are exactly one line.
    Source: see the definitions beside this function.
    """
    require_sample(y, x, needed=MINIMUM_BARS)
    n = len(y)
    residual, leg = _standardised(y, x)
    one = _one_change(residual, leg)
    rows = _changes(one, y, x)
    regimes = _regimes(n, rows) if rows else [slice(0, n // 2), slice(n // 2, n)]
    cusum = residual.cumsum() / math.sqrt(one.noise.variance * n)
    critical = CUSUM_LEVEL * math.sqrt(ONE_CHANGE.inflation(one.noise))
    return Stability(
        cusum=frozen_array(cusum),
        bound=frozen_array(np.full(n, critical)),
        statistic=float(np.abs(cusum).max()),
        critical_value=critical,
        changed_at_ms=int(time_ms[rows[-1]]) if rows else None,
        slope_before=_slope(y[regimes[-2]], x[regimes[-2]]),
        slope_after=_slope(y[regimes[-1]], x[regimes[-1]]),
    )


def _changes(one: _Search, y: FloatArray, x: FloatArray) -> tuple[int, ...]:
    """The rows of the changes that are told: none, one or two."""
    if one.passes(ONE_CHANGE) and _one_change(*_standardised(x, y)).passes(ONE_CHANGE_REVERSED):
        row = _date(y, x)
        return (row, *_later(row, y, x))
    if one.noise.effective > _STILL_PERSISTENT:
        return ()
    two = _two_changes(*_standardised(y, x))
    if not (two.passes(TWO_CHANGES) and _two_changes(*_standardised(x, y)).passes(TWO_CHANGES)):
        return ()
    row = two.rows[0]
    return row, row + _date(y[row:], x[row:])


def _date(y: FloatArray, x: FloatArray) -> int:
    """The first row after the change: the least product of the squares left of y on x and of x on y.

    The direction alone in which the line carries the noise of the relation would date it far less well.
    """
    n, edge = len(x), _edge(len(x))
    left = [np.maximum(n - _saved(*_standardised(*legs), edge), _LEAST_LEFT * n) for legs in ((y, x), (x, y))]
    return edge + int(np.argmin(np.log(left[0]) + np.log(left[1])))


def _later(row: int, y: FloatArray, x: FloatArray) -> tuple[int, ...]:
    """One more change after the one at `row`, if the rows after it alone tell of one beyond doubt."""
    start = row + int(FADE_SHARE * len(x))
    y, x = y[start:], x[start:]
    if len(x) < MINIMUM_BARS:
        return ()
    try:
        told = all(_one_change(*_standardised(*legs)).passes(TWO_CHANGES) for legs in ((y, x), (x, y)))
    except DegenerateData:  # a leg stands still there, or both are exactly one line: nothing that could have changed
        return ()
    return (start + _date(y, x),) if told else ()


def _one_change(residual: FloatArray, x: FloatArray) -> _Search:
    row, saved = _best_change(residual, x, _edge(len(x)))
    noise = _noise(residual, x, (row,))
    return _Search((row,), saved / noise.variance, noise)


def _two_changes(residual: FloatArray, x: FloatArray) -> _Search:
    """The best single change, and the best further one on either side of it (Bai, 1997)."""
    n, edge = len(x), _edge(len(x))
    row, saved = _best_change(residual, x, edge)
    found = []
    for start, end in ((0, row), (row, n)):
        if end - start > 2 * edge:
            side = slice(start, end)
            further, more = _best_change(_about_line(residual[side], x[side]), x[side], edge)
            found.append((more, start + further))
    more, further = max(found)
    rows = (min(row, further), max(row, further))
    noise = _noise(residual, x, rows)
    return _Search(rows, (saved + more) / noise.variance, noise)


def _edge(n: int) -> int:
    return max(int(EDGE_SHARE * n), SHORTEST_SIDE)


def _standardised(y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The residual of y on x and x itself, both with mean 0 and mean square 1."""
    for leg in (x, y):
        if is_flat(leg):
            raise DegenerateData("the price of a leg did not move in the sample")
    y_off, x_off = centred(y), centred(x)
    x_off = x_off / math.sqrt(float(x_off @ x_off) / len(x))
    residual = y_off - float(x_off @ y_off) / len(x) * x_off
    size = math.sqrt(float(residual @ residual) / len(residual))
    if size <= rounding_of(y):
        raise DegenerateData("the legs are one line, so nothing is left that could change")
    return residual / size, x_off


def _best_change(residual: FloatArray, x: FloatArray, edge: int) -> tuple[int, float]:
    """The first row after the change that saves most squares, and how many."""
    saved = _saved(residual, x, edge)
    best = int(np.argmax(saved))
    return edge + best, float(saved[best])


def _saved(residual: FloatArray, x: FloatArray, edge: int) -> FloatArray:
    """Squares that a line on either side saves, for a change at each row from `edge` to n - `edge`. O(n).

    residual: about one line of these rows. It takes the place of y: the sums of squares are the same, and no digits
    are lost in the running sums.
    """
    n, off = len(residual), x - x.mean()
    sums = np.stack((off, residual, off * off, off * residual)).cumsum(axis=1)
    left = sums[:, edge - 1 : n - edge]
    rows = np.arange(edge, n - edge + 1)
    return _explained(left, rows) + _explained(sums[:, -1:] - left, n - rows)


def _explained(sums: FloatArray, rows: Int64Array) -> FloatArray:
    """Sum of squares that a line with intercept explains, of the residual about 0, for each number of rows."""
    sum_x, sum_e, sum_xx, sum_xe = sums
    spread_x = sum_xx - sum_x * sum_x / rows
    joint = sum_xe - sum_x * sum_e / rows
    by_slope = np.divide(joint * joint, spread_x, out=np.zeros_like(joint), where=spread_x > 1e-12 * sum_xx)
    found: FloatArray = sum_e * sum_e / rows + by_slope
    return found


def _noise(residual: FloatArray, x: FloatArray, rows: tuple[int, ...]) -> LongRun:
    """Of the residual about a line of its own between each two changes."""
    return long_run([_about_line(residual[regime], x[regime]) for regime in _regimes(len(x), rows)])


def _regimes(n: int, rows: tuple[int, ...]) -> list[slice]:
    """Rows between the changes, without those in which one relation may fade into the next (a third at most)."""
    regimes = []
    for start, end in zip((0, *rows), (*rows, n), strict=True):
        fade = min(int(FADE_SHARE * n), (end - start) // 3)
        regimes.append(slice(start + (fade if start else 0), end - (fade if end < n else 0)))
    return regimes


def _about_line(values: FloatArray, x: FloatArray) -> FloatArray:
    x_off, off = x - x.mean(), values - values.mean()
    squares = float(x_off @ x_off)
    return np.asarray(off - float(x_off @ off) / squares * x_off) if squares > 0.0 else off


def _slope(y: FloatArray, x: FloatArray) -> float:
    if is_flat(x):
        raise DegenerateData("the price of leg x did not move on one side of the change")
    x_off = centred(x)
    return float(x_off @ centred(y)) / float(x_off @ x_off)
