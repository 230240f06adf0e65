"""How numbers and times look in JSON: NaN is null, times are ISO 8601 UTC with milliseconds and `Z`."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from analytics.results import Unavailable


def finite(value: float) -> float | None:
    """The number, or None where it is NaN or infinite."""
    return float(value) if math.isfinite(value) else None


def number(value: float | Unavailable) -> float | None:
    """The number, or None where it cannot be given (the reason stands under `unavailable`)."""
    return None if isinstance(value, Unavailable) else finite(value)


def iso_utc(time_ms: int) -> str:
    """2026-01-31T23:59:59.123Z"""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time_ms % 1000:03d}Z"
