"""The Help page: every state, every definition, and links that lead somewhere."""

from __future__ import annotations

from typing import get_args

from analytics.definitions import SECTIONS
from analytics.status import FeedState
from layouts.address import parsed
from layouts.defined import slug
from layouts.glossary import glossary
from layouts.help_texts import STATES_TOLD
from layouts.navigation import PAGES
from layouts.pages.help import help_page, help_told
from tests.layouts.reading import components, text
from tests.screen_fake import QUERY


def test_every_state_is_explained() -> None:
    assert set(STATES_TOLD) == set(get_args(FeedState))
    told = text([help_page(), *help_told()])
    assert all(state in told and sentence in told for state, sentence in STATES_TOLD.items())


def test_every_definition_has_its_own_anchor() -> None:
    terms = [term for _, section in SECTIONS for term in section]
    anchors = [part.id for part in components(glossary()) if getattr(part, "id", None)]
    assert anchors == [f"term-{slug(term)}" for term in terms]
    assert len(set(anchors)) == len(anchors)
    assert all(term.line in text(glossary()) for term in terms)


def test_each_first_step_leads_to_a_view() -> None:
    steps = next(part for part in components(help_page()) if getattr(part, "id", None) == "steps")
    links = [part.href for option in steps.options for part in components(option["label"]) if hasattr(part, "href")]
    assert len(links) == len(steps.options)
    for link in links:
        path, _, search = link.partition("?")
        assert path in {page.path for page in PAGES}
        assert parsed(search, QUERY).y_symbol.endswith("USDT")
