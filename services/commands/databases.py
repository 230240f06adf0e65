"""Which database a command means: the same names that the markets give theirs (services/opening.py)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from analytics.errors import BadInput
from settings import Settings


@dataclass(frozen=True, slots=True)
class Database:
    """A file and whose trades it holds."""

    path: Path
    venue: str


def chosen_database(settings: Settings) -> Database:
    """The live one, or with `--source demo` the demo market's. Raises BadInput for a recording's."""
    if settings.chosen_source == "replay":
        raise BadInput("the database of a recording begins empty at each start; leave --replay out")
    if settings.chosen_source == "demo":
        return Database(settings.data_dir / f"demo-{settings.seed}.db", "demo")
    venue = urlsplit(settings.rest_url).hostname or settings.rest_url
    return Database(settings.data_dir / f"{re.sub(r'[^A-Za-z0-9.-]', '_', venue)}.db", venue)


def databases_in(folder: Path) -> tuple[Path, ...]:
    """Every database in the data folder, in alphabetical order."""
    return tuple(sorted(folder.glob("*.db")))
