"""The documents keep up with the code: every option, route and statistic is named, every named file is there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI

from api.rest import rest_routes
from services.clock import SystemClock
from services.desk import Desk
from settings import VERSION, Settings

HOME = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*HOME.glob("*.md"), *(HOME / "docs").glob("*.md")])


def text_of(name: str) -> str:
    return (HOME / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_option_is_described(name: str) -> None:
    text = text_of("docs/settings.md")
    assert f"--{name.replace('_', '-')}" in text
    assert f"PAIRWATCH_{name.upper()}" in text


def test_every_route_is_described() -> None:
    server = FastAPI()
    clock = SystemClock()
    server.include_router(rest_routes(Desk(clock, ("A", "B")), clock, VERSION))
    for path in server.openapi()["paths"]:
        assert re.search(rf"(GET|POST|PUT|DELETE) {re.escape(path)}[?` ]", text_of("docs/api.md")), path


def test_every_statistic_is_described() -> None:
    text = text_of("docs/statistics.md")
    for path in (HOME / "analytics").glob("*.py"):
        if path.stem in {"__init__", "market", "results", "evidence", "analysis", "definition", "errors", "status"}:
            continue
        public = [
            node.name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        ]
        # `samples`, `rolling` and `triangular` are the arithmetic beneath, not statistics of their own.
        beneath = path.stem in {"samples", "rolling", "triangular"}
        assert beneath or any(name in text for name in public), f"docs/statistics.md does not know {path.name}"


def test_every_dependency_is_explained() -> None:
    project = text_of("pyproject.toml")
    block = project.split("dependencies = [", 1)[1].split("]\n", 1)[0]
    names = re.findall(r'"([a-z0-9-]+)', block)
    assert len(names) > 10
    explained = text_of("docs/dependencies.md")
    assert [name for name in names if f"`{name}" not in explained] == []


@pytest.mark.parametrize("document", [pytest.param(path, id=path.name) for path in DOCUMENTS])
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", [pytest.param(path, id=path.name) for path in DOCUMENTS])
def test_every_make_target_and_script_in_the_documents_is_real(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    text = document.read_text(encoding="utf-8")
    assert set(re.findall(r"`make ([a-z]+)", text)) <= targets
    for module in re.findall(r"python -m ((?:ingest|benchmarks|tests)[\w.]*)", text):
        assert list(HOME.glob(module.replace(".", "/") + "*")), module


def test_the_version_is_the_same_everywhere() -> None:
    assert f'version = "{VERSION}"' in text_of("pyproject.toml")
    assert f"## {VERSION}" in text_of("CHANGELOG.md")
    ran = subprocess.run([sys.executable, "app.py", "--version"], cwd=HOME, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == f"Pairwatch {VERSION}"
