"""A chart as a figure and as the patch that renews it: both are read from one `Drawing`, so they cannot differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dash import Patch

from analytics.market import FloatArray
from layouts.figures.encode import Precision, typed


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One trace. columns: its numbers, by their name in the chart library.  look: what stays while the drawing is of
    one kind.  moving: what else is renewed with the numbers.

    Times among the columns are milliseconds as a time axis shows them (`Zone.shown_ms`). NaN breaks a line.
    """

    columns: dict[str, tuple[FloatArray, Precision]]
    look: dict[str, Any]
    moving: dict[str, Any] = field(default_factory=dict)

    def numbers(self) -> dict[str, Any]:
        """All that a patch renews."""
        typed_columns = {name: typed(values, precision) for name, (values, precision) in self.columns.items()}
        return {**typed_columns, **self.moving}


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """layout: what stays while the drawing is of one kind.  moving: shapes, annotations, meta."""

    traces: tuple[Trace, ...]
    layout: dict[str, Any]
    moving: dict[str, Any]

    def figure(self) -> dict[str, Any]:
        """The whole chart."""
        return {
            "data": [{**trace.look, **trace.numbers()} for trace in self.traces],
            "layout": {**self.layout, **self.moving},
        }

    def patch(self) -> Patch:
        """The newest numbers, for a chart that a drawing of the same kind has made."""
        patch = Patch()
        for position, trace in enumerate(self.traces):
            for name, value in trace.numbers().items():
                patch["data"][position][name] = value
        for name, value in self.moving.items():
            patch["layout"][name] = value
        return patch
