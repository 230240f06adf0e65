"""The ledger as it is read: what is missing comes first, nothing is left out without saying so."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from analytics.market import Gap
from layouts import holes
from tests.layouts.reading import components, text
from tests.screen_fake import LEDGER

NOON = 1_769_860_800_000  # 31 Jan 2026 12:00 UTC
MINUTE = 60_000


def lost(symbol: str, first_id: int, last_id: int, opened_at_ms: int) -> Gap:
    return Gap(symbol, first_id, last_id, "LOST", "beyond the horizon", opened_at_ms, opened_at_ms)


def cells(tree: object) -> list[list[str]]:
    """Text of each cell of each row below the header."""
    rows = [part for part in components(tree) if type(part).__name__ == "Tr"]
    return [[text(cell) for cell in row.children] for row in rows[1:]]


def test_open_comes_first_then_lost_then_filled_newest_first() -> None:
    rows = holes.matching(LEDGER, holes.EVERY, holes.EVERY)
    assert [(g.state, g.symbol) for g in rows] == [
        ("OPEN", "ETHUSDT"),
        ("LOST", "ETHUSDT"),
        ("LOST", "BTCUSDT"),
        ("FILLED", "BTCUSDT"),
        ("FILLED", "SOLUSDT"),
    ]


@given(st.sampled_from([holes.EVERY, "BTCUSDT", "ETHUSDT", "DOGEUSDT"]), st.sampled_from([holes.EVERY, *holes.STATES]))
def test_narrowing_keeps_exactly_what_fits(symbol: str, state: str) -> None:
    kept = holes.matching(LEDGER, symbol, state)
    for gap in LEDGER:
        fits = symbol in {holes.EVERY, gap.symbol} and state in {holes.EVERY, gap.state}
        assert (gap in kept) == fits


def test_a_row_tells_ids_count_cause_and_times() -> None:
    gap = Gap("BTCUSDT", 100, 1_340, "FILLED", "reconnect", NOON, NOON + 90_000)
    (row,) = cells(holes.holes_table([gap], holes.EVERY, NOON + 100_000))
    assert row == ["BTCUSDT", "FILLED", "100", "1340", "1,241", "reconnect", "12:00:00", "12:01:30"]


def test_each_cell_is_named_by_its_header() -> None:
    tree = holes.holes_table(list(LEDGER), holes.EVERY, NOON)
    heads = [text(part) for part in components(tree) if getattr(part, "scope", None) == "col"]
    labels = [getattr(part, "data-label") for part in components(tree) if hasattr(part, "data-label")]
    assert heads[0] == "Symbol"
    assert labels == heads[1:] * len(LEDGER)


def test_filled_ones_are_folded_and_counted() -> None:
    many = [Gap("BTCUSDT", 10 * n, 10 * n, "FILLED", "reconnect", n, n) for n in range(500)]
    missing = [lost("BTCUSDT", 10**6 + n, 10**6 + n, n) for n in range(60)]
    rows = holes.matching([*many, *missing], holes.EVERY, holes.EVERY)
    tree = holes.holes_table(rows, holes.EVERY, NOON)
    shown = cells(tree)
    assert [row[1] for row in shown] == ["LOST"] * 60 + ["FILLED"] * 30
    assert shown[60][2] == "4990"
    assert "and 470 older rows: the JSON file has them all" in text(tree)
    assert len(cells(holes.holes_table(many, "FILLED", NOON))) == 200


def test_an_empty_ledger_says_that_nothing_is_missing() -> None:
    assert text(holes.holes_table([], holes.EVERY, NOON)).startswith("No hole")
    assert text(holes.summary([])) == "0 holes open 0 holes lost 0 holes filled"


def test_the_summary_counts_holes_and_trades() -> None:
    assert text(holes.summary(list(LEDGER))) == (
        "1 hole open · 413 trades 2 holes lost · 12,043 trades 2 holes filled · 938 trades"
    )


def test_what_is_lost_is_one_sentence() -> None:
    three = [
        lost("BTCUSDT", 1, 12_000, NOON + 130 * MINUTE),
        lost("BTCUSDT", 20_000, 20_043, NOON + 151 * MINUTE),
        lost("BTCUSDT", 30_000, 30_000, NOON + 140 * MINUTE),
    ]
    told = holes.loss_sentence(three, NOON + 200 * MINUTE)
    assert told == "3 holes are lost for good (12,045 trades of BTCUSDT, seen 14:10 to 14:31 UTC)"
    one = holes.loss_sentence(three[2:], NOON + 86_400_000)
    assert one == "1 hole is lost for good (1 trade of BTCUSDT, seen 31 Jan 14:20 UTC)"
    both = holes.loss_sentence([three[0], lost("ETHUSDT", 5, 6, NOON - 86_400_000)], NOON + 200 * MINUTE)
    assert both == (
        "2 holes are lost for good (12,000 trades of BTCUSDT and 2 trades of ETHUSDT, seen 30 Jan 12:00 to 14:10 UTC)"
    )


def test_another_set_of_holes_has_another_key() -> None:
    some = [gap for gap in LEDGER if gap.state == "LOST"]
    assert holes.set_key(some) == holes.set_key(some[::-1])
    assert holes.set_key(some) == holes.set_key([replace(gap, cause="told otherwise") for gap in some])
    assert holes.set_key(some) != holes.set_key(some[:1])
    assert holes.set_key(some) != holes.set_key([replace(some[0], last_id=some[0].last_id + 1), some[1]])


def test_a_table_that_is_narrowed_to_nothing_does_not_say_that_nothing_is_missing() -> None:
    assert text(holes.holes_table([], holes.EVERY, NOON)).startswith("No hole: every trade")
    assert text(holes.holes_table([], "OPEN", NOON)) == "No hole is open."
