"""What may be kept: names, numbers and addresses within bounds. Each refusal names the place and the cure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final, cast, get_args

from analytics.errors import BadInput
from analytics.kept import ClockZone, Colours, Preferences, Theme, WatchedPair, Watchlist, Workspace
from analytics.market import PairQuery

LONGEST_NAME: Final = 60
MOST_PAIRS: Final = 200
MOST_WATCHLISTS: Final = 50
MOST_WORKSPACES: Final = 200
LONGEST_ADDRESS: Final = 2_000

_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "theme": get_args(Theme),
    "colours": get_args(Colours),
    "zone": get_args(ClockZone),
}
# Each number: the least and the most of it, and its unit.
_NUMBERS: Final[dict[str, tuple[float, float, str]]] = {
    "taker_fee_bp": (-10.0, 100.0, "basis points"),
    "maker_fee_bp": (-10.0, 100.0, "basis points"),
    "entry_zscore": (0.1, 20.0, "standard deviations"),
    "exit_zscore": (0.0, 19.9, "standard deviations"),
    "stop_zscore": (0.2, 20.0, "standard deviations"),
}
PREFERENCE_NAMES: Final = (*_CHOICES, *_NUMBERS)


def checked_name(kind: str, name: object) -> str:
    """The name without spaces around it. kind: a word for what is named. Raises BadInput."""
    if not isinstance(name, str) or not name.strip():
        raise BadInput(f"the {kind} needs a name; type one")
    cleaned = " ".join(name.split())
    if len(cleaned) > LONGEST_NAME:
        raise BadInput(f"the name of the {kind} has {len(cleaned)} characters; use at most {LONGEST_NAME}")
    if not cleaned.isprintable() or "/" in cleaned or "\\" in cleaned:
        raise BadInput(f"the name of the {kind} may hold letters, digits, spaces and signs, but no slash")
    return cleaned


def changed_preferences(before: Preferences, changes: Mapping[str, Any]) -> Preferences:
    """The preferences with some fields changed. A number may come as text. Raises BadInput that names the field."""
    values = asdict(before)
    for name, value in changes.items():
        if name in _CHOICES:
            values[name] = _choice(name, value)
        elif name in _NUMBERS:
            values[name] = _number(name, value)
        else:
            raise BadInput(f"{name} is no preference; there is {', '.join(PREFERENCE_NAMES)}")
    return _with_ordered_levels(Preferences(**values))


def checked_preferences(preferences: Preferences) -> Preferences:
    """The same preferences, once each field is within its bounds. Raises BadInput that names the field."""
    return changed_preferences(Preferences(), asdict(preferences))


def _choice(name: str, value: object) -> str:
    if not isinstance(value, str) or value not in _CHOICES[name]:
        raise BadInput(f"{name}: “{str(value)[:20]}” is none of {', '.join(_CHOICES[name])}")
    return value


def _number(name: str, value: object) -> float:
    least, most, unit = _NUMBERS[name]
    typed = value.strip().replace("−", "-").replace(",", ".") if isinstance(value, str) else value
    try:
        number = math.nan if isinstance(typed, bool) else float(cast("Any", typed))
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not least <= number <= most:
        told = "the box is empty" if typed in {"", None} else f"“{str(value)[:20]}” is not"
        raise BadInput(f"{name} must be a number of {unit} from {least:g} to {most:g}; {told}")
    return number + 0.0  # no negative zero


def _with_ordered_levels(preferences: Preferences) -> Preferences:
    levels = (preferences.exit_zscore, preferences.entry_zscore, preferences.stop_zscore)
    if not levels[0] < levels[1] < levels[2]:
        raise BadInput(
            f"the levels must be in order, exit < entry < stop: {levels[0]:g}, {levels[1]:g} and {levels[2]:g} are not"
        )
    return preferences


def checked_query(query: PairQuery) -> PairQuery:
    """The same query, once it names two different symbols. Raises BadInput."""
    for symbol in (query.y_symbol, query.x_symbol):
        if not (symbol.isascii() and symbol.isalnum() and symbol == symbol.upper() and 2 <= len(symbol) <= 30):
            raise BadInput(f"“{symbol[:30]}” is not a symbol; write it as the exchange does, such as BTCUSDT")
    if query.y_symbol == query.x_symbol:
        raise BadInput(f"a pair needs two different symbols; both legs are {query.y_symbol}")
    return query


def checked_watchlist(watchlist: Watchlist) -> Watchlist:
    """The list under a clean name, once its pairs are in order. Raises BadInput."""
    name = checked_name("watchlist", watchlist.name)
    if len(watchlist.pairs) > MOST_PAIRS:
        raise BadInput(f"“{name}” has {len(watchlist.pairs)} pairs; a watchlist holds at most {MOST_PAIRS}")
    seen: set[PairQuery] = set()
    for pair in watchlist.pairs:
        if checked_query(pair.query) in seen:
            raise BadInput(f"“{name}” names {pair.query.y_symbol}-{pair.query.x_symbol} twice with the same settings")
        seen.add(pair.query)
    return replace(watchlist, name=name)


def with_pair(watchlist: Watchlist, query: PairQuery, *, pinned: bool) -> Watchlist:
    """The list with a pair at its end; unchanged where it is in it already. Raises BadInput."""
    if any(pair.query == query for pair in watchlist.pairs):
        return watchlist
    return checked_watchlist(replace(watchlist, pairs=(*watchlist.pairs, WatchedPair(query, pinned))))


def checked_workspace(workspace: Workspace) -> Workspace:
    """The view under a clean name, once its address is one of a page of ours. Raises BadInput."""
    name = checked_name("workspace", workspace.name)
    address = workspace.address
    # Two slashes would lead to another host.
    if not address.startswith("/") or address.startswith("//") or not (address.isascii() and address.isprintable()):
        raise BadInput(f"the address of “{name}” must be one of a page here, such as /?pair=BTCUSDT-ETHUSDT&tf=1s")
    if "\\" in address or " " in address or len(address) > LONGEST_ADDRESS:
        raise BadInput(f"the address of “{name}” must be up to {LONGEST_ADDRESS} characters without spaces")
    watchlist = checked_name("watchlist", workspace.watchlist)
    return replace(workspace, name=name, watchlist=watchlist)
