"""What is back-filled of a symbol that trades in every other second only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, event

from analytics.bars import bars_from_ticks
from analytics.market import Timeframe
from storage.sql import SqlStore
from tests.storage.trades import DAY_MS, SYMBOL, trades


@pytest.fixture
def questions() -> Iterator[list[str]]:
    """Every SELECT of bars, by whomever."""
    asked: list[str] = []

    def executes(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT") and "bars_1s" in statement:
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", executes)
    yield asked
    event.remove(Engine, "before_cursor_execute", executes)


def test_a_page_of_them_takes_a_question_a_stretch_and_not_a_question_a_second(
    opened: Callable[..., SqlStore], tmp_path: Path, questions: list[str]
) -> None:
    store = opened(tmp_path / "live.db")
    wanted = trades(range(1, 2_001), ms_per_trade=2_300)
    # The second half is there, with every fifth of the first: the page falls between bars that stand already.
    there = np.concatenate((np.arange(0, 1_000, 5), np.arange(1_000, 2_000)))
    store.append(SYMBOL, wanted.rows(there))
    store.flush()
    questions.clear()
    store.append(SYMBOL, wanted.rows(np.setdiff1d(np.arange(1_000), there)), backfilled=True)
    store.flush()
    assert len(questions) <= 5
    bars = store.bars(SYMBOL, Timeframe.S1, start_ms=0, end_ms=2 * DAY_MS)
    cut = bars_from_ticks(wanted, Timeframe.S1)
    for name in ("start_ms", "open", "high", "low", "close", "volume", "trades", "first_id", "last_id"):
        np.testing.assert_array_equal(getattr(bars, name), getattr(cut, name), err_msg=name)
