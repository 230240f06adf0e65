"""The market's calendar: days, minutes and ten-minute blocks since the opening, all in milliseconds UTC."""

from __future__ import annotations

OPENING_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z: the exchange "has existed" since then
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
BLOCK_MINUTES = 10  # trades are made ten minutes at a time: long enough for numpy, short enough for a live tick
BLOCK_MS = BLOCK_MINUTES * MINUTE_MS
BLOCKS_PER_DAY = DAY_MS // BLOCK_MS
MINUTES_PER_DAY = 1_440
GRID_MS = 100  # quotes move every 100 ms
GRID_PER_MINUTE = MINUTE_MS // GRID_MS


def block_at(time_ms: int) -> int:
    """Number of the block that holds this moment; negative before the opening."""
    return (time_ms - OPENING_MS) // BLOCK_MS


def block_start_ms(block: int) -> int:
    """First millisecond of a block."""
    return OPENING_MS + block * BLOCK_MS


def day_and_minute(block: int) -> tuple[int, int]:
    """Day since the opening, and the minute of that day at which the block begins."""
    day, within = divmod(block, BLOCKS_PER_DAY)
    return day, within * BLOCK_MINUTES
