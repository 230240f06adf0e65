"""What a statistic is, in words: the one text that the screen's tooltips and docs/statistics.md are both made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """One statistic. It stands beside the code that computes it; `analytics/definitions.py` gathers them all.

    name: as the screen calls it.  line: one sentence of at most 160 characters, for a tooltip.  formula, conventions:
    what exactly is computed.  source: paper or book.  checked_against: the independent implementation, with the
    tolerance that the tests hold.  limits: where it misleads.
    """

    name: str
    line: str
    formula: str
    conventions: str
    source: str
    checked_against: str
    limits: str
