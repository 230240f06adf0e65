"""The datasets: files that users handed in, each a store of its own that nothing feeds.

A dataset's symbol is asked as `BTCUSDT@NAME` and never mixes with the running market.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from analytics.datasets import bare, dataset_name, dataset_of, suggested_name, within
from analytics.errors import BadInput, NameTaken, StoreError, UnknownSymbol
from analytics.market import Bars, Gap, Ticks, Timeframe
from analytics.status import Recorded
from ingest.upload import UploadFile
from services.dataset_building import Building
from services.dataset_facts import DatasetFacts, RemovedDataset, TakenIn
from services.dataset_folder import DATABASE, KIND, DatasetFolder
from services.dataset_history import DatasetHistory
from services.export import bar_pages, tick_pages
from services.ports import Clock
from storage.copying import copy_whole
from storage.sql import SqlStore

VENUE: Final = "dataset"
_PAGE_ROWS: Final = 4_000
_MIB: Final = 1 << 20
# What a file grows to as a database, beside the file itself.
_ROOM: Final = 3


class Datasets:
    """Thread-safe. folder: where they lie; several processes may share it.  spare_bytes: of the disk, left alone."""

    def __init__(self, folder: Path, clock: Clock, *, spare_bytes: int = 0) -> None:
        self._folder = DatasetFolder(folder)
        self._clock = clock
        self._spare_bytes = spare_bytes
        self._lock = threading.RLock()
        self._taking_in = threading.Lock()
        self._opened: dict[str, tuple[int, SqlStore, DatasetHistory]] = {}
        self._numbers = itertools.count(1)
        self._folder.clear(clock.now_ms())

    @contextmanager
    def incoming(self, expected_bytes: int) -> Iterator[Path]:
        """Where an uploaded file may be written, and its dataset be made: one at a time. Gone afterwards.

        Raises BadInput while another file is taken in, StoreError without room for so many bytes and their database.
        """
        if not self._taking_in.acquire(blocking=False):
            raise BadInput("another file is being taken in; try again when it is done")
        try:
            with self._folder.incoming() as folder:
                needed = _ROOM * expected_bytes + self._spare_bytes
                free = shutil.disk_usage(folder).free
                if free < needed:
                    raise StoreError(f"taking in this file needs {needed // _MIB} MiB of disk, {free // _MIB} are free")
                yield folder
        finally:
            self._taking_in.release()

    def take_in(
        self,
        folder: Path,
        path: Path,
        file_name: str,
        *,
        symbol: str | None = None,
        dataset: str | None = None,
        timeframe: Timeframe | None = None,
    ) -> TakenIn:
        """Make a dataset of a file, or add the file to one. All of it is there when this returns, or nothing.

        folder: from `incoming`.  file_name: what the user's program calls it.  symbol: whose data, where the file does
        not tell.  dataset: its name; one that is there gets the file added; without it the file's name is taken.
        timeframe: must be answerable.  Raises BadInput and StoreError.
        """
        name = dataset_name(dataset) if dataset else self._folder.free_name(suggested_name(file_name))
        before = self._folder.facts(name) if self._folder.of(name).exists() else None
        made = folder / "made"
        with _on_disk():
            made.mkdir(mode=0o700)
            if before is not None:
                self._copy(name, made / DATABASE)
        upload = UploadFile(path, file_name, symbol)
        store = SqlStore(made / DATABASE, venue=VENUE, now_ms=self._clock.now_ms, spare_bytes=self._spare_bytes)
        with closing(store):
            taken = Building(store, name, before, self._clock.now_ms()).take_in(upload, file_name)
            if timeframe is not None:
                history = DatasetHistory(store, taken.dataset)
                for one in taken.symbols:
                    history.check(one, timeframe)
        with self._lock:
            if before is None and self._folder.of(name).exists():
                raise NameTaken(KIND, name)
            self._close(name)
            self._folder.publish(made, taken.dataset)
        return taken

    def all(self) -> tuple[DatasetFacts, ...]:
        """Every dataset, the newest first. Raises StoreError."""
        return self._folder.all()

    def facts(self, name: str) -> DatasetFacts:
        """What is told of one. Raises UnknownName and BadInput."""
        return self._folder.facts(name)

    def rename(self, name: str, new_name: str) -> DatasetFacts:
        """Its symbols are asked by the new name from now on. Raises UnknownName, NameTaken, BadInput."""
        with self._lock:
            self._close(dataset_name(name))
            return self._folder.rename(name, new_name)

    def remove(self, name: str) -> RemovedDataset:
        """Put one aside; within a day it can be brought back. Raises UnknownName and BadInput."""
        with self._lock:
            self._close(dataset_name(name))
            self._folder.clear(self._clock.now_ms())
            return self._folder.remove(name, self._clock.now_ms())

    def removed(self) -> tuple[RemovedDataset, ...]:
        """What can be brought back, the newest first."""
        return tuple(one for one in self._folder.removed() if one.until_ms > self._clock.now_ms())

    def bring_back(self, removal: int) -> DatasetFacts:
        """Undo a removal. Raises UnknownName, and NameTaken when another has the name by now."""
        with self._lock:
            self._folder.clear(self._clock.now_ms())
            return self._folder.bring_back(removal)

    def check(self, symbol: str) -> None:
        """Whether there is such a symbol. Raises UnknownSymbol."""
        self._history(symbol).of(symbol)

    def version(self, symbol: str) -> object:
        """Changes whenever its answers may differ. Raises UnknownSymbol."""
        return self._found(symbol)[0]

    def newest(self, symbol: str, timeframe: Timeframe, limit: int) -> Bars:
        """The newest `limit` bars. Raises UnknownSymbol and BadInput."""
        return self._history(symbol).newest(symbol, timeframe, limit)

    def newest_ticks(self, symbol: str, limit: int) -> Ticks:
        """The newest `limit` trades. Raises UnknownSymbol and BadInput."""
        return self._history(symbol).newest_ticks(symbol, limit)

    def gaps(self, symbol: str) -> tuple[Gap, ...]:
        """The ledger of holes, oldest first. Raises UnknownSymbol."""
        history = self._history(symbol)
        history.of(symbol)
        return tuple(replace(gap, symbol=symbol) for gap in history.store.gaps(bare(symbol)))

    def tick_pages(self, symbol: str, limit: int | None) -> Iterator[Ticks]:
        """The trades in pages ascending by id. Raises UnknownSymbol and BadInput."""
        history = self._history(symbol)
        history.check(symbol, Timeframe.TICK)
        return tick_pages(history.store, bare(symbol), limit)

    def bar_pages(self, symbol: str, timeframe: Timeframe, limit: int | None) -> Iterator[Bars]:
        """The bars in pages, ascending. Raises UnknownSymbol and BadInput."""
        history = self._history(symbol)
        history.check(symbol, timeframe)
        facts = history.of(symbol)
        if facts.kind == "trades":
            return bar_pages(history.store, bare(symbol), timeframe, limit)
        bars = history.newest(symbol, timeframe, limit or facts.rows)
        return (bars.rows(slice(row, row + _PAGE_ROWS)) for row in range(0, len(bars), _PAGE_ROWS))

    def recorded(self) -> dict[str, Recorded]:
        """Of the datasets that are in use: when their data begin and end. Cheap."""
        opened = list(self._opened.items())
        return {name: _recorded(history.facts) for name, (_, _, history) in opened}

    def close(self) -> None:
        """Close every store. Idempotent."""
        with self._lock:
            for name in list(self._opened):
                self._close(name)

    def _history(self, symbol: str) -> DatasetHistory:
        return self._found(symbol)[2]

    def _found(self, symbol: str) -> tuple[int, SqlStore, DatasetHistory]:
        name = dataset_of(symbol) or ""
        opened = self._opened.get(name)
        if opened is None:
            with self._lock:
                opened = self._opened.get(name) or self._open(name, symbol)
        return opened

    def _open(self, name: str, symbol: str) -> tuple[int, SqlStore, DatasetHistory]:
        with suppress(BadInput):
            facts = self._folder.facts(name)
            if bare(symbol) in facts.symbols:
                path = self._folder.of(name) / DATABASE
                store = SqlStore(path, venue=VENUE, now_ms=self._clock.now_ms)
                opened = self._opened[name] = (next(self._numbers), store, DatasetHistory(store, facts))
                return opened
        raise UnknownSymbol(within(bare(symbol), name))

    def _close(self, name: str) -> None:
        opened = self._opened.pop(name, None)
        if opened is not None:
            opened[1].close()

    def _copy(self, name: str, target: Path) -> None:
        """The database of a dataset as it stands, whole."""
        source = self._folder.of(name) / DATABASE
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            copy_whole(connection, target)


def _recorded(facts: DatasetFacts) -> Recorded:
    return Recorded(
        min(one.first_ms for one in facts.symbols.values()), max(one.last_ms for one in facts.symbols.values())
    )


@contextmanager
def _on_disk() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the dataset cannot be written ({error}); see that the disk has room") from error
