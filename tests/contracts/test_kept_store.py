"""What every store of kept things promises, asked of the real one and of its twin in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from analytics import kept_changes as changes
from analytics.errors import BadInput
from analytics.kept import Collection, Kept, Preferences, WatchedPair, Watchlist, Workspace
from analytics.kept_merge import merged
from analytics.market import PairParams, PairQuery, Timeframe
from services.ports import KeptStore
from storage.kept_memory import MemoryKeptStore
from storage.kept_store import SqlKeptStore

NOW = 1_760_000_000_000
BTC_ETH = PairQuery("BTCUSDT", "ETHUSDT")
SOL_AVAX = PairQuery("SOLUSDT", "AVAXUSDT", PairParams(Timeframe.M1, 60, 500, "fixed", fixed_ratio=4.5))
KEPT = Kept(
    Preferences(theme="light", taker_fee_bp=4.5),
    (Watchlist("Majors", (WatchedPair(BTC_ETH, pinned=True), WatchedPair(SOL_AVAX))), Watchlist("Ölt & “mehr”")),
    (Workspace("Morning", "/?pair=BTCUSDT-ETHUSDT&tf=1s", "Majors", NOW),),
)


@pytest.fixture(params=["sqlite", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeptStore]:
    made: KeptStore = SqlKeptStore.opened(tmp_path / "kept.db") if request.param == "sqlite" else MemoryKeptStore()
    yield made
    made.close()


def changes_with(added: Watchlist, kept: Kept | None) -> Kept:
    return changes.with_watchlist(kept or Kept(), added)


def everything() -> Kept:
    """With a list, a view, a pair and an import to bring back."""
    kept, _ = changes.without_workspace(
        changes.with_workspace(KEPT, replace(KEPT.workspaces[0], name="Old")), "Old", NOW
    )
    kept, _ = changes.without_pair(kept, "Majors", SOL_AVAX, NOW)
    kept, _ = changes.without_watchlist(kept, "Ölt & “mehr”", NOW)
    kept, _ = merged(kept, Collection(Preferences(zone="local"), (Watchlist("Majors"),)), NOW)
    return kept


def test_a_new_store_has_never_kept_anything(store: KeptStore) -> None:
    assert store.read() is None
    assert not store.changed_elsewhere()


def test_what_was_kept_is_read_back(store: KeptStore) -> None:
    assert store.change(lambda _before: KEPT) == KEPT
    assert store.read() == KEPT


def test_every_kind_of_removal_is_read_back(store: KeptStore) -> None:
    kept = everything()
    assert {one.kind for one in kept.removed} == {"watchlist", "workspace", "pair", "replaced"}
    store.change(lambda _before: kept)
    assert store.read() == kept


@pytest.mark.parametrize(
    "change",
    [
        lambda kept: replace(kept, watchlists=kept.watchlists[::-1]),
        lambda kept: replace(kept, watchlists=kept.watchlists[:1]),
        lambda kept: replace(kept, watchlists=(*kept.watchlists, Watchlist("New", (WatchedPair(BTC_ETH),)))),
        lambda kept: changes.with_pair_in(kept, "Majors", PairQuery("LTCUSDT", "BCHUSDT"), pinned=False),
        lambda kept: changes.with_renamed_watchlist(kept, "Majors", "Big"),
        lambda kept: replace(kept, workspaces=()),
        lambda kept: replace(kept, preferences=Preferences()),
    ],
)
def test_each_change_is_read_back_alone(store: KeptStore, change: Callable[[Kept], Kept]) -> None:
    store.change(lambda _before: KEPT)
    after = store.change(lambda before: change(before or Kept()))
    assert after == change(KEPT)
    assert store.read() == after
    assert not store.changed_elsewhere()


def test_what_is_refused_in_the_middle_changes_nothing(store: KeptStore) -> None:
    store.change(lambda _before: KEPT)

    def refused(_before: Kept | None) -> Kept:
        raise BadInput("no")

    with pytest.raises(BadInput, match="no"):
        store.change(refused)
    assert store.read() == KEPT


def test_changes_made_at_the_same_time_all_count(store: KeptStore) -> None:
    store.change(lambda _before: KEPT)

    def add(name: str) -> None:
        for n in range(10):
            added = Watchlist(f"{name}{n}")
            store.change(partial(changes_with, added))

    threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = store.read()
    assert kept is not None
    assert len(kept.watchlists) == 32


def test_closing_twice_is_as_good_as_once(store: KeptStore) -> None:
    store.close()
    store.close()
