"""What is made plain shows the same page, and what a callback moves stays one component of its own."""

from __future__ import annotations

from typing import Any

import pytest
from dash import dcc, html
from fastapi import FastAPI

from analytics.kept import Preferences
from callbacks.dashboard import create_dashboard
from layouts.plain import Plain, followed_by, lightened
from layouts.screen import screen
from tests.layouts.reading import classes, components, text
from tests.screen_fake import LISTINGS, QUERY, FakeDesk

FOLLOWED = {"told": {"tree", "className"}, "press": {"n_clicks"}, "field": {"value"}}


def seen(tree: Any, slots: list[Any]) -> str:
    """The text of a tree with what stands in its slots, as the browser draws it."""
    if isinstance(tree, dict):
        return seen(slots[tree["slot"]], [])
    if isinstance(tree, list | tuple):
        return " ".join(seen(one, slots) for one in tree)
    if isinstance(tree, Plain):
        return seen(getattr(tree, "tree", None), getattr(tree, "children", []))
    if hasattr(tree, "to_plotly_json"):
        return "" if getattr(tree, "role", None) == "tooltip" else seen(getattr(tree, "children", None), slots)
    return "" if tree is None else str(tree)


def test_what_only_shows_is_one_component() -> None:
    page = html.Div([html.H1("Head"), html.P(["one ", html.B("two")])], className="page")
    plain = lightened(page, FOLLOWED)
    assert isinstance(plain, Plain)
    assert [one for one in components(plain) if one is not plain] == []
    assert (plain.tag, classes(plain), seen(plain, [])) == ("div", {"page"}, "Head one  two")


def test_what_a_callback_moves_stands_in_its_slot() -> None:
    press = html.Button("Go", id="press")
    page = html.Div([html.P("before"), html.Section([press, dcc.Store(id="field")]), html.P("after")])
    plain = lightened(page, FOLLOWED)
    assert [one.id for one in plain.children] == ["press", "field"]
    assert isinstance(plain.children[0], html.Button)
    assert seen(plain, []).split() == ["before", "Go", "after"]


def test_what_a_callback_shows_is_written_as_its_tree() -> None:
    plain = lightened(html.Div(html.P("waiting", id="told")), FOLLOWED).children[0]
    assert isinstance(plain, Plain)
    assert (plain.tag, plain.id, plain.tree) == ("p", "told", "waiting")


def test_what_is_given_stays_as_it_was() -> None:
    page = html.Div([html.P("one", id="told"), html.Button("Go", id="press")])
    before = repr(page)
    lightened(page, FOLLOWED)
    assert repr(page) == before


def test_callbacks_follow_what_they_read_and_write() -> None:
    read = [{"id": "field", "property": "value"}]
    callbacks = [
        {"output": "..told.tree...told.className@ab12..", "inputs": read, "state": []},
        {"output": "...", "inputs": [], "state": [{"id": "press", "property": "n_clicks"}]},
    ]
    assert followed_by(callbacks) == FOLLOWED


@pytest.fixture(scope="module")
def followed() -> dict[str, set[str]]:
    return followed_by(create_dashboard(FastAPI(), FakeDesk())._callback_list)


def test_the_whole_screen_reads_the_same(followed: dict[str, set[str]]) -> None:
    page = screen(LISTINGS, QUERY, Preferences())
    assert "".join(seen(lightened(page, followed), []).split()) == "".join(text(page).split())


def test_every_tree_that_a_callback_writes_is_of_a_plain_component(followed: dict[str, set[str]]) -> None:
    written = {name for name, props in followed.items() if "tree" in props}
    plain = {
        one.id
        for one in components(lightened(screen(LISTINGS, QUERY, Preferences()), followed))
        if isinstance(one, Plain) and hasattr(one, "id")
    }
    assert written
    assert written <= plain


def test_no_two_components_of_the_screen_would_be_lost(followed: dict[str, set[str]]) -> None:
    page = screen(LISTINGS, QUERY, Preferences())
    ids = {one.id for one in components(page) if getattr(one, "id", None) in followed}
    assert ids <= {getattr(one, "id", None) for one in components(lightened(page, followed))}
