"""The one door to what the user keeps: versions, other processes, files that come in, a disk that refuses."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.alert_book import MOST_RULES
from analytics.errors import BadInput, NameTaken, StoreError, UnknownName
from analytics.kept import Preferences, WatchedPair, Watchlist
from analytics.market import PairParams, PairQuery, Timeframe
from services.keeping import FIRST_LIST, Keeping
from storage.kept_database import KeptDatabase
from storage.kept_memory import MemoryKeptStore
from storage.kept_rows import read_kept
from storage.kept_store import SqlKeptStore
from tests.contracts.alert_nouns import EVERY_FIELD, OPS, RULE
from tests.fakes import FakeClock

BTC_ETH = PairQuery("BTCUSDT", "ETHUSDT")
SOL_AVAX = PairQuery("SOLUSDT", "AVAXUSDT", PairParams(Timeframe.M1))
FIRST = ("BTCUSDT", "ETHUSDT")


@pytest.fixture
def keeping() -> Keeping:
    return Keeping(MemoryKeptStore(), FakeClock(), FIRST)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


@pytest.fixture
def on_disk(file: Path) -> Iterator[Keeping]:
    with closing(opened(file)) as made:
        yield made


def opened(file: Path, clock: FakeClock | None = None) -> Keeping:
    return Keeping(SqlKeptStore(KeptDatabase(file, read_kept, busy_timeout_ms=20)), clock or FakeClock(), FIRST)


def test_a_first_visitor_finds_a_list_that_begins_with_the_first_pair() -> None:
    for first in (("SOLUSDT", "LINKUSDT"), FIRST, ("ETHUSDT", "BTCUSDT")):
        (majors,) = Keeping(MemoryKeptStore(), FakeClock(), first).watchlists()
        legs = [frozenset((pair.query.y_symbol, pair.query.x_symbol)) for pair in majors.pairs]
        assert majors.name == FIRST_LIST
        assert (majors.pairs[0].query.y_symbol, majors.pairs[0].query.x_symbol) == first
        assert len(legs) == len(set(legs)) >= 7


def test_every_pair_of_the_first_list_is_known_to_the_demo_market(keeping: Keeping) -> None:
    from ingest.simulator import LocalExchange

    listed = set(LocalExchange(seed=1).symbols())
    assert {
        leg for pair in keeping.watchlist(FIRST_LIST).pairs for leg in (pair.query.y_symbol, pair.query.x_symbol)
    } <= (listed)


def test_the_version_grows_with_every_change_and_with_nothing_else(keeping: Keeping) -> None:
    seen = [keeping.version]
    keeping.change_preferences({"theme": "light"})
    seen.append(keeping.version)
    keeping.add_watchlist(Watchlist("Alts"))
    seen.append(keeping.version)
    keeping.add_pair("alts", SOL_AVAX)
    seen.append(keeping.version)
    assert seen == sorted(set(seen))
    keeping.add_pair("alts", SOL_AVAX)
    keeping.prefer(Preferences(theme="light"))
    keeping.export()
    with pytest.raises(BadInput):
        keeping.change_preferences({"theme": "pink"})
    assert keeping.version == seen[-1]


def test_the_version_of_a_later_run_is_beyond_every_version_of_this_one(file: Path) -> None:
    clock = FakeClock()
    with closing(opened(file, clock)) as first:
        for n in range(20):
            first.put_workspace(f"view {n}", "/", FIRST_LIST)
        last = first.version
    clock.pass_ms(1_000)
    with closing(opened(file, clock)) as second:
        assert second.version > last
        assert len(second.workspaces()) == 20


def test_another_process_is_seen_at_the_next_question(file: Path, on_disk: Keeping) -> None:
    before = on_disk.version
    with closing(opened(file)) as other:
        other.add_watchlist(Watchlist("Theirs"))
    assert on_disk.version == before + 1
    assert [one.name for one in on_disk.watchlists()] == [FIRST_LIST, "Theirs"]
    on_disk.add_watchlist(Watchlist("Mine"))
    assert [one.name for one in on_disk.watchlists()] == [FIRST_LIST, "Theirs", "Mine"]


def test_while_the_file_is_locked_the_last_state_holds_and_the_reason_is_told(file: Path, on_disk: Keeping) -> None:
    on_disk.add_watchlist(Watchlist("Alts"))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert on_disk.watchlist("Alts") == Watchlist("Alts")
        assert "cannot be read now" in str(on_disk.trouble)
        with pytest.raises(StoreError):
            on_disk.remove_watchlist("Alts")
        other.execute("ROLLBACK")
    assert on_disk.trouble is None
    assert on_disk.remove_watchlist("Alts").kind == "watchlist"


def test_a_pair_is_added_pinned_removed_and_comes_back(keeping: Keeping) -> None:
    keeping.add_watchlist(Watchlist("Alts"))
    assert keeping.add_pair("alts", SOL_AVAX).pairs == (WatchedPair(SOL_AVAX),)
    assert keeping.pin_pair("Alts", SOL_AVAX, pinned=True).pairs == (WatchedPair(SOL_AVAX, pinned=True),)
    gone = keeping.remove_pair("Alts", SOL_AVAX)
    assert keeping.watchlist("Alts").pairs == ()
    assert keeping.removed()[0] == gone
    keeping.bring_back(gone.removal)
    assert keeping.watchlist("Alts").pairs == (WatchedPair(SOL_AVAX, pinned=True),)
    with pytest.raises(UnknownName):
        keeping.bring_back(gone.removal)


def test_a_removed_workspace_comes_back_after_a_restart(file: Path) -> None:
    with closing(opened(file)) as first:
        saved = first.put_workspace("  Morning ", "/?pair=BTCUSDT-ETHUSDT", FIRST_LIST)
        assert saved.name == "Morning"
        gone = first.remove_workspace("morning")
    with closing(opened(file)) as second:
        second.bring_back(gone.removal)
        assert second.workspaces() == (saved,)


def test_names_are_taken_once(keeping: Keeping) -> None:
    keeping.put_workspace("Morning", "/", FIRST_LIST)
    keeping.put_workspace("Noon", "/data", FIRST_LIST)
    assert keeping.put_workspace("MORNING", "/watchlist", FIRST_LIST).name == "Morning"
    assert [one.address for one in keeping.workspaces()] == ["/watchlist", "/data"]
    with pytest.raises(NameTaken):
        keeping.rename_workspace("Noon", "morning")
    with pytest.raises(NameTaken):
        keeping.add_watchlist(Watchlist("majors"))
    assert keeping.rename_workspace("noon", " High  noon ").name == "High noon"


def test_an_export_taken_in_elsewhere_makes_the_same(keeping: Keeping) -> None:
    keeping.change_preferences({"theme": "light", "taker_fee_bp": "4.5"})
    keeping.add_watchlist(Watchlist("Alts", (WatchedPair(SOL_AVAX, pinned=True),)))
    keeping.put_workspace("Morning", "/?pair=BTCUSDT-ETHUSDT&tf=1s", "Alts")
    keeping.alerts.put_channel(OPS)
    rule = keeping.alerts.add(RULE)
    keeping.alerts.add(EVERY_FIELD)
    elsewhere = Keeping(MemoryKeptStore(), FakeClock(), FIRST)
    elsewhere.alerts.add(replace(RULE, active=False))
    planned = elsewhere.plan_import(keeping.export())
    assert elsewhere.preferences() == Preferences()
    assert planned.preferences == ("theme", "taker_fee_bp")
    assert (planned.watchlists_added, planned.watchlists_alike) == (("Alts",), (FIRST_LIST,))
    assert (planned.alerts_added, planned.alerts_alike) == ((EVERY_FIELD.name,), (RULE.name,))
    assert len(elsewhere.alerts.rules()) == 1
    done = elsewhere.take_in(keeping.export())
    assert (done.alerts_added, done.alerts_alike) == (planned.alerts_added, planned.alerts_alike)
    elsewhere.alerts.change(rule.id, active=True)
    assert elsewhere.export() == keeping.export()
    assert elsewhere.alerts.channels() == ()
    assert "verysecret" not in keeping.export()
    assert elsewhere.take_in(keeping.export()).alerts_added == ()
    assert done.removal is not None
    elsewhere.bring_back(done.removal)
    assert elsewhere.preferences() == Preferences()


def test_a_file_that_is_refused_changes_nothing(keeping: Keeping) -> None:
    document = json.loads(keeping.export())
    document["watchlists"].append({"name": "Bad", "pairs": [{"symbol_a": "btcusdt"}]})
    before = keeping.version
    with pytest.raises(BadInput, match=r"watchlists\[1\]\.pairs\[0\]: symbol_b is missing"):
        keeping.take_in(json.dumps(document))
    assert keeping.version == before


def test_a_file_with_an_alert_that_cannot_be_is_refused_whole(keeping: Keeping) -> None:
    keeping.alerts.add(RULE)
    document = json.loads(keeping.export())
    document["watchlists"].append({"name": "Good", "pairs": []})
    elsewhere = Keeping(MemoryKeptStore(), FakeClock(), FIRST)
    for change, told in (
        ({"hold_ms": -5}, r"alerts\[0\]: hold_ms"),
        ({"colour": "red"}, r"alerts\[0\].*colour"),
    ):
        bad = document | {"alerts": [document["alerts"][0] | change]}
        with pytest.raises(BadInput, match=told):
            elsewhere.take_in(json.dumps(bad))
    many = document | {"alerts": [document["alerts"][0] | {"hold_ms": n} for n in range(MOST_RULES + 1)]}
    with pytest.raises(BadInput, match="more than 2,000 alerts"):
        elsewhere.take_in(json.dumps(many))
    assert len(elsewhere.watchlists()) == 1
    assert elsewhere.alerts.rules() == ()
