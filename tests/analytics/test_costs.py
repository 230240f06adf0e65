"""What a trade costs: examples worked by hand, and laws of signs, scales and the order of the legs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.analysis import PairAnalysis
from analytics.costs import PairCosts, trading_costs
from analytics.market import FloatArray, HedgeMethod, PairParams, PairQuery, PairSeries, Timeframe
from analytics.pair import analyse_pair
from analytics.quotes import FUNDING_EVERY_MS, Funding, LegTerms, Quote, untold
from analytics.results import HedgeFit, Unavailable
from tests.analytics.markets import bound_pair, law, random_walks

HOUR_MS = 3_600_000
STILL: tuple[HedgeMethod, ...] = ("ols", "tls", "huber", "theil_sen", "fixed")


def analysed(y: FloatArray, x: FloatArray, *, minutes: bool = False, **params: Any) -> PairAnalysis:
    timeframe = Timeframe.M1 if minutes else Timeframe.S1
    time_ms = np.arange(len(y), dtype=np.int64) * timeframe.milliseconds
    series = PairSeries(time_ms, y, x, np.ones(len(y), np.bool_), time_ms, time_ms, 1, 1)
    settings = PairParams(timeframe=timeframe, window_bars=60, lookback_bars=max(len(y), 3), **params)
    return analyse_pair(PairQuery("YUSDT", "XUSDT", settings), series)


def terms(
    bid: float = 100.0, ask: float = 100.0, rate: float = 0.0, due_ms: int = 4 * HOUR_MS, taken_ms: int = 0
) -> LegTerms:
    return LegTerms(Quote("S", bid, ask, taken_ms), Funding("S", rate, due_ms, 0, taken_ms))


def costs(
    analysis: PairAnalysis, y: LegTerms | None = None, x: LegTerms | None = None, fee: float = 5.0, now_ms: int = 0
) -> PairCosts:
    return trading_costs(analysis, y or terms(), x or terms(), taker_fee_bp=fee, now_ms=now_ms)


def known(value: object) -> float:
    assert isinstance(value, float), value
    return value


def at(analysis: PairAnalysis, z: float) -> PairAnalysis:
    """The same, with another z-score now."""
    return replace(analysis, latest_zscore=z)


PAIR = analysed(*bound_pair(3, 400))


def test_expected_reversion_by_hand_on_prices() -> None:
    # Gross of 1 y at 300 and 2 x at 100 is 500. The window is 59 times 0 and one 6: mean 0.1, so 5.9 are to come back,
    # 118 basis points of 500.
    x = np.full(400, 100.0) + np.tile([1.0, -1.0], 200) * np.r_[np.ones(398), 0.0, 0.0]
    e = np.r_[np.zeros(399), 6.0]
    found = costs(analysed(100.0 + 2.0 * x + e - 6.0 * (np.arange(400) == 399), x, hedge="fixed", fixed_ratio=2.0))
    assert found.reversion_bp == Unavailable("the spread did not move in the last 60 bars")
    found = costs(analysed(94.0 + 2.0 * x + e, x, hedge="fixed", fixed_ratio=2.0))
    assert found.reversion_bp == pytest.approx(1e4 * 5.9 / 500.0, rel=1e-9)
    assert found.side == "short"


def test_expected_reversion_by_hand_on_logs() -> None:
    # 1 of notional in y against 2 in x is gross 3; of 59 zeros and a deviation of 1 %, 59/60 come back: 32.8 bp.
    x = 100.0 * np.exp(0.01 * np.tile([1.0, -1.0], 200))
    y = x**2 / 50.0 * np.exp(np.r_[np.zeros(399), 0.01])
    found = costs(analysed(y, x, hedge="fixed", fixed_ratio=2.0, price_scale="log"))
    assert found.reversion_bp == pytest.approx(1e4 * 0.01 * 59 / 60 / 3.0, rel=1e-9)


def test_the_exit_level_is_as_far_as_it_goes() -> None:
    whole = known(costs(at(PAIR, 2.5)).reversion_bp)
    half = replace(PAIR, query=replace(PAIR.query, params=replace(PAIR.query.params, exit_zscore=1.25)))
    assert costs(at(half, 2.5)).reversion_bp == pytest.approx(whole / 2, rel=1e-12)
    assert costs(at(half, 1.25)).reversion_bp == costs(at(half, -0.3)).reversion_bp == 0.0


def test_four_fills_by_hand() -> None:
    # y 300, slope 2, x 100: weights 0.6 and 0.4. Half-spreads 10 bp of y and 5 of x.
    fixed = analysed(*bound_pair(1, 400), hedge="fixed", fixed_ratio=2.0)
    level = replace(fixed, y=np.r_[fixed.y[:-1], 300.0], x=np.r_[fixed.x[:-1], 100.0])
    found = costs(level, terms(299.7, 300.3), terms(99.95, 100.05), fee=4.0)
    assert found.fees_bp == -8.0
    assert found.half_spreads_bp == pytest.approx(-2 * (0.6 * 10 + 0.4 * 5), rel=1e-9)
    assert found.fills_bp == pytest.approx(-24.0, rel=1e-9)


def test_two_equal_legs_at_5_bp_and_no_spread_cost_10_bp_of_gross() -> None:
    assert costs(PAIR).fills_bp == -10.0


def test_funding_by_hand() -> None:
    # Weights 0.6 and 0.4; both settle once. Short the spread: y short earns 0.6 x 3 bp, x long pays 0.4 x 2 bp.
    slow = analysed(*random_walks(5, 400), minutes=True, hedge="fixed", fixed_ratio=2.0)
    slow = replace(slow, y=np.r_[slow.y[:-1], 300.0], x=np.r_[slow.x[:-1], 100.0])
    soon = (terms(rate=3e-4, due_ms=1), terms(rate=2e-4, due_ms=1))
    assert costs(at(slow, 2.0), *soon).settlements == (1, 1)
    assert costs(at(slow, 2.0), *soon).funding_bp == pytest.approx(1.0, rel=1e-9)
    assert costs(at(slow, -2.0), *soon).funding_bp == pytest.approx(-1.0, rel=1e-9)


def test_a_negative_slope_holds_both_legs_on_one_side() -> None:
    assert isinstance(PAIR.hedge, HedgeFit)
    upside_down = replace(PAIR, hedge=replace(PAIR.hedge, slope=-PAIR.hedge.slope))
    soon = terms(rate=1e-4, due_ms=0)
    assert costs(at(upside_down, 2.0), soon, soon).funding_bp == pytest.approx(1.0, rel=1e-9)
    both, hedged = costs(at(upside_down, 2.0)), costs(at(PAIR, 2.0))
    assert ((both.side, both.x_side), (hedged.side, hedged.x_side)) == (("short", "short"), ("short", "long"))
    assert costs(at(upside_down, 2.0)).reversion_bp == costs(at(PAIR, 2.0)).reversion_bp


def test_a_settlement_after_the_expected_exit_costs_nothing() -> None:
    holding_ms = known(costs(PAIR).holding_ms)
    before, after = terms(rate=1e-4, due_ms=int(holding_ms)), terms(rate=1e-4, due_ms=int(holding_ms) + 1)
    assert costs(PAIR, before, after).settlements == (1, 0)
    assert costs(PAIR, after, after).funding_bp == 0.0


def test_a_settlement_that_has_passed_gives_way_to_the_next() -> None:
    funding = Funding("S", 1e-4, next_ms=5_000, time_ms=0, taken_ms=100)
    assert funding.due_in_ms(100) == 5_000
    assert funding.due_in_ms(5_100) == 0
    assert funding.due_in_ms(5_101) == FUNDING_EVERY_MS - 1


@pytest.mark.parametrize("scale", ["level", "log"])
@pytest.mark.parametrize("method", STILL)
def test_every_still_method_has_a_net_edge(method: HedgeMethod, scale: Any) -> None:
    found = costs(analysed(*bound_pair(2, 400), hedge=method, price_scale=scale, fixed_ratio=1.5))
    parts = known(found.reversion_bp) + known(found.fills_bp) + known(found.funding_bp)
    assert found.net_edge_bp == pytest.approx(parts, rel=1e-12)
    assert known(found.break_even_zscore) > 0


@pytest.mark.parametrize("method", ["rolling_ols", "kalman"])
def test_a_moving_line_has_a_reversion_and_no_net_edge(method: HedgeMethod) -> None:
    analysis = analysed(*bound_pair(2, 400), hedge=method)
    found = costs(analysis)
    spread, z = known(analysis.latest_spread), known(analysis.latest_zscore)
    gross = float(analysis.y[-1]) + abs(analysis.hedge.slope) * float(analysis.x[-1])  # type: ignore[union-attr]
    if method == "kalman":
        assert found.reversion_bp == pytest.approx(1e4 * abs(spread) / gross, rel=1e-9)
    else:
        last = analysis.spread[-60:]
        assert found.reversion_bp == pytest.approx(1e4 * abs(spread - last.mean()) / gross, rel=1e-9)
        assert z == pytest.approx((spread - last.mean()) / last.std(ddof=1), rel=1e-9)
    for value in (found.net_edge_bp, found.break_even_zscore, found.funding_bp):
        assert isinstance(value, Unavailable)
        assert value.reason.startswith("not applicable")


@law
@given(st.integers(0, 500), st.floats(0.2, 5.0), st.sampled_from(["level", "log"]))
def test_the_legs_swapped_are_the_same_trade(seed: int, ratio: float, scale: Any) -> None:
    y, x = bound_pair(seed, 120)
    there = analysed(y, x, hedge="fixed", fixed_ratio=ratio, price_scale=scale)
    back = analysed(x, y, hedge="fixed", fixed_ratio=1 / ratio, price_scale=scale)
    of_y, of_x = terms(99.9, 100.1, 2e-4, 5_000), terms(49.0, 49.1, -1e-4, 9_000)
    one, other = costs(there, of_y, of_x), costs(back, of_x, of_y)
    assert {one.side, other.side} == {"short", "long"}
    for name in ("reversion_bp", "fills_bp", "break_even_zscore"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-9)
    if isinstance(one.funding_bp, float) and isinstance(other.funding_bp, float):
        assert other.funding_bp == pytest.approx(one.funding_bp, rel=1e-9, abs=1e-12)


@law
@given(st.integers(0, 500), st.floats(1e-4, 1e4), st.floats(1e-4, 1e4), st.sampled_from(STILL[:3]))
def test_a_price_in_another_currency_changes_nothing(seed: int, by_y: float, by_x: float, method: HedgeMethod) -> None:
    y, x = bound_pair(seed, 120)
    here, there = costs(analysed(y, x, hedge=method)), costs(analysed(by_y * y, by_x * x, hedge=method))
    if method != "tls":  # the orthogonal distance itself depends on the units of both legs
        assert there.reversion_bp == pytest.approx(here.reversion_bp, rel=1e-6)
    same = costs(analysed(by_y * y, by_y * x, hedge=method))
    assert same.reversion_bp == pytest.approx(here.reversion_bp, rel=1e-6)
    assert same.break_even_zscore == pytest.approx(here.break_even_zscore, rel=1e-6)


@law
@given(st.floats(0.01, 8.0), st.floats(-1e-2, 1e-2), st.floats(-1e-2, 1e-2))
def test_the_sign_of_z_turns_funding_and_nothing_else(z: float, y_rate: float, x_rate: float) -> None:
    legs = terms(99.9, 100.1, y_rate, 0), terms(99.8, 100.1, x_rate, 0)
    up, down = costs(at(PAIR, z), *legs), costs(at(PAIR, -z), *legs)
    assert (up.side, up.x_side, down.side, down.x_side) == ("short", "long", "long", "short")
    assert (up.reversion_bp, up.fills_bp, up.break_even_zscore) == (
        down.reversion_bp,
        down.fills_bp,
        down.break_even_zscore,
    )
    assert known(up.funding_bp) == pytest.approx(-known(down.funding_bp), abs=1e-12)


def test_reversion_is_the_profit_of_both_legs_bought_and_sold() -> None:
    assert isinstance(PAIR.hedge, HedgeFit)
    window = PAIR.spread[-60:]
    back = float(window.mean() - PAIR.spread[-1])  # the spread at its mean again: y alone has moved
    side = -1.0 if known(PAIR.latest_zscore) >= 0 else 1.0
    gross = float(PAIR.y[-1]) + PAIR.hedge.slope * float(PAIR.x[-1])
    assert costs(PAIR).reversion_bp == pytest.approx(1e4 * side * back / gross, rel=1e-9)


def test_at_the_break_even_z_the_reversion_is_the_fills() -> None:
    even = known(costs(PAIR).break_even_zscore)
    assert known(costs(at(PAIR, even)).reversion_bp) == pytest.approx(10.0, rel=1e-9)
    assert known(costs(at(PAIR, -even)).reversion_bp) == pytest.approx(10.0, rel=1e-9)


def test_the_expected_time_is_that_of_the_full_study() -> None:
    y, x = bound_pair(3, 400)
    time_ms = np.arange(400, dtype=np.int64) * 1000
    series = PairSeries(time_ms, y, x, np.ones(400, np.bool_), time_ms, time_ms, 1, 1)
    studied = analyse_pair(PAIR.query, series, in_full=True)
    assert costs(PAIR).holding_ms == costs(studied).holding_ms
    assert studied.evidence is not None
    assert costs(studied).holding_ms == studied.evidence.exit_time.seen_bars * 1000  # type: ignore[union-attr]


def test_on_ticks_the_holding_time_is_told_by_the_mean_time_between_rows() -> None:
    y, x = bound_pair(3, 400)
    time_ms = np.arange(400, dtype=np.int64) * 250
    series = PairSeries(time_ms, y, x, np.ones(400, np.bool_), time_ms, time_ms, 1, 1)
    ticks = replace(PAIR.query, params=replace(PAIR.query.params, timeframe=Timeframe.TICK))
    assert costs(analyse_pair(ticks, series)).holding_ms == pytest.approx(known(costs(PAIR).holding_ms) / 4)


def test_what_is_not_known_says_why_and_is_never_a_zero() -> None:
    blind = costs(PAIR, untold("a recording holds no quotes"), terms())
    none = Unavailable("a recording holds no quotes")
    assert (blind.fills_bp, blind.funding_bp, blind.net_edge_bp, blind.break_even_zscore) == (none,) * 4
    assert known(blind.reversion_bp) > 0
    assert blind.fees_bp == -10.0
    assert (blind.quote_age_ms, blind.funding_age_ms) == (None, None)


def test_an_old_quote_is_no_quote() -> None:
    assert known(costs(PAIR, now_ms=30_000).fills_bp) == -10.0
    assert costs(PAIR, now_ms=30_001).fills_bp == Unavailable("the quote of S is 30 s old")
    late = costs(PAIR, terms(taken_ms=180_001), terms(taken_ms=1), now_ms=180_002)
    assert (late.quote_age_ms, late.funding_age_ms) == (180_001, 180_001)
    assert late.funding_bp == Unavailable("the funding rate of S is 180 s old")


def test_a_pair_without_a_line_has_no_costs_and_one_reason() -> None:
    short = costs(analysed(*bound_pair(1, 1)))
    assert isinstance(short.reversion_bp, Unavailable)
    assert short.reversion_bp.needed == 3
    assert short.net_edge_bp == short.fills_bp == short.reversion_bp
