"""The Data page: everything it shows comes in one answer, section by section, and only what has changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from zlib import crc32

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from analytics.errors import StoreError
from analytics.market import Gap, Listing
from analytics.status import Diagnostics, MarketStatus
from callbacks.door import Door
from layouts import holes, ids, machinery, symbols
from layouts.look import look_of
from layouts.moments import named_time
from layouts.navigation import DATA
from layouts.pages.data import symbol_choices
from layouts.zone import Zone

_SECTIONS: Final = (
    Output(ids.TOLD, "data"),
    Output(ids.AS_OF, "tree"),
    Output(ids.SYMBOLS, "tree"),
    Output(ids.LINKS, "tree"),
    Output(ids.ALLOWANCE, "tree"),
    Output(ids.STORE, "tree"),
    Output(ids.ASIDE, "tree"),
    Output(ids.HOLES_SUMMARY, "tree"),
    Output(ids.HOLES, "tree"),
    Output(ids.HOLES_SYMBOL, "options"),
    Output(ids.EXPORT_SYMBOL, "options"),
)


def register(app: Dash, desk: Door) -> None:
    """Put the page's callbacks into the app."""

    @app.callback(
        *_SECTIONS,
        Input(ids.DATA_TIMER, "n_intervals"),
        Input(ids.PAGE, "data"),
        Input(ids.HOLES_SYMBOL, "value"),
        Input(ids.HOLES_STATE, "value"),
        Input(ids.WATCH_TOLD, "tree"),
        Input(ids.LOOK, "data"),
        State(ids.TOLD, "data"),
        running=[(Output(ids.DATA_TIMER, "disabled"), True, False)],
    )
    async def diagnose(
        _n: int, page: str | None, symbol: str, state: str, _changed: Any, look: dict[str, Any], told: dict[str, int]
    ) -> Any:
        if page != DATA.name:
            raise PreventUpdate
        facts = await desk.ask(_facts, desk)
        return await desk.ask(_sections, facts, symbol, state, look_of(look).zone, told)

    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "listedOptions"),
        Input(ids.LISTED, "data"),
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "exportLink"),
        Output(ids.EXPORT_LINK, "href"),
        Output(ids.EXPORT_LIMIT, "invalid"),
        Input(ids.EXPORT_SYMBOL, "value"),
        Input(ids.EXPORT_TIMEFRAME, "value"),
        Input(ids.EXPORT_LIMIT, "value"),
    )


@dataclass(frozen=True, slots=True)
class _Facts:
    """One moment of everything. unreadable: why the ledger cannot be shown."""

    status: MarketStatus
    diagnostics: Diagnostics
    ledger: tuple[Gap, ...]
    listings: tuple[Listing, ...]
    unreadable: str | None = None


def _facts(desk: Door) -> _Facts:
    known = _Facts(desk.status(), desk.diagnostics(), (), desk.listings())
    try:
        return replace(known, ledger=desk.gaps())
    except StoreError as error:
        return replace(known, unreadable=str(error))


def _sections(facts: _Facts, symbol: str, state: str, zone: Zone, told: dict[str, int]) -> tuple[Any, ...]:
    """Every section in the order of `_SECTIONS`; no_update where the page shows it already."""
    status, found, now_ms = facts.status, facts.diagnostics, facts.status.now_ms
    day = (zone, zone.moment(now_ms).date())  # moments are written with their date once it is another day's
    rows = holes.matching(facts.ledger, symbol, state)
    stored = tuple(sorted({*status.symbols, *(gap.symbol for gap in facts.ledger)}))
    ledger = (crc32(repr(rows).encode()), facts.unreadable)
    # What a section shows, and how it is drawn when that has changed.
    sections: tuple[tuple[object, Callable[[], Any]], ...] = (
        ((now_ms // 1_000, zone), lambda: f"as of {named_time(now_ms, now_ms, zone)} · every 2 s"),
        (status.symbols, lambda: symbols.symbols_table(status)),
        ((found.links, day), lambda: machinery.links_table(found, now_ms, zone)),
        (
            (found.rest, found.exchange_clock_ms, now_ms // 5_000, zone),
            lambda: machinery.allowance(found, now_ms, zone),
        ),
        ((found.store, status.queue_depth), lambda: machinery.store(found, status)),
        ((found.set_aside, found.set_aside_total, found.complaints), lambda: machinery.set_aside(found)),
        (ledger, lambda: facts.unreadable or holes.summary(rows)),
        (
            (ledger, state, day),
            lambda: [] if facts.unreadable else holes.holes_table(rows, state, now_ms, zone),
        ),
        (stored, lambda: symbol_choices(stored, every=True)),
        (stored, lambda: symbol_choices(stored)),
    )
    marks = {str(at): crc32(repr(shown).encode()) for at, (shown, _) in enumerate(sections)}
    drawn = (draw() if told.get(str(at)) != marks[str(at)] else no_update for at, (_, draw) in enumerate(sections))
    return (marks, *drawn)
