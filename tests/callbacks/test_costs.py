"""The card of costs as a page asks for it."""

from __future__ import annotations

from dataclasses import replace

from layouts import ids
from layouts.numbers import MINUS
from tests.callbacks.browser import Page
from tests.screen_fake import FakeDesk

VIEW = f"{ids.QUERY}.data"
CARD = f"{ids.COSTS_CARD}.tree"


def asked(tab: Page, beat: int = 1) -> str:
    """What the card is told with the next beat; empty where nothing is sent."""
    if tab.props.get(VIEW) is None:
        tab.change(None, output=VIEW)
    told = tab.change(f"{ids.COSTS_TIMER}.n_intervals", beat, output=CARD)
    return str(told.get(CARD, ""))


def test_the_costs_of_the_pair_in_view_are_told(tab: Page) -> None:
    told = asked(tab)
    for part in ("Expected reversion", "Four fills", f"{MINUS}10.1 bp", "Net edge", "quotes 2 s old"):
        assert part in told


def test_nothing_is_sent_while_the_card_would_look_the_same(tab: Page, desk: FakeDesk) -> None:
    assert asked(tab)
    assert asked(tab, 2) == ""
    desk.quote_age_ms = 5_100
    assert "quotes 5 s old" in asked(tab, 3)


def test_a_quote_that_has_grown_old_is_a_dash_with_its_age(tab: Page, desk: FakeDesk) -> None:
    desk.quote_age_ms = 31_000
    told = asked(tab)
    assert "the quote of S is 31 s old" in told
    assert "Expected reversion" in told


def test_the_fee_of_the_preferences_is_the_fee_of_the_card(tab: Page, desk: FakeDesk) -> None:
    desk.keeping.prefer(replace(desk.keeping.preferences(), taker_fee_bp=2.5))
    assert f"fees {MINUS}5.0" in asked(tab)


def test_a_leg_that_nobody_watches_leaves_the_card_alone(tab: Page, desk: FakeDesk) -> None:
    asked(tab)
    desk.subscribed = ["BTCUSDT"]
    assert asked(tab, 2) == ""


def test_a_page_that_is_not_in_front_asks_for_no_costs(tab: Page) -> None:
    tab.props[f"{ids.PAGE}.data"] = "help"
    assert asked(tab, 2) == ""
