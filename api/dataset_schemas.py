"""What goes in and out of the routes of datasets. No field changes its meaning."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.schemas import History


class DatasetSymbol(BaseModel):
    """One symbol of a dataset. ask_as: how every other door is asked for it.  rows: trades or bars.  timeframe: of the
    bars that were uploaded, `tick` for trades.  first_ts, last_ts: of the first and the last row.
    """

    symbol: str
    ask_as: str
    kind: Literal["trades", "bars"]
    timeframe: str
    rows: int
    first_ts: str
    last_ts: str


class DatasetOut(BaseModel):
    """A named dataset. made_at: when its newest file came.  files: what these were called, oldest first."""

    name: str
    made_at: str
    files: list[str]
    symbols: list[DatasetSymbol]


class Datasets(BaseModel):
    """Every dataset, the newest first."""

    datasets: list[DatasetOut]


class DatasetName(BaseModel):
    """name: 1 to 40 letters, digits and underscores, in any case."""

    name: str = Field(min_length=1, max_length=200, examples=["JANUARY"])


class DatasetRemoved(BaseModel):
    """removal: the number that brings it back, until `until`."""

    removal: int
    name: str
    until: str


class DatasetsRemoved(BaseModel):
    """What can be brought back, the newest first."""

    removed: list[DatasetRemoved]


class RejectedRow(BaseModel):
    """A row of the file that was not taken. line, column: from 1; column is null where the whole row is at fault."""

    line: int
    column: int | None
    reason: str


class Uploaded(History):
    """What came of a file, and the newest bars of its first symbol in the shape of `/api/data/history`.

    symbols: those of the file.  rows: all of them; stored: those that the dataset did not hold before; duplicates: good
    ones that it did, or that came twice; rejected_rows: those that could not be used, the first 100 in `rejected`.
    in_order: whether none stood behind its place, disordered_rows: how many did.  partial_bars: that a hole touches, by
    the file's own account.  missing_ids: ids of trades that are LOST in the ledger, because they are in no file.
    """

    dataset: str
    symbols: list[DatasetSymbol]
    format: str
    time_unit: Literal["seconds", "milliseconds", "microseconds"]
    rows: int
    stored: int
    duplicates: int
    rejected_rows: int
    rejected: list[RejectedRow]
    in_order: bool
    disordered_rows: int
    partial_bars: int
    missing_ids: int
