"""The rolling z-score: how unusual the spread is against its own recent past."""

from __future__ import annotations

import numpy as np

from analytics.definition import Definition
from analytics.errors import BadInput
from analytics.market import FloatArray
from analytics.rolling import rolling_scores
from analytics.samples import require_sample

ZSCORE = Definition(
    name="z-score",
    line="How many standard deviations the spread is away from its own mean over the last w bars.",
    formula="z[t] = (e[t] - mean) / deviation, both of e[t - w + 1] ... e[t].",
    conventions=(
        "The current bar is inside the window, n - 1 in the deviation (ddof 1). Warm-up: given from the second bar on, "
        "over the bars there are; full from bar w. NaN at the first bar and wherever the deviation is 0, because the "
        "window does not move. A longer series never changes an earlier value, to the last bit."
    ),
    source="Any textbook; window sums by blocks with prefix sums from both ends (van Herk, 1992).",
    checked_against=(
        "pandas `rolling(w, min_periods=2)` mean and std (1e-8), two-pass arithmetic window by window (1e-9; 1e-11 at "
        "the end of a million values)."
    ),
    limits=(
        "abs(z) cannot exceed (w - 1) / sqrt(w): 1.79 for w = 5, 4.25 for w = 20; a threshold above that never fires. "
        "A spread that wanders off drags its mean along and looks small again after w bars. It says how unusual, "
        "never that the spread will come back. With a hedge ratio fitted on the whole sample, earlier bars are judged "
        "by a line that saw later ones."
    ),
)


def zscore(spread: FloatArray, window_bars: int) -> FloatArray:
    """(spread - rolling mean) / rolling deviation, (n,), over the last `window_bars` values, the current one included.

    spread: (n,) finite.  window_bars: >= 2.  Deviation with n - 1 (ddof 1), as pandas and MATLAB. Defined from the
    second value on, before the window is full; NaN at the first and wherever the window does not move. With w values in
    the window abs(z) cannot exceed (w - 1) / sqrt(w): a window of 5 never shows 1.8.
    A longer series never changes an earlier value, to the last bit.  Raises BadInput, DegenerateData (not finite).

    >>> zscore(np.array([1.0, 2.0, 3.0, 3.0, 3.0, 3.0]), 3).round(6).tolist()
    [nan, 0.707107, 1.0, 0.57735, nan, nan]
    """
    if window_bars < 2:
        raise BadInput(f"a rolling window needs at least 2 bars, not {window_bars}")
    require_sample(spread, needed=0)
    if not len(spread):
        return np.empty(0)
    return rolling_scores(spread, window_bars)
