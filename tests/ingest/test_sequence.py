"""Laws of the id sequence: each trade once, each hole listed, whatever the order of arrival."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.market import Ticks
from ingest.sequence import Cursor, Sequence

NOTHING = np.empty(0, np.int64)


def ticks(ids: list[int], time_ms: int = 1_000) -> Ticks:
    n = len(ids)
    return Ticks(np.array(ids, np.int64), np.full(n, time_ms, np.int64), np.ones(n), np.ones(n), np.zeros(n, np.bool_))


@given(st.lists(st.lists(st.integers(1, 60), max_size=12), max_size=12), st.integers(0, 10))
def test_every_arrived_id_is_kept_once_and_every_other_is_in_a_hole(batches: list[list[int]], start: int) -> None:
    sequence = Sequence(Cursor(start, 1_000))
    kept: list[int] = []
    missing: set[int] = set()
    for batch in batches:
        step = sequence.advance(ticks(batch), NOTHING)
        for first, last in step.holes:
            missing |= set(range(first, last + 1))
        kept += step.fresh.trade_id.tolist() + step.late.trade_id.tolist()
        assert list(step.fresh.trade_id) == sorted(set(step.fresh.trade_id))
        missing -= set(step.late.trade_id.tolist())
    arrived = {one for batch in batches for one in batch if one > start}
    assert sorted(kept) == sorted(arrived)
    top = max(arrived, default=start)
    assert missing == set(range(start + 1, top + 1)) - arrived


def test_the_first_trade_ever_opens_no_hole() -> None:
    step = Sequence().advance(ticks([500, 501]), NOTHING)
    assert step.holes == ()
    assert len(step.fresh) == 2


def test_excluded_prints_count_in_the_sequence() -> None:
    step = Sequence(Cursor(9, 0)).advance(ticks([10, 12]), np.array([11]))
    assert step.holes == ()
    np.testing.assert_array_equal(step.fresh.trade_id, [10, 12])


def test_an_excluded_print_alone_moves_the_sequence() -> None:
    sequence = Sequence(Cursor(9, 0))
    assert sequence.advance(Ticks.empty(), np.array([10])).holes == ()
    assert sequence.advance(ticks([11]), NOTHING).holes == ()


def test_old_ids_in_newer_time_are_another_history() -> None:
    sequence = Sequence(Cursor(1_000_000, 5_000))
    assert sequence.advance(ticks([3], time_ms=70_000), NOTHING).new_history


def test_a_replayed_row_is_a_repeat_and_no_new_history() -> None:
    sequence = Sequence(Cursor(1_000, 500_000))
    step = sequence.advance(ticks([990, 991], time_ms=499_000), NOTHING)
    assert (step.repeats, step.new_history, len(step.fresh)) == (2, False, 0)


def test_ids_that_started_again_while_nobody_listened_are_another_history() -> None:
    sequence = Sequence(Cursor(1_000_000, 5_000))
    step = sequence.advance(ticks([1, 2, 3], time_ms=10_001), NOTHING)
    assert step.new_history
    assert len(step.fresh) == 0
    assert sequence.cursor == Cursor(1_000_000, 5_000)


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=50), st.integers(0, 86_400_000))
def test_whatever_was_sent_before_may_come_again_at_any_time(again: list[int], stalled_ms: int) -> None:
    """An hour's stall, then late repeats: they carry the times they had."""
    sequence = Sequence()
    rows = Ticks(
        np.arange(1, 1_001), np.arange(1, 1_001) * 1_000, np.ones(1_000), np.ones(1_000), np.zeros(1_000, np.bool_)
    )
    sequence.advance(rows, NOTHING)
    ahead = ticks([1_001], time_ms=1_000_000 + stalled_ms)
    assert sequence.advance(ahead, NOTHING).holes == ()
    step = sequence.advance(rows.rows(np.array(again) - 1), NOTHING)
    assert not step.new_history
    assert step.repeats == len(again)


def test_a_late_row_of_a_hole_is_no_new_history() -> None:
    sequence = Sequence(Cursor(10, 1_000))
    sequence.advance(ticks([13], time_ms=100_000), NOTHING)
    step = sequence.advance(ticks([11, 12], time_ms=99_999), NOTHING)
    assert not step.new_history
    np.testing.assert_array_equal(step.late.trade_id, [11, 12])
