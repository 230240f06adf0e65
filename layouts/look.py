"""How everything is drawn: the palette, and the zone in which times are told. One `Look` serves the whole screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from layouts.theme import DARK, Palette

# What the store holds before the browser has told: theme and colours as the stylesheet begins with.
AT_FIRST: Final = {"theme": "dark", "colours": "safe", "zone": "UTC"}


@dataclass(frozen=True, slots=True)
class Look:
    """palette: of every figure.  zone: "UTC", or the name of the browser's zone."""

    palette: Palette = DARK
    zone: str = "UTC"


def look_of(told: Mapping[str, str] | None) -> Look:
    """The look that the browser's store names."""
    return Look(zone=(told or AT_FIRST)["zone"])
