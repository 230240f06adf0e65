"""Theil-Sen: the median slope between pairs of bars, which up to 29 % of wild bars cannot carry away."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from analytics.definition import Definition
from analytics.errors import DegenerateData
from analytics.hedge import require_moving_legs
from analytics.line import line_quality
from analytics.market import FloatArray
from analytics.results import HedgeFit, Unavailable
from analytics.samples import require_sample

MINIMUM_BARS = 10
MAXIMUM_BARS = 10_000
_NORMAL_REACH = 1.959963984540054  # 97.5 % quantile of the standard normal
_FEW_PAIRS = 40_000  # kept as they are; of more, only those near the middle are kept
_SAMPLED_PAIRS = 40_000
_BLOCK_PAIRS = 2**17  # a block and its slopes stay in the processor's cache
_NO_INTERVAL = Unavailable("too many bars have the same price for the ranks of the slopes to give an interval")
_NO_TEST = Unavailable("Theil-Sen counts ranks: it has an interval, and neither standard error nor t-test")

THEIL_SEN = Definition(
    name="Hedge ratio (Theil-Sen)",
    line="Units of x against one unit of y: the median slope between all pairs of bars, whatever a few bars do.",
    formula="slope = median of (y[j] - y[i]) / (x[j] - x[i]) over all pairs; intercept = median y - slope x median x.",
    conventions=(
        "Pairs with equal x have no slope and are left out. Exact, not sampled, for 10 to 10 000 bars. Interval: "
        "95 %, from the ranks of the slopes (Sen), equal prices allowed for. No standard error, t or p. Always "
        "with an intercept. r is of the legs, R2 of this line over all rows."
    ),
    source="Theil (1950); Sen, *Journal of the American Statistical Association* 63 (1968), for the interval.",
    checked_against="`scipy.stats.theilslopes`, `separate`: slope, intercept, interval to 1e-10, equal prices too.",
    limits=(
        "The interval takes the rows for independent; where the spread reverts slowly it is far too narrow. Above "
        "10 000 bars it is not given."
    ),
)


def theil_sen_hedge_ratio(y: FloatArray, x: FloatArray, *, include_intercept: bool = True) -> HedgeFit:
    """The median slope between pairs of rows.

    y, x: (n,) prices or log prices, finite, 10 <= n <= 10 000.  Time grows with n squared, memory stays small.
    Raises NotEnoughData; DegenerateData when a leg does not move, when there are too many rows, or without an
    intercept: a line through the origin has no slopes between its rows.  Source: see `THEIL_SEN`.

    >>> x = np.arange(20.0)
    >>> y = 2 * x + 1
    >>> y[[3, 17]] = 500.0, -500.0
    >>> fit = theil_sen_hedge_ratio(y, x)
    >>> fit.slope, fit.intercept, fit.interval
    (2.0, 1.0, (2.0, 2.0))
    """
    require_sample(y, x, needed=MINIMUM_BARS)
    if not include_intercept:
        raise DegenerateData("Theil-Sen needs an intercept: a line through the origin has no slopes between its bars")
    require_moving_legs(y, x, include_intercept=True)
    if len(y) > MAXIMUM_BARS:
        raise DegenerateData(f"Theil-Sen takes at most {MAXIMUM_BARS} bars, got {len(y)}; choose a shorter fit sample")
    order = np.argsort(x, kind="stable")
    variance = _rank_variance(y, x)
    ranks = _ranks(x, _NORMAL_REACH * math.sqrt(max(variance, 0.0)))
    ranked = _at_ranks(y[order], x[order], ranks)
    slope = (ranked[ranks.lower_middle] + ranked[ranks.upper_middle]) / 2
    intercept = float(np.median(y)) - slope * float(np.median(x))
    quality = line_quality(y, x, slope, intercept, include_intercept=True)
    return HedgeFit(
        method="theil_sen",
        slope=slope,
        intercept=intercept,
        rvalue=quality.rvalue,
        r_squared=quality.r_squared,
        r_squared_kind="centred",
        stderr=_NO_TEST,
        interval=(ranked[ranks.low], ranked[ranks.high]) if variance > 0 else _NO_INTERVAL,
        intercept_stderr=_NO_TEST,
        tvalue=_NO_TEST,
        pvalue=_NO_TEST,
        residual_deviation=quality.residual_deviation,
        observations=len(y),
    )


class _Ranks(NamedTuple):
    """Which of the ascending slopes are wanted, from 0: the ends of the interval and the middle."""

    low: int
    lower_middle: int
    upper_middle: int
    high: int


def _ranks(x: FloatArray, reach: float) -> _Ranks:
    slopes = len(x) * (len(x) - 1) // 2 - sum(count * (count - 1) // 2 for count in _tie_counts(x))
    return _Ranks(
        low=max(round((slopes - reach) / 2) - 1, 0),
        lower_middle=(slopes - 1) // 2,
        upper_middle=slopes // 2,
        high=min(round((slopes + reach) / 2), slopes - 1),
    )


def _rank_variance(y: FloatArray, x: FloatArray) -> float:
    """Of rising minus falling pairs under no relation (Sen). Not positive where hardly a price differs from another."""
    n = len(y)
    tied = sum(count * (count - 1) * (2 * count + 5) for count in (*_tie_counts(y), *_tie_counts(x)))
    return (n * (n - 1) * (2 * n + 5) - tied) / 18


def _tie_counts(values: FloatArray) -> list[int]:
    """How often each value that occurs more than once does."""
    counts = np.unique(values, return_counts=True)[1]
    repeated: list[int] = counts[counts > 1].tolist()
    return repeated


def _at_ranks(y: FloatArray, x: FloatArray, ranks: _Ranks) -> dict[int, float]:
    """The slopes at the wanted ranks, exactly. Rows ascend by x.

    All wanted ranks lie near the middle. A seeded sample of pairs tells between which slopes they lie; all pairs are
    then visited, those below counted and those between kept. Should the sample have misled, it is asked more widely:
    chance decides how long it takes, never the answer.
    """
    n = len(y)
    if n * (n - 1) // 2 <= _FEW_PAIRS:
        return _picked(np.concatenate(list(_slopes(y, x))), 0, set(ranks))
    sample = _sampled_slopes(y, x)
    total = 2 * max(ranks.upper_middle, 1)
    margin = 3 / math.sqrt(max(len(sample), 1))  # six standard errors of a sampled median
    while True:
        low = _quantile(sample, ranks.low / total - margin, -math.inf)
        high = _quantile(sample, ranks.high / total + margin, math.inf)
        found = _between(y, x, ranks, low, high)
        if found is not None:
            return found
        margin *= 4


def _between(y: FloatArray, x: FloatArray, ranks: _Ranks, low: float, high: float) -> dict[int, float] | None:
    """The slopes at the wanted ranks, or None where one of them lies outside [low, high]."""
    below = to_low = at_high = 0
    kept = []
    for slopes in _slopes(y, x):
        below += int(np.count_nonzero(slopes < low))
        to_low += int(np.count_nonzero(slopes <= low))
        at_high += int(np.count_nonzero(slopes == high))
        kept.append(slopes[(slopes > low) & (slopes < high)])
    inside = np.concatenate(kept)
    first_inside, first_high = to_low, to_low + len(inside)
    if ranks.low < below or ranks.high >= first_high + at_high:
        return None
    found = {rank: low for rank in ranks if rank < first_inside}
    found |= {rank: high for rank in ranks if rank >= first_high}
    return found | _picked(inside, first_inside, set(ranks) - set(found))


def _picked(slopes: FloatArray, first: int, ranks: set[int]) -> dict[int, float]:
    """The values at these ranks, where `slopes` are, in any order, those from rank `first` on."""
    places = sorted(rank - first for rank in ranks)
    ordered = np.partition(slopes, places) if places else slopes
    return {first + place: float(ordered[place]) for place in places}


def _slopes(y: FloatArray, x: FloatArray) -> Iterator[FloatArray]:
    """The slopes between all pairs of rows with different x, block by block. Rows ascend by x."""
    n, start = len(y), 0
    has_ties = bool((x[1:] == x[:-1]).any())
    while start < n:
        stop = min(start + max(_BLOCK_PAIRS // (n - start), 1), n)
        one, other = np.triu_indices(stop - start, 1)
        rows, later = slice(start, stop), slice(stop, n)
        for run, rise in (
            (x[rows][other] - x[rows][one], y[rows][other] - y[rows][one]),
            ((x[later] - x[rows, None]).ravel(), (y[later] - y[rows, None]).ravel()),
        ):
            if has_ties:
                apart = run > 0
                yield rise[apart] / run[apart]
            else:
                yield rise / run
        start = stop


def _sampled_slopes(y: FloatArray, x: FloatArray) -> FloatArray:
    one, other = np.random.default_rng(len(y)).integers(0, len(y), (2, _SAMPLED_PAIRS))
    run = x[one] - x[other]
    apart = run != 0
    return np.sort((y[one] - y[other])[apart] / run[apart])


def _quantile(ordered: FloatArray, share: float, beyond: float) -> float:
    """The value at a share of an ordered sample, `beyond` where the share is outside (0, 1)."""
    return float(ordered[int(share * len(ordered))]) if 0 < share < 1 and len(ordered) else beyond
