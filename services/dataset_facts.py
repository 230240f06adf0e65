"""What is told of a dataset: the nouns, and the file beside its database that keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from analytics.errors import StoreError
from analytics.market import Timeframe
from ingest.upload_format import FormatName, TimeUnit
from ingest.upload_rows import Rejected

_FILE = "dataset.json"


@dataclass(frozen=True, slots=True)
class SymbolFacts:
    """One symbol of a dataset. timeframe: of its bars, `tick` where it holds trades.  rows: trades or bars that are
    stored.  first_ms, last_ms: of the first and the last.  tells_takers: whether its bars know the part of the volume
    that takers bought.
    """

    timeframe: Timeframe
    rows: int
    first_ms: int
    last_ms: int
    tells_takers: bool = True

    @property
    def kind(self) -> Literal["trades", "bars"]:
        """What its rows are."""
        return "trades" if self.timeframe is Timeframe.TICK else "bars"


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A named dataset. made_ms: when its newest file came.  files: what the files were called, oldest first."""

    name: str
    made_ms: int
    files: tuple[str, ...]
    symbols: dict[str, SymbolFacts]


@dataclass(frozen=True, slots=True)
class RemovedDataset:
    """One that was removed. removal: the number that brings it back, until `until_ms`."""

    removal: int
    name: str
    until_ms: int


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came of a file. symbols: those that it held, in its order.  rows: all of them, good or not; stored: those
    that the dataset did not hold before; duplicates: good ones that it did, or that came twice.  rejected: the first
    of `rejected_rows`.  disordered: rows that stood behind their place.  partial: bars that a hole touches, by the
    file's own account.  missing_ids: ids between the first and the last that neither the file nor the dataset holds.
    """

    dataset: DatasetFacts
    symbols: tuple[str, ...]
    format: FormatName
    time_unit: TimeUnit
    rows: int
    stored: int
    duplicates: int
    rejected_rows: int
    disordered: int
    partial: int
    missing_ids: int
    rejected: tuple[Rejected, ...] = field(default=())


def read_facts(folder: Path) -> DatasetFacts | None:
    """What is told of the dataset in a folder; None where there is none. Raises StoreError."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=DatasetFacts)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise StoreError(f"{folder / _FILE} cannot be read ({error}); remove the folder, or mend it") from error


def write_facts(folder: Path, facts: DatasetFacts) -> Path:
    """Write them down. Returns the file. Raises OSError."""
    path = folder / _FILE
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(facts))
    return path
