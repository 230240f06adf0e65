"""The frame around every page: top bar, banners, notice, foot, and the stores and timers that move the page."""

from __future__ import annotations

from typing import Any, Final

from dash import dcc, html

from layouts import ids
from layouts.aria import aria

PULSE_MS: Final = 500
SECOND_MS: Final = 500  # twice a second, so that no second of the clock is skipped

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


def shell(controls: Any, page: Any, feed: dict[str, Any]) -> html.Div:
    """The whole page: what is common, with one page's controls and content in it. feed: first state of that store."""
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
            page,
            html.Footer(id=ids.FOOT, className="foot"),
        ],
        className="shell",
    )


def _movers(feed: dict[str, Any]) -> list[Any]:
    return [
        dcc.Location(id=ids.URL, refresh=False),
        dcc.Interval(id=ids.PULSE, interval=PULSE_MS),
        dcc.Interval(id=ids.SECOND, interval=SECOND_MS),
        *(dcc.Store(id=name) for name in (ids.QUERY, ids.VERSION, ids.DRAWN, ids.TITLE)),
        dcc.Store(id=ids.FEED, data=feed),
    ]
