"""The watchlist beside the chart: its head and its columns. The browser fills in the rows (assets/watchlist.js)."""

from __future__ import annotations

from typing import Any, Final

from dash import dcc, html

from analytics.definition import Definition
from layouts import ids, terms
from layouts.aria import aria, unseen
from layouts.held import Held

GLANCE_MS: Final = 1_000
LONGEST_NAME: Final = 60

# What a column is sorted by, its word, and what the word means.
_COLUMNS: Final[tuple[tuple[str, str, Definition | None], ...]] = (
    ("pair", "Pair", None),
    ("z", "z", terms.ZSCORE),
    ("clean", "Clean", terms.CLEAN_SHARE),
    ("half_life", "t½", terms.HALF_LIFE),
    ("q", "q", terms.Q_VALUE),
)


def watchlist_column() -> html.Aside:
    """The left column of the pair page: the list, and below it the pairs that are at a level."""
    return html.Aside([_head(), _told(), _table(), _levels()], className="side watch", **aria(label="Watchlist"))


def watchlist_movers() -> list[Any]:
    """What moves the rows. They move on every page, because the tab's title tells how many are at a level."""
    return [
        dcc.Interval(id=ids.GLANCE_TIMER, interval=GLANCE_MS),
        dcc.Store(id=ids.WATCHLIST, storage_type="local"),
        Held(id=ids.GLANCES, tells="glanced"),
        *(Held(id=name) for name in (ids.GLANCED, ids.WATCH, ids.LIST_DONE)),
    ]


def _head() -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    html.Select(id=ids.LIST_NAME, className="watch__name", **aria(label="Watchlist shown")),
                    _button("Add", "add", "Add the pair shown to this list", element=ids.LIST_ADD),
                    _menu(),
                ],
                className="watch__bar",
            ),
            dcc.Input(
                id=ids.LIST_FILTER,
                type="search",
                placeholder="Filter",
                autoComplete="off",
                className="watch__filter",
            ),
        ],
        className="watch__head",
    )


def _menu() -> html.Details:
    """Lists are made, renamed and deleted here; deleting can be undone."""
    return html.Details(
        [
            html.Summary(html.Span("⋯", **unseen()), className="watch__button", **aria(label="Lists and columns")),
            html.Div(
                [
                    html.Label("Name of the list", htmlFor=ids.LIST_NEW_NAME),
                    dcc.Input(id=ids.LIST_NEW_NAME, type="text", maxLength=LONGEST_NAME, autoComplete="off"),
                    html.Div(
                        [
                            _button("New list", "create"),
                            _button("Rename", "rename"),
                            _button("Delete list", "delete"),
                        ],
                        className="watch__choices",
                    ),
                    _button("Show p instead of q", "p", element=ids.LIST_P),
                ],
                className="watch__panel",
            ),
        ],
        className="fit watch__menu",
    )


def _button(word: str, does: str, label: str | None = None, *, element: str | None = None) -> html.Button:
    named = {} if label is None else {"title": label} | aria(label=label)
    marked: dict[str, Any] = {"data-watch": does} | named | ({} if element is None else {"id": element})
    return html.Button(word, type="button", className="watch__button", **marked)


def _told() -> html.Div:
    """What was done last, with its undo. The browser writes it."""
    return html.Div(id=ids.LIST_TOLD, className="watch__told", role="status")


def _table() -> html.Div:
    heads = [
        html.Th(
            html.Button(
                html.Span(word),
                type="button",
                title=None if term is None else f"{term.name}: {term.line}",
                className="watch__sort",
                **{"data-sort": column},  # type: ignore[arg-type]  # any data-* is taken
            ),
            className=f"watch__{column}",
            scope="col",
        )
        for column, word, term in _COLUMNS
    ]
    spark = html.Th(html.Span("z of the window", className="unseen"), className="watch__spark", scope="col")
    return html.Div(
        html.Table(
            [html.Thead(html.Tr([*heads[:2], spark, *heads[3:], heads[2]])), html.Tbody(id=ids.LIST_ROWS)],
            role="grid",
            className="watch__table",
            **aria(label="Pairs of the list"),
        ),
        className="watch__scroll",
    )


def _levels() -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    html.H2("At a level", className="column__title"),
                    html.Span(id=ids.LEVELS_COUNT, className="column__note"),
                ],
                className="column__head",
            ),
            html.Ul(id=ids.LEVELS, className="levels"),
        ],
        className="watch__levels",
        **aria(label="Pairs of the list beyond their entry level"),
    )
