"""The Alerts page: every rule as it stands, the history of what was told, where it is sent to, and this browser."""

from __future__ import annotations

from typing import Any, Final

from dash import dcc, html

from layouts import ids
from layouts.alert_tables import act
from layouts.aria import aria
from layouts.held import Held
from layouts.navigation import ALERTS

ALERTS_MS: Final = 1_000
VIEW_AT_FIRST: Final = {"sort": "state", "down": False, "find": "", "rule": None, "kind": None, "before": None}


def alerts_page() -> html.Main:
    """The page before its first answer."""
    return html.Main(
        [
            html.Div(
                [
                    html.H2("Alerts", className="page__title"),
                    html.Div("Waiting for the first answer.", id=ids.ALERT_NOTE, className="page__note"),
                    html.Button("New alert", type="button", className="button", **act("new")),
                ],
                className="page__head",
            ),
            _panel("Rules", html.Div(id=ids.ALERT_ROWS), _finder()),
            _panel(
                "History",
                html.Div(id=ids.ALERT_HISTORY, className="alerts__history"),
                html.Div(id=ids.ALERT_HISTORY_HEAD, className="panel__form"),
            ),
            _panel(
                "Channels",
                html.Div(id=ids.ALERT_CHANNELS),
                html.Button("Add a channel", type="button", className="button", **act("channel-new")),
            ),
            _panel("In this browser", _browser()),
        ],
        className=f"sheet alerts {ALERTS.frame}",
    )


def alert_movers() -> list[Any]:
    """What moves alerts on every page: values and one timer, which rests while the page is not seen."""
    return [
        dcc.Interval(id=ids.ALERTS_TIMER, interval=ALERTS_MS, max_intervals=0),
        Held(id=ids.ALERT_NEWS, tells="alertNews"),
        Held(id=ids.ALERT_DONE, tells="alertDone"),
        Held(id=ids.ALERT_TRIED, tells="alertTried"),
        Held(id=ids.ALERT_VIEW, data=VIEW_AT_FIRST),
        Held(id=ids.ALERT_SHOWN, data={}),
        *(Held(id=name) for name in (ids.ALERT_VERSION, ids.ALERT_HEARD, ids.ALERT_WISH, ids.ALERT_TRIAL)),
    ]


def alert_dialogs() -> list[Any]:
    """The two forms, which the browser fills; what it tells of events as they happen; what was done last."""
    return [
        _dialog(ids.ALERT_FORM, "Alert"),
        _dialog(ids.ALERT_CHANNEL_FORM, "Channel"),
        html.Div(id=ids.ALERT_TOASTS, className="notes", role="status", **aria(live="polite", label="Alerts")),
        html.Div(id=ids.ALERT_TOLD, className="alerts__told", role="status"),
    ]


def _dialog(dialog_id: str, name: str) -> html.Dialog:
    return html.Dialog(id=dialog_id, className="alert-form", **aria(label=name))


def _panel(title: str, content: Any, *beside: Any) -> html.Section:
    head = html.Div([html.H3(title, className="panel__title"), *beside], className="panel__head")
    return html.Section([head, content], className="panel", **aria(label=title))


def _finder() -> html.Div:
    return html.Div(
        [
            html.Label("Search", htmlFor=ids.ALERT_FIND, className="visually-hidden"),
            dcc.Input(
                id=ids.ALERT_FIND,
                type="search",
                placeholder="name or pair",
                autoComplete="off",
                className="alerts__find",
            ),
        ],
        className="panel__form",
    )


def _browser() -> list[Any]:
    """What this browser does when something fires: kept in the browser, and off until somebody says so."""
    choices = (
        ("Sound", ids.ALERT_SOUND, "sound", "Two short notes when an alert fires."),
        ("Desktop", ids.ALERT_DESKTOP, "desktop", "A notification of the desktop, while Pairwatch is open in a tab."),
    )
    return [
        *(
            html.Div([_switch(word, switch_id, does, told), html.Span(told)], className="alerts__choice")
            for word, switch_id, does, told in choices
        ),
        html.P(id=ids.ALERT_HERE, className="alerts__detail", role="status"),
    ]


def _switch(word: str, switch_id: str, does: str, label: str) -> html.Button:
    """The browser says whether it is on: it alone knows."""
    return html.Button(
        word,
        id=switch_id,
        type="button",
        role="switch",
        className="alerts__button alerts__switch",
        **act(does),
        **aria(checked="false", label=label),
    )
