"""The nouns of the house: ticks, bars, timeframes, pair series, and what a question about a pair looks like.

Times are int64 milliseconds UTC (the exchange's trade time `T`). Prices and quantities are float64. Symbols are
upper case. Every type is frozen; the arrays inside are shared, so nobody writes to them (see `frozen_array`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import ClassVar, Literal, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from analytics.errors import UnknownTimeframe

Int64Array = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Uint8Array = NDArray[np.uint8]

HedgeMethod = Literal["ols", "rolling_ols", "tls", "huber", "theil_sen", "kalman", "fixed"]
CorrelationKind = Literal["pearson", "spearman"]
PriceScale = Literal["level", "log"]

_Scalar = TypeVar("_Scalar", bound=np.generic)


def frozen_array(values: NDArray[_Scalar]) -> NDArray[_Scalar]:
    """The same array, made read-only, so that it can be handed to other threads."""
    values.flags.writeable = False
    return values


def within(moments_ms: Int64Array, time_ms: Int64Array) -> Int64Array:
    """Of ascending moments those from the first of `time_ms` to the last, read-only; none where that is empty."""
    if not len(time_ms):
        return frozen_array(moments_ms[:0])
    first, last = np.searchsorted(moments_ms, time_ms[0]), np.searchsorted(moments_ms, time_ms[-1], side="right")
    return frozen_array(moments_ms[first:last])


class Timeframe(StrEnum):
    """How long a bar lasts. `TICK` is one row a trade."""

    TICK = "tick"
    S1 = "1s"
    S5 = "5s"
    S15 = "15s"
    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    H1 = "1h"
    H4 = "4h"
    D1 = "1d"

    @property
    def milliseconds(self) -> int:
        """Length of a bar; 0 for `TICK`."""
        return _MILLISECONDS[self]

    @classmethod
    def parse(cls, name: str) -> Timeframe:
        """The timeframe called `name` (any case). Raises UnknownTimeframe."""
        try:
            return cls(name.strip().lower())
        except ValueError:
            raise UnknownTimeframe(name, tuple(cls)) from None


_MILLISECONDS = {
    Timeframe.TICK: 0,
    Timeframe.S1: 1_000,
    Timeframe.S5: 5_000,
    Timeframe.S15: 15_000,
    Timeframe.M1: 60_000,
    Timeframe.M5: 300_000,
    Timeframe.M15: 900_000,
    Timeframe.H1: 3_600_000,
    Timeframe.H4: 14_400_000,
    Timeframe.D1: 86_400_000,
}


class Quality(IntEnum):
    """How much a bar can be trusted. A higher number is worse; a roll-up keeps the worst of its parts."""

    COMPLETE = 0
    BACKFILLED = 1  # whole, but some of its trades came later over REST
    PARTIAL = 2  # a hole in the ids touches it, or it began before the first trade we hold
    MISSING = 3  # nothing but a hole


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """What `Ticks` and `Bars` share: equally long numpy columns that are cut and joined together."""

    # Known once: the feed asks for them a dozen times a read, and `fields` takes longer than the work itself.
    _names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls._names = tuple(cls.__annotations__)

    def __len__(self) -> int:
        return len(getattr(self, self._names[0]))

    def rows(self, where: slice | BoolArray | Int64Array) -> Self:
        """The rows picked by a slice (views), a mask or an index (copies)."""
        return type(self)(*[getattr(self, name)[where] for name in self._names])

    def joined(self, other: Self) -> Self:
        """These rows, then the other's."""
        if not len(other):
            return self
        if not len(self):
            return other
        return type(self)(*[np.concatenate((getattr(self, n), getattr(other, n))) for n in self._names])


@dataclass(frozen=True, slots=True, eq=False)
class Ticks(_Columns):
    """Trades of one symbol, ascending by `trade_id` (no id twice).

    trade_id: the exchange's aggregate trade id `a` (or `t` of a recorded raw trade).  time_ms: `T`.
    quantity: base asset.  buyer_is_maker: True when the seller was the taker.
    """

    trade_id: Int64Array
    time_ms: Int64Array
    price: FloatArray
    quantity: FloatArray
    buyer_is_maker: BoolArray

    @classmethod
    def empty(cls) -> Ticks:
        """No trades."""
        return cls(
            trade_id=np.empty(0, np.int64),
            time_ms=np.empty(0, np.int64),
            price=np.empty(0, np.float64),
            quantity=np.empty(0, np.float64),
            buyer_is_maker=np.empty(0, np.bool_),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Bars(_Columns):
    """Candles of one symbol, ascending by `start_ms`; a span without a trade has no row.

    A bar covers [start_ms, start_ms + timeframe), cut on `T`.  volume: base asset.  taker_buy_volume: the part of it
    where the buyer was the taker.  first_id, last_id: the trade ids inside.  quality: values of `Quality`.
    """

    start_ms: Int64Array
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    trades: Int64Array
    taker_buy_volume: FloatArray
    first_id: Int64Array
    last_id: Int64Array
    quality: Uint8Array

    @classmethod
    def empty(cls) -> Bars:
        """No bars."""
        whole, real = np.empty(0, np.int64), np.empty(0, np.float64)
        return cls(
            start_ms=whole,
            open=real,
            high=real,
            low=real,
            close=real,
            volume=real,
            trades=whole,
            taker_buy_volume=real,
            first_id=whole,
            last_id=whole,
            quality=np.empty(0, np.uint8),
        )


@dataclass(frozen=True, slots=True, eq=False)
class PairSeries:
    """Two price columns on one clock, y first.

    time_ms: (n,) bar starts, or trade times for `tick`, ascending.  y, x: (n,) prices, > 0.  clean: (n,) True where
    both legs traded inside that very bar and neither bar is partial; elsewhere one leg's price was carried forward.
    y_traded_ms, x_traded_ms: the moments from the first row to the last at which that leg has a bar (on `tick`: a
    trade) of its own, also those whose row was dropped because the other leg's price was too old.
    y_last_id, x_last_id: the newest trade of each leg that these rows rest on (0 when there is none): with them
    anybody can compute the same numbers from the exchange's own record.
    """

    time_ms: Int64Array
    y: FloatArray
    x: FloatArray
    clean: BoolArray
    y_traded_ms: Int64Array
    x_traded_ms: Int64Array
    y_last_id: int
    x_last_id: int

    def __len__(self) -> int:
        return len(self.time_ms)

    def newest(self, count: int) -> PairSeries:
        """The newest `count` rows, or all where there are fewer."""
        start = max(len(self) - count, 0)
        return PairSeries(
            time_ms=frozen_array(self.time_ms[start:]),
            y=frozen_array(self.y[start:]),
            x=frozen_array(self.x[start:]),
            clean=frozen_array(self.clean[start:]),
            y_traded_ms=within(self.y_traded_ms, self.time_ms[start:]),
            x_traded_ms=within(self.x_traded_ms, self.time_ms[start:]),
            y_last_id=self.y_last_id,
            x_last_id=self.x_last_id,
        )


@dataclass(frozen=True, slots=True)
class PairParams:
    """How a pair is looked at.

    window_bars: length of the rolling z-score and correlation, and of the fit of `rolling_ols`.  lookback_bars: fit
    sample of the other hedge ratios and of the tests; None means 5 x window_bars.  fixed_ratio: the hedge ratio of
    `fixed`, on the price scale in use.  exit_zscore: where a trade on the spread would end, >= 0.
    """

    timeframe: Timeframe = Timeframe.S1
    window_bars: int = 300
    lookback_bars: int | None = None
    hedge: HedgeMethod = "ols"
    include_intercept: bool = True
    price_scale: PriceScale = "level"
    fixed_ratio: float | None = None
    correlation: CorrelationKind = "pearson"
    exit_zscore: float = 0.0

    @property
    def sample_bars(self) -> int:
        """Bars used for the fit: `lookback_bars`, or 5 x `window_bars`."""
        return self.lookback_bars if self.lookback_bars is not None else 5 * self.window_bars


@dataclass(frozen=True, slots=True)
class PairQuery:
    """A question about a pair: y is explained by x."""

    y_symbol: str
    x_symbol: str
    params: PairParams = PairParams()


@dataclass(frozen=True, slots=True)
class Gap:
    """Trade ids of one symbol that the exchange published and the store does not hold. Both ends are inclusive."""

    symbol: str
    first_id: int
    last_id: int
    state: Literal["OPEN", "FILLED", "LOST"]
    cause: str
    opened_at_ms: int
    closed_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One symbol as the exchange lists it. tick_size, step_size: the smallest move of price and of quantity."""

    symbol: str
    base: str
    quote: str
    tick_size: float
    step_size: float
    price_decimals: int
