"""The compiled window sums against those of numpy: the same numbers from both, and the same laws for both."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from analytics import rolling_arrays
from analytics.market import FloatArray
from analytics.zscore import zscore
from tests.analytics.markets import law, random_walks

rolling_compiled = pytest.importorskip("analytics.rolling_compiled", reason="numba, the extra `fast`, is not installed")
HOME = Path(__file__).resolve().parents[2]
BOTH = [rolling_arrays, rolling_compiled]

SEEDS = st.integers(0, 2**32 - 1)
WINDOWS = st.integers(1, 40)
SIZES = st.integers(1, 120)
LEVELS = st.sampled_from([1e-8, 1e-3, 1.0, 100.0, 1e6])


def priced(seed: int, n: int, level: float) -> tuple[FloatArray, FloatArray]:
    """Two legs near a price level: one that moves all the time, one on coarse ticks that often stands still."""
    moving, other = random_walks(seed, n)
    return level * moving / 100, level * np.round(other) / 100


def every_number(way: ModuleType, y: FloatArray, x: FloatArray, window: int) -> list[FloatArray]:
    """Sums of either leg and of both, scores and correlations."""
    numbers = [*way.window_sums((y,), window), *way.window_sums((y, x), window)]
    return [*numbers, *(way.window_scores(leg, window) for leg in (y, x)), way.window_correlations(y, x, window)]


def equal(y: FloatArray, x: FloatArray, window: int) -> None:
    for fast, plain in zip(*(every_number(way, y, x, window) for way in reversed(BOTH)), strict=True):
        largest = float(np.nanmax(np.abs(plain), initial=0.0))
        assert_allclose(fast, plain, rtol=1e-12, atol=1e-12 * largest, equal_nan=True)


@law
@given(SEEDS, SIZES, WINDOWS, LEVELS)
def test_both_ways_give_the_same_numbers_at_every_price(seed: int, n: int, window: int, level: float) -> None:
    equal(*priced(seed, n, level), min(window, n))


@law
@given(SEEDS, SIZES, WINDOWS, st.integers(0, 119), st.sampled_from([1e7, -1e7, np.nan]))
def test_both_ways_agree_on_a_spike_and_on_a_hole(seed: int, n: int, window: int, at: int, value: float) -> None:
    y, x = priced(seed, n, 100.0)
    y[at % n] = value
    equal(y, x, min(window, n))


@pytest.mark.parametrize("window", [1, 2, 59, 300, 720, 3_600])
def test_both_ways_agree_on_an_hour_of_seconds(window: int) -> None:
    equal(*priced(3, 3_600, 60_000.0), window)
    still = np.full(3_600, 0.1)
    equal(still, priced(4, 3_600, 1.0)[0], window)


@pytest.mark.parametrize("way", BOTH, ids=["numpy", "numba"])
@pytest.mark.parametrize("level", [0.0, 0.1, 1e6])
def test_either_way_a_window_that_stands_still_has_no_score(way: ModuleType, level: float) -> None:
    still, moving = np.full(50, level), np.arange(50.0)
    assert np.isnan(way.window_scores(still, 7)).all()
    assert np.isnan(way.window_correlations(still, moving, 7)).all()
    assert np.isnan(way.window_scores(moving, 7)[0])


@pytest.mark.parametrize("way", BOTH, ids=["numpy", "numba"])
@law
@given(seed=SEEDS, n=SIZES, window=WINDOWS, cut=st.integers(1, 120))
def test_either_way_a_longer_series_never_changes_an_earlier_value(
    way: ModuleType, seed: int, n: int, window: int, cut: int
) -> None:
    y, x = priced(seed, n, 100.0)
    early = y[:cut], x[:cut]
    whole = every_number(way, y, x, min(window, n))
    known = every_number(way, *early, min(window, len(early[0])))
    for late, then in zip(whole, known, strict=True):
        assert_array_equal(late[..., :cut], then)


def test_columns_may_be_frozen_or_strided_and_more_than_two() -> None:
    y, x = random_walks(2, 200)
    for column in (y[::2], y[::-1], x):
        column.flags.writeable = False
        assert_array_equal(zscore(column, 20), rolling_arrays.window_scores(column, 20))
    three = rolling_compiled.window_sums((y, x, y * x), 20)
    for fast, plain in zip(three, rolling_arrays.window_sums((y, x, y * x), 20), strict=True):
        assert_array_equal(fast, plain)


def way_of_a_fresh_process(before: str = "", **environment: str) -> list[str]:
    """Before and after the compiled loops were prepared, and whether they say that they are."""
    code = f"""if True:
        import sys
        {before}
        from analytics.rolling import prepare_compiled, way_of_summing
        print(way_of_summing().__name__, prepare_compiled(), way_of_summing().__name__)
    """
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HOME,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.split()


def test_nobody_waits_for_the_compiler() -> None:
    assert way_of_a_fresh_process() == ["analytics.rolling_arrays", "True", "analytics.rolling_compiled"]


def test_without_numba_all_runs_in_numpy_alone() -> None:
    found = way_of_a_fresh_process("sys.modules['numba'] = None")
    assert found == ["analytics.rolling_arrays", "False", "analytics.rolling_arrays"]


def test_without_a_place_for_compiled_code_all_runs_in_numpy_alone() -> None:
    nowhere = {"NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator", "NUMBA_CACHE_DIR": ""}
    found = way_of_a_fresh_process(**nowhere)
    assert found == ["analytics.rolling_arrays", "False", "analytics.rolling_arrays"]
