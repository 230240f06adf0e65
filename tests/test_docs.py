"""The documents keep up with the code: every option, route and statistic is named, every named file is there."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI

from analytics.definition import Definition
from analytics.definitions import SECTIONS
from api.rest import rest_routes
from services.clock import SystemClock
from services.desk import Desk
from settings import VERSION, Settings
from tests.write_docs import STATISTICS, statistics_page

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
    described = set(re.findall(r"(?:GET|POST|PUT|DELETE) (/api/[^?`\s]*)", text_of("docs/api.md")))
    assert described == set(server.openapi()["paths"])


def test_every_statistic_is_described() -> None:
    text = text_of("docs/statistics.md")
    for path in (HOME / "analytics").glob("*.py"):
        nouns = {
            "market",
            "results",
            "evidence",
            "analysis",
            "definition",
            "definitions",
            "errors",
            "status",
            "datasets",
        }
        if (
            path.stem in nouns | {"__init__"}
            or path.stem.startswith(("kept", "alert"))
            or path.stem.endswith(("_document", "_fields"))
        ):
            continue
        public = [
            node.name
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        ]
        named = f"`{path.stem}`" in text or any(f"{path.stem}.{name}" in text for name in public)
        assert named, f"docs/statistics.md does not know {path.name}"


def test_the_statistics_are_described_by_their_definitions() -> None:
    assert STATISTICS.read_text(encoding="utf-8") == statistics_page(), "run: make docs"


def test_every_definition_is_gathered_and_fits_a_tooltip() -> None:
    gathered = [term for _, terms in SECTIONS for term in terms]
    for path in (HOME / "analytics").glob("*.py"):
        module = importlib.import_module(f"analytics.{path.stem}")
        for name, value in vars(module).items():
            assert not isinstance(value, Definition) or value in gathered, f"{path.stem}.{name}"
    assert len({term.name for term in gathered}) == len(gathered)
    for term in gathered:
        assert 20 <= len(term.line) <= 160, term.name
        assert term.line.endswith("."), term.name
        for text in (term.formula, term.conventions, term.source, term.checked_against, term.limits):
            assert text, term.name


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
