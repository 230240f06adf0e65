"""The REST routes: HTTP to Desk and back. Each awaits the analytics pool, so the event loop stays free."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from analytics.market import PairParams, PairQuery, Timeframe
from api.errors import error_body
from api.schemas import Health, History, Snapshot, SnapshotRequest, SymbolIn, TimeframeIn
from api.translate import health_answer, history_answer, snapshot_answer
from services.desk import Desk
from services.ports import Clock

_HISTORY_LIMIT = 100_000


def rest_routes(desk: Desk, clock: Clock, version: str) -> APIRouter:
    """Everything below `/api`. Include it before the page: Dash answers whatever is left over."""
    routes = APIRouter()

    @routes.get("/api/health", tags=["state"])
    @routes.get("/api/health/", include_in_schema=False)
    @routes.get("/health", include_in_schema=False)
    async def health() -> Health:
        """State of the source, of each symbol's feed, and of the store. Answers whatever the exchange does."""
        return health_answer(await desk.ask(desk.status), version)

    @routes.get("/api/data/history", tags=["data"])
    @routes.get("/api/data/history/", include_in_schema=False)
    async def history(
        symbol: SymbolIn,
        timeframe: TimeframeIn = "1s",
        limit: Annotated[int, Query(ge=1, le=_HISTORY_LIMIT, description="how many bars, newest last")] = 3000,
    ) -> History:
        """The newest bars of a symbol, ascending, the running one included."""
        frame = Timeframe(timeframe)
        bars = await desk.ask(desk.bars, symbol, frame, limit)
        return await desk.ask(history_answer, symbol, frame, bars)

    @routes.post("/api/analytics/snapshot", tags=["analytics"])
    @routes.post("/api/analytics/snapshot/", include_in_schema=False)
    async def snapshot(question: SnapshotRequest) -> Snapshot:
        """Hedge ratio, spread, z-score, correlation, tests and verdict of a pair, now."""
        params = PairParams(
            timeframe=Timeframe(question.timeframe),
            window_bars=question.window,
            include_intercept=question.include_intercept,
        )
        query = PairQuery(question.symbol_a, question.symbol_b, params)
        return snapshot_answer(await desk.ask(desk.analysis, query), clock.now_ms())

    @routes.api_route(
        "/api/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"], include_in_schema=False
    )
    async def nothing_here(request: Request) -> JSONResponse:
        body = error_body("not_found", f"there is no {request.method} {request.url.path}; /docs lists what there is")
        return JSONResponse(body, status_code=404)

    return routes
