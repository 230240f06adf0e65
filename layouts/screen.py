"""The whole screen: every page in one frame, its controls set to a view, its numbers still unknown."""

from __future__ import annotations

from dash import html

from analytics.kept import Preferences
from analytics.market import Listing, PairQuery
from layouts.controls import controls, listed_mark
from layouts.keys import keys_sheet
from layouts.pages.alerts import alert_dialogs, alerts_page
from layouts.pages.data import data_page
from layouts.pages.help import help_page
from layouts.pages.pair import pair_page
from layouts.pages.relation import relation_page
from layouts.pages.settings import settings_page
from layouts.pages.watchlist import watchlist_page
from layouts.search import symbol_search
from layouts.shell import shell


def screen(listings: tuple[Listing, ...], query: PairQuery, preferences: Preferences) -> html.Div:
    """What the browser is given first, preferences and all: a page that had to ask for them would wait twice."""
    told = {"mark": 0, "word": "", "stale": False, "second": 0, "said": None}
    feed = {**told, "listed": listed_mark(listings), "lost": {}, "states": 0}
    pages = [
        pair_page(),
        watchlist_page(),
        alerts_page(),
        relation_page(),
        data_page(query),
        settings_page(preferences),
        help_page(),
    ]
    dialogs = [symbol_search(listings), keys_sheet(), *alert_dialogs()]
    return shell(controls(query), pages, feed, dialogs, preferences)
