"""The folders of the datasets: `datasets/NAME/` with database and facts. What is in the making, or was removed, lies
beside them under a name with a dot; a dataset takes or leaves its place in one step, so a kill leaves no half of one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from secrets import token_hex
from typing import Final

from analytics.datasets import dataset_name
from analytics.errors import NameTaken, StoreError, UnknownName
from services.dataset_facts import DatasetFacts, RemovedDataset, read_facts, write_facts
from storage.copying import sync
from storage.sole_user import SoleUser, user_of

DATABASE: Final = "market.db"
KIND: Final = "dataset"
_INCOMING, _REMOVED, _REPLACED = ".incoming-", ".removed-", ".replaced-"
_IN_USE = "upload"
_KEPT_MS: Final = 86_400_000


class DatasetFolder:
    """Stateless: several processes may share the folder. Every method raises StoreError when the disk refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def clear(self, now_ms: int) -> None:
        """Remove what a kill has left, and what was removed more than a day ago; put back what was being replaced."""
        with _told("cleared"):
            for left in self._beside(_REPLACED):
                self._settle_replaced(left)
            for left in self._beside(_INCOMING):
                if user_of(left / _IN_USE) is None:
                    shutil.rmtree(left)
            for removed in self.removed():
                if removed.until_ms <= now_ms:
                    shutil.rmtree(self._removed_path(removed))

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """A folder to make a dataset in. It is gone afterwards, unless it was published."""
        with _told("written"):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = self.path / f"{_INCOMING}{token_hex(8)}"
            folder.mkdir(mode=0o700)
        user = SoleUser(folder / _IN_USE)
        try:
            yield folder
        finally:
            user.release()
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, folder: Path, facts: DatasetFacts) -> None:
        """Give a finished folder its name; it takes the place of one that has it."""
        target = self.of(facts.name)
        with _told("written"):
            sync(write_facts(folder, facts))
            sync(folder)
            if not target.exists():
                folder.rename(target)
                sync(self.path)
                return
            with self._unused(facts.name):
                before = self.path / f"{_REPLACED}{token_hex(8)}-{facts.name}"
                target.rename(before)
                folder.rename(target)
                sync(self.path)
        shutil.rmtree(before, ignore_errors=True)

    def of(self, name: str) -> Path:
        """Where a dataset lies, or would."""
        return self.path / dataset_name(name)

    def facts(self, name: str) -> DatasetFacts:
        """What is told of a dataset. Raises UnknownName."""
        found = read_facts(self.of(name))
        if found is None:
            raise UnknownName(KIND, name, tuple(one.name for one in self.all()))
        return replace(found, name=dataset_name(name))

    def all(self) -> tuple[DatasetFacts, ...]:
        """Every dataset, the newest first."""
        if not self.path.is_dir():
            return ()
        with _told("read"):
            places = [one for one in self.path.iterdir() if not one.name.startswith(".")]
        found = [replace(facts, name=place.name) for place in places if (facts := read_facts(place)) is not None]
        return tuple(sorted(found, key=lambda facts: (-facts.made_ms, facts.name)))

    def free_name(self, wanted: str) -> str:
        """This name, or with a number behind it where it is taken."""
        numbered = (f"{wanted[: 39 - len(str(number))]}_{number}" for number in range(2, 10_000))
        return next(name for name in (wanted, *numbered) if not self.of(name).exists())

    def rename(self, name: str, new_name: str) -> DatasetFacts:
        """Raises UnknownName, NameTaken, BadInput."""
        facts, new_name = self.facts(name), dataset_name(new_name)
        if new_name == facts.name:
            return facts
        if self.of(new_name).exists():
            raise NameTaken(KIND, new_name)
        renamed = replace(facts, name=new_name)
        with _told("renamed"), self._unused(facts.name):
            # The folder's name is the name; what the facts say of it follows.
            self.of(name).rename(self.of(new_name))
            write_facts(self.of(new_name), renamed)
            sync(self.path)
        return renamed

    def remove(self, name: str, now_ms: int) -> RemovedDataset:
        """Put it aside for a day. Raises UnknownName."""
        facts = self.facts(name)
        taken = {one.removal for one in self.removed()}
        removal = next(number for number in range(now_ms, now_ms + len(taken) + 1) if number not in taken)
        removed = RemovedDataset(removal, facts.name, now_ms + _KEPT_MS)
        with _told("removed"), self._unused(facts.name):
            self.of(name).rename(self._removed_path(removed))
            sync(self.path)
        return removed

    def removed(self) -> tuple[RemovedDataset, ...]:
        """What can be brought back, the newest first."""
        told = (re.fullmatch(r"\.removed-(\d+)-([A-Z0-9_]+)-(\d+)", one.name) for one in self._beside(_REMOVED))
        found = [RemovedDataset(int(one[1]), one[2], int(one[3])) for one in told if one is not None]
        return tuple(sorted(found, key=lambda one: one.removal, reverse=True))

    def bring_back(self, removal: int) -> DatasetFacts:
        """Under its name. Raises UnknownName, and NameTaken when another has the name by now."""
        found = next((one for one in self.removed() if one.removal == removal), None)
        if found is None:
            raise UnknownName("removal", str(removal), tuple(str(one.removal) for one in self.removed()))
        if self.of(found.name).exists():
            raise NameTaken(KIND, found.name)
        with _told("brought back"):
            self._removed_path(found).rename(self.of(found.name))
            sync(self.path)
        return self.facts(found.name)

    def _removed_path(self, removed: RemovedDataset) -> Path:
        return self.path / f"{_REMOVED}{removed.removal}-{removed.name}-{removed.until_ms}"

    def _beside(self, prefix: str) -> list[Path]:
        return sorted(self.path.glob(f"{prefix}*")) if self.path.is_dir() else []

    @contextmanager
    def _unused(self, name: str) -> Iterator[None]:
        """Nobody has the database open meanwhile. Raises StoreError when another process does."""
        user = SoleUser(self.of(name) / DATABASE)
        try:
            yield
        finally:
            user.release()

    def _settle_replaced(self, left: Path) -> None:
        """A kill came between two renames: the old one goes back, or is not needed any more."""
        name = left.name.rpartition("-")[2]
        if self.of(name).exists():
            shutil.rmtree(left)
        else:
            left.rename(self.of(name))


@contextmanager
def _told(done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the dataset cannot be {done} ({error.strerror or error}); see that the disk has room, or choose another "
            "--data-dir"
        ) from error
