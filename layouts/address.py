"""The view as an address, and back: ?pair=BTCUSDT-ETHUSDT&tf=1s&window=300&intercept=1.

The address is the one form in which the browser holds a view: the bar, the back button and the page's own store.
What it does not name is taken from the query given beside it.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qs, urlencode

from analytics.errors import BadInput, UnknownSymbol
from analytics.market import PairQuery, Timeframe

SMALLEST_WINDOW: Final = 10
LARGEST_WINDOW: Final = 5_000


def written(query: PairQuery) -> str:
    """The address of a view. `parsed` reads it back."""
    params = query.params
    return "?" + urlencode(
        {
            "pair": f"{query.y_symbol}-{query.x_symbol}",
            "tf": params.timeframe.value,
            "window": params.window_bars,
            "intercept": int(params.include_intercept),
        }
    )


def parsed(search: str | None, base: PairQuery) -> PairQuery:
    """The view that an address names. Raises BadInput with a sentence when it cannot be read."""
    fields = {name: values[-1] for name, values in parse_qs((search or "").removeprefix("?")).items()}
    query = base
    if "pair" in fields:
        y, dash, x = fields["pair"].upper().partition("-")
        if not (y and dash and x):
            raise BadInput(f"“{fields['pair']}” is not a pair; write it like BTCUSDT-ETHUSDT")
        query = replace(query, y_symbol=y, x_symbol=x)
    params = query.params
    if "tf" in fields:
        params = replace(params, timeframe=Timeframe.parse(fields["tf"]))
    if "window" in fields:
        params = replace(params, window_bars=window_bars(fields["window"]))
    if "intercept" in fields:
        params = replace(params, include_intercept=fields["intercept"].lower() not in {"0", "false", "no"})
    return replace(query, params=params)


def window_bars(text: str | int | None) -> int:
    """The rolling window that was typed. Raises BadInput with a sentence."""
    typed = str(text if text is not None else "").strip()
    if typed.isascii() and typed.isdigit() and len(typed) < 9 and SMALLEST_WINDOW <= int(typed) <= LARGEST_WINDOW:
        return int(typed)
    raise BadInput(
        f"The window must be a whole number of bars from {SMALLEST_WINDOW} to {LARGEST_WINDOW:,}; "
        f"{f'“{typed[:20]}” is not' if typed else 'the box is empty'}."
    )


def checked(query: PairQuery, listed: Container[str]) -> PairQuery:
    """The same query, once both legs are known and differ. Raises BadInput with a sentence."""
    for symbol in (query.y_symbol, query.x_symbol):
        if symbol not in listed:
            raise UnknownSymbol(symbol)
    if query.y_symbol == query.x_symbol:
        raise BadInput(f"A pair needs two different symbols; both legs are {query.y_symbol}.")
    return query


def swapped(query: PairQuery) -> PairQuery:
    """The other way round: x explained by y."""
    return replace(query, y_symbol=query.x_symbol, x_symbol=query.y_symbol)


def with_leg(query: PairQuery, *, y: str | None = None, x: str | None = None) -> PairQuery:
    """The query with one leg picked anew. Picking the leg that the other side holds swaps the two."""
    if (y is not None and y == query.x_symbol) or (x is not None and x == query.y_symbol):
        return swapped(query)
    return replace(query, y_symbol=y or query.y_symbol, x_symbol=x or query.x_symbol)
