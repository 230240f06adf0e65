"""What the card of costs says: signs, words and shapes, and why something is not known."""

from __future__ import annotations

from dataclasses import replace

from analytics.costs import PairCosts
from analytics.results import Unavailable
from layouts.costs_card import costs_card
from layouts.legs import legs
from layouts.numbers import DASH, MINUS
from tests.layouts.reading import classes, components, text
from tests.screen_fake import LISTINGS, QUERY

LEGS = legs(QUERY, LISTINGS)
COSTS = PairCosts(
    side="short",
    x_side="long",
    reversion_bp=13.42,
    fees_bp=-10.0,
    half_spreads_bp=-0.14,
    fills_bp=-10.14,
    holding_ms=240_000.0,
    settlements=(0, 0),
    funding_bp=0.0,
    net_edge_bp=3.28,
    break_even_zscore=1.749,
    quote_age_ms=4_600,
    funding_age_ms=31_000,
)
NO_QUOTES = Unavailable("a recording holds no quotes and no funding")


def test_the_ledger_runs_from_the_reversion_to_what_is_left() -> None:
    assert text(costs_card(COSTS, LEGS)) == (
        "Costs short BTC, long ETH "
        "Expected reversion +13.4 bp "
        f"Four fills fees {MINUS}10.0, spreads {MINUS}0.1 {MINUS}10.1 bp "
        "Funding over 4 min, none due 0.0 bp "
        "Net edge pays +3.3 bp "
        "break-even |z| 1.75 quotes 4 s old"
    )


def test_a_loss_is_told_by_sign_word_shape_and_colour() -> None:
    card = costs_card(replace(COSTS, net_edge_bp=-6.04), LEGS)
    assert f"Net edge does not pay {MINUS}6.0 bp" in text(card)
    assert {"tone--bad", "sign--cross"} <= classes(card)
    gain = costs_card(COSTS, LEGS)
    assert {"tone--good", "sign--check"} <= classes(gain)
    even = costs_card(replace(COSTS, net_edge_bp=0.04), LEGS)
    assert "Net edge even 0.0 bp" in text(even)


def test_funding_that_is_due_is_told_without_the_word_none() -> None:
    told = text(costs_card(replace(COSTS, settlements=(1, 0), funding_bp=-0.61), LEGS))
    assert f"Funding over 4 min {MINUS}0.6 bp" in told


def test_what_is_not_known_is_a_dash_with_its_reason_in_sight_and_on_the_dash() -> None:
    blind = replace(
        COSTS, half_spreads_bp=NO_QUOTES, fills_bp=NO_QUOTES, funding_bp=NO_QUOTES, net_edge_bp=NO_QUOTES,
        break_even_zscore=NO_QUOTES, settlements=NO_QUOTES, quote_age_ms=None,
    )  # fmt: skip
    card = costs_card(blind, LEGS)
    assert f"Four fills {DASH} Funding over 4 min {DASH} Net edge {DASH} {NO_QUOTES.reason}" in text(card)
    dashes = [one for one in components(card) if "defined--dash" in str(getattr(one, "className", ""))]
    assert [dash.tabIndex for dash in dashes] == [0, 0, 0]
    tips = [one for one in components(dashes) if getattr(one, "role", None) == "tooltip"]
    assert {tip.children for tip in tips} == {NO_QUOTES.reason}
    assert len({tip.id for tip in tips}) == 3
