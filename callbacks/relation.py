"""The Diagnostics page: every plot and the table of one study, sent only when there is a newer one."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from analytics.analysis import PairAnalysis
from analytics.datasets import dataset_of
from analytics.errors import PairwatchError
from analytics.evidence import Evidence
from analytics.market import PairQuery
from callbacks.door import Door
from layouts import ids, relation
from layouts.address import parsed, written
from layouts.figures.autocorrelation import autocorrelation_plot
from layouts.figures.plot import Plot
from layouts.figures.pvalue_trail import pvalue_trail_plot
from layouts.figures.quantiles import quantile_plot
from layouts.figures.ratio_trail import ratio_trail_plot
from layouts.figures.residual import residual_plot
from layouts.figures.scatter import scatter_plot
from layouts.legs import Legs, legs
from layouts.look import Look, look_of
from layouts.navigation import DIAGNOSTICS

_PLOTS: Final = (
    ids.RESIDUAL_PLOT, ids.RATIO_PLOT, ids.PVALUE_PLOT, ids.SCATTER_PLOT, ids.ACF_PLOT, ids.QQ_PLOT,
)  # fmt: skip
_TOLD: Final = (
    ids.RESIDUAL_TOLD, ids.RATIO_TOLD, ids.PVALUE_TOLD, ids.SCATTER_TOLD, ids.ACF_TOLD, ids.QQ_TOLD,
)  # fmt: skip


def register(app: Dash, desk: Door) -> None:
    """Put the page's callback into the app."""

    @app.callback(
        Output(ids.RELATED, "data"),
        Output(ids.RELATION_HEAD, "tree"),
        Output(ids.RELATION_TABLE, "tree"),
        *(Output(name, "tree") for name in _TOLD),
        *(Output(name, "figure") for name in _PLOTS),
        Input(ids.RELATE_TIMER, "n_intervals"),
        Input(ids.PAGE, "data"),
        Input(ids.QUERY, "data"),
        Input(ids.LOOK, "data"),
        State(ids.RELATED, "data"),
        running=[(Output(ids.RELATE_TIMER, "disabled"), True, False)],
    )
    async def relate(_n: int, page: str | None, held: str | None, look: dict[str, Any], shown: dict[str, Any]) -> Any:
        if held is None or page != DIAGNOSTICS.name:
            raise PreventUpdate
        query = parsed(held, desk.default_query())
        try:
            return await desk.ask(_study, desk, query, look_of(look), shown)
        except PairwatchError as error:
            return (no_update, str(error), *(no_update,) * (1 + len(_TOLD) + len(_PLOTS)))


def _study(desk: Door, query: PairQuery, look: Look, shown: dict[str, Any]) -> tuple[Any, ...]:
    """Everything on the page, in the order of its outputs. Raises PreventUpdate when the page shows it already."""
    status = desk.status()
    known = status.symbols.keys()
    if not (known or dataset_of(query.y_symbol)):
        raise PreventUpdate
    if not {query.y_symbol, query.x_symbol} <= known:
        desk.watch(query.y_symbol, query.x_symbol)  # the source has switched to a market that did not know them
    desk.live(query)  # asking for it is what makes a newer version
    newest = {"view": written(query), "version": desk.version(query), "look": crc32(repr(look).encode())}
    if newest == {name: shown.get(name) for name in newest}:
        raise PreventUpdate
    analysis = desk.study(query)
    if analysis.evidence is None:
        raise PreventUpdate
    pair = legs(query, desk.listings())
    plots = _plots(analysis, analysis.evidence, pair, look)
    kinds = [plot.kind for plot in plots]
    return (
        {**newest, "kinds": kinds},
        relation.head(analysis, pair),
        relation.evidence_table(analysis, analysis.evidence, pair),
        *_sentences(analysis, analysis.evidence, pair, status.now_ms),
        *(
            _renewed(plot, same=kind == before)
            for plot, kind, before in zip(plots, kinds, shown.get("kinds") or [""] * len(kinds), strict=True)
        ),
    )


def _renewed(plot: Plot, *, same: bool) -> Any:
    """The whole plot, or where one of its kind is drawn already what is new of it."""
    if not same:
        return plot.figure()
    return plot.patch() if plot.traces else no_update


def _plots(analysis: PairAnalysis, evidence: Evidence, pair: Legs, look: Look) -> tuple[Plot, ...]:
    """In the order of `_PLOTS`."""
    view = written(analysis.query)
    return (
        residual_plot(analysis, pair, analysis.stability, look),
        ratio_trail_plot(analysis, pair, evidence.ratio_trail, look),
        pvalue_trail_plot(view, evidence.pvalue_trail, look),
        scatter_plot(analysis, pair, look),
        autocorrelation_plot(view, evidence.residual, look),
        quantile_plot(view, evidence.residual, look),
    )


def _sentences(analysis: PairAnalysis, evidence: Evidence, pair: Legs, now_ms: int) -> tuple[Any, ...]:
    """In the order of `_TOLD`."""
    return (
        relation.residual_told(analysis, pair, now_ms),
        relation.ratio_told(analysis, evidence.ratio_trail),
        relation.pvalue_told(evidence.pvalue_trail),
        relation.scatter_told(analysis),
        relation.autocorrelation_told(evidence.residual),
        relation.quantiles_told(evidence.residual),
    )
