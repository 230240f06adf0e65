"""What carries the data, on the Diagnostics page: connections, REST allowance, store, and what was set aside."""

from __future__ import annotations

from typing import Any, Final

from dash import html

from analytics.status import Diagnostics, FeedLink, MarketStatus, RestFacts
from layouts import numbers
from layouts.aria import aria
from layouts.marks import mark
from layouts.moments import stamp
from layouts.symbols import state_cell
from layouts.tables import Column, facts, table
from layouts.zone import UTC_ZONE, Zone

_LINKS: Final = (
    Column("Route"),
    Column("State", "wide"),
    Column("Symbols", "number"),
)
_SET_ASIDE: Final = (Column("Reason"), Column("Symbol"), Column("Begins with", "wide"))
_SAMPLE: Final = 160


def links_table(diagnostics: Diagnostics, now_ms: int, zone: Zone = UTC_ZONE) -> Any:
    """A row a connection to the exchange."""
    rows = [_link(link, now_ms, zone) for link in diagnostics.links]
    times = (Column(f"Since, {zone.place}", "number"), Column("Renewal", "number"), Column("Reconnects", "number"))
    return table("Connections to the exchange", (*_LINKS, *times), rows, none="No connection. A recording needs none.")


def allowance(diagnostics: Diagnostics, now_ms: int, zone: Zone = UTC_ZONE) -> list[Any]:
    """How much of the REST allowance is used, and until when nothing may be asked."""
    rest = diagnostics.rest
    if rest is None:
        return [html.P("Nothing is asked. A recording has nobody to ask.", className="rows__none")]
    silent = rest.silent_until_ms is not None and rest.silent_until_ms > now_ms
    return [
        _meter(rest),
        facts(
            [
                ("Host", rest.host),
                ("Silent until", stamp(rest.silent_until_ms, now_ms, zone, named=True) if silent else "no ban"),
                ("Trouble", _trouble(rest.trouble)),
                ("Its clock", _offset(diagnostics.exchange_clock_ms)),
            ]
        ),
    ]


def store(diagnostics: Diagnostics, status: MarketStatus) -> list[Any]:
    """The database, the disk and what waits for them."""
    held = diagnostics.store
    return [
        facts(
            [
                ("Trouble", _trouble(held.trouble)),
                ("File", held.path or "in memory"),
                ("Size", f"{numbers.size(held.database_bytes)} · log {numbers.size(held.log_bytes)}"),
                ("Free disk", numbers.size(held.free_bytes)),
                ("Waiting", f"{numbers.counted(status.queue_depth, 'trade')} to be written"),
                ("Engine", held.engine or numbers.DASH),
            ]
        )
    ]


def set_aside(diagnostics: Diagnostics) -> list[Any]:
    """The newest messages that were counted and kept out of the data, and what the exchange complained about."""
    rows = [(one.reason, one.symbol or numbers.DASH, html.Code(one.sample[:_SAMPLE])) for one in diagnostics.set_aside]
    told = f"{numbers.counted(diagnostics.set_aside_total, 'message')} set aside since the start"
    if len(rows) < diagnostics.set_aside_total:
        told += f", the newest {numbers.count(len(rows))} here"
    complaints = [html.Li(text) for text in diagnostics.complaints]
    return [
        html.P(told, className="rows__more") if diagnostics.set_aside_total else None,
        table("Messages set aside", _SET_ASIDE, reversed(rows), none="Nothing: every message was what it should be."),
        html.H4("The exchange complained", className="panel__label") if complaints else None,
        html.Ul(complaints, className="complaints") if complaints else None,
    ]


def _link(link: FeedLink, now_ms: int, zone: Zone) -> tuple[Any, ...]:
    return (
        link.route,
        state_cell(link.state, link.reason),
        numbers.count(link.symbols),
        stamp(link.opened_ms, now_ms, zone),
        stamp(link.renewed_at_ms, now_ms, zone),
        numbers.count(link.reconnects),
    )


def _meter(rest: RestFacts) -> html.Div:
    told = f"{numbers.count(rest.used)} of {numbers.count(rest.allowed)} in this minute"
    share = min(rest.used / rest.allowed, 1) if rest.allowed else 1
    return html.Div(
        [
            html.Span(told),
            html.Span(html.Span(style={"width": f"{100 * share:.0f}%"}), className="progress-line"),
        ],
        className="meter",
        role="img",
        **aria(label=f"Weight used: {told}"),
    )


def _trouble(sentence: str | None) -> Any:
    if sentence is None:
        return html.Span([mark("check"), "none"], className="tone--good")
    return html.Span([mark("triangle"), sentence], className="tone--bad")


def _offset(clock_ms: int | None) -> str:
    if clock_ms is None:
        return f"{numbers.DASH} not known yet"
    if abs(clock_ms) < 1_000:
        return f"{numbers.signed(clock_ms, 0)} ms against this machine's"
    return f"{numbers.signed(clock_ms / 1_000, 1)} s against this machine's: set its clock"
