"""Keeping: the one door to what the user keeps. Preferences, watchlists and named views, on the server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from analytics import kept_changes as changes
from analytics.errors import StoreError
from analytics.kept import (
    Collection,
    ImportPlan,
    Kept,
    Preferences,
    Removed,
    WatchedPair,
    Watchlist,
    Workspace,
)
from analytics.kept_checks import changed_preferences, checked_preferences
from analytics.kept_document import collection_in, text_of
from analytics.kept_merge import brought_back, merged, plan
from analytics.market import PairQuery
from services.alert_book import AlertBook
from services.ports import Clock, KeptStore
from storage.alert_memory import memory_alert_store

FIRST_LIST: Final = "Majors"
# Beside the pair that a visitor sees first: liquid at the exchange, and known to the demo market.
_FIRST_PAIRS: Final = (
    ("BTCUSDT", "ETHUSDT"),
    ("SOLUSDT", "AVAXUSDT"),
    ("ADAUSDT", "XRPUSDT"),
    ("DOGEUSDT", "1000SHIBUSDT"),
    ("LTCUSDT", "BCHUSDT"),
    ("LINKUSDT", "DOTUSDT"),
    ("BNBUSDT", "ETHUSDT"),
)


class Keeping:
    """Thread-safe; blocking for the milliseconds that a disk takes. A change that returned survives a kill.

    Every method that changes something raises StoreError when the disk refuses it, and BadInput with place and cure
    for what cannot be; then nothing has changed. Names are found in any case.
    """

    def __init__(
        self, store: KeptStore, clock: Clock, first_pair: tuple[str, str], alerts: AlertBook | None = None
    ) -> None:
        """alerts: their rules go out and come in with the rest; in memory where none are given."""
        self.alerts = alerts or AlertBook(memory_alert_store(), clock)
        self._store = store
        self._clock = clock
        self._first = _first_kept(first_pair)
        self._lock = threading.Lock()
        self._trouble: str | None = None
        self._known = store.read() or self._first
        # Beyond every version of a run before, because nobody changes something a thousand times a second.
        self._version = clock.now_ms()

    @property
    def version(self) -> int:
        """Grows with every change, also one that another process made. Cheap."""
        self._now()
        return self._version

    @property
    def trouble(self) -> str | None:
        """Why what is kept cannot be read now, as a sentence, or None. Until it can, what was read last holds."""
        self._now()
        return self._trouble

    def preferences(self) -> Preferences:
        """What holds for the whole screen."""
        return self._now().preferences

    def prefer(self, preferences: Preferences) -> Preferences:
        """Keep these."""
        wanted = checked_preferences(preferences)
        return self._changed(lambda kept: replace(kept, preferences=wanted)).preferences

    def change_preferences(self, fields: Mapping[str, Any]) -> Preferences:
        """Change some of them, by name. A number may come as text."""
        return self._changed(
            lambda kept: replace(kept, preferences=changed_preferences(kept.preferences, fields))
        ).preferences

    def watchlists(self) -> tuple[Watchlist, ...]:
        """Every list, in the user's order; there is always one."""
        return self._now().watchlists

    def watchlist(self, name: str) -> Watchlist:
        """Raises UnknownName."""
        return changes.found("watchlist", self._now().watchlists, name)

    def add_watchlist(self, watchlist: Watchlist) -> Watchlist:
        """Keep a new list. Raises NameTaken."""
        return self._list(lambda kept: changes.with_watchlist(kept, watchlist, new=True), watchlist.name)

    def put_watchlist(self, watchlist: Watchlist) -> Watchlist:
        """Keep this list, in the place of the one with its name."""
        return self._list(lambda kept: changes.with_watchlist(kept, watchlist), watchlist.name)

    def change_watchlist(
        self, name: str, *, pairs: tuple[WatchedPair, ...] | None = None, new_name: str | None = None
    ) -> Watchlist:
        """Give a list other rows, another name, or both, in one change. Raises UnknownName, NameTaken."""

        def change(kept: Kept) -> Kept:
            held = changes.found("watchlist", kept.watchlists, name)
            after = kept if pairs is None else changes.with_watchlist(kept, replace(held, pairs=pairs))
            return after if new_name is None else changes.with_renamed_watchlist(after, name, new_name)

        return self._list(change, new_name or name)

    def rename_watchlist(self, name: str, new_name: str) -> Watchlist:
        """The workspaces beside it follow. Raises UnknownName, NameTaken."""
        return self._list(lambda kept: changes.with_renamed_watchlist(kept, name, new_name), new_name)

    def remove_watchlist(self, name: str) -> Removed:
        """`bring_back` undoes it. Raises UnknownName, and BadInput for the only list."""
        return self._removed(lambda kept: changes.without_watchlist(kept, name, self._clock.now_ms()))

    def add_pair(self, name: str, query: PairQuery, *, pinned: bool = False) -> Watchlist:
        """Put a pair at the end of a list; one that is there already stays as it is. Raises UnknownName."""
        return self._list(lambda kept: changes.with_pair_in(kept, name, query, pinned=pinned), name)

    def pin_pair(self, name: str, query: PairQuery, *, pinned: bool) -> Watchlist:
        """Pin a pair of a list, or let it go. Raises UnknownName."""
        return self._list(lambda kept: changes.with_pin(kept, name, query, pinned=pinned), name)

    def remove_pair(self, name: str, query: PairQuery) -> Removed:
        """`bring_back` undoes it. Raises UnknownName."""
        return self._removed(lambda kept: changes.without_pair(kept, name, query, self._clock.now_ms()))

    def workspaces(self) -> tuple[Workspace, ...]:
        """Every named view, in the order of saving."""
        return self._now().workspaces

    def workspace(self, name: str) -> Workspace:
        """Raises UnknownName."""
        return changes.found("workspace", self._now().workspaces, name)

    def put_workspace(self, name: str, address: str, watchlist: str) -> Workspace:
        """Keep a view under a name, in the place of the one with that name. address: path and search of a page."""
        wanted = Workspace(name, address, watchlist, self._clock.now_ms())
        return self._view(lambda kept: changes.with_workspace(kept, wanted), name)

    def change_workspace(
        self, name: str, *, address: str | None = None, watchlist: str | None = None, new_name: str | None = None
    ) -> Workspace:
        """Give a view another address, list or name, in one change. Raises UnknownName, NameTaken."""

        def change(kept: Kept) -> Kept:
            held = changes.found("workspace", kept.workspaces, name)
            wanted = replace(held, address=address or held.address, watchlist=watchlist or held.watchlist)
            if wanted != held:
                kept = changes.with_workspace(kept, replace(wanted, saved_ms=self._clock.now_ms()))
            return kept if new_name is None else changes.with_renamed_workspace(kept, name, new_name)

        return self._view(change, new_name or name)

    def rename_workspace(self, name: str, new_name: str) -> Workspace:
        """Raises UnknownName, NameTaken."""
        return self._view(lambda kept: changes.with_renamed_workspace(kept, name, new_name), new_name)

    def remove_workspace(self, name: str) -> Removed:
        """`bring_back` undoes it. Raises UnknownName."""
        return self._removed(lambda kept: changes.without_workspace(kept, name, self._clock.now_ms()))

    def removed(self) -> tuple[Removed, ...]:
        """What can be brought back, newest first; the oldest of many are forgotten."""
        return self._now().removed[::-1]

    def bring_back(self, removal: int) -> Removed:
        """Undo a removal, or what an import replaced, by its number. Raises UnknownName."""
        return self._removed(lambda kept: brought_back(kept, removal, self._clock.now_ms()))

    def export(self) -> str:
        """Everything as one JSON document, for `take_in` here or elsewhere. Of alerts the rules, never a channel."""
        kept = self._now()
        collection = Collection(kept.preferences, kept.watchlists, kept.workspaces, self.alerts.rules())
        return text_of(collection, self._clock.now_ms())

    def plan_import(self, text: str | bytes) -> ImportPlan:
        """What a document would change; nothing is changed."""
        collection = collection_in(text)
        return self._with_alerts(plan(self._now(), collection), collection)

    def take_in(self, text: str | bytes) -> ImportPlan:
        """Lay a document over what is kept, by name. What it replaces can be brought back.

        Alerts come last: where the disk refuses only them, StoreError says so, and the same file brings the rest.
        """
        collection = collection_in(text)
        alerts = self._with_alerts(ImportPlan(), collection)
        plans: list[ImportPlan] = []

        def lay_over(kept: Kept) -> Kept:
            after, removed = merged(kept, collection, self._clock.now_ms())
            plans.append(replace(plan(kept, collection), removal=None if removed is None else removed.removal))
            return after

        self._changed(lay_over)
        added = tuple(one.name for one in self.alerts.merge(collection.alerts)) if alerts.alerts_added else ()
        return replace(plans[-1], alerts_added=added, alerts_alike=alerts.alerts_alike)

    def close(self) -> None:
        """Let go of the file. Idempotent."""
        self._store.close()
        self.alerts.close()

    def _now(self) -> Kept:
        """What is kept now: read anew only where another process has changed it."""
        with self._lock:
            try:
                if self._store.changed_elsewhere() or self._trouble is not None:
                    self._take(self._store.read() or self._first)
                self._trouble = None
            except StoreError as error:
                self._trouble = str(error)
            return self._known

    def _changed(self, change: Callable[[Kept], Kept]) -> Kept:
        with self._lock:
            after = self._store.change(lambda kept: change(kept or self._first))
            self._take(after)
            return after

    def _take(self, kept: Kept) -> None:
        if kept != self._known:
            self._known = kept
            self._version += 1

    def _with_alerts(self, changes_of_others: ImportPlan, collection: Collection) -> ImportPlan:
        added, alike = self.alerts.plan_merge(collection.alerts)
        names = tuple(one.name for one in added), tuple(one.name for one in alike)
        return replace(changes_of_others, alerts_added=names[0], alerts_alike=names[1])

    def _list(self, change: Callable[[Kept], Kept], name: str) -> Watchlist:
        return changes.found("watchlist", self._changed(change).watchlists, " ".join(name.split()))

    def _view(self, change: Callable[[Kept], Kept], name: str) -> Workspace:
        return changes.found("workspace", self._changed(change).workspaces, " ".join(name.split()))

    def _removed(self, change: Callable[[Kept], tuple[Kept, Removed]]) -> Removed:
        made: list[Removed] = []

        def apply(kept: Kept) -> Kept:
            after, removed = change(kept)
            made.append(removed)
            return after

        self._changed(apply)
        return made[-1]


def _first_kept(first_pair: tuple[str, str]) -> Kept:
    """What is kept before anybody has kept anything. It is written with the first change."""
    legs = dict.fromkeys((first_pair, *_FIRST_PAIRS))
    seen: dict[frozenset[str], tuple[str, str]] = {}
    for y, x in legs:
        if y != x:
            seen.setdefault(frozenset((y, x)), (y, x))
    pairs = tuple(WatchedPair(PairQuery(y, x)) for y, x in seen.values())
    return Kept(watchlists=(Watchlist(FIRST_LIST, pairs),))
