"""SQLite's own checks of a database, as sentences."""

from __future__ import annotations

import sqlite3
from typing import Literal


def fault_in_pages(connection: sqlite3.Connection, check: Literal["quick_check", "integrity_check"]) -> str | None:
    """The first thing that a check complains about, in one line; None when all is well.

    quick_check: reads every page.  integrity_check: compares the indexes with their tables too.  Raises sqlite3.Error
    where a page cannot be read at all.
    """
    verdict = str(connection.execute(f"PRAGMA {check}(1)").fetchone()[0])
    return None if verdict == "ok" else " ".join(verdict.replace("*** in database main ***", "").split())
