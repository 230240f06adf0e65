"""The table of watched symbols on the Diagnostics page: how each feed is, what is stored, what is missing."""

from __future__ import annotations

from typing import Any, Final

from dash import html

from analytics.market import Timeframe
from analytics.status import MarketStatus, SymbolStatus
from layouts import numbers
from layouts.aria import aria, unseen
from layouts.freshness import looks
from layouts.marks import mark
from layouts.tables import Column, table

_COLUMNS: Final = (
    Column("Symbol"),
    Column("State", "wide"),
    Column("Age", "number"),
    Column("Lag", "number"),
    Column("Msg/s", "number"),
    Column("First id", "number"),
    Column("Last id", "number"),
    Column("Stored", "number"),
    Column("Open", "number"),
    Column("Lost", "number"),
    Column("Set aside", "number"),
    Column("CSV"),
    Column("Remove", "number"),
)


def symbols_table(status: MarketStatus) -> Any:
    """A row a symbol. A button in it asks to remove the symbol: `data-unwatch` names it to the page's script."""
    rows = [_row(symbol) for symbol in status.symbols.values()]
    return table("Watched symbols", _COLUMNS, rows, none="No symbol is watched yet.")


def state_cell(state: Any, reason: str | None) -> list[Any]:
    """A state in a shape and a word, and why."""
    tone, shape = looks(state)
    told = [html.Span([mark(shape), state], className=f"state tone--{tone}")]
    return told if reason is None else [*told, html.Span(reason, className="state__reason")]


def export_address(symbol: str, timeframe: Timeframe) -> str:
    """Where a symbol's file is."""
    return f"/api/data/export?symbol={symbol}&timeframe={timeframe.value}"


def _row(symbol: SymbolStatus) -> tuple[Any, ...]:
    return (
        symbol.symbol,
        state_cell(symbol.state, symbol.reason),
        numbers.duration(symbol.age_ms),
        numbers.milliseconds(symbol.lag_ms),
        numbers.fixed(symbol.messages_per_s, 1),
        _id(symbol.first_id),
        _id(symbol.last_id),
        numbers.count(symbol.ticks_stored),
        _holes(symbol.gaps_open, "mind", "half"),
        _holes(symbol.gaps_lost, "bad", "cross"),
        numbers.count(symbol.quarantined),
        html.Span(
            [_file(symbol.symbol, Timeframe.TICK, "trades"), _file(symbol.symbol, Timeframe.S1, "1s bars")],
            className="files",
        ),
        html.Button(
            html.Span("×", **unseen()),
            className="remove",
            title=f"Remove {symbol.symbol}",
            **{**aria(label=f"Remove {symbol.symbol}"), "data-unwatch": symbol.symbol},
        ),
    )


def _id(trade_id: int | None) -> str:
    # Ungrouped: it is a name, to be searched for in the ledger and in files.
    return numbers.DASH if trade_id is None else str(trade_id)


def _holes(count: int, tone: str, shape: str) -> Any:
    if not count:
        return "0"
    return html.Span([mark(shape), numbers.count(count)], className=f"tone--{tone}")


def _file(symbol: str, timeframe: Timeframe, words: str) -> html.A:
    return html.A(
        words,
        href=export_address(symbol, timeframe),
        download="",
        className="file",
        **aria(label=f"{symbol} {words} as CSV"),
    )
