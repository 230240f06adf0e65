"""What the user sets: the pair, the timeframe, the window, the fit."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import dash_bootstrap_components as dbc
from dash import html

from analytics.market import Listing, PairQuery, Timeframe
from layouts import ids
from layouts.aria import aria, unseen
from layouts.fit import fit_menu
from layouts.marks import leg_mark


def controls(query: PairQuery) -> html.Div:
    """The row of controls, set to `query`."""
    return html.Div(
        [
            html.Div(
                [
                    html.Button(
                        pair_label(query),
                        id=ids.PAIR,
                        className="control pair-button",
                        title="Choose a pair ( / )",
                        **aria(haspopup="dialog"),
                    ),
                    html.Button(
                        html.Span(className="glyph glyph--swap", **unseen()),
                        id=ids.SWAP,
                        className="control control--icon",
                        title="Swap the legs ( s )",
                        **aria(label="Swap the legs"),
                    ),
                ],
                className="pair-picker",
            ),
            _timeframe(query),
            html.Div(
                [
                    html.Label("window", htmlFor=ids.WINDOW),
                    dbc.Input(
                        id=ids.WINDOW,
                        value=str(query.params.window_bars),
                        type="text",
                        inputmode="numeric",
                        debounce=True,
                        autocomplete="off",
                    ),
                ],
                className="control control--window",
            ),
            fit_menu(query.params),
        ],
        className="controls",
    )


def pair_label(query: PairQuery) -> list[Any]:
    """What the pair's button says: both legs with their marks, y first, and the key that opens the search."""
    return [
        html.Span("Pair ", className="visually-hidden"),
        html.Span([leg_mark("y"), query.y_symbol], className="pair-button__leg"),
        html.Span(" / ", className="pair-button__between"),
        html.Span([leg_mark("x"), query.x_symbol], className="pair-button__leg"),
        html.Kbd("/", className="key pair-button__key", **unseen()),
    ]


def listed_mark(listings: tuple[Listing, ...]) -> int:
    """A number that changes when the exchange lists other symbols."""
    return crc32(" ".join(listing.symbol for listing in listings).encode())


def _timeframe(query: PairQuery) -> html.Fieldset:
    return html.Fieldset(
        [
            html.Legend("Timeframe", className="visually-hidden"),
            dbc.RadioItems(
                id=ids.TIMEFRAME,
                name=ids.TIMEFRAME,
                options=[{"label": t.value, "value": t.value} for t in Timeframe],
                value=query.params.timeframe.value,
                className="segments",
                inputClassName="btn-check",
                labelClassName="segment",
                labelCheckedClassName="segment--on",
            ),
        ],
        className="timeframe",
    )
