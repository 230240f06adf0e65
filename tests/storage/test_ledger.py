"""The ledger of holes against the same story told id by id."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.market import Gap
from storage import ledger
from tests.storage.trades import SYMBOL

IDS = st.integers(1, 40)
RANGES = st.tuples(IDS, IDS).map(lambda pair: (min(pair), max(pair)))
ID_SETS = st.sets(IDS, max_size=20)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), RANGES),
        st.tuples(st.just("lose"), RANGES),
        st.tuples(st.just("store"), ID_SETS),
    ),
    max_size=15,
)


def hole(first_id: int, last_id: int, opened_at_ms: int = 0, cause: str = "seen") -> Gap:
    return Gap(SYMBOL, first_id, last_id, "OPEN", cause, opened_at_ms)


def ids_in(rows: ledger.Ledger, state: str) -> list[int]:
    return [trade_id for gap in rows if gap.state == state for trade_id in range(gap.first_id, gap.last_id + 1)]


def stored_runs(ids: set[int]) -> tuple[ledger.Run, ...]:
    return ledger.runs(np.array(sorted(ids), np.int64))


@given(STEPS)
def test_every_id_has_the_fate_that_its_own_story_gives_it(steps: list[tuple[str, object]]) -> None:
    rows: ledger.Ledger = ()
    stored: set[int] = set()
    fate: dict[int, str] = {}
    for at_ms, (step, what) in enumerate(steps):
        if step == "store":
            assert isinstance(what, set)
            rows = ledger.stored(rows, stored_runs(what - stored), at_ms)
            stored |= what
            fate |= {trade_id: "FILLED" for trade_id in what if trade_id in fate}
            continue
        assert isinstance(what, tuple)
        first, last = what
        ids = range(first, last + 1)
        if step == "open":
            rows = ledger.opened(rows, hole(first, last, at_ms), stored_runs(stored & set(ids)))
            fate |= {trade_id: "OPEN" for trade_id in ids if trade_id not in stored and trade_id not in fate}
        else:
            rows = ledger.lost(rows, first, last, "given up", at_ms)
            fate |= {trade_id: "LOST" for trade_id in ids if fate.get(trade_id) == "OPEN"}
    for state in ("OPEN", "LOST", "FILLED"):
        told = ids_in(rows, state)
        assert sorted(told) == sorted(trade_id for trade_id in fate if fate[trade_id] == state)
    assert all((gap.closed_at_ms is None) == (gap.state == "OPEN") for gap in rows)
    assert [gap.first_id for gap in rows] == sorted({gap.first_id for gap in rows})


@given(ID_SETS)
def test_runs_name_the_same_ids(ids: set[int]) -> None:
    pieces = stored_runs(ids)
    assert {trade_id for first, last in pieces for trade_id in range(first, last + 1)} == ids
    assert all(first > before + 1 for (_, before), (first, _) in itertools.pairwise(pieces))


@given(RANGES, st.lists(RANGES, max_size=6))
def test_what_is_left_and_what_is_taken_make_the_whole(piece: ledger.Run, taken: list[ledger.Run]) -> None:
    left = ledger.without(piece, ledger.united(taken))
    gone = {trade_id for first, last in taken for trade_id in range(first, last + 1)}
    assert {i for first, last in left for i in range(first, last + 1)} == set(range(piece[0], piece[1] + 1)) - gone


def test_a_hole_filled_piece_by_piece_ends_as_one_filled_row() -> None:
    rows = ledger.opened((), hole(11, 40, opened_at_ms=5), ())
    rows = ledger.stored(rows, ((11, 20),), 6)
    assert rows == (
        replace(hole(11, 20, 5), state="FILLED", closed_at_ms=6),
        hole(21, 40, 5),
    )
    rows = ledger.stored(ledger.stored(rows, ((31, 40),), 7), ((21, 30),), 8)
    assert rows == (replace(hole(11, 40, 5), state="FILLED", closed_at_ms=8),)


def test_losing_keeps_what_is_outside_and_heals_when_the_trades_turn_up() -> None:
    rows = ledger.lost(ledger.opened((), hole(11, 40, 5), ()), 1, 20, "older than 48 hours", 6)
    assert rows == (Gap(SYMBOL, 11, 20, "LOST", "older than 48 hours", 5, 6), hole(21, 40, 5))
    assert ledger.stored(rows, ((15, 15),), 9)[1] == Gap(SYMBOL, 15, 15, "FILLED", "older than 48 hours", 5, 9)


def test_a_hole_seen_twice_is_one_hole() -> None:
    rows = ledger.opened((), hole(11, 20, 5), ())
    assert ledger.opened(rows, hole(11, 20, 6, "seen again"), ()) == rows
