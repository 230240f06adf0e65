"""Two ways of doing the same, measured in turns."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. ours, peer: medians in `unit`.  ratio: median of peer / ours of each round, with its range."""

    name: str
    ours: float
    peer: float
    ratio: float
    ratio_low: float
    ratio_high: float
    unit: str


def compared(
    name: str, ours: Callable[[], object], peer: Callable[[], object], *, items: int, unit: str, rounds: int = 5
) -> Row:
    """Run both in every round, in turning order, after one round that does not count.

    items: how many pieces of work one call does.  unit: of the figures, "us/..." (CPU microseconds of the whole
    process, all threads, for one item). CPU time is steadier than the wall clock on a machine that others use too.
    """
    spent: dict[str, list[float]] = {"ours": [], "peer": []}
    for turn in range(rounds + 1):
        order = (("ours", ours), ("peer", peer)) if turn % 2 else (("peer", peer), ("ours", ours))
        for side, run in order:
            gc.collect()
            start = time.process_time()
            run()
            if turn:
                spent[side].append((time.process_time() - start) / items * 1e6)
    ratios = [theirs / own for own, theirs in zip(spent["ours"], spent["peer"], strict=True)]
    return Row(
        name=name,
        ours=statistics.median(spent["ours"]),
        peer=statistics.median(spent["peer"]),
        ratio=statistics.median(ratios),
        ratio_low=min(ratios),
        ratio_high=max(ratios),
        unit=unit,
    )


def table(rows: list[Row]) -> str:
    """The rows as text, ratios as times cheaper than the peer."""
    width = max(len(row.name) for row in rows)
    lines = [f"{'':{width}}  {'ours':>10}  {'peer':>10}  {'times':>7}  range"]
    lines += [
        f"{row.name:{width}}  {row.ours:10.3g}  {row.peer:10.3g}  {row.ratio:7.2f}  "
        f"{row.ratio_low:.2f}-{row.ratio_high:.2f}  ({row.unit})"
        for row in rows
    ]
    return "\n".join(lines)
