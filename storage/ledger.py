"""The arithmetic of holes: what opening, storing and losing ids does to a symbol's ledger. Pure.

The laws (tests/storage/test_ledger.py): no id is in two rows; an id that is stored is in no OPEN and no LOST row; every
id that was ever opened is OPEN, LOST or stored. FILLED rows tell which ids came later than they should have.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import replace
from operator import attrgetter

import numpy as np

from analytics.market import Gap, Int64Array

Run = tuple[int, int]
Ledger = tuple[Gap, ...]


def runs(ids: Int64Array) -> tuple[Run, ...]:
    """Consecutive ids as (first, last), ascending. ids: ascending, none twice.

    >>> runs(np.array([3, 4, 5, 9]))
    ((3, 5), (9, 9))
    """
    if not len(ids):
        return ()
    if ids[-1] - ids[0] == len(ids) - 1:
        return ((int(ids[0]), int(ids[-1])),)
    breaks = np.flatnonzero(ids[1:] - ids[:-1] != 1)
    firsts = ids[np.concatenate(([0], breaks + 1))]
    lasts = ids[np.concatenate((breaks, [len(ids) - 1]))]
    return tuple(zip(firsts.tolist(), lasts.tolist(), strict=True))


def united(pieces: Iterable[Run]) -> tuple[Run, ...]:
    """The same ids in as few ranges as possible, ascending.

    >>> united([(7, 9), (1, 3), (4, 5)])
    ((1, 5), (7, 9))
    """
    whole: list[Run] = []
    for first, last in sorted(pieces):
        if whole and first <= whole[-1][1] + 1:
            whole[-1] = (whole[-1][0], max(whole[-1][1], last))
        else:
            whole.append((first, last))
    return tuple(whole)


def without(piece: Run, taken: Iterable[Run]) -> tuple[Run, ...]:
    """What is left of a range. taken: ascending, disjoint.

    >>> without((1, 10), [(3, 4), (9, 20)])
    ((1, 2), (5, 8))
    """
    left: list[Run] = []
    first, last = piece
    for taken_first, taken_last in taken:
        if taken_last < first or taken_first > last:
            continue
        if taken_first > first:
            left.append((first, taken_first - 1))
        first = taken_last + 1
    if first <= last:
        left.append((first, last))
    return tuple(left)


def unresolved(ledger: Iterable[Gap]) -> Ledger:
    """The rows whose ids are not stored: OPEN and LOST."""
    return tuple(gap for gap in ledger if gap.state != "FILLED")


def touches(ledger: Iterable[Gap], first_id: int, last_id: int) -> bool:
    """Whether an id from first_id to last_id is in one of the rows."""
    return any(gap.first_id <= last_id and gap.last_id >= first_id for gap in ledger)


def span(ledger: Ledger, first_id: int, last_id: int) -> tuple[int, int]:
    """Which rows, as a slice, hold an id from first_id to last_id. ledger: by id, no id in two rows."""
    start = bisect_left(ledger, first_id, key=attrgetter("last_id"))
    return start, bisect_right(ledger, last_id, lo=start, key=attrgetter("first_id"))


def opened(ledger: Ledger, gap: Gap, stored_runs: Iterable[Run]) -> Ledger:
    """The ledger with a new hole: without the ids that are stored, or already OPEN or LOST there."""
    taken = united([*stored_runs, *((row.first_id, row.last_id) for row in unresolved(ledger))])
    left = without((gap.first_id, gap.last_id), taken)
    return _tidy([*ledger, *(replace(gap, first_id=first, last_id=last) for first, last in left)])


def stored(ledger: Ledger, stored_runs: tuple[Run, ...], at_ms: int) -> Ledger:
    """The ledger after these ids were stored: what they cover of OPEN and LOST rows is FILLED."""
    rows: list[Gap] = []
    for gap in ledger:
        if gap.state == "FILLED" or not any(touches((gap,), *run) for run in stored_runs):
            rows.append(gap)
            continue
        left = without((gap.first_id, gap.last_id), stored_runs)
        covered = without((gap.first_id, gap.last_id), left)
        rows.extend(replace(gap, first_id=first, last_id=last) for first, last in left)
        rows.extend(
            replace(gap, first_id=first, last_id=last, state="FILLED", closed_at_ms=at_ms) for first, last in covered
        )
    return _tidy(rows)


def lost(ledger: Ledger, first_id: int, last_id: int, cause: str, at_ms: int) -> Ledger:
    """The ledger after giving up these ids: what was OPEN of them is LOST, for the cause that is given."""
    rows: list[Gap] = []
    for gap in ledger:
        if gap.state != "OPEN" or not touches((gap,), first_id, last_id):
            rows.append(gap)
            continue
        left = without((gap.first_id, gap.last_id), ((first_id, last_id),))
        rows.extend(replace(gap, first_id=first, last_id=last) for first, last in left)
        given_up = replace(gap, state="LOST", cause=cause, closed_at_ms=at_ms)
        first, last = max(first_id, gap.first_id), min(last_id, gap.last_id)
        rows.append(replace(given_up, first_id=first, last_id=last))
    return _tidy(rows)


def in_time_order(ledger: Iterable[Gap]) -> Ledger:
    """Oldest first."""
    return tuple(sorted(ledger, key=lambda gap: (gap.opened_at_ms, gap.symbol, gap.first_id)))


def _tidy(rows: list[Gap]) -> Ledger:
    """By id; neighbours that tell the same story are one row, closed when the later one was."""
    tidy: list[Gap] = []
    for gap in sorted(rows, key=lambda row: row.first_id):
        before = tidy[-1] if tidy else None
        if before is None or before.last_id + 1 != gap.first_id or _story(before) != _story(gap):
            tidy.append(gap)
            continue
        closed = [moment for moment in (before.closed_at_ms, gap.closed_at_ms) if moment is not None]
        tidy[-1] = replace(before, last_id=gap.last_id, closed_at_ms=max(closed, default=None))
    return tuple(tidy)


def _story(gap: Gap) -> tuple[str, str, int]:
    return gap.state, gap.cause, gap.opened_at_ms
