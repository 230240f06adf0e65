"""The routes of the receivers of alerts. Secrets come in and never go out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from analytics.alert_channels import Channel
from analytics.kept_checks import LONGEST_NAME, checked_name
from api.alert_schemas import ChannelIn, ChannelOut, Channels, TrialOut
from api.alert_translate import channel_answer, channel_of
from services.alerting import Alerting
from services.delivery.webhook import new_secret
from services.desk import Desk

ChannelName = Annotated[str, Path(min_length=1, max_length=4 * LONGEST_NAME)]


def channel_routes(desk: Desk, alerting: Alerting) -> APIRouter:
    """Everything below `/api/alerts/channels`."""
    routes = APIRouter()

    @routes.get("/api/alerts/channels")
    @routes.get("/api/alerts/channels/", include_in_schema=False)
    async def channels() -> Channels:
        """Every receiver and how it does."""
        return Channels(channels=[channel_answer(row) for row in await desk.ask(alerting.channels)])

    @routes.put("/api/alerts/channels/{name}")
    async def put(name: ChannelName, wanted: ChannelIn) -> ChannelOut:
        """Keep a receiver under a name, in the place of the one that has it."""
        return await desk.ask(_put, alerting, name, wanted)

    @routes.delete("/api/alerts/channels/{name}", status_code=204)
    async def remove(name: ChannelName) -> Response:
        """Remove a receiver and its secrets, for good."""
        await desk.ask(alerting.remove_channel, name)
        return Response(status_code=204)

    @routes.post("/api/alerts/channels/{name}/test")
    async def test(name: ChannelName) -> TrialOut:
        """Send one test message now and tell what was answered."""
        said = await desk.ask(alerting.test_channel, name)
        return TrialOut(delivered=said.fate == "accepted", receipt=said.receipt)

    return routes


def _put(alerting: Alerting, name: str, wanted: ChannelIn) -> ChannelOut:
    held = _held(alerting, checked_name("channel", name))
    made = new_secret() if held is None and wanted.kind == "webhook" and wanted.signing is None else None
    kept = alerting.put_channel(channel_of(name if held is None else held.name, wanted, held, made))
    row = next(row for row in alerting.channels() if row.channel.name == kept.name)
    return channel_answer(row, made)


def _held(alerting: Alerting, name: str) -> Channel | None:
    known = (row.channel for row in alerting.channels())
    return next((one for one in known if one.name.casefold() == name.casefold()), None)
