"""The prices of both legs: on an axis each, as candles of the y leg, or as change from the first row."""

from __future__ import annotations

from typing import Any

from analytics.market import Bars, FloatArray
from layouts import numbers
from layouts.figures.candles import merged
from layouts.figures.drawing import Trace
from layouts.figures.stack import X_LEG_AXIS, Pane
from layouts.figures.strokes import meta, stroke, tag
from layouts.figures.subject import Subject

_CLOSE_TAGS = 0.07  # of the pane's span: tags nearer than this would cover each other
_APART_PX = 8


def traces(subject: Subject, pane: Pane) -> list[Trace]:
    """The y leg, then the x leg."""
    if subject.chart.prices == "rebased":
        return [_rebased(subject, pane, side) for side in ("y", "x")]
    legs, seen, palette = subject.legs, subject.analysis, subject.look.palette
    told = meta("prices", legs.x.symbol, decimals=legs.x.decimals, unit=legs.x.quote, side="x")
    width = 1.3 if subject.y_bars is None else 1.0
    x = stroke(subject.line(seen.x, legs.x.symbol), X_LEG_AXIS, palette.x, told, width=width)
    if subject.y_bars is not None:
        return [_candles(subject, pane, subject.y_bars), x]
    told = meta("prices", legs.y.symbol, decimals=legs.y.decimals, unit=legs.y.quote, side="y")
    return [stroke(subject.line(seen.y, legs.y.symbol), pane.axis, palette.y, told), x]


def axes(subject: Subject, pane: Pane) -> dict[str, Any]:
    """The value axes, by their name in the layout."""
    domain = [pane.bottom, pane.top]
    right = {"side": "right", "anchor": "x", "domain": domain, "nticks": 7}
    if subject.chart.prices == "rebased":
        return {pane.axis_key: {**right, "tickformat": "+.3~g", "ticksuffix": " %", "zeroline": True}}
    left = {"side": "left", "anchor": "x", "domain": domain, "showgrid": False, "nticks": 7}
    over = {"overlaying": X_LEG_AXIS, "tickmode": "auto"}  # the leg that is explained lies on top
    return {
        f"yaxis{X_LEG_AXIS[1:]}": {**left, "tickformat": f",.{subject.legs.x.decimals}f"},
        pane.axis_key: {**right, **over, "tickformat": f",.{subject.legs.y.decimals}f"},
    }


def tags(subject: Subject, pane: Pane) -> list[dict[str, Any]]:
    """The newest price of each leg, or its change."""
    seen, legs, palette = subject.analysis, subject.legs, subject.look.palette
    if subject.chart.prices == "rebased":
        return _change_tags(subject, pane)
    y, x = (float(leg[-1]) for leg in (seen.y, seen.x))
    return [
        tag("newest:y", pane.axis, y, numbers.fixed(y, legs.y.decimals), palette, colour=palette.y),
        tag("newest:x", X_LEG_AXIS, x, numbers.fixed(x, legs.x.decimals), palette, colour=palette.x, left=True),
    ]


def _change_tags(subject: Subject, pane: Pane) -> list[dict[str, Any]]:
    seen, palette = subject.analysis, subject.look.palette
    y, x = change(seen.y), change(seen.x)
    span = max(float(y.max()), float(x.max())) - min(float(y.min()), float(x.min()))
    apart = _APART_PX if abs(y[-1] - x[-1]) < _CLOSE_TAGS * span else 0
    apart = apart if y[-1] >= x[-1] else -apart
    return [
        tag(f"newest:{side}", pane.axis, at, f"{numbers.signed(at, 2)} %", palette, colour=colour, shift=shift)
        for side, at, colour, shift in (
            ("y", float(y[-1]), palette.y, apart),
            ("x", float(x[-1]), palette.x, -apart),
        )
    ]


def change(prices: FloatArray) -> FloatArray:
    """Percent from the first row, (n,)."""
    percent: FloatArray = 100.0 * (prices / prices[0] - 1.0)
    return percent


def _rebased(subject: Subject, pane: Pane, side: str) -> Trace:
    y = side == "y"
    leg = subject.legs.y if y else subject.legs.x
    prices = subject.analysis.y if y else subject.analysis.x
    colour = subject.look.palette.y if y else subject.look.palette.x
    told = meta("prices", leg.symbol, decimals=3, signed=True, unit="%", side=side)
    return stroke(subject.line(change(prices), leg.symbol), pane.axis, colour, told, precision="f4")


def _candles(subject: Subject, pane: Pane, bars: Bars) -> Trace:
    """Hollow where the price rose, filled where it fell."""
    leg, palette = subject.legs.y, subject.look.palette
    candles = merged(bars, subject.timeframe, within=subject.time_ms)
    look = {
        "type": "candlestick",
        "name": leg.symbol,
        "xaxis": "x",
        "yaxis": pane.axis,
        "increasing": {"line": {"color": palette.up, "width": 1}, "fillcolor": palette.ground},
        "decreasing": {"line": {"color": palette.down, "width": 1}, "fillcolor": palette.down},
        "hoverinfo": "skip",
    }
    told = meta("prices", leg.symbol, decimals=leg.decimals, unit=leg.quote, side="y")
    shown = subject.look.zone.shown_ms(candles.centre_ms)
    columns: dict[str, Any] = {"x": (shown, "f8")}
    columns |= {name: (getattr(candles, name), "f8") for name in ("open", "high", "low", "close")}
    return Trace(columns, look, {"meta": {**told, "bars": candles.bars_each}})
