"""Dickey-Fuller and Engle-Granger on hard data: statsmodels, arch and R's urca say the same."""

from __future__ import annotations

import json
from pathlib import Path

import arch.unitroot
import numpy as np
import pytest
from statsmodels.tsa.stattools import adfuller, coint

from analytics.cointegration import engle_granger
from analytics.market import FloatArray
from analytics.unit_root import adf_test
from tests.analytics.hard_series import hostile_series, market_series
from tests.analytics.markets import bound_pair, random_walks

FROM_R = json.loads((Path(__file__).parent / "golden" / "adf.json").read_text(encoding="utf-8"))

# Differences of these are known to less than 1e-10 themselves, so two exact methods differ by more.
ROUNDED = {"strong drift": 1e-9, "steps a walk": 2e-9, "steps of steps a walk": 5e-8}


def legs(name: str) -> tuple[FloatArray, FloatArray]:
    return np.array(FROM_R[name]["y"]), np.array(FROM_R[name]["x"])


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.SingularMatrixWarning")
@pytest.mark.parametrize("n", [100, 300, 1_440])
@pytest.mark.parametrize("seed", range(2))
def test_adf_equals_statsmodels_on_market_and_hostile_series(n: int, seed: int) -> None:
    """The reference gets the series from 0 on: its solver loses digits on a level that means nothing to the test."""
    for name, series in (market_series(seed, n) | hostile_series(seed, n)).items():
        mine, theirs = adf_test(series), adfuller(series - series[0], result_object=True)
        assert (mine.lags, mine.observations) == (theirs.lags, theirs.nobs), name
        tolerance = ROUNDED.get(name, 1e-10)
        assert mine.statistic == pytest.approx(theirs.statistic, abs=tolerance, rel=1e-12), name
        assert mine.pvalue == pytest.approx(theirs.pvalue, abs=tolerance), name


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.SingularMatrixWarning")
@pytest.mark.parametrize("n", [100, 300, 1_440])
@pytest.mark.parametrize(("y_unit", "x_unit"), [(1.0, 1.0), (1e-8, 600.0)])
def test_engle_granger_equals_statsmodels_on_market_and_hostile_spreads(n: int, y_unit: float, x_unit: float) -> None:
    x = random_walks(4, n)[0]
    for name, left_over in (market_series(4, n) | hostile_series(4, n)).items():
        y = 1.5 * x + (left_over - left_over[0]) / np.ptp(left_over)
        mine = engle_granger(y * y_unit, x * x_unit)
        statistic, pvalue, _ = coint(y - y.mean(), x - x.mean())
        tolerance = ROUNDED.get(name, 1e-10)
        assert mine.statistic == pytest.approx(statistic, abs=tolerance, rel=1e-11), name
        assert mine.pvalue == pytest.approx(pvalue, abs=tolerance), name


@pytest.mark.parametrize("n", [40, 300, 1_000])
@pytest.mark.parametrize("seed", range(3))
def test_both_equal_arch(n: int, seed: int) -> None:
    """By AIC, where its rule is ours (Schwert's bound), and at the lags found, where nothing is left to choose."""
    y, x = bound_pair(seed, n)
    mine = adf_test(y)
    for theirs in (arch.unitroot.ADF(y, trend="c", method="aic"), arch.unitroot.ADF(y, lags=mine.lags, trend="c")):
        assert (mine.lags, mine.observations) == (theirs.lags, theirs.nobs)
        assert mine.statistic == pytest.approx(theirs.stat, abs=1e-9)
        assert mine.pvalue == pytest.approx(theirs.pvalue, abs=1e-9)
        assert mine.critical_values == pytest.approx(theirs.critical_values, abs=1e-12)
    both = engle_granger(y, x)
    for found in (
        arch.unitroot.engle_granger(y, x, trend="c", method="aic"),
        arch.unitroot.engle_granger(y, x, trend="c", lags=both.lags),
    ):
        assert both.lags == found.lags
        assert both.statistic == pytest.approx(found.stat, abs=1e-9)
        assert both.pvalue == pytest.approx(found.pvalue, abs=5e-3)  # arch has tables of its own


@pytest.mark.parametrize("name", ["quick", "slow", "dear", "echo"])
def test_both_equal_urca_at_the_same_lags(name: str) -> None:
    y, x = legs(name)
    plain, both = adf_test(y), engle_granger(y, x)
    assert plain.statistic == pytest.approx(FROM_R[name]["drift"][plain.lags], abs=1e-9)
    assert both.statistic == pytest.approx(FROM_R[name]["residual"][both.lags], abs=1e-9)


def test_the_golden_series_ask_for_short_and_for_long_lags() -> None:
    lags = [engle_granger(*legs(name)).lags for name in ("quick", "slow", "dear", "echo")]
    assert min(lags) <= 1
    assert max(lags) >= 6
