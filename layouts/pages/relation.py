"""The Diagnostics page: six plots of how the legs hang together, and beside them every test and estimate."""

from __future__ import annotations

from typing import Final

from dash import dcc, html

from analytics.definition import Definition
from layouts import ids, terms
from layouts.aria import aria
from layouts.defined import defined
from layouts.figures.blank import blank_figure
from layouts.figures.plot import CONFIG
from layouts.held import Held
from layouts.navigation import DIAGNOSTICS

# Each plot: its name, what it is, where its sentence stands, and how much room it takes.
_PLOTS: Final[tuple[tuple[str, Definition, str, str, str], ...]] = (
    ("Residual and CUSUM", terms.CUSUM, ids.RESIDUAL_PLOT, ids.RESIDUAL_TOLD, "plot--wide"),
    ("Hedge ratio", terms.RATIO_TRAIL, ids.RATIO_PLOT, ids.RATIO_TOLD, "plot--half"),
    ("p-value, Engle-Granger", terms.PVALUE_TRAIL, ids.PVALUE_PLOT, ids.PVALUE_TOLD, "plot--half"),
    ("Scatter with the fit", terms.HEDGE_RATIO, ids.SCATTER_PLOT, ids.SCATTER_TOLD, "plot--third"),
    ("Autocorrelation", terms.AUTOCORRELATION, ids.ACF_PLOT, ids.ACF_TOLD, "plot--third"),
    ("QQ, normal", terms.QUANTILES, ids.QQ_PLOT, ids.QQ_TOLD, "plot--third"),
)


def relation_page() -> html.Main:
    """The page before its first answer."""
    return html.Main(
        [
            html.Div(
                [
                    html.Div("Waiting for the first answer.", id=ids.RELATION_HEAD, className="page__head"),
                    html.Div(id=ids.RELATION_AGE, className="age"),
                ],
                className="page__head page__head--spread",
            ),
            html.Div(
                [
                    html.Div([_plot(*one) for one in _PLOTS], className="plots"),
                    html.Section(
                        id=ids.RELATION_TABLE, className="panel panel--evidence", **aria(label="Tests and estimates")
                    ),
                ],
                id=ids.RELATION_BODY,
                className="relation__columns",
            ),
            Held(id=ids.RELATED, data={}),
        ],
        className=f"sheet relation {DIAGNOSTICS.frame}",
    )


def _plot(name: str, term: Definition, plot_id: str, told_id: str, kind: str) -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    html.H3(defined(term, "plot", name), className="plot__title"),
                    html.Div(id=told_id, className="plot__told"),
                ],
                className="plot__head",
            ),
            html.Div(
                dcc.Graph(
                    id=plot_id,
                    figure=blank_figure(),
                    config=CONFIG,  # type: ignore[arg-type]  # a TypedDict that no module exports
                    className="chart",
                    responsive=True,
                ),
                className="plot__frame",
            ),
        ],
        className=f"panel plot {kind}",
        **aria(label=name),
    )
