"""What the product says about each symbol, in one form for every way of running it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from analytics.status import MarketStatus


@dataclass(frozen=True, slots=True)
class Seen:
    """One symbol. last_id, ticks_stored: committed rows."""

    state: str
    reason: str | None
    ticks_stored: int
    first_id: int | None
    last_id: int | None
    gaps_open: int
    gaps_lost: int
    quarantined: int


def seen_in_market(status: MarketStatus) -> dict[str, Seen]:
    """From a market in this process."""
    names = Seen.__slots__
    return {symbol: Seen(*[getattr(one, name) for name in names]) for symbol, one in status.symbols.items()}


def seen_in_health(symbols: Mapping[str, Mapping[str, Any]]) -> dict[str, Seen]:
    """From the `symbols` of `/api/health`, or from a line of `written`."""
    return {symbol: Seen(*[one[name] for name in Seen.__slots__]) for symbol, one in symbols.items()}


def written(seen: Mapping[str, Seen]) -> str:
    """One line of JSON."""
    return json.dumps({symbol: asdict(one) for symbol, one in seen.items()})
