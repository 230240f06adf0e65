"""What stands above each pane."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.analysis import PairAnalysis
from analytics.market import HedgeMethod, PairParams, Timeframe
from analytics.results import Unavailable
from layouts.chart_view import ChartView
from layouts.figures.stack import ALL, PaneName
from layouts.figures.subject import Subject
from layouts.numbers import DASH
from layouts.readouts import readout
from tests.layouts.drawn import LEGS, analysis, subject
from tests.layouts.reading import classes, text
from tests.screen_fake import QUERY, FakeDesk


@pytest.fixture(scope="module")
def seen() -> PairAnalysis:
    return replace(analysis(), latest_zscore=2.31)


def told(shown: Subject, pane: PaneName) -> str:
    return text(readout(shown, pane))


def test_the_legs_are_named_with_their_newest_prices_and_what_they_rest_on(seen: PairAnalysis) -> None:
    prices = told(subject(seen), "prices")
    assert f"BTCUSDT {seen.y[-1]:,.1f}" in prices
    assert f"ETHUSDT {seen.x[-1]:,.2f}" in prices
    assert prices.endswith("1,500 bars, 100 % clean")
    assert {"sign--circle", "sign--square"} <= classes(readout(subject(seen), "prices"))
    assert "warming up, 212 of 1,500 bars, about 21 min" in told(subject(replace(seen, bars_held=212)), "prices")


def test_a_row_of_ticks_is_one_trade_so_no_share_of_whole_bars_is_told(seen: PairAnalysis) -> None:
    ticks = replace(seen, query=replace(QUERY, params=PairParams(Timeframe.TICK)), clean_share=None)
    assert told(subject(ticks), "prices").endswith("1,500 trades")


def test_rebased_prices_are_told_with_their_change(seen: PairAnalysis) -> None:
    assert f"{seen.y[-1] / seen.y[0] * 100 - 100:+.2f} %".replace("-", "−") in told(
        subject(seen, chart=ChartView(prices="rebased")), "prices"
    )


def test_candles_say_what_each_stands_for_or_why_there_are_none(seen: PairAnalysis) -> None:
    candles = ChartView(style="candles")
    bars = FakeDesk(1_500, now=lambda: int(seen.time_ms[-1])).bars("BTCUSDT", Timeframe.S1, 1_500)
    assert "candles of 5 × 1s" in told(subject(seen, chart=candles, y_bars=bars), "prices")
    ticks = replace(seen, query=replace(QUERY, params=PairParams(Timeframe.TICK)), clean_share=None)
    assert "candles need bars, not ticks" in told(subject(ticks, chart=candles), "prices")
    assert "candles need two price axes" in told(subject(seen, chart=replace(candles, prices="rebased")), "prices")


def test_the_zscore_says_over_what_and_what_its_marks_mean(seen: PairAnalysis) -> None:
    alike = replace(seen, zscore_as_known=seen.zscore)
    assert told(subject(alike), "zscore") == "z-score +2.31 ▲▼ at entry, ○ back over 300 bars"
    assert told(subject(alike, chart=ChartView(marks=False)), "zscore") == "z-score +2.31 over 300 bars"
    assert "as known then" in told(subject(replace(seen, zscore_as_known=seen.zscore + 0.5)), "zscore")
    kalman = replace(seen, query=replace(QUERY, params=PairParams(hedge="kalman")))
    assert "standardised innovation" in told(subject(kalman), "zscore")


def test_the_further_panes_are_told_where_they_are_shown(seen: PairAnalysis) -> None:
    assert readout(subject(seen), "hedge") == readout(subject(seen), "correlation") == []
    shown = subject(seen, chart=ChartView(panes=frozenset({"hedge", "correlation"})))
    assert "prices 0." in told(shown, "correlation")
    assert told(shown, "correlation").endswith("Pearson over 300 bars")
    assert told(shown, "hedge").endswith("OLS, ETH per BTC")
    assert "s.e." in told(shown, "hedge")
    unknown = replace(shown, analysis=replace(seen, hedge=Unavailable("x stands still")))
    assert told(unknown, "hedge").endswith(f"{DASH} x stands still")


@pytest.mark.parametrize("hedge", ["ols", "theil_sen", "kalman"])
def test_no_row_at_all_still_gives_every_readout(hedge: HedgeMethod) -> None:
    query = replace(QUERY, params=PairParams(hedge=hedge))
    empty = Subject(FakeDesk(held=0).live(query), LEGS, ChartView("candles", "rebased", frozenset({"hedge"})))
    assert all(DASH in told(empty, pane) for pane in ALL if pane != "correlation")
