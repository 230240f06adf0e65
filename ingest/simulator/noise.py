"""Random processes that can be entered at any moment: each value is a pure function of (seed, name, time).

Both processes are built from coarse to fine. Day or minute knots come from noise that is addressed by its index, and
the path between two knots is a bridge drawn from noise addressed by the block. Nothing is ever stepped through from
the beginning of time, so the price of any minute costs the same.
"""

from __future__ import annotations

import math
import zlib

import numpy as np
from numpy.typing import NDArray

from ingest.simulator.calendar import BLOCK_MINUTES, GRID_MS, GRID_PER_MINUTE, MINUTES_PER_DAY, day_and_minute
from ingest.simulator.recent import Recent

FloatArray = NDArray[np.float64]

_MEMORY_DAYS = 120  # how many past days the slow level of a walk remembers
_PULL_DAYS = 15.0  # e-folding time with which that level returns to its anchor, so that prices stay realistic
_LIFETIME_DAYS = 36_525
_PROFILE_PEAK_HOUR = 15.0
_GOLDEN_STRIDE = round((5**0.5 - 1) / 2 * 2**64) << 64 | 1  # odd, near 2**128 / golden ratio: sections never meet


class Noise:
    """Random numbers addressed by (seed, name, index): equal addresses give equal numbers in any process.

    One generator is sent to and fro, because making a new one for each address would cost more than what is drawn.
    """

    def __init__(self, seed: int, name: str) -> None:
        words = [seed % 2**64, zlib.crc32(name.encode())]
        self._bits = np.random.PCG64DXSM(np.random.SeedSequence(words))
        self._start = self._bits.state
        self._generator = np.random.Generator(self._bits)

    def at(self, index: int) -> np.random.Generator:
        """The generator at this index (any whole number); valid until the next call."""
        self._bits.state = self._start
        self._bits.advance(index * _GOLDEN_STRIDE % 2**128)
        return self._generator


class Reversion:
    """A stationary Ornstein-Uhlenbeck process of unit variance.

    half_life_s: seconds until half of a deviation is expected to be gone, >= 5.
    """

    def __init__(self, seed: int, name: str, half_life_s: float) -> None:
        self._shocks = Noise(seed, "shocks of " + name)
        self._bridges = Noise(seed, "bridges of " + name)
        self._minute_decay = 0.5 ** (60 / half_life_s)
        self._grid_decay = 0.5 ** (GRID_MS / 1000 / half_life_s)
        reach = math.ceil(math.log(1e-12) / math.log(self._minute_decay))
        self._kernel = self._minute_decay ** np.arange(min(MINUTES_PER_DAY, reach))
        self._days: Recent[int, FloatArray] = Recent(3)

    def minutes(self, day: int) -> FloatArray:
        """(1441,) values at the minutes of a day; the last one is the first of the next day."""
        return self._days.value(day, lambda: self._make_minutes(day))

    def _make_minutes(self, day: int) -> FloatArray:
        shocks = np.concatenate([self._shocks.at(d).standard_normal(MINUTES_PER_DAY) for d in (day - 1, day, day + 1)])
        felt = shocks[MINUTES_PER_DAY - len(self._kernel) + 1 : 2 * MINUTES_PER_DAY + 1]
        passed = np.convolve(felt, self._kernel, mode="valid")
        return np.asarray(passed * math.sqrt(1 - self._minute_decay**2), np.float64)

    def grid(self, block: int) -> FloatArray:
        """(6000,) values every 100 ms of a block: an exact bridge between the minute values."""
        day, first = day_and_minute(block)
        knots = self.minutes(day)[first : first + BLOCK_MINUTES + 1]
        steps = np.arange(1, GRID_PER_MINUTE + 1)
        decay = self._grid_decay**steps
        normals = self._bridges.at(block).standard_normal((BLOCK_MINUTES, GRID_PER_MINUTE))
        free = decay * np.cumsum(normals / decay, axis=1) * math.sqrt(1 - self._grid_decay**2)
        free += decay * knots[:-1, None]
        pull = self._grid_decay ** (GRID_PER_MINUTE - steps) * (1 - decay**2) / (1 - decay[-1] ** 2)
        free += pull * (knots[1:, None] - free[:, -1:])
        return _from_knots(knots, free)


class Activity:
    """How busy the whole market is: mean 1 over each day, with a daily rhythm, waves and bursts."""

    def __init__(self, seed: int) -> None:
        self._waves = Reversion(seed, "activity waves", 900)
        self._bursts = Reversion(seed, "activity bursts", 90)
        self._days: Recent[int, FloatArray] = Recent(3)

    def minutes(self, day: int) -> FloatArray:
        """(1440,) busyness of each minute of a day, > 0."""
        return self._days.value(day, lambda: self._make_minutes(day))

    def _make_minutes(self, day: int) -> FloatArray:
        hours = np.arange(MINUTES_PER_DAY) / 60
        rhythm = 0.35 * np.cos((hours - _PROFILE_PEAK_HOUR) * (2 * math.pi / 24))
        busy = np.exp(rhythm + 0.4 * self._waves.minutes(day)[:-1] + 0.35 * self._bursts.minutes(day)[:-1])
        return np.asarray(busy / busy.mean(), np.float64)


class Walk:
    """The log level of a driving force: a random walk by the minute, bound to 0 over weeks.

    volatility: root mean square of a minute's log return.  Busy minutes move more.
    """

    def __init__(self, seed: int, name: str, volatility: float, activity: Activity) -> None:
        self._volatility = volatility
        self._activity = activity
        decay = math.exp(-1 / _PULL_DAYS)
        daily = volatility * math.sqrt(MINUTES_PER_DAY)
        self._weights = daily * decay ** np.arange(_MEMORY_DAYS)[::-1]
        self._shocks = Noise(seed, "days of " + name).at(0).standard_normal(_LIFETIME_DAYS + _MEMORY_DAYS)
        self._minutes = Noise(seed, "minutes of " + name)
        self._paths = Noise(seed, "paths of " + name)
        self._grids: Recent[int, FloatArray] = Recent(
            2
        )  # the market's own walk is asked for by one price after the other
        self._days: Recent[int, FloatArray] = Recent(3)

    def _opening_level(self, day: int) -> float:
        return float(self._weights @ self._shocks[day : day + _MEMORY_DAYS])

    def minutes(self, day: int) -> FloatArray:
        """(1441,) log levels at the minutes of a day; the last one is the first of the next day."""
        return self._days.value(day, lambda: self._make_minutes(day))

    def _make_minutes(self, day: int) -> FloatArray:
        start, end = self._opening_level(day), self._opening_level(day + 1)
        busy = self._activity.minutes(day)
        normals = self._minutes.at(day).standard_normal(MINUTES_PER_DAY)
        free = np.cumsum(normals * np.sqrt(busy)) * self._volatility
        share = np.cumsum(busy) / busy.sum()
        bridge = start + free - share * (free[-1] - (end - start))
        return np.concatenate(([start], bridge))

    def grid(self, block: int) -> FloatArray:
        """(6000,) log levels every 100 ms of a block."""
        return self._grids.value(block, lambda: self._make_grid(block))

    def _make_grid(self, block: int) -> FloatArray:
        day, first = day_and_minute(block)
        knots = self.minutes(day)[first : first + BLOCK_MINUTES + 1]
        busy = self._activity.minutes(day)[first : first + BLOCK_MINUTES]
        normals = self._paths.at(block).standard_normal((BLOCK_MINUTES, GRID_PER_MINUTE))
        free = np.cumsum(normals, axis=1) * (self._volatility * np.sqrt(busy / GRID_PER_MINUTE))[:, None]
        share = np.arange(1, GRID_PER_MINUTE + 1) / GRID_PER_MINUTE
        bridge = knots[:-1, None] + free - share * (free[:, -1:] - (knots[1:] - knots[:-1])[:, None])
        return _from_knots(knots, bridge)


def _from_knots(knots: FloatArray, after: FloatArray) -> FloatArray:
    """One flat grid: each minute begins at its knot and follows the path up to just before the next one."""
    return np.concatenate((knots[:-1, None], after[:, :-1]), axis=1).ravel()
