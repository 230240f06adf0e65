"""Makes ar1_quantiles.json: exact quantiles of the least-squares slope of an AR(1), and the surface fitted to them.

    python -m tests.analytics.golden.ar1_quantiles          (some minutes)

For a stationary Gaussian AR(1) with slope `kept`, n values and an estimated mean, P(slope found <= r) is the
probability that a quadratic form in normal variables is not positive (Andrews, Econometrica 61, 1993); it is computed
here by Imhof's inversion (Biometrika 48, 1961) and solved for r. Nothing is simulated. The coefficients that
`analytics/slope_quantiles.py` holds are the least-squares fit that stands in the file under "surface".
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import brentq
from scipy.special import ndtri

from analytics.market import FloatArray
from analytics.slope_quantiles import surface_narrowness, surface_terms

LEVELS = (0.025, 0.5, 0.975)
FILE = Path(__file__).with_suffix(".json")


def forms(n: int, kept: float) -> tuple[FloatArray, FloatArray]:
    """Matrices (B, C) with slope found = e'Be / e'Ce, e standard normal. With kept = 1 the start does not matter."""
    age = np.subtract.outer(np.arange(n), np.arange(n))
    path = np.where(age >= 0, kept ** np.maximum(age, 0).astype(float), 0.0)
    if kept < 1.0:
        path[:, 0] /= math.sqrt(1.0 - kept * kept)
    before = path[:-1] - path[:-1].mean(axis=0)
    product = before.T @ path[1:]
    return (product + product.T) / 2, before.T @ before


def probability_above(product: FloatArray, square: FloatArray, slope: float) -> float:
    """P(e'(B - slope C)e > 0) by Imhof's integral, on an even grid of log u (the integrand is smooth there)."""
    weights = np.linalg.eigvalsh(product - slope * square)
    weights /= np.abs(weights).max()
    log_u = np.linspace(-14.0, 18.0, 4001)
    scaled = np.outer(np.exp(log_u), weights[np.abs(weights) > 1e-13])
    angle = np.arctan(scaled).sum(axis=1) / 2
    damping = np.log1p(scaled**2).sum(axis=1) / 4
    return float(0.5 + np.trapezoid(np.sin(angle) * np.exp(-damping), log_u) / math.pi)


def quantile(n: int, kept: float, level: float) -> float:
    product, square = forms(n, kept)
    rows = n - 1
    spread = math.sqrt(max(1 - kept * kept, 0.0) * rows + 20) / rows
    low, high = kept - 8 / rows - 5 * spread, kept + 4 * spread
    found: float = brentq(lambda r: 1 - level - probability_above(product, square, r), low, high, xtol=1e-7)
    return found


def grid() -> list[tuple[int, float]]:
    """Sizes and slopes: rows (1 - kept) from 0 (no reversion) up, and the swinging side down to -0.97."""
    points = []
    for n in (20, 28, 40, 56, 80, 112, 160, 320, 640):
        sparse = n in {28, 56, 112, 640}
        distances = (
            (0, 1, 3, 7, 15, 30, 60, 120, 320) if sparse else (0, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 80, 120)
        )
        points += [(n, 1 - c / (n - 1)) for c in distances if c < n - 1]
        if not sparse:
            points += [(n, kept) for kept in (0.0, -0.2, -0.4, -0.6, -0.75, -0.85, -0.92, -0.97)]
    return points


def coefficients(table: list[dict[str, float]], level: float) -> list[float]:
    """Of the surface, for one level: least squares of what the leading terms leave; the swinging side counts half."""
    rows = np.array([row["n"] - 1 for row in table])
    kept = np.array([row["kept"] for row in table])
    found = np.array([row[str(level)] for row in table])
    narrowness, normal = surface_narrowness(kept, rows), float(ndtri(level))
    left_over = (found - kept) * rows * narrowness - normal + (1 + (2 + normal**2) * kept) * narrowness
    weight = np.where(kept < -0.5, 0.5, 1.0)
    fit = np.linalg.lstsq(surface_terms(kept, rows) * weight[:, None], left_over * weight)[0]
    return [round(float(value), 3) for value in fit]


def main() -> None:
    table = [
        {"n": n, "kept": kept} | {str(level): round(quantile(n, kept, level), 7) for level in LEVELS}
        for n, kept in grid()
    ]
    origin = f"tests/analytics/golden/ar1_quantiles.py, numpy {np.__version__}, scipy {scipy.__version__}"
    answer = {"origin": origin, "table": table, "surface": {str(v): coefficients(table, v) for v in LEVELS}}
    FILE.write_text(json.dumps(answer).replace('{"n"', '\n{"n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
