"""The rows of a watchlist as numbers: what the screen shows of each pair, made once for all who ask."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from analytics.glance import PairGlance
from analytics.kept import Watchlist
from analytics.results import Unavailable
from analytics.status import FeedState
from api.numbers import iso_utc, number
from services.desk import Desk


class WatchRow(BaseModel):
    """One pair. Null where there is no number; `unavailable` has the reason, `reason` that of the whole row.

    half_life_seconds: null on tick.  qvalue: over the list.  beyond_since: since when z has been at its entry level or
    farther out, null inside; at_least: the rows held begin with it.
    """

    symbol_a: str
    symbol_b: str
    timeframe: str
    window: int
    zscore: float | None
    half_life_bars: float | None
    half_life_seconds: float | None
    pvalue: float | None
    qvalue: float | None
    outcome: Literal["cointegrated", "not shown", "cannot say"]
    headline: str
    correlation: float | None
    hedge_ratio: float | None
    clean_share: float | None
    beyond_since: str | None
    at_least: bool
    state: FeedState
    age_ms: int | None
    reason: str | None
    unavailable: dict[str, str]


class WatchRows(BaseModel):
    """The rows of a list, in the user's order. entry_zscore: the level that `beyond_since` is measured at."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "Majors", "entry_zscore": 2.0, "rows": []}})

    name: str
    entry_zscore: float
    rows: list[WatchRow]


def watch_row_routes(desk: Desk) -> APIRouter:
    """The numbers of the watchlists."""
    routes = APIRouter(tags=["kept"])

    @routes.get("/api/watchlists/{name}/rows")
    async def rows(name: str) -> WatchRows:
        """Every pair of a list now; a pair that cannot be told says why in its own row. At most 2 s old."""
        return await desk.ask(_rows, desk, name)

    return routes


def _rows(desk: Desk, name: str) -> WatchRows:
    found: Watchlist = desk.keeping.watchlist(name)
    entry = desk.keeping.preferences().entry_zscore
    glances = desk.glances([one.query for one in found.pairs], [entry] * len(found.pairs))
    return WatchRows(name=found.name, entry_zscore=entry, rows=[_row(glance) for glance in glances])


def _row(glance: PairGlance) -> WatchRow:
    figures = {
        "zscore": glance.zscore,
        "half_life_bars": glance.half_life_bars,
        "correlation": glance.correlation,
        "hedge_ratio": glance.hedge_ratio,
    }
    query, beyond = glance.query, glance.beyond
    return WatchRow(
        symbol_a=query.y_symbol.lower(),
        symbol_b=query.x_symbol.lower(),
        timeframe=query.params.timeframe.value,
        window=query.params.window_bars,
        **{name: number(value) for name, value in figures.items()},
        half_life_seconds=None if glance.half_life_ms is None else glance.half_life_ms / 1000,
        pvalue=glance.pvalue,
        qvalue=glance.qvalue,
        outcome=glance.outcome,
        headline=glance.headline,
        clean_share=glance.clean_share,
        beyond_since=None if beyond is None else iso_utc(beyond.since_ms),
        at_least=beyond is not None and beyond.at_least,
        state=glance.state,
        age_ms=glance.age_ms,
        reason=glance.reason,
        unavailable={name: value.reason for name, value in figures.items() if isinstance(value, Unavailable)},
    )
