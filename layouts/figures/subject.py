"""Everything that one picture of the pair's chart is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from analytics.analysis import PairAnalysis
from analytics.market import Bars, FloatArray, Int64Array, Timeframe
from analytics.stretches import Stretch
from layouts.chart_view import ChartView
from layouts.figures.lines import MOST_POINTS, Line, line
from layouts.figures.stack import PaneName
from layouts.legs import Legs
from layouts.look import Look

MarkKind = Literal["out above", "out below", "back"]

_USUAL_CHART: Final = ChartView()
_USUAL_LOOK: Final = Look()


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened. time_ms: of the row at which it did.  text: a few words, for the read-out."""

    time_ms: int
    pane: PaneName
    kind: MarkKind
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """analysis: the rows.  y_bars: candles of the y leg, None where they are not drawn.  break_even_zscore: from which
    on a trade pays, None where nobody knows.
    """

    analysis: PairAnalysis
    legs: Legs
    chart: ChartView = _USUAL_CHART
    look: Look = _USUAL_LOOK
    y_bars: Bars | None = None
    stretches: tuple[Stretch, ...] = ()
    marks: tuple[Mark, ...] = ()
    break_even_zscore: float | None = None

    @property
    def timeframe(self) -> Timeframe:
        """Of the rows."""
        return self.analysis.query.params.timeframe

    @property
    def time_ms(self) -> Int64Array:
        """(n,) of the rows."""
        return self.analysis.time_ms

    def holes(self, *symbols: str) -> tuple[Stretch, ...]:
        """Where trades of these symbols are missing."""
        return tuple(one for one in self.stretches if one.kind in {"lost", "open"} and one.symbol in symbols)

    def line(self, values: FloatArray, *symbols: str, most: int = MOST_POINTS) -> Line:
        """The points of a line that rests on these symbols: open at holes, on the time axis as it is shown."""
        bar_ms = self.timeframe.milliseconds
        cuts = [(one.start_ms, one.end_ms - bar_ms) for one in self.holes(*symbols)]
        cuts = [(begin, end) for begin, end in cuts if begin < end]
        points = line(self.time_ms, values, self.timeframe, most=most, cuts=cuts)
        return Line(self.look.zone.shown_ms(points.time_ms), points.values)
