"""Symbols added and removed by hand, on the Diagnostics page."""

from __future__ import annotations

import re
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update

from analytics.errors import BadInput
from analytics.market import PairQuery
from callbacks.door import Door
from layouts import ids
from layouts.address import parsed


def register(app: Dash, desk: Door) -> None:
    """Put the callback into the app."""

    @app.callback(
        Output(ids.WATCH_TOLD, "tree"),
        Output(ids.WATCH_INPUT, "value"),
        Output(ids.WATCH_INPUT, "invalid"),
        Input(ids.WATCH_ADD, "n_clicks"),
        Input(ids.WATCH_INPUT, "n_submit"),
        Input(ids.UNWATCH, "data"),
        State(ids.WATCH_INPUT, "value"),
        State(ids.QUERY, "data"),
        prevent_initial_call=True,
    )
    async def change(_clicks: int, _enter: int, unwanted: dict[str, Any], typed: str | None, held: str | None) -> Any:
        removing = ctx.triggered_id == ids.UNWATCH
        try:
            if removing:
                shown = parsed(held, desk.default_query())
                return await desk.ask(_removed, desk, unwanted["symbol"], shown), no_update, False
            return await desk.ask(_added, desk, symbols_in(typed)), "", False
        except BadInput as error:
            return _sentence(str(error)), no_update, not removing


def symbols_in(typed: str | None) -> tuple[str, ...]:
    """The symbols in what was typed, apart from each other by commas or spaces. Raises BadInput."""
    words = [word.replace("/", "").replace("-", "").upper() for word in re.split(r"[\s,;]+", typed or "") if word]
    if not words:
        raise BadInput("write a symbol as the exchange does, such as SOLUSDT")
    for word in words:
        if not (word.isascii() and word.isalnum()):
            raise BadInput(f"“{word[:20]}” is not a symbol; write it as the exchange does, such as SOLUSDT")
    return tuple(dict.fromkeys(words))


def _added(desk: Door, wanted: tuple[str, ...]) -> str:
    known = desk.status().symbols.keys()
    desk.watch(*wanted)
    if set(wanted) <= known:
        return f"{_names(wanted)} {_are(wanted)} watched already."
    return f"{_names(wanted)} {_are(wanted)} watched from now on."


def _removed(desk: Door, symbol: str, shown: PairQuery) -> str:
    if symbol in {shown.y_symbol, shown.x_symbol}:
        raise BadInput(f"{symbol} is a leg of the pair shown; show another pair before you remove it")
    desk.unwatch(symbol)
    return f"{symbol} is no longer watched. What is stored of it stays."


def _names(symbols: tuple[str, ...]) -> str:
    return symbols[0] if len(symbols) == 1 else f"{', '.join(symbols[:-1])} and {symbols[-1]}"


def _are(symbols: tuple[str, ...]) -> str:
    return "is" if len(symbols) == 1 else "are"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].rstrip('.')}."
