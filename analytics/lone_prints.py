"""Bars that stand so far off that one of them may decide what a test of many says."""

from __future__ import annotations

import numpy as np

from analytics.market import FloatArray, Int64Array
from analytics.samples import centred

LEAST_SHARE = 0.1


def lone_prints(residual: FloatArray) -> Int64Array:
    """The rows that hold more than a tenth of the sum of squares each, ascending; mostly none, never ten.

    residual: (n,) finite. A wild print leaves and comes back within a bar, which a unit-root test takes for fast
    reversion: one of 2 % makes half of all unrelated pairs "cointegrated" (600 bars of 1 bp). Whether such a bar does
    decide is told by the same test without it. Samples of 300 bars without wild prints have no such row, shorter ones
    now and then.

    >>> wild = np.array([1.0, -1.0] * 60)
    >>> lone_prints(wild).tolist(), lone_prints(np.append(wild, [40.0, 1.0, -1.0])).tolist()
    ([], [120])
    """
    squares = np.square(centred(residual)) if len(residual) else residual
    return np.flatnonzero(squares > LEAST_SHARE * squares.sum())
