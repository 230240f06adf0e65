"""Retention on a store that is not running, step by step."""

from __future__ import annotations

from pathlib import Path

from storage import changes
from storage.engines import writing_engine
from storage.retention import Limits, Retention
from tests.storage.trades import same


def removed(path: Path, limits: Limits, kind: type[Retention] = Retention) -> int:
    """Remove from a closed store all that is to go. Returns how many steps it took."""
    engine = writing_engine(path, 50)
    with engine.begin() as connection:
        states = changes.stored_states(connection, "test")
    retention = kind(engine, limits)
    steps = 0
    while (after := retention.step(states)) is not None:
        states |= after
        steps += 1
    with engine.begin() as connection:
        found = changes.stored_states(connection, "test")
    engine.dispose()
    # What the steps told is what is there.
    for symbol, state in found.items():
        told = states[symbol]
        assert (told.ticks_stored, told.first_id, told.last_id) == (state.ticks_stored, state.first_id, state.last_id)
        assert told.unresolved == state.unresolved
        assert same(told.tail, state.tail)
        assert told.tail_quality == state.tail_quality
    return steps
