"""Tables of the Diagnostics page: real header cells, and a label beside each cell where a phone stacks them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from layouts.aria import aria


@dataclass(frozen=True, slots=True)
class Column:
    """One column. kind: "text", "number" or "wide" (takes the room that is left)."""

    name: str
    kind: str = "text"


def table(caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, none: str) -> html.Div | html.P:
    """A table whose first cell heads its row; `none` stands where there are no rows. caption: for those who listen."""
    body = [_row(columns, row) for row in rows]
    if not body:
        return html.P(none, className="rows__none")
    head = html.Tr([html.Th(column.name, scope="col", className=f"cell--{column.kind}") for column in columns])
    return html.Div(
        html.Table(
            [html.Caption(caption, className="visually-hidden"), html.Thead(head), html.Tbody(body)],
            className="rows",
        ),
        className="rows__frame",
        tabIndex=0,
        role="region",
        **aria(label=caption),
    )


def facts(pairs: Iterable[tuple[str, Any]]) -> html.Dl:
    """Names and values, one pair a line."""
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value)], className="facts__line") for name, value in pairs],
        className="facts",
    )


def _row(columns: Sequence[Column], cells: Sequence[Any]) -> html.Tr:
    first, *others = zip(columns, cells, strict=True)
    return html.Tr(
        [
            html.Th(first[1], scope="row", className=f"cell--{first[0].kind}"),
            *(
                html.Td(cell, className=f"cell--{column.kind}", **{"data-label": column.name})  # type: ignore[arg-type]
                for column, cell in others
            ),
        ]
    )
