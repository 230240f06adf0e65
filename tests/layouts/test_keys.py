"""The keys: one table for what is done and what is told."""

from __future__ import annotations

from layouts.keys import KEYS, TIMEFRAMES, key_table
from layouts.navigation import PAGES

ACTED_UPON = [row for row in key_table() if row["does"]]


def test_no_two_keys_are_alike() -> None:
    pressed = [row["keys"] for row in ACTED_UPON]
    assert len({" ".join(keys) for keys in pressed}) == len(pressed)


def test_the_first_key_of_two_does_nothing_by_itself() -> None:
    single = {row["keys"][0] for row in ACTED_UPON if len(row["keys"]) == 1}
    assert not single & {row["keys"][0] for row in ACTED_UPON if len(row["keys"]) == 2}


def test_every_page_has_its_key() -> None:
    led_to = {row["does"][1] for row in ACTED_UPON if row["does"][0] == "go"}
    assert led_to == {page.path for page in PAGES}


def test_the_digits_choose_bars_from_short_to_long() -> None:
    lengths = [timeframe.milliseconds for timeframe in TIMEFRAMES.values()]
    assert list(TIMEFRAMES) == list("123456")
    assert lengths == sorted(lengths)


def test_the_browser_is_told_every_key_and_where_it_works() -> None:
    assert [(row["where"], row["what"]) for row in key_table()] == [(key.where, key.what) for key in KEYS]
    assert [row["caps"] for row in key_table() if row["keys"] == [" "]] == [["Space"]]
