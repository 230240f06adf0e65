"""A page without a browser: holds the props of the layout and sends callbacks to the server as the browser does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dash import Dash
from fastapi import FastAPI
from fastapi.testclient import TestClient

from callbacks.dashboard import create_dashboard
from layouts import ids
from tests.screen_fake import FakeDesk


@dataclass
class Page:
    """One open tab. props: by "id.property".  sizes: bytes of every answer, newest last."""

    app: Dash
    client: TestClient
    props: dict[str, Any] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        layout = self.client.get("/_dash-layout").json()
        for component in _walked(layout):
            for name, value in component["props"].items():
                if "id" in component["props"]:
                    self.props[f"{component['props']['id']}.{name}"] = value
        self.props[f"{ids.PAGE}.data"] = "pair"  # what the browser itself says of its address

    def change(self, place: str | None, value: Any = None, *, output: str) -> dict[str, Any]:
        """Set "id.property" and run the server callback that writes `output`; None is the first call of a page.

        Returns what the server changed, by "id.property"; a Patch stays as it came.
        """
        if place is not None:
            self.props[place] = value
        name, spec = next((n, s) for n, s in self.app.callback_map.items() if output in n.strip(".").split("..."))
        outputs = [self._at(o) for o in name.strip(".").split("...")]
        body = {
            "output": name,
            "outputs": outputs if name.startswith("..") else outputs[0],
            "inputs": [self._valued(dependency) for dependency in spec["inputs"]],
            "state": [self._valued(dependency) for dependency in spec["state"]],
            "changedPropIds": [place] if place else [],
            "parsedChangedPropsIds": [place] if place else [],
        }
        answer = self.client.post("/_dash-update-component", json=body)
        assert answer.status_code in {200, 204}, answer.text
        self.sizes.append(len(answer.content))
        changed = json.loads(answer.content)["response"] if answer.content else {}
        flat = {f"{i}.{prop}": value for i, props in changed.items() for prop, value in props.items()}
        trees = [value for place, value in flat.items() if place.endswith(".tree")]
        assert {one["namespace"] for one in _walked(trees)} <= {"dash_html_components"}  # all that a tree may hold
        self.props.update(
            {place: value for place, value in flat.items() if "__dash_patch_update" not in str(value)[:40]}
        )
        return flat

    def _at(self, place: str) -> dict[str, Any]:
        component, _, prop = place.rpartition(".")
        return {"id": component, "property": prop}

    def _valued(self, dependency: dict[str, Any]) -> dict[str, Any]:
        return {**dependency, "value": self.props.get(f"{dependency['id']}.{dependency['property']}")}


def _walked(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, list):
        for part in tree:
            yield from _walked(part)
    elif isinstance(tree, dict) and "props" in tree:
        yield tree
        yield from _walked(tree["props"].get("children"))


@contextmanager
def opened(desk: FakeDesk) -> Iterator[Page]:
    """A tab on a fresh dashboard over `desk`."""
    server = FastAPI()
    app = create_dashboard(server, desk)
    with TestClient(server) as client:
        yield Page(app, client)
