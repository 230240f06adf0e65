"""The whole screen: every page in one frame, its controls set to a view, its numbers still unknown."""

from __future__ import annotations

from dash import html

from analytics.market import Listing, PairQuery
from layouts.controls import controls, listed_mark
from layouts.pages.diagnosis import diagnosis
from layouts.pages.diagnostics import diagnostics_page
from layouts.pages.pair import pair_page
from layouts.pages.relation import relation_page
from layouts.shell import shell


def screen(listings: tuple[Listing, ...], query: PairQuery) -> html.Div:
    """What the browser is given first."""
    feed = {"mark": 0, "word": "", "second": 0, "listed": listed_mark(listings), "lost": {}, "watched": 0}
    pages = [pair_page(), diagnosis(diagnostics_page(listings, query), relation_page())]
    return shell(controls(listings, query), pages, feed)
