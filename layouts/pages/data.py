"""The Data page: is every trade here, what is missing, and what carries the data."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from analytics.market import PairQuery, Timeframe
from layouts import ids
from layouts.aria import aria
from layouts.held import Held
from layouts.holes import EVERY, state_options
from layouts.navigation import DATA
from layouts.symbols import export_address


def data_page(query: PairQuery) -> html.Main:
    """The page before its first answer. query: whose legs the export offers first."""
    legs = (query.y_symbol, query.x_symbol)
    return html.Main(
        [
            html.Div(
                [
                    html.H2("Data", className="page__title"),
                    html.Div(id=ids.AS_OF, className="page__note", role="timer", **aria(live="off")),
                ],
                className="page__head",
            ),
            _symbols(),
            html.Div(
                [
                    _panel("Connections", html.Div(id=ids.LINKS), kind="panel--links"),
                    _panel("REST allowance", html.Div(id=ids.ALLOWANCE)),
                    _panel("Store", html.Div(id=ids.STORE)),
                    _panel("Export", _export(legs)),
                ],
                className="panels",
            ),
            _holes(legs),
            _panel("Set aside", html.Div(id=ids.ASIDE)),
        ],
        className=f"sheet {DATA.frame}",
    )


def symbol_choices(symbols: tuple[str, ...], *, every: bool = False) -> list[dict[str, str]]:
    """Symbols as options of a list; `every` puts "all symbols" before them."""
    first = [{"label": "all symbols", "value": EVERY}] if every else []
    return first + [{"label": symbol, "value": symbol} for symbol in symbols]


def _panel(title: str, content: Any, *beside: Any, kind: str = "") -> html.Section:
    head = html.Div([html.H3(title, className="panel__title"), *beside], className="panel__head")
    return html.Section([head, content], className=f"panel {kind}".strip(), **aria(label=title))


def _symbols() -> html.Section:
    add = html.Div(
        [
            html.Label("Watch", htmlFor=ids.WATCH_INPUT, className="visually-hidden"),
            dbc.Input(
                id=ids.WATCH_INPUT,
                type="text",
                placeholder="symbol, such as SOLUSDT",
                list=ids.WATCH_LISTED,
                autocomplete="off",
                className="field",
            ),
            html.Datalist(id=ids.WATCH_LISTED),  # filled by the browser: half a thousand components slow every update
            html.Button("Watch", id=ids.WATCH_ADD, className="button"),
            html.Span(id=ids.WATCH_TOLD, className="panel__told", role="status"),
            Held(id=ids.UNWATCH),
        ],
        className="panel__form",
    )
    return _panel("Symbols", html.Div(id=ids.SYMBOLS), add)


def _export(legs: tuple[str, ...]) -> html.Div:
    timeframes = [{"label": "every trade" if t is Timeframe.TICK else f"{t} bars", "value": t.value} for t in Timeframe]
    return html.Div(
        [
            _field("Symbol", ids.EXPORT_SYMBOL, _select(ids.EXPORT_SYMBOL, symbol_choices(legs), legs[0])),
            _field("Rows", ids.EXPORT_TIMEFRAME, _select(ids.EXPORT_TIMEFRAME, timeframes, Timeframe.S1.value)),
            _field(
                "Newest",
                ids.EXPORT_LIMIT,
                dbc.Input(
                    id=ids.EXPORT_LIMIT, type="text", inputmode="numeric", placeholder="everything", autocomplete="off"
                ),
            ),
            html.A(
                "Download CSV",
                id=ids.EXPORT_LINK,
                href=export_address(legs[0], Timeframe.S1),
                download="",
                className="button button--wide",
            ),
        ],
        className="fields",
    )


def _field(label: str, field_id: str, field: Any) -> html.Div:
    return html.Div([html.Label(label, htmlFor=field_id), field], className="fields__line")


def _select(select_id: str, options: list[dict[str, str]], value: str) -> dbc.Select:
    return dbc.Select(id=select_id, options=options, value=value, className="field")


def _holes(legs: tuple[str, ...]) -> html.Section:
    narrowing = html.Div(
        [
            html.Label("Symbol", htmlFor=ids.HOLES_SYMBOL, className="visually-hidden"),
            _select(ids.HOLES_SYMBOL, symbol_choices(legs, every=True), EVERY),
            html.Fieldset(
                [
                    html.Legend("State", className="visually-hidden"),
                    dbc.RadioItems(
                        id=ids.HOLES_STATE,
                        options=state_options(),
                        value=EVERY,
                        className="segments",
                        inputClassName="btn-check",
                        labelClassName="segment",
                        labelCheckedClassName="segment--on",
                    ),
                ],
                className="timeframe",
            ),
            html.A("All as JSON", href="/api/data/gaps", download="pairwatch-gaps.json", className="button"),
        ],
        className="panel__form",
    )
    content = [html.Div(id=ids.HOLES_SUMMARY, className="summary", role="status"), html.Div(id=ids.HOLES)]
    return _panel("Holes", html.Div(content), narrowing)
