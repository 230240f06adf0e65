"""The keys: one table for what is done and what is told."""

from __future__ import annotations

from layouts.keys import KEYS, TIMEFRAMES, key_lists, key_table, keys_sheet
from layouts.navigation import PAGES
from tests.layouts.reading import text


def test_no_two_keys_are_alike() -> None:
    pressed = [row["keys"] for row in key_table()]
    assert len({" ".join(keys) for keys in pressed}) == len(pressed)


def test_the_first_key_of_two_does_nothing_by_itself() -> None:
    single = {row["keys"][0] for row in key_table() if len(row["keys"]) == 1}
    assert not single & {row["keys"][0] for row in key_table() if len(row["keys"]) == 2}


def test_every_page_has_its_key() -> None:
    led_to = {row["does"][1] for row in key_table() if row["does"][0] == "go"}
    assert led_to == {page.path for page in PAGES}


def test_the_digits_choose_bars_from_short_to_long() -> None:
    lengths = [timeframe.milliseconds for timeframe in TIMEFRAMES.values()]
    assert list(TIMEFRAMES) == list("123456")
    assert lengths == sorted(lengths)


def test_the_sheet_tells_every_key() -> None:
    told = text(keys_sheet())
    assert told.endswith(text(key_lists()))
    assert [key.what for key in KEYS if key.what not in told] == []
