"""From a statistic that may raise to a value that says why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from analytics.errors import NotEnoughData, NotEstimable
from analytics.results import Unavailable

_Answer = TypeVar("_Answer")


def attempt(statistic: Callable[[], _Answer], *, barred: Unavailable | None = None) -> _Answer | Unavailable:
    """The statistic, or the reason why these data have none. barred: a reason that is known without trying.

    >>> import numpy as np
    >>> from analytics.unit_root import adf_test
    >>> attempt(lambda: adf_test(np.arange(7.0)))
    Unavailable(reason='need 30 bars, got 7', needed=30, got=7)
    """
    if barred is not None:
        return barred
    try:
        return statistic()
    except NotEnoughData as short:
        return Unavailable(str(short), short.needed, short.got)
    except NotEstimable as degenerate:
        return Unavailable(str(degenerate))
