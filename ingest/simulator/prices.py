"""Mid prices every 100 ms: walks, and the prices that follow them."""

from __future__ import annotations

import math

import numpy as np

from ingest.simulator.calendar import (
    BLOCK_MS,
    GRID_MS,
    MINUTE_MS,
    MINUTES_PER_DAY,
    OPENING_MS,
    block_start_ms,
)
from ingest.simulator.listing import MARKET_VOLATILITY, Follows, Instrument, Wanders
from ingest.simulator.noise import Activity, FloatArray, Noise, Reversion, Walk
from ingest.simulator.recent import Recent

BREAK_FADE_MS = 240_000  # one relation gives way to the next within four minutes


class WanderingPrice:
    """anchor * exp(market_share * market + own walk)."""

    def __init__(self, instrument: Instrument, behaviour: Wanders, market: Walk, own: Walk) -> None:
        self._anchor = instrument.anchor
        self._share = behaviour.market_share
        self._market = market
        self._own = own

    def grid(self, block: int) -> FloatArray:
        """(6000,) mid prices of a block."""
        return self._anchor * np.exp(self._share * self._market.grid(block) + self._own.grid(block))

    def at_minute(self, minute: int) -> float:
        """The mid price at the start of a minute since the opening."""
        day, within = divmod(minute, MINUTES_PER_DAY)
        level = self._share * self._market.minutes(day)[within] + self._own.minutes(day)[within]
        return self._anchor * math.exp(level)


class Regimes:
    """The relation of a follower to its leader, as intercept and slope at each moment.

    Without breaks both are constants. With breaks, at every multiple of `breaks_every_ms` (counted from midnight UTC)
    another slope (0.7 to 0.8 and 1.3 to 1.4 of the usual one, in turns) and another offset (about half a percent of
    the price, down and up in turns) take over within four minutes. Each relation is anchored at the leader's price at
    its own beginning, so the price drifts by about one percent while the relation changes and then goes on.
    """

    def __init__(
        self, seed: int, instrument: Instrument, behaviour: Follows, leader: WanderingPrice, leader_anchor: float
    ) -> None:
        self._draws = Noise(seed, "regimes of " + instrument.symbol)
        self._anchor = instrument.anchor
        self._every_ms = behaviour.breaks_every_ms
        self._slope = behaviour.slope
        self._leader = leader
        self._leader_anchor = leader_anchor

    def relation(self, number: int) -> tuple[float, float]:
        """(intercept, slope) of the relation with this number; the only one when there are no breaks."""
        if self._every_ms is None:
            return self._anchor - self._slope * self._leader_anchor, self._slope
        draw = self._draws.at(number)
        turned = 1 if number % 2 else -1
        steepness = float(1.3 + draw.uniform(0, 0.1) if turned > 0 else 0.7 + draw.uniform(0, 0.1))
        offset = float(turned * draw.uniform(0.004, 0.006))
        begins = self._leader.at_minute(max(0, number) * self._every_ms // MINUTE_MS)
        slope = self._slope * steepness
        return self._anchor * begins / self._leader_anchor * (1 + offset) - slope * begins, slope

    def grid(self, block: int) -> tuple[FloatArray | float, FloatArray | float]:
        """(intercept, slope) every 100 ms of a block."""
        if self._every_ms is None:
            return self.relation(0)
        since_opening_ms = block_start_ms(block) - OPENING_MS
        number, into_ms = divmod(since_opening_ms, self._every_ms)
        now = self.relation(number)
        if into_ms >= BREAK_FADE_MS:
            return now
        before = self.relation(number - 1)
        arrived = np.clip((into_ms + np.arange(0, BLOCK_MS, GRID_MS)) / BREAK_FADE_MS, 0, 1)
        return before[0] + arrived * (now[0] - before[0]), before[1] + arrived * (now[1] - before[1])


class FollowingPrice:
    """intercept + slope * leader + a deviation that reverts."""

    def __init__(self, leader: WanderingPrice, regimes: Regimes, deviation: Reversion, scale: float) -> None:
        self._leader = leader
        self._regimes = regimes
        self._deviation = deviation
        self._scale = scale

    def grid(self, block: int) -> FloatArray:
        """(6000,) mid prices of a block."""
        intercept, slope = self._regimes.grid(block)
        return np.asarray(
            intercept + slope * self._leader.grid(block) + self._scale * self._deviation.grid(block), np.float64
        )


class Prices:
    """Mid prices of every listed instrument."""

    def __init__(self, seed: int, instruments: tuple[Instrument, ...], activity: Activity) -> None:
        market = Walk(seed, "market", MARKET_VOLATILITY, activity)
        anchors = {i.symbol: i.anchor for i in instruments}
        wandering = {
            i.symbol: WanderingPrice(i, i.behaviour, market, Walk(seed, i.symbol, i.behaviour.volatility, activity))
            for i in instruments
            if isinstance(i.behaviour, Wanders)
        }
        self._paths: dict[str, WanderingPrice | FollowingPrice] = dict(wandering)
        for i in instruments:
            if isinstance(i.behaviour, Follows):
                leader = wandering[i.behaviour.leader]
                self._paths[i.symbol] = FollowingPrice(
                    leader,
                    Regimes(seed, i, i.behaviour, leader, anchors[i.behaviour.leader]),
                    Reversion(seed, "deviation of " + i.symbol, i.behaviour.half_life_s),
                    i.behaviour.deviation * i.anchor,
                )
        self._grids: Recent[tuple[str, int], FloatArray] = Recent(2 * len(instruments))

    def grid(self, symbol: str, block: int) -> FloatArray:
        """(6000,) mid prices of a block, every 100 ms, > 0."""
        return self._grids.value((symbol, block), lambda: self._paths[symbol].grid(block))
