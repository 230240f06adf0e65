"""In which unit and to how many places the lines of the pair's chart are told."""

from __future__ import annotations

from typing import Final

import numpy as np

from analytics.analysis import PairAnalysis
from layouts.legs import Legs

SPREAD_TICKS: Final = ",.6~g"  # 0.0005 and not 500µ


def spread_unit(analysis: PairAnalysis, legs: Legs) -> str:
    """The quote currency, or log price."""
    return "log price" if analysis.query.params.price_scale == "log" else legs.y.quote


def spread_decimals(analysis: PairAnalysis, legs: Legs) -> int:
    """Places of a spread: those of the y leg's price, or four for logs."""
    return 4 if analysis.query.params.price_scale == "log" else legs.y.decimals


def known_then(analysis: PairAnalysis) -> bool:
    """Whether the z-score was another one at its moment, and is known: a second line would else hide the first."""
    known = analysis.zscore_as_known
    return bool((np.isfinite(known) & (known != analysis.zscore)).any())
