"""The frame of the two Diagnostics pages, data and relation, with the tabs that lead from one to the other."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from layouts import ids
from layouts.address import DIAGNOSTICS, RELATION
from layouts.aria import aria


def diagnosis(data: Any, relation: Any) -> html.Div:
    """Both pages under their tabs."""
    tabs = ((ids.TO_DATA, "Data", DIAGNOSTICS), (ids.TO_RELATION, "Relation", RELATION))
    return html.Div(
        [
            html.Nav(
                [dcc.Link(name, href=address, id=tab, className="tabs__tab") for tab, name, address in tabs],
                className="tabs",
                **aria(label="Diagnostics"),
            ),
            data,
            relation,
        ],
        id=ids.DIAGNOSTICS,
        className="diagnosis",
        hidden=True,
    )
