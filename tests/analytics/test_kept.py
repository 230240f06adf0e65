"""What a user keeps: every change has a way back, every document reads back as it was written, nonsense is refused."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import kept_changes as changes
from analytics.errors import BadInput, NameTaken, UnknownName
from analytics.kept import Collection, Kept, Preferences, WatchedPair, Watchlist, Workspace
from analytics.kept_checks import PREFERENCE_NAMES, changed_preferences, checked_preferences
from analytics.kept_document import collection_in, text_of
from analytics.kept_merge import brought_back, merged, plan
from analytics.market import PairParams, PairQuery, Timeframe

BTC_ETH = PairQuery("BTCUSDT", "ETHUSDT")
SOL_AVAX = PairQuery("SOLUSDT", "AVAXUSDT", PairParams(Timeframe.M1, window_bars=60, hedge="fixed", fixed_ratio=4.5))
MAJORS = Watchlist("Majors", (WatchedPair(BTC_ETH, pinned=True), WatchedPair(SOL_AVAX)))
ALTS = Watchlist("Alts")
MORNING = Workspace("Morning", "/?pair=BTCUSDT-ETHUSDT&tf=1s", "Majors", 1_760_000_000_000)
NOON = Workspace("Noon", "/watchlist", "Alts", 1_760_000_000_001)
KEPT = Kept(Preferences(), (MAJORS, ALTS), (MORNING, NOON))
NOW = 1_760_000_100_000

names = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)
symbols = st.sampled_from(["BTCUSDT", "ETHUSDT", "SOLUSDT", "1000SHIBUSDT"])
queries = st.builds(
    lambda legs, frame, window, scale: PairQuery(legs[0], legs[1], PairParams(frame, window, price_scale=scale)),
    st.permutations(["BTCUSDT", "ETHUSDT", "SOLUSDT"]).map(lambda some: some[:2]),
    st.sampled_from(list(Timeframe)),
    st.integers(2, 5_000),
    st.sampled_from(["level", "log"]),
)
watchlists = st.builds(
    lambda name, found, pinned: Watchlist(name, tuple(WatchedPair(query, pinned) for query in found)),
    names,
    st.lists(queries, unique=True, max_size=4),
    st.booleans(),
)
workspaces = st.builds(Workspace, names, st.just("/?pair=A-B&tf=1m"), names, st.integers(0, 10**13))
preferences = st.builds(
    Preferences,
    st.sampled_from(["system", "dark", "light"]),
    st.sampled_from(["safe", "classic", "inverted"]),
    st.sampled_from(["utc", "local"]),
    st.floats(-10, 100),
    st.floats(-10, 100),
    st.floats(1.0, 3.0),
    st.floats(0.0, 0.9),
    st.floats(3.1, 9.0),
)


def one_of_a_name(things: list[Any]) -> tuple[Any, ...]:
    return tuple({thing.name.casefold(): thing for thing in things}.values())


collections = st.builds(
    Collection,
    preferences | st.none(),
    st.lists(watchlists, max_size=4).map(one_of_a_name),
    st.lists(workspaces, max_size=4).map(one_of_a_name),
)
keeps = collections.map(lambda held: Kept(held.preferences or Preferences(), held.watchlists, held.workspaces))


@given(collections)
def test_a_document_reads_back_as_it_was_written(collection: Collection) -> None:
    assert collection_in(text_of(collection, NOW)) == collection


@given(keeps, collections)
def test_an_import_loses_nothing_that_cannot_be_brought_back(kept: Kept, collection: Collection) -> None:
    after, removed = merged(kept, collection, NOW)
    changed = plan(kept, collection)
    assert (removed is None) == (
        not (changed.preferences or changed.watchlists_replaced or changed.workspaces_replaced)
    )
    assert {one.name.casefold() for one in kept.watchlists} <= {one.name.casefold() for one in after.watchlists}
    named = (changed.watchlists_added, changed.watchlists_replaced, changed.watchlists_alike)
    assert set(plan(after, collection).watchlists_alike) == {name for part in named for name in part}
    if removed is not None:
        back, _ = brought_back(after, removed.removal, NOW)
        assert back.preferences == kept.preferences
        assert set(kept.watchlists) <= set(back.watchlists)
        assert set(kept.workspaces) <= set(back.workspaces)


@given(keeps, collections)
def test_an_import_made_twice_changes_nothing_the_second_time(kept: Kept, collection: Collection) -> None:
    once, _ = merged(kept, collection, NOW)
    twice, removed = merged(once, collection, NOW)
    assert twice == once
    assert removed is None


@pytest.mark.parametrize("name", ["Majors", "Alts"])
def test_a_removed_list_comes_back_in_its_place(name: str) -> None:
    after, removed = changes.without_watchlist(KEPT, name, NOW)
    assert [one.name for one in after.watchlists] != ["Majors", "Alts"]
    back, _ = brought_back(after, removed.removal, NOW)
    assert back.watchlists == KEPT.watchlists
    with pytest.raises(UnknownName):
        brought_back(back, removed.removal, NOW)


def test_a_removed_pair_comes_back_in_its_place_pinned_as_it_was() -> None:
    after, removed = changes.without_pair(KEPT, "majors", BTC_ETH, NOW)
    assert after.watchlists[0].pairs == MAJORS.pairs[1:]
    assert brought_back(after, removed.removal, NOW)[0].watchlists == KEPT.watchlists


def test_a_removed_workspace_comes_back_beside_another_that_took_its_name() -> None:
    after, removed = changes.without_workspace(KEPT, "Morning", NOW)
    taken = changes.with_workspace(after, replace(NOON, name="Morning"))
    back, _ = brought_back(taken, removed.removal, NOW)
    assert [one.name for one in back.workspaces] == ["Morning (2)", "Noon", "Morning"]


def test_the_only_watchlist_stays() -> None:
    with pytest.raises(BadInput, match="only watchlist; make another one"):
        changes.without_watchlist(replace(KEPT, watchlists=(MAJORS,)), "Majors", NOW)


def test_the_views_beside_a_renamed_list_follow_it() -> None:
    after = changes.with_renamed_watchlist(KEPT, "Majors", "  Big   ones ")
    assert after.watchlists[0].name == "Big ones"
    assert after.workspaces[0].watchlist == "Big ones"
    assert changes.with_renamed_watchlist(KEPT, "Majors", "MAJORS").watchlists[0].name == "MAJORS"
    with pytest.raises(NameTaken, match="“alts” already"):
        changes.with_renamed_watchlist(KEPT, "Majors", "alts")
    with pytest.raises(UnknownName, match="“Majors”, “Alts”"):
        changes.with_renamed_watchlist(KEPT, "Minors", "x")


def test_a_pair_is_added_once() -> None:
    after = changes.with_pair_in(KEPT, "Alts", SOL_AVAX, pinned=True)
    assert changes.with_pair_in(after, "Alts", SOL_AVAX, pinned=False) == after
    assert changes.with_pin(after, "Alts", SOL_AVAX, pinned=False).watchlists[1].pairs == (WatchedPair(SOL_AVAX),)


def test_only_so_many_removals_are_remembered_and_no_number_is_given_twice() -> None:
    kept = KEPT
    for _ in range(70):
        kept = changes.with_workspace(kept, MORNING)
        kept, _ = changes.without_workspace(kept, "Morning", NOW)
    assert len(kept.removed) == changes.MOST_REMOVED
    assert kept.removed[-1].removal == kept.removals == 70


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("theme", "pink", "theme: “pink” is none of system, dark, light"),
        ("taker_fee_bp", "", "the box is empty"),
        ("taker_fee_bp", "1e400", "from -10 to 100"),
        ("taker_fee_bp", 10**400, "from -10 to 100"),
        ("entry_zscore", "nan", "entry_zscore must be a number of standard deviations"),
        ("entry_zscore", True, "entry_zscore must be a number"),
        ("entry_zscore", 4, "exit < entry < stop: 0, 4 and 3.5 are not"),
        ("exit_zscore", -1, "exit_zscore must be"),
        ("fee", 1, "fee is no preference"),
    ],
)
def test_a_preference_out_of_bounds_is_refused_by_name(field: str, value: object, told: str) -> None:
    with pytest.raises(BadInput, match=re.escape(told)):
        changed_preferences(Preferences(), {field: value})


def test_a_number_may_be_typed_with_a_comma_or_a_minus_sign() -> None:
    typed = changed_preferences(Preferences(), {"taker_fee_bp": " 4,5 ", "maker_fee_bp": "−0.5"})
    assert (typed.taker_fee_bp, typed.maker_fee_bp) == (4.5, -0.5)


@given(preferences)
def test_every_preference_has_its_bounds(held: Preferences) -> None:
    assert checked_preferences(held) == held
    assert set(PREFERENCE_NAMES) == set(Preferences.__dataclass_fields__)


def broken(change: dict[str, Any], *place: str | int) -> str:
    """A good document with one thing changed at a place."""
    document = json.loads(text_of(Collection(Preferences(), (MAJORS,), (MORNING,)), NOW))
    at = document
    for step in place:
        at = at[step]
    at.update(change)
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is not JSON"),
        ("[" * 100_000, "the file is not JSON"),
        ("[]", "the file is no export of Pairwatch"),
        ('{"a": NaN}', "NaN is no number"),
        (broken({"format": 2}), "the file is in format 2, and this Pairwatch knows 1"),
        (broken({"watchlists": {}}), "watchlists: this must be a list"),
        (broken({"watchlists": [4]}), "watchlists[0]: this must be an object"),
        (broken({"name": " "}, "watchlists", 0), "watchlists[0]: the watchlist needs a name"),
        (broken({"name": "a/b"}, "watchlists", 0), "no slash"),
        (broken({"window": 1}, "watchlists", 0, "pairs", 1), "watchlists[0].pairs[1]: window: this must be a whole"),
        (broken({"hedge": "x"}, "watchlists", 0, "pairs", 0), "watchlists[0].pairs[0]: hedge: “x” is none of ols"),
        (broken({"fixed_ratio": None}, "watchlists", 0, "pairs", 1), "belongs to hedge “fixed”"),
        (broken({"symbol_b": "btcusdt"}, "watchlists", 0, "pairs", 0), "needs two different symbols"),
        (broken({"symbol_b": "x" * 40}, "watchlists", 0, "pairs", 0), "is not a symbol; write it as the exchange"),
        (broken({"timeframe": "3s"}, "watchlists", 0, "pairs", 0), "watchlists[0].pairs[0]: “3s” is not a timeframe"),
        (broken({"pinned": 1}, "watchlists", 0, "pairs", 0), "pinned: this must be true or false"),
        (broken({"address": "//evil.example"}, "workspaces", 0), "must be one of a page here"),
        (broken({"address": "javascript:alert(1)"}, "workspaces", 0), "must be one of a page here"),
        (broken({"saved_ms": 1e400}, "workspaces", 0), "is no number"),
        (broken({"theme": "pink"}, "preferences"), "preferences: theme: “pink” is none of"),
        (broken({"extra": 1}, "preferences"), "preferences: extra is no preference"),
        (broken({"watchlists": [{"name": "A"}, {"name": "a"}]}), "watchlists: “a” is there twice"),
    ],
)
def test_a_document_that_cannot_be_is_refused_with_the_place_and_the_cure(text: str, told: str) -> None:
    with pytest.raises(BadInput, match=re.escape(told)):
        collection_in(text)
