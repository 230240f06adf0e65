"""Reads a component tree as a person does: its text, its ids, its classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component


def components(tree: Any) -> Iterator[Any]:
    """Every component of a tree or a list of trees, in page order."""
    if isinstance(tree, list | tuple):
        for part in tree:
            yield from components(part)
    elif isinstance(tree, Component):
        yield tree
        yield from components(getattr(tree, "children", None))


def text(tree: Any) -> str:
    """What can be read on the page, words joined by single spaces."""
    return " ".join(" ".join(_texts(tree)).split())


def _texts(tree: Any) -> Iterator[str]:
    if isinstance(tree, list | tuple):
        for part in tree:
            yield from _texts(part)
    elif isinstance(tree, Component):
        if getattr(tree, "role", None) != "tooltip":  # not seen before it is asked for
            yield from _texts(getattr(tree, "children", None))
    elif tree is not None:
        yield str(tree)


def classes(tree: Any) -> set[str]:
    """Every CSS class used in a tree."""
    return {name for part in components(tree) for name in str(getattr(part, "className", "") or "").split()}
