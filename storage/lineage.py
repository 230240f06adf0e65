"""The two kinds of database and the steps that lead each to its present schema."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Lineage:
    """One kind of database. holds: what is in it, for sentences.  revision: of the present schema.  migrations: the
    folder of the steps.  restore: the command that puts a backup in its place. No two kinds share a revision, so none
    is taken for another.
    """

    holds: str
    revision: str
    migrations: Path
    restore: str

    @property
    def repair(self) -> str:
        """The way out of a damaged database, as a part of a sentence."""
        return (
            f"stop Pairwatch, then put a backup in its place (python app.py {self.restore}) or move it away to start "
            "anew"
        )

    def known_revisions(self) -> frozenset[str]:
        """Every revision that this program can lead to the present one."""
        return _revisions(self.migrations)


@cache
def _revisions(migrations: Path) -> frozenset[str]:
    # Alembic takes a fifth of a second to import, and a present database has no need of it.
    from alembic.script import ScriptDirectory

    return frozenset(script.revision for script in ScriptDirectory(str(migrations)).walk_revisions())


MARKET: Final = Lineage("trades", "0002", _HERE / "migrations", "restore FILE")
KEPT: Final = Lineage("what the user keeps", "kept0002", _HERE / "kept_migrations", "restore --kept FILE")
EVERY: Final = (MARKET, KEPT)
