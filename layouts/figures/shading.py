"""What is not as a live feed gives it, shaded across all panes: by pattern, edge and words, not by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from analytics.stretches import Stretch, StretchKind
from layouts import numbers
from layouts.figures.drawing import Trace
from layouts.figures.stack import Pane
from layouts.figures.strokes import faded
from layouts.figures.subject import Subject

AXIS: Final = "y"  # from 0 to 1 through the whole chart, beneath all panes
_Shade = Literal["hole", "backfilled", "quiet"]
_SHADES: Final[tuple[_Shade, ...]] = ("hole", "backfilled", "quiet")
_SHADE_OF: Final[dict[StretchKind, _Shade]] = {
    "lost": "hole", "open": "hole", "incomplete": "hole", "backfilled": "backfilled", "quiet": "quiet",
}  # fmt: skip
_MOST: Final = 40  # of each kind, the newest: more would be no picture any more
_MOST_LABELS: Final = 6
_LABEL_ROWS: Final = 2
_LABEL_ROW_PX: Final = 16
_LABEL_SHARE: Final = 0.3  # of the chart's width, about what a label takes


@dataclass(frozen=True, slots=True)
class Shaded:
    """Stretches of one kind that lie together, of one leg or of both. [start_ms, end_ms), words: for the screen."""

    kind: StretchKind
    start_ms: int
    end_ms: int
    words: str


def shaded(subject: Subject) -> tuple[Shaded, ...]:
    """What of the stretches lies in the rows shown, ascending, the legs told together where they share one."""
    if not len(subject.time_ms):
        return ()
    first, last = int(subject.time_ms[0]), int(subject.time_ms[-1]) + subject.timeframe.milliseconds
    groups: list[list[Stretch]] = []
    for one in sorted(subject.stretches, key=lambda stretch: (stretch.kind, stretch.start_ms)):
        if one.end_ms <= first or one.start_ms >= last:
            continue
        same = groups and groups[-1][0].kind == one.kind and one.start_ms < max(s.end_ms for s in groups[-1])
        if same:
            groups[-1].append(one)
        else:
            groups.append([one])
    found = [
        Shaded(
            group[0].kind,
            max(min(s.start_ms for s in group), first),
            min(max(s.end_ms for s in group), last),
            _words(group, subject),
        )
        for group in groups
    ]
    return tuple(sorted(found, key=lambda one: one.start_ms))


def traces(subject: Subject, found: Sequence[Shaded]) -> list[Trace]:
    """One a shade, each a rectangle for every stretch, empty where there is none."""
    return [_trace(subject, shade, [one for one in found if _SHADE_OF.get(one.kind) == shade]) for shade in _SHADES]


def axis() -> dict[str, Any]:
    """The axis of the shading."""
    return {"yaxis": {"domain": [0, 1], "range": [0, 1], "fixedrange": True, "visible": False, "anchor": "x"}}


def shapes(subject: Subject, found: Sequence[Shaded]) -> list[dict[str, Any]]:
    """A thin line where the feed begins and history ends."""
    return [
        {
            "name": "history",
            "type": "line",
            "xref": "x",
            "x0": subject.look.zone.mark(one.end_ms),
            "x1": subject.look.zone.mark(one.end_ms),
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"color": subject.look.palette.faint, "width": 1, "dash": "1px,4px"},
        }
        for one in _ended(subject, found)
    ]


def labels(subject: Subject, found: Sequence[Shaded], pane: Pane) -> list[dict[str, Any]]:
    """What the newest stretches are called, at the foot of `pane`, as far as there is room side by side."""
    palette, zone = subject.look.palette, subject.look.zone
    if not len(subject.time_ms):
        return []
    first, last = int(subject.time_ms[0]), int(subject.time_ms[-1])
    named = [(one.start_ms, one) for one in found if one.kind != "history"]
    named += [(one.end_ms, one) for one in _ended(subject, found)]
    told: list[dict[str, Any]] = []
    free = [float("inf")] * _LABEL_ROWS
    for at, one in sorted(named, key=lambda pair: pair[0], reverse=True):
        place = (at - first) / max(last - first, 1)
        begin, left = (place - _LABEL_SHARE, False) if place > 1 - _LABEL_SHARE else (place, True)
        row = next((row for row in range(_LABEL_ROWS) if begin + _LABEL_SHARE <= free[row]), None)
        if row is None or len(told) == _MOST_LABELS:
            continue
        free[row] = begin
        told.append(
            {
                "name": f"stretch:{one.kind}",
                "xref": "x",
                "x": zone.mark(at),
                "xanchor": "left" if left else "right",
                "yref": "paper",
                "y": pane.bottom,
                "yanchor": "bottom",
                "yshift": row * _LABEL_ROW_PX,
                "text": one.words,
                "showarrow": False,
                "bgcolor": faded(palette.ground, 0.75),
                "borderpad": 2,
                "font": {"size": 10.5, "color": palette.soft},
            }
        )
    return told


def _ended(subject: Subject, found: Sequence[Shaded]) -> list[Shaded]:
    """History that ends inside of the rows: what begins there is the feed."""
    last = int(subject.time_ms[-1]) if len(subject.time_ms) else 0
    return [one for one in found if one.kind == "history" and one.end_ms < last]


def _trace(subject: Subject, shade: _Shade, found: list[Shaded]) -> Trace:
    palette = subject.look.palette
    looks: dict[_Shade, tuple[str, str, str, str]] = {
        "hole": (palette.shade_hole, palette.bad, "/", "solid"),
        "backfilled": (palette.shade_backfilled, palette.mind, "", "dot"),
        "quiet": (faded(palette.faint, 0.10), palette.faint, "-", "1px,4px"),
    }
    ground, edge, pattern, dash = looks[shade]
    times = np.array([[one.start_ms, one.end_ms] for one in found[-_MOST:]], np.float64).reshape(-1, 2)
    corners = np.column_stack((times[:, [0, 1, 1, 0, 0]], np.full(len(times), np.nan))).ravel()
    heights = np.tile([0.0, 0.0, 1.0, 1.0, 0.0, np.nan], len(times))
    look = {
        "type": "scatter",
        "mode": "lines",
        "name": shade,
        "xaxis": "x",
        "yaxis": AXIS,
        "fill": "toself",
        "fillcolor": ground,
        "line": {"color": faded(edge, 0.55), "width": 1, "dash": dash},
        "connectgaps": False,
        "hoverinfo": "skip",
        "meta": {"pane": "shade", "label": None, "read": False, "scale": False},
    }
    if pattern:
        look["fillpattern"] = {
            "shape": pattern,
            "fgcolor": faded(edge, 0.35),
            "bgcolor": ground,
            "size": 7,
            "solidity": 0.18,
        }
    return Trace({"x": (subject.look.zone.shown_ms(corners), "f8"), "y": (heights, "f4")}, look)


def _words(group: list[Stretch], subject: Subject) -> str:
    """BTC, ETH: back-filled 10:41:07, 412 trades."""
    names = {subject.legs.y.symbol: subject.legs.y.name, subject.legs.x.symbol: subject.legs.x.name}
    of = ", ".join(name for symbol, name in names.items() if symbol in {one.symbol for one in group})
    trades = sum(one.trades or 0 for one in group)
    count = f", {numbers.counted(trades, 'trade')}" if trades else ""
    told = max((one.told_ms for one in group if one.told_ms is not None), default=None)
    when = "" if told is None else f" {subject.look.zone.moment(told):%H:%M:%S}"
    lasting = numbers.duration(max(one.end_ms - one.start_ms for one in group))
    match group[0].kind:
        case "lost":
            return f"{of}: lost, seen{when}{count}"
        case "open":
            return f"{of}: missing since{when}{count}, being filled"
        case "incomplete":
            return f"{of}: not every trade is here"
        case "backfilled":
            return f"{of}: back-filled{when}{count}"
        case "history":
            return f"{of}: live from here"
        case "quiet":
            return f"{of}: no trade for {lasting}"
