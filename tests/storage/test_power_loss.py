"""The power fails: what was not yet on the disk is gone, and the rest is a store as it once was."""

from __future__ import annotations

import random
from pathlib import Path
from typing import NamedTuple

from analytics.market import Bars, Gap, Timeframe
from storage.sql import SqlStore
from tests.storage.trades import DAY_MS, SYMBOL, trades

PAGE = 4_096
HEAD, FRAME = 32, 24 + PAGE


class Told(NamedTuple):
    ids: tuple[int, ...]
    gaps: tuple[Gap, ...]
    bars: tuple[tuple[float, ...], ...]


def opened(path: Path) -> SqlStore:
    return SqlStore(path, venue="test", now_ms=lambda: DAY_MS)


def told(store: SqlStore) -> Told:
    bars: Bars = store.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=2 * DAY_MS)
    columns = (
        bars.start_ms,
        bars.open,
        bars.close,
        bars.volume,
        bars.trades,
        bars.first_id,
        bars.last_id,
        bars.quality,
    )
    ids = tuple(store.ticks(SYMBOL, limit=10**6).trade_id.tolist())
    summary = store.summary()[SYMBOL]
    assert summary.ticks_stored == len(ids)
    return Told(ids, store.gaps(), tuple(zip(*(column.tolist() for column in columns), strict=True)))


def history(path: Path) -> tuple[bytes, list[Told], bytes]:
    """A folded database, what the store told after each of some commits, and the log that these commits made."""
    store = opened(path)
    store.append(SYMBOL, trades(range(1, 200)))
    store.close()
    store = opened(path)
    moments = [told(store)]
    for first in range(200, 1_100, 300):
        store.append(SYMBOL, trades(range(first, first + 250)))
        store.flush()
        moments.append(told(store))
        store.open_gap(Gap(SYMBOL, first + 250, first + 299, "OPEN", "seen", DAY_MS))
        store.flush()
        moments.append(told(store))
        store.append(SYMBOL, trades(range(first + 250, first + 280)), backfilled=True)
        store.lose_gap(SYMBOL, first + 280, first + 290, "not there", DAY_MS)
        store.flush()
        moments.append(told(store))
    database, log = path.read_bytes(), path.with_name(path.name + "-wal").read_bytes()
    store.close()
    return database, moments, log


def reopened(folder: Path, database: bytes, log: bytes) -> Told:
    path = folder / "cut.db"
    for name in ("cut.db-shm", "cut.db-wal"):
        (folder / name).unlink(missing_ok=True)
    path.write_bytes(database)
    path.with_name("cut.db-wal").write_bytes(log)
    store = opened(path)
    answer = told(store)
    store.close()
    return answer


def test_a_log_cut_anywhere_gives_a_store_as_it_once_was(tmp_path: Path) -> None:
    database, moments, log = history(tmp_path / "live.db")
    frames = (len(log) - HEAD) // FRAME
    assert frames > 25
    ends = [HEAD + frame * FRAME for frame in range(frames + 1)]
    cuts = sorted({0, 5, *ends, *(end + 12 for end in ends[:-1:8]), *(end + 24 + 999 for end in ends[:-1:8])})
    places = []
    for cut in cuts:
        answer = reopened(tmp_path, database, log[:cut])
        places.append(moments.index(answer))
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, len(moments) - 1)
    assert len(set(places)) == len(moments)  # each commit has its own frames


def test_a_log_with_a_torn_page_ends_before_it(tmp_path: Path) -> None:
    database, moments, log = history(tmp_path / "live.db")
    chance = random.Random(3)
    for _ in range(8):
        torn = bytearray(log)
        at = HEAD + chance.randrange((len(log) - HEAD) // FRAME) * FRAME + 24 + chance.randrange(PAGE - 8)
        torn[at] ^= 0xFF
        assert reopened(tmp_path, database, bytes(torn)) in moments


def test_a_power_cut_while_the_log_is_moved_loses_nothing(tmp_path: Path) -> None:
    """Any of the pages may have reached the database; the log is still whole."""
    path = tmp_path / "live.db"
    before, moments, log = history(path)
    after = path.read_bytes()  # closing has moved the log
    chance = random.Random(5)
    for _ in range(8):
        mixed = bytearray(before)
        for page in range(len(after) // PAGE):
            if chance.random() < 0.5:
                mixed[page * PAGE : (page + 1) * PAGE] = after[page * PAGE : (page + 1) * PAGE]
        assert reopened(tmp_path, bytes(mixed), log) == moments[-1]
