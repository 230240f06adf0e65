"""Attributes for those who do not see the page, in the form that Dash's components take them."""

from __future__ import annotations

from typing import Any


def aria(**attributes: str) -> dict[str, Any]:
    """`aria(label="Clock")` as {"aria-label": "Clock"}, to be given as keyword arguments."""
    return {f"aria-{name}": value for name, value in attributes.items()}


def unseen() -> dict[str, Any]:
    """Marks a component as decoration."""
    return aria(hidden="true")


def data(**attributes: str) -> dict[str, Any]:
    """`data(opens="keys-sheet")` as {"data-opens": "keys-sheet"}: what the browser's scripts read."""
    return {f"data-{name}": value for name, value in attributes.items()}
