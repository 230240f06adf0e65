"""What the first analysis needs, prepared while the doors open already."""

from __future__ import annotations

import threading

import numpy as np

from analytics.market import PairParams, PairQuery, PairSeries
from analytics.pair import analyse_pair
from analytics.rolling import prepare_compiled


def warm_up(warm: threading.Event, closing: threading.Event, settled_s: float) -> None:
    """Import it by analysing made-up legs, then set `warm`; prepare the compiled loops when things have settled."""
    time_ms = np.arange(100, dtype=np.int64) * 1000
    x = 100.0 + np.sin(np.arange(100) / 7.0)
    y = 2.0 * x + np.cos(np.arange(100) ** 1.5)
    legs = PairSeries(time_ms, y, x, np.ones(100, np.bool_), time_ms, time_ms, y_last_id=0, x_last_id=0)
    made_up = PairQuery("Y", "X", PairParams(window_bars=20))
    try:
        analyse_pair(made_up, legs)
    finally:
        warm.set()
    analyse_pair(made_up, legs, in_full=True)  # nobody waits for the rest, but the first to ask finds it there
    if not closing.wait(settled_s):
        prepare_compiled()
