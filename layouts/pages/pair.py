"""The pair page: watched symbols left, stacked panes in the middle, verdict, cards and costs right."""

from __future__ import annotations

from dash import dcc, html

from layouts import ids
from layouts.aria import aria
from layouts.cards_column import cards_column
from layouts.chart_overlay import chart_overlay
from layouts.figures import panes
from layouts.figures.pair import CONFIG, blank_figure
from layouts.marks import mark
from layouts.navigation import PAIR
from layouts.watchlist import watchlist_column


def pair_page() -> html.Div:
    """The page before its first answer: its numbers are still unknown."""
    return html.Div(
        [
            _loss(),
            html.Main(
                [_charts(), cards_column(), watchlist_column(), html.Nav(id=ids.WATCHED, hidden=True)], className="pair"
            ),
        ],
        className=PAIR.frame,
    )


def _loss() -> html.Div:
    return html.Div(
        [
            mark("cross"),
            html.Span(id=ids.LOSS_TOLD),
            html.Button("Understood", id=ids.LOSS_CLOSE, className="banner__close"),
            dcc.Store(id=ids.LOSSES),
            dcc.Store(id=ids.LOSS_KEY),
            dcc.Store(id=ids.LOSS_CLOSED, storage_type="local"),
        ],
        id=ids.LOSS,
        className="banner banner--none",
        role="status",
    )


def _charts() -> html.Section:
    readouts = (
        (panes.PRICES, ids.PRICE_READOUT),
        (panes.SPREAD, ids.SPREAD_READOUT),
        (panes.ZSCORE, ids.ZSCORE_READOUT),
    )
    return html.Section(
        [
            dcc.Graph(
                id=ids.CHART,
                figure=blank_figure(),
                config=CONFIG,  # type: ignore[arg-type]  # a TypedDict that no module exports
                className="chart",
                responsive=True,
            ),
            chart_overlay(),
            *(
                html.Div(
                    html.Strong(pane.name),
                    id=readout_id,
                    className="pane__header",
                    style={"top": panes.header_top(pane)},
                )
                for pane, readout_id in readouts
            ),
        ],
        className="charts",
        **aria(label="Prices, spread and z-score over time"),
    )
