"""Writes orthogonal_distance.json: lines of best fit at right angles by ODRPACK, through scipy.odr.

Run with a scipy older than 1.19 (later ones have no scipy.odr): python -W ignore orthogonal_distance.py
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import scipy


def case(seed: int, n: int, slope: float, noise: float, *, include_intercept: bool) -> dict[str, object]:
    from scipy import odr

    rng = np.random.default_rng(seed)
    truth = 5 + rng.normal(0, 1, n)
    x = np.round(truth + noise * rng.normal(0, 1, n), 6)
    y = np.round((3 if include_intercept else 0) + slope * truth + noise * rng.normal(0, 1, n), 6)
    model = odr.unilinear if include_intercept else odr.Model(lambda beta, legs: beta[0] * legs)
    start = [slope, 0.0] if include_intercept else [slope]
    fit = odr.ODR(odr.Data(x, y), model, beta0=start, sstol=1e-15, partol=1e-15, maxit=1000).run()
    return {
        "include_intercept": include_intercept,
        "y": y.tolist(),
        "x": x.tolist(),
        "beta": fit.beta.tolist(),
        "sd_beta": fit.sd_beta.tolist(),
    }


if __name__ == "__main__":
    cases = [
        case(seed, 40, slope, noise, include_intercept=include_intercept)
        for include_intercept in (True, False)
        for seed, slope, noise in ((1, 1.4, 0.3), (2, -0.2, 0.1), (3, 6.0, 0.4), (4, 0.9, 0.02))
    ]
    origin = f"ODRPACK by scipy.odr, scipy {scipy.__version__}, unit weights on both legs"
    Path(__file__).with_suffix(".json").write_text(json.dumps({"origin": origin, "cases": cases}, indent=1) + "\n")
