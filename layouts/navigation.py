"""The pages and their addresses. A page is made known here; rail, route and style follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from layouts import ids


@dataclass(frozen=True, slots=True)
class Page:
    """name: what the shell's class and the page's store say.  icon: a glyph of assets/.  has_controls: whether the top
    bar shows pair, timeframe and fit.  timer: the Interval that rests while the page is not seen.
    """

    name: str
    path: str
    title: str
    icon: str
    has_controls: bool = False
    timer: str | None = None

    @property
    def link_id(self) -> str:
        """The id of its link in the rail."""
        return f"to-{self.name}"

    @property
    def frame(self) -> str:
        """The classes of its outermost element: it is seen only while the shell names it."""
        return f"page page--{self.name}"


PAIR: Final = Page("pair", "/", "Pair", "pair", has_controls=True)
WATCHLIST: Final = Page("watchlist", "/watchlist", "Watchlist", "list")
ALERTS: Final = Page("alerts", "/alerts", "Alerts", "alerts", timer=ids.ALERTS_TIMER)
DIAGNOSTICS: Final = Page(
    "diagnostics", "/diagnostics", "Diagnostics", "pulse", has_controls=True, timer=ids.RELATE_TIMER
)
DATA: Final = Page("data", "/data", "Data", "data", timer=ids.DATA_TIMER)
SETTINGS: Final = Page("settings", "/settings", "Settings", "settings")

HELP: Final = Page("help", "/help", "Help", "help")

PAGES: Final = (PAIR, WATCHLIST, ALERTS, DIAGNOSTICS, DATA, SETTINGS, HELP)


def page_at(path: str | None) -> Page | None:
    """The page that an address names, None where there is none."""
    place = (path or "").rstrip("/") or PAIR.path
    return next((page for page in PAGES if page.path == place), None)


def routes() -> list[dict[str, str | bool]]:
    """What the browser must know of the pages, in the order of `PAGES`."""
    return [
        {
            "name": page.name,
            "path": page.path,
            "title": page.title,
            "controls": page.has_controls,
            "timer": page.timer is not None,
        }
        for page in PAGES
    ]
