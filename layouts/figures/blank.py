"""What stands where a chart will be: no axes that would invent a range, only a sentence."""

from __future__ import annotations

from typing import Any, Final

from layouts.theme import DARK, Palette, template

_CLEAR: Final = "rgba(0,0,0,0)"


def blank_figure(told: str = "", palette: Palette = DARK) -> dict[str, Any]:
    """No chart yet, and why."""
    hidden = {"visible": False}
    sentence = {"text": told, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    layout = {
        "template": template(palette),
        "paper_bgcolor": _CLEAR,  # the page behind it already has its colour
        "plot_bgcolor": _CLEAR,
        "xaxis": hidden,
        "yaxis": hidden,
        "annotations": [sentence] if told else [],
    }
    return {"data": [], "layout": layout}
