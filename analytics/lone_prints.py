"""Bars that stand so far off that they may decide what a test of many says."""

from __future__ import annotations

import numpy as np

from analytics.market import FloatArray, Int64Array

MINIMUM_BARS = 100
FAR_OFF = 6.0  # in deviations, as the median absolute deviation tells them
MOST_OF_ALL = 0.2
_NORMAL = 1.4826  # deviations of a normal sample in one median absolute deviation


def lone_prints(residual: FloatArray) -> Int64Array:
    """The rows that stand more than six deviations off and come back, ascending; none in most samples.

    residual: (n,) finite. A wild print, alone or carried through a few bars, leaves and comes back at once, which a
    unit-root test takes for fast reversion: one of 2 % makes half of all unrelated pairs "cointegrated" (600 bars of
    1 bp). Whether such bars do decide is told by the same test without them. Rows at either end are never among them,
    because what has not come back may be a relation that changed. None in fewer than 100 bars, and none where it would
    be a fifth of the sample or more, or where half of the rows are alike: then it is no exception.

    >>> wild = np.array([1.0, -1.0] * 60)
    >>> lone_prints(wild).tolist(), lone_prints(np.append(wild, [40.0, 1.0, -1.0])).tolist()
    ([], [120])
    """
    n = len(residual)
    if n < MINIMUM_BARS:
        return np.empty(0, np.int64)
    distance = np.abs(residual - np.median(residual))
    usual = _NORMAL * float(np.median(distance))
    far = distance > FAR_OFF * usual
    near = np.flatnonzero(~far)
    if usual == 0.0 or not far.any():
        return np.empty(0, np.int64)
    far[: near[0]] = far[near[-1] + 1 :] = False
    rows = np.flatnonzero(far)
    return rows if len(rows) < MOST_OF_ALL * n else rows[:0]
