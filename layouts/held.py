"""What one open page holds in its memory, between callbacks and for its scripts.

Like `dcc.Store` of the kind "memory", at half the price: Dash's own writes a time stamp beside every value, and to tell
a script of a new value takes a callback more. Each of these changes has Dash ask all components of the page.
"""

# ruff: noqa: RUF012  # Dash reads these lists of the class; they are no defaults

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component


class Held(Component):
    """data: any JSON value.  tells: the function of `dash_clientside.pairwatch` that is called with every new value but
    None. Drawn, as nothing, by assets/plain.js.
    """

    id: str
    data: Any
    tells: str

    # What Dash asks of a component's class.
    _namespace = "pairwatch_plain"
    _type = "Held"
    _base_nodes = ["children"]
    _children_props: list[str] = []
    _prop_names = ["id", "data", "tells"]
    _valid_wildcard_attributes: list[str] = []
    available_properties = _prop_names
    available_wildcard_properties = _valid_wildcard_attributes

    def __init__(self, id: str, data: Any = None, tells: str | None = None) -> None:  # noqa: A002  # Dash's name
        told = {"tells": tells} if tells else {}
        super().__init__(id=id, data=data, **told)  # type: ignore[no-untyped-call]
