"""The card beside the signal: what a trade entered now would earn, cost and leave, in basis points."""

from __future__ import annotations

from typing import Final

from dash import html

from analytics.costs import PairCosts, Side
from analytics.definition import Definition
from analytics.results import Unavailable
from layouts import numbers, terms
from layouts.card import Children, reasoned_dash
from layouts.defined import defined
from layouts.legs import Legs
from layouts.marks import mark

_NOTHING: Final = 0.05  # basis points; less is written as 0.0


def costs_card(costs: PairCosts, legs: Legs) -> Children:
    """Expected reversion, four fills, funding and what is left; how old the quotes are, or why there is no answer."""
    net = costs.net_edge_bp
    return [
        html.H3(["Costs", html.Span(_trade(costs, legs), className="card__aside")], className="card__label"),
        html.Dl(
            [
                *_row(terms.REVERSION, None, costs.reversion_bp),
                *_row(terms.FILLS, _fills(costs), costs.fills_bp),
                *_row(terms.FUNDING, _funding(costs), costs.funding_bp),
                *_net(net),
            ],
            className="ledger",
        ),
        html.P(_foot(costs), className="card__detail"),
    ]


def costs_mark(costs: PairCosts) -> list[str]:
    """Everything that the card shows, as it is written: two answers with the same mark look the same."""
    values = (costs.reversion_bp, costs.fills_bp, costs.funding_bp, costs.net_edge_bp, costs.break_even_zscore)
    written = [one.reason if isinstance(one, Unavailable) else f"{one:.2f}" for one in values]
    asides = (
        _fills(costs),
        _funding(costs),
        costs.side,
        costs.x_side,
        costs.quote_age_ms and costs.quote_age_ms // 1000,
    )
    return [*written, *(str(one) for one in asides)]


def _trade(costs: PairCosts, legs: Legs) -> str:
    """What would be done now: short BTC, long ETH."""
    y, x = costs.side, costs.x_side
    if isinstance(y, Unavailable) or isinstance(x, Unavailable):
        return ""
    return f"{_held(y, legs.y.name)}, {_held(x, legs.x.name)}"


def _held(side: Side, name: str) -> str:
    return f"{side} {name}"


def _row(term: Definition, aside: str | None, value: float | Unavailable) -> Children:
    shown = reasoned_dash(value, term.name) if isinstance(value, Unavailable) else numbers.basis_points(value)
    return [
        html.Dt([defined(term, "costs"), " ", html.Small(aside) if aside else None]),
        html.Dd(shown, className="tone--plain"),
    ]


def _net(net: float | Unavailable) -> Children:
    """The bottom line, told by sign, word and shape as well as by colour."""
    word = defined(terms.NET_EDGE, "costs")
    if isinstance(net, Unavailable):
        return [html.Dt(word, className="ledger__sum"), html.Dd(reasoned_dash(net, "net"), className="ledger__sum")]
    told, tone, shape = ("even", "plain", "dash")
    if abs(net) >= _NOTHING:
        told, tone, shape = ("pays", "good", "check") if net > 0 else ("does not pay", "bad", "cross")
    return [
        html.Dt([word, " ", html.Small([mark(shape), told], className=f"tone--{tone}")], className="ledger__sum"),
        html.Dd(numbers.basis_points(net), className=f"ledger__sum tone--{tone}"),
    ]


def _fills(costs: PairCosts) -> str | None:
    """What of it the fees are."""
    if isinstance(costs.half_spreads_bp, Unavailable):
        return None
    return f"fees {numbers.signed(costs.fees_bp, 1)}, spreads {numbers.signed(costs.half_spreads_bp, 1)}"


def _funding(costs: PairCosts) -> str | None:
    """Over how long, and how often it is settled in that time."""
    if isinstance(costs.holding_ms, Unavailable):
        return None
    over = f"over {numbers.duration(round(costs.holding_ms))}"
    if isinstance(costs.settlements, Unavailable) or any(costs.settlements):
        return over
    return f"{over}, none due"


def _foot(costs: PairCosts) -> Children:
    net, even = costs.net_edge_bp, costs.break_even_zscore
    if isinstance(net, Unavailable):
        return [numbers.typeset(net.reason)]
    told: Children = (
        []
        if isinstance(even, Unavailable)
        else [
            defined(terms.BREAK_EVEN, "costs", "break-even |z|"),
            f" {numbers.fixed(even, 2)}",
        ]
    )
    if costs.quote_age_ms is not None:
        told.append(html.Span(f"quotes {costs.quote_age_ms // 1000} s old", className="card__aside"))
    return told
