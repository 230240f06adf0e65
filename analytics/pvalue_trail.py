"""Engle-Granger on a window that moves through the sample: did the relation hold all the time?"""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from analytics.definition import Definition
from analytics.errors import BadInput, DegenerateData, NotEnoughData
from analytics.evidence import PvalueTrail
from analytics.mackinnon import pvalue
from analytics.market import FloatArray, Int64Array, frozen_array
from analytics.residual import COLLINEAR_SHARE
from analytics.samples import centred, flat_rows, require_sample
from analytics.unit_root import MINIMUM_BARS, dickey_fuller_of_rows

PVALUE_TRAIL = Definition(
    name="p-value trail",
    line="The Engle-Granger p-value on a moving window. Any two legs dip below 5 % now and then: look for long dips.",
    formula="The p-value of Engle-Granger (y on x) on bars 1 to w, 1 + s to w + s and so on, each at its window's end.",
    conventions=(
        "Window w a quarter of the sample, at least 100 bars; step s such that there are at most 100 points and the "
        "last one ends with the sample; n >= 200. A point rests on its own window alone, so later bars never change "
        "it. A window in which a leg does not move, or the legs are one line, has no point. The share passed is that "
        "of the points below 0.05."
    ),
    source="Engle and Granger, Econometrica 55 (1987), applied again and again.",
    checked_against="`engle_granger` window by window (1e-10), which is checked against statsmodels, arch and R.",
    limits=(
        "Many looks: on unrelated legs, 300-bar windows tested every ten bars over a day of one-minute bars dip below "
        "0.05 at least once with a probability of 0.91 (0.997 by plain ADF), so a dip proves nothing and no alarm "
        "should hang on it. Neighbouring points share most of their bars and agree for that reason alone. A short "
        "window misses slow relations."
    ),
)

LEVEL = 0.05
MINIMUM_SAMPLE = 200
_MOST_POINTS = 100
_SHORTEST_WINDOW = 100
_CELLS_AT_ONCE = 30_000  # windows are cut out in turns, so that their copies stay in the processor's cache


def trail_windows(n: int) -> tuple[int, int]:
    """(window_bars, step_bars) for a sample of n bars: a quarter of it, at least 100, in at most 100 places.

    100 bars are what the verdict asks for; a longer window knows more, a shorter one shows sooner that something
    changed. The window is rounded up so that the last one ends with the sample.
    Raises NotEnoughData below 200 bars, where most windows would share most of their bars.

    >>> trail_windows(300), trail_windows(3_600)
    ((102, 3), (912, 28))
    """
    if n < MINIMUM_SAMPLE:
        raise NotEnoughData(needed=MINIMUM_SAMPLE, got=n)
    window = max(_SHORTEST_WINDOW, n // 4)
    step = math.ceil((n - window) / (_MOST_POINTS - 1))
    return window + (n - window) % step, step


def pvalue_trail(time_ms: Int64Array, y: FloatArray, x: FloatArray, *, window_bars: int, step_bars: int) -> PvalueTrail:
    """The p-value of `engle_granger` (y on x) at the end of each window, NaN where that window has no answer.

    time_ms, y, x: (n,) ascending times and finite prices or log prices.  window_bars: >= 30.  step_bars: >= 1.
    The first window begins with the sample, so a longer sample never changes an earlier point.
    Raises BadInput; NotEnoughData below one window; DegenerateData for a value that is not finite, and where no window
    has an answer.
    """
    if window_bars < MINIMUM_BARS or step_bars < 1:
        raise BadInput(f"a trail needs windows of at least {MINIMUM_BARS} bars and steps of at least one")
    require_sample(y, x, needed=window_bars)
    y_windows, x_windows = (sliding_window_view(leg, window_bars)[::step_bars] for leg in (y, x))
    at_once = max(_CELLS_AT_ONCE // window_bars, 1)
    parts = [slice(start, start + at_once) for start in range(0, len(y_windows), at_once)]
    trail = np.concatenate([_pvalues(y_windows[part], x_windows[part]) for part in parts])
    answers = trail[~np.isnan(trail)]
    if not len(answers):
        raise DegenerateData(f"in no window of {window_bars} bars can the pair be tested")
    return PvalueTrail(
        time_ms=frozen_array(time_ms[window_bars - 1 :: step_bars].copy()),
        pvalue=frozen_array(trail),
        window_bars=window_bars,
        step_bars=step_bars,
        passed_share=float(np.mean(answers < LEVEL)),
    )


def _pvalues(y: FloatArray, x: FloatArray) -> FloatArray:
    """Of each row of (k, window), NaN where `engle_granger` would refuse."""
    moving = np.flatnonzero(~(flat_rows(y) | flat_rows(x)))
    residual, unexplained = _residuals(centred(y[moving]), centred(x[moving]))
    tested = unexplained > COLLINEAR_SHARE
    fits = dickey_fuller_of_rows(residual[tested], with_constant=False)
    found = np.full(len(y), np.nan)
    found[moving[tested]] = [math.nan if fit is None else pvalue(fit.statistic, legs=2) for fit in fits]
    return found


def _residuals(y: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What the line of y on x leaves over, and 1 - R2, of each row of centred legs."""
    slope = np.vecdot(y, x) / np.vecdot(x, x)
    residual = y - slope[:, None] * x
    return residual, np.vecdot(residual, residual) / np.vecdot(y, y)
