"""What is seen of the chart as a table."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from analytics.analysis import PairAnalysis
from layouts.chart_csv import chart_csv, csv_name
from tests.layouts.drawn import LEGS, analysis


@pytest.fixture(scope="module")
def seen() -> PairAnalysis:
    return analysis(300, 60)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("".join(f"{one}\n" for one in text.splitlines() if one[0] != "#"))))


def test_every_row_that_is_seen_is_there_to_the_last_bit(seen: PairAnalysis) -> None:
    begin, end = int(seen.time_ms[100]), int(seen.time_ms[199])
    table = rows(chart_csv(seen, LEGS, begin, end))
    assert [int(row["time_ms"]) for row in table] == seen.time_ms[100:200].tolist()
    columns = {"price_btcusdt": seen.y, "price_ethusdt": seen.x, "spread": seen.spread, "zscore": seen.zscore}
    for name, column in columns.items():
        assert np.array_equal([float(row[name]) for row in table], column[100:200])
    assert {row["clean"] for row in table} == {"true"}


def test_times_are_utc_and_what_is_not_known_is_empty(seen: PairAnalysis) -> None:
    first = rows(chart_csv(seen, LEGS, int(seen.time_ms[0]), int(seen.time_ms[0])))[0]
    assert first["ts"] == "2025-10-09T08:53:20.000Z"
    assert first["zscore"] == ""


def test_the_file_says_what_its_numbers_rest_on(seen: PairAnalysis) -> None:
    told = [line for line in chart_csv(seen, LEGS, 0, 1).splitlines() if line.startswith("#")]
    assert told[0] == "# view ?pair=BTCUSDT-ETHUSDT&tf=1s&window=60&intercept=1"
    assert told[1].startswith("# fit ols, slope ")
    assert "up to 2025-10-09T08:58:19.000Z" in told[1]


def test_simulated_trades_are_known_by_the_name_of_the_file(seen: PairAnalysis) -> None:
    begin, end = int(seen.time_ms[0]), int(seen.time_ms[-1])
    live, demo = (csv_name(seen, begin, end, source) for source in ("live", "demo"))
    assert live == "pairwatch-btcusdt-ethusdt-1s-20251009T085320Z-20251009T085819Z.csv"
    assert demo.startswith("pairwatch-demo-")
