"""Which trade ids came and which did not, however they were ordered."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from analytics.market import Int64Array

IdRange = tuple[int, int]


@dataclass(slots=True)
class IdExtent:
    """Which ids came, as (k, 2) ranges, and between which times. Small as long as the ids are mostly consecutive."""

    ranges: Int64Array = field(default_factory=lambda: np.empty((0, 2), np.int64))
    first_ms: int | None = None
    last_ms: int | None = None

    def add(self, ids: Int64Array, time_ms: Int64Array) -> None:
        """Ids in any order."""
        if not len(ids):
            return
        steps = np.diff(ids)
        if not (steps > 0).all():
            ids = np.unique(ids)
            steps = np.diff(ids)
        breaks = np.flatnonzero(steps > 1)
        new = np.column_stack((ids[np.append(0, breaks + 1)], ids[np.append(breaks, len(ids) - 1)]))
        self.ranges = _united(np.concatenate((self.ranges, new)))
        earliest, latest = int(time_ms.min()), int(time_ms.max())
        self.first_ms = earliest if self.first_ms is None else min(self.first_ms, earliest)
        self.last_ms = latest if self.last_ms is None else max(self.last_ms, latest)

    @property
    def count(self) -> int:
        """How many different ids came."""
        return int((self.ranges[:, 1] - self.ranges[:, 0] + 1).sum())

    def holes(self) -> tuple[IdRange, ...]:
        """The ids between the first and the last that did not come, ascending, both ends inclusive."""
        lasts, firsts = self.ranges[:-1, 1] + 1, self.ranges[1:, 0] - 1
        return tuple(zip(lasts.tolist(), firsts.tolist(), strict=True))


def _united(pieces: Int64Array) -> Int64Array:
    """The same ids in as few ranges as possible, ascending."""
    pieces = pieces[np.argsort(pieces[:, 0], kind="stable")]
    reached = np.maximum.accumulate(pieces[:, 1])
    begins = np.append(True, pieces[1:, 0] > reached[:-1] + 1)
    ends = np.append(np.flatnonzero(begins)[1:] - 1, len(pieces) - 1)
    return np.column_stack((pieces[begins, 0], reached[ends]))
