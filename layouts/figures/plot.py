"""A plot of the Relation view: drawn whole once, then renewed in place, so that a zoom survives.

Each plot is a `Plot`; the figure and the patch are both read from it, so they cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

import numpy as np
from dash import Patch

from analytics.market import FloatArray, Int64Array
from layouts.figures.blank import blank_figure
from layouts.figures.encode import Precision, typed
from layouts.figures.lines import bucket_ms
from layouts.look import Look
from layouts.theme import template
from layouts.zone import Zone

CONFIG: Final[dict[str, Any]] = {
    "displaylogo": False,
    "displayModeBar": False,
    "doubleClick": "reset",
    "responsive": True,
}
MOST_POINTS: Final = 700  # a plot is some hundred pixels wide
_MARGIN: Final = {"l": 8, "r": 8, "t": 6, "b": 34}


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One trace. x, y: its columns.  precision: of y.  colour: a number a point, for markers that are coloured.

    style: everything else that the chart library is to know of it.  zone: x are moments, to be shown in it.
    """

    x: FloatArray
    y: FloatArray
    style: dict[str, Any]
    precision: Precision = "f4"
    x_precision: Precision = "f8"
    colour: FloatArray | None = None
    zone: Zone | None = None

    def columns(self) -> dict[tuple[str, ...], Any]:
        """Its numbers, by their place in the trace."""
        found: dict[tuple[str, ...], Any] = {
            ("x",): self.zone.column(self.x) if self.zone else typed(self.x, self.x_precision),
            ("y",): typed(self.y, self.precision),
        }
        if self.colour is not None:
            found["marker", "color"] = typed(self.colour, "f4")
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """One plot, or the sentence that stands in its place.

    axes: layout of the axes and margins, the same for as long as the view is.  shapes, annotations: what moves with
    the numbers.  told: why there is nothing to draw.  view: the address; a zoom is kept until it changes.  look: how
    it is drawn.
    """

    view: str
    look: Look
    traces: tuple[Trace, ...] = ()
    axes: dict[str, Any] | None = None
    shapes: tuple[dict[str, Any], ...] = ()
    annotations: tuple[dict[str, Any], ...] = ()
    told: str = ""

    @property
    def kind(self) -> str:
        """Plots of one kind can be patched into each other."""
        return f"{self.view} {len(self.traces)} {self.told} {crc32(repr(self.look).encode())}"

    def figure(self) -> dict[str, Any]:
        """The whole plot."""
        if not self.traces:
            return blank_figure(self.told, self.look.palette)
        return {
            "data": [_drawn(trace) for trace in self.traces],
            "layout": {
                "template": template(self.look.palette),
                "paper_bgcolor": self.look.palette.panel,
                "plot_bgcolor": self.look.palette.panel,
                "margin": _MARGIN,
                "autosize": True,
                "uirevision": self.view,
                "hovermode": "closest",
                "dragmode": "zoom",
                **(self.axes or {}),
                "shapes": list(self.shapes),
                "annotations": list(self.annotations),
            },
        }

    def patch(self) -> Patch:
        """The newest numbers for a plot of the same kind."""
        patch = Patch()
        for position, trace in enumerate(self.traces):
            for place, column in trace.columns().items():
                spot = patch["data"][position]
                for name in place[:-1]:
                    spot = spot[name]
                spot[place[-1]] = column
        if self.traces:
            patch["layout"]["shapes"] = list(self.shapes)
            patch["layout"]["annotations"] = list(self.annotations)
        return patch


def sampled(time_ms: Int64Array, most: int = MOST_POINTS) -> Int64Array:
    """Rows to draw where several columns share them: the last of each bucket of time, and the newest. At most `most`.

    Cut on absolute time, so that the past stands still while the sample slides.
    """
    if len(time_ms) <= most:
        return np.arange(len(time_ms))
    bucket = time_ms // bucket_ms(int(time_ms[-1] - time_ms[0]), most - 2)
    return np.append(np.flatnonzero(np.diff(bucket)), len(time_ms) - 1)


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with its title; numbers make their own room."""
    return {"title": {"text": title, "standoff": 6}, "automargin": True, "nticks": 6, **more}


def time_axis(zone: Zone, **more: Any) -> dict[str, Any]:
    """The time axis of a plot, in the zone of the screen."""
    shown = f"%d %b %H:%M:%S {zone.distance}"
    return axis(f"Time, {zone.title}", type="date", tickangle=0, hoverformat=shown, **more)


def level(at: float, colour: str, yref: str = "y", dash: str = "6px,4px") -> dict[str, Any]:
    """A horizontal line through the whole width."""
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": yref, "y0": at, "y1": at, "layer": "below",
        "line": {"color": colour, "width": 1.2, "dash": dash},
    }  # fmt: skip


def stroke(colour: str, width: float = 1.3, dash: str = "solid") -> dict[str, Any]:
    """How a line is drawn."""
    return {"color": colour, "width": width, "dash": dash}


def note(text: str, colour: str, *, x: float | str, y: float, **more: Any) -> dict[str, Any]:
    """Words inside the plotting area, placed from 0 to 1."""
    return {
        "text": text, "xref": "paper", "yref": "paper", "x": x, "y": y, "showarrow": False,
        "font": {"size": 10.5, "color": colour}, **more,
    }  # fmt: skip


def _drawn(trace: Trace) -> dict[str, Any]:
    drawn: dict[str, Any] = {"type": "scatter", **trace.style}
    if drawn["type"] == "scatter":
        drawn.setdefault("mode", "lines")
    for place, column in trace.columns().items():
        spot = drawn
        for name in place[:-1]:
            spot[name] = dict(spot.get(name, {}))  # the style is shared by every figure: it stays as it was
            spot = spot[name]
        spot[place[-1]] = column
    return drawn
