"""How numbers are written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layouts import numbers
from layouts.numbers import DASH, MINUS


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numbers.fixed(63_958.4, 2), "63,958.40"),
        (numbers.fixed(-0.004, 2), "0.00"),
        (numbers.fixed(float("nan"), 2), DASH),
        (numbers.fixed(float("inf"), 2), DASH),
        (numbers.signed(14.816, 2), "+14.82"),
        (numbers.signed(-14.816, 2), f"{MINUS}14.82"),
        (numbers.signed(0.001, 2), "0.00"),
        (numbers.signed(float("nan"), 2), DASH),
        (numbers.zscore(2.3149), "+2.31"),
        (numbers.correlation(0.97149), "0.971"),
        (numbers.correlation(-0.2), f"{MINUS}0.200"),
        (numbers.pvalue(0.0004), "<0.001"),
        (numbers.pvalue(0.0), "<0.001"),
        (numbers.pvalue(0.0262), "0.026"),
        (numbers.pvalue(0.9999), ">0.999"),
        (numbers.pvalue(0.0496), "0.0496"),
        (numbers.pvalue(0.05004), "0.05004"),
        (numbers.pvalue(0.0494), "0.049"),
        (numbers.pvalue(0.05), "0.050"),
        (numbers.pvalue(float("nan")), DASH),
        (numbers.interval(18.5701, 18.6762), "18.57 to 18.68"),
        (numbers.interval(-0.02, 0.4), f"{MINUS}0.02000 to 0.4000"),
        (numbers.interval(63_958.1, 63_958.4), "63,958.10 to 63,958.40"),
        (numbers.interval(2.0, 2.0), "2.000 to 2.000"),
        (numbers.significant(18.624), "18.62"),
        (numbers.significant(0.053712), "0.05371"),
        (numbers.significant(1234.4), "1,234"),
        (numbers.significant(99_999.6), "100,000"),
        (numbers.significant(9.99996), "10.00"),
        (numbers.significant(-0.5), f"{MINUS}0.5000"),
        (numbers.significant(0.00000023, 2), "2.3e−7"),
        (numbers.significant(0.0), "0"),
        (numbers.count(1_284_911), "1,284,911"),
        (numbers.rate(212.4), "212/s"),
        (numbers.rate(3.44, "msg"), "3.4 msg/s"),
        (numbers.duration(120), "0.1 s"),
        (numbers.duration(12_400), "12 s"),
        (numbers.duration(119_000), "119 s"),
        (numbers.duration(185_000), "3 min"),
        (numbers.duration(2 * 3_600_000), "2 h"),
        (numbers.duration(4 * 86_400_000), "4 d"),
        (numbers.duration(None), DASH),
        (numbers.milliseconds(38), "38 ms"),
        (numbers.milliseconds(3_400), "3.4 s"),
        (numbers.milliseconds(None), DASH),
        (numbers.typeset("t = -3.02, so-called 2020-01"), f"t = {MINUS}3.02, so-called 2020-01"),
    ],
)
def test_written_as_traders_read_it(written: str, expected: str) -> None:
    assert written == expected


def read(text: str) -> float:
    return float(text.replace(MINUS, "-").replace(",", "").replace("+", ""))


@given(st.floats(-1e9, 1e9), st.integers(0, 8))
def test_a_written_number_reads_back_to_its_last_place(value: float, decimals: int) -> None:
    assert abs(read(numbers.signed(value, decimals)) - value) <= 0.5000001 * 10**-decimals + 1e-6 * abs(value) * 1e-6


@given(st.floats(1e-12, 1e12), st.sampled_from((-1.0, 1.0)))
def test_four_significant_figures_are_kept(size: float, sign: float) -> None:
    shown = read(numbers.significant(sign * size))
    assert math.isclose(shown, sign * size, rel_tol=5.0001e-4)


@given(st.floats(allow_nan=True, allow_infinity=True), st.integers(0, 8))
def test_no_hyphen_stands_for_a_minus(value: float, decimals: int) -> None:
    assert "-" not in numbers.fixed(value, decimals) + numbers.signed(value, decimals) + numbers.significant(value)
