"""The symbol search: its dialog, and what the browser needs to answer from. `assets/search.js` does the rest."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any, Final

from dash import dcc, html

from analytics.errors import UnknownSymbol
from analytics.kept import Watchlist
from analytics.market import Listing, PairQuery
from analytics.status import MarketStatus
from layouts import ids
from layouts.address import written
from layouts.aria import aria, unseen
from layouts.freshness import looks
from layouts.held import Held

_THOUSANDS: Final = re.compile(
    r"^1(?:0{3,}|M(?=[A-Z]))"
)  # 1000SHIB, 1000000MOG, 1MBABYDOGE: how small coins are listed
_NEAREST: Final = 3
_ALIKE: Final = 0.55


def symbol_search(listings: tuple[Listing, ...]) -> html.Dialog:
    """The closed dialog. Box and list are put into it by the browser, which alone answers what is typed."""
    return html.Dialog(
        [
            Held(id=ids.LISTED, data=listed(listings)),
            Held(id=ids.STATES, data={}),
            Held(id=ids.FAVOURITES, data=[]),
            dcc.Store(id=ids.RECENT, storage_type="local"),
            Held(id=ids.STAR),
            html.Div(id=ids.SEARCH_BOX, className="search__box"),
            html.P(id=ids.SEARCH_TOLD, className="search__told", role="status"),
            html.Div(id=ids.SEARCH_LIST, className="search__list", **aria(label="Pairs"), role="listbox"),
            html.P(
                [
                    html.Span([html.Kbd("↑", className="key"), html.Kbd("↓", className="key"), " choose"]),
                    html.Span([html.Kbd("Enter", className="key"), " open"]),
                    html.Span([html.Kbd("*", className="key"), " favourite"]),
                    html.Span([html.Kbd("Esc", className="key"), " close"]),
                ],
                className="search__keys",
                **unseen(),
            ),
        ],
        id=ids.SEARCH,
        className="search",
        **aria(label="Choose a pair"),
    )


def listed(listings: tuple[Listing, ...]) -> list[list[str]]:
    """[symbol, base, quote] of every symbol."""
    return [[listing.symbol, listing.base, listing.quote] for listing in listings]


def states(status: MarketStatus) -> dict[str, list[str]]:
    """[state, tone, shape] of every watched symbol."""
    return {name: [symbol.state, *looks(symbol.state)] for name, symbol in status.symbols.items()}


def favourites(watchlists: tuple[Watchlist, ...]) -> list[dict[str, Any]]:
    """Every pair of every list once a view, pinned ones first: {"pair", "view", "list", "pinned"}."""
    rows = [(not pair.pinned, each.name, pair) for each in watchlists for pair in each.pairs]
    told: dict[PairQuery, dict[str, Any]] = {}
    for _, name, pair in sorted(rows, key=lambda row: row[0]):
        query = pair.query
        told.setdefault(
            query,
            {
                "pair": f"{query.y_symbol}-{query.x_symbol}",
                "view": written(query),
                "list": name,
                "pinned": pair.pinned,
            },
        )
    return list(told.values())


def unknown_told(symbol: str, listings: tuple[Listing, ...]) -> str:
    """The sentence for a symbol that is not listed, with those that may have been meant."""
    near = nearest(symbol, listings)
    if not near:
        return str(UnknownSymbol(symbol))
    choice = near[0] if len(near) == 1 else f"{', '.join(near[:-1])} or {near[-1]}"
    return f"{symbol} is not a symbol known here; did you mean {choice}?"


def nearest(symbol: str, listings: tuple[Listing, ...]) -> tuple[str, ...]:
    """The listed symbols that were most probably meant, the likeliest first; none where nothing is alike."""
    wanted = symbol.upper()
    names = {listing.symbol: listing for listing in listings}
    plain = {_THOUSANDS.sub("", name): name for name in names}
    same_coin = [plain[wanted]] if wanted in plain else []
    by_base = [listing.symbol for listing in listings if wanted in {listing.base, _THOUSANDS.sub("", listing.base)}]
    alike = get_close_matches(wanted, names, n=_NEAREST, cutoff=_ALIKE)
    return tuple(dict.fromkeys([*same_coin, *by_base, *alike]))[:_NEAREST]
