"""docs/reliability.md names tests that exist, and every row of the matrix."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
TEXT = (HOME / "docs/reliability.md").read_text(encoding="utf-8")


def named_in(folder: Path) -> set[str]:
    return {
        node.name
        for path in folder.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_named_test_is_there() -> None:
    named = set(re.findall(r"`(test_\w{12,})`", TEXT))
    assert len(named) > 40
    assert named - named_in(HOME / "tests") == set()


def test_every_row_of_the_matrix_is_told_with_its_test() -> None:
    rows = dict(re.findall(r"^\| (\d+) \|(.*)\|$", TEXT, re.MULTILINE))
    assert list(map(int, rows)) == list(range(1, 35))
    for number, row in rows.items():
        assert "`test_" in row or number == "33", number


def test_every_row_that_is_tested_here_is_named_there() -> None:
    mine = {name for name in named_in(HOME / "tests/reliability") if re.match(r"test_rows?_\d\d_", name)}
    assert {name for name in mine if name not in TEXT} == set()
