"""The palettes and the chart template. The same tokens stand in `assets/tokens.css`; a test keeps the two alike.

A palette is a theme in one of three sets of colours. Blue and orange tell the legs apart for every kind of colour
vision in all of them. `safe` does the same for up and down and for good, mind and bad; `classic` is green up and red
down, `inverted` red up and green down. Whatever the colours, a word, a sign or a shape stands beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from analytics.kept import Colours


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by role, as hex."""

    ground: str  # behind everything
    panel: str  # bars and columns
    raised: str  # cards and inputs
    line: str  # hairlines
    edge: str  # borders of what can be clicked: 3 to 1 on every ground above
    text: str
    soft: str  # second line of a card
    faint: str  # labels; still 4.5 to 1 on every ground
    y: str  # the leg explained
    x: str  # the leg that explains
    bright: str  # the one line of a pane
    second: str  # the thin line beside it
    good: str
    mind: str
    bad: str  # do not rely on it
    up: str
    down: str
    notice: str  # behind what must not be missed; its words are `ink`
    ink: str
    band: str  # levels at which something is to be done
    shade_backfilled: str  # behind a stretch that was fetched later
    shade_hole: str  # behind a stretch that is missing
    older: str  # the ends and the middle of a scale from the oldest to the newest
    between: str
    newer: str


DARK: Final = Palette(
    ground="#0a0d12",
    panel="#0f141b",
    raised="#151b24",
    line="#1d2530",
    edge="#5a697e",
    text="#e8edf4",
    soft="#aab5c3",
    faint="#8593a5",
    y="#58a6ff",
    x="#ffa657",
    bright="#e3e9f1",
    second="#a996ff",
    good="#5cdbe6",
    mind="#f5d050",
    bad="#f5666e",
    up="#45b8ff",
    down="#ff8a4c",
    notice="#f5d050",
    ink="#12161d",
    band="#f2c14e",
    shade_backfilled="#2a220f",
    shade_hole="#301f38",
    older="#33415a",
    between="#7d6fd0",
    newer="#f3e9ff",
)
LIGHT: Final = Palette(
    ground="#ffffff",
    panel="#f3f5f8",
    raised="#fcfdfe",
    line="#dde3ea",
    edge="#7f8b9b",
    text="#121821",
    soft="#41505f",
    faint="#596777",
    y="#0b63ce",
    x="#a84700",
    bright="#1b2430",
    second="#6b4fd0",
    good="#006f80",
    mind="#846300",
    bad="#950d38",
    up="#0b6cbc",
    down="#b84300",
    notice="#f7cf52",
    ink="#121821",
    band="#946a00",
    shade_backfilled="#fbe9c0",
    shade_hole="#eadff0",
    older="#b9c2d6",
    between="#8271d8",
    newer="#2a1a66",
)
_DARK_CLASSIC: Final = replace(DARK, good="#3ddc84", mind="#f2c14e", bad="#ff6b6b", up="#2fd07d", down="#ff6262")
_LIGHT_CLASSIC: Final = replace(LIGHT, good="#0a7038", mind="#846000", bad="#b8132a", up="#0a7038", down="#c4152c")


def _inverted(palette: Palette) -> Palette:
    return replace(palette, up=palette.down, down=palette.up)


PALETTES: Final[Mapping[tuple[str, Colours], Palette]] = MappingProxyType(
    {
        ("dark", "safe"): DARK,
        ("dark", "classic"): _DARK_CLASSIC,
        ("dark", "inverted"): _inverted(_DARK_CLASSIC),
        ("light", "safe"): LIGHT,
        ("light", "classic"): _LIGHT_CLASSIC,
        ("light", "inverted"): _inverted(_LIGHT_CLASSIC),
    }
)

FONT: Final = '"Inter Variable", Inter, system-ui, sans-serif'


def _axis(palette: Palette) -> dict[str, Any]:
    return {
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"size": 11, "color": palette.faint},
        "title": {"font": {"size": 10, "color": palette.faint}, "standoff": 6},
    }


def template(palette: Palette = DARK) -> dict[str, Any]:
    """What all charts share: fonts, grounds, grids, hover boxes."""
    return {
        "layout": {
            "font": {"family": FONT, "size": 11, "color": palette.soft},
            "paper_bgcolor": palette.ground,
            "plot_bgcolor": palette.ground,
            "colorway": [palette.y, palette.x, palette.bright],
            "hoverlabel": {
                "bgcolor": palette.raised,
                "bordercolor": palette.edge,
                "font": {"family": FONT, "size": 11, "color": palette.text},
            },
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": palette.faint, "activecolor": palette.text},
            "showlegend": False,
            "xaxis": _axis(palette),
            "yaxis": _axis(palette),
        }
    }
