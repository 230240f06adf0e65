"""The symbol search: what the browser answers from, and the favourites that it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from analytics.errors import BadInput, StoreError
from analytics.market import PairQuery
from callbacks.door import Door
from layouts import ids
from layouts.address import parsed
from layouts.search import favourites


def register(app: Dash, desk: Door) -> None:
    """Put the search's callbacks into the app."""

    # Two callbacks: a press that came together with what it changes would be taken for that alone, and lost.
    @app.callback(
        Output(ids.FAVOURITES, "data", allow_duplicate=True),
        Output(ids.STAR_TOLD, "tree"),
        Input(ids.STAR, "data"),
        State(ids.QUERY, "data"),
        State(ids.WATCHLIST, "data"),
        prevent_initial_call=True,
    )
    async def star(pressed: dict[str, Any] | None, held: str | None, shown: str | None) -> Any:
        if not pressed or not held:
            raise PreventUpdate
        view = parsed(held, desk.default_query())
        try:
            told = await desk.ask(_starred, desk, _meant(pressed["pair"], view), shown)
        except (BadInput, StoreError) as error:
            told = f"Not kept: {error}."
        return favourites(await desk.ask(desk.keeping.watchlists)), told

    @app.callback(Output(ids.FAVOURITES, "data"), Input(ids.KEPT_VERSION, "data"))
    async def renew(_version: int | None) -> Any:
        try:
            return favourites(await desk.ask(desk.keeping.watchlists))
        except StoreError:
            raise PreventUpdate from None  # the lists that are shown stay

    _in_the_browser(app)


def _in_the_browser(app: Dash) -> None:
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "searchFacts"),
        Input(ids.LISTED, "data"),
        Input(ids.STATES, "data"),
        Input(ids.FAVOURITES, "data"),
        Input(ids.RECENT, "data"),
        Input(ids.QUERY, "data"),
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "remember"),
        Output(ids.RECENT, "data"),
        Input(ids.QUERY, "data"),
        State(ids.RECENT, "data"),
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("pairwatch", "fade"),
        Input(ids.STAR_TOLD, "tree"),
    )


def _meant(pair: str, view: PairQuery) -> PairQuery:
    """The pair of a star, looked at as the view is; a ratio that was fixed belongs to the view's own pair."""
    y, _, x = pair.partition("-")
    if (y, x) == (view.y_symbol, view.x_symbol):
        return view
    params = view.params
    if params.hedge == "fixed":
        params = replace(params, hedge="ols", fixed_ratio=None)
    return PairQuery(y, x, params)


def _starred(desk: Door, query: PairQuery, shown: str | None) -> str:
    """Pin the pair, or let it go; what to say of it. A pair of no list comes into the one that is shown."""
    keeping, name = desk.keeping, f"{query.y_symbol} / {query.x_symbol}"
    legs = (query.y_symbol, query.x_symbol)
    lists = keeping.watchlists()
    rows = [
        (each.name, one) for each in lists for one in each.pairs if (one.query.y_symbol, one.query.x_symbol) == legs
    ]
    pinned = [(place, one) for place, one in rows if one.pinned]
    for place, one in pinned:
        keeping.pin_pair(place, one.query, pinned=False)
    if pinned:
        return f"{name} is no favourite any more. It stays in the list {pinned[0][0]}."
    if rows:
        keeping.pin_pair(rows[0][0], rows[0][1].query, pinned=True)
        return f"{name} is a favourite now."
    known = [each.name for each in lists]
    place = shown if shown in known else known[0]
    keeping.add_pair(place, query, pinned=True)
    return f"{name} is a favourite now, and stands in the list {place}."
