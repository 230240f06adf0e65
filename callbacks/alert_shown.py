"""What pages show of alerts: the news that every page hears, and the tables of their own page. Runs on the pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from dash import no_update

from analytics.alert_book import RecordedEvent
from analytics.alert_view import AlertRow
from callbacks.door import Door
from layouts.alert_channels import ChannelFacts, channels_table
from layouts.alert_history import EVENTS_A_PAGE, history_head
from layouts.alert_news import BANNER_CLASS, NO_BANNER_CLASS, alert_banner, alert_news
from layouts.alert_tables import history_table, rules_note, rules_table
from layouts.zone import Zone
from services.alerting import ChannelRow


def heard(desk: Door, since: int | None, known: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """What fires and what was told since, up to where, and the banner; nothing of what the page knows already.

    since: None for a page that begins: what was told before is in the history. Raises StoreError.
    """
    alerting = desk.alerting
    news, trouble = alerting.news(since), alerting.banner()
    told = alert_news(alerting.rows(), news, bases_of(desk))
    same = known is not None and not told["told"] and not told["missed"] and told["firing"] == known["firing"]
    banner_class = BANNER_CLASS if trouble else NO_BANNER_CLASS
    return (no_update if same else told), news.upto, alert_banner(trouble), banner_class


def shown(desk: Door, view: Mapping[str, Any], zone: Zone, known: Mapping[str, int]) -> tuple[Any, ...]:
    """The parts of the Alerts page that would look different, in the order of its outputs, and marks of all parts.

    Raises StoreError.
    """
    alerting, bases = desk.alerting, bases_of(desk)
    rows, now_ms = alerting.rows(), desk.status().now_ms
    events, older = _page(desk, view)
    parts: dict[str, Any] = {
        "note": rules_note(rows),
        "rows": _rules(rows, bases, view, now_ms, zone),
        "head": history_head([row.rule for row in rows], view, older=older),
        "history": history_table(
            events, alerting.deliveries(tuple(one.event.id for one in events)), bases, now_ms=now_ms, zone=zone
        ),
        "channels": channels_table([_facts(one) for one in alerting.channels()], now_ms, zone),
    }
    marks = {name: crc32(repr(part).encode()) for name, part in parts.items()}
    changed = (no_update if known.get(name) == marks[name] else part for name, part in parts.items())
    return (*changed, no_update if marks == known else marks)


def bases_of(desk: Door) -> dict[str, str]:
    """Short names of symbols."""
    return {listing.symbol: listing.base for listing in desk.listings()}


def _rules(
    rows: tuple[AlertRow, ...], bases: Mapping[str, str], view: Mapping[str, Any], now_ms: int, zone: Zone
) -> Any:
    return rules_table(
        rows, bases, sort=view["sort"], down=view["down"], find=view["find"] or "", now_ms=now_ms, zone=zone
    )


def _page(desk: Door, view: Mapping[str, Any]) -> tuple[tuple[RecordedEvent, ...], int | None]:
    """A page of the history, and the cursor of the next one."""
    number: Callable[[Any], int | None] = lambda text: int(text) if text else None  # noqa: E731
    found = desk.alerting.events(
        number(view["rule"]), number(view["before"]), EVENTS_A_PAGE + 1, kind=view["kind"] or None
    )
    events = found[:EVENTS_A_PAGE]
    return events, events[-1].row if len(found) > EVENTS_A_PAGE else None


def _facts(one: ChannelRow) -> ChannelFacts:
    health = one.health
    return ChannelFacts(one.channel, health.words, health.failures, health.receipt, health.sent_ms)
