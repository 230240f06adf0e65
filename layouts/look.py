"""How everything is drawn: the palette, and the zone in which times are told. One `Look` serves the whole screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from layouts.theme import DARK, PALETTES, Palette
from layouts.zone import UTC_ZONE, Zone, zone_named

# What the store holds before the browser has told: theme and colours as the stylesheet begins with.
AT_FIRST: Final[dict[str, Any]] = {"theme": "dark", "colours": "safe", "zone": "UTC", "offset": 0}


@dataclass(frozen=True, slots=True)
class Look:
    """palette: of every figure.  zone: of every time that is written or drawn."""

    palette: Palette = DARK
    zone: Zone = UTC_ZONE


def look_of(told: Mapping[str, Any] | None) -> Look:
    """The look that the browser's store names."""
    known = AT_FIRST | dict(told or {})
    palette = PALETTES.get((known["theme"], known["colours"]), DARK)
    return Look(palette, zone_named(known["zone"], known["offset"]))
