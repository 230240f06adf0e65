"""Where the stacked panes stand. The chart and the read-outs above its panes are laid out from the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Pane:
    """One pane. bottom, top: its part of the plotting area, from below."""

    name: str
    bottom: float
    top: float


PRICES: Final = Pane("Prices", 0.565, 1.0)
SPREAD: Final = Pane("Spread", 0.32, 0.52)
ZSCORE: Final = Pane("z-score", 0.0, 0.275)

MARGIN: Final = {"l": 68, "r": 84, "t": 26, "b": 38}


def header_top(pane: Pane) -> str:
    """Where the read-out of a pane begins, as a CSS length inside the chart's box."""
    return f"calc({MARGIN['t'] - 22}px + (100% - {MARGIN['t'] + MARGIN['b']}px) * {1 - pane.top:.4f})"
