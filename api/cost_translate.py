"""What a trade costs, into the contract's shape. No number is computed here."""

from __future__ import annotations

from typing import Any, Final

from analytics.costs import PairCosts
from analytics.results import Unavailable
from api.numbers import number
from api.pair_schemas import CostsOut, Reason

# Field of the answer -> field of PairCosts, for everything that may be unavailable.
_FIELDS: Final = {
    "side": "side",
    "side_b": "x_side",
    "reversion_bp": "reversion_bp",
    "half_spreads_bp": "half_spreads_bp",
    "fills_bp": "fills_bp",
    "holding_ms": "holding_ms",
    "settlements": "settlements",
    "funding_bp": "funding_bp",
    "net_edge_bp": "net_edge_bp",
    "break_even_zscore": "break_even_zscore",
}
_NEVER: Final = Reason(reason="a leg has never been answered for")


def costs_answer(costs: PairCosts, a: str, b: str) -> CostsOut:
    """The costs, with null for what is not known. a, b: the legs as the answer spells them."""
    y_times, x_times = (None, None) if isinstance(costs.settlements, Unavailable) else costs.settlements
    return CostsOut(
        side=_known(costs.side),
        side_b=_known(costs.x_side),
        reversion_bp=number(costs.reversion_bp),
        fees_bp=costs.fees_bp,
        half_spreads_bp=number(costs.half_spreads_bp),
        fills_bp=number(costs.fills_bp),
        holding_ms=number(costs.holding_ms),
        settlements=None if y_times is None or x_times is None else {a: y_times, b: x_times},
        funding_bp=number(costs.funding_bp),
        net_edge_bp=number(costs.net_edge_bp),
        break_even_zscore=number(costs.break_even_zscore),
        quote_age_ms=costs.quote_age_ms,
        funding_age_ms=costs.funding_age_ms,
    )


def cost_reasons(costs: PairCosts) -> dict[str, Reason]:
    """Why what is null is null, by its place in the answer."""
    found = {f"costs.{name}": getattr(costs, field) for name, field in _FIELDS.items()}
    told = {name: Reason(reason=w.reason, needed=w.needed, got=w.got) for name, w in found.items() if _is_unknown(w)}
    ages = {"costs.quote_age_ms": costs.quote_age_ms, "costs.funding_age_ms": costs.funding_age_ms}
    return told | {name: _NEVER for name, age in ages.items() if age is None}


def _known(value: Any) -> Any:
    return None if _is_unknown(value) else value


def _is_unknown(value: Any) -> bool:
    return isinstance(value, Unavailable)
