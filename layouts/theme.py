"""The palette and the chart template. The same tokens stand in `assets/tokens.css`; a test keeps the two alike.

A second theme is a second `Palette`. Blue and orange tell the legs apart for every kind of colour vision; green says
only "good", amber "mind this", red "do not rely on it", and each of them stands beside a word and a shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by role, as hex."""

    ground: str  # behind everything
    panel: str  # bars and columns
    raised: str  # cards and inputs
    line: str  # hairlines
    edge: str  # borders of what can be clicked
    text: str
    soft: str  # second line of a card
    faint: str  # labels; still 4.5 to 1 on every ground above
    y: str  # the leg explained
    x: str  # the leg that explains
    bright: str  # the one line of a pane
    second: str  # the thin line beside it
    good: str
    mind: str
    bad: str


DARK: Final = Palette(
    ground="#0a0d12",
    panel="#0f141b",
    raised="#151b24",
    line="#1d2530",
    edge="#2c3848",
    text="#e8edf4",
    soft="#aab5c3",
    faint="#8593a5",
    y="#58a6ff",
    x="#ffa657",
    bright="#e3e9f1",
    second="#a996ff",
    good="#4ad6a0",
    mind="#f2c14e",
    bad="#ff7b82",
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
