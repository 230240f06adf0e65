"""The triangular factor of a tall, narrow matrix."""

from __future__ import annotations

import numpy as np

from analytics.market import FloatArray

_CELLS_A_PIECE = 8_000


def triangular_factor(matrix: FloatArray) -> FloatArray:
    """R of matrix = Q R, (columns, columns), for (rows, columns) with at least as many rows as columns.

    Rows of R may differ in sign from those of another routine. Tall matrices are factored piece by piece and the
    pieces' factors again (Demmel et al., 2012, "Communication-optimal parallel and sequential QR"), which is as
    accurate. Pieces stay small because linear algebra libraries spread larger ones over all processors: on a busy
    machine a factorisation of half a millisecond then waits hundreds for the other processor.

    >>> factor = triangular_factor(np.array([[3.0, 0.0], [4.0, 5.0]]))
    >>> np.abs(factor).round(6).tolist()
    [[5.0, 4.0], [0.0, 3.0]]
    """
    rows, columns = matrix.shape
    length = max(_CELLS_A_PIECE // columns, 2 * columns)
    while rows > length:
        pieces = -(-rows // length)
        padded = np.zeros((pieces * length, columns))  # rows of zeros change nothing
        padded[:rows] = matrix
        matrix = np.asarray(np.linalg.qr(padded.reshape(pieces, length, columns), mode="r")).reshape(-1, columns)
        rows = len(matrix)
    return np.asarray(np.linalg.qr(matrix, mode="r"))
