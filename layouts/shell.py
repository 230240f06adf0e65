"""The frame around every page: top bar, banners, notice, foot, and the stores and timers that move the page."""

from __future__ import annotations

from typing import Any, Final

from dash import dcc, html

from layouts import ids
from layouts.address import DIAGNOSTICS
from layouts.aria import aria, unseen

PULSE_MS: Final = 500
SECOND_MS: Final = 500  # twice a second, so that no second of the clock is skipped
DIAGNOSE_MS: Final = 2_000
RELATE_MS: Final = 3_000  # a study takes tens of milliseconds, and nobody reads it faster

INDEX: Final = """<!DOCTYPE html>
<html lang="en" data-bs-theme="dark">
    <head>
        {%metas%}
        <title>{%title%}</title>
        <link rel="icon" type="image/svg+xml" href="/assets/icons/pairwatch.svg">
        {%css%}
    </head>
    <body>
        <noscript>Pairwatch draws its charts in the browser: please allow scripts for this page.</noscript>
        {%app_entry%}
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
    </body>
</html>
"""


def shell(controls: Any, pages: list[Any], feed: dict[str, Any]) -> html.Div:
    """The frame, with the controls of the pair and every page in it. feed: first state of that store."""
    return html.Div(
        [
            *_movers(feed),
            html.Header(
                [
                    html.H1(["pair", html.Span("watch")], className="brand"),
                    controls,
                    html.Div(
                        [
                            html.Div(id=ids.BADGE, className="badge badge--plain", role="status", **aria(live="off")),
                            html.Div(id=ids.CLOCK, className="clock", role="timer", **aria(label="Clock, UTC")),
                        ],
                        className="topbar__state",
                    ),
                ],
                className="topbar",
            ),
            html.Div(id=ids.LOST, className="banner banner--none", role="alert"),
            html.Div(id=ids.BANNER, className="banner banner--none", role="status"),
            html.Div(id=ids.NOTICE, className="notice", role="alert"),
            html.Div([_rail(), *pages], className="below"),
            html.Footer(id=ids.FOOT, className="foot"),
        ],
        className="shell",
    )


def _rail() -> html.Nav:
    pages = ((ids.TO_PAIR, "Pair", "/", "pair"), (ids.TO_DIAGNOSTICS, "Diagnostics", DIAGNOSTICS, "pulse"))
    return html.Nav(
        [
            dcc.Link(
                [html.Span(className=f"glyph glyph--{icon}", **unseen()), html.Span(name)],
                href=address,
                id=link_id,
                className="rail__link",
            )
            for link_id, name, address, icon in pages
        ],
        className="rail",
        **aria(label="Pages"),
    )


def _movers(feed: dict[str, Any]) -> list[Any]:
    return [
        dcc.Location(id=ids.URL, refresh=False),
        dcc.Interval(id=ids.PULSE, interval=PULSE_MS),
        dcc.Interval(id=ids.SECOND, interval=SECOND_MS),
        dcc.Interval(id=ids.DIAGNOSE, interval=DIAGNOSE_MS, max_intervals=0),
        dcc.Interval(id=ids.RELATE, interval=RELATE_MS, max_intervals=0),
        dcc.Store(id=ids.TOLD, data={}),
        *(dcc.Store(id=name) for name in (ids.QUERY, ids.VERSION, ids.DRAWN, ids.TITLE)),
        dcc.Store(id=ids.FEED, data=feed),
    ]
