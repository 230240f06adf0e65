"""Where the record of a leg is not what a live feed gives: holes, trades that came later, and silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from analytics.holes import SHORTEST_HOLE_BARS, TIMES_USUAL
from analytics.market import Bars, BoolArray, Gap, Int64Array, Quality, Timeframe

StretchKind = Literal["lost", "open", "incomplete", "backfilled", "history", "quiet"]

_SHORTEST_ON_TICK_MS: Final = 10_000
_HOLES: Final[frozenset[StretchKind]] = frozenset({"lost", "open"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a leg's time, [start_ms, end_ms).

    kind: `lost` and `open` are holes in the trade ids, given up and being filled; `incomplete` is a bar that lacks
    trades which no hole names; `backfilled` a hole that was filled later; `history` what was there before the feed
    began; `quiet` no trade at all and none missing.  trades: how many ids are missing or came later, None where
    nobody counts them.  told_ms: when a hole was seen or closed, else None.
    """

    symbol: str
    kind: StretchKind
    start_ms: int
    end_ms: int
    trades: int | None = None
    told_ms: int | None = None


def stretches(symbol: str, bars: Bars, ledger: Sequence[Gap], timeframe: Timeframe) -> tuple[Stretch, ...]:
    """The stretches of one leg, ascending in time, those of a kind that touch each other joined.

    bars: of `timeframe` (`tick`: one a trade), ascending.  ledger: the holes of this symbol, in any order. A hole has
    ids and no times: it reaches from the bar of the last trade before it to the bar of the first one after it.
    Silence is a distance between neighbouring bars of more than 10 bars (10 s on `tick`) and of more than 10 times the
    usual one, outside of holes.

    >>> bars = Bars.empty()
    >>> stretches("BTCUSDT", bars, (), Timeframe.S1)
    ()
    """
    if not len(bars):
        return ()
    bar_ms = timeframe.milliseconds
    found = _joined([*_named(symbol, bars, ledger, bar_ms)], bar_ms)
    holes = [one for one in found if one.kind in _HOLES]
    quality = bars.quality
    filled = _outside(bars.start_ms, found) & (quality == Quality.BACKFILLED)
    partial = _outside(bars.start_ms, holes) & (quality >= Quality.PARTIAL)
    found += [
        Stretch(
            symbol, "backfilled" if first else "history", int(bars.start_ms[first]), int(bars.start_ms[last]) + bar_ms
        )
        for first, last in _runs(filled)
    ]
    found += [
        Stretch(symbol, "incomplete", int(bars.start_ms[first]), int(bars.start_ms[last]) + bar_ms)
        for first, last in _runs(partial)
    ]
    found += _quiet(symbol, bars.start_ms, holes, bar_ms)
    return tuple(sorted(found, key=lambda one: (one.start_ms, one.end_ms)))


def _named(symbol: str, bars: Bars, ledger: Sequence[Gap], bar_ms: int) -> Iterator[Stretch]:
    """The holes of the ledger that lie among these bars, as far as they have trades on a side to tell their time by."""
    rows = np.flatnonzero(bars.last_id > 0)  # the exchange's own candles have no ids
    if not len(rows):
        return
    # Ids may run a moment against time between two bars; the highest so far is what stands before a hole.
    firsts = np.minimum.accumulate(bars.first_id[rows][::-1])[::-1]
    lasts = np.maximum.accumulate(bars.last_id[rows])
    start_ms = bars.start_ms[rows]
    for gap in ledger:
        if gap.last_id < firsts[0] or gap.first_id > lasts[-1]:
            continue
        if gap.state == "FILLED":
            kind: StretchKind = "backfilled"
            begin = int(np.searchsorted(lasts, gap.first_id))
            end = int(np.searchsorted(firsts, gap.last_id, "right")) - 1
        else:
            kind = "open" if gap.state == "OPEN" else "lost"
            begin = int(np.searchsorted(firsts, gap.first_id)) - 1
            end = int(np.searchsorted(lasts, gap.last_id, "right"))
        if begin <= end:
            from_ms, to_ms = start_ms[max(begin, 0)], start_ms[min(end, len(rows) - 1)]
            told_ms = gap.closed_at_ms if kind == "backfilled" else gap.opened_at_ms
            yield Stretch(symbol, kind, int(from_ms), int(to_ms) + bar_ms, gap.last_id - gap.first_id + 1, told_ms)


def _joined(found: list[Stretch], bar_ms: int) -> list[Stretch]:
    """Those of one kind that overlap or touch as one; their trades together, told when the last of them was."""
    joined: dict[StretchKind, list[Stretch]] = {}
    for one in sorted(found, key=lambda stretch: stretch.start_ms):
        same = joined.setdefault(one.kind, [])
        if same and one.start_ms <= same[-1].end_ms + bar_ms:
            same.append(_together(same.pop(), one))
        else:
            same.append(one)
    return [one for same in joined.values() for one in same]


def _together(before: Stretch, after: Stretch) -> Stretch:
    told = max((ms for ms in (before.told_ms, after.told_ms) if ms is not None), default=None)
    trades = (before.trades or 0) + (after.trades or 0)
    return replace(before, end_ms=max(before.end_ms, after.end_ms), trades=trades, told_ms=told)


def _outside(moments_ms: Int64Array, found: list[Stretch]) -> BoolArray:
    outside = np.ones(len(moments_ms), np.bool_)
    for one in found:
        from_row, to_row = np.searchsorted(moments_ms, (one.start_ms, one.end_ms))
        outside[from_row : max(to_row, from_row + (one.start_ms == one.end_ms))] = False
    return outside


def _runs(rows: BoolArray) -> list[tuple[int, int]]:
    """First and last of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], rows, [False])).astype(np.int8)))
    return [(int(first), int(last) - 1) for first, last in zip(edges[::2], edges[1::2], strict=True)]


def _quiet(symbol: str, start_ms: Int64Array, holes: list[Stretch], bar_ms: int) -> Iterator[Stretch]:
    apart = np.diff(start_ms)
    if not len(apart):
        return
    shortest = max(SHORTEST_HOLE_BARS * bar_ms or _SHORTEST_ON_TICK_MS, TIMES_USUAL * float(np.median(apart)))
    for row in np.flatnonzero(apart > shortest):
        begin, end = int(start_ms[row]) + bar_ms, int(start_ms[row + 1])
        if not any(hole.start_ms < end and begin < hole.end_ms for hole in holes):
            yield Stretch(symbol, "quiet", begin, end)
