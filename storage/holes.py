"""Which bars a hole touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analytics.market import Bars, Quality
from storage.ledger import Run

_FIRST_EVER = 1


def with_holes(bars: Bars, unresolved: Sequence[Run], first_stored_id: int) -> Bars:
    """The bars, PARTIAL where ids are missing from them or right beside them.

    A bar is PARTIAL when an OPEN or LOST id lies between its first id - 1 and its last id + 1: such a trade may
    belong into its span. So is the bar of the first trade stored, unless that is the first the exchange ever had.
    unresolved: the ranges of OPEN and LOST ids, ascending, disjoint.
    """
    if not len(bars):
        return bars
    touched = (bars.first_id == first_stored_id) & (bars.first_id > _FIRST_EVER)
    if unresolved:
        firsts, lasts = np.array(unresolved, np.int64).T
        nearest = np.searchsorted(lasts, bars.first_id - 1)
        there = nearest < len(lasts)
        touched |= there & (firsts[np.minimum(nearest, len(lasts) - 1)] <= bars.last_id + 1)
    quality = np.where(touched, np.maximum(bars.quality, Quality.PARTIAL), bars.quality).astype(np.uint8)
    return replace(bars, quality=quality)
