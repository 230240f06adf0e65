"""The plots of the Relation page, whole and patched."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from analytics.analysis import PairAnalysis
from analytics.market import FloatArray, PairParams, PairQuery
from analytics.results import HedgeFit, Unavailable
from layouts.address import written
from layouts.figures.autocorrelation import autocorrelation_plot
from layouts.figures.plot import MOST_POINTS, Plot, sampled
from layouts.figures.pvalue_trail import pvalue_trail_plot
from layouts.figures.quantiles import quantile_plot
from layouts.figures.ratio_trail import ratio_trail_plot
from layouts.figures.residual import residual_plot
from layouts.figures.scatter import scatter_plot
from layouts.legs import legs
from layouts.look import Look, look_of
from layouts.theme import PALETTES, Palette
from layouts.zone import UTC_ZONE
from tests.screen_evidence import studied
from tests.screen_fake import LISTINGS, QUERY, START_MS, FakeDesk

LEGS = legs(QUERY, LISTINGS)
LOOK = Look()
WHY = Unavailable("need 100 bars, got 7", 100, 7)

PLOTS: dict[str, Callable[[PairAnalysis, Look], Plot]] = {
    "residual": lambda a, look: residual_plot(a, LEGS, a.stability, look),
    "ratio": lambda a, look: ratio_trail_plot(a, LEGS, _evidence(a).ratio_trail, look),
    "pvalue": lambda a, look: pvalue_trail_plot(written(a.query), _evidence(a).pvalue_trail, look),
    "scatter": lambda a, look: scatter_plot(a, LEGS, look),
    "acf": lambda a, look: autocorrelation_plot(written(a.query), _evidence(a).residual, look),
    "qq": lambda a, look: quantile_plot(written(a.query), _evidence(a).residual, look),
}


def _evidence(analysis: PairAnalysis) -> Any:
    assert analysis.evidence is not None
    return analysis.evidence


def analysis(held: int = 1_500, params: PairParams = QUERY.params, *, changed: bool = False) -> PairAnalysis:
    return studied(FakeDesk(held=held).live(PairQuery("BTCUSDT", "ETHUSDT", params)), changed=changed)


def vars_of(palette: Palette) -> set[str]:
    return {getattr(palette, field.name) for field in fields(palette)}


def decoded(column: dict[str, str]) -> FloatArray:
    return np.frombuffer(b64decode(column["bdata"]), f"<{column['dtype']}").astype(np.float64)


@pytest.mark.parametrize("name", PLOTS)
def test_the_chart_library_accepts_every_plot_and_its_axes_have_names(name: str) -> None:
    figure = go.Figure(PLOTS[name](analysis(), LOOK).figure())
    axes = [axis for axis in figure.layout if axis.startswith(("xaxis", "yaxis"))]
    assert len(axes) >= 2
    assert all(figure.layout[axis].title.text for axis in axes)


@pytest.mark.parametrize("name", PLOTS)
def test_a_patch_makes_the_older_figure_the_newer_one(name: str) -> None:
    older, newer = PLOTS[name](analysis(1_500), LOOK), PLOTS[name](analysis(1_540, changed=True), LOOK)
    assert older.kind == newer.kind
    figure = older.figure()
    for operation in newer.patch().to_plotly_json()["operations"]:
        assert operation["operation"] == "Assign"
        spot: Any = figure
        for step in operation["location"][:-1]:
            spot = spot[step]
        spot[operation["location"][-1]] = operation["params"]["value"]
    assert figure == newer.figure()


@pytest.mark.parametrize("name", PLOTS)
def test_the_zoom_belongs_to_the_view(name: str) -> None:
    other = analysis(params=replace(QUERY.params, window_bars=200))
    here, there = PLOTS[name](analysis(), LOOK), PLOTS[name](other, LOOK)
    assert here.figure()["layout"]["uirevision"] == written(QUERY)
    assert here.kind != there.kind


@pytest.mark.parametrize("name", PLOTS)
def test_another_look_is_another_drawing_with_its_own_colours_and_times(name: str) -> None:
    seen = analysis(changed=True)
    told = {"theme": "light", "colours": "classic", "zone": "America/New_York", "offset": -300}
    dark, light = PLOTS[name](seen, LOOK), PLOTS[name](seen, look_of(told))
    assert dark.kind != light.kind
    figure = light.figure()
    assert figure["layout"]["paper_bgcolor"] == PALETTES["light", "classic"].panel
    assert not {colour for colour in vars_of(PALETTES["dark", "safe"]) if colour in str(figure)}
    if figure["layout"]["xaxis"].get("type") == "date":
        assert figure["layout"]["xaxis"]["title"]["text"] == "Time, New York, UTC−5"
        assert figure["data"][0]["x"][-1] == UTC_ZONE.mark(int(seen.time_ms[-1]) - 5 * 3_600_000)


def test_what_cannot_be_drawn_is_a_sentence_and_no_axis() -> None:
    seen = analysis()
    none = replace(seen, hedge=WHY)
    for plot in (
        residual_plot(none, LEGS, none.stability, LOOK),
        scatter_plot(none, LEGS, LOOK),
        ratio_trail_plot(seen, LEGS, WHY, LOOK),
        pvalue_trail_plot("?", WHY, LOOK),
        autocorrelation_plot("?", WHY, LOOK),
        quantile_plot("?", WHY, LOOK),
    ):
        figure = plot.figure()
        assert figure["data"] == []
        assert figure["layout"]["annotations"][0]["text"] == WHY.reason
        assert plot.kind != PLOTS["residual"](seen, LOOK).kind


def test_the_residual_stands_where_its_cusum_cannot_be_given() -> None:
    seen = analysis()
    plot = residual_plot(seen, LEGS, WHY, LOOK)
    assert len(plot.traces) == 1
    assert [one["text"] for one in plot.annotations] == [WHY.reason]


def test_a_change_is_marked_at_its_moment() -> None:
    assert not any(shape.get("xref") == "x" for shape in PLOTS["residual"](analysis(), LOOK).shapes)
    broken = analysis(changed=True)
    plot = PLOTS["residual"](broken, LOOK)
    (mark,) = [shape for shape in plot.shapes if shape["xref"] == "x"]
    assert not isinstance(broken.stability, Unavailable)
    assert broken.stability.changed_at_ms is not None
    assert mark["x0"] == mark["x1"] == UTC_ZONE.mark(broken.stability.changed_at_ms)
    assert plot.annotations[0]["text"].startswith("changed ")


def test_the_bound_stands_on_both_sides_of_the_cusum() -> None:
    _, cusum, upper, lower = PLOTS["residual"](analysis(), LOOK).traces
    assert {trace.style["yaxis"] for trace in (cusum, upper, lower)} == {"y2"}
    assert_array_equal(lower.y, -upper.y)
    assert set(upper.y) == {1.36}


@pytest.mark.parametrize("scale", ["level", "log"])
def test_the_line_through_the_scatter_is_the_fit_on_its_scale(scale: Any) -> None:
    seen = analysis(params=replace(QUERY.params, price_scale=scale))
    points, ends = scatter_plot(seen, LEGS, LOOK).traces
    assert isinstance(seen.hedge, HedgeFit)
    assert_allclose(ends.y, seen.hedge.intercept + seen.hedge.slope * ends.x, rtol=1e-12)
    prices = np.log(seen.x) if scale == "log" else seen.x
    assert (ends.x[0], ends.x[1]) == (points.x.min(), points.x.max())
    assert set(points.x) <= set(prices)
    assert points.colour is not None
    assert np.all(np.diff(points.colour) > 0)


def test_the_method_in_force_is_drawn_through_the_trail_with_its_own_band() -> None:
    seen = analysis()
    moving = replace(seen, hedge_ratio_deviation=np.full(1_500, 0.05))
    low, high, own_low, own_high, window, line = ratio_trail_plot(
        moving, LEGS, _evidence(seen).ratio_trail, LOOK
    ).traces
    assert high.style["fill"] == own_high.style["fill"] == "tonexty"
    assert_allclose(own_high.y - own_low.y, 2 * 1.959964 * 0.05, rtol=1e-5)
    assert_array_equal(line.y, seen.hedge_ratio[: len(line.y)])
    finite = np.isfinite(low.y)
    assert_allclose((high.y - low.y)[finite], 0.24, rtol=1e-9)
    assert len(window.x) <= MOST_POINTS


def test_a_pvalue_of_nothing_stays_on_the_logarithmic_axis() -> None:
    seen = analysis()
    trail = _evidence(seen).pvalue_trail
    plot = pvalue_trail_plot("?", replace(trail, pvalue=np.where(trail.pvalue < 0.05, 0.0, np.nan)), LOOK)
    drawn = plot.traces[0].y
    assert drawn[np.isfinite(drawn)].min() == 1e-4
    assert np.isnan(drawn).any()
    assert plot.shapes[0]["y0"] == 0.05


def test_the_quantiles_keep_both_tails_whole() -> None:
    shape = _evidence(analysis()).residual
    long = replace(shape, normal_quantiles=np.linspace(-4, 4, 5_000), quantiles=np.linspace(-6, 6, 5_000))
    _, points = quantile_plot("?", long, LOOK).traces
    assert_array_equal(points.y[:30], long.quantiles[:30])
    assert_array_equal(points.y[-30:], long.quantiles[-30:])
    assert len(points.y) <= 300
    few = replace(shape, normal_quantiles=np.arange(5.0), quantiles=np.arange(5.0))
    assert_array_equal(quantile_plot("?", few, LOOK).traces[1].y, np.arange(5.0))


@given(st.integers(0, 20_000), st.sampled_from([250, 1_000, 60_000]))
def test_rows_are_sampled_thinly_ascending_and_with_the_newest(n: int, step: int) -> None:
    time_ms = START_MS + step * np.arange(n)
    rows = sampled(time_ms)
    assert len(rows) <= MOST_POINTS
    assert np.all(np.diff(rows) > 0)
    if n:
        assert rows[-1] == n - 1


def test_thinning_the_past_does_not_depend_on_what_came_later() -> None:
    time_ms = START_MS + 1_000 * np.arange(12_100)
    early, later = time_ms[sampled(time_ms[:12_000])], time_ms[sampled(time_ms)]
    closed = START_MS + 1_000 * 11_900
    assert set(early[early < closed]) == set(later[later < closed])
