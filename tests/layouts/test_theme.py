"""Six palettes: the same on page and chart, readable on every ground, and told apart by every kind of colour vision."""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import combinations, product
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray

from layouts.look import look_of
from layouts.theme import DARK, PALETTES, Palette

ASSETS: Final = Path(__file__).parents[2] / "assets"
LOOKS: Final = list(PALETTES)
GROUNDS: Final = ("ground", "panel", "raised")
ROLES: Final = tuple(field.name for field in fields(Palette))

Colour = NDArray[np.float64]

# Machado, Oliveira, Fernandes: A Physiologically-based Model for Simulation of Color Vision Deficiency, IEEE TVCG
# 15 (2009), severity 1.0; on linear RGB.
VISIONS: Final = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# IEC 61966-2-1: linear sRGB to XYZ under D65.
TO_XYZ: Final = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE: Final = TO_XYZ.sum(axis=1)


def linear(colour: str) -> Colour:
    """(3,) linear RGB, WCAG 2.2 and IEC 61966-2-1."""
    parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, from 1 to 21."""
    darker, lighter = sorted(float(np.array([0.2126, 0.7152, 0.0722]) @ linear(colour)) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def lab(colour: Colour) -> Colour:
    """(3,) CIE 1976 L*a*b* of linear RGB."""
    t = TO_XYZ @ np.clip(colour, 0, 1) / WHITE
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def distance(one: str, other: str, vision: str) -> float:
    """CIE 1976 colour difference as an eye of that kind sees it; 2.3 is just noticeable."""
    seen = (lab(VISIONS[vision] @ linear(colour)) for colour in (one, other))
    return float(np.linalg.norm(next(seen) - next(seen)))


def mixed(colour: str, share: float, ground: str) -> str:
    """`color-mix(in srgb, colour share, ground)`."""
    parts = ((int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in parts)


def applies(selector: str, theme: str, colours: str) -> bool:
    """Whether a selector of tokens.css, one of its few forms, means the page with these two attributes."""
    themes = re.findall(r'data-bs-theme="(\w+)"', selector)
    sets = re.findall(r'data-colours="(\w+)"', selector)
    if ":root" in selector and theme == "dark":
        themes = []
    return (not themes or theme in themes) and (not sets or colours in sets)


def tokens(theme: str, colours: str) -> dict[str, str]:
    """Every colour that tokens.css gives such a page; a later block overrides an earlier one."""
    found: dict[str, str] = {}
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", (ASSETS / "tokens.css").read_text()):
        if applies(selector, theme, colours):
            found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))
    return {name.replace("-", "_"): value for name, value in found.items()}


def test_contrast_is_measured_as_published() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_colour_blindness_is_simulated_as_published() -> None:
    for matrix in VISIONS.values():
        np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=2e-6)  # greys stay grey
    assert distance("#ffffff", "#000000", "usual") == pytest.approx(100, abs=0.1)
    assert distance("#3ddc84", "#ff6b6b", "usual") > 3 * distance("#3ddc84", "#ff6b6b", "deuteranopia")


@pytest.mark.parametrize(("theme", "colours"), LOOKS)
def test_the_page_and_its_charts_hold_the_same_colours(theme: str, colours: str) -> None:
    palette = look_of({"theme": theme, "colours": colours}).palette
    assert tokens(theme, colours) == {role: getattr(palette, role) for role in ROLES}


def test_six_looks_are_six_palettes() -> None:
    assert set(LOOKS) == set(product(("dark", "light"), ("safe", "classic", "inverted")))
    assert len(set(PALETTES.values())) == 6
    assert look_of({"theme": "purple"}).palette == DARK


def test_no_other_stylesheet_and_no_icon_script_names_a_colour() -> None:
    for path in (p for p in ASSETS.iterdir() if p.suffix in {".css", ".js"} and p.name != "tokens.css"):
        code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        assert not re.search(
            r"(?<![\w&-])#([0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|\brgba?\(|\bhsla?\(", code
        ), path


@pytest.mark.parametrize("look", LOOKS)
def test_words_stand_out_from_every_ground(look: tuple[str, str]) -> None:
    palette = PALETTES[look]  # type: ignore[index]
    for words, ground in product(("text", "soft", "faint", "y", "x", "second", "good", "mind", "bad"), GROUNDS):
        assert contrast(getattr(palette, words), getattr(palette, ground)) >= 4.5, (words, ground)


@pytest.mark.parametrize("look", LOOKS)
def test_words_stand_out_from_tinted_grounds(look: tuple[str, str]) -> None:
    palette = PALETTES[look]  # type: ignore[index]
    on_tints = [
        (palette.bad, mixed(palette.bad, 0.12, palette.panel)),  # notices
        (palette.ink, palette.notice),
        (palette.text, mixed(palette.y, 0.32, palette.raised)),  # what is chosen, and buttons
        (palette.text, mixed(palette.y, 0.50, palette.raised)),
        (palette.text, palette.line),  # what the pointer is on
        (palette.soft, palette.line),
        (palette.soft, palette.shade_backfilled),
        (palette.soft, palette.shade_hole),
        *((palette.ground, getattr(palette, role)) for role in ("mind", "bad", "y", "x", "bright", "band")),  # filled
    ]
    for words, ground in on_tints:
        assert contrast(words, ground) >= 4.5, (words, ground)


@pytest.mark.parametrize("look", LOOKS)
def test_lines_and_borders_stand_out(look: tuple[str, str]) -> None:
    palette = PALETTES[look]  # type: ignore[index]
    for role, ground in product(("edge", "up", "down", "y", "x", "bright", "second", "band"), GROUNDS):
        assert contrast(getattr(palette, role), getattr(palette, ground)) >= 3, (role, ground)
    for role, shade in product(("y", "x", "bright", "up", "down"), ("shade_backfilled", "shade_hole")):
        assert contrast(getattr(palette, role), getattr(palette, shade)) >= 3, (role, shade)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("look", LOOKS)
def test_every_eye_tells_the_legs_and_the_shades_apart(look: tuple[str, str], vision: str) -> None:
    palette = PALETTES[look]  # type: ignore[index]
    assert distance(palette.y, palette.x, vision) >= 40
    assert distance(palette.bright, palette.second, vision) >= 20
    assert distance(palette.shade_backfilled, palette.ground, vision) >= 8
    assert distance(palette.shade_hole, palette.ground, vision) >= 8


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_eye_tells_up_from_down_and_good_from_bad_in_the_safe_colours(theme: str, vision: str) -> None:
    palette = PALETTES[theme, "safe"]
    assert distance(palette.up, palette.down, vision) >= 40
    for one, other in combinations((palette.good, palette.mind, palette.bad), 2):
        assert distance(one, other, vision) >= 20, (one, other)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_classic_is_green_up_and_inverted_is_red_up(theme: str) -> None:
    classic, inverted = PALETTES[theme, "classic"], PALETTES[theme, "inverted"]
    assert (inverted.up, inverted.down) == (classic.down, classic.up)
    red, green, _ = linear(classic.up)
    assert green > 3 * red
    red, green, _ = linear(classic.down)
    assert red > 3 * green
    assert distance(classic.up, classic.down, "usual") >= 60
