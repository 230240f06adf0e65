"""The page as a whole: its ids, its controls, its colours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from analytics.kept import Preferences
from analytics.market import PairParams, PairQuery, Timeframe
from layouts import ids
from layouts.controls import listed_mark
from layouts.screen import screen
from tests.layouts.reading import components, text
from tests.screen_fake import LISTINGS, QUERY

ASSETS: Final = Path(__file__).parents[2] / "assets"
NAMED = ids.every()


def props(query: PairQuery = QUERY) -> dict[str, Any]:
    return {c.id: c for c in components(screen(LISTINGS, query, Preferences())) if getattr(c, "id", None) is not None}


def test_every_id_stands_in_the_layout_once() -> None:
    found = [c.id for c in components(screen(LISTINGS, QUERY, Preferences())) if getattr(c, "id", None) is not None]
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
    found = [
        c.id for c in components(screen(LISTINGS, QUERY, Preferences())) if str(getattr(c, "id", "")).endswith("-card")
    ]
    assert found[:2] == [ids.ZSCORE_CARD, ids.VERDICT_CARD]


def test_before_the_first_answer_nothing_claims_a_number() -> None:
    told = text([props()[name] for name in sorted(NAMED) if name.endswith("-card")])
    assert not re.search(r"\d", told)


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
