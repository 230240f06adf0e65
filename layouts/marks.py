"""Shapes that stand beside words, so that colour is never the only sign. Drawn in CSS: no font has to know them."""

from __future__ import annotations

from dash import html

from layouts.aria import unseen


def mark(shape: str) -> html.Span:
    """circle, ring, half, square, diamond, triangle, cross, check, dash or query; takes the colour of its text."""
    return html.Span(className=f"sign sign--{shape}", **unseen())


def leg_mark(side: str | None) -> html.Span:
    """A blue circle for the y leg, an orange square for the x leg, nothing for a symbol that is neither."""
    shapes = {"y": "circle", "x": "square"}
    return html.Span(
        className=f"sign sign--{shapes.get(side or '', 'none')} leg--{side or 'none'}",
        **unseen(),
    )
