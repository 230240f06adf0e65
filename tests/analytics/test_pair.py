"""`analyse_pair` is the parts put together, answers for any data, and never gives a number that is none."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from analytics.analysis import PairAnalysis
from analytics.cointegration import engle_granger
from analytics.correlation import rolling_correlation, rolling_return_correlation
from analytics.errors import BadInput
from analytics.half_life import half_life
from analytics.hedge import ols_hedge_ratio
from analytics.market import (
    CorrelationKind,
    FloatArray,
    HedgeMethod,
    PairParams,
    PairQuery,
    PairSeries,
    PriceScale,
    Timeframe,
)
from analytics.pair import analyse_pair
from analytics.results import Cointegration, HedgeFit, Unavailable, UnitRootTest
from analytics.spread import on_scale, spread
from analytics.unit_root import adf_test
from analytics.zscore import zscore
from tests.analytics.markets import bound_pair, law, random_walks

SCALES: list[PriceScale] = ["level", "log"]
HEDGES: list[HedgeMethod] = ["ols", "rolling_ols", "tls", "huber", "theil_sen", "kalman", "fixed"]
KINDS: list[CorrelationKind] = ["pearson", "spearman"]


def series_of(y: FloatArray, x: FloatArray, clean: float = 1.0) -> PairSeries:
    n = len(y)
    traded = np.arange(n) < clean * n
    time_ms = np.arange(n) * 1_000
    return PairSeries(time_ms, y, x, traded, time_ms[traded], time_ms, y_last_id=41, x_last_id=43)


def query_of(params: PairParams) -> PairQuery:
    return PairQuery("BTCUSDT", "ETHUSDT", params)


def floats_in(result: object) -> list[float]:
    """Every scalar float anywhere inside a result; arrays are left out."""
    if isinstance(result, float):
        return [result]
    if isinstance(result, dict):
        return [number for value in result.values() for number in floats_in(value)]
    if is_dataclass(result):
        return [number for field in fields(result) for number in floats_in(getattr(result, field.name))]
    return []


def assert_no_number_is_none(analysis: PairAnalysis) -> None:
    assert all(type(number) is float and math.isfinite(number) for number in floats_in(analysis))


def reasons_in(result: object, at: str = "") -> dict[str, str]:
    """Why each value is missing, by its path."""
    if isinstance(result, Unavailable):
        return {at: result.reason}
    if is_dataclass(result):
        parts = {f"{at}.{field.name}".lstrip("."): getattr(result, field.name) for field in fields(result)}
        return {name: why for path, value in parts.items() for name, why in reasons_in(value, path).items()}
    return {}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("include_intercept", [True, False])
def test_the_analysis_is_its_parts(scale: PriceScale, include_intercept: bool) -> None:
    y, x = bound_pair(1, 700)
    params = PairParams(window_bars=60, lookback_bars=500, price_scale=scale, include_intercept=include_intercept)
    analysis = analyse_pair(query_of(params), series_of(y, x))
    y, x = y[-500:], x[-500:]
    scaled_y, scaled_x = on_scale(y, scale), on_scale(x, scale)
    fit = ols_hedge_ratio(scaled_y, scaled_x, include_intercept=include_intercept)
    values = spread(scaled_y, scaled_x, fit)
    assert analysis.hedge == fit
    assert_array_equal(analysis.y, y)
    assert_array_equal(analysis.x, x)
    assert_array_equal(analysis.time_ms, np.arange(200, 700) * 1_000)
    assert_array_equal(analysis.spread, values)
    assert_array_equal(analysis.zscore, zscore(values, 60))
    assert_array_equal(analysis.correlation, rolling_correlation(y, x, 60))
    assert_array_equal(analysis.return_correlation, rolling_return_correlation(y, x, 60))
    assert analysis.latest_spread == analysis.spread[-1]
    assert analysis.latest_zscore == analysis.zscore[-1]
    assert analysis.latest_correlation == analysis.correlation[-1]
    assert analysis.latest_return_correlation == analysis.return_correlation[-1]
    assert analysis.adf == adf_test(values)
    assert analysis.half_life == half_life(values)
    if include_intercept:
        assert analysis.engle_granger == engle_granger(scaled_y, scaled_x)
    else:
        assert isinstance(analysis.engle_granger, Unavailable)
        assert "needs the intercept" in analysis.engle_granger.reason
        assert analysis.verdict.outcome == "cannot say"
    assert (analysis.bars_needed, analysis.bars_held, analysis.clean_share) == (500, 500, 1.0)
    assert (analysis.y_last_id, analysis.x_last_id) == (41, 43)
    assert_no_number_is_none(analysis)


def test_only_the_newest_rows_count() -> None:
    y, x = bound_pair(2, 400)
    params = PairParams(window_bars=30, lookback_bars=150)
    whole, newest = (analyse_pair(query_of(params), series_of(y[-n:], x[-n:])) for n in (400, 150))
    assert_array_equal(whole.zscore, newest.zscore)
    assert floats_in(whole) == floats_in(newest)


def test_the_default_sample_is_five_windows() -> None:
    analysis = analyse_pair(query_of(PairParams(window_bars=40)), series_of(*bound_pair(3, 150)))
    assert (analysis.bars_needed, analysis.bars_held) == (200, 150)
    assert "Warming up: 150 of 200 bars." in analysis.verdict.reasons


@pytest.mark.parametrize(
    ("n", "hedge", "tests"),
    [(0, False, False), (1, False, False), (2, False, False), (3, True, False), (29, True, False), (30, True, True)],
)
def test_a_short_sample_says_what_it_needs(n: int, hedge: bool, tests: bool) -> None:
    y, x = bound_pair(4, n) if n else (np.empty(0), np.empty(0))
    analysis = analyse_pair(query_of(PairParams()), series_of(y, x))
    assert isinstance(analysis.hedge, HedgeFit) is hedge
    assert isinstance(analysis.adf, UnitRootTest) is tests
    assert isinstance(analysis.engle_granger, Cointegration) is tests
    assert analysis.verdict.outcome == "cannot say"
    assert len(analysis.spread) == len(analysis.zscore) == len(analysis.correlation) == n
    assert_no_number_is_none(analysis)
    if not hedge:
        assert analysis.latest_zscore == analysis.hedge == Unavailable(f"need 3 bars, got {n}", 3, n)
        assert np.isnan(analysis.spread).all()
    if hedge and not tests:
        assert analysis.engle_granger == Unavailable(f"need 30 bars, got {n}", 30, n)
    if n == 2:
        assert analysis.latest_return_correlation == Unavailable("need 3 bars, got 2", 3, 2)


STILL = np.full(200, 0.1)
WALK = random_walks(5, 200)[0]


@pytest.mark.parametrize(
    ("y", "x", "name", "reason"),
    [
        (STILL, WALK, "hedge", "the price of leg y did not move in the sample"),
        (WALK, STILL, "hedge", "the price of leg x did not move in the sample"),
        (WALK, STILL, "latest_correlation", "a leg's price did not move in the last 40 bars"),
        (WALK, STILL, "latest_return_correlation", "a leg had no returns in the last 40 bars"),
        (WALK, STILL, "latest_zscore", "the price of leg x did not move in the sample"),
        (2 * WALK, WALK, "latest_zscore", "the spread did not move in the last 40 bars"),
        (2 * WALK, WALK, "half_life", "the spread does not move, so it has nothing to come back from"),
        (2 * WALK, WALK, "adf", "the series does not move, so there is nothing to test"),
        (np.where(WALK > 100, WALK, np.nan), WALK, "hedge", "a value in the sample is not a finite number"),
    ],
)
def test_degenerate_data_are_named_and_never_raise(y: FloatArray, x: FloatArray, name: str, reason: str) -> None:
    analysis = analyse_pair(query_of(PairParams(window_bars=40)), series_of(y, x))
    assert getattr(analysis, name) == Unavailable(reason)
    assert analysis.verdict.outcome == "cannot say"
    assert_no_number_is_none(analysis)


def test_logs_of_prices_that_have_none_are_unavailable() -> None:
    analysis = analyse_pair(query_of(PairParams(window_bars=40, price_scale="log")), series_of(WALK - 100, WALK))
    assert analysis.hedge == Unavailable("a price is not positive, so it has no logarithm")
    assert isinstance(analysis.latest_return_correlation, Unavailable)
    assert isinstance(analysis.latest_correlation, float)


def test_a_spread_that_does_not_revert_has_no_half_life() -> None:
    y = 100 + 1.02 ** np.arange(200.0)
    x = 100 + np.sin(np.arange(200.0))
    analysis = analyse_pair(query_of(PairParams(window_bars=40)), series_of(y, x))
    assert isinstance(analysis.half_life_bars, Unavailable)
    assert "no reversion" in analysis.half_life_bars.reason
    assert analysis.verdict.outcome != "cointegrated"


@law
@given(
    st.integers(0, 2**32 - 1),
    st.one_of(st.integers(0, 90), st.sampled_from([240, 600])),
    st.sampled_from([0, 1, 3]),
    st.sampled_from(SCALES),
    st.booleans(),
    st.sampled_from([1e-8, 1.0, 1e6]),
    st.sampled_from(HEDGES),
    st.sampled_from(KINDS),
)
def test_any_market_gets_an_answer(
    seed: int,
    n: int,
    decimals: int,
    scale: PriceScale,
    include_intercept: bool,
    level: float,
    hedge: HedgeMethod,
    correlation: CorrelationKind,
) -> None:
    """Coarse ticks make legs stand still, coincide and jump: everything a thin market does."""
    y, x = (np.round(walk, decimals) * level for walk in random_walks(seed, n))
    params = PairParams(
        window_bars=12,
        lookback_bars=60 if n < 100 else n,
        price_scale=scale,
        include_intercept=include_intercept,
        hedge=hedge,
        fixed_ratio=1.7,
        correlation=correlation,
    )
    analysis = analyse_pair(query_of(params), series_of(y, x, clean=0.4), in_full=True)
    assert_no_number_is_none(analysis)
    assert analysis.verdict.reasons
    assert all(reasons_in(analysis).values())
    for column in (analysis.spread, analysis.zscore, analysis.correlation, analysis.return_correlation):
        assert len(column) == analysis.bars_held == min(n, params.sample_bars)
        assert not np.isinf(column).any()


@law
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-6, 3.0, 1e5]), st.sampled_from([1e-6, 3.0, 1e5]))
def test_units_of_price_do_not_change_what_the_pair_looks_like(seed: int, y_unit: float, x_unit: float) -> None:
    y, x = bound_pair(seed, 150)
    query = query_of(PairParams(window_bars=30))
    plain, scaled = analyse_pair(query, series_of(y, x)), analyse_pair(query, series_of(y * y_unit, x * x_unit))
    np.testing.assert_allclose(scaled.zscore, plain.zscore, atol=1e-6)
    assert scaled.half_life_bars == pytest.approx(plain.half_life_bars, rel=1e-6)
    assert scaled.verdict.outcome == plain.verdict.outcome


def test_the_arrays_can_be_shared_but_not_written() -> None:
    analysis = analyse_pair(query_of(PairParams(window_bars=40)), series_of(*bound_pair(6, 200)))
    for field in fields(PairAnalysis):
        value = getattr(analysis, field.name)
        assert not isinstance(value, np.ndarray) or not value.flags.writeable, field.name


@pytest.mark.parametrize(("window", "lookback"), [(1, None), (0, 100), (-5, 100), (40, 2), (40, 0)])
def test_parameters_that_mean_nothing_are_refused(window: int, lookback: int | None) -> None:
    params = replace(PairParams(), window_bars=window, lookback_bars=lookback)
    with pytest.raises(BadInput, match="needs at least"):
        analyse_pair(query_of(params), series_of(WALK, WALK))


def test_on_ticks_the_returns_of_two_legs_never_coincide_and_no_zero_is_shown() -> None:
    series = PairSeries(
        time_ms=np.arange(200, dtype=np.int64),
        y=100.0 + np.sin(np.arange(200) // 2),
        x=50.0 + np.cos((np.arange(200) + 1) // 2),
        clean=np.zeros(200, np.bool_),
        y_traded_ms=np.arange(0, 200, 2),
        x_traded_ms=np.arange(1, 200, 2),
        y_last_id=1,
        x_last_id=1,
    )
    query = PairQuery("Y", "X", PairParams(timeframe=Timeframe.TICK, window_bars=40))
    analysis = analyse_pair(query, series)
    assert isinstance(analysis.latest_return_correlation, Unavailable)
    assert "one leg" in analysis.latest_return_correlation.reason
    assert np.isnan(analysis.return_correlation).all()
    assert analysis.clean_share is None
    assert isinstance(analysis.latest_correlation, float)


@pytest.mark.parametrize("hedge", HEDGES)
def test_the_evidence_adds_to_the_live_numbers_and_changes_none(hedge: HedgeMethod) -> None:
    params = PairParams(window_bars=60, hedge=hedge, fixed_ratio=1.5)
    series = series_of(*bound_pair(7, 400))
    live, full = (analyse_pair(query_of(params), series, in_full=in_full) for in_full in (False, True))
    assert live.evidence is None
    assert full.evidence is not None
    assert repr(replace(full, evidence=None)) == repr(live)
    assert floats_in(live.verdict) == floats_in(full.verdict)


@pytest.mark.parametrize("hedge", ["rolling_ols", "kalman"])
def test_tests_of_a_spread_whose_ratio_moves_are_not_applicable(hedge: HedgeMethod) -> None:
    analysis = analyse_pair(
        query_of(PairParams(window_bars=60, hedge=hedge)), series_of(*bound_pair(8, 400)), in_full=True
    )
    evidence = analysis.evidence
    assert evidence is not None
    of_the_spread = (
        analysis.adf,
        analysis.half_life,
        evidence.kpss,
        evidence.variance_ratio,
        evidence.hurst,
        evidence.ornstein_uhlenbeck,
        evidence.exit_time,
    )
    for answer in of_the_spread:
        assert isinstance(answer, Unavailable)
        assert answer.reason.startswith("not applicable")
    of_the_prices = (analysis.engle_granger, evidence.johansen, evidence.phillips_ouliaris, analysis.stability)
    assert not any(isinstance(one, Unavailable) for one in of_the_prices)
    assert any("moves its ratio" in reason for reason in analysis.verdict.reasons)


@pytest.mark.parametrize("hedge", ["rolling_ols", "kalman"])
@pytest.mark.parametrize("scale", SCALES)
def test_a_moving_hedge_never_changes_its_past(hedge: HedgeMethod, scale: PriceScale) -> None:
    """The whole analysis of a prefix is the prefix of the whole analysis, to the last bit."""
    y, x = bound_pair(9, 500)
    params = PairParams(window_bars=60, lookback_bars=500, hedge=hedge, price_scale=scale)
    whole = analyse_pair(query_of(params), series_of(y, x))
    for n in (61, 250, 499):
        early = analyse_pair(query_of(params), series_of(y[:n], x[:n]))
        for name in ("hedge_ratio", "hedge_intercept", "hedge_ratio_deviation", "spread", "zscore", "zscore_as_known"):
            assert getattr(early, name).tobytes() == getattr(whole, name)[:n].tobytes(), name


@pytest.mark.parametrize("hedge", ["ols", "tls", "fixed"])
def test_what_was_known_then_does_not_change_either_and_ends_with_what_is_shown(hedge: HedgeMethod) -> None:
    y, x = bound_pair(10, 500)
    params = PairParams(window_bars=60, lookback_bars=500, hedge=hedge, fixed_ratio=1.5)
    whole = analyse_pair(query_of(params), series_of(y, x))
    for n in (61, 250, 499):
        early = analyse_pair(query_of(params), series_of(y[:n], x[:n]))
        assert early.zscore_as_known.tobytes() == whole.zscore_as_known[:n].tobytes()
        assert early.zscore_as_known[-1] == pytest.approx(early.latest_zscore, abs=1e-9)


@pytest.mark.parametrize("change", [{"hedge": "fixed"}, {"exit_zscore": -1.0}, {"exit_zscore": math.inf}])
def test_a_question_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        analyse_pair(query_of(replace(PairParams(), **change)), series_of(WALK, WALK + 1))  # type: ignore[arg-type]


def test_the_share_of_empty_bars_counts_bars_in_which_neither_leg_traded() -> None:
    """Of ten bars y trades in six and x in four, and in two of them nobody."""
    time_ms = np.array([0, 1, 2, 3, 4, 5, 8, 9]) * 1_000
    y_traded = np.array([1, 1, 1, 1, 0, 0, 1, 1], np.bool_)
    x_traded = np.array([1, 0, 0, 0, 1, 1, 0, 1], np.bool_)
    prices = np.arange(8.0) + 100
    series = PairSeries(time_ms, prices, prices**2, y_traded & x_traded, time_ms[y_traded], time_ms[x_traded], 1, 1)
    analysis = analyse_pair(query_of(PairParams(window_bars=4)), series)
    assert analysis.y_empty_share == pytest.approx(0.4)
    assert analysis.x_empty_share == pytest.approx(0.6)
    assert any("60" in reason for reason in analysis.verdict.reasons)
