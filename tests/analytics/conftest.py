"""The statistics run on one BLAS thread here, as they do in the product (`app.py`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="package", autouse=True)
def one_blas_thread() -> Iterator[None]:
    """References spread their small fits over all processors, and then wait for the busy ones."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield
