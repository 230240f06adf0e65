"""The Help page: first steps, the keys, what the states mean, what to do when something is wrong, the glossary."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from analytics.market import PairParams, PairQuery, Timeframe
from layouts import ids
from layouts.address import written
from layouts.aria import aria
from layouts.freshness import looks
from layouts.held import Held
from layouts.help_texts import CURES, SOURCES_TOLD, STATES_TOLD
from layouts.keys import key_lists
from layouts.marks import mark
from layouts.navigation import DATA, DIAGNOSTICS, HELP, PAIR


def help_page() -> html.Main:
    """First steps and keys; `help_told` and the glossary come when the page is first looked at."""
    return html.Main(
        [
            html.Div(html.H2("Help", className="page__title"), className="page__head"),
            html.Div(
                [
                    _panel(
                        "First steps", _steps(), html.Span(id=ids.STEPS_DONE, className="panel__told", role="status")
                    ),
                    _panel("Keys", key_lists()),
                    html.Div("One moment.", id=ids.HELP_TOLD, className="help__told"),
                ],
                className="help__panels",
            ),
            _panel("Glossary", html.Div("One moment.", id=ids.GLOSSARY, className="glossary"), *_finder()),
            Held(id=ids.GLOSSARY_WANTED, data=False),
            Held(id=ids.GLOSSARY_SHOWN, data=False),
        ],
        className=f"sheet help {HELP.frame}",
    )


def help_told() -> list[html.Section]:
    """What the states mean, and what to do when something is wrong."""
    return [_panel("What the states mean", _states()), _panel("What to do when", _cures())]


def _panel(title: str, content: Any, *beside: Any) -> html.Section:
    head = html.Div([html.H3(title, className="panel__title"), *beside], className="panel__head")
    return html.Section([head, content], className="panel", **aria(label=title))


def _view(y: str, x: str, timeframe: Timeframe = Timeframe.S1) -> str:
    return written(PairQuery(y, x, PairParams(timeframe=timeframe)))


def _steps() -> dbc.Checklist:
    """The main job, once through. The ticks stay in this browser."""
    related, unrelated = _view("BTCUSDT", "ETHUSDT"), _view("BTCUSDT", "LTCUSDT")
    steps: tuple[tuple[str, str, str], ...] = (
        ("Read a pair", PAIR.path + related,
         "z: how many standard deviations the spread is from its mean. Beyond ±2 one leg is dear against the other."),
        ("Read the verdict", PAIR.path + unrelated,
         "These two wander on their own: the verdict says so, however good z looks. Never trade a z without it."),
        ("Choose another pair", PAIR.path + related,
         "Press / and type “sol avax”, then Enter. s swaps the legs; the star in the search keeps a favourite."),
        ("Choose bars and window", PAIR.path + _view("SOLUSDT", "AVAXUSDT", Timeframe.M1),
         "The window is how long z remembers: a few half-lives. Keys 1 to 6 change the bars."),
        ("Try a fit", PAIR.path + related,
         "The menu beside the window has other hedge ratios. A verdict that only one of them gives is a weak one."),
        ("See whether it holds", DIAGNOSTICS.path + _view("DOGEUSDT", "1000SHIBUSDT"),
         "On the demo market this relation breaks every four hours. The first plot says when, in red."),
        ("See whether the data are whole", DATA.path + related,
         "Every trade has a number, so a missing one is known. Open and lost holes stand here."),
    )  # fmt: skip
    options = [
        {
            "label": html.Span([html.B(title), " ", html.Span(told), " ", dcc.Link("Show me", href=href)]),
            "value": title,
        }
        for title, href, told in steps
    ]
    return dbc.Checklist(
        id=ids.STEPS,
        options=options,
        value=[],
        persistence=True,
        persistence_type="local",
        className="steps",
        inputClassName="steps__box",
        labelClassName="steps__step",
    )


def _states() -> html.Dl:
    rows: list[Any] = []
    for state, told in STATES_TOLD.items():
        tone, shape = looks(state)
        rows += [html.Dt([mark(shape), state], className=f"tone--{tone}"), html.Dd(told)]
    for word, told in SOURCES_TOLD.items():
        rows += [html.Dt([mark("diamond"), word], className="tone--mind"), html.Dd(told)]
    return html.Dl(rows, className="told-list")


def _cures() -> html.Dl:
    return html.Dl(
        [part for when, told in CURES.items() for part in (html.Dt(when), html.Dd(told))], className="told-list"
    )


def _finder() -> tuple[Any, ...]:
    return (
        html.Label("Search the glossary", htmlFor=ids.GLOSSARY_FILTER, className="visually-hidden"),
        dbc.Input(
            id=ids.GLOSSARY_FILTER,
            type="search",
            placeholder="half-life, beta, unit root …",
            autocomplete="off",
            className="field",
        ),
        html.Span(id=ids.GLOSSARY_FOUND, className="panel__told", role="status"),
    )
