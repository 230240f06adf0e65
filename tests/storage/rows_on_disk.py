"""Looking into a database from outside, with the bare driver."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


def column(path: Path, question: str) -> list[Any]:
    """The first column of the answer."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute(question).fetchall()]
