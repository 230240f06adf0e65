"""When a z-score went out beyond its entry level, and when it came back to its exit level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analytics.errors import BadInput
from analytics.market import FloatArray, Int64Array

CrossingKind = Literal["out", "back"]


@dataclass(frozen=True, slots=True)
class Crossing:
    """row: at which it was first so.  kind: out to the entry level, or back to the exit level.  side: +1 above the
    mean, -1 below.
    """

    row: int
    kind: CrossingKind
    side: Literal[1, -1]


def crossings(scores: FloatArray, *, entry: float, exit_level: float) -> tuple[Crossing, ...]:
    """The moments at which `scores` reached an entry level and then came back to the exit level, in order.

    scores: (n,), NaN where unknown: such rows change nothing.  Out is the first row with side * z >= entry since the
    last way back; back is the first after it with side * z <= exit. So out and back alternate, and a score that
    trembles about the entry level is one crossing. Nothing is out before a row has been seen inside the entry level: a
    series that begins beyond it does not say when it got there. A row that jumps from one side beyond the other is back
    and out at once.
    Each crossing rests on rows up to its own: a longer series only adds to them.  Raises BadInput unless
    0 <= exit < entry.

    >>> [(c.row, c.kind, c.side) for c in crossings(np.array([0.0, 2.1, 1.9, 2.2, -0.1]), entry=2, exit_level=0)]
    [(1, 'out', 1), (4, 'back', 1)]
    """
    if not 0 <= exit_level < entry:
        raise BadInput(f"the exit level must be from 0 to below the entry level; {exit_level:g} and {entry:g} are not")
    inside = np.flatnonzero(np.abs(scores) < entry)
    if not len(inside):
        return ()
    outward = np.flatnonzero(np.abs(scores) >= entry)
    homeward = {1: np.flatnonzero(scores <= exit_level), -1: np.flatnonzero(scores >= -exit_level)}
    found: list[Crossing] = []
    from_row = int(inside[0])
    while (out := _first_from(outward, from_row)) is not None:
        side: Literal[1, -1] = 1 if scores[out] > 0 else -1
        found.append(Crossing(out, "out", side))
        back = _first_from(homeward[side], out)
        if back is None:
            break
        found.append(Crossing(back, "back", side))
        from_row = back
    return tuple(found)


def _first_from(rows: Int64Array, from_row: int) -> int | None:
    place = int(np.searchsorted(rows, from_row))
    return int(rows[place]) if place < len(rows) else None
