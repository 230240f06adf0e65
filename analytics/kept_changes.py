"""The changes that a user makes to what is kept: from what was kept before to what is kept after, and nothing else.

What goes is held as `Removed`, so that one call brings it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, TypeVar

from analytics.errors import BadInput, NameTaken, UnknownName
from analytics.kept import Collection, Kept, RemovalKind, Removed, Watchlist, Workspace
from analytics.kept_checks import (
    MOST_WATCHLISTS,
    MOST_WORKSPACES,
    checked_name,
    checked_watchlist,
    checked_workspace,
    with_pair,
)
from analytics.market import PairQuery

MOST_REMOVED: Final = 50

_Named = TypeVar("_Named", Watchlist, Workspace)


def found(kind: str, things: Iterable[_Named], name: str) -> _Named:
    """The thing of that name, as it is written or in other case. Raises UnknownName."""
    known = tuple(things)
    for same in (name, name.casefold()):
        for thing in known:
            if same in {thing.name, thing.name.casefold()}:
                return thing
    raise UnknownName(kind, name, tuple(thing.name for thing in known))


def placed(things: tuple[_Named, ...], thing: _Named, place: int | None = None) -> tuple[_Named, ...]:
    """In the place of the one with its name; else at `place`, or at the end."""
    after, names = list(things), [one.name for one in things]
    if thing.name in names:
        after[names.index(thing.name)] = thing
    else:
        after.insert(len(after) if place is None else place, thing)
    return tuple(after)


def with_removal(
    kept: Kept, kind: RemovalKind, name: str, collection: Collection, place: int, now_ms: int
) -> tuple[Kept, Removed]:
    """What is kept, with one more thing to bring back."""
    removed = Removed(kept.removals + 1, kind, name, collection, place, now_ms)
    return replace(kept, removed=(*kept.removed, removed)[-MOST_REMOVED:], removals=removed.removal), removed


def with_watchlist(kept: Kept, watchlist: Watchlist, *, new: bool = False) -> Kept:
    """With this list in the place of the one with its name, or at the end. new: there must be none.

    Raises BadInput, NameTaken.
    """
    wanted = checked_watchlist(watchlist)
    known = any(one.name.casefold() == wanted.name.casefold() for one in kept.watchlists)
    if known and new:
        raise NameTaken("watchlist", wanted.name)
    if known:
        wanted = replace(wanted, name=found("watchlist", kept.watchlists, wanted.name).name)
    elif len(kept.watchlists) >= MOST_WATCHLISTS:
        raise BadInput(f"there are {MOST_WATCHLISTS} watchlists already; remove one first")
    return replace(kept, watchlists=placed(kept.watchlists, wanted))


def with_renamed_watchlist(kept: Kept, name: str, new_name: str) -> Kept:
    """The workspaces beside the list follow. Raises UnknownName, NameTaken, BadInput."""
    before = found("watchlist", kept.watchlists, name)
    after = replace(before, name=_free_name("watchlist", kept.watchlists, before, new_name))
    followed = tuple(
        replace(one, watchlist=after.name) if one.watchlist == before.name else one for one in kept.workspaces
    )
    renamed = tuple(after if one is before else one for one in kept.watchlists)
    return replace(kept, watchlists=renamed, workspaces=followed)


def without_watchlist(kept: Kept, name: str, now_ms: int) -> tuple[Kept, Removed]:
    """Without the list. Raises UnknownName, and BadInput for the last one."""
    gone = found("watchlist", kept.watchlists, name)
    if len(kept.watchlists) == 1:
        raise BadInput(f"“{gone.name}” is the only watchlist; make another one before you remove it")
    left = tuple(one for one in kept.watchlists if one is not gone)
    place = kept.watchlists.index(gone)
    return with_removal(
        replace(kept, watchlists=left), "watchlist", gone.name, Collection(watchlists=(gone,)), place, now_ms
    )


def with_pair_in(kept: Kept, name: str, query: PairQuery, *, pinned: bool) -> Kept:
    """With the pair in that list. Raises UnknownName, BadInput."""
    return _with_changed(kept, name, lambda watchlist: with_pair(watchlist, query, pinned=pinned))


def with_pin(kept: Kept, name: str, query: PairQuery, *, pinned: bool) -> Kept:
    """With the pair of that list pinned or not. Raises UnknownName."""
    place = _place(found("watchlist", kept.watchlists, name), query)

    def pin(watchlist: Watchlist) -> Watchlist:
        pairs = list(watchlist.pairs)
        pairs[place] = replace(pairs[place], pinned=pinned)
        return replace(watchlist, pairs=tuple(pairs))

    return _with_changed(kept, name, pin)


def without_pair(kept: Kept, name: str, query: PairQuery, now_ms: int) -> tuple[Kept, Removed]:
    """Without the pair of that list. Raises UnknownName."""
    watchlist = found("watchlist", kept.watchlists, name)
    place = _place(watchlist, query)
    gone = replace(watchlist, pairs=(watchlist.pairs[place],))
    left = replace(watchlist, pairs=(*watchlist.pairs[:place], *watchlist.pairs[place + 1 :]))
    return with_removal(
        replace(kept, watchlists=placed(kept.watchlists, left)),
        "pair",
        f"{query.y_symbol}-{query.x_symbol}",
        Collection(watchlists=(gone,)),
        place,
        now_ms,
    )


def with_workspace(kept: Kept, workspace: Workspace) -> Kept:
    """With this view in the place of the one with its name, or at the end. Raises BadInput."""
    wanted = checked_workspace(workspace)
    same = [one.name for one in kept.workspaces if one.name.casefold() == wanted.name.casefold()]
    if not same and len(kept.workspaces) >= MOST_WORKSPACES:
        raise BadInput(f"there are {MOST_WORKSPACES} workspaces already; remove one first")
    return replace(kept, workspaces=placed(kept.workspaces, replace(wanted, name=same[0]) if same else wanted))


def with_renamed_workspace(kept: Kept, name: str, new_name: str) -> Kept:
    """Raises UnknownName, NameTaken, BadInput."""
    before = found("workspace", kept.workspaces, name)
    after = replace(before, name=_free_name("workspace", kept.workspaces, before, new_name))
    return replace(kept, workspaces=tuple(after if one is before else one for one in kept.workspaces))


def without_workspace(kept: Kept, name: str, now_ms: int) -> tuple[Kept, Removed]:
    """Without the view. Raises UnknownName."""
    gone = found("workspace", kept.workspaces, name)
    left = tuple(one for one in kept.workspaces if one is not gone)
    place = kept.workspaces.index(gone)
    return with_removal(
        replace(kept, workspaces=left), "workspace", gone.name, Collection(workspaces=(gone,)), place, now_ms
    )


def _with_changed(kept: Kept, name: str, change: Callable[[Watchlist], Watchlist]) -> Kept:
    watchlist = found("watchlist", kept.watchlists, name)
    return replace(kept, watchlists=placed(kept.watchlists, change(watchlist)))


def _place(watchlist: Watchlist, query: PairQuery) -> int:
    for place, pair in enumerate(watchlist.pairs):
        if pair.query == query:
            return place
    pairs = tuple(f"{pair.query.y_symbol}-{pair.query.x_symbol}" for pair in watchlist.pairs)
    raise UnknownName(f"pair of “{watchlist.name}” with these settings", f"{query.y_symbol}-{query.x_symbol}", pairs)


def _free_name(kind: str, things: tuple[_Named, ...], own: _Named, new_name: str) -> str:
    wanted = checked_name(kind, new_name)
    if any(one.name.casefold() == wanted.casefold() for one in things if one is not own):
        raise NameTaken(kind, wanted)
    return wanted
