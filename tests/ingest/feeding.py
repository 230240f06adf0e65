"""A live feed on a thread of its own, and what it has delivered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from analytics.market import Int64Array
from ingest.events import FeedEvent, GapSeen, NewTicks
from ingest.live import LiveFeed


@contextmanager
def running(feed: LiveFeed) -> Iterator[list[FeedEvent]]:
    """The events so far; at the end the thread must go."""
    events: list[FeedEvent] = []
    stopping = threading.Event()
    thread = threading.Thread(target=feed.run, args=(events.append, stopping), name="feed")
    thread.start()
    try:
        yield events
    finally:
        stopping.set()
        thread.join(timeout=20)
        assert not thread.is_alive()


def ids(events: list[FeedEvent], symbol: str) -> Int64Array:
    """The trade ids of a symbol in the order in which they were delivered."""
    parts = [event.ticks.trade_id for event in list(events) if isinstance(event, NewTicks) and event.symbol == symbol]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def holes(events: list[FeedEvent]) -> list[tuple[str, int, int, str]]:
    """The holes that were announced: symbol, first id, last id, cause."""
    gaps = [event.gap for event in list(events) if isinstance(event, GapSeen)]
    return [(gap.symbol, gap.first_id, gap.last_id, gap.cause) for gap in gaps]
