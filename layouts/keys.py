"""Every key of the keyboard, in one table: what the browser acts upon, and what the sheet and the Help page show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from dash import html

from analytics.market import Timeframe
from layouts import ids
from layouts.aria import aria, data
from layouts.navigation import PAGES

TIMEFRAMES: Final = dict(
    zip("123456", (Timeframe.S1, Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.D1), strict=True)
)
_PAGE_KEYS: Final = {
    "pair": "p",
    "watchlist": "w",
    "alerts": "a",
    "data": "d",
    "diagnostics": "x",
    "settings": "s",
    "help": "h",
}
_NAMES: Final = {" ": "Space"}

# Where keys do what they say.
EVERYWHERE: Final = "Everywhere"
PAIR: Final = "Where a pair is shown"
CHART: Final = "On the chart"
LISTS: Final = "In lists and menus"
_PAGES: Final = {PAIR: [page.name for page in PAGES if page.has_controls], CHART: ["pair"]}


@dataclass(frozen=True, slots=True)
class Key:
    """keys: pressed one after the other, as the browser names them.  does: what the browser carries out: ("call", name
    of a function), ("click", id), ("set", id, value), ("go", path), ("open", id of a dialog); empty where the element
    that has the focus answers by itself.  Single keys work nowhere while something is typed.
    """

    keys: tuple[str, ...]
    where: str
    what: str
    does: tuple[str, ...] = ()


def _table() -> tuple[Key, ...]:
    return (
        Key(("/",), EVERYWHERE, "Search a pair", ("call", "openSearch")),
        Key(("Shift", "a…z"), EVERYWHERE, "Search, beginning with that letter; so does a letter that is no key here"),
        *(Key(("g", _PAGE_KEYS[p.name]), EVERYWHERE, f"Go to {p.title}", ("go", p.path)) for p in PAGES),
        Key(("?",), EVERYWHERE, "This sheet", ("open", ids.KEYS_SHEET)),
        Key(("t",), EVERYWHERE, "Theme: as the system, dark, light", ("call", "cycleTheme")),
        Key(("u",), EVERYWHERE, "UTC or local time, for the whole screen", ("call", "toggleZone")),
        Key(("Escape",), EVERYWHERE, "Close what is open"),
        Key(("s",), PAIR, "Swap the legs", ("click", ids.SWAP)),
        *(
            Key((key,), PAIR, f"Bars of {timeframe}", ("set", ids.TIMEFRAME, timeframe.value))
            for key, timeframe in TIMEFRAMES.items()
        ),
        Key(("f",), PAIR, "Make the pair a favourite, or not any more", ("call", "starShown")),
        Key(("a",), PAIR, "New alert on this pair, at the cursor's z-score", ("call", "alertAtCursor")),
        Key((" ",), CHART, "Hold still, and go on", ("call", "togglePause")),
        Key(("r",), CHART, "Reset the zoom", ("call", "resetZoom")),
        Key(("←", "→"), CHART, "Move the cursor, once the chart has the focus; with Shift ten rows"),
        Key(("↑", "↓"), LISTS, "Choose"),
        Key(("Enter",), LISTS, "Open what is chosen; on a word with a dotted line: its entry in Help"),
        Key(("*",), LISTS, "In the search: add to the favourites, or remove"),
    )


KEYS: Final = _table()


def key_table() -> list[dict[str, Any]]:
    """What the browser acts upon, and shows. pages: the names of those on which a key works, None for all."""
    return [
        {
            "keys": list(key.keys),
            "caps": [_NAMES.get(name, name) for name in key.keys],
            "where": key.where,
            "what": key.what,
            "does": list(key.does),
            "pages": _PAGES.get(key.where),
        }
        for key in KEYS
    ]


def key_lists() -> html.Div:
    """Where every key stands with what it does, one list for each place where it works: drawn by assets/keys.js."""
    return html.Div(className="keys")


def keys_sheet() -> html.Dialog:
    """The sheet that `?` opens."""
    return html.Dialog(
        [
            html.Div(
                [
                    html.H2("Keys", className="page__title"),
                    html.Button("Close", className="button", **data(closes="")),
                ],
                className="sheet-box__head",
            ),
            key_lists(),
        ],
        id=ids.KEYS_SHEET,
        className="sheet-box",
        **aria(label="Keys"),
    )
