"""A collection laid over what is kept, by name: an import, and the way back from one and from every removal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import TypeVar

from analytics.errors import BadInput, UnknownName
from analytics.kept import Collection, ImportPlan, Kept, Preferences, Removed, WatchedPair, Watchlist, Workspace
from analytics.kept_changes import placed, with_removal, with_watchlist, with_workspace

_Named = TypeVar("_Named", Watchlist, Workspace)


def plan(kept: Kept, collection: Collection) -> ImportPlan:
    """What laying the collection over what is kept would change."""
    lists = _compared(kept.watchlists, collection.watchlists)
    views = _compared(kept.workspaces, collection.workspaces)
    return ImportPlan(
        preferences=_changed_fields(kept.preferences, collection.preferences),
        watchlists_added=lists[0],
        watchlists_replaced=lists[1],
        watchlists_alike=lists[2],
        workspaces_added=views[0],
        workspaces_replaced=views[1],
        workspaces_alike=views[2],
    )


def merged(kept: Kept, collection: Collection, now_ms: int) -> tuple[Kept, Removed | None]:
    """With everything of the collection; what it replaces can be brought back, None where that is nothing.

    Raises BadInput when there would be too many lists or views.
    """
    changes = plan(kept, collection)
    held = Collection(
        kept.preferences if changes.preferences else None,
        tuple(_under(kept.watchlists, changes.watchlists_replaced)),
        tuple(_under(kept.workspaces, changes.workspaces_replaced)),
    )
    after = kept if collection.preferences is None else replace(kept, preferences=collection.preferences)
    for watchlist in collection.watchlists:
        after = with_watchlist(after, watchlist)
    for workspace in collection.workspaces:
        after = with_workspace(after, workspace)
    if held == Collection():
        return after, None
    return with_removal(after, "replaced", _counted(held), held, 0, now_ms)


def brought_back(kept: Kept, removal: int, now_ms: int) -> tuple[Kept, Removed]:
    """With what that removal took away, in its old place. Its number is spent.

    A list or view whose name was given to another one meanwhile comes back as “name (2)”. Raises UnknownName.
    """
    known = {one.removal: one for one in kept.removed}
    if removal not in known:
        raise UnknownName("removal", str(removal), tuple(str(one) for one in known))
    back = known[removal]
    kept = replace(kept, removed=tuple(one for one in kept.removed if one is not back))
    if back.kind == "replaced":
        return merged(kept, back.collection, now_ms)[0], back
    if back.kind == "pair":
        return _with_pair_back(kept, back), back
    lists, views = kept.watchlists, kept.workspaces
    for watchlist in back.collection.watchlists:
        lists = placed(lists, replace(watchlist, name=_free(lists, watchlist.name)), back.place)
    for workspace in back.collection.workspaces:
        views = placed(views, replace(workspace, name=_free(views, workspace.name)), back.place)
    return replace(kept, watchlists=lists, workspaces=views), back


def _with_pair_back(kept: Kept, back: Removed) -> Kept:
    (held,) = back.collection.watchlists
    (pair,) = held.pairs
    lists = {one.name: one for one in kept.watchlists}
    if held.name not in lists:
        raise BadInput(f"the watchlist “{held.name}” of {back.name} is not there any more; bring it back first")
    return replace(kept, watchlists=placed(kept.watchlists, _inserted(lists[held.name], pair, back.place)))


def _inserted(watchlist: Watchlist, pair: WatchedPair, place: int) -> Watchlist:
    others = tuple(one for one in watchlist.pairs if one.query != pair.query)
    return replace(watchlist, pairs=(*others[:place], pair, *others[place:]))


def _free(things: tuple[_Named, ...], name: str) -> str:
    taken = {one.name.casefold() for one in things}
    number, wanted = 2, name
    while wanted.casefold() in taken:
        wanted, number = f"{name} ({number})", number + 1
    return wanted


def _changed_fields(before: Preferences, after: Preferences | None) -> tuple[str, ...]:
    if after is None:
        return ()
    held = asdict(before)
    return tuple(name for name, value in asdict(after).items() if held[name] != value)


def _compared(before: Iterable[_Named], after: Iterable[_Named]) -> tuple[tuple[str, ...], ...]:
    """The names that are added, replaced, and alike."""
    held = {one.name.casefold(): one for one in before}
    names: tuple[list[str], list[str], list[str]] = ([], [], [])
    for one in after:
        known = held.get(one.name.casefold())
        at = 0 if known is None else 2 if replace(one, name=known.name) == known else 1
        names[at].append(one.name if known is None else known.name)
    return tuple(tuple(part) for part in names)


def _under(things: Iterable[_Named], names: Iterable[str]) -> Iterable[_Named]:
    wanted = set(names)
    return (one for one in things if one.name in wanted)


def _counted(held: Collection) -> str:
    counts = (
        (len(held.watchlists), "watchlist", "watchlists"),
        (len(held.workspaces), "workspace", "workspaces"),
    )
    told = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    if held.preferences is not None:
        told.append("the preferences")
    return " and ".join(told)
