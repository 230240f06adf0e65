"""A word and its definition."""

from __future__ import annotations

from typing import Any, get_args

from analytics.definition import Definition
from analytics.definitions import SECTIONS
from analytics.kept import Preferences
from analytics.market import HedgeMethod
from layouts import terms
from layouts.defined import defined
from layouts.fit import METHODS
from layouts.screen import screen
from tests.layouts.reading import components, text
from tests.screen_fake import LISTINGS, QUERY

NAMED = {getattr(terms, name) for name in terms.__all__ if name != "METHODS"}
TERM = Definition("R², centred", "Part of y's movement that the line explains.", "f", "c", "s", "k", "l")


def props(component: Any) -> dict[str, Any]:
    found: dict[str, Any] = component.to_plotly_json()["props"]
    return found


def test_the_tooltip_is_the_definitions_own_line_and_is_named_by_its_word() -> None:
    word = defined(TERM, "card", "R²")
    (tip,) = [c for c in components(word) if getattr(c, "role", None) == "tooltip"]
    assert tip.children == TERM.line
    assert tip.id == "defined-card-r-centred"
    assert props(word)["aria-describedby"] == tip.id


def test_the_keyboard_reaches_it_and_its_text_is_not_part_of_the_label() -> None:
    word = defined(TERM, "card", "R²")
    assert props(word)["tabIndex"] == 0
    assert text(word) == "R²"
    assert text(defined(TERM, "card")) == TERM.name


def test_every_definition_of_the_screen_is_one_of_the_documents() -> None:
    documented = {definition for _, section in SECTIONS for definition in section}
    assert documented >= NAMED
    assert set(terms.METHODS.values()) <= NAMED


def test_every_way_to_hedge_has_its_name_and_its_definition() -> None:
    assert set(METHODS) == set(terms.METHODS) == set(get_args(HedgeMethod))


def test_every_word_on_the_screen_before_an_answer_tells_a_documented_line() -> None:
    lines = {definition.line for definition in NAMED}
    tips = [
        c.children for c in components(screen(LISTINGS, QUERY, Preferences())) if getattr(c, "role", None) == "tooltip"
    ]
    assert len(tips) >= 6
    assert set(tips) <= lines
