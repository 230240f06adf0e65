"""Both legs of a pair through a moving window: the sums that every line and correlation is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.market import BoolArray, FloatArray, Int64Array
from analytics.rolling import rolling_lengths, rolling_sums
from analytics.samples import rounding_of

_RELATIVE_ROUNDING = rounding_of(np.ones(1))


@dataclass(frozen=True, slots=True, eq=False)
class RollingLegs:
    """Sums over the window that ends with each row, all (n,).

    y, x: the legs themselves.  yy, xx, xy: sums of squares and products about the window's means.  y_offset, x_offset:
    the newest value minus the window's mean.  lengths: values in the window.  window: what it can hold at most.
    """

    y: FloatArray
    x: FloatArray
    yy: FloatArray
    xx: FloatArray
    xy: FloatArray
    y_offset: FloatArray
    x_offset: FloatArray
    lengths: Int64Array
    window: int

    def sums(self, *, include_intercept: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
        """What a line is made of: yy, xx and xy about the means, or about 0 for a line through the origin."""
        if include_intercept:
            return self.yy, self.xx, self.xy
        y_mean, x_mean, n = self.y_mean, self.x_mean, self.lengths
        return self.yy + n * y_mean**2, self.xx + n * x_mean**2, self.xy + n * y_mean * x_mean

    def lines(self, *, include_intercept: bool) -> BoolArray:
        """Where a line can be fitted: from the third row on, while both legs move (or, without intercept, are not 0).

        The same rule as that of `ols_hedge_ratio` for one sample.
        """
        possible = np.arange(len(self.y)) >= 2
        for leg, squares in ((self.y, self.yy), (self.x, self.xx)):
            # A range is at least twice the deviation. Where even that is above the rounding of the whole series, as
            # almost always, no window has to be looked at by itself; the answer is the same either way.
            if (squares[2:] > self.lengths[2:] * rounding_of(leg) ** 2).all():
                continue
            rounding, span = rolling_rounding(leg, self.window)
            possible &= span > rounding if include_intercept else rounding > 0
        return possible

    def resolves(self, deviation: FloatArray, slope: FloatArray) -> BoolArray:
        """Where this deviation of y - slope x is more than the rounding of the window's prices. False for NaN."""
        surely = deviation > rounding_of(self.y) + np.abs(slope) * rounding_of(self.x)
        if not (~surely & (deviation > 0)).any():
            return surely
        y_rounding, x_rounding = (rolling_rounding(leg, self.window)[0] for leg in (self.y, self.x))
        more: BoolArray = deviation > y_rounding + np.abs(slope) * x_rounding
        return more

    @property
    def y_mean(self) -> FloatArray:
        """The window's mean of y."""
        return self.y - self.y_offset

    @property
    def x_mean(self) -> FloatArray:
        """The window's mean of x."""
        return self.x - self.x_offset


def rolling_legs(y: FloatArray, x: FloatArray, window_bars: int) -> RollingLegs:
    """The sums of (n,) finite legs, n >= 1, for windows of up to `window_bars` values, in linear time.

    >>> legs = rolling_legs(np.array([1.0, 2.0, 4.0]), np.array([3.0, 2.0, 1.0]), 2)
    >>> legs.xy.tolist(), legs.y_mean.tolist()
    ([0.0, -0.5, -1.0], [1.0, 1.5, 3.0])
    """
    sums = rolling_sums(y, x, window_bars=window_bars)
    return RollingLegs(
        y=y,
        x=x,
        yy=sums.squares[0],
        xx=sums.squares[1],
        xy=sums.products[0],
        y_offset=sums.offsets[0],
        x_offset=sums.offsets[1],
        lengths=rolling_lengths(len(y), window_bars),
        window=min(window_bars, len(y)),
    )


def rolling_rounding(values: FloatArray, window_bars: int) -> tuple[FloatArray, FloatArray]:
    """What a difference of two values inside each window cannot resolve, and how far the window's values range.

    values: (n,) finite, n >= 1.  Returns two (n,): `samples.rounding_of` and `numpy.ptp`, window by window, in linear
    time: a window is the tail of one block and the head of the next, and each has a running maximum.
    Source: van Herk (1992), Gil and Werman (1993).

    >>> rolling_rounding(np.array([1.0, 4.0, 2.0, 3.0]), 2)[1].tolist()
    [0.0, 3.0, 2.0, 1.0]
    """
    high, low = _rolling_maximum(values, window_bars), -_rolling_maximum(-values, window_bars)
    return _RELATIVE_ROUNDING * np.maximum(np.abs(high), np.abs(low)), high - low


def _rolling_maximum(values: FloatArray, window_bars: int) -> FloatArray:
    n = len(values)
    window = min(window_bars, n)
    blocks = np.full((-(-n // window), window), -np.inf)
    blocks.reshape(-1)[:n] = values
    largest = np.maximum.accumulate(blocks, axis=1)
    tails = np.maximum.accumulate(blocks[:, ::-1], axis=1)[:, ::-1]
    np.maximum(largest[1:, :-1], tails[:-1, 1:], out=largest[1:, :-1])
    return largest.reshape(-1)[:n]
