"""A word of the screen with its definition: a tooltip that pointer, keyboard and finger reach.

The text is the statistic's own `Definition`, the same that docs/statistics.md is made of. `assets/defined.js` shows
the tooltip above everything else, places it, and leads on to the term's entry in Help; without it the words are still
read out with their label.
"""

from __future__ import annotations

import re
from typing import Any

from dash import html

from analytics.definition import Definition
from layouts.aria import aria, data


def defined(term: Definition, place: str, label: Any = None) -> html.Span:
    """`label`, or the term's own name, with the term's line as its tooltip. place: where on the page, unique a term."""
    tip_id = f"defined-{place}-{slug(term)}"
    return html.Span(
        [label or term.name, html.Span(term.line, id=tip_id, role="tooltip", className="tip")],
        className="defined",
        tabIndex=0,
        **aria(describedby=tip_id),
        **data(term=slug(term)),
    )


def slug(term: Definition) -> str:
    """The term's name as a part of an address: its entry in Help is /help#term-SLUG."""
    return re.sub(r"[^a-z0-9]+", "-", term.name.lower()).strip("-")
