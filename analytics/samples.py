"""What a sample must be before anybody asks a statistic of it."""

from __future__ import annotations

import math

import numpy as np

from analytics.errors import DegenerateData, NotEnoughData
from analytics.market import BoolArray, FloatArray

_ROUNDING = 16 * float(np.finfo(np.float64).eps)


def require_sample(*columns: FloatArray, needed: int) -> None:
    """Check that there are `needed` rows and that every value is finite. Raises NotEnoughData, DegenerateData."""
    for column in columns:
        if len(column) < needed:
            raise NotEnoughData(needed=needed, got=len(column))
        # What is not finite shows in the sum of squares, which is cheaper to look at; so does an overflow.
        if not math.isfinite(np.vdot(column, column)) and not np.isfinite(column).all():
            raise DegenerateData("a value in the sample is not a finite number")


def is_flat(values: FloatArray) -> bool:
    """True where the values do not move beyond their own rounding (16 units in the last place of the largest).

    >>> is_flat(np.full(9, 0.1)), is_flat(np.array([60_000.0, 60_000.1]))
    (True, False)
    """
    lowest, highest = float(values.min()), float(values.max())
    return highest - lowest <= _ROUNDING * max(-lowest, highest)


def flat_rows(values: FloatArray) -> BoolArray:
    """`is_flat` along the last axis."""
    lowest, highest = values.min(axis=-1), values.max(axis=-1)
    flat: BoolArray = highest - lowest <= _ROUNDING * np.maximum(-lowest, highest)
    return flat


def centred(values: FloatArray) -> FloatArray:
    """Values minus their mean along the last axis. The first goes first: the mean of large, close values is rounded.

    >>> centred(np.array([2.0**53, 2.0**53 + 2.0])).tolist()
    [-1.0, 1.0]
    """
    if values.ndim == 1:  # the same with half of the cost of its calls
        offsets: FloatArray = values - values[0]
        offsets -= np.add.reduce(offsets) / len(offsets)
        return offsets
    offsets = values - values[..., :1]
    offsets -= np.add.reduce(offsets, axis=-1, keepdims=True) / offsets.shape[-1]
    return offsets


def rounding_of(values: FloatArray) -> float:
    """What a difference of two such values cannot resolve, in their units."""
    return _ROUNDING * float(np.abs(values).max())


def rounding_bound(mean: float, squares: float) -> float:
    """At least `rounding_of` values with this mean and this sum of squares about it, and without looking at them.

    >>> values = np.array([1.0, 2.0, 6.0])
    >>> rounding_bound(3.0, 14.0) >= rounding_of(values)
    True
    """
    return _ROUNDING * (abs(mean) + math.sqrt(squares))
