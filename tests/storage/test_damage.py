"""Damage is refused or told, never overwritten and never taken for an answer."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from analytics.errors import StoreError
from analytics.market import Gap, Timeframe
from storage.sql import SqlStore
from tests.storage.trades import DAY_MS, SYMBOL, trades

Opener = Callable[..., SqlStore]
SEEDS = range(8)
FLIPS = 25


def damaged(good: bytes, seed: int) -> Iterator[bytes]:
    """The file with one to 64 flipped bits: in its header, in its schema, or anywhere."""
    chance = random.Random(seed)
    for _ in range(FLIPS):
        content = bytearray(good)
        end = chance.choice((100, 2 * 4_096, len(good)))
        for _ in range(chance.choice((1, 1, 4, 64))):
            content[chance.randrange(end)] ^= 1 << chance.randrange(8)
        yield bytes(content)


def tried(path: Path) -> SqlStore | StoreError:
    try:
        return SqlStore(path, venue="test", now_ms=lambda: DAY_MS)
    except StoreError as error:
        return error


@pytest.mark.parametrize("seed", SEEDS)
def test_flipped_bits_are_refused_with_a_hint_or_told_when_read(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "live.db"
    store = SqlStore(path, venue="test", now_ms=lambda: DAY_MS)
    store.append(SYMBOL, trades(range(1, 3_000)))
    store.open_gap(Gap(SYMBOL, 3_000, 3_010, "OPEN", "seen", DAY_MS))
    store.close()
    refused = 0
    for content in damaged(path.read_bytes(), seed):
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.write_bytes(content)
        met = tried(path)
        if isinstance(met, StoreError):
            refused += 1
            assert path.read_bytes() == content
            assert any(cure in str(met) for cure in ("restore FILE", "--data-dir")), met
            continue
        # Whatever else a read raises fails this test.
        with suppress(StoreError):
            met.ticks(SYMBOL, limit=5_000)
        with suppress(StoreError):
            met.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=2 * DAY_MS)
        with suppress(StoreError):
            met.gaps()
        with suppress(StoreError):
            met.close()
    assert refused > 2


def test_a_damaged_table_stops_the_writer_with_the_way_out(opened: Opener, tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    store = opened(path)
    store.append(SYMBOL, trades(range(1, 30_000)))
    store.close()
    content = bytearray(path.read_bytes())
    pages = len(content) // 4_096
    for page in range(pages // 4, pages // 2):
        if content[page * 4_096] == 0x0A:  # rows, not the way to them: so the opening does not meet it
            content[page * 4_096 : (page + 1) * 4_096] = b"\x99" * 4_096
    path.write_bytes(content)
    store = opened(path)
    store.append(SYMBOL, trades(range(1, 40_000, 3)), backfilled=True)
    with pytest.raises(StoreError, match=r"the writer stopped, because .* is damaged .* restore FILE"):
        store.flush()
    with pytest.raises(StoreError, match=r"13333 trades were not stored: .* restore FILE"):
        store.close()


READ_ONLY = """
import os, sys
from analytics.errors import StoreError
from storage.sql import SqlStore
if not os.geteuid():
    os.setegid(65_534)
    os.seteuid(65_534)
try:
    SqlStore(sys.argv[1], venue="test", now_ms=lambda: 0)
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of another kind")
def test_a_folder_or_file_that_may_not_be_written_is_refused_in_a_sentence(opened: Opener) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        opened(folder / "live.db").close()
        (folder / "live.db").chmod(0o444)
        folder.chmod(0o555)
        before = (folder / "live.db").read_bytes()
        for name in ("live.db", "new.db"):
            ran = subprocess.run(
                [sys.executable, "-c", READ_ONLY, str(folder / name)], capture_output=True, text=True, check=True
            )
            assert "cannot be opened (Permission denied); choose another --data-dir" in ran.stdout
        assert (folder / "live.db").read_bytes() == before
        assert sorted(file.name for file in folder.iterdir()) == ["live.db", "live.db.lock"]
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)
