"""Fields of a JSON document, read one by one. Each refusal is a BadInput that names the field and the cure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from analytics.errors import BadInput

Read = TypeVar("Read")
Fields = Mapping[str, Any]


def object_in(value: object) -> Fields:
    """The value, once it is an object."""
    if not isinstance(value, dict):
        raise BadInput(f"this must be an object with fields, not {str(value)[:20]!r}")
    return value


def text_in(fields: Fields, name: str, usual: str | None = None) -> str:
    """The text of that name; `usual` where there is none."""
    value = fields.get(name, usual)
    if not isinstance(value, str):
        raise BadInput(f"{name}: this must be a text" if name in fields else f"{name} is missing")
    return value


def choice_in(fields: Fields, name: str, known: tuple[Any, ...], usual: Any) -> Any:
    """The value of that name, once it is one of `known`; `usual` where there is none."""
    value = fields.get(name, usual)
    if value not in known:
        raise BadInput(f"{name}: “{str(value)[:20]}” is none of {', '.join(known)}")
    return value


def flag_in(fields: Fields, name: str, *, usual: bool) -> bool:
    """True or false; `usual` where there is none."""
    value = fields.get(name, usual)
    if not isinstance(value, bool):
        raise BadInput(f"{name}: this must be true or false")
    return value


def whole_in(fields: Fields, name: str, bounds: tuple[int, int], usual: int | None) -> int | None:
    """The whole number of that name, both bounds included; `usual` where there is none, None for null."""
    value = fields.get(name, usual)
    if value is not None and (
        isinstance(value, bool) or not isinstance(value, int) or not bounds[0] <= value <= bounds[1]
    ):
        raise BadInput(f"{name}: this must be a whole number from {bounds[0]:,} to {bounds[1]:,}")
    return value


def number_in(fields: Fields, name: str, bounds: tuple[float, float]) -> float | None:
    """The number of that name, both bounds included, never NaN; None where there is none, and for null."""
    value = fields.get(name)
    if value is None:
        return None
    real = isinstance(value, int | float) and not isinstance(value, bool)
    if not real or not bounds[0] <= value <= bounds[1]:
        raise BadInput(f"{name}: this must be a number from {bounds[0]:g} to {bounds[1]:g}")
    return float(value) + 0.0


def each_in(fields: Fields, name: str, read: Callable[[object], Read]) -> tuple[Read, ...]:
    """Every row of the list of that name, read by `read`; none where there is no list."""
    rows = fields.get(name, [])
    if not isinstance(rows, list):
        raise BadInput(f"{name}: this must be a list")
    return tuple(placed(f"{name}[{at}]", read, row) for at, row in enumerate(rows))


def placed(place: str, read: Callable[[object], Read], fields: object) -> Read:
    """What `read` makes of the fields; its refusal names the place."""
    try:
        return read(fields)
    except BadInput as error:
        # The places of the parts come first: watchlists[0].pairs[3]: ...
        joint = "." if re.match(r"\w+\[", str(error)) else ": "
        raise BadInput(f"{place}{joint}{error}") from error
