"""The fast fit against 80-bit arithmetic: as exact as it claims to be, and silent where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.lag_sums import DickeyFuller, fits_by_sums
from analytics.market import FloatArray
from analytics.unit_root import dickey_fuller, longest_order
from tests.analytics.hard_series import hostile_series, market_series
from tests.analytics.markets import law, random_walks

Wide = NDArray[np.longdouble]

CERTAIN_TO = 5e-11
SIZES = [30, 100, 300, 1_440]

pytestmark = pytest.mark.skipif(
    bool(np.finfo(np.longdouble).eps > 1e-18), reason="this machine has no wider floating point to compare with"
)


def triangular(matrix: Wide) -> Wide:
    """R by Householder's reflections, in the precision of the matrix."""
    matrix = matrix.copy()
    for column in range(matrix.shape[1]):
        mirror = matrix[column:, column].copy()
        mirror[0] += np.copysign(np.sqrt(mirror @ mirror), mirror[0])
        length = mirror @ mirror
        if length > 0:
            matrix[column:, column:] -= 2 * np.outer(mirror, mirror @ matrix[column:, column:]) / length
    return np.triu(matrix[: matrix.shape[1]])


def regressors(series: Wide, lags: int, *, with_constant: bool, level_last: bool) -> Wide:
    steps = np.diff(series)
    n = len(steps) - lags
    level, earlier = [series[lags:-1]], [steps[lags - lag :][:n] for lag in range(1, lags + 1)]
    constant = [np.ones(n, np.longdouble)] if with_constant else []
    columns = [*constant, *earlier, *level] if level_last else [*constant, *level, *earlier]
    return np.column_stack([*columns, steps[lags:]])


def wide_dickey_fuller(series: FloatArray, *, with_constant: bool) -> tuple[DickeyFuller, float]:
    """The fit, and by how much the AIC of its lags is better than the next best."""
    wide = series.astype(np.longdouble)
    wide = wide - wide.mean() if with_constant else wide
    most = longest_order(len(wide))
    design = regressors(wide, most, with_constant=with_constant, level_last=False)
    unexplained = np.square(triangular(design)[:, -1])[::-1].cumsum()[::-1][-most - 1 :]
    criterion = len(design) * np.log(unexplained) + 2 * np.arange(most + 1)
    lags = int(np.argmin(criterion))
    best, second = np.sort(criterion)[:2]
    design = regressors(wide, lags, with_constant=with_constant, level_last=True)
    corner = triangular(design)[-2:, -2:]
    freedom = np.longdouble(len(design) - design.shape[1] + 1)
    statistic = corner[0, 1] * np.sign(corner[0, 0]) / np.abs(corner[1, 1]) * np.sqrt(freedom)
    return DickeyFuller(float(statistic), lags, len(design)), float(second - best)


def by_sums(series: FloatArray, *, with_constant: bool) -> DickeyFuller | None:
    levels, steps = series, np.diff(series)
    if with_constant:
        levels, steps = series - series.mean(), steps - steps.mean()
    return fits_by_sums(levels[None], steps[None], longest_order(len(series)), with_constant=with_constant)[0]


@pytest.mark.parametrize("with_constant", [True, False])
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("seed", range(2))
def test_what_is_given_is_certain_to_what_it_claims(seed: int, n: int, with_constant: bool) -> None:
    given_of_market = 0
    for name, series in market_series(seed, n).items():
        exact, gap = wide_dickey_fuller(series, with_constant=with_constant)
        found = by_sums(series, with_constant=with_constant)
        given_of_market += found is not None
        if found is not None and gap > 1e-9:
            assert found.lags == exact.lags, name
            assert found.statistic == pytest.approx(exact.statistic, abs=CERTAIN_TO), name
    if n >= 100:
        assert given_of_market >= 14  # of 16: the slow way is for the rare series
    for name, series in hostile_series(seed, n).items():
        exact, gap = wide_dickey_fuller(series, with_constant=with_constant)
        found = by_sums(series, with_constant=with_constant)
        if found is not None and gap > 1e-9:
            assert found.lags == exact.lags, name
            assert found.statistic == pytest.approx(exact.statistic, abs=CERTAIN_TO), name


@pytest.mark.parametrize("n", [300, 1_440])
def test_where_products_lose_too_many_digits_nothing_is_given(n: int) -> None:
    """The bound is no decoration: each of these would be wrong by more than it allows, or nearly so."""
    hostile = hostile_series(0, n)
    for name in ("steps of steps a walk", "swing and little noise", "spike near the start", "season"):
        assert by_sums(hostile[name], with_constant=True) is None, name


@pytest.mark.parametrize("with_constant", [True, False])
@pytest.mark.parametrize("n", SIZES)
def test_the_two_ways_together_are_exact_for_every_series(n: int, with_constant: bool) -> None:
    rounding_bound = {"steps of steps a walk", "strong drift"}  # these lose digits when their differences are taken
    for name, series in (market_series(5, n) | hostile_series(5, n)).items():
        exact, gap = wide_dickey_fuller(series, with_constant=with_constant)
        found = dickey_fuller(series, with_constant=with_constant)
        if gap > 1e-9:
            assert (found.lags, found.observations) == (exact.lags, exact.observations), name
            tolerance = 1e-8 if name in rounding_bound else 1e-10
            assert found.statistic == pytest.approx(exact.statistic, abs=tolerance, rel=1e-12), name


@law
@given(st.integers(0, 2**32 - 1), st.sampled_from([30, 57, 300]), st.booleans())
def test_a_series_does_not_feel_its_neighbours(seed: int, n: int, with_constant: bool) -> None:
    rows = np.stack([*random_walks(seed, n), *list(market_series(seed, n).values())[4:9]])
    levels, steps = rows - rows.mean(axis=1, keepdims=True), np.diff(rows)
    lags = longest_order(n)
    together = fits_by_sums(levels, steps, lags, with_constant=with_constant)
    alone = [fits_by_sums(levels[i : i + 1], steps[i : i + 1], lags, with_constant=with_constant)[0] for i in range(7)]
    for one, other in zip(together, alone, strict=True):
        if one is None or other is None:
            assert one is other
        else:
            assert (one.lags, one.observations) == (other.lags, other.observations)
            assert one.statistic == pytest.approx(other.statistic, abs=1e-11)


def test_one_collinear_series_does_not_silence_the_others() -> None:
    walk = random_walks(1, 300)[0]
    rows = np.stack([walk, np.tile([1.0, 2.0], 150), np.r_[np.zeros(299), 1.0], np.zeros(300), walk])
    first, *collinear, last = fits_by_sums(rows, np.diff(rows), longest_order(300), with_constant=False)
    assert collinear == [None, None, None]
    assert first == last == by_sums(walk, with_constant=False)
