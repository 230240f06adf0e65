"""Funding of the local exchange: a rate every eight hours, seeded like everything else."""

from __future__ import annotations

from ingest.simulator.noise import Noise

FUNDING_EVERY_MS = 8 * 3_600_000


def next_funding_ms(time_ms: int) -> int:
    """The first funding time after a moment."""
    return (time_ms // FUNDING_EVERY_MS + 1) * FUNDING_EVERY_MS


def funding_rate(seed: int, symbol: str, funding_ms: int) -> str:
    """The rate paid at a funding time, as text; about 0.01 % with changing sign."""
    draw = Noise(seed, "funding of " + symbol).at(funding_ms // FUNDING_EVERY_MS)
    return f"{draw.normal(6e-5, 8e-5):.8f}"
