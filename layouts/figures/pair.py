"""The pair's chart: prices, spread and z-score stacked on one time axis.

`pair_figure` draws it whole, once a view. `pair_patch` then replaces the numbers in place, so that a zoom survives.
Both take the same analysis and place the same points.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from dash import Patch

from analytics.analysis import PairAnalysis
from analytics.market import FloatArray
from analytics.results import Unavailable
from layouts import numbers
from layouts.address import written
from layouts.figures import panes
from layouts.figures.encode import Precision, typed
from layouts.figures.lines import Line, line
from layouts.legs import Legs
from layouts.look import Look
from layouts.theme import DARK, Palette, template

BAND: Final = 2.0
CONFIG: Final[dict[str, Any]] = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["sendChartToCloud", "select2d", "lasso2d", "toImage"],
    "scrollZoom": True,
    "doubleClick": "reset",
    "responsive": True,
}
SPREAD_TICKS: Final = ",.6~g"  # 0.0005 and not 500µ
_PRECISIONS: Final[tuple[Precision, ...]] = ("f8", "f8", "f8", "f4", "f4")
_KNOWN_POINTS: Final = 800  # of the thin line: it is compared with, not read


def pair_figure(analysis: PairAnalysis, legs: Legs, look: Look) -> go.Figure:
    """The whole chart, or a sentence while there is no row. Zooming is kept across patches until the view changes."""
    if not len(analysis.time_ms):
        return go.Figure(
            blank_figure(f"Waiting for the first trades of {legs.y.symbol} and {legs.x.symbol}", look.palette)
        )
    figure = go.Figure(data=_traces(analysis, legs, look.palette), layout=_layout(analysis, legs, look.palette))
    for trace, points, precision in zip(figure.data, _lines(analysis), _PRECISIONS, strict=True):
        trace.x, trace.y = points.time_ms, points.values.astype(precision)
    return figure


def blank_figure(told: str = "", palette: Palette = DARK) -> dict[str, Any]:
    """No chart yet: no axes that would invent a range, only a sentence."""
    hidden = {"visible": False}
    sentence = {"text": told, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    layout = {
        "template": template(palette),
        "xaxis": hidden,
        "yaxis": hidden,
        "annotations": [sentence] if told else [],
    }
    return {"data": [], "layout": layout}


def pair_patch(analysis: PairAnalysis, legs: Legs, look: Look) -> Patch:
    """The newest numbers for a chart that `pair_figure` drew: the points of each line and the tags at its end."""
    patch = Patch()
    for position, (points, precision) in enumerate(zip(_lines(analysis), _PRECISIONS, strict=True)):
        patch["data"][position]["x"] = typed(points.time_ms, "f8")
        patch["data"][position]["y"] = typed(points.values, precision)
    patch["layout"]["annotations"] = _tags(analysis, legs, look.palette)
    return patch


def spread_unit(analysis: PairAnalysis, legs: Legs) -> str:
    """The quote currency, or log price."""
    return "log price" if analysis.query.params.price_scale == "log" else legs.y.quote


def spread_decimals(analysis: PairAnalysis, legs: Legs) -> int:
    """Places of a spread: those of the y leg's price, or four for logs."""
    return 4 if analysis.query.params.price_scale == "log" else legs.y.decimals


def known_then(analysis: PairAnalysis) -> bool:
    """Whether the z-score was another one at its moment, and is known: a second line would else hide the first."""
    known = analysis.zscore_as_known
    return bool((np.isfinite(known) & (known != analysis.zscore)).any())


def _lines(analysis: PairAnalysis) -> list[Line]:
    columns: tuple[FloatArray, ...] = (analysis.y, analysis.x, analysis.spread, analysis.zscore)
    timeframe = analysis.query.params.timeframe
    rows = slice(None) if known_then(analysis) else slice(0)
    known = line(analysis.time_ms[rows], analysis.zscore_as_known[rows], timeframe, most=_KNOWN_POINTS)
    return [*(line(analysis.time_ms, column, timeframe) for column in columns), known]


def _traces(analysis: PairAnalysis, legs: Legs, palette: Palette) -> list[go.Scatter]:
    rows = (
        (legs.y.symbol, "y", palette.y, f"%{{y:,.{legs.y.decimals}f}}", 1.4),
        (legs.x.symbol, "y2", palette.x, f"%{{y:,.{legs.x.decimals}f}}", 1.4),
        ("Spread", "y3", palette.bright, f"%{{y:+,.{spread_decimals(analysis, legs)}f}}", 1.4),
        ("z-score", "y4", palette.bright, "%{y:+.2f}", 1.4),
        ("as known then", "y4", palette.second, "%{y:+.2f}", 0.9),
    )
    return [
        go.Scatter(
            name=name,
            mode="lines",
            yaxis=axis,
            xaxis="x",
            line={"color": colour, "width": width},
            zorder=int(width > 1),
            connectgaps=False,
            hovertemplate=shown,
        )
        for name, axis, colour, shown, width in rows
    ]


def _layout(analysis: PairAnalysis, legs: Legs, palette: Palette) -> dict[str, Any]:
    return {
        "template": template(palette),
        "margin": panes.MARGIN,
        "autosize": True,
        "uirevision": written(analysis.query),
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "dragmode": "zoom",
        "xaxis": _time_axis(analysis, palette),
        **_value_axes(analysis, legs, palette),
        "shapes": _levels(palette),
        "annotations": _tags(analysis, legs, palette),
    }


def _time_axis(analysis: PairAnalysis, palette: Palette) -> dict[str, Any]:
    """One axis below all panes: a zoom in one is a zoom in all, and the crosshair runs through."""
    fraction = "" if analysis.query.params.timeframe.milliseconds else ".%L"
    return {
        "type": "date",
        "anchor": "y4",
        "title": {"text": "Time, UTC"},
        "tickangle": 0,
        "nticks": 8,
        "hoverformat": f"%d %b %H:%M:%S{fraction} UTC",
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "cursor",
        "spikethickness": 1,
        "spikedash": "dot",
        "spikecolor": palette.faint,
    }


def _value_axes(analysis: PairAnalysis, legs: Legs, palette: Palette) -> dict[str, Any]:
    prices, spread, zscore = ([pane.bottom, pane.top] for pane in (panes.PRICES, panes.SPREAD, panes.ZSCORE))
    right = {"side": "right", "anchor": "x"}
    return {
        "yaxis": {
            **right,
            "domain": prices,
            "nticks": 8,
            "tickformat": f",.{legs.y.decimals}f",
            "title": {"text": f"{legs.y.symbol}, {legs.y.quote}", "standoff": 12},
        },
        "yaxis2": {
            "side": "left",
            "anchor": "x",
            "overlaying": "y",
            "tickmode": "auto",
            "showgrid": False,
            "nticks": 8,
            "tickformat": f",.{legs.x.decimals}f",
            "title": {"text": f"{legs.x.symbol}, {legs.x.quote}"},
        },
        "yaxis3": {
            **right,
            "domain": spread,
            "nticks": 4,
            "tickformat": SPREAD_TICKS,
            "zeroline": True,
            "zerolinecolor": palette.edge,
            "title": {"text": f"Spread, {spread_unit(analysis, legs)}", "standoff": 30},
        },
        "yaxis4": {
            **right,
            "domain": zscore,
            "nticks": 5,
            "showgrid": False,  # a grid line at 2 would cover the band that stands there
            "title": {"text": "z-score, σ", "standoff": 38},
        },
    }


def _level(axis: str, at: float, colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": axis,
        "y0": at,
        "y1": at,
        "layer": "below",
        "line": {"color": colour, "width": 1.5, "dash": dash},
    }


def _levels(palette: Palette) -> list[dict[str, Any]]:
    calm = {
        "type": "rect",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y4",
        "y0": -BAND,
        "y1": BAND,
        "layer": "below",
        "fillcolor": palette.bright,
        "opacity": 0.035,
        "line": {"width": 0},
    }
    return [
        calm,
        _level("y4", 0, palette.edge, "6px,4px"),
        _level("y4", BAND, palette.mind, "6px,4px"),
        _level("y4", -BAND, palette.mind, "6px,4px"),
    ]


def _tags(analysis: PairAnalysis, legs: Legs, palette: Palette) -> list[dict[str, Any]]:
    """The newest value of each line, on its own axis; hidden where there is none."""
    spread, zscore = analysis.latest_spread, analysis.latest_zscore
    return [
        _tag("y", _last(analysis.y), legs.y.decimals, palette.y, palette, signed=False),
        _tag("y2", _last(analysis.x), legs.x.decimals, palette.x, palette, signed=False),
        _tag("y3", spread, spread_decimals(analysis, legs), palette.bright, palette, signed=True),
        _tag("y4", zscore, 2, palette.bright, palette, signed=True),
    ]


def _last(prices: FloatArray) -> float | Unavailable:
    return float(prices[-1]) if len(prices) else Unavailable("no trade yet")


def _tag(
    axis: str, value: float | Unavailable, decimals: int, colour: str, palette: Palette, *, signed: bool
) -> dict[str, Any]:
    known = None if isinstance(value, Unavailable) else value
    write = numbers.signed if signed else numbers.fixed
    left = axis == "y2"
    return {
        "xref": "paper",
        "x": 0 if left else 1,
        "xanchor": "right" if left else "left",
        "yref": axis,
        "y": known or 0,
        "text": "" if known is None else write(known, decimals),
        "visible": known is not None,
        "showarrow": False,
        "bgcolor": colour,
        "borderpad": 2,
        "font": {"size": 11, "color": palette.ground},
    }
