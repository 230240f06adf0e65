"""The page as a whole: its ids, its controls, its colours."""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest

from analytics.market import PairParams, PairQuery, Timeframe
from layouts import ids
from layouts.controls import listed_mark
from layouts.screen import screen
from layouts.theme import DARK
from tests.layouts.reading import components, text
from tests.screen_fake import LISTINGS, QUERY

ASSETS: Final = Path(__file__).parents[2] / "assets"
NAMED = {value for name, value in vars(ids).items() if name.isupper()}


def props(query: PairQuery = QUERY) -> dict[str, Any]:
    return {c.id: c for c in components(screen(LISTINGS, query)) if getattr(c, "id", None) is not None}


def test_every_id_stands_in_the_layout_once() -> None:
    found = [c.id for c in components(screen(LISTINGS, QUERY)) if getattr(c, "id", None) is not None]
    tips = [name for name in found if name.startswith("defined-")]
    assert len(set(tips)) == len(tips)
    assert sorted(set(found) - set(tips)) == sorted(NAMED)
    assert len(found) == len(NAMED) + len(tips)


def test_the_controls_show_the_view() -> None:
    query = PairQuery("SOLUSDT", "ETHUSDT", PairParams(Timeframe.M5, 120, include_intercept=False))
    shown = {name: getattr(c, "value", None) for name, c in props(query).items()}
    assert text(props(query)[ids.PAIR]) == "Pair SOLUSDT / ETHUSDT /"
    assert shown[ids.TIMEFRAME] == "5m"
    assert shown[ids.WINDOW] == "120"
    assert shown[ids.INTERCEPT] is False


def test_another_list_of_symbols_has_another_mark() -> None:
    assert listed_mark(()) != listed_mark(LISTINGS)


def test_every_timeframe_is_offered() -> None:
    options = props()[ids.TIMEFRAME].options
    assert [option["value"] for option in options] == [t.value for t in Timeframe]


def test_zscore_and_verdict_come_first() -> None:
    found = [c.id for c in components(screen(LISTINGS, QUERY)) if str(getattr(c, "id", "")).endswith("-card")]
    assert found[:2] == [ids.ZSCORE_CARD, ids.VERDICT_CARD]


def test_before_the_first_answer_nothing_claims_a_number() -> None:
    told = text([props()[name] for name in sorted(NAMED) if name.endswith("-card")])
    assert not re.search(r"\d", told)


def test_the_stylesheet_and_the_chart_hold_the_same_colours() -> None:
    css = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", (ASSETS / "tokens.css").read_text()))
    assert css == {field.name: getattr(DARK, field.name) for field in fields(DARK)}


def test_no_other_stylesheet_names_a_colour_of_the_palette() -> None:
    tokens = {getattr(DARK, field.name) for field in fields(DARK)}
    for sheet in (path for path in ASSETS.glob("*.css") if path.name != "tokens.css"):
        assert not tokens & set(re.findall(r"#[0-9a-f]{6}", sheet.read_text())), sheet


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_published() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(
    ("words", "ground"),
    list(product(("text", "soft", "faint", "y", "x", "good", "mind", "bad"), ("ground", "panel", "raised"))),
)
def test_words_stand_out_from_every_ground(words: str, ground: str) -> None:
    assert contrast(getattr(DARK, words), getattr(DARK, ground)) >= 4.5


def test_nothing_in_our_assets_points_elsewhere() -> None:
    own = [p for p in ASSETS.rglob("*") if p.suffix in {".css", ".js", ".svg"} and "vendor" not in p.parts]
    assert own
    for path in own:
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", path.read_text()), path


def test_vendored_files_ship_their_licences_and_no_maps() -> None:
    for folder in (p for p in (ASSETS / "vendor").iterdir() if p.is_dir()):
        assert (folder / "LICENSE").is_file()
        for path in folder.iterdir():
            assert b"sourceMappingURL" not in path.read_bytes(), path
