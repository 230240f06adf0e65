"""The routes below `/api/data`: what is stored, what is missing, and both as a file."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from analytics.market import Timeframe
from api.download import Download
from api.export import opened_export
from api.schemas import Gaps, History, SymbolIn, TimeframeIn
from api.table import BAR_HEADER
from api.translate import gaps_answer, history_answer
from services.desk import Desk
from services.ports import Clock

_HISTORY_LIMIT = 100_000
_CSV: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file. Ranges of ids that are lost for good stand before the header, as comments.",
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "# lost btcusdt 5182005801 5182005838 the exchange does not have them\n"
                f"{BAR_HEADER}2026-01-31T23:59:59.000Z,1769903999000,btcusdt,"
                "63950.1,63958.4,63950.0,63958.4,1.284,37,partial\n",
            }
        },
    }
}


def data_routes(desk: Desk, clock: Clock) -> APIRouter:
    """History, holes and export."""
    routes = APIRouter(prefix="/api/data", tags=["data"])

    @routes.get("/history")
    @routes.get("/history/", include_in_schema=False)
    async def history(
        symbol: SymbolIn,
        timeframe: TimeframeIn = "1s",
        limit: Annotated[int, Query(ge=1, le=_HISTORY_LIMIT, description="how many bars, newest last")] = 3000,
    ) -> History:
        """The newest bars of a symbol, ascending, the running one included."""
        frame = Timeframe(timeframe)
        bars = await desk.ask(desk.bars, symbol, frame, limit)
        return await desk.ask(history_answer, symbol, frame, bars)

    @routes.get("/gaps")
    @routes.get("/gaps/", include_in_schema=False)
    async def gaps(symbol: SymbolIn | None = None) -> Gaps:
        """The ledger of holes, oldest first: of one symbol, or of all. Ids are inclusive; nothing is left out.

        OPEN: still to be filled. FILLED: every trade of it is stored. LOST: the exchange no longer has it.
        """
        return gaps_answer(await desk.ask(desk.gaps, symbol))

    @routes.get("/export", response_class=Download, responses=_CSV)
    @routes.get("/export/", include_in_schema=False)
    async def export(
        symbol: SymbolIn,
        timeframe: TimeframeIn = "1s",
        limit: Annotated[int | None, Query(ge=1, description="the newest N rows; without it everything stored")] = None,
    ) -> Download:
        """What is stored, as CSV: bars, or with `timeframe=tick` every trade, ascending by id.

        `quality` is complete, backfilled (whole, but some of it came later over REST) or partial (a hole touches it).
        A transfer that ends without its end of file is not whole: the server broke it off.
        """
        # Not on the Desk's own pool: with a limit it reads for seconds until it knows where to begin.
        download = await run_in_threadpool(opened_export, desk, symbol, Timeframe(timeframe), limit, clock.now_ms())
        return Download(
            download.chunks,
            media_type="text/csv; charset=utf-8",
            headers={"content-disposition": f'attachment; filename="{download.file_name}"'},
        )

    return routes
