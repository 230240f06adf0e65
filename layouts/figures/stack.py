"""Where the stacked panes stand. The chart and the read-outs above its panes are laid out from the same numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from layouts.chart_view import OptionalPane

PaneName = Literal["prices", "spread", "zscore", "correlation", "hedge"]

ALL: Final = get_args(PaneName)
ALWAYS: Final[tuple[PaneName, ...]] = ("prices", "spread", "zscore")
TITLES: Final[dict[PaneName, str]] = {
    "prices": "Prices",
    "spread": "Spread",
    "zscore": "z-score",
    "correlation": "Correlation",
    "hedge": "Hedge ratio",
}
AXES: Final[dict[PaneName, str]] = {"prices": "y2", "spread": "y4", "zscore": "y5", "correlation": "y6", "hedge": "y7"}
X_LEG_AXIS: Final = "y3"  # beneath that of the prices

MARGIN: Final = {"l": 64, "r": 80, "t": 24, "b": 36}

_WEIGHTS: Final[dict[PaneName, float]] = {
    "prices": 0.40, "spread": 0.24, "zscore": 0.30, "correlation": 0.17, "hedge": 0.17,
}  # fmt: skip
_HEADER: Final = 0.042  # of the plotting area, between two panes


@dataclass(frozen=True, slots=True)
class Pane:
    """One pane. bottom, top: its part of the plotting area, from below."""

    name: PaneName
    bottom: float
    top: float

    @property
    def axis(self) -> str:
        """Its value axis, as a trace names it."""
        return AXES[self.name]

    @property
    def axis_key(self) -> str:
        """Its value axis, as the layout names it."""
        return f"yaxis{self.axis[1:]}"


def stacked(optional: Iterable[OptionalPane]) -> tuple[Pane, ...]:
    """The panes from the top: the three that always are, and those that are asked for; together they fill the chart."""
    shown = [*ALWAYS, *(name for name in ALL if name in set(optional))]
    room = (1 - _HEADER * (len(shown) - 1)) / sum(_WEIGHTS[name] for name in shown)
    panes, top = [], 1.0
    for name in shown:
        bottom = abs(round(max(top - _WEIGHTS[name] * room, 0.0), 4))
        panes.append(Pane(name, bottom, top))
        top = round(bottom - _HEADER, 4)
    return tuple(panes)


def header_style(name: PaneName, optional: Iterable[OptionalPane]) -> dict[str, str]:
    """Where the read-out of a pane begins inside the chart's box, as CSS; nowhere for a pane that is not shown."""
    pane = next((pane for pane in stacked(optional) if pane.name == name), None)
    if pane is None:
        return {"display": "none"}
    top = f"calc({MARGIN['t'] - 22}px + (100% - {MARGIN['t'] + MARGIN['b']}px) * {1 - pane.top:.4f})"
    return {"top": top}
