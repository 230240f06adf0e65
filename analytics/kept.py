"""What a user keeps: preferences, lists of pairs, named views. Frozen; `services.keeping` holds them on the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from analytics.alerts import AlertRule
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


RemovalKind = Literal["watchlist", "workspace", "pair", "replaced"]


@dataclass(frozen=True, slots=True)
class Collection:
    """Things that are kept, together: of an exported file, or of what was removed. preferences: None for not told.

    alerts: of a file only; their ids say nothing.
    """

    preferences: Preferences | None = None
    watchlists: tuple[Watchlist, ...] = ()
    workspaces: tuple[Workspace, ...] = ()
    alerts: tuple[AlertRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """What can be brought back. removal: its number, never given twice.  kind: `pair` is one row of the list in
    `collection`, `replaced` the earlier form of what an import or an undo has replaced.  name: for the screen.
    place: where it stood in its list.  removed_ms: wall time, UTC.
    """

    removal: int
    kind: RemovalKind
    name: str
    collection: Collection
    place: int
    removed_ms: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that is kept, at one moment. removed: oldest first; the oldest of many are forgotten.

    removals: how many there have ever been, the number of the newest.
    """

    preferences: Preferences = Preferences()
    watchlists: tuple[Watchlist, ...] = ()
    workspaces: tuple[Workspace, ...] = ()
    removed: tuple[Removed, ...] = ()
    removals: int = 0


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What a file changes, by name. Lists, views and alerts that it does not name stay as they are.

    preferences: names of those that get another value.  alerts_added: an alert is never replaced; one of the same name
    with other content is added beside it.  removal: of what was replaced, for `bring_back`; None where nothing was, or
    while it is only a plan.
    """

    preferences: tuple[str, ...] = ()
    watchlists_added: tuple[str, ...] = ()
    watchlists_replaced: tuple[str, ...] = ()
    watchlists_alike: tuple[str, ...] = ()
    workspaces_added: tuple[str, ...] = ()
    workspaces_replaced: tuple[str, ...] = ()
    workspaces_alike: tuple[str, ...] = ()
    alerts_added: tuple[str, ...] = ()
    alerts_alike: tuple[str, ...] = ()
    removal: int | None = None
