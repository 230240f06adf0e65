"""How the pair's chart is drawn: what the address says of it beside the question about the pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ChartStyle = Literal["line", "candles"]
PriceAxes = Literal["axes", "rebased"]
OptionalPane = Literal["correlation", "hedge"]


@dataclass(frozen=True, slots=True)
class ChartView:
    """style: of the prices.  prices: two axes, or both legs as change from the first row.  panes: shown below the
    z-score beside the three that always are.  entry_zscore, stop_zscore: levels on the z pane, of either sign; the
    exit level is `PairParams.exit_zscore`, because the expected exit time rests on it.  marks: whether crossings of the
    levels, alerts and trades are marked.
    """

    style: ChartStyle = "line"
    prices: PriceAxes = "axes"
    panes: frozenset[OptionalPane] = frozenset()
    entry_zscore: float = 2.0
    stop_zscore: float = 3.5
    marks: bool = True
