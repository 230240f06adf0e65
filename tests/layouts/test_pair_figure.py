"""The pair's chart, whole and patched."""

from __future__ import annotations

from base64 import b64decode
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.testing import assert_allclose

from analytics.analysis import PairAnalysis
from analytics.market import FloatArray, PairParams, PairQuery
from analytics.pair import analyse_pair
from analytics.results import Unavailable
from layouts.figures.lines import MOST_POINTS
from layouts.figures.pair import CONFIG, known_then, pair_figure, pair_patch
from layouts.legs import legs
from layouts.look import Look
from tests.screen_fake import LISTINGS, QUERY, FakeDesk, series

LEGS = legs(QUERY, LISTINGS)


def analysis(held: int = 1_500, window: int = 300, hole: slice | None = None) -> PairAnalysis:
    query = PairQuery("BTCUSDT", "ETHUSDT", PairParams(window_bars=window))
    return analyse_pair(query, series(held, hole=hole))


def decoded(column: dict[str, str]) -> FloatArray:
    return np.frombuffer(b64decode(column["bdata"]), f"<{column['dtype']}").astype(np.float64)


def operations(seen: PairAnalysis) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pair_patch(seen, LEGS, Look()).to_plotly_json()["operations"]
    return found


def test_lines_and_axes_are_named_with_their_units() -> None:
    figure = pair_figure(analysis(), LEGS, Look())
    assert [trace.name for trace in figure.data] == ["BTCUSDT", "ETHUSDT", "Spread", "z-score", "as known then"]
    assert {trace.type for trace in figure.data} == {"scatter"}
    layout = figure.layout
    titles = [axis.title.text for axis in (layout.xaxis, layout.yaxis, layout.yaxis2, layout.yaxis3, layout.yaxis4)]
    assert titles == ["Time, UTC", "BTCUSDT, USDT", "ETHUSDT, USDT", "Spread, USDT", "z-score, σ"]


def test_one_time_axis_runs_through_all_panes() -> None:
    figure = pair_figure(analysis(), LEGS, Look())
    assert {trace.xaxis for trace in figure.data} == {"x"}
    assert figure.layout.xaxis.spikemode == "across"
    assert figure.layout.hoversubplots == "axis"
    domains = [figure.layout[name].domain for name in ("yaxis", "yaxis3", "yaxis4")]
    assert all(lower[1] < upper[0] for upper, lower in pairwise(domains))


def test_bands_stand_at_two_and_zero() -> None:
    levels = [s.y0 for s in pair_figure(analysis(), LEGS, Look()).layout.shapes if s.type == "line" and s.yref == "y4"]
    assert sorted(levels) == [-2, 0, 2]


def test_the_cloud_button_is_gone() -> None:
    assert "sendChartToCloud" in CONFIG["modeBarButtonsToRemove"]
    assert CONFIG["displaylogo"] is False


def test_the_zoom_belongs_to_the_view() -> None:
    first, later = analysis(1_500), analysis(1_600)
    other = replace(first, query=PairQuery("BTCUSDT", "ETHUSDT", PairParams(window_bars=200)))
    assert pair_figure(first, LEGS, Look()).layout.uirevision == pair_figure(later, LEGS, Look()).layout.uirevision
    assert pair_figure(first, LEGS, Look()).layout.uirevision != pair_figure(other, LEGS, Look()).layout.uirevision


def test_a_patch_replaces_points_and_tags_and_nothing_else() -> None:
    places = [tuple(operation["location"]) for operation in operations(analysis())]
    points = {("data", n, axis) for n in range(5) for axis in "xy"}
    assert set(places) == points | {("layout", "annotations")}
    assert {operation["operation"] for operation in operations(analysis())} == {"Assign"}


def test_patch_and_figure_hold_the_same_points() -> None:
    seen = analysis()
    figure = pair_figure(seen, LEGS, Look())
    for operation in operations(seen):
        area, *place = operation["location"]
        if area != "data":
            continue
        position, axis = place
        value = operation["params"]["value"]
        assert value["dtype"] == ("f4" if position >= 3 and axis == "y" else "f8")
        assert_allclose(decoded(value), figure.data[position][axis], rtol=0, atol=0)


def test_prices_reach_the_browser_to_the_last_bit() -> None:
    seen = analysis()
    patched = {tuple(o["location"]): o["params"]["value"] for o in operations(seen)}
    assert np.array_equal(decoded(patched["data", 0, "y"]), seen.y)


def test_long_samples_stay_within_the_points_of_a_screen() -> None:
    seen = analysis(held=9_000, window=1_800)
    assert len(seen.y) == 9_000
    assert all(len(trace.x) == len(trace.y) <= MOST_POINTS for trace in pair_figure(seen, LEGS, Look()).data)


def test_a_hole_in_time_is_a_hole_in_every_line() -> None:
    seen = analysis(hole=slice(700, 760))
    figure = pair_figure(replace(seen, zscore_as_known=seen.zscore + 0.5), LEGS, Look())
    assert [int(np.isnan(trace.y).sum()) for trace in figure.data] == [1, 1, 1, 1, 1]


def test_the_zscore_as_known_then_is_a_thin_line_beneath_and_costs_little() -> None:
    full = analysis(held=9_000, window=1_800)
    seen = replace(full, zscore_as_known=np.full(9_000, np.nan))
    assert not known_then(seen)
    assert len(pair_figure(seen, LEGS, Look()).data[4].x) == 0
    assert len(pair_figure(replace(seen, zscore_as_known=seen.zscore), LEGS, Look()).data[4].x) == 0
    known = replace(seen, zscore_as_known=seen.zscore + 0.5)
    assert known_then(known)
    then, now = pair_figure(known, LEGS, Look()).data[4], pair_figure(known, LEGS, Look()).data[3]
    assert then.yaxis == now.yaxis
    assert then.line.width < now.line.width
    assert then.zorder < now.zorder
    assert 400 < len(then.x) <= 800
    assert then.y[-1] == np.float32(seen.zscore[-1] + 0.5)


def test_a_value_that_is_not_known_has_no_tag() -> None:
    seen = replace(analysis(), latest_zscore=Unavailable("the spread stands still"))
    tags = pair_figure(seen, LEGS, Look()).layout.annotations
    assert [tag.visible for tag in tags] == [True, True, True, False]
    assert tags[3].text == ""


def test_before_the_first_row_a_sentence_stands_where_the_chart_will_be() -> None:
    figure = pair_figure(FakeDesk(held=0).live(QUERY), LEGS, Look())
    assert not figure.data
    assert figure.layout.annotations[0].text == "Waiting for the first trades of BTCUSDT and ETHUSDT"
