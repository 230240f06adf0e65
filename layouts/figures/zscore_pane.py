"""The z-score between its levels: entry, exit, stop and break-even, of both signs."""

from __future__ import annotations

from typing import Any, Final

from analytics.results import Unavailable
from layouts import numbers
from layouts.figures.drawing import Trace
from layouts.figures.stack import Pane
from layouts.figures.strokes import faded, level, meta, stroke, tag
from layouts.figures.subject import Subject
from layouts.figures.units import known_then

_KNOWN_POINTS: Final = 800  # of the thin line: it is compared with, not read
_TAG_PX: Final = 66
_DASHES: Final = {"entry": "6px,4px", "exit": "2px,3px", "stop": "8px,3px,2px,3px", "break-even": "1px,5px"}


def traces(subject: Subject, pane: Pane) -> list[Trace]:
    """The z-score as known then, thin, and the z-score."""
    seen, palette = subject.analysis, subject.look.palette
    symbols = (subject.legs.y.symbol, subject.legs.x.symbol)
    known = seen.zscore_as_known if known_then(seen) else seen.zscore_as_known * float("nan")
    return [
        stroke(
            subject.line(known, *symbols, most=_KNOWN_POINTS),
            pane.axis,
            palette.second,
            meta("zscore", "as known then", decimals=2, signed=True),
            width=0.9,
            precision="f4",
        ),
        stroke(
            subject.line(seen.zscore, *symbols),
            pane.axis,
            palette.bright,
            meta("zscore", "z", decimals=2, signed=True),
            precision="f4",
        ),
    ]


def axes(_subject: Subject, pane: Pane) -> dict[str, Any]:
    """The value axis, on the left: the right margin holds the levels' tags."""
    return {
        pane.axis_key: {
            "side": "left",
            "anchor": "x",
            "domain": [pane.bottom, pane.top],
            "nticks": 7,
            "showgrid": False,  # a grid line at 2 would cover the level that stands there
        }
    }


def shapes(subject: Subject, pane: Pane) -> list[dict[str, Any]]:
    """A calm ground between the entry levels, the middle, and every level."""
    palette, entry = subject.look.palette, subject.chart.entry_zscore
    calm = {
        "name": "calm",
        "type": "rect",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": pane.axis,
        "y0": -entry,
        "y1": entry,
        "layer": "below",
        "fillcolor": faded(palette.bright, 0.04),
        "line": {"width": 0},
    }
    colours = {"entry": palette.band, "exit": palette.good, "stop": palette.bad, "break-even": palette.soft}
    return [
        calm,
        level("middle", pane.axis, 0, palette.edge, "solid", 1),
        *(
            level(f"level:{name}{sign}", pane.axis, at, colours[name], _DASHES[name])
            for name, sign, at in _levels(subject)
        ),
    ]


def tags(subject: Subject, pane: Pane) -> list[dict[str, Any]]:
    """The levels by name, and over them the newest z-score where it is known."""
    value, palette = subject.analysis.latest_zscore, subject.look.palette
    colours = {"entry": palette.band, "exit": palette.good, "stop": palette.bad}
    told = [
        tag(
            f"level:{name}{sign}",
            pane.axis,
            at,
            f"{name} {numbers.signed(at, 2)}",
            palette,
            colour=colours[name],
            filled=False,
        )
        for name, sign, at in _levels(subject)
        if name in colours
    ]
    told += [_break_even(subject, pane, sign, at) for name, sign, at in _levels(subject) if name == "break-even"]
    if isinstance(value, Unavailable):
        return told
    newest = tag("newest:zscore", pane.axis, value, numbers.zscore(value), palette, colour=palette.bright)
    return [*told, {**newest, "width": _TAG_PX}]  # as wide as a level's, which it may cover


def _levels(subject: Subject) -> list[tuple[str, str, float]]:
    """(name, sign, place) of every level; an exit at 0 is one line."""
    chart, exit_level = subject.chart, subject.analysis.query.params.exit_zscore
    levels = [("entry", chart.entry_zscore), ("stop", chart.stop_zscore), ("exit", exit_level)]
    if subject.break_even_zscore is not None:
        levels.append(("break-even", subject.break_even_zscore))
    return [
        (name, sign if at else "", at if sign == "+" else -at)
        for name, at in levels
        for sign in ("+", "-")
        if at or sign == "+"
    ]


def _break_even(subject: Subject, pane: Pane, sign: str, at: float) -> dict[str, Any]:
    """Inside of the pane, for it may stand anywhere between the other tags."""
    palette, words = subject.look.palette, f"break-even {numbers.signed(at, 2)}"
    told = tag(f"level:break-even{sign}", pane.axis, at, words, palette, colour=palette.soft, filled=False)
    return {**told, "xanchor": "left", "x": 0, "bgcolor": faded(palette.ground, 0.7), "borderwidth": 0}
