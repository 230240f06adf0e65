"""Crossings of the entry and exit levels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analytics.crossings import Crossing, crossings
from analytics.errors import BadInput
from analytics.market import FloatArray

SCORES = arrays(np.float64, st.integers(0, 60), elements=st.one_of(st.floats(-5, 5), st.just(np.nan)))
LEVELS = st.tuples(st.floats(0, 1.5), st.floats(1.6, 4))


def by_hand(scores: FloatArray, entry: float, exit_level: float) -> list[Crossing]:
    """Row by row, as one would do it watching the screen."""
    found: list[Crossing] = []
    side, seen_inside = 0, False
    for row, z in enumerate(scores):
        if side and side * z <= exit_level:
            found.append(Crossing(row, "back", 1 if side > 0 else -1))
            side = 0
        if not side and seen_inside and abs(z) >= entry:
            side = 1 if z > 0 else -1
            found.append(Crossing(row, "out", 1 if side > 0 else -1))
        seen_inside = seen_inside or abs(z) < entry
    return found


@given(SCORES, LEVELS)
def test_they_are_those_that_one_finds_row_by_row(scores: FloatArray, levels: tuple[float, float]) -> None:
    exit_level, entry = levels
    assert list(crossings(scores, entry=entry, exit_level=exit_level)) == by_hand(scores, entry, exit_level)


@given(SCORES, LEVELS)
def test_out_and_back_alternate_on_one_side(scores: FloatArray, levels: tuple[float, float]) -> None:
    found = crossings(scores, entry=levels[1], exit_level=levels[0])
    assert [c.kind for c in found] == [("out", "back")[n % 2] for n in range(len(found))]
    assert all(out.side == back.side for out, back in zip(found[::2], found[1::2], strict=False))


@given(SCORES, LEVELS, st.integers(0, 60))
def test_the_future_changes_no_crossing(scores: FloatArray, levels: tuple[float, float], cut: int) -> None:
    whole = crossings(scores, entry=levels[1], exit_level=levels[0])
    before = crossings(scores[:cut], entry=levels[1], exit_level=levels[0])
    assert before == tuple(c for c in whole if c.row < cut)


@given(SCORES, LEVELS)
def test_the_mirrored_score_crosses_at_the_same_rows(scores: FloatArray, levels: tuple[float, float]) -> None:
    there = crossings(scores, entry=levels[1], exit_level=levels[0])
    back = crossings(-scores, entry=levels[1], exit_level=levels[0])
    assert [(c.row, c.kind, c.side) for c in there] == [(c.row, c.kind, -c.side) for c in back]


def test_trembling_about_the_level_is_one_crossing() -> None:
    scores = np.concatenate(([0.0], np.tile([1.99, 2.01], 50), [-0.01]))
    assert [(c.row, c.kind) for c in crossings(scores, entry=2, exit_level=0)] == [(2, "out"), (101, "back")]


def test_a_series_that_begins_beyond_the_level_does_not_say_when_it_got_there() -> None:
    assert crossings(np.array([2.5, 2.6, 3.0]), entry=2, exit_level=0) == ()
    assert crossings(np.array([2.5, 1.0, 2.2]), entry=2, exit_level=0) == (Crossing(2, "out", 1),)


def test_a_jump_across_is_back_and_out_at_once() -> None:
    found = crossings(np.array([0.0, 2.5, -2.5]), entry=2, exit_level=0)
    assert found == (Crossing(1, "out", 1), Crossing(2, "back", 1), Crossing(2, "out", -1))


def test_levels_that_do_not_rise_are_refused() -> None:
    with pytest.raises(BadInput, match="below the entry level"):
        crossings(np.zeros(3), entry=1, exit_level=1)
