"""What the user sets: the pair, the timeframe, the window, the fit."""

from __future__ import annotations

from zlib import crc32

import dash_bootstrap_components as dbc
from dash import dcc, html

from analytics.market import Listing, PairQuery, Timeframe
from layouts import ids
from layouts.aria import aria, unseen
from layouts.fit import fit_menu
from layouts.marks import leg_mark


def controls(listings: tuple[Listing, ...], query: PairQuery) -> html.Div:
    """The row of controls, set to `query`; any symbol in `listings` can be picked."""
    options = symbol_options(listings, query)
    return html.Div(
        [
            html.Div(
                [
                    _picker(ids.Y, "y", query.y_symbol, options),
                    html.Button(
                        html.Span(className="glyph glyph--swap", **unseen()),
                        id=ids.SWAP,
                        className="control control--icon",
                        title="Swap the legs",
                        **aria(label="Swap the legs"),
                    ),
                    _picker(ids.X, "x", query.x_symbol, options),
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


def symbol_options(listings: tuple[Listing, ...], query: PairQuery) -> list[dict[str, str]]:
    """What can be picked: every symbol listed, found by BTCUSDT, BTC/USDT or BTC USDT; never without the two shown."""
    known = {listing.symbol for listing in listings}
    unlisted = [{"label": s, "value": s} for s in (query.y_symbol, query.x_symbol) if s not in known]
    return unlisted + [
        {"label": s.symbol, "value": s.symbol, "search": f"{s.symbol} {s.base}/{s.quote} {s.base} {s.quote}"}
        for s in listings
    ]


def listed_mark(listings: tuple[Listing, ...]) -> int:
    """A number that changes when the exchange lists other symbols."""
    return crc32(" ".join(listing.symbol for listing in listings).encode())


def _picker(picker_id: str, side: str, symbol: str, options: list[dict[str, str]]) -> html.Div:
    return html.Div(
        [
            html.Label([leg_mark(side), html.Span(f"{side} leg", className="visually-hidden")], htmlFor=picker_id),
            dcc.Dropdown(
                id=picker_id,
                options=options,
                value=symbol,
                clearable=False,
                searchable=True,
                optionHeight=32,
                maxHeight=360,
                placeholder="symbol",
            ),
        ],
        className=f"picker picker--{side}",
    )


def _timeframe(query: PairQuery) -> html.Fieldset:
    return html.Fieldset(
        [
            html.Legend("Timeframe", className="visually-hidden"),
            dbc.RadioItems(
                id=ids.TIMEFRAME,
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
