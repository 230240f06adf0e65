"""What lies in the data folder under which name: a database for each source, what the user keeps, the bans of REST."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from analytics.errors import BadInput
from settings import Settings

_KEPT = "kept.db"


@dataclass(frozen=True, slots=True)
class Database:
    """A file and whose trades it holds."""

    path: Path
    venue: str


def live_database(settings: Settings) -> Database:
    """The one of the exchange that the settings name."""
    venue = urlsplit(settings.rest_url).hostname or settings.rest_url
    return Database(settings.data_dir / f"{re.sub(r'[^A-Za-z0-9.-]', '_', venue)}.db", venue)


def demo_database(settings: Settings) -> Database:
    """The one of the demo market with this seed."""
    return Database(settings.data_dir / f"demo-{settings.seed}.db", "demo")


def replay_database(settings: Settings, recording: Path) -> Database:
    """The one of a recording, which begins empty at each start."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", recording.name) or "recording"
    return Database(settings.data_dir / f"replay-{name}.db", "recording")


def chosen_database(settings: Settings) -> Database:
    """The live one, or with `--source demo` the demo market's. Raises BadInput for a recording's."""
    if settings.chosen_source == "replay":
        raise BadInput("the database of a recording begins empty at each start; leave --replay out")
    return demo_database(settings) if settings.chosen_source == "demo" else live_database(settings)


def databases_in(folder: Path) -> tuple[Path, ...]:
    """Every database in the data folder that a source may use, in alphabetical order."""
    return tuple(sorted(set(folder.glob("*.db")) - set(copies_in(folder)) - {folder / _KEPT}))


def kept_database(settings: Settings) -> Path:
    """What the user keeps, whatever the source."""
    return settings.data_dir / _KEPT


def datasets_folder(settings: Settings) -> Path:
    """What users have uploaded, whatever the source."""
    return settings.data_dir / "datasets"


def copies_in(folder: Path) -> tuple[Path, ...]:
    """What a restore or a new schema has kept of databases as they were before, in alphabetical order."""
    return tuple(sorted(folder.glob("*.before-*.db")))


def bans_file(settings: Settings) -> Path:
    """Where the deadlines of REST bans are kept."""
    return settings.data_dir / "bans.json"
