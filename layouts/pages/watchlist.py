"""The Watchlist page: every pair of the list in one grid, to sort, filter and take away as a file."""

from __future__ import annotations

from dash import dcc, html

from layouts import ids
from layouts.aria import aria
from layouts.navigation import WATCHLIST
from layouts.watchlist import watchlist_movers


def watchlist_page() -> html.Div:
    """The page before it is first seen: the grid comes then."""
    return html.Div(
        [*watchlist_movers(), _main()],
        className=WATCHLIST.frame,
    )


def _main() -> html.Main:
    return html.Main(
        [
            html.Div(
                [
                    html.H2("Watchlist", className="watchgrid__title"),
                    html.Span(id=ids.GRID_NOTE, className="column__note"),
                    dcc.Input(
                        id=ids.GRID_FILTER,
                        type="search",
                        placeholder="Filter",
                        autoComplete="off",
                        className="watch__filter watchgrid__filter",
                    ),
                    html.Button(
                        "CSV",
                        id=ids.GRID_CSV,
                        type="button",
                        title="Download the grid as it is sorted and filtered",
                        className="watch__button",
                        **aria(label="Download the grid as CSV"),
                    ),
                ],
                className="watchgrid__head",
            ),
            html.Div(id=ids.GRID, className="watchgrid"),
        ],
        className="watchgrid__main",
        **aria(label="All pairs of the list"),
    )
