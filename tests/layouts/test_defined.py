"""A word and its definition."""

from __future__ import annotations

from typing import Any

from analytics.definition import Definition
from layouts.defined import defined
from tests.layouts.reading import components, text

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
