"""What the browser draws over the chart: cursor, handles of the levels, menu, signs. The browser moves it."""

from __future__ import annotations

from typing import Any, Final

from dash import html

from layouts import ids
from layouts.aria import aria, unseen

_LEVELS: Final = ("entry", "exit", "stop")
_KEYS: Final = (
    "Arrow keys move the cursor by bars, with Shift by ten; Home and End go to the ends; "
    "Space holds the chart still; r shows all; Shift and F10 open a menu."
)


def chart_overlay() -> html.Div:
    """The layer over the chart. It lets everything through but the surface, the handles and the buttons."""
    return html.Div(
        [
            html.Div(
                id=ids.CHART_SURFACE,
                className="chart__surface",
                tabIndex="0",
                role="application",
                **aria(label="Chart", roledescription="chart", description=_KEYS),
            ),
            html.Div(className="chart__tags", **unseen()),
            html.Div(className="chart__select", **unseen()),
            html.Div(className="chart__fired", **unseen()),
            html.Div(className="cross", **unseen()),
            html.Div(className="cross__level", **unseen()),
            html.Div(className="cross__time", **unseen()),
            html.Div(className="cross__told", **unseen()),
            *(_handle(level, sign) for level in _LEVELS for sign in ("+", "-")),
            html.Div(className="level-tag", hidden=True, **unseen()),
            html.Div(className="chart__empty", role="status"),
            html.Div(
                [
                    html.Div(id=ids.CHART_PAUSED, className="chart__paused", role="status"),
                    html.Button(
                        "To the newest", id=ids.CHART_NEWEST, className="chart__newest", hidden=True, **_does("newest")
                    ),
                ],
                className="chart__signs",
            ),
            html.Div(id=ids.CHART_TOLD, className="chart__told", role="status"),
            html.Div(id=ids.CHART_SAID, className="visually-hidden", **aria(live="polite")),
            html.Div(id=ids.CHART_MENU, className="chart__menu", role="menu", hidden=True, **aria(label="Chart")),
        ],
        id=ids.CHART_OVER,
        className="chart__over",
    )


def _does(what: str) -> dict[str, Any]:
    """What a press on a button does with the chart; the browser listens for all of them in one place."""
    return {"data-chart": what}


def _handle(level: str, sign: str) -> html.Div:
    """One line of a level, unseen until it has its place. The upper one is for keys too; the lower one follows it."""
    attributes: dict[str, Any] = {"data-level": level, "data-sign": sign}
    for_keys = {"role": "slider", "tabIndex": "0", **aria(label=f"{level.title()} level of the z-score")}
    return html.Div(
        html.Span(className="level__grip"),
        className=f"level level--{level}",
        hidden=True,
        **(attributes | (for_keys if sign == "+" else unseen())),
    )
