"""The glossary of the Help page: every `Definition`, with an anchor that each tooltip leads to."""

from __future__ import annotations

from typing import Any

from dash import html

from analytics.definition import Definition
from analytics.definitions import SECTIONS
from layouts.defined import slug


def glossary() -> list[Any]:
    """All terms by section. `assets/help.js` hides what does not hold the words that are sought."""
    return [
        html.Section(
            [html.H3(title, className="panel__title glossary__title"), *(_entry(term) for term in terms)],
            className="glossary__section",
        )
        for title, terms in SECTIONS
    ]


def _entry(term: Definition) -> html.Article:
    parts = (
        ("Formula", term.formula),
        ("Conventions", term.conventions),
        ("Limits", term.limits),
        ("Source", term.source),
        ("Checked against", term.checked_against),
    )
    told = [part for name, text in parts if text for part in (html.Dt(name), html.Dd(text))]
    return html.Article(
        [
            html.H4(term.name, className="glossary__name"),
            html.P(term.line, className="glossary__line"),
            html.Details([html.Summary("How it is computed, and where it misleads"), html.Dl(told)]),
        ],
        id=f"term-{slug(term)}",
        className="glossary__entry",
        tabIndex=-1,
    )
