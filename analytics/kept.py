"""What a user keeps: preferences, lists of pairs, named views. Frozen; `services.keeping` holds them on the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.market import PairQuery

Theme = Literal["system", "dark", "light"]
Colours = Literal["safe", "classic", "inverted"]
ClockZone = Literal["utc", "local"]


@dataclass(frozen=True, slots=True)
class Preferences:
    """What holds for the whole screen.

    colours: safe tells apart for every kind of colour vision; classic is green up, red down; inverted the other way.
    taker_fee_bp, maker_fee_bp: of one fill, in basis points of its notional.  entry_zscore, exit_zscore, stop_zscore:
    the levels of a view that names none, 0 <= exit < entry < stop.
    """

    theme: Theme = "system"
    colours: Colours = "safe"
    zone: ClockZone = "utc"
    taker_fee_bp: float = 5.0
    maker_fee_bp: float = 2.0
    entry_zscore: float = 2.0
    exit_zscore: float = 0.0
    stop_zscore: float = 3.5


@dataclass(frozen=True, slots=True)
class WatchedPair:
    """A pair of a list, with the settings it is looked at with. pinned: stays on top however the list is sorted."""

    query: PairQuery
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A named list of pairs, in the user's own order. No two have the same query."""

    name: str
    pairs: tuple[WatchedPair, ...] = ()


@dataclass(frozen=True, slots=True)
class Workspace:
    """A named view. address: path and search of the page, such as "/?pair=BTCUSDT-ETHUSDT&tf=1s".  watchlist: the name
    of the list beside it.  saved_ms: wall time, UTC.
    """

    name: str
    address: str
    watchlist: str
    saved_ms: int
