"""Two legs on one clock.

The gap policy, in one place:

- A row stands at every moment at which either leg has news (a bar, or a trade for `tick`), from the first moment on at
  which both have a price. Where neither traded there is no row: no row is invented.
- The other leg's price is its last one at or before that moment, never a later one.
- A price older than the carry limit is not a price: the row is dropped. The limit is 60 s for timeframes up to 1m, and
  three bars for longer ones, unless the caller says otherwise.
- `clean` marks the rows where nothing was carried and neither bar is partial.
"""

from __future__ import annotations

import numpy as np

from analytics.definition import Definition
from analytics.errors import BadInput
from analytics.market import Bars, BoolArray, Int64Array, PairSeries, Quality, Ticks, Timeframe, frozen_array, within

CLEAN_SHARE = Definition(
    name="Clean share",
    line="Part of the rows in which both legs traded and no hole touches the bar; elsewhere a price was carried.",
    formula="Clean rows over all rows of the sample.",
    conventions="A row is clean where both legs have a bar of their own and neither bar is partial. Not given on tick.",
    source="Ours.",
    checked_against="Hand-made bars and seeded trades with every kind of hole.",
    limits="It cannot tell a bar whose trades came over REST from one of a leg that did not trade. Carried prices do "
    "not break the test: with each leg trading in 5 % of the bars Engle-Granger called 5.6 % of 4 000 unrelated pairs "
    "cointegrated (300 bars), as with prices in every bar (6.2 %).",
)

_SHORT_FRAME_CARRY_MS = 60_000
_LONG_FRAME_CARRY_BARS = 3


def default_carry_ms(timeframe: Timeframe) -> int:
    """How old the other leg's price may be: 60 s for timeframes up to 1m, three bars for longer ones.

    >>> default_carry_ms(Timeframe.S1), default_carry_ms(Timeframe.M5)
    (60000, 900000)
    """
    if timeframe.milliseconds <= Timeframe.M1.milliseconds:
        return _SHORT_FRAME_CARRY_MS
    return _LONG_FRAME_CARRY_BARS * timeframe.milliseconds


def align_bars(y: Bars, x: Bars, timeframe: Timeframe, *, limit: int, max_carry_ms: int | None = None) -> PairSeries:
    """The newest `limit` rows of two legs' closing prices, by the gap policy above.

    y, x: bars of `timeframe`.  max_carry_ms: the age of a carried price counts from bar start to bar start; None means
    `default_carry_ms`.  Raises BadInput for `TICK` (see `align_ticks`).
    """
    if timeframe is Timeframe.TICK:
        raise BadInput("trades are aligned one by one; bars need a timeframe of 1s or longer")
    carry_ms = default_carry_ms(timeframe) if max_carry_ms is None else max_carry_ms
    time_ms = _union(y.start_ms, x.start_ms)
    y_row, x_row = _last_known(y.start_ms, time_ms), _last_known(x.start_ms, time_ms)
    time_ms, y_row, x_row = _usable(time_ms, y_row, x_row, y.start_ms, x.start_ms, carry_ms, limit)
    y_traded, x_traded = y.start_ms[y_row] == time_ms, x.start_ms[x_row] == time_ms
    whole = (y.quality[y_row] < Quality.PARTIAL) & (x.quality[x_row] < Quality.PARTIAL)
    return PairSeries(
        time_ms=frozen_array(time_ms),
        y=frozen_array(y.close[y_row]),
        x=frozen_array(x.close[x_row]),
        clean=frozen_array(whole & y_traded & x_traded),
        y_traded_ms=within(y.start_ms, time_ms),
        x_traded_ms=within(x.start_ms, time_ms),
        y_last_id=_newest_id(y.last_id, y_row),
        x_last_id=_newest_id(x.last_id, x_row),
    )


def align_ticks(y: Ticks, x: Ticks, *, limit: int, max_carry_ms: int | None = None) -> PairSeries:
    """The newest `limit` rows of two legs' trades, one row for each trade of either leg, by the gap policy above.

    The exchange's clock does not order two symbols inside one millisecond. So a trade meets the other leg's last price
    of that same millisecond if there is one; the rows of a millisecond are y's trades and then x's, each by id. The
    last row of a millisecond therefore holds both legs' last prices, whichever leg is called y.
    clean: both legs traded in that very millisecond.
    """
    carry_ms = default_carry_ms(Timeframe.TICK) if max_carry_ms is None else max_carry_ms
    y, x = _by_time(y), _by_time(x)
    time_ms = np.concatenate((y.time_ms, x.time_ms))
    y_row = np.concatenate((np.arange(len(y)), _last_known(y.time_ms, x.time_ms)))
    x_row = np.concatenate((_last_known(x.time_ms, y.time_ms), np.arange(len(x))))
    order = np.argsort(time_ms, kind="stable")
    time_ms, y_row, x_row = _usable(time_ms[order], y_row[order], x_row[order], y.time_ms, x.time_ms, carry_ms, limit)
    y_traded, x_traded = y.time_ms[y_row] == time_ms, x.time_ms[x_row] == time_ms
    return PairSeries(
        time_ms=frozen_array(time_ms),
        y=frozen_array(y.price[y_row]),
        x=frozen_array(x.price[x_row]),
        clean=frozen_array(y_traded & x_traded),
        y_traded_ms=within(y.time_ms, time_ms),
        x_traded_ms=within(x.time_ms, time_ms),
        y_last_id=_newest_id(y.trade_id, y_row),
        x_last_id=_newest_id(x.trade_id, x_row),
    )


def _union(y_ms: Int64Array, x_ms: Int64Array) -> Int64Array:
    """Every moment once. Two ascending runs: a stable (merge) sort joins them in one pass."""
    moments = np.sort(np.concatenate((y_ms, x_ms)), kind="stable")
    return moments[np.concatenate(([True], moments[1:] != moments[:-1]))] if len(moments) else moments


def _last_known(leg_ms: Int64Array, time_ms: Int64Array) -> Int64Array:
    """For each moment the leg's last row at or before it; -1 where there is none yet."""
    return np.searchsorted(leg_ms, time_ms, side="right") - 1


def _usable(
    time_ms: Int64Array,
    y_row: Int64Array,
    x_row: Int64Array,
    y_ms: Int64Array,
    x_ms: Int64Array,
    carry_ms: int,
    limit: int,
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """The newest `limit` rows where both legs have a price that is young enough."""
    usable = _young(y_row, y_ms, time_ms, carry_ms) & _young(x_row, x_ms, time_ms, carry_ms)
    rows = np.flatnonzero(usable)
    rows = rows[max(len(rows) - limit, 0) :]
    return time_ms[rows], y_row[rows], x_row[rows]


def _young(row: Int64Array, leg_ms: Int64Array, time_ms: Int64Array, carry_ms: int) -> BoolArray:
    if not len(leg_ms):
        return np.zeros(len(row), np.bool_)
    young: BoolArray = (row >= 0) & (time_ms - leg_ms[row] <= carry_ms)
    return young


def _by_time(ticks: Ticks) -> Ticks:
    """Ordered by time, then by id."""
    if np.all(ticks.time_ms[1:] >= ticks.time_ms[:-1]):
        return ticks
    return ticks.rows(np.argsort(ticks.time_ms, kind="stable"))


def _newest_id(leg_ids: Int64Array, row: Int64Array) -> int:
    """The highest trade id among the leg's rows in use; 0 when there are none."""
    return int(leg_ids[row[0] : row[-1] + 1].max()) if len(row) else 0
