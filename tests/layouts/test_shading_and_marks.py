"""What the chart says of its own record, and of the levels that were crossed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.stretches import Stretch, StretchKind
from layouts.chart_view import ChartView
from layouts.figures.chart import pair_figure
from layouts.figures.marked import level_marks
from layouts.figures.shading import shaded
from layouts.figures.subject import Subject
from tests.layouts.drawn import analysis, decoded, noted, shapes, subject
from tests.screen_fake import START_MS


def stretch(kind: StretchKind, begin_s: int, end_s: int, symbol: str = "BTCUSDT", trades: int | None = None) -> Stretch:
    told = None if trades is None else START_MS + 1_000 * end_s
    return Stretch(symbol, kind, START_MS + 1_000 * begin_s, START_MS + 1_000 * end_s, trades, told)


def told(*stretches: Stretch) -> list[str]:
    return [one.words for one in shaded(subject(stretches=stretches))]


def rectangles(shown: Subject, shade: str) -> list[tuple[float, float]]:
    (trace,) = (t for t in pair_figure(shown)["data"] if t["meta"]["pane"] == "shade" and t["name"] == shade)
    corners = decoded(trace["x"]).reshape(-1, 6)
    return [((c[0] - START_MS) / 1000, (c[1] - START_MS) / 1000) for c in corners]


def test_every_kind_of_stretch_has_its_words() -> None:
    assert told(stretch("lost", 100, 130, trades=12_044)) == ["BTC: lost, seen 08:55:30, 12,044 trades"]
    assert told(stretch("open", 100, 130, trades=1)) == ["BTC: missing since 08:55:30, 1 trade, being filled"]
    assert told(stretch("backfilled", 100, 130, trades=412)) == ["BTC: back-filled 08:55:30, 412 trades"]
    assert told(stretch("quiet", 100, 142, "ETHUSDT")) == ["ETH: no trade for 42 s"]
    assert told(stretch("incomplete", 100, 101)) == ["BTC: not every trade is here"]


def test_legs_that_were_cut_together_are_told_together() -> None:
    both = (stretch("lost", 100, 130, trades=40), stretch("lost", 101, 131, "ETHUSDT", trades=2))
    assert told(*both) == ["BTC, ETH: lost, seen 08:55:31, 42 trades"]


def test_a_stretch_ends_where_the_rows_do_and_is_left_out_before_them() -> None:
    found = shaded(subject(stretches=(stretch("lost", -500, -400), stretch("quiet", 1_480, 9_000))))
    assert [(one.kind, one.end_ms) for one in found] == [("quiet", START_MS + 1_500_000)]


def test_holes_fills_and_silence_are_told_apart_without_colour() -> None:
    shown = subject(stretches=(stretch("lost", 10, 20), stretch("backfilled", 30, 40), stretch("quiet", 50, 90)))
    looks = {
        t["name"]: (t.get("fillpattern", {}).get("shape"), t["line"]["dash"])
        for t in pair_figure(shown)["data"]
        if t["meta"]["pane"] == "shade"
    }
    assert len(set(looks.values())) == 3
    assert (rectangles(shown, "hole"), rectangles(shown, "backfilled")) == ([(10, 20)], [(30, 40)])


def test_history_is_no_shade_but_a_line_where_the_feed_begins() -> None:
    shown = subject(stretches=(stretch("history", -100, 400),))
    assert [rectangles(shown, shade) for shade in ("hole", "backfilled", "quiet")] == [[], [], []]
    assert shapes(shown, "history")["history"]["x0"] == "2025-10-09T09:00:00"
    assert noted(shown, "stretch:")["stretch:history"]["text"] == "BTC: live from here"


def test_a_sample_that_is_all_history_has_no_such_line() -> None:
    assert shapes(subject(stretches=(stretch("history", -100, 1_500),)), "history") == {}


def test_labels_leave_room_for_each_other_and_the_browser_knows_all_of_them() -> None:
    many = tuple(stretch("lost", 50 * n, 50 * n + 10, trades=n + 1) for n in range(28))
    layout = pair_figure(subject(stretches=many))["layout"]
    labels = [one for one in layout["annotations"] if one["name"].startswith("stretch:")]
    assert 3 <= len(labels) <= 6
    places = {(one["yshift"], one["x"]) for one in labels}
    assert len(places) == len(labels)
    assert len(layout["meta"]["stretches"]) == 28


def test_crossings_are_marked_on_the_zscore_with_their_words() -> None:
    seen = analysis()
    chart = ChartView()
    marks = level_marks(seen, chart)
    assert len(marks) > 4
    first, then = marks[0], marks[1]
    assert first.kind.startswith("out")
    assert then.kind == "back"
    assert first.text.startswith(("above entry, z +", "below entry, z −"))
    shown = subject(seen, marks=marks)
    (drawn,) = (
        t for t in pair_figure(shown)["data"] if t["meta"].get("role") == "marks" and t["meta"]["pane"] == "zscore"
    )
    assert len(decoded(drawn["x"])) == len(drawn["text"]) == len(drawn["marker"]["symbol"]) == len(marks)
    row = int(np.searchsorted(seen.time_ms, first.time_ms))
    assert decoded(drawn["y"])[0] == np.float32(seen.zscore[row])


def test_marks_rest_on_the_zscore_as_it_was_known_then_and_on_full_windows() -> None:
    seen = analysis()
    calm = replace(seen, zscore_as_known=np.zeros(len(seen.time_ms)))
    assert level_marks(calm, ChartView()) == ()
    first_full_ms = seen.time_ms[seen.query.params.window_bars]
    assert all(mark.time_ms >= first_full_ms for mark in level_marks(seen, ChartView()))


@pytest.mark.parametrize("entry", [1.5, 2.0, 2.5])
def test_a_wider_level_has_fewer_crossings(entry: float) -> None:
    seen = analysis()
    assert len(level_marks(seen, ChartView(entry_zscore=entry))) >= len(level_marks(seen, ChartView(entry_zscore=3.0)))


def test_hidden_marks_are_not_sent() -> None:
    figure = pair_figure(subject(chart=ChartView(marks=False)))
    assert not [trace for trace in figure["data"] if trace["meta"].get("role") == "marks"]
