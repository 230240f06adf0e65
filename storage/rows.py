"""Rows of the tables as numpy columns, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from itertools import repeat
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select

from analytics.errors import StoreError
from analytics.market import Bars, Int64Array, Quality, Ticks, Timeframe, frozen_array
from storage import schema

_Rows = TypeVar("_Rows", Ticks, Bars)

TICK_COLUMNS = tuple(column for column in schema.ticks.columns if column.name != "symbol_id")
BAR_COLUMNS = tuple(column for column in schema.bars_1s.columns if column.name != "symbol_id")
CANDLE_COLUMNS = tuple(column for column in schema.candles.columns if column.name not in {"symbol_id", "timeframe"})

_TICK_ROW = np.dtype(
    [("trade_id", "i8"), ("time_ms", "i8"), ("price", "f8"), ("quantity", "f8"), ("buyer_is_maker", "?")]
)
_ID_AND_TIME = np.dtype([("trade_id", "i8"), ("time_ms", "i8")])
_BAR_ROW = np.dtype(
    [
        ("start_ms", "i8"),
        ("open", "f8"),
        ("high", "f8"),
        ("low", "f8"),
        ("close", "f8"),
        ("volume", "f8"),
        ("trades", "i8"),
        ("taker_buy_volume", "f8"),
        ("first_id", "i8"),
        ("last_id", "i8"),
        ("quality", "u1"),
    ]
)


_CANDLE_ROW = np.dtype([(column.name, _BAR_ROW[column.name]) for column in CANDLE_COLUMNS])


def read_ticks(connection: Connection, query: Select[Any]) -> Ticks:
    """What a query for `TICK_COLUMNS` answers."""
    return Ticks(**_columns(connection, query, _TICK_ROW))


def read_ids_and_times(connection: Connection, query: Select[Any]) -> tuple[Int64Array, Int64Array]:
    """What a query for `trade_id` and `time_ms` answers."""
    columns = _columns(connection, query, _ID_AND_TIME)
    return columns["trade_id"], columns["time_ms"]


def read_bars(connection: Connection, query: Select[Any]) -> Bars:
    """What a query for `BAR_COLUMNS` answers."""
    return Bars(**_columns(connection, query, _BAR_ROW))


def read_candles(connection: Connection, query: Select[Any]) -> Bars:
    """What a query for `CANDLE_COLUMNS` answers."""
    columns = _columns(connection, query, _CANDLE_ROW)
    return as_told(Bars(**columns, first_id=columns["trades"], last_id=columns["trades"], quality=columns["trades"]))


def as_told(candles: Bars) -> Bars:
    """Candles as a store gives them back: BACKFILLED and without trade ids, whatever they came with."""
    nowhere = frozen_array(np.zeros(len(candles), np.int64))
    quality = frozen_array(np.full(len(candles), Quality.BACKFILLED, np.uint8))
    return replace(candles, first_id=nowhere, last_id=nowhere, quality=quality)


def tick_rows(symbol_id: int, ticks: Ticks) -> list[tuple[Any, ...]]:
    """Rows of the table `ticks`."""
    return _tuples(symbol_id, [getattr(ticks, column.name) for column in TICK_COLUMNS])


def bar_rows(symbol_id: int, bars: Bars) -> list[tuple[Any, ...]]:
    """Rows of the table `bars_1s`."""
    return _tuples(symbol_id, [getattr(bars, column.name) for column in BAR_COLUMNS])


def candle_rows(symbol_id: int, timeframe: Timeframe, candles: Bars) -> list[tuple[Any, ...]]:
    """Rows of the table `candles`."""
    columns = [getattr(candles, column.name) for column in CANDLE_COLUMNS]
    return [(number, timeframe.value, *rest) for number, *rest in _tuples(symbol_id, columns)]


def concatenated(pieces: Sequence[Ticks]) -> Ticks:
    """All the trades, in the order of the pieces."""
    return _concatenated(Ticks, pieces)


def concatenated_bars(pieces: Sequence[Bars]) -> Bars:
    """All the bars, in the order of the pieces."""
    return _concatenated(Bars, pieces)


def _concatenated(kind: type[_Rows], pieces: Sequence[_Rows]) -> _Rows:
    filled = [piece for piece in pieces if len(piece)] or pieces[:1]
    if len(filled) == 1:
        return filled[0]
    return kind(*(np.concatenate([getattr(piece, field.name) for piece in filled]) for field in fields(kind)))


def _columns(connection: Connection, query: Select[Any], row: np.dtype[Any]) -> dict[str, NDArray[Any]]:
    # Straight from the driver's cursor: rows as SQLAlchemy objects would cost twice the time.
    answer = connection.execute(query)
    try:
        table = np.fromiter(cast("Iterable[Any]", answer.cursor), row)
    except (TypeError, ValueError) as error:
        # SQLite keeps text or nothing in a column of numbers, if a damaged page says so.
        raise StoreError(f"the database is damaged: a row is not what it should be ({error})") from error
    finally:
        answer.close()
    return {name: frozen_array(np.ascontiguousarray(table[name])) for name in row.names or ()}


def _tuples(symbol_id: int, columns: Iterable[NDArray[Any]]) -> list[tuple[Any, ...]]:
    return list(zip(repeat(symbol_id), *(column.tolist() for column in columns), strict=False))
