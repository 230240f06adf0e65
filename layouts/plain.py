"""Plain HTML: what no callback listens to, drawn by React alone.

Dash asks each of its components at every change of any, some dozen times an answer, and takes up each new component by
itself: a page of a thousand components has the browser busy with nothing else. So to Dash a page is one component,
`Plain`, and in it stand only the components that callbacks or the user move. What else there is to see is the property
`tree`, which Dash hands on without looking into it. Rooms write `html.*` as ever and give a callback's answer to
`Output(id, "tree")`; `lightened` does the rest.
"""

# ruff: noqa: RUF012  # Dash reads these lists of the class; they are no defaults

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, Final

from dash import html
from dash.development.base_component import Component

_HTML: Final = html.Div._namespace
_OWN: Final = ("id", "className", "style", "role", "title", "hidden", "tabIndex")
_SETTABLE: Final = frozenset({*_OWN, "tree"})


class Plain(Component):
    """One HTML element and everything in it. Drawn by assets/plain.js.

    tag: the element's name.  tree: its content, of text, of `html.*`, and of {"slot": n}, where the n-th of `children`
    stands.  rest: attributes that no callback may write.
    """

    id: str
    tag: str
    tree: Any
    rest: dict[str, Any]

    # What Dash asks of a component's class.
    _namespace = "pairwatch_plain"
    _type = "Plain"
    _base_nodes = ["children", "tree"]
    _children_props: list[str] = []
    _prop_names = ["children", "tag", "tree", "rest", *_OWN]
    _valid_wildcard_attributes = ["data-", "aria-"]
    available_properties = _prop_names
    available_wildcard_properties = _valid_wildcard_attributes


def lightened(component: Component, followed: Mapping[str, Set[str]]) -> Component:
    """The component with everything in it that only shows as `Plain`. The components given are not changed.

    followed: the properties that callbacks read or write, by the component's id.
    """
    props = _props(component)
    if component._namespace == _HTML and followed.get(props.get("id", ""), set()) <= _SETTABLE:
        return _plain(component._type.lower(), props, followed)
    if "children" not in props:
        return component
    children = props["children"]
    within = [_light(one, followed) for one in children] if isinstance(children, list) else _light(children, followed)
    return type(component)(**{**props, "children": within})


def followed_by(callbacks: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The properties that the callbacks of an app (its `_callback_list`) read or write, by the component's id."""
    places: dict[str, set[str]] = {}
    for spec in callbacks:
        written = [place.rpartition(".") for place in spec["output"].strip(".").split("...")]
        read = [(one["id"], ".", one["property"]) for one in (*spec["inputs"], *spec["state"])]
        for component, _, prop in (*written, *read):
            places.setdefault(component, set()).add(prop.partition("@")[0])
    places.pop("", None)  # of callbacks that write nothing
    return places


def _props(component: Component) -> dict[str, Any]:
    return dict(component.to_plotly_json()["props"])  # type: ignore[no-untyped-call]


def _light(one: Any, followed: Mapping[str, Set[str]]) -> Any:
    return lightened(one, followed) if isinstance(one, Component) else one


def _plain(tag: str, props: dict[str, Any], followed: Mapping[str, Set[str]]) -> Plain:
    live: list[Component] = []
    tree = _tree(props.pop("children", None), followed, live)
    own = {name: value for name, value in props.items() if name in _OWN or name.startswith(("data-", "aria-"))}
    rest = {name: value for name, value in props.items() if name not in own}
    parts = {"tree": tree, "rest": rest, "children": live}
    return Plain(tag=tag, **own, **{name: part for name, part in parts.items() if part})  # type: ignore[no-untyped-call]


def _tree(content: Any, followed: Mapping[str, Set[str]], live: list[Component]) -> Any:
    """The content, with a slot in place of each component that lives; that one is added to `live`."""
    if isinstance(content, list | tuple):
        return [_tree(one, followed, live) for one in content]
    if not isinstance(content, Component):
        return content
    if content._namespace == _HTML and getattr(content, "id", "") not in followed:
        props = _props(content)
        return type(content)(**{**props, "children": _tree(props.get("children"), followed, live)})
    live.append(lightened(content, followed))
    return {"slot": len(live) - 1}
