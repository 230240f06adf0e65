"""The pair's chart: stacked panes on one time axis, drawn whole when its kind changes and patched otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from zlib import crc32

from dash import Patch

from analytics.market import PairQuery
from layouts.address import written
from layouts.chart_view import ChartView
from layouts.figures import further_panes, marked, prices_pane, shading, spread_pane, zscore_pane
from layouts.figures.blank import blank_figure
from layouts.figures.drawing import Drawing, Trace
from layouts.figures.lines import gap_ms
from layouts.figures.stack import MARGIN, Pane, stacked
from layouts.figures.subject import Subject
from layouts.look import Look
from layouts.theme import template

CONFIG: Final[dict[str, Any]] = {"staticPlot": True, "responsive": True}
_USUAL: Final = ChartView()
_CLEAR: Final = "rgba(0,0,0,0)"
# The margins hold every label. To ask whether one overflows, Plotly measures all of them, which lays the page out anew.
_UNMEASURED: Final = {"ticklabeloverflow": "allow"}


def drawing_kind(query: PairQuery, chart: ChartView, look: Look) -> str:
    """Pictures of one kind can be patched into each other. Levels are not part of it: they only move."""
    unlevelled = replace(query, params=replace(query.params, exit_zscore=0.0))
    plain = replace(chart, entry_zscore=_USUAL.entry_zscore, stop_zscore=_USUAL.stop_zscore)
    return f"{written(unlevelled, plain)}#{crc32(repr(look).encode())}"


def has_candles(query: PairQuery, chart: ChartView) -> bool:
    """Whether candles are drawn: they need bars, and the y leg's own axis."""
    return chart.style == "candles" and chart.prices == "axes" and bool(query.params.timeframe.milliseconds)


def pair_figure(subject: Subject) -> dict[str, Any]:
    """The whole chart, or a sentence while there is no row."""
    if not len(subject.time_ms):
        legs = subject.legs
        told = f"Waiting for the first trades of {legs.y.symbol} and {legs.x.symbol}"
        return blank_figure(told, subject.look.palette)
    return _drawing(subject).figure()


def pair_patch(subject: Subject) -> Patch:
    """The newest numbers, levels and shading, for a chart of the same kind that `pair_figure` drew."""
    return _drawing(subject).patch()


def _drawing(subject: Subject) -> Drawing:
    panes = stacked(subject.chart.panes)
    found = shading.shaded(subject)
    shown = [part for pane in panes for part in _pane_traces(subject, pane)]
    return Drawing(
        traces=(*shading.traces(subject, found), *shown),
        layout=_layout(subject, panes),
        moving={
            "shapes": [*shading.shapes(subject, found), *_shapes(subject, panes)],
            "annotations": [*shading.labels(subject, found, panes[0]), *_tags(subject, panes), _zone(subject)],
            "meta": _meta(subject, panes, found),
        },
    )


def _pane_traces(subject: Subject, pane: Pane) -> list[Trace]:
    seen = subject.analysis
    match pane.name:
        case "prices":
            leg = prices_pane.change(seen.y) if subject.chart.prices == "rebased" else seen.y
            return [*prices_pane.traces(subject, pane), *marked.traces(subject, pane, leg)]
        case "spread":
            return spread_pane.traces(subject, pane)
        case "zscore":
            return [*zscore_pane.traces(subject, pane), *marked.traces(subject, pane, seen.zscore)]
        case "correlation":
            return further_panes.correlation_traces(subject, pane)
        case "hedge":
            return further_panes.hedge_traces(subject, pane)


def _axes(subject: Subject, pane: Pane) -> dict[str, Any]:
    axes = {
        "prices": prices_pane.axes,
        "spread": spread_pane.axes,
        "zscore": zscore_pane.axes,
        "correlation": further_panes.correlation_axes,
        "hedge": further_panes.hedge_axes,
    }
    return axes[pane.name](subject, pane)


def _shapes(subject: Subject, panes: tuple[Pane, ...]) -> list[dict[str, Any]]:
    drawn = {"zscore": zscore_pane.shapes, "correlation": further_panes.correlation_shapes}
    return [shape for pane in panes if pane.name in drawn for shape in drawn[pane.name](subject, pane)]


def _tags(subject: Subject, panes: tuple[Pane, ...]) -> list[dict[str, Any]]:
    drawn = {"prices": prices_pane.tags, "spread": spread_pane.tags, "zscore": zscore_pane.tags}
    return [tag for pane in panes if pane.name in drawn for tag in drawn[pane.name](subject, pane)]


def _layout(subject: Subject, panes: tuple[Pane, ...]) -> dict[str, Any]:
    axes: dict[str, Any] = {**shading.axis()}
    for pane in panes:
        axes |= _axes(subject, pane)
    look = template(subject.look.palette)
    value_axis = look["layout"]["yaxis"]
    return {
        "template": look,
        "plot_bgcolor": _CLEAR,  # the panes lie over the shading, which fills the whole chart
        "margin": dict(MARGIN),
        "autosize": True,
        "hovermode": False,
        "dragmode": False,
        "xaxis": {
            "type": "date",
            "anchor": panes[-1].axis,
            "tickangle": 0,
            "nticks": 8,
            **_UNMEASURED,
            "rangeslider": {"visible": False},
        },
        **{name: {**value_axis, **axis, **_UNMEASURED} for name, axis in axes.items()},
    }


def _zone(subject: Subject) -> dict[str, Any]:
    """Which zone the times are of, at the end of their axis."""
    palette = subject.look.palette
    return {
        "name": "zone",
        "xref": "paper",
        "x": 1,
        "xanchor": "left",
        "xshift": 20,  # the last label of the axis stands with its middle at the edge
        "yref": "paper",
        "y": 0,
        "yanchor": "top",
        "align": "left",
        "text": subject.look.zone.title.replace(", ", "<br>"),
        "showarrow": False,
        "font": {"size": 10.5, "color": palette.faint},
    }


def _meta(subject: Subject, panes: tuple[Pane, ...], found: tuple[shading.Shaded, ...]) -> dict[str, Any]:
    """What the browser must know of the chart. Times are UTC, whatever the zone of the axis."""
    zone, chart = subject.look.zone, subject.chart
    return {
        "bar_ms": subject.timeframe.milliseconds,
        "gap_ms": gap_ms(subject.time_ms, subject.timeframe),
        "panes": [[pane.name, pane.bottom, pane.top] for pane in panes],
        "levels": {
            "entry": chart.entry_zscore,
            "exit": subject.analysis.query.params.exit_zscore,
            "stop": chart.stop_zscore,
        },
        "first_ms": int(subject.time_ms[0]),
        "last_ms": int(subject.time_ms[-1]),
        "stretches": [[one.start_ms, one.end_ms, one.kind, one.words] for one in found],
        "zone": {"name": zone.name, "offset_minutes": zone.offset_minutes},
    }
