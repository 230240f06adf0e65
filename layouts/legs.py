"""What the page needs to know of a pair's two legs to write its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from analytics.datasets import bare
from analytics.market import Listing, PairQuery


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg. name: the short one, BTC.  decimals: places of its price."""

    symbol: str
    name: str
    quote: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Legs:
    """Both legs of a pair, y first."""

    y: Leg
    x: Leg

    @property
    def name(self) -> str:
        """BTC/ETH."""
        return f"{self.y.name}/{self.x.name}"


def leg(symbol: str, listings: Iterable[Listing]) -> Leg:
    """The leg as the exchange lists it; a symbol that it does not list (an old recording) is written plainly.

    That of a dataset is written as the one of the market.
    """
    for listing in listings:
        if listing.symbol == bare(symbol):
            return Leg(symbol, listing.base, listing.quote, listing.price_decimals)
    return Leg(symbol, bare(symbol), "quote", 4)


def legs(query: PairQuery, listings: Iterable[Listing]) -> Legs:
    """Both legs of the question."""
    known = tuple(listings)
    return Legs(leg(query.y_symbol, known), leg(query.x_symbol, known))
