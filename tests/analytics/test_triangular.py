"""The factor in pieces is the factor of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from analytics.triangular import triangular_factor


@pytest.mark.parametrize("columns", [1, 2, 7, 27, 60])
@pytest.mark.parametrize("rows", [60, 61, 1_000, 8_000, 8_001, 20_000])
def test_the_factor_reproduces_the_gram_matrix(rows: int, columns: int) -> None:
    matrix = np.random.default_rng(rows).normal(0, 1, (rows, columns)) * np.logspace(-6, 6, columns)
    factor = triangular_factor(matrix)
    assert factor.shape == (columns, columns)
    assert_allclose(np.tril(factor, -1), 0.0)
    scale = np.sqrt(np.square(matrix).sum(axis=0))
    assert_allclose(factor.T @ factor / np.outer(scale, scale), matrix.T @ matrix / np.outer(scale, scale), atol=1e-13)


def test_the_factor_equals_lapacks_up_to_signs() -> None:
    matrix = np.random.default_rng(1).normal(0, 1, (3_000, 20)).cumsum(axis=0)
    assert_allclose(np.abs(triangular_factor(matrix)), np.abs(np.linalg.qr(matrix, mode="r")), rtol=1e-9, atol=1e-9)
