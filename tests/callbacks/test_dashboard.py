"""The app as it is mounted: what the browser is given, and that callbacks and layout know the same ids."""

from __future__ import annotations

import asyncio
import inspect
import re
from pathlib import Path

from fastapi import FastAPI

from callbacks.dashboard import create_dashboard
from callbacks.door import Door
from layouts import ids
from layouts.keys import key_table
from tests.callbacks.browser import Page
from tests.screen_fake import FakeDesk

ASSETS = Path(__file__).parents[2] / "assets"
NAMED = ids.every()
BY_ATTRIBUTE = {ids.ADF_DIALOG}  # a button's data-opens names it


def test_the_fake_answers_to_the_door(desk: FakeDesk) -> None:
    door: Door = desk
    assert asyncio.run(door.ask(desk.version, desk.default_query())) == desk.held


def test_callbacks_use_known_ids_and_each_id_that_moves_is_used(tab: Page) -> None:
    used = {dependency["id"] for spec in tab.app._callback_list for dependency in (*spec["inputs"], *spec["state"])}
    written = {
        place.rpartition(".")[0]
        for spec in tab.app._callback_list
        for place in spec["output"].strip(".").split("...")
        if "." in place
    }
    assert used | (written - {""}) <= NAMED | {w for w in written if "_no_output" in w}
    scripts = "".join(path.read_text(encoding="utf-8") for path in ASSETS.glob("*.js"))
    moved_by_scripts = {name for name in NAMED if f'"{name}"' in scripts}
    moved_by_keys = {row["does"][1] for row in key_table() if row["does"]}
    assert used | written | moved_by_scripts | moved_by_keys | BY_ATTRIBUTE >= NAMED


def test_every_server_callback_is_async() -> None:
    app = create_dashboard(FastAPI(), FakeDesk())
    functions = [spec["callback"] for spec in app.callback_map.values() if "callback" in spec]
    assert functions
    assert all(inspect.iscoroutinefunction(function) for function in functions)


def test_the_timer_stands_still_while_an_answer_is_on_its_way(tab: Page) -> None:
    guarded = [spec for spec in tab.app._callback_list if "pulse" in str(spec.get("running"))]
    outputs = " ".join(spec["output"] for spec in guarded)
    assert "version.data" in outputs
    assert "drawing.data" in outputs


def test_the_index_loads_local_files_only_and_no_inline_script_of_ours(tab: Page) -> None:
    index = tab.client.get("/").text
    assert '<html lang="en"' in index
    assert 'name="viewport"' in index
    assert not re.search(r'(src|href)="(https?:)?//', index)
    assert "swagger" not in index
    for needed in (
        "inter.css",
        "bootstrap.min.css",
        "tokens.css",
        "type.css",
        "shell.css",
        "pair.css",
        "data.css",
        "relation.css",
        "route.js",
    ):
        assert needed in index
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", index, re.DOTALL)
    assert len([script for script in inline if not script.strip().startswith("{")]) == len(tab.app.csp_hashes()) == 1


def test_every_local_file_that_the_index_names_is_served(tab: Page) -> None:
    named = re.findall(r'(?:src|href)="(/[^"]+)"', tab.client.get("/").text)
    assert len(named) > 10
    for path in named:
        assert tab.client.get(path).status_code == 200, path


def test_the_tab_keeps_its_title_while_loading(tab: Page) -> None:
    assert tab.app.title == "Pairwatch"
    assert tab.app.config.update_title == ""


def test_no_debug_surface_is_open(tab: Page) -> None:
    assert tab.client.post("/_mcp", json={}).status_code in {404, 405}
