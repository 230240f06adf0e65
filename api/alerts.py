"""The routes of alerts: rules and how they stand, their track record, their history."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Response

from analytics.alert_book import RecordedEvent
from analytics.alerts import EventKind
from api.alert_channels import channel_routes
from api.alert_schemas import (
    AlertChange,
    AlertIn,
    AlertOut,
    Alerts,
    Events,
    RecordOut,
    RemovedAlerts,
    ToggleIn,
)
from api.alert_translate import (
    CSV_HEADER,
    alert_answer,
    changed_fields,
    csv_rows,
    event_answer,
    new_rule,
    record_answer,
    removed_answer,
)
from api.download import Download
from api.numbers import iso_utc
from services.alerting import Alerting
from services.desk import Desk
from services.ports import Clock

_CSV_PAGE: Final = 500

AlertId = Annotated[int, Path(ge=1, le=2**53)]
Kind = Literal["fired", "repeated", "resolved", "all"]
OfAlert = Annotated[int | None, Query(description="of this rule only")]
Source = Annotated[
    Literal["live", "demo", "replay"] | None, Query(description="of this market; the one that runs if not given")
]
Since = Annotated[int | None, Query(description="exchange time in ms, included")]
Until = Annotated[int | None, Query(description="exchange time in ms, not included")]
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "A line an event, newest first.", "content": {"text/csv": {"example": CSV_HEADER}}}
}


def alert_routes(desk: Desk, clock: Clock) -> APIRouter:
    """Everything below `/api/alerts`."""
    routes = APIRouter(tags=["alerts"])
    alerting = desk.alerting
    routes.include_router(_history_routes(desk, alerting, clock))
    routes.include_router(channel_routes(desk, alerting))
    routes.include_router(_removal_routes(desk, alerting))
    routes.include_router(_rule_routes(desk, alerting))
    routes.include_router(_deed_routes(desk, alerting))
    return routes


def _rule_routes(desk: Desk, alerting: Alerting) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/alerts")
    @routes.get("/api/alerts/", include_in_schema=False)
    async def alerts() -> Alerts:
        """Every rule with how it stands in the market that runs."""
        rows = await desk.ask(alerting.rows)
        banner = await desk.ask(alerting.banner)
        return Alerts(alerts=[alert_answer(row) for row in rows], firing=alerting.firing(), banner=banner)

    @routes.post("/api/alerts", status_code=201)
    @routes.post("/api/alerts/", status_code=201, include_in_schema=False)
    async def add(wanted: AlertIn) -> AlertOut:
        """Keep a new rule; it is judged from now on, whether or not anybody looks."""
        return await desk.ask(_added, alerting, wanted)

    @routes.post("/api/alerts/record")
    async def record_before(wanted: AlertIn) -> RecordOut:
        """What such a rule would have done in the last 30 days of stored bars; nothing is kept."""
        return record_answer(await desk.ask(lambda: alerting.record_of(new_rule(wanted))))

    @routes.get("/api/alerts/{alert_id}")
    @routes.get("/api/alerts/{alert_id}/", include_in_schema=False)
    async def alert(alert_id: AlertId) -> AlertOut:
        """One rule with how it stands."""
        return alert_answer(await desk.ask(alerting.row, alert_id))

    @routes.patch("/api/alerts/{alert_id}")
    @routes.patch("/api/alerts/{alert_id}/", include_in_schema=False)
    async def change(alert_id: AlertId, wanted: AlertChange) -> AlertOut:
        """Give some fields other values."""
        return await desk.ask(_changed, alerting, alert_id, wanted)

    @routes.delete("/api/alerts/{alert_id}", status_code=204)
    @routes.delete("/api/alerts/{alert_id}/", status_code=204, include_in_schema=False)
    async def remove(alert_id: AlertId) -> Response:
        """Resolve what is open and remove the rule; the header `removal` is the number that brings it back."""
        removal = await desk.ask(alerting.remove, alert_id)
        return Response(status_code=204, headers={"removal": str(removal)})

    return routes


def _deed_routes(desk: Desk, alerting: Alerting) -> APIRouter:
    routes = APIRouter()

    @routes.put("/api/alerts/{alert_id}/toggle")
    @routes.put("/api/alerts/{alert_id}/toggle/", include_in_schema=False)
    @routes.post("/api/alerts/{alert_id}/toggle")
    @routes.post("/api/alerts/{alert_id}/toggle/", include_in_schema=False)
    async def toggle(
        alert_id: AlertId,
        body: ToggleIn | None = None,
        *,
        active: Annotated[bool | None, Query(description="null turns it over; the body may say it as well")] = None,
    ) -> AlertOut:
        """Switch a rule on or off; what is open is resolved."""
        wanted = active if active is not None or body is None else body.active
        await desk.ask(alerting.toggle, alert_id, wanted)
        return alert_answer(await desk.ask(alerting.row, alert_id))

    @routes.post("/api/alerts/{alert_id}/duplicate", status_code=201)
    async def duplicate(alert_id: AlertId) -> AlertOut:
        """A copy under another name, which is not active until somebody says so."""
        copy = await desk.ask(alerting.duplicate, alert_id)
        return alert_answer(await desk.ask(alerting.row, copy.id))

    @routes.get("/api/alerts/{alert_id}/record")
    async def record(alert_id: AlertId) -> RecordOut:
        """What the rule would have done in the last 30 days of stored bars."""
        return record_answer(await desk.ask(lambda: alerting.record_of(alerting.row(alert_id).rule)))

    return routes


def _removal_routes(desk: Desk, alerting: Alerting) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/alerts/removed")
    async def removed() -> RemovedAlerts:
        """What can be brought back, newest first."""
        return RemovedAlerts(removed=[removed_answer(one) for one in await desk.ask(alerting.removed)])

    @routes.post("/api/alerts/removed/{removal}/restore")
    async def restore(removal: int) -> AlertOut:
        """Undo a removal: the rule under its old id."""
        rule = await desk.ask(alerting.bring_back, removal)
        return alert_answer(await desk.ask(alerting.row, rule.id))

    return routes


def _history_routes(desk: Desk, alerting: Alerting, clock: Clock) -> APIRouter:
    routes = APIRouter()

    @routes.get("/api/alerts/history")
    @routes.get("/api/alerts/history/", include_in_schema=False)
    async def history(
        alert_id: OfAlert = None,
        kind: Kind = "fired",
        source: Source = None,
        since_ms: Since = None,
        until_ms: Until = None,
        before: Annotated[int | None, Query(description="`next` of the page before")] = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    ) -> Events:
        """What was told, newest first: firings, or of another `kind`, or `all`."""
        filters: dict[str, Any] = {"kind": _kind(kind), "source": source, "since_ms": since_ms, "until_ms": until_ms}
        return await desk.ask(_page, alerting, alert_id, before, limit, filters)

    @routes.get("/api/alerts/history.csv", responses=_CSV, response_class=Response)
    async def history_csv(
        alert_id: OfAlert = None,
        kind: Kind = "all",
        source: Source = None,
        since_ms: Since = None,
        until_ms: Until = None,
    ) -> Download:
        """The same as a file: all of it that is kept, with the numbers that each event rests on."""
        filters: dict[str, Any] = {"kind": _kind(kind), "source": source, "since_ms": since_ms, "until_ms": until_ms}
        where = source or alerting.source
        # The first page is read before the answer begins, so that a question without an answer is an error.
        first = await desk.ask(lambda: alerting.events(alert_id, None, _CSV_PAGE, **filters))
        stamp = iso_utc(clock.now_ms())[:19].replace("-", "").replace(":", "")
        name = f"pairwatch-{'' if where == 'live' else f'{where}-'}alerts-{stamp}Z.csv"
        return Download(
            chain((CSV_HEADER,), map(csv_rows, _pages(alerting, alert_id, first, filters))),
            media_type="text/csv",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    return routes


def _added(alerting: Alerting, wanted: AlertIn) -> AlertOut:
    return alert_answer(alerting.row(alerting.add(new_rule(wanted)).id))


def _changed(alerting: Alerting, alert_id: int, wanted: AlertChange) -> AlertOut:
    fields = changed_fields(alerting.row(alert_id).rule, wanted)
    if fields:
        alerting.change(alert_id, **fields)
    return alert_answer(alerting.row(alert_id))


def _page(alerting: Alerting, alert_id: int | None, before: int | None, limit: int, filters: dict[str, Any]) -> Events:
    found = alerting.events(alert_id, before, limit, **filters)
    live = tuple(one.event.id for one in found if one.source == "live")
    deliveries = alerting.deliveries(live) if live else {}
    return Events(
        events=[event_answer(one, deliveries.get(one.event.id, ()) if one.source == "live" else ()) for one in found],
        next=found[-1].row if len(found) == limit else None,
    )


def _pages(
    alerting: Alerting, alert_id: int | None, first: tuple[RecordedEvent, ...], filters: dict[str, Any]
) -> Iterator[tuple[RecordedEvent, ...]]:
    page = first
    while page:
        yield page
        page = alerting.events(alert_id, page[-1].row, _CSV_PAGE, **filters) if len(page) == _CSV_PAGE else ()


def _kind(kind: Kind) -> EventKind | None:
    return None if kind == "all" else kind
