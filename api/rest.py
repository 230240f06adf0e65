"""The REST routes: HTTP to Desk and back. Each awaits the analytics pool, so the event loop stays free."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from analytics.errors import PairwatchError
from analytics.market import PairParams, PairQuery, Timeframe
from analytics.status import Diagnostics, MarketStatus, StoreFacts
from api.alerts import alert_routes
from api.data import data_routes
from api.datasets import dataset_routes, upload_route
from api.errors import error_body
from api.kept import kept_routes
from api.pair_schemas import Snapshot, SnapshotRequest
from api.pair_translate import snapshot_answer
from api.schemas import Health
from api.translate import health_answer
from api.watch_rows import watch_row_routes
from services.desk import Desk
from services.ports import Clock


def rest_routes(desk: Desk, clock: Clock, version: str) -> APIRouter:
    """Everything below `/api`. Include it before the page: Dash answers whatever is left over."""
    routes = APIRouter()

    @routes.get("/api/health", tags=["state"])
    @routes.get("/api/health/", include_in_schema=False)
    @routes.get("/health", include_in_schema=False)
    async def health() -> Health:
        """State of the source, of each symbol's feed, and of the store. Answers whatever the exchange does."""
        # Not on the Desk's own pool: four questions that hang on a locked disk must not silence it.
        return health_answer(*await run_in_threadpool(_state, desk), version)

    routes.include_router(data_routes(desk, clock))
    routes.include_router(upload_route(desk))
    routes.include_router(dataset_routes(desk))
    routes.include_router(kept_routes(desk, clock))
    routes.include_router(watch_row_routes(desk))
    routes.include_router(alert_routes(desk, clock))

    @routes.post("/api/analytics/snapshot", tags=["analytics"])
    @routes.post("/api/analytics/snapshot/", include_in_schema=False)
    async def snapshot(question: SnapshotRequest) -> Snapshot:
        """Hedge ratio, spread, z-score, correlation, tests and verdict of a pair, and what a trade on it costs, now."""
        params = PairParams(
            timeframe=Timeframe(question.timeframe),
            window_bars=question.window,
            lookback_bars=question.lookback,
            hedge=question.hedge,
            include_intercept=question.include_intercept,
            price_scale=question.price_scale,
            fixed_ratio=question.fixed_ratio,
            correlation=question.correlation,
            exit_zscore=question.exit_zscore,
        )
        query = PairQuery(question.symbol_a, question.symbol_b, params)
        analysis = await desk.ask(desk.study, query)
        return snapshot_answer(analysis, await desk.ask(desk.costs_of, analysis), clock.now_ms())

    @routes.api_route(
        "/api/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"], include_in_schema=False
    )
    async def nothing_here(request: Request) -> JSONResponse:
        body = error_body("not_found", f"there is no {request.method} {request.url.path}; /docs lists what there is")
        return JSONResponse(body, status_code=404)

    return routes


def _state(desk: Desk) -> tuple[MarketStatus, Diagnostics]:
    """Health answers whatever the store does: what it cannot say of itself becomes its trouble."""
    status = desk.status()
    try:
        return status, desk.diagnostics()
    except PairwatchError as error:
        return status, Diagnostics(store=StoreFacts(trouble=str(error)))
