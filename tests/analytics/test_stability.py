"""When did the relation change? By brute force, by simulation, and on the demo market's breaking pair."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.stattools import levinson_durbin

from analytics.align import align_bars
from analytics.bars import bars_from_ticks
from analytics.errors import DegenerateData, NotEnoughData
from analytics.evidence import Stability
from analytics.long_run import long_run
from analytics.market import FloatArray, Int64Array, Ticks, Timeframe
from analytics.stability import EDGE_SHARE, stability
from ingest.simulator import PublishedTrades
from ingest.simulator.calendar import OPENING_MS
from ingest.simulator.market import Market
from ingest.simulator.prices import BREAK_FADE_MS
from tests.analytics.golden.stability_levels import pair, shares
from tests.analytics.markets import bound_pair, law, reverting_noise

BREAKS_EVERY_MS = 14_400_000
HALF_LIFE_MS = 30_000


def rows(y: FloatArray, x: FloatArray) -> Stability:
    """The time of a row is its number."""
    return stability(np.arange(len(y)), y, x)


def breaking(seed: int, n: int, *at: int, half_life_bars: float = 5.0) -> tuple[FloatArray, FloatArray]:
    """y follows x with slope 1.5; from each row `at` on with another slope and offset, the way back at every second."""
    x = 100 + np.random.default_rng([seed, 2]).normal(0, 0.1, n).cumsum()
    y = 10 + 1.5 * x + reverting_noise(seed, n, half_life_bars, 0.05)
    for number, row in enumerate(at):
        y[row:] += (1 if number % 2 == 0 else -1) * (3.0 + 0.8 * (x[row:] - 100))
    return y, x


def squares_left(y: FloatArray, x: FloatArray) -> float:
    design = np.column_stack((np.ones(len(x)), x))
    return float(np.square(y - design @ np.linalg.lstsq(design, y, rcond=None)[0]).sum())


def two_lines(y: FloatArray, x: FloatArray, row: int) -> float:
    return squares_left(y[:row], x[:row]) + squares_left(y[row:], x[row:])


def test_the_date_is_the_least_squares_one_of_all_rows() -> None:
    for seed in range(6):
        y, x = breaking(seed, 300, 60 + 30 * seed, half_life_bars=2.0)
        edge = int(EDGE_SHARE * 300)
        left = {k: two_lines(y, x, k) * two_lines(x, y, k) for k in range(edge, 300 - edge + 1)}
        assert rows(y, x).changed_at_ms == rows(x, y).changed_at_ms == min(left, key=lambda k: left[k])


def test_the_slopes_are_those_of_either_side_without_the_rows_of_a_fade() -> None:
    y, x = breaking(3, 1_000, 400)
    found = rows(y, x)
    assert found.changed_at_ms is not None
    before, after = found.changed_at_ms - 80, found.changed_at_ms + 80
    assert found.slope_before == pytest.approx(np.polyfit(x[:before], y[:before], 1)[0], rel=1e-9)
    assert found.slope_after == pytest.approx(np.polyfit(x[after:], y[after:], 1)[0], rel=1e-9)
    assert found.slope_after - found.slope_before == pytest.approx(0.8, abs=0.1)


def test_without_a_change_the_slopes_are_those_of_the_halves() -> None:
    y, x = bound_pair(5, 701)
    found = rows(y, x)
    assert found.changed_at_ms is None
    assert found.slope_before == pytest.approx(np.polyfit(x[:350], y[:350], 1)[0], rel=1e-9)
    assert found.slope_after == pytest.approx(np.polyfit(x[350:], y[350:], 1)[0], rel=1e-9)


@pytest.mark.parametrize("at", [(300, 1_000), (300, 600), (700, 1_200)])
def test_of_several_changes_the_latest_is_told(at: tuple[int, ...]) -> None:
    told = [rows(*breaking(seed, 1_500, *at)).changed_at_ms for seed in range(12)]
    assert sum(row is not None and abs(row - at[-1]) <= 15 for row in told) >= 11, told


@pytest.mark.parametrize("pieces", [1, 2])
def test_the_long_run_variance_is_that_of_statsmodels_autoregressions(pieces: int) -> None:
    values = reverting_noise(8, 600, 12.0) + np.random.default_rng(9).normal(0, 2, 600)
    parts = [part - part.mean() for part in np.split(values, pieces)]
    covariances = np.array([sum(float(p[lag:] @ p[: len(p) - lag]) for p in parts) / 600 for lag in range(20)])
    most = math.ceil(12 * 6**0.25)
    found, criteria = [], []
    for order in range(most + 1):
        if order == 0:
            found.append(covariances[0])
            criteria.append(600 * math.log(covariances[0]))
            continue
        unexplained, coefficients, *_ = levinson_durbin(covariances[: order + 1], nlags=order, isacov=True)
        found.append(unexplained / (1 - coefficients.sum()) ** 2)
        criteria.append(600 * math.log(unexplained) + 2 * order)
    expected = max(found[int(np.argmin(criteria))], found[most // 2])
    answer = long_run(parts)
    assert answer.variance == pytest.approx(expected, rel=1e-10)
    assert answer.effective == pytest.approx(600 * covariances[1] / expected, rel=1e-10)


def test_an_autoregression_is_worth_as_many_observations_as_theory_says() -> None:
    keep = 0.5 ** (1 / 10)
    worth = [long_run([reverting_noise(seed, 20_000, 10.0)]).effective for seed in range(20)]
    assert np.mean(worth) == pytest.approx(20_000 * keep * (1 - keep) / (1 + keep), rel=0.1)


def test_the_cusum_sums_the_residual_of_one_line() -> None:
    y, x = breaking(4, 400, 200)
    found = rows(y, x)
    slope, intercept = np.polyfit(x, y, 1)
    path = (y - slope * x - intercept).cumsum()
    np.testing.assert_allclose(found.cusum / np.abs(found.cusum).max(), path / np.abs(path).max(), atol=1e-9)
    assert found.statistic == np.abs(found.cusum).max()
    assert set(found.bound) == {found.critical_value}
    assert found.statistic > found.critical_value
    assert len(found.cusum) == len(found.bound) == 400


@pytest.mark.parametrize(
    ("n", "half_life_bars", "kind"),
    [
        (300, 3.0, "y follows"),
        (300, 10.0, "x follows"),
        (300, 60.0, "noise"),
        (1_500, 10.0, "y follows"),
        (1_500, 30.0, "x follows"),
        (300, math.inf, "y follows"),
        (300, math.inf, "noise"),
        (1_500, math.inf, "y follows"),
    ],
)
def test_one_relation_and_no_relation_are_rarely_called_a_change(n: int, half_life_bars: float, kind: str) -> None:
    pairs, seed = 250, 987
    changed, outside = shares(n, half_life_bars, kind, pairs, seed)
    most = 0.05 + 2.33 * math.sqrt(0.05 * 0.95 / pairs)
    assert changed <= most, f"seed {seed}: {changed} changed"
    if math.isfinite(half_life_bars):
        assert outside <= most, f"seed {seed}: {outside} outside"


def ticks(market: Market, symbol: str, start_ms: int, end_ms: int) -> Ticks:
    first, last = market.newest_id(symbol, start_ms - 1) + 1, market.newest_id(symbol, end_ms)
    rows = PublishedTrades.of(market.instruments[symbol], market.trades(symbol, first, last))
    return Ticks(rows.trade_id, rows.time_ms, rows.price, rows.quantity, rows.buyer_is_maker)


Sample = tuple[Int64Array, FloatArray, FloatArray]


def samples(timeframe: Timeframe, bars: int) -> Iterator[tuple[int, Sample]]:
    """Breaks of the demo market's breaking pair, each with samples that hold it early, in the middle and late."""
    for seed in (7, 19, 31):
        market = Market(seed)
        for number in (900, 901, 2_402, 2_405):  # even and odd: relations become flatter and steeper in turns
            break_ms = OPENING_MS + number * BREAKS_EVERY_MS
            reach_ms = min(bars * timeframe.milliseconds * 2, BREAKS_EVERY_MS - BREAK_FADE_MS - HALF_LIFE_MS)
            legs = (ticks(market, s, break_ms - reach_ms, break_ms + reach_ms) for s in ("DOGEUSDT", "1000SHIBUSDT"))
            y, x = (bars_from_ticks(leg, timeframe) for leg in legs)
            whole = align_bars(y, x, timeframe, limit=10**6)
            row = int(np.searchsorted(whole.time_ms, break_ms))
            for share in (0.1, 0.3, 0.5, 0.7, 0.9):
                start = row - int(share * bars)
                held = slice(start, start + bars)
                yield break_ms, (whole.time_ms[held], whole.y[held], whole.x[held])


@pytest.mark.parametrize(
    ("timeframe", "bars", "least"),
    [
        (Timeframe.S1, 3_600, 0.95),
        (Timeframe.S5, 1_500, 0.97),
        (Timeframe.S15, 800, 0.97),
        (Timeframe.S1, 1_500, 0.5),  # 50 half-lives: too short to tell every break from a walk
    ],
)
def test_a_break_of_the_demo_market_is_found_and_dated(timeframe: Timeframe, bars: int, least: float) -> None:
    late_ms = []
    held = 0
    for break_ms, (time_ms, y, x) in samples(timeframe, bars):
        assert len(time_ms) == bars
        for found in (stability(time_ms, y, x), stability(time_ms, x, y)):  # the follower on its leader, and turned
            held += 1
            if found.changed_at_ms is not None:
                late_ms.append(found.changed_at_ms - break_ms)
    inside = [0 <= late <= BREAK_FADE_MS for late in late_ms]
    assert held == 120
    assert len(late_ms) >= least * held, f"{len(late_ms)} of {held} found"
    assert sum(inside) >= 0.97 * len(late_ms), f"{sum(inside)} of {len(late_ms)} dated within the fade"


def test_the_demo_markets_steady_pairs_do_not_change() -> None:
    told = 0
    for seed in (7, 19, 31, 43):
        market = Market(seed)
        for y_symbol, x_symbol in (("BTCUSDT", "ETHUSDT"), ("SOLUSDT", "AVAXUSDT"), ("ETHUSDT", "BTCUSDT")):
            start_ms = OPENING_MS + 5_000 * 3_600_000
            legs = (ticks(market, s, start_ms, start_ms + 3_700_000) for s in (y_symbol, x_symbol))
            y, x = (bars_from_ticks(leg, Timeframe.S1) for leg in legs)
            pair = align_bars(y, x, Timeframe.S1, limit=3_600)
            told += stability(pair.time_ms, pair.y, pair.x).changed_at_ms is not None
    assert told <= 1


@law
@given(st.integers(0, 2**32 - 1), st.sampled_from([1e-8, 3.0, 1e6]), st.sampled_from([1e-8, 3.0, 1e6]), st.booleans())
def test_units_do_not_matter(seed: int, y_unit: float, x_unit: float, changes: bool) -> None:
    y, x = breaking(seed, 300, *((150,) if changes else ()))
    plain, scaled = rows(y, x), rows(y * y_unit, x * x_unit)
    assert scaled.changed_at_ms == plain.changed_at_ms
    np.testing.assert_allclose(scaled.cusum, plain.cusum, rtol=1e-5, atol=1e-6)
    assert scaled.slope_after == pytest.approx(plain.slope_after * y_unit / x_unit, rel=1e-7)


@law
@given(st.integers(0, 2**32 - 1), st.sampled_from([100, 101, 137, 400]), st.sampled_from([1e-6, 0.3, 1.0, 50.0]))
def test_any_sample_gets_finite_numbers(seed: int, n: int, rounding: float) -> None:
    y, x = pair(np.random.default_rng(seed), n, math.inf, "noise")
    y, x = np.round(y / rounding) * rounding, np.round(x / rounding) * rounding
    try:
        found = rows(y, x)
    except DegenerateData:
        return
    assert np.isfinite(found.cusum).all()
    assert math.isfinite(found.critical_value)
    assert math.isfinite(found.slope_before)
    assert math.isfinite(found.slope_after)


def test_too_short_and_degenerate_samples_are_refused() -> None:
    y, x = bound_pair(1, 300)
    with pytest.raises(NotEnoughData) as short:
        rows(y[:99], x[:99])
    assert (short.value.needed, short.value.got) == (100, 99)
    with pytest.raises(DegenerateData, match="did not move"):
        rows(np.full(300, 0.1), x)
    with pytest.raises(DegenerateData, match="did not move"):
        rows(y, np.full(300, 0.1))
    with pytest.raises(DegenerateData, match="one line"):
        rows(10 + 1.5 * x, x)
    with pytest.raises(DegenerateData, match="one side"):
        rows(y, np.where(np.arange(300) < 150, 100.0, x))
    with pytest.raises(DegenerateData, match="finite"):
        rows(np.where(np.arange(300) == 7, np.nan, y), x)
