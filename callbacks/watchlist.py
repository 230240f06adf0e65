"""The watchlist: its rows, a few changed ones at a time, and what the user does with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from zlib import crc32

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from analytics.errors import BadInput, PairwatchError
from analytics.kept import Removed, WatchedPair, Watchlist
from analytics.market import PairQuery
from callbacks.door import Door
from layouts import ids
from layouts.address import charted, parsed, written
from layouts.glances import glance_row, pair_name
from layouts.watchgrid import watch_grid

_RUNNING: Final = [(Output(ids.GLANCE_TIMER, "disabled"), True, False)]


def register(app: Dash, desk: Door) -> None:
    """Put the watchlist's callbacks into the app."""

    @app.callback(
        Output(ids.GLANCES, "data"),
        Output(ids.GLANCED, "data"),
        Input(ids.GLANCE_TIMER, "n_intervals"),
        Input(ids.WATCHLIST, "data"),
        Input(ids.LIST_DONE, "data"),
        Input(ids.QUERY, "data"),
        Input(ids.VERSION, "data"),  # the row of the pair on the chart moves with the cards
        State(ids.GLANCED, "data"),
        running=_RUNNING,
    )
    async def glance(
        _n: int, name: str | None, _done: Any, held: str | None, _v: Any, told: dict[str, Any] | None
    ) -> Any:
        if held is None:
            raise PreventUpdate
        return await desk.ask(_news, desk, name, held, told or {})

    @app.callback(
        Output(ids.LIST_DONE, "data"),
        Output(ids.WATCHLIST, "data"),
        Input(ids.WATCH, "data"),
        State(ids.WATCHLIST, "data"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    async def change(asked: dict[str, Any] | None, name: str | None, held: str | None) -> Any:
        if asked is None:
            raise PreventUpdate
        try:
            return await desk.ask(_changed, desk, asked, name, held)
        except PairwatchError as error:
            return {"told": _sentence(str(error)), "wrong": True, "removal": None, "at": asked["at"]}, no_update

    @app.callback(Output(ids.GRID, "children"), Input(ids.PAGE, "data"), State(ids.GRID, "children"))
    async def grid(page: str | None, drawn: Any) -> Any:
        if page != "watchlist" or drawn:
            raise PreventUpdate
        return watch_grid()

    _register_browser(app)


def _register_browser(app: Dash) -> None:
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "listDone"), Input(ids.LIST_DONE, "data")
    )


def _news(desk: Door, name: str | None, held: str, told: Mapping[str, Any]) -> tuple[Any, Any]:
    """What this page does not know yet of the list, and the marks of what it knows then."""
    lists = desk.keeping.watchlists()
    shown = _named(lists, name)
    rows, now_ms = _rows(desk, shown, held)
    now_seen = parsed(held, desk.default_query())
    present = next((written(one.query) for one in shown.pairs if _alike(one.query, now_seen)), written(now_seen))
    entry = desk.keeping.preferences().entry_zscore
    head = {"list": shown.name, "lists": [one.name for one in lists], "present": present, "entry": entry}
    head["keys"] = [row["key"] for row in rows]
    marks = {row["key"]: _mark(row) for row in rows}
    seen = told.get("rows", {}) if told.get("list") == shown.name else {}
    known = {"list": shown.name, "head": _mark(head), "rows": marks}
    if known == told:
        raise PreventUpdate
    changed = [row for row in rows if seen.get(row["key"]) != marks[row["key"]]]
    return head | {"now": now_ms, "rows": changed}, known


def _rows(desk: Door, shown: Watchlist, held: str) -> tuple[list[dict[str, Any]], int]:
    """Every row of the list. The pair on the chart has the chart's entry level, the others the preferred one."""
    present, usual = parsed(held, desk.default_query()), desk.keeping.preferences().entry_zscore
    queries = [one.query for one in shown.pairs]
    levels = [charted(held).entry_zscore if _alike(query, present) else usual for query in queries]
    glances = desk.glances(queries, levels)
    now_ms, bases = desk.status().now_ms, _bases(desk)
    return [glance_row(g, one, bases, now_ms) for g, one in zip(glances, shown.pairs, strict=True)], now_ms


def _alike(one: PairQuery, other: PairQuery) -> bool:
    """Whether both show the same row. The exit level does not count: an address that names none has the preferred."""
    return replace(one.params, exit_zscore=other.params.exit_zscore) == other.params and (
        one.y_symbol,
        one.x_symbol,
    ) == (other.y_symbol, other.x_symbol)


def _bases(desk: Door) -> dict[str, str]:
    return {listing.symbol: listing.base for listing in desk.listings()}


def _mark(told: Any) -> int:
    return crc32(json.dumps(told).encode())


def _named(lists: tuple[Watchlist, ...], name: str | None) -> Watchlist:
    """The list of that name; the first where it is gone."""
    return next((one for one in lists if one.name == name), lists[0])


def _changed(desk: Door, asked: Mapping[str, Any], name: str | None, held: str | None) -> tuple[Any, Any]:
    """Do what was asked of the list shown: a sentence for the page, with the number of what can be undone."""
    shown = _named(desk.keeping.watchlists(), name)
    told, now_shown, removal = _DEEDS[asked["do"]](desk, shown, {**asked, "held": held})
    done = {"told": told, "wrong": False, "removal": removal, "at": asked["at"]}
    return done, no_update if now_shown in {None, name} else now_shown


# What was done as a sentence, the list to show now (None: the same one), and the number to undo it by.
_Done = tuple[str, str | None, int | None]


def _add(desk: Door, shown: Watchlist, asked: Mapping[str, Any]) -> _Done:
    query = parsed(asked["held"], desk.default_query())
    pair = pair_name(query, _bases(desk))
    if any(_alike(one.query, query) for one in shown.pairs):
        return f"{pair} is in {shown.name} already.", None, None
    desk.keeping.add_pair(shown.name, query)
    return f"Added {pair} to {shown.name}.", None, None


def _remove(desk: Door, shown: Watchlist, asked: Mapping[str, Any]) -> _Done:
    query = _watched(shown, asked["key"]).query
    removed = desk.keeping.remove_pair(shown.name, query)
    return f"Removed {pair_name(query, _bases(desk))}.", None, removed.removal


def _pin(desk: Door, shown: Watchlist, asked: Mapping[str, Any]) -> _Done:
    watched = _watched(shown, asked["key"])
    desk.keeping.pin_pair(shown.name, watched.query, pinned=not watched.pinned)
    return f"{'Unpinned' if watched.pinned else 'Pinned'} {pair_name(watched.query, _bases(desk))}.", None, None


def _create(desk: Door, _shown: Watchlist, asked: Mapping[str, Any]) -> _Done:
    made = desk.keeping.add_watchlist(Watchlist(asked["name"]))
    return f"{made.name} is new and empty: add the pair shown, or star pairs in the search.", made.name, None


def _rename(desk: Door, shown: Watchlist, asked: Mapping[str, Any]) -> _Done:
    renamed = desk.keeping.rename_watchlist(shown.name, asked["name"])
    return f"{shown.name} is {renamed.name} now.", renamed.name, None


def _delete(desk: Door, shown: Watchlist, _asked: Mapping[str, Any]) -> _Done:
    removed = desk.keeping.remove_watchlist(shown.name)
    return f"Deleted the list {shown.name}.", _named(desk.keeping.watchlists(), None).name, removed.removal


def _undo(desk: Door, _shown: Watchlist, asked: Mapping[str, Any]) -> _Done:
    back: Removed = desk.keeping.bring_back(int(asked["removal"]))
    name = back.name if back.kind == "watchlist" else None
    return f"{back.name if name else 'The pair'} is back.", name, None


_DEEDS: Final[Mapping[str, Callable[[Door, Watchlist, Mapping[str, Any]], _Done]]] = {
    "add": _add,
    "remove": _remove,
    "pin": _pin,
    "create": _create,
    "rename": _rename,
    "delete": _delete,
    "undo": _undo,
}


def _watched(shown: Watchlist, key: str) -> WatchedPair:
    for one in shown.pairs:
        if written(one.query) == key:
            return one
    raise BadInput(f"that pair is not in {shown.name} any more")


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].rstrip('.')}."
