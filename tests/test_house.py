"""The rules of the house, as far as a machine can see them. STYLE in CONTRIBUTING.md says why."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[1]
ROOMS = ("analytics", "ingest", "storage", "services", "api", "layouts", "callbacks")
_IN_ROOMS = (path for folder in (*ROOMS, "tests", "benchmarks") for path in (HOME / folder).rglob("*.py"))
FILES = [
    *sorted(path for path in _IN_ROOMS if "__pycache__" not in path.parts),
    HOME / "app.py",
    HOME / "settings.py",
]
PRODUCT = [path for path in FILES if path.relative_to(HOME).parts[0] not in {"tests", "benchmarks"}]
BANNED = re.compile(r"(^|_)(utils?|helpers?|managers?|handlers?|misc|common)(_|$)|^(get|calculate)_|data2")


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(HOME))) for path in paths]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body
    if (
        isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    ):
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", named(FILES))
def test_a_file_is_small_enough_to_read(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_the_composition_root_stays_small() -> None:
    assert len((HOME / "app.py").read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.parametrize("path", named(FILES))
def test_a_function_fits_on_a_screen(path: Path) -> None:
    assert {f.name: body_lines(f) for f in functions(path) if body_lines(f) > 50} == {}


@pytest.mark.parametrize("path", named(sorted((HOME / "callbacks").glob("*.py"))))
def test_a_callback_only_translates(path: Path) -> None:
    callbacks = [f for f in functions(path) if isinstance(f, ast.AsyncFunctionDef)]
    assert {f.name: body_lines(f) for f in callbacks if body_lines(f) > 12} == {}


@pytest.mark.parametrize("path", named(PRODUCT))
def test_nothing_is_global_swallowed_or_promised(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(tree(path)):
        assert not isinstance(node, ast.Global)
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None
            caught = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)}
            passed_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            assert passed_on or not caught & {"Exception", "BaseException"}
    assert not re.search(r"TODO|FIXME|XXX|NotImplementedError", text)


@pytest.mark.parametrize("path", named(FILES))
def test_names_say_what_a_thing_is(path: Path) -> None:
    names = {path.stem} | {f.name for f in functions(path)}
    names |= {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)}
    assert {name for name in names if BANNED.search(name)} == set()


@pytest.mark.parametrize("path", named([p for p in FILES if p.relative_to(HOME).parts[0] == "tests"]))
def test_tests_use_fakes_and_never_sleep(path: Path) -> None:
    imported = {
        alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not {name for name in imported if "mock" in name}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            assert (node.attr, getattr(node.value, "id", "")) != ("sleep", "time")
            assert (node.attr, getattr(node.value, "id", "")) != ("setattr", "monkeypatch")


def test_only_settings_and_the_clock_read_the_machine() -> None:
    text = {path: path.read_text(encoding="utf-8") for path in PRODUCT}
    assert [p.name for p, t in text.items() if "os.environ" in t] == ["settings.py"]
    clocks = [p for p, t in text.items() if re.search(r"\btime\.(time|time_ns|monotonic|monotonic_ns)\(", t)]
    inside = {p.relative_to(HOME).as_posix() for p in clocks if "simulator" not in p.parts}
    assert inside == {"services/clock.py"}


def test_the_walls_between_the_rooms_stand() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([linter, "--no-cache"], cwd=HOME, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:]


def test_pinned_requirements_carry_hashes_and_no_address() -> None:
    for name in ("requirements.txt", "requirements-fast.txt", "requirements-alerts.txt", "requirements-dev.txt"):
        text = (HOME / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert not re.search(r"https?:|--index|--find-links", text)
    assert not [name for name in ("uv.lock", "pylock.toml", "poetry.lock") if (HOME / name).exists()]


def test_the_page_loads_nothing_from_another_site() -> None:
    assets = [path for path in (HOME / "assets").rglob("*") if path.suffix in {".css", ".js", ".html"}]
    assert assets
    for path in assets:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?:url\(|@import|src=)\s*[\"']?(?:https?:)?//", text), path
        assert "sourceMappingURL" not in text, path


def test_git_is_not_asked_to_keep_what_is_made() -> None:
    if shutil.which("git") is None or not (HOME / ".git").exists():
        pytest.skip("not a git checkout")
    kept = subprocess.run(["git", "ls-files"], cwd=HOME, capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in kept if name.endswith((".pyc", ".db", ".log")) or name.startswith(("data/", ".venv/"))]
