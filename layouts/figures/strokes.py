"""How the lines, bands, levels and tags of the pair's chart are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.market import FloatArray, Int64Array, Timeframe
from layouts.figures.drawing import Trace
from layouts.figures.encode import Precision
from layouts.figures.lines import Line, breaks, bucket_ms, gap_ms
from layouts.figures.stack import PaneName
from layouts.theme import Palette

_BAND_POINTS = 200  # of each edge: a rolling mean is smooth


def meta(
    pane: PaneName, label: str, *, decimals: int, signed: bool = False, unit: str = "", side: str | None = None
) -> dict[str, Any]:
    """What the browser must know to read a trace under the cursor."""
    beside = {} if side is None else {"side": side}
    return {"pane": pane, "label": label, "decimals": decimals, "signed": signed, "unit": unit, **beside}


def stroke(
    points: Line,
    axis: str,
    colour: str,
    told: dict[str, Any],
    *,
    width: float = 1.3,
    dash: str = "solid",
    precision: Precision = "f8",
) -> Trace:
    """A line that is read."""
    look = {
        "type": "scatter",
        "mode": "lines",
        "name": told["label"],
        "xaxis": "x",
        "yaxis": axis,
        "line": {"color": colour, "width": width, "dash": dash},
        "connectgaps": False,
        "hoverinfo": "skip",
        "meta": told,
    }
    return Trace({"x": (points.time_ms, "f8"), "y": (points.values, precision)}, look)


def band(outline: Line, pane: PaneName, axis: str, colour: str, opacity: float) -> Trace:
    """A filled band: nothing is read of it."""
    look = {
        "type": "scatter",
        "mode": "lines",
        "xaxis": "x",
        "yaxis": axis,
        "fill": "toself",
        "fillcolor": faded(colour, opacity),
        "line": {"width": 0},
        "connectgaps": False,
        "hoverinfo": "skip",
        "meta": {"pane": pane, "label": None, "read": False, "outline": True},
    }
    return Trace({"x": (outline.time_ms, "f8"), "y": (outline.values, "f4")}, look)


def outline(
    time_ms: Int64Array, low: FloatArray, high: FloatArray, timeframe: Timeframe, most: int = _BAND_POINTS
) -> Line:
    """The border of a band between two lines: along the lower, back along the upper; a closed piece for each stretch in
    which both are known. time_ms, low, high: (n,).  At most twice `most` points an edge.
    """
    known = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
    if len(known) < 2:
        return Line(np.empty(0), np.empty(0))
    apart = breaks(known, time_ms[known], gap_ms(time_ms, timeframe), most // 3)
    piece = np.concatenate(([0], np.cumsum(apart)))
    bucket = time_ms[known] // bucket_ms(int(time_ms[known[-1]] - time_ms[known[0]]), most)
    last = np.append((np.diff(bucket) != 0) | apart, True)
    first = np.concatenate(([True], apart))
    kept = np.flatnonzero(last | first)
    xs: list[FloatArray] = []
    ys: list[FloatArray] = []
    for rows in np.split(known[kept], np.flatnonzero(np.diff(piece[kept])) + 1):
        times = time_ms[rows].astype(np.float64)
        xs += [times, times[::-1], times[:1], np.array([np.nan])]
        ys += [low[rows], high[rows][::-1], low[rows[:1]], np.array([np.nan])]
    return Line(np.concatenate(xs)[:-1], np.concatenate(ys)[:-1])


def level(name: str, axis: str, at: float, colour: str, dash: str, width: float = 1.2) -> dict[str, Any]:
    """A horizontal line through its pane."""
    return {
        "name": name,
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": axis,
        "y0": at,
        "y1": at,
        "layer": "below",
        "line": {"color": colour, "width": width, "dash": dash},
    }


def tag(
    name: str,
    axis: str,
    at: float,
    text: str,
    palette: Palette,
    *,
    colour: str,
    filled: bool = True,
    left: bool = False,
    shift: int = 0,
) -> dict[str, Any]:
    """A label in the margin beside a value of its axis: filled for what moves, plain for a level. shift: pixels up."""
    return {
        "name": name,
        "xref": "paper",
        "x": 0 if left else 1,
        "xanchor": "right" if left else "left",
        "yref": axis,
        "y": at,
        "yshift": shift,
        "text": text,
        "showarrow": False,
        "bgcolor": colour if filled else palette.ground,
        "bordercolor": palette.ground,
        "borderwidth": 1,
        "borderpad": 1,
        "font": {"size": 11, "color": palette.ground if filled else colour},
    }


def faded(colour: str, opacity: float) -> str:
    """A colour of the palette, so much of it."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
