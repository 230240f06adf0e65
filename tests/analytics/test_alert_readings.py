"""What a rule is told of a moment: a number, or the reason why there is none; and never a number of bad data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analytics.alert_readings import (
    Beside,
    at_bar_close,
    closed_rows,
    feed_fault,
    reading_of,
    shared_reading,
    wanted,
)
from analytics.alert_steps import step
from analytics.alerts import METRICS, Condition, Metric, Reading, Standing
from analytics.analysis import PairAnalysis
from analytics.costs import trading_costs
from analytics.market import PairSeries, Timeframe
from analytics.pair import analyse_pair
from analytics.quotes import Funding, LegTerms, Quote
from analytics.results import Unavailable
from analytics.status import FeedState, MarketStatus, SymbolStatus
from analytics.stretches import Stretch, StretchKind
from tests.analytics.alert_paths import PAIR, START_MS, Z, rule
from tests.analytics.markets import bound_pair

BARS = PAIR.params.sample_bars
NEWEST_MS = START_MS + (BARS - 1) * 1_000 + 300
BTC = SymbolStatus("BTCUSDT", "LIVE", age_ms=40, last_trade_ms=NEWEST_MS - 200)
ETH = SymbolStatus("ETHUSDT", "LIVE", age_ms=90, last_trade_ms=NEWEST_MS)
TERMS = {
    symbol: LegTerms(Quote(symbol, 99.99, 100.01, 0), Funding(symbol, rate, 3_600_000, 0, 0))
    for symbol, rate in (("BTCUSDT", 1e-4), ("ETHUSDT", -5e-5))
}


def series_of(n: int = BARS) -> PairSeries:
    y, x = (leg[:n] for leg in bound_pair(5, max(n, 1)))
    time_ms = START_MS + np.arange(n) * 1_000
    return PairSeries(time_ms, y, x, np.ones(n, np.bool_), time_ms, time_ms, 1, 1)


def analysed(n: int = BARS, **params: Any) -> PairAnalysis:
    return analyse_pair(replace(PAIR, params=replace(PAIR.params, **params)), series_of(n))


def status(*legs: SymbolStatus, state: FeedState = "LIVE", reason: str | None = None) -> MarketStatus:
    return MarketStatus("live", state, 0, reason, symbols={leg.symbol: leg for leg in legs or (BTC, ETH)})


def beside(analysis: PairAnalysis | None = None, **changes: Any) -> Beside:
    costs = None
    if analysis is not None:
        costs = trading_costs(analysis, TERMS["BTCUSDT"], TERMS["ETHUSDT"], taker_fee_bp=5.0, now_ms=0)
    return replace(Beside(status(), NEWEST_MS + 100, holes=(), costs=costs, terms=TERMS), **changes)


def told_of(metric: Metric, analysis: PairAnalysis, around: Beside, symbol: str | None = None) -> Reading:
    return reading_of(rule(Condition(metric, ">", 0.5, symbol=symbol), query=analysis.query), analysis, around)


def test_each_metric_is_the_number_on_the_screen() -> None:
    analysis = analysed()
    around = beside(analysis)
    assert around.costs is not None
    assert not isinstance(analysis.hedge, Unavailable)
    assert not isinstance(analysis.adf, Unavailable)
    assert not isinstance(analysis.engle_granger, Unavailable)
    expected: dict[Metric, Any] = {
        "zscore": analysis.latest_zscore,
        "spread": analysis.latest_spread,
        "correlation": analysis.latest_correlation,
        "return_correlation": analysis.latest_return_correlation,
        "beta": analysis.hedge.slope,
        "price": analysis.y[-1],
        "ratio": analysis.y[-1] / analysis.x[-1],
        "adf_pvalue": analysis.adf.pvalue,
        "engle_granger_pvalue": analysis.engle_granger.pvalue,
        "half_life": analysis.half_life_bars,
        "net_edge_bps": around.costs.net_edge_bp,
        "funding": 1.0,
        "tick_age": 90.0,
        "gap": 0.0,
    }
    assert set(expected) == set(METRICS)
    for metric, value in expected.items():
        found = told_of(metric, analysis, around)
        assert found.values == {(metric, None): value}, metric
        assert (found.missing, found.unfit, found.error) == ({}, None, None)


@pytest.mark.parametrize(
    ("metric", "symbol", "value"),
    [("tick_age", "BTCUSDT", 40.0), ("funding", "ETHUSDT", -0.5), ("price", "ETHUSDT", None)],
)
def test_a_metric_of_a_leg_is_of_that_leg(metric: Metric, symbol: str, value: float | None) -> None:
    analysis = analysed()
    found = told_of(metric, analysis, beside(), symbol)
    assert found.values == {(metric, symbol): float(analysis.x[-1]) if value is None else value}


def test_the_time_is_that_of_the_newest_trade() -> None:
    assert told_of("zscore", analysed(), beside()).at_ms == NEWEST_MS


def test_of_the_feed_alone_the_time_goes_on_without_trades() -> None:
    assert told_of("tick_age", analysed(), beside()).at_ms == NEWEST_MS + 100
    both = rule(Condition("tick_age", ">", 5_000.0), Condition("zscore", ">", 1.0), join="any")
    assert reading_of(both, analysed(), beside()).at_ms == NEWEST_MS


@pytest.mark.parametrize(
    ("metric", "held", "said"),
    [("zscore", 299, "299 of 300 bars"), ("correlation", 59, "59 of 60 bars"), ("price", 0, "0 of 1 bars")],
)
def test_too_few_bars_say_how_many(metric: Metric, held: int, said: str) -> None:
    found = told_of(metric, analysed(held), beside())
    assert (found.values, found.missing) == ({}, {(metric, None): said})


def test_a_window_of_bars_is_enough_for_a_correlation() -> None:
    assert ("correlation", None) in told_of("correlation", analysed(60), beside()).values


@pytest.mark.parametrize(
    ("leg", "said"),
    [
        (replace(BTC, state="STALE", reason="no data for 12 s"), "BTCUSDT is STALE: no data for 12 s"),
        (replace(BTC, state="DELAYED"), "BTCUSDT is DELAYED"),
        (replace(BTC, state="CONNECTING"), "BTCUSDT is CONNECTING"),
        (replace(BTC, age_ms=2_600), "the newest data of BTCUSDT are 3 s old"),
        (replace(BTC, age_ms=None), "no data of BTCUSDT has come yet"),
        (replace(BTC, last_trade_ms=NEWEST_MS - 61_000), "BTCUSDT has not traded for more than 60 s"),
    ],
)
def test_of_data_that_are_not_fresh_nothing_is_concluded(leg: SymbolStatus, said: str) -> None:
    around = beside(feed=status(leg, ETH))
    assert feed_fault(PAIR, around) == said
    of = rule(Condition("zscore", "abs>=", 0.0001))
    standing, events = step(of, Standing(), reading_of(of, analysed(), around))
    assert (standing.word, standing.reason, events) == ("NoData", said, ())


def test_what_concerns_the_whole_feed_concerns_the_pair() -> None:
    around = beside(feed=status(state="OFFLINE", reason="the exchange cannot be reached"))
    assert feed_fault(PAIR, around) == "the feed is OFFLINE: the exchange cannot be reached"
    assert feed_fault(PAIR, beside(feed=status(ETH))) == "BTCUSDT is CONNECTING"


def test_a_leg_that_is_filled_behind_is_fresh() -> None:
    assert feed_fault(PAIR, beside(feed=status(replace(BTC, state="BACKFILLING"), ETH))) is None


def test_a_dead_feed_fires_the_rule_that_watches_it() -> None:
    around = beside(feed=status(replace(BTC, state="STALE", age_ms=12_000), ETH))
    of = rule(Condition("tick_age", ">", 5_000.0), hold_ms=2_000)
    standing, _ = step(of, Standing(), reading_of(of, analysed(), around))
    assert standing.word == "Pending"
    later = replace(around, now_ms=NEWEST_MS + 3_000)
    standing, (fired,) = step(of, standing, reading_of(of, analysed(), later))
    assert (standing.word, fired.values) == ("Firing", {("tick_age", None): 12_000.0})


def hole(kind: StretchKind, bars_ago: int) -> Stretch:
    end_ms = START_MS + (BARS - bars_ago) * 1_000
    return Stretch("ETHUSDT", kind, end_ms - 2_000, end_ms, 7)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (hole("open", 200), "a hole in the trades of ETHUSDT is being filled"),
        (hole("lost", 30), "trades of ETHUSDT inside the window are lost"),
        (hole("lost", 59), "trades of ETHUSDT inside the window are lost"),
        (hole("lost", 60), None),
        (hole("lost", 200), None),
        (hole("backfilled", 30), None),
        (hole("quiet", 30), None),
    ],
)
def test_a_hole_hinders_what_rests_on_bars(found: Stretch, said: str | None) -> None:
    told = told_of("zscore", analysed(), beside(holes=(found,)))
    assert told.missing.get(Z) == said
    assert ("price", None) in told_of("price", analysed(), beside(holes=(found,))).values


def test_holes_are_counted_whatever_they_hinder() -> None:
    holes = (hole("open", 200), hole("lost", 200), hole("quiet", 9), hole("lost", BARS + 50))
    assert told_of("gap", analysed(), beside(holes=holes)).values == {("gap", None): 2.0}
    assert told_of("gap", analysed(), beside(holes=None)).missing == {
        ("gap", None): "the ledger of holes was not looked at"
    }


def test_what_cannot_be_estimated_keeps_its_reason() -> None:
    kalman = told_of("half_life", analysed(hedge="kalman"), beside())
    assert "not applicable" in kalman.missing["half_life", None]
    without = told_of("net_edge_bps", analysed(), beside())
    assert without.missing == {("net_edge_bps", None): "what a trade costs is not known"}
    assert told_of("funding", analysed(), beside(terms={})).missing == {
        ("funding", None): "the funding rate of BTCUSDT is not known"
    }


def test_a_pair_that_cannot_be_computed_is_an_error() -> None:
    found = reading_of(rule(), Unavailable("the exchange does not list BTCUSD"), beside())
    standing, _ = step(rule(), Standing(), found)
    assert (standing.word, standing.reason) == ("Error", "the exchange does not list BTCUSD")


def test_rules_on_one_pair_share_a_reading() -> None:
    price = rule(Condition("price", ">", 1.0, symbol="ETHUSDT"))
    shared = shared_reading(wanted((rule(), price)), PAIR, analysed(), beside(), version=4)
    assert shared.values == (
        dict(reading_of(rule(), analysed(), beside()).values) | dict(reading_of(price, analysed(), beside()).values)
    )
    _, (fired,) = step(price, Standing(), shared)
    assert (list(fired.values), fired.version) == ([("price", "ETHUSDT")], 4)


def test_a_running_bar_has_no_close() -> None:
    of, analysis = rule(evaluation="bar_close"), analysed()
    running = reading_of(of, analysis, beside())
    assert running.bar_ms is None
    assert step(of, Standing(), running)[0].at_ms is None
    closed = reading_of(of, analysis, beside(now_ms=START_MS + BARS * 1_000))
    assert (closed.bar_ms, closed.at_ms) == (START_MS + (BARS - 1) * 1_000, START_MS + BARS * 1_000)
    assert at_bar_close(closed, Unavailable("gone"), beside()) == closed


def test_closed_rows_leave_the_running_bar_out() -> None:
    series = series_of()
    assert closed_rows(series, Timeframe.S1, START_MS + BARS * 1_000) is series
    cut = closed_rows(series, Timeframe.S1, START_MS + BARS * 1_000 - 1)
    assert (len(cut), len(cut.y_traded_ms), int(cut.time_ms[-1])) == (BARS - 1, BARS - 1, START_MS + (BARS - 2) * 1_000)
    assert closed_rows(series, Timeframe.TICK, 0) is series
