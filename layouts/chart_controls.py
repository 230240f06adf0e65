"""Below the chart: how much of it is seen, what it shows, and ways to take it away as a picture or a table."""

from __future__ import annotations

from typing import Any, Final

from dash import dcc, html

from layouts import ids
from layouts.aria import aria, unseen
from layouts.held import Held

PRESETS: Final = ("1m", "5m", "15m", "1h", "4h", "1d", "7d", "30d")  # shown where they hold some bars and not all

# (id, field of the address, its value while on, words, what it does)
OPTIONS: Final = (
    (ids.CHART_CANDLES, "style", "candles", "candles", "Candles of the first leg in place of its line"),
    (ids.CHART_REBASED, "prices", "rebased", "rebased", "Both prices in percent of the first bar, on one axis"),
    (ids.CHART_CORRELATION, "panes", "correlation", "correlation", "A pane with the rolling correlation"),
    (ids.CHART_HEDGE, "panes", "hedge", "β pane", "A pane with the hedge ratio and its interval"),
    (ids.CHART_MARKS, "marks", "1", "marks", "Where the z-score crossed its entry level and came back"),
)


def chart_controls() -> html.Div:
    """The row. The browser shows the presets that fit, and which options are on."""
    return html.Div(
        [
            html.Div(
                [_button(one, title=f"The newest {one}", **_does(f"span:{one}"), hidden=True) for one in PRESETS]
                + [_button("all", title="All that is held", **_does("span:all"))],
                className="chart-controls__group",
                role="group",
                **aria(label="Range"),
            ),
            html.Div(
                [_option(*option) for option in OPTIONS],
                className="chart-controls__group",
                role="group",
                **aria(label="Shown in the chart"),
            ),
            html.Div(
                [
                    _button("reset", title="Show all, and follow the market (r)", **_does("reset")),
                    _button(
                        [html.Span(className="pause-sign", **unseen()), "pause"],
                        title="Hold the chart still (Space)",
                        **_does("pause"),
                        **aria(pressed="false"),
                    ),
                    _button("CSV", id=ids.CHART_CSV, title="What is seen, as a table: every row, UTC"),
                    _button("PNG", id=ids.CHART_PNG, title="What is seen, as a picture"),
                ],
                className="chart-controls__group chart-controls__group--end",
                role="group",
                **aria(label="The chart itself"),
            ),
            html.Span(id=ids.CHART_SAVED, className="visually-hidden", role="status"),
            Held(id=ids.CSV_WANTED),
            dcc.Download(id=ids.CSV_FILE),
        ],
        id=ids.CHART_CONTROLS,
        className="chart-controls",
        role="toolbar",
        **aria(label="Chart"),
    )


def _option(option_id: str, field: str, on: str, words: str, does: str) -> html.Button:
    attributes: dict[str, Any] = {"data-field": field, "data-on": on, **aria(pressed="false")}
    return _button(words, id=option_id, title=does, n_clicks=0, **attributes)


def _button(words: Any, **attributes: Any) -> html.Button:
    return html.Button(words, className="chart-button", **attributes)


def _does(what: str) -> dict[str, Any]:
    """What a press does with the chart; the browser listens for all of them in one place."""
    return {"data-chart": what}
