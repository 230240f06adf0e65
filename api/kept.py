"""The routes of what the user keeps: preferences, watchlists, workspaces, and all of it as a file.

Every removal is answered with its number, and one call brings back what went.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from analytics.kept import Watchlist
from api.kept_schemas import (
    ImportOut,
    PairsIn,
    PreferencesIn,
    PreferencesOut,
    RemovedList,
    RemovedOut,
    WatchlistIn,
    WatchlistOut,
    Watchlists,
    WorkspaceChange,
    WorkspaceIn,
    WorkspaceOut,
    Workspaces,
)
from api.kept_translate import import_answer, pairs_in, removed_answer, watchlist_answer, workspace_answer
from api.numbers import iso_utc
from services.desk import Desk
from services.keeping import Keeping
from services.ports import Clock

_DOCUMENT = {
    "kind": "pairwatch kept",
    "format": 1,
    "preferences": {"theme": "light"},
    "watchlists": [{"name": "Majors", "pairs": [{"symbol_a": "btcusdt", "symbol_b": "ethusdt"}]}],
    "workspaces": [],
    "alerts": [
        {
            "name": "Far out",
            "pair": {"symbol_a": "btcusdt", "symbol_b": "ethusdt"},
            "conditions": [{"metric": "zscore", "operator": "abs>=", "threshold": 2.0, "leave": 1.5}],
        }
    ],
}
_FILE: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"example": _DOCUMENT}}}}
_EXPORT: dict[int | str, dict[str, Any]] = {
    200: {"description": "One JSON document.", "content": {"application/json": {"example": _DOCUMENT}}}
}


def kept_routes(desk: Desk, clock: Clock) -> APIRouter:
    """Everything that a user keeps."""
    routes = APIRouter(tags=["kept"])
    keeping = desk.keeping

    @routes.get("/api/kept/preferences")
    async def preferences() -> PreferencesOut:
        """Theme, colours, time zone, fees and the levels of a view that names none."""
        return PreferencesOut.model_validate(await desk.ask(keeping.preferences), from_attributes=True)

    @routes.put("/api/kept/preferences")
    async def prefer(fields: PreferencesIn) -> PreferencesOut:
        """Change the fields that are given. Effective at once in every open tab."""
        changed = await desk.ask(keeping.change_preferences, fields.model_dump(exclude_none=True))
        return PreferencesOut.model_validate(changed, from_attributes=True)

    @routes.get("/api/kept/export", responses=_EXPORT, response_class=Response)
    async def export() -> Response:
        """Everything as one JSON file, for `POST /api/kept/import` here or elsewhere."""
        stamp = iso_utc(clock.now_ms())[:19].replace("-", "").replace(":", "")
        return Response(
            await desk.ask(keeping.export),
            media_type="application/json",
            headers={"content-disposition": f'attachment; filename="pairwatch-kept-{stamp}Z.json"'},
        )

    @routes.post("/api/kept/import", openapi_extra=_FILE)
    async def take_in(
        request: Request, *, dry_run: Annotated[bool, Query(description="only tell what would change")] = False
    ) -> ImportOut:
        """Lay a file over what is kept, by name: nothing that it does not name goes, and what it replaces comes back
        by its `removal`. A file with a fault is refused whole.
        """
        text = await request.body()
        plan = await desk.ask(keeping.plan_import if dry_run else keeping.take_in, text)
        return import_answer(plan, applied=not dry_run)

    @routes.get("/api/kept/removed")
    async def removed() -> RemovedList:
        """What can be brought back, newest first."""
        return RemovedList(removed=[removed_answer(one) for one in await desk.ask(keeping.removed)])

    @routes.post("/api/kept/removed/{removal}/restore")
    async def restore(removal: int) -> RemovedOut:
        """Undo a removal, or what an import replaced. Its number is spent."""
        return removed_answer(await desk.ask(keeping.bring_back, removal))

    routes.include_router(_watchlist_routes(desk, keeping))
    routes.include_router(_workspace_routes(desk, keeping))
    return routes


def _watchlist_routes(desk: Desk, keeping: Keeping) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/watchlists")
    @routes.get("/api/watchlists/", include_in_schema=False)
    async def watchlists() -> Watchlists:
        """Every list, in the user's order."""
        return Watchlists(watchlists=[watchlist_answer(one) for one in await desk.ask(keeping.watchlists)])

    @routes.post("/api/watchlists", status_code=201)
    @routes.post("/api/watchlists/", status_code=201, include_in_schema=False)
    async def add(wanted: WatchlistIn) -> WatchlistOut:
        """Keep a new list; 409 where its name is taken."""
        return watchlist_answer(await desk.ask(lambda: keeping.add_watchlist(_list(wanted.name, wanted))))

    @routes.get("/api/watchlists/{name}")
    async def watchlist(name: str) -> WatchlistOut:
        """One list, by its name in any case."""
        return watchlist_answer(await desk.ask(keeping.watchlist, name))

    @routes.put("/api/watchlists/{name}")
    async def change(name: str, wanted: PairsIn) -> WatchlistOut:
        """Give a list other rows, another name, or both; without `pairs` its rows stay."""
        return watchlist_answer(await desk.ask(_changed_list, keeping, name, wanted))

    @routes.delete("/api/watchlists/{name}")
    async def remove(name: str) -> RemovedOut:
        """Remove a list; the answer's number brings it back."""
        return removed_answer(await desk.ask(keeping.remove_watchlist, name))

    return routes


def _workspace_routes(desk: Desk, keeping: Keeping) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/workspaces")
    @routes.get("/api/workspaces/", include_in_schema=False)
    async def workspaces() -> Workspaces:
        """Every named view."""
        return Workspaces(workspaces=[workspace_answer(one) for one in await desk.ask(keeping.workspaces)])

    @routes.post("/api/workspaces", status_code=201)
    @routes.post("/api/workspaces/", status_code=201, include_in_schema=False)
    async def save(wanted: WorkspaceIn) -> WorkspaceOut:
        """Keep a view under a name, in the place of the one that has it."""
        saved = await desk.ask(keeping.put_workspace, wanted.name, wanted.address, wanted.watchlist)
        return workspace_answer(saved)

    @routes.get("/api/workspaces/{name}")
    async def workspace(name: str) -> WorkspaceOut:
        """One view, by its name in any case."""
        return workspace_answer(await desk.ask(keeping.workspace, name))

    @routes.put("/api/workspaces/{name}")
    async def change(name: str, wanted: WorkspaceChange) -> WorkspaceOut:
        """Give a view another address, list or name."""
        return workspace_answer(
            await desk.ask(
                keeping.change_workspace,
                name,
                address=wanted.address,
                watchlist=wanted.watchlist,
                new_name=wanted.name,
            )
        )

    @routes.delete("/api/workspaces/{name}")
    async def remove(name: str) -> RemovedOut:
        """Remove a view; the answer's number brings it back."""
        return removed_answer(await desk.ask(keeping.remove_workspace, name))

    return routes


def _list(name: str, wanted: WatchlistIn) -> Watchlist:
    return Watchlist(name, pairs_in(wanted.pairs))


def _changed_list(keeping: Keeping, name: str, wanted: PairsIn) -> Watchlist:
    pairs = None if wanted.pairs is None else pairs_in(wanted.pairs)
    return keeping.change_watchlist(name, pairs=pairs, new_name=wanted.name)
