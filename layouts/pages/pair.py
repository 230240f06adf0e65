"""The pair page: watched symbols and the ADF panel left, stacked panes in the middle, verdict and cards right."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from layouts import ids, numbers, terms
from layouts.aria import aria
from layouts.chart_overlay import chart_overlay
from layouts.defined import defined
from layouts.figures import panes
from layouts.figures.pair import CONFIG, blank_figure
from layouts.marks import mark
from layouts.navigation import DIAGNOSTICS, PAIR


def pair_page() -> html.Div:
    """The page before its first answer: its numbers are still unknown."""
    return html.Div([_loss(), html.Main([_charts(), _cards(), _side()], className="pair")], className=PAIR.frame)


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


def _waiting(label: str) -> list[Any]:
    return [
        html.H3(label, className="card__label"),
        html.P(numbers.DASH, className="card__value card__value--none"),
        html.P("waiting for the first answer", className="card__detail"),
    ]


def _card(card_id: str, label: str, kind: str = "") -> html.Section:
    return html.Section(_waiting(label), id=card_id, className=f"card {kind}".strip(), **aria(label=label))


def _verdict() -> html.Section:
    """The verdict, and below it a link that stays where it is while the verdict is drawn anew."""
    link = dcc.Link("All tests and plots", href=DIAGNOSTICS.path, id=ids.ALL_TESTS, className="card__link")
    return html.Section(
        [html.Div(_waiting("Verdict"), id=ids.VERDICT_CARD), html.P(link, className="card__more")],
        className="card card--verdict",
        **aria(label="Verdict"),
    )


def _cards() -> html.Section:
    return html.Section(
        [
            html.Div(
                [html.H2("Pair", className="column__title"), html.Div(id=ids.AGE, className="age")],
                className="column__head",
            ),
            _card(ids.ZSCORE_CARD, "z-score", "card--zscore"),
            _verdict(),
            _card(ids.HEDGE_CARD, "Hedge ratio"),
            _card(ids.SPREAD_CARD, "Spread"),
            _card(ids.CORRELATION_CARD, "Correlation"),
            _card(ids.ADF_CARD, "ADF p-value"),
        ],
        id=ids.CARDS,
        className="cards",
        **aria(label="Metrics of the pair"),
    )


def _side() -> html.Aside:
    return html.Aside(
        [
            html.Section(
                [
                    html.Div(
                        [
                            html.H2("Watched", className="column__title"),
                            html.Span("age · lag · messages", className="column__note"),
                        ],
                        className="column__head",
                    ),
                    html.Nav(id=ids.WATCHED, className="watched", **aria(label="Watched symbols")),
                ]
            ),
            html.Section(
                [
                    html.Div(
                        html.H2(defined(terms.ADF, "panel", "ADF test"), className="column__title"),
                        className="column__head",
                    ),
                    dbc.Button("Run ADF test", id=ids.ADF_RUN, className="run"),
                    html.Div(
                        "Not run yet. The card shows it live; a run keeps its figures here.",
                        id=ids.ADF_RESULT,
                        className="adf",
                        role="status",
                    ),
                ],
                className="adf-panel",
            ),
        ],
        className="side",
    )
