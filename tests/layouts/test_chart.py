"""The pair's chart, whole and patched."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from analytics.bars import bars_from_ticks
from analytics.market import Bars, Ticks, Timeframe
from analytics.results import Unavailable
from analytics.stretches import Stretch
from layouts.chart_view import ChartView, OptionalPane
from layouts.figures.chart import drawing_kind, has_candles, pair_figure, pair_patch
from layouts.figures.lines import MOST_POINTS
from layouts.figures.marked import level_marks
from layouts.figures.stack import stacked
from layouts.figures.subject import Subject
from layouts.figures.units import known_then
from layouts.look import Look
from layouts.theme import LIGHT
from layouts.zone import Zone
from tests.layouts.drawn import LEGS, analysis, decoded, named, noted, shapes, subject, values
from tests.screen_fake import QUERY, START_MS, FakeDesk

ALL_PANES: frozenset[OptionalPane] = frozenset({"correlation", "hedge"})


def everything(held: int = 1_500, window: int = 300) -> Subject:
    seen = analysis(held, window)
    chart = ChartView(style="candles", panes=ALL_PANES)
    lost = Stretch("BTCUSDT", "lost", START_MS + 300_000, START_MS + 360_000, 1_204, START_MS + 361_000)
    bars = FakeDesk(held, now=lambda: int(seen.time_ms[-1])).bars("BTCUSDT", Timeframe.S1, held)
    return subject(seen, chart=chart, y_bars=bars, stretches=(lost,), marks=level_marks(seen, chart))


def operations(shown: Subject) -> dict[tuple[Any, ...], Any]:
    found = pair_patch(shown).to_plotly_json()["operations"]
    assert {one["operation"] for one in found} == {"Assign"}
    return {tuple(one["location"]): one["params"]["value"] for one in found}


def test_every_trace_says_how_it_is_read() -> None:
    for trace in pair_figure(everything())["data"]:
        meta = trace["meta"]
        assert meta["pane"] in {"prices", "spread", "zscore", "correlation", "hedge", "shade"}
        if meta["label"] is None:
            assert meta["read"] is False
        else:
            assert {"decimals", "signed", "unit"} <= meta.keys()


def test_one_time_axis_runs_through_panes_that_do_not_overlap() -> None:
    layout = pair_figure(everything())["layout"]
    panes = layout["meta"]["panes"]
    assert [name for name, *_ in panes] == ["prices", "spread", "zscore", "correlation", "hedge"]
    assert all(lower[2] < upper[1] for upper, lower in pairwise(panes))
    assert (panes[0][2], panes[-1][1]) == (1.0, 0.0)
    assert {trace["xaxis"] for trace in pair_figure(everything())["data"]} == {"x"}
    assert layout["hovermode"] is False


@pytest.mark.parametrize("optional", [frozenset(), frozenset({"hedge"}), ALL_PANES])
def test_panes_fill_the_chart_however_many_there_are(optional: frozenset[OptionalPane]) -> None:
    panes = stacked(optional)
    assert panes[0].top == 1
    assert panes[-1].bottom == pytest.approx(0, abs=0.001)
    assert all(pane.top - pane.bottom > 0.1 for pane in panes)


def test_nothing_is_sent_for_a_pane_that_is_not_shown() -> None:
    panes = {trace["meta"]["pane"] for trace in pair_figure(subject())["data"]}
    assert panes == {"shade", "prices", "spread", "zscore"}


def test_a_patch_holds_what_the_figure_holds() -> None:
    shown = everything()
    figure, patched = pair_figure(shown), operations(shown)
    for (area, *place), value in patched.items():
        spot = figure[area]
        for step in place:
            spot = spot[step]
        assert spot == value
    moved = {place[-1] for place in patched if place[0] == "data"}
    assert moved == {"x", "y", "open", "high", "low", "close", "meta", "marker", "text"}
    assert {place[1] for place in patched if place[0] == "layout"} == {"shapes", "annotations", "meta"}


def test_a_chart_is_drawn_anew_for_another_view_or_look_but_not_for_another_level() -> None:
    usual = drawing_kind(QUERY, ChartView(), Look())
    exit_moved = replace(QUERY, params=replace(QUERY.params, exit_zscore=0.5))
    assert drawing_kind(exit_moved, ChartView(entry_zscore=2.5, stop_zscore=4), Look()) == usual
    for chart in (ChartView(style="candles"), ChartView(prices="rebased"), ChartView(panes=ALL_PANES)):
        assert drawing_kind(QUERY, chart, Look()) != usual
    assert drawing_kind(QUERY, ChartView(), Look(LIGHT)) != usual
    assert drawing_kind(QUERY, ChartView(), Look(zone=Zone("Asia/Tokyo", 540))) != usual


def test_prices_reach_the_browser_to_the_last_bit() -> None:
    seen = analysis()
    assert np.array_equal(values(subject(seen), "prices", "BTCUSDT"), seen.y)
    assert np.array_equal(values(subject(seen), "prices", "ETHUSDT"), seen.x)


def test_long_samples_stay_within_the_points_of_a_screen() -> None:
    shown = everything(held=9_000, window=1_800)
    for trace in pair_figure(shown)["data"]:
        column = trace.get("y", trace.get("close"))
        assert len(decoded(trace["x"])) == len(decoded(column)) <= MOST_POINTS


def test_times_stand_in_the_zone_of_the_look() -> None:
    seen = analysis()
    tokyo = subject(seen, look=Look(zone=Zone("Asia/Tokyo", 540)))
    assert np.array_equal(values(tokyo, "prices", "BTCUSDT", "x"), seen.time_ms + 540 * 60_000)
    assert noted(tokyo, "zone")["zone"]["text"] == "Tokyo<br>UTC+9"
    assert pair_figure(tokyo)["layout"]["meta"]["last_ms"] == seen.time_ms[-1]


def test_colours_are_those_of_the_look() -> None:
    figure = pair_figure(subject(look=Look(LIGHT)))
    assert named(subject(look=Look(LIGHT)), "prices", "BTCUSDT")["line"]["color"] == LIGHT.y
    assert figure["layout"]["template"]["layout"]["paper_bgcolor"] == LIGHT.ground


def test_rebased_prices_begin_at_nought_on_one_axis() -> None:
    shown = subject(chart=ChartView(prices="rebased"))
    y, x = (values(shown, "prices", symbol) for symbol in ("BTCUSDT", "ETHUSDT"))
    assert (y[0], x[0]) == (0, 0)
    assert y[-1] == pytest.approx(100 * (shown.analysis.y[-1] / shown.analysis.y[0] - 1), rel=1e-5)
    assert named(shown, "prices", "ETHUSDT")["yaxis"] == named(shown, "prices", "BTCUSDT")["yaxis"]
    assert named(shown, "prices", "BTCUSDT")["meta"]["unit"] == "%"
    assert "yaxis3" not in pair_figure(shown)["layout"]


def test_tags_of_prices_that_meet_stand_above_each_other() -> None:
    seen = analysis()
    met = replace(seen, x=seen.y / 20)
    tags = noted(subject(met, chart=ChartView(prices="rebased")), "newest:")
    assert tags["newest:y"]["yshift"] == -tags["newest:x"]["yshift"] != 0


def test_the_spread_lies_on_its_mean_and_two_bands() -> None:
    seen = analysis()
    mean = values(subject(seen), "spread", "mean")
    assert mean[-1] == pytest.approx(seen.spread[-300:].mean())
    bands = [
        t for t in pair_figure(subject(seen))["data"] if t["meta"]["pane"] == "spread" and t["meta"]["label"] is None
    ]
    assert [band["fill"] for band in bands] == ["toself", "toself"]
    wide, narrow = (np.nanmax(decoded(band["y"])) - np.nanmin(decoded(band["y"])) for band in bands)
    assert wide > narrow


def test_levels_stand_at_both_signs_each_with_its_own_dashes_and_tag() -> None:
    seen = analysis()
    seen = replace(seen, query=replace(seen.query, params=replace(seen.query.params, exit_zscore=0.5)))
    shown = subject(seen, chart=ChartView(entry_zscore=2.25), break_even_zscore=1.1)
    lines = shapes(shown, "level:")
    assert {name: line["y0"] for name, line in lines.items()} == {
        "level:entry+": 2.25, "level:entry-": -2.25, "level:stop+": 3.5, "level:stop-": -3.5,
        "level:exit+": 0.5, "level:exit-": -0.5, "level:break-even+": 1.1, "level:break-even-": -1.1,
    }  # fmt: skip
    assert len({line["line"]["dash"] for line in lines.values()}) == 4
    tags = noted(shown, "level:")
    assert tags["level:entry+"]["text"] == "entry +2.25"
    assert tags["level:stop-"]["text"] == "stop −3.50"
    assert tags["level:break-even+"]["text"] == "break-even +1.10"


def test_an_exit_at_the_mean_is_one_line_and_an_unknown_break_even_none() -> None:
    assert {name for name in shapes(subject(), "level:") if "exit" in name or "even" in name} == {"level:exit"}


def test_a_value_that_is_not_known_has_no_tag() -> None:
    seen = replace(analysis(), latest_zscore=Unavailable("the spread stands still"))
    assert set(noted(subject(seen), "newest:")) == {"newest:y", "newest:x", "newest:spread"}


def test_a_hole_in_time_is_a_hole_in_every_line() -> None:
    seen = analysis(hole=slice(700, 760))
    shown = subject(replace(seen, zscore_as_known=seen.zscore + 0.5))
    for pane, label in (("prices", "BTCUSDT"), ("prices", "ETHUSDT"), ("spread", "spread"), ("zscore", "z")):
        assert np.isnan(values(shown, pane, label)).sum() == 1


def test_where_trades_are_lost_their_leg_and_what_rests_on_it_break() -> None:
    seen = analysis()
    lost = Stretch("BTCUSDT", "lost", int(seen.time_ms[500]), int(seen.time_ms[521]), 100)
    shown = subject(seen, stretches=(lost,))
    for pane, label, gone in (("prices", "BTCUSDT", 19), ("prices", "ETHUSDT", 0), ("zscore", "z", 19)):
        points = values(shown, pane, label)
        assert np.isfinite(points).sum() == np.isfinite(seen.zscore if label == "z" else seen.y).sum() - gone
    inside = (values(shown, "prices", "BTCUSDT", "x") > seen.time_ms[500]) & (
        values(shown, "prices", "BTCUSDT", "x") < seen.time_ms[520]
    )
    assert np.isnan(values(shown, "prices", "BTCUSDT")[inside]).all()


def test_the_zscore_as_known_then_is_a_thin_line_beneath_and_costs_little() -> None:
    full = analysis(held=9_000, window=1_800)
    seen = replace(full, zscore_as_known=np.full(9_000, np.nan))
    assert not known_then(seen)
    assert len(values(subject(seen), "zscore", "as known then")) == 0
    assert len(values(subject(replace(seen, zscore_as_known=seen.zscore)), "zscore", "as known then")) == 0
    known = subject(replace(seen, zscore_as_known=seen.zscore + 0.5))
    then, now = named(known, "zscore", "as known then"), named(known, "zscore", "z")
    assert then["line"]["width"] < now["line"]["width"]
    assert 400 < len(values(known, "zscore", "as known then")) <= 800


def test_correlation_and_hedge_ratio_have_their_panes_when_they_are_asked_for() -> None:
    shown = subject(chart=ChartView(panes=ALL_PANES))
    seen = shown.analysis
    assert values(shown, "correlation", "prices")[-1] == pytest.approx(seen.correlation[-1], rel=1e-6)
    assert values(shown, "correlation", "returns")[-1] == pytest.approx(seen.return_correlation[-1], rel=1e-6)
    assert values(shown, "hedge", "β")[-1] == seen.hedge_ratio[-1]
    band = decoded(named(shown, "hedge", None)["y"])
    assert np.nanmax(band) - np.nanmin(band) == pytest.approx(2 * 1.96 * seen.hedge_ratio_deviation[-1], rel=0.05)


def test_candles_need_bars_and_an_axis_of_their_own() -> None:
    candles = ChartView(style="candles")
    assert has_candles(QUERY, candles)
    assert not has_candles(QUERY, ChartView())
    assert not has_candles(QUERY, ChartView(style="candles", prices="rebased"))
    assert not has_candles(replace(QUERY, params=replace(QUERY.params, timeframe=Timeframe.TICK)), candles)


def random_bars(seconds: int) -> Bars:
    rng = np.random.default_rng(5)
    ids = np.arange(seconds * 4)
    price = 60_000 + np.cumsum(rng.normal(size=len(ids)))
    ticks = Ticks(ids, START_MS + ids * 250, price, np.ones(len(ids)), np.zeros(len(ids), np.bool_))
    return bars_from_ticks(ticks, Timeframe.S1)


def test_many_bars_become_candles_that_keep_open_high_low_and_close() -> None:
    bars = random_bars(1_500)
    shown = replace(subject(chart=ChartView(style="candles")), y_bars=bars)
    drawn = named(shown, "prices", "BTCUSDT")
    assert drawn["type"] == "candlestick"
    assert drawn["meta"]["bars"] == 5
    high, low, opened, close = (decoded(drawn[name]) for name in ("high", "low", "open", "close"))
    assert len(close) <= 320
    assert (high.max(), low.min()) == (bars.high.max(), bars.low.min())
    assert (opened[0], close[-1]) == (bars.open[0], bars.close[-1])
    assert np.all((low <= opened) & (opened <= high) & (low <= close) & (close <= high))
    centre = decoded(drawn["x"])[10]
    mine = bars.rows((bars.start_ms >= centre - 2_000) & (bars.start_ms <= centre + 2_000))
    assert (opened[10], close[10], high[10]) == (mine.open[0], mine.close[-1], mine.high.max())


def test_rising_candles_are_hollow_and_falling_ones_filled() -> None:
    shown = replace(subject(chart=ChartView(style="candles")), y_bars=random_bars(200))
    drawn = named(shown, "prices", "BTCUSDT")
    palette = shown.look.palette
    assert drawn["increasing"]["fillcolor"] == palette.ground
    assert drawn["decreasing"]["fillcolor"] == palette.down


def test_before_the_first_row_a_sentence_stands_where_the_chart_will_be() -> None:
    figure = pair_figure(Subject(FakeDesk(held=0).live(QUERY), LEGS))
    assert figure["data"] == []
    assert figure["layout"]["annotations"][0]["text"] == "Waiting for the first trades of BTCUSDT and ETHUSDT"
