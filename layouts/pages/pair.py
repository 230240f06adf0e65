"""The pair page: the watchlist left, stacked panes in the middle, verdict, cards and costs right."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from layouts import ids
from layouts.aria import aria
from layouts.cards_column import cards_column
from layouts.chart_controls import chart_controls
from layouts.chart_overlay import chart_overlay
from layouts.figures.blank import blank_figure
from layouts.figures.chart import CONFIG
from layouts.figures.stack import ALL, TITLES, PaneName, header_style
from layouts.held import Held
from layouts.marks import mark
from layouts.navigation import PAIR
from layouts.watchlist import watchlist_column


def pair_page() -> html.Div:
    """The page before its first answer: its numbers are still unknown."""
    columns = [_charts(), cards_column(), watchlist_column()]
    return html.Div([_loss(), html.Main(columns, className="pair")], className=PAIR.frame)


def _loss() -> html.Div:
    return html.Div(
        [
            mark("cross"),
            html.Span(id=ids.LOSS_TOLD),
            html.Button("Understood", id=ids.LOSS_CLOSE, className="banner__close"),
            Held(id=ids.LOSSES),
            Held(id=ids.LOSS_KEY),
            dcc.Store(id=ids.LOSS_CLOSED, storage_type="local"),
        ],
        id=ids.LOSS,
        className="banner banner--none",
        role="status",
    )


def _charts() -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    dcc.Graph(
                        id=ids.CHART,
                        figure=blank_figure(),
                        config=CONFIG,  # type: ignore[arg-type]  # a TypedDict that no module exports
                        className="chart",
                        responsive=True,
                    ),
                    chart_overlay(),
                    *(_header(pane) for pane in ALL),
                ],
                className="charts__panes",
            ),
            chart_controls(),
        ],
        className="charts",
        **aria(label="Prices, spread and z-score over time"),
    )


def _header(pane: PaneName) -> html.Div:
    """Above a pane: its read-out, which the server writes, and what the browser reads under the cursor."""
    place: dict[str, Any] = {"data-pane": pane}
    return html.Div(
        [
            html.Div(html.Strong(TITLES[pane]), id=ids.READOUTS[pane], className="pane__readout"),
            html.Span(className="pane__cursor"),
        ],
        id=ids.HEADERS[pane],
        className="pane__header",
        style=header_style(pane, ()),
        **place,
    )
