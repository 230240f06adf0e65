"""The routes of datasets: a file comes in, is listed, renamed, removed and brought back."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from analytics.datasets import bare, within
from analytics.market import Timeframe
from api.dataset_schemas import (
    DatasetName,
    DatasetOut,
    DatasetRemoved,
    Datasets,
    DatasetsRemoved,
    DatasetSymbol,
    RejectedRow,
    Uploaded,
)
from api.numbers import iso_utc
from api.schemas import SymbolIn, TimeframeIn
from api.translate import history_answer
from api.upload_body import MOST_BYTES, received_file
from services.dataset_facts import DatasetFacts, RemovedDataset, TakenIn
from services.desk import Desk

_HISTORY_BARS = 3_000
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


def upload_route(desk: Desk) -> APIRouter:
    """A file comes in."""
    routes = APIRouter(tags=["data"])

    @routes.post("/api/data/upload", openapi_extra=_FORM)
    @routes.post("/api/data/upload/", include_in_schema=False)
    async def upload(
        request: Request,
        symbol: Annotated[SymbolIn | None, Query(description="whose data, where the file does not tell")] = None,
        timeframe: Annotated[TimeframeIn | None, Query(description="of the bars in the answer")] = None,
        dataset: Annotated[str | None, Query(max_length=200, description="name; an existing one gets the file")] = None,
    ) -> Uploaded:
        """A CSV file of trades or bars, plain, gz or zip, as a dataset; its symbols are asked as `BTCUSDT@NAME`.

        Read are exports of Pairwatch and Binance's archives of aggTrades, trades and klines. All of it is stored when
        this answers, or nothing.
        """
        told = request.headers.get("content-length", "")
        expected = min(int(told), MOST_BYTES) if told.isdigit() else 0
        frame = Timeframe(timeframe) if timeframe is not None else None
        with desk.datasets.incoming(expected) as folder:
            path = folder / "file"
            name = await received_file(request, path)
            # Not on the Desk's own pool: taking in a long file lasts a minute.
            taken = await run_in_threadpool(
                desk.datasets.take_in, folder, path, name, symbol=symbol, dataset=dataset, timeframe=frame
            )
        return await desk.ask(_uploaded, desk, taken, symbol, frame)

    return routes


def dataset_routes(desk: Desk) -> APIRouter:
    """What becomes of the datasets."""
    routes = APIRouter(tags=["data"])

    @routes.get("/api/datasets")
    async def datasets() -> Datasets:
        """Every dataset, the newest first."""
        return Datasets(datasets=[_dataset(facts) for facts in await desk.ask(desk.datasets.all)])

    @routes.get("/api/datasets/removed")
    async def removed() -> DatasetsRemoved:
        """What was removed within a day and can be brought back, the newest first."""
        return DatasetsRemoved(removed=[_removed(one) for one in await desk.ask(desk.datasets.removed)])

    @routes.post("/api/datasets/removed/{removal}/restore")
    async def restore(removal: int) -> DatasetOut:
        """Bring one back under its name."""
        return _dataset(await desk.ask(desk.datasets.bring_back, removal))

    @routes.get("/api/datasets/{name}")
    async def dataset_named(name: str) -> DatasetOut:
        """One dataset."""
        return _dataset(await desk.ask(desk.datasets.facts, name))

    @routes.put("/api/datasets/{name}")
    async def rename(name: str, new: DatasetName) -> DatasetOut:
        """Give it another name; its symbols are asked by that from now on."""
        return _dataset(await desk.ask(desk.datasets.rename, name, new.name))

    @routes.delete("/api/datasets/{name}")
    async def remove(name: str) -> DatasetRemoved:
        """Remove it; for a day `removal` brings it back."""
        return _removed(await desk.ask(desk.datasets.remove, name))

    return routes


def _uploaded(desk: Desk, taken: TakenIn, symbol: str | None, timeframe: Timeframe | None) -> Uploaded:
    asked = bare(symbol) if symbol is not None and bare(symbol) in taken.symbols else taken.symbols[0]
    own = taken.dataset.symbols[asked].timeframe
    frame = timeframe or (Timeframe.S1 if own is Timeframe.TICK else own)
    shown = within(asked, taken.dataset.name)
    history = history_answer(shown, frame, desk.bars(shown, frame, _HISTORY_BARS))
    return Uploaded(
        **history.model_dump(),
        dataset=taken.dataset.name,
        symbols=[one for one in _dataset(taken.dataset).symbols if one.symbol.upper() in taken.symbols],
        format=taken.format,
        time_unit=taken.time_unit,
        rows=taken.rows,
        stored=taken.stored,
        duplicates=taken.duplicates,
        rejected_rows=taken.rejected_rows,
        rejected=[RejectedRow(line=one.line, column=one.column, reason=one.reason) for one in taken.rejected],
        in_order=taken.disordered == 0,
        disordered_rows=taken.disordered,
        partial_bars=taken.partial,
        missing_ids=taken.missing_ids,
    )


def _dataset(facts: DatasetFacts) -> DatasetOut:
    return DatasetOut(
        name=facts.name,
        made_at=iso_utc(facts.made_ms),
        files=list(facts.files),
        symbols=[
            DatasetSymbol(
                symbol=symbol.lower(),
                ask_as=within(symbol, facts.name),
                kind=one.kind,
                timeframe=one.timeframe.value,
                rows=one.rows,
                first_ts=iso_utc(one.first_ms),
                last_ts=iso_utc(one.last_ms),
            )
            for symbol, one in facts.symbols.items()
        ],
    )


def _removed(one: RemovedDataset) -> DatasetRemoved:
    return DatasetRemoved(removal=one.removal, name=one.name, until=iso_utc(one.until_ms))
