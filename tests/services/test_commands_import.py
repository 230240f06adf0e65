"""Importing archive files: holes are healed by exactly the missing trades, and nothing becomes an unlisted hole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BadInput
from analytics.market import Gap
from ingest.archive import ArchiveFile
from services.commands.command_line import run
from services.commands.healing import BETWEEN, give_up_old, heal, missing, store_all
from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.ingest.archives import Dialect, rows_of, write_archive, write_checksum
from tests.storage.trades import DAY_MS, SYMBOL, same, trades

NOW_MS = DAY_MS + 3_600_000
_THREE_DAYS_MS = 3 * 86_400_000
FLAGS = ["--rest-url", "http://127.0.0.1:1", "--data-dir"]
NAME = "127.0.0.1.db"


@contextmanager
def store_at(folder: Path) -> Iterator[SqlStore]:
    with closing(SqlStore(folder / NAME, venue="127.0.0.1", now_ms=lambda: NOW_MS)) as store:
        yield store


def with_holes(
    store: SqlStore | MemoryStore, ids: Iterable[int], lost: Iterable[int], still_open: Iterable[int]
) -> None:
    """A store that holds `ids`, and lists the rest of them as missing."""
    for state, group in (("LOST", lost), ("OPEN", still_open)):
        for one in group:
            store.open_gap(Gap(SYMBOL, one, one, "OPEN", "sequence jump", NOW_MS))
            if state == "LOST":
                store.lose_gap(SYMBOL, one, one, "gone", NOW_MS)
    store.append(SYMBOL, trades(ids))
    store.flush(60)


def ids_in(gaps: Iterable[Gap]) -> set[int]:
    return {one for gap in gaps for one in range(gap.first_id, gap.last_id + 1)}


def stored_ids(store: SqlStore | MemoryStore) -> set[int]:
    return set(store.ticks(SYMBOL, limit=1_000_000).trade_id.tolist())


IDS = st.sets(st.integers(1, 120), min_size=1)


@settings(max_examples=25)
@given(file=IDS, held=IDS, others=st.sets(st.integers(1, 120)), data=st.data())
def test_healing_stores_exactly_the_listed_trades_that_the_file_has_and_leaves_no_id_unlisted(
    tmp_path_factory: pytest.TempPathFactory, file: set[int], held: set[int], others: set[int], data: st.DataObject
) -> None:
    """others: listed ids beside those that the store must list, also before its first trade and after its last."""
    listed = (set(range(min(held), max(held))) | others) - held
    still_open = data.draw(st.sets(st.sampled_from(sorted(listed)))) if listed else set()
    folder = tmp_path_factory.mktemp("heal")
    archive = ArchiveFile(write_archive(folder, data.draw(st.permutations(rows_of(trades(file))))))
    with store_at(folder) as store:
        with_holes(store, held, listed - still_open, still_open)
        imported = heal(store, archive, NOW_MS)
        healed = file & listed
        assert (imported.stored, imported.healed) == (len(healed), len(healed))
        assert same(store.ticks(SYMBOL, limit=1_000), trades(held | healed))
        assert ids_in(g for g in store.gaps() if g.state == "LOST") == listed - still_open - file
        assert ids_in(g for g in store.gaps() if g.state == "FILLED") == healed
        owed = set(range(min(held | healed), max(held | healed))) - held - healed
        assert (
            ids_in(g for g in store.gaps() if g.state == "OPEN") == (still_open | owed) - (listed - still_open) - healed
        )
        assert owed <= ids_in(missing(store, SYMBOL))


@settings(max_examples=25)
@given(file=IDS, held=st.sets(st.integers(1, 120)), data=st.data())
def test_storing_everything_leaves_no_id_between_first_and_last_unlisted(
    tmp_path_factory: pytest.TempPathFactory, file: set[int], held: set[int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("all")
    archive = ArchiveFile(write_archive(folder, data.draw(st.permutations(rows_of(trades(file))))))
    known = set(range(min(held), max(held) + 1)) - held if held else set()
    with store_at(folder) as store:
        with_holes(store, held, known, ())
        imported = store_all(store, archive, NOW_MS)
        assert imported.stored == len(file - held)
        assert imported.healed == len(file & known)
        assert same(store.ticks(SYMBOL, limit=1_000), trades(held | file))
        everything = set(range(min(held | file), max(held | file) + 1))
        assert ids_in(missing(store, SYMBOL)) == everything - held - file
        before = store.gaps()
        assert store_all(store, archive, NOW_MS + 1).stored == 0
        assert store.gaps() == before


def test_what_lies_between_file_and_store_is_listed_and_given_up_only_beyond_the_horizon(tmp_path: Path) -> None:
    archive = ArchiveFile(write_archive(tmp_path, rows_of(trades(range(100, 200)))))
    with store_at(tmp_path) as store:
        store.append(SYMBOL, trades(range(500, 600)))
        store.flush()
        store_all(store, archive, NOW_MS)
        (between,) = missing(store, SYMBOL)
        assert (between.first_id, between.last_id, between.state, between.cause) == (200, 499, "OPEN", BETWEEN)
        give_up_old(store, SYMBOL, NOW_MS)
        assert missing(store, SYMBOL)[0].state == "OPEN"
        give_up_old(store, SYMBOL, NOW_MS + _THREE_DAYS_MS)
        (lost,) = missing(store, SYMBOL)
        assert (lost.first_id, lost.last_id, lost.state) == (200, 499, "LOST")
        assert BETWEEN in lost.cause
        later = ArchiveFile(
            write_archive(tmp_path, rows_of(trades(range(200, 500))), name="BTCUSDT-aggTrades-2026-11-02")
        )
        store_all(store, later, NOW_MS + _THREE_DAYS_MS)
        assert missing(store, SYMBOL) == ()
        assert stored_ids(store) == set(range(100, 600))


def test_a_file_of_another_market_is_refused_before_it_does_harm(tmp_path: Path) -> None:
    spot = trades(range(150, 161))
    spot.time_ms[:] += _THREE_DAYS_MS
    archive = ArchiveFile(write_archive(tmp_path, rows_of(spot)))
    with store_at(tmp_path) as store:
        held = set(range(100, 200)) - {155}
        with_holes(store, held, [155], [])
        for bring in (heal, store_all):
            with pytest.raises(BadInput, match="another market"):
                bring(store, archive, NOW_MS)
        far = trades(range(300, 310))
        far.time_ms[:] -= _THREE_DAYS_MS
        with pytest.raises(BadInput, match="another market"):
            store_all(store, ArchiveFile(write_archive(tmp_path, rows_of(far))), NOW_MS)
        assert stored_ids(store) == held


def test_a_trade_without_a_quantity_in_the_file_stays_missing(tmp_path: Path) -> None:
    rows = [
        row.replace(row.split(",")[2], "0.0", 1) if row.startswith("7,") else row for row in rows_of(trades([6, 7, 8]))
    ]
    with store_at(tmp_path) as store:
        with_holes(store, [5, 9], [6, 7, 8], [])
        imported = heal(store, ArchiveFile(write_archive(tmp_path, rows)), NOW_MS)
        assert imported.healed == 2
        assert sum(imported.file.set_aside.values()) == 1
        assert ids_in(missing(store, SYMBOL)) == {7}


Capture = pytest.CaptureFixture[str]


def test_the_command_tells_what_was_healed_and_what_remains(tmp_path: Path, capsys: Capture) -> None:
    with store_at(tmp_path) as store:
        with_holes(store, [*range(1, 50), *range(100, 150)], range(50, 95), range(95, 100))
    path = write_archive(tmp_path, rows_of(trades(range(40, 90))), Dialect(header=True))
    write_checksum(path)
    assert run(["import", str(path), *FLAGS, str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "checksum verified" in said
    assert "40 trades stored, 40 of them had been missing" in said
    assert "10 ids are still missing" in said
    assert "LOST 90 to 94: gone" in said
    with store_at(tmp_path) as store:
        assert np.array_equal(store.ticks(SYMBOL, limit=1_000).trade_id, [*range(1, 90), *range(100, 150)])
    assert run(["import", *FLAGS, str(tmp_path), str(path)]) == 0
    assert "0 trades stored" in capsys.readouterr().out


def test_what_the_command_cannot_do_is_one_sentence_and_code_two(tmp_path: Path, capsys: Capture) -> None:
    path = str(write_archive(tmp_path, rows_of(trades(range(40, 90)))))
    here = [*FLAGS, str(tmp_path)]

    def refused(*arguments: str) -> str:
        assert run(["import", *arguments]) == 2
        said = capsys.readouterr()
        assert said.err.startswith("pairwatch: ")
        assert said.err.count("\n") == 1
        return said.err

    assert "no database" in refused(path, *here)
    assert "FILE" in refused(*here)
    assert "--help" in refused(path, "--nonsense", *here)
    assert "such as BTCUSDT" in refused(path, "--symbols", "BTC-USDT", *here)
    assert "recording" in refused(path, "--replay", "x.log", *here)
    assert "no such file" in refused("BTCUSDT-aggTrades-2026-11-02.zip", "--all", *here)
    assert [one.name for one in tmp_path.iterdir()] == [Path(path).name]
    with store_at(tmp_path):
        assert "in use by another Pairwatch" in refused(path, "--all", *here)
    write_checksum(Path(path), "00" * 32)
    assert "0" * 64 in refused(path, "--all", *here)


def test_a_damaged_file_without_a_checksum_changes_nothing(tmp_path: Path, capsys: Capture) -> None:
    with store_at(tmp_path) as store:
        with_holes(store, [1, 4_000], range(2, 4_000), [])
        before = store.gaps()
    path = write_archive(
        tmp_path, [*rows_of(trades(range(1, 4_000))), "4000,1.0,1.0,1,1,never,true"], Dialect(packing="gz")
    )
    for flag in ((), ("--all",)):
        assert run(["import", str(path), *flag, *FLAGS, str(tmp_path)]) == 2
        assert "line 4000, column 6 (transact_time)" in capsys.readouterr().err
    with store_at(tmp_path) as store:
        assert store.gaps() == before
        assert stored_ids(store) == {1, 4_000}


def test_what_is_no_command_is_left_to_the_dashboard() -> None:
    assert run([]) is None
    assert run(["--source", "demo"]) is None
