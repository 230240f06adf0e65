"""How numbers are written: true minus sign, figures by what they measure, and a dash where there is none.

Every function takes a float and gives text; a value that is not finite is the dash.
"""

from __future__ import annotations

import math
import re
from typing import Final

MINUS: Final = "−"
DASH: Final = "—"

_HYPHEN_MINUS: Final = re.compile(r"(?<![\w-])-(?=\d)")
_SMALLEST_DECIMALS: Final = 7  # beyond these a hedge ratio is written with a power of ten
_LARGEST_EXPONENT: Final = 11
_LEVEL: Final = 0.05  # where a p-value passes
_MOST_DECIMALS: Final = 7


def fixed(value: float, decimals: int) -> str:
    """`decimals` places, thousands grouped: 63,958.40."""
    if not math.isfinite(value):
        return DASH
    text = f"{value:,.{decimals}f}"
    if not any(digit in "123456789" for digit in text):
        text = text.lstrip("-")  # -0.00 is zero
    return text.replace("-", MINUS)


def signed(value: float, decimals: int) -> str:
    """Like `fixed`, with a plus before what is above zero once rounded."""
    text = fixed(value, decimals)
    return f"+{text}" if text[0].isdigit() and any(digit in "123456789" for digit in text) else text


def zscore(value: float) -> str:
    """Two places and a sign: +2.31."""
    return signed(value, 2)


def correlation(value: float) -> str:
    """Three places: 0.971."""
    return fixed(value, 3)


def basis_points(value: float) -> str:
    """Hundredths of a percent, one place and a sign: +9.4 bp."""
    return f"{signed(value, 1)} bp"


def pvalue(value: float) -> str:
    """Three places; what rounds to nothing is <0.001, what rounds to certainty >0.999.

    Beside the 5 % level as many as tell on which side of it the value is: 0.0496.
    """
    if value < 0.001:
        return "<0.001"
    if value > 0.999:
        return ">0.999"
    decimals = 3
    while decimals < _MOST_DECIMALS and value != _LEVEL and f"{value:.{decimals}f}" == f"{_LEVEL:.{decimals}f}":
        decimals += 1
    return fixed(value, decimals)


def significant(value: float, figures: int = 4) -> str:
    """`figures` significant figures, with an exponent only where it is tiny or huge: 18.62, 0.05371, 2.3e−7."""
    if not math.isfinite(value):
        return DASH
    if value == 0:
        return "0"
    written = f"{value:.{figures - 1}e}"
    mantissa, exponent = written.split("e")
    decimals = figures - 1 - int(exponent)
    if decimals > _SMALLEST_DECIMALS or int(exponent) > _LARGEST_EXPONENT:
        return f"{mantissa}e{int(exponent)}".replace("-", MINUS)
    return fixed(float(written), max(decimals, 0))


def interval(low: float, high: float) -> str:
    """Two ends at the figures that tell them apart, four at least: 18.57 to 18.68."""
    width = abs(high - low)
    figures = 4
    if math.isfinite(width) and width > 0:
        figures = max(4, math.ceil(math.log10(max(abs(low), abs(high)) / width)) + 1)
    return f"{significant(low, min(figures, 9))} to {significant(high, min(figures, 9))}"


def count(value: int) -> str:
    """A whole number, thousands grouped: 1,284,911."""
    return f"{value:,}".replace("-", MINUS)


def rate(per_second: float, unit: str = "") -> str:
    """Events a second: 212/s, 3.4 msg/s."""
    return f"{fixed(per_second, 0 if per_second >= 10 else 1)}{f' {unit}' if unit else ''}/s"


def duration(milliseconds: int | None) -> str:
    """How long, in the unit that a glance takes in: 0.1 s, 12 s, 3 min, 2 h, 4 d. Unknown is the dash."""
    if milliseconds is None:
        return DASH
    seconds = milliseconds / 1000
    if seconds < 10:
        return f"{fixed(seconds, 1)} s"
    for size, unit in ((86_400, "d"), (3_600, "h"), (120, "min")):
        if seconds >= size:
            return f"{math.floor(seconds / (60 if unit == 'min' else size))} {unit}"
    return f"{math.floor(seconds)} s"


def size(amount: int | None) -> str:
    """Bytes, in the unit that a glance takes in: 512 B, 1.4 MiB, 20 GiB. Unknown is the dash."""
    if amount is None:
        return DASH
    value, unit = float(amount), "B"
    for bigger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1_024:
            break
        value, unit = value / 1_024, bigger
    return f"{fixed(value, 1 if value < 10 and unit != 'B' else 0)} {unit}"


def counted(value: int, one: str, many: str | None = None) -> str:
    """A count with its noun: 1 hole, 3 holes."""
    return f"{count(value)} {one if value == 1 else many or one + 's'}"


def typeset(sentence: str) -> str:
    """A sentence from the statistics with true minus signs."""
    return _HYPHEN_MINUS.sub(MINUS, sentence)


def milliseconds(value: int | None) -> str:
    """A lag: 38 ms, 3.4 s. Unknown is the dash."""
    if value is None:
        return DASH
    return f"{count(value)} ms" if abs(value) < 1_000 else duration(value)
