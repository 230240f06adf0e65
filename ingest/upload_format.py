"""What a CSV file of trades or bars can look like: its columns, known by the header, or without one by the first row.

Our own exports are told by their header; Binance's archives of aggregate trades, raw trades and klines come with and
without one. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from analytics.errors import BadInput
from analytics.market import Timeframe
from ingest.archive_rows import ALSO_CALLED as ALSO_CALLED_IN_TRADES
from ingest.archive_rows import COLUMNS as AGG_TRADES

Kind = Literal["whole", "id", "time", "price", "quantity", "amount", "truth", "text", "quality", "any"]
FormatName = Literal["pairwatch trades", "pairwatch bars", "binance aggTrades", "binance trades", "binance klines"]
TimeUnit = Literal["seconds", "milliseconds", "microseconds"]
# How much of a millisecond, and how many of them, one is.
UNITS: Final[dict[TimeUnit, tuple[int, int]]] = {
    "seconds": (1_000, 1),
    "milliseconds": (1, 1),
    "microseconds": (1, 1_000),
}
_MILLISECONDS_FROM, _MICROSECONDS_FROM, _NANOSECONDS_FROM = 10**11, 10**14, 10**17


@dataclass(frozen=True, slots=True)
class Column:
    """name: as the header writes it.  kind: what its cells hold."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Format:
    """columns: in their order; only the last `optional` of them may be left out."""

    name: FormatName
    columns: tuple[Column, ...]
    optional: int = 0

    @property
    def holds_bars(self) -> bool:
        """Whether its rows are bars; else they are trades."""
        return self.name in {"pairwatch bars", "binance klines"}

    @property
    def tells_takers(self) -> bool:
        """Whether its bars say which part of the volume takers bought."""
        return self.name == "binance klines"

    def place(self, name: str) -> int:
        """Where a column stands, from 0."""
        return next(at for at, column in enumerate(self.columns) if column.name == name)

    def fits(self, cells: int) -> bool:
        """Whether a row may have so many cells."""
        return len(self.columns) - self.optional <= cells <= len(self.columns)


def _format(name: FormatName, columns: str, optional: int = 0) -> Format:
    pairs = (column.split(":") for column in columns.split())
    return Format(name, tuple(Column(name, kind) for name, kind in pairs), optional)  # type: ignore[arg-type]


_KIND_OF_AGG_TRADES: Final[tuple[Kind, ...]] = (
    "id",
    "price",
    "quantity",
    "whole",
    "whole",
    "time",
    "truth",
    "truth",
)
OWN_TRADES: Final = _format(
    "pairwatch trades", "ts:any time_ms:time symbol:text trade_id:id price:price size:quantity buyer_is_maker:truth"
)
OWN_BARS: Final = _format(
    "pairwatch bars",
    "ts:any time_ms:time symbol:text open:price high:price low:price close:price volume:amount trades:whole "
    "quality:quality",
)
AGGREGATE: Final = Format(
    "binance aggTrades",
    tuple(Column(name, kind) for name, kind in zip(AGG_TRADES, _KIND_OF_AGG_TRADES, strict=True)),
    optional=1,
)
RAW: Final = _format(
    "binance trades",
    "id:id price:price qty:quantity quote_qty:any time:time is_buyer_maker:truth is_best_match:truth",
    1,
)
KLINES: Final = _format(
    "binance klines",
    "open_time:time open:price high:price low:price close:price volume:amount close_time:whole quote_volume:any "
    "count:whole taker_buy_volume:amount taker_buy_quote_volume:any ignore:any",
)
_FORMATS: Final = (OWN_TRADES, OWN_BARS, AGGREGATE, RAW, KLINES)
_ALSO_CALLED: Final[dict[FormatName, dict[str, str]]] = {
    "binance aggTrades": ALSO_CALLED_IN_TRADES,
    "binance trades": {"trade_id": "id", "quantity": "qty", "quote_quantity": "quote_qty", "quoteqty": "quote_qty"},
    "binance klines": {
        "quote_asset_volume": "quote_volume",
        "number_of_trades": "count",
        "trades": "count",
        "taker_buy_base_asset_volume": "taker_buy_volume",
        "taker_buy_quote_asset_volume": "taker_buy_quote_volume",
    },
}
_READ_HERE: Final = (
    "read here are exports of Pairwatch (trades, bars) and Binance's archives of aggTrades, trades and klines, as CSV"
)
_TRUTHS: Final = frozenset({"true", "false"})


def has_header(line: str) -> bool:
    """Whether the first line names columns rather than holding a row."""
    return not re.match(r"\s*-?\d", line)


def format_named(line: str) -> Format:
    """The format whose columns a header names. Raises BadInput, naming the first column that fits none."""
    names = [name.strip().strip('"').lower() for name in line.split(",")]
    for one in _FORMATS:
        also = _ALSO_CALLED.get(one.name, {})
        known = [column.name for column in one.columns]
        if one.fits(len(names)) and [also.get(name, name) for name in names] == known[: len(names)]:
            return one
    nearest = max(_FORMATS, key=lambda one: _agreeing(names, one))
    at = _agreeing(names, nearest)
    if not at:
        raise BadInput(f"line 1: these columns are not known: {line[:120]!r}; {_READ_HERE}")
    raise BadInput(
        f"line 1, column {at + 1}: {_found(names, at)}; a file of {nearest.name} has the columns "
        f"{','.join(column.name for column in nearest.columns)}"
    )


def format_of_row(line: str) -> Format:
    """The format that a first row without a header fits. Raises BadInput."""
    cells = [cell.strip().lower() for cell in line.split(",")]
    if len(cells) == len(KLINES.columns):
        return KLINES
    if RAW.fits(len(cells)) and cells[5] in _TRUTHS:
        return RAW
    if AGGREGATE.fits(len(cells)) and cells[6] in _TRUTHS:
        return AGGREGATE
    raise BadInput(f"line 1: {line[:120]!r} is no row of a known kind; {_READ_HERE}. A header line tells it best")


def unit_of(stamp: int) -> TimeUnit:
    """In what this moment is counted. Raises BadInput for nanoseconds."""
    if stamp >= _NANOSECONDS_FROM:
        raise BadInput(f"the time {stamp} is in nanoseconds or finer; give seconds, milliseconds or microseconds")
    if stamp >= _MICROSECONDS_FROM:
        return "microseconds"
    return "milliseconds" if stamp >= _MILLISECONDS_FROM else "seconds"


def symbol_in(file_name: str) -> str | None:
    """The symbol that a file's name tells: `BTCUSDT-aggTrades-2025-01-01.csv`, `pairwatch-btcusdt-1s-...csv`."""
    told = re.match(r"([A-Z0-9]{2,30})-(?:aggTrades|trades|\d+[smhd])-\d{4}-\d{2}", file_name)
    told = told or re.match(r"pairwatch-(?:demo-|replay-)?([a-z0-9]{2,30})(?:@[a-z0-9_]+)?-", file_name)
    return told[1].upper() if told else None


def timeframe_in(file_name: str) -> Timeframe | None:
    """How long its bars last, where a file's name tells."""
    told = re.match(r"(?:pairwatch-.*?|[A-Z0-9]{2,30})-(\d+[smhd])-\d", file_name)
    return Timeframe(told[1]) if told and told[1] in set(Timeframe) else None


def _agreeing(names: list[str], one: Format) -> int:
    """How many of the first columns are those of the format."""
    also = _ALSO_CALLED.get(one.name, {})
    pairs = zip(names, one.columns, strict=False)
    unlike = (at for at, (name, column) in enumerate(pairs) if also.get(name, name) != column.name)
    return next(unlike, min(len(names), len(one.columns)))


def _found(names: list[str], at: int) -> str:
    return f"it is called {names[at][:40]!r}" if at < len(names) else "it is missing"
