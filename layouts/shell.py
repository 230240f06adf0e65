"""The frame around every page: top bar, banners, notice, foot, and the stores and timers that move the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from dash import dcc, html

from analytics.kept import Preferences
from layouts import ids
from layouts.aria import aria, data, unseen
from layouts.held import Held
from layouts.keys import key_table
from layouts.look import AT_FIRST
from layouts.navigation import DATA, PAGES, routes
from layouts.pages.alerts import alert_movers
from layouts.workspaces import workspaces_menu

PULSE_MS: Final = 500
DATA_MS: Final = 2_000
RELATE_MS: Final = 3_000  # a study takes tens of milliseconds, and nobody reads it faster


def shell(
    controls: Any, pages: list[Any], feed: dict[str, Any], dialogs: list[Any], preferences: Preferences
) -> html.Div:
    """The frame, with the controls of the pair and every page in it. feed: first state of that store."""
    return html.Div(
        [
            *_movers(feed, preferences),
            html.Header(
                [
                    html.H1(["pair", html.Span("watch")], className="brand"),
                    controls,
                    html.Div(
                        [
                            html.Button(id=ids.BADGE, className="badge badge--plain", **aria(haspopup="dialog")),
                            html.Button(
                                id=ids.CLOCK,
                                className="clock",
                                title="UTC or local time ( u )",
                                **data(calls="toggleZone"),
                            ),
                            *_buttons(),
                        ],
                        className="topbar__state",
                    ),
                    _badge_panel(),
                ],
                className="topbar",
            ),
            html.Div(id=ids.LOST, className="banner banner--none", role="alert"),
            html.Div(id=ids.BANNER, className="banner banner--none", role="status"),
            html.Div(id=ids.ALERT_BANNER, className="banner banner--none", role="status"),
            html.Div(id=ids.NOTICE, className="notice", role="alert"),
            html.Div([_rail(), *pages], className="below"),
            html.Footer(id=ids.FOOT, className="foot"),
            html.Div(id=ids.KEY_HINT, className="key-hint", role="status"),
            html.Div(id=ids.STAR_TOLD, className="key-hint", role="status"),
            *dialogs,
        ],
        id=ids.SHELL,
        className="shell",
    )


def _buttons() -> list[html.Button]:
    return [
        html.Button(
            html.Span(className="glyph glyph--theme", **unseen()),
            className="control control--icon",
            title="Theme: as the system, dark, light ( t )",
            **aria(label="Theme: as the system, dark, light"),
            **data(calls="cycleTheme"),
        ),
        html.Button(
            "?",
            className="control control--icon",
            title="Keys ( ? )",
            **aria(label="Keys", haspopup="dialog"),
            **data(opens=ids.KEYS_SHEET),
        ),
    ]


def _badge_panel() -> html.Div:
    """Behind the badge. The link stands outside of what every heartbeat sends anew, so that it keeps the focus."""
    return html.Div(
        [
            html.Div(id=ids.BADGE_MORE),
            html.A("Everything about the data", href=DATA.path, className="feed-panel__link", **data(goes=DATA.path)),
        ],
        id=ids.BADGE_PANEL,
        className="feed-panel",
        role="dialog",
        **aria(label="State of the data"),
    )


def _rail() -> html.Nav:
    return html.Nav(
        [
            dcc.Link(
                [html.Span(className=f"glyph glyph--{page.icon}", **unseen()), html.Span(page.title)],
                href=page.path,
                id=page.link_id,
                className="rail__link",
            )
            for page in PAGES
        ]
        + [workspaces_menu()],
        className="rail",
        **aria(label="Pages"),
    )


def _movers(feed: dict[str, Any], preferences: Preferences) -> list[Any]:
    return [
        dcc.Location(id=ids.URL, refresh=False),
        dcc.Interval(id=ids.PULSE, interval=PULSE_MS),
        dcc.Interval(id=ids.DATA_TIMER, interval=DATA_MS, max_intervals=0),
        dcc.Interval(id=ids.RELATE_TIMER, interval=RELATE_MS, max_intervals=0),
        Held(id=ids.ROUTES, data=routes()),
        Held(id=ids.LOOK, data=AT_FIRST),
        Held(id=ids.PREFERENCES, data=asdict(preferences)),
        Held(id=ids.PREFER),
        Held(id=ids.KEYS, data=key_table()),
        Held(id=ids.TOLD, data={}),
        *(Held(id=name) for name in (ids.PAGE, ids.QUERY, ids.VERSION, ids.DRAWN, ids.PAUSED)),
        Held(id=ids.DRAWING, tells="draw"),
        Held(id=ids.TITLE, tells="namePair"),
        Held(id=ids.FEED, data=feed, tells="hearFeed"),
        *alert_movers(),
    ]
