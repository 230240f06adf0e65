"""The right column of the pair's page: its cards before the first answer, in the order in which a trader reads them."""

from __future__ import annotations

from typing import Any, Final

from dash import dcc, html

from layouts import ids, numbers, terms
from layouts.aria import aria
from layouts.defined import defined
from layouts.held import Held
from layouts.navigation import DIAGNOSTICS

COSTS_MS: Final = 2_000  # quotes grow old while no trade changes anything else


def cards_column() -> html.Section:
    """How far, what the tests say, the metrics, the costs, and what else is at a level now."""
    return html.Section(
        [
            html.Div(
                [html.H2("Pair", className="column__title"), html.Div(id=ids.AGE, className="age")],
                className="column__head",
            ),
            _card(ids.ZSCORE_CARD, "z-score", "card--zscore"),
            _verdict(),
            _card(ids.HEDGE_CARD, "Hedge ratio", "card--metric"),
            _card(ids.SPREAD_CARD, "Spread", "card--metric"),
            _card(ids.CORRELATION_CARD, "Correlation", "card--metric"),
            _adf(),
            _card(ids.COSTS_CARD, "Costs", "card--costs"),
            html.Section(id=ids.AT_LEVEL, className="card card--at-level", **aria(label="Pairs at a level")),
            html.Section(id=ids.ALERT_FIRING, className="card card--firing", **aria(label="Alerts that fire now")),
            _adf_dialog(),
            dcc.Interval(id=ids.COSTS_TIMER, interval=COSTS_MS),
            Held(id=ids.COSTED),
        ],
        id=ids.CARDS,
        className="cards",
        **aria(label="Metrics of the pair"),
    )


def _waiting(label: str) -> list[Any]:
    return [
        html.H3(label, className="card__label"),
        html.P(numbers.DASH, className="card__value card__value--none"),
        html.P("waiting for the first answer", className="card__detail"),
    ]


def _card(card_id: str, label: str, kind: str) -> html.Section:
    return html.Section(_waiting(label), id=card_id, className=f"card {kind}", **aria(label=label))


def _verdict() -> html.Section:
    """The verdict, and below it what stays where it is while the verdict is drawn anew."""
    unfold = html.Button(
        [html.Span("Read all", className="when-folded"), html.Span("Fold", className="when-unfolded")],
        className="card__unfold",
        **aria(expanded="false", controls=ids.VERDICT_CARD),
    )
    link = dcc.Link("All tests and plots", href=DIAGNOSTICS.path, id=ids.ALL_TESTS, className="card__link")
    return html.Section(
        [html.Div(_waiting("Verdict"), id=ids.VERDICT_CARD), html.Div([unfold, link], className="card__more")],
        className="card card--verdict",
        **aria(label="Verdict"),
    )


def _adf() -> html.Section:
    run = html.Button("Run ADF test", id=ids.ADF_RUN, className="run", **{"data-opens": ids.ADF_DIALOG})  # type: ignore[arg-type]
    return html.Section(
        [html.Div(_waiting("ADF p-value"), id=ids.ADF_CARD), run],
        className="card card--metric card--adf",
        **aria(label="ADF p-value"),
    )


def _adf_dialog() -> html.Dialog:
    """Where the figures of a test that was asked for stand until they are closed."""
    close = html.Button("Close", className="dialog__close", **{"data-closes": ""})  # type: ignore[arg-type]
    return html.Dialog(
        [
            html.Div([html.H2(defined(terms.ADF, "dialog", "ADF test")), close], className="dialog__head"),
            html.Div("Running.", id=ids.ADF_RESULT, className="adf", role="status"),
        ],
        id=ids.ADF_DIALOG,
        className="dialog",
        **aria(label="ADF test"),
    )
