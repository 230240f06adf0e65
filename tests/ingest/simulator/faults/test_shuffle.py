"""The law of the shuffler: nothing lost, nothing twice, nobody far from its place."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ingest.simulator.faults.shuffle import Shuffle
from ingest.simulator.trades import Trades


def trades(first: int, count: int) -> Trades:
    ids = np.arange(first, first + count)
    return Trades(ids, ids, ids, ids, ids, ids, ids, ids % 2 == 0)


@given(
    batches=st.lists(st.integers(0, 40), min_size=1, max_size=20),
    within=st.integers(1, 50),
    count=st.integers(1, 300),
    seed=st.integers(0, 2**32),
)
def test_none_is_lost_and_none_is_far_from_its_place(batches: list[int], within: int, count: int, seed: int) -> None:
    shuffle = Shuffle(within, count, seed)
    sent: list[int] = []
    came = 0
    for size in batches:
        sent += shuffle.passed(trades(came, size)).trade_id.tolist()
        came += size
        assert came - len(sent) <= within + 1  # so few wait
    shuffle.end()
    sent += shuffle.passed(trades(came, 1)).trade_id.tolist()
    assert shuffle.is_over()
    assert sorted(sent) == list(range(came + 1))
    assert all(abs(place - a) <= within for place, a in enumerate(sent))
    assert sent[count:] == list(range(count, came + 1))  # after them, order is as it was


def test_it_does_shuffle_and_the_seed_decides_how() -> None:
    one, same, other = (Shuffle(50, 200, seed).passed(trades(0, 200)).trade_id.tolist() for seed in (1, 1, 2))
    assert one == same != other
    displaced = [abs(place - a) for place, a in enumerate(one)]
    assert max(displaced) > 20
    assert sum(d > 0 for d in displaced) > 150
