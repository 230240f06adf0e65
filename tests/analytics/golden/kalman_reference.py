"""Makes kalman_chan.json and kalman_own_units.json: Kalman paths by pykalman and by filterpy.

    pip install pykalman filterpy                 (neither is a dependency of the product)
    python tests/analytics/golden/kalman_reference.py

kalman_chan.json: the convention of Chan, *Algorithmic Trading* (2013), ch. 3, with and without intercept: state
(slope, intercept) and its covariance 0 at the first row, no step before it, step covariance delta / (1 - delta) I,
observation variance 1e-3.  kalman_own_units.json: the matrices that `analytics.kalman` measures in the pair's own
units, built here from their definition with explicit weights, then filtered by filterpy. Nothing of the product is
imported.
"""

from __future__ import annotations

import importlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
DELTA, OBSERVATION_VARIANCE, WARM_UP = 1e-4, 1e-3, 30
Floats = NDArray[np.float64]


def main() -> None:
    """Write both files."""
    y, x = walking_pair(2013, 120)
    origin = f"pykalman {version('pykalman')}, filterpy {version('filterpy')}, script kalman_reference.py"
    steady = {"origin": origin, "delta": DELTA, "observation_variance": OBSERVATION_VARIANCE}
    chan = {
        name: {"pykalman": chan_by_pykalman(y, design), "filterpy": chan_by_filterpy(y, design)}
        for name, design in (("intercept", np.column_stack([x, np.ones_like(x)])), ("origin", x[:, None]))
    }
    write("kalman_chan.json", {**steady, "y": y.tolist(), "x": x.tolist(), **chan})
    y, x = y * 4e-7, np.round(x * 2e3 / 400) * 400  # 1e-5 against 6e4, and x stands still in many rows
    own = {"origin": origin, "delta": DELTA, "y": y.tolist(), "x": x.tolist(), **own_units(y, x)}
    write("kalman_own_units.json", own)


def walking_pair(seed: int, n: int) -> tuple[Floats, Floats]:
    """x a random walk around 30, y = 2 + 0.8 x + noise, where the slope walks too."""
    rng = np.random.default_rng(seed)
    x = 30 + rng.normal(0, 0.1, n).cumsum()
    slope = 0.8 + rng.normal(0, 0.002, n).cumsum()
    return np.round(2 + slope * x + rng.normal(0, 0.05, n), 6), np.round(x, 6)


def chan_by_pykalman(y: Floats, design: Floats) -> dict[str, list[float]]:
    """Filtered means and covariances; the innovations follow from them, as the state is a random walk."""
    states = design.shape[1]
    step = DELTA / (1 - DELTA) * np.eye(states)
    model = importlib.import_module("pykalman").KalmanFilter(
        transition_matrices=np.eye(states),
        observation_matrices=design[:, None, :],
        transition_covariance=step,
        observation_covariance=np.array([[OBSERVATION_VARIANCE]]),
        initial_state_mean=np.zeros(states),
        initial_state_covariance=np.zeros((states, states)),
    )
    means, covariances = (np.asarray(part) for part in model.filter(y))
    before = np.vstack([np.zeros((1, states)), means[:-1]])
    predicted = np.concatenate([np.zeros((1, states, states)), covariances[:-1] + step])
    innovation = y - np.einsum("ti,ti->t", design, before)
    variance = np.einsum("ti,tij,tj->t", design, predicted, design) + OBSERVATION_VARIANCE
    return columns(means, covariances, innovation, variance)


def chan_by_filterpy(y: Floats, design: Floats) -> dict[str, list[float]]:
    """The same, step by step."""
    n, states = design.shape
    step = DELTA / (1 - DELTA) * np.eye(states)
    steps = np.concatenate([np.zeros((1, states, states)), np.repeat(step[None], n - 1, axis=0)])
    return filtered(y, design, np.zeros(states), np.zeros((states, states)), steps, OBSERVATION_VARIANCE)


def own_units(y: Floats, x: Floats) -> dict[str, Any]:
    """Least squares on the first rows, then noise and scale measured on the rows before each row."""
    kappa = DELTA / (1 - DELTA)
    memory = 1 / np.sqrt(kappa)
    v, u = (y - y[0]) / 1e-6, (x - x[0]) / 1e2  # near 1 for filterpy; put back below
    design = np.column_stack([u, np.ones_like(u)])
    gram = np.linalg.inv(design[:WARM_UP].T @ design[:WARM_UP])
    begin = gram @ design[:WARM_UP].T @ v[:WARM_UP]
    ssr = float(((v[:WARM_UP] - design[:WARM_UP] @ begin) ** 2).sum())
    steps = []
    for t in range(WARM_UP, len(y)):
        moved = np.concatenate([u[:1], u[1:t][np.diff(u[:t]) != 0]])
        weights = forgetting_weights(len(moved), memory)
        mean = weights @ moved
        deviation = np.sqrt(weights @ (moved - mean) ** 2)
        unit = np.array([[1 / deviation, 0], [-mean / deviation, 1]])
        steps.append(kappa * unit @ unit.T)
    path = filtered(v[WARM_UP:], design[WARM_UP:], begin, gram, np.array(steps), 1.0)
    squares = np.array(path["innovation"]) ** 2 / np.array(path["innovation_variance"])
    scale = [running_scale(ssr, squares[:t], memory) for t in range(len(squares) + 1)]
    slope = np.array(path["slope"]) * 1e-6 / 1e2
    level = y[0] + 1e-6 * np.array(path["intercept"])
    return {
        "slope": slope.tolist(),
        "intercept": (level - slope * x[0]).tolist(),
        "slope_deviation": (np.sqrt(np.array(path["slope_variance"]) * scale[1:]) * 1e-6 / 1e2).tolist(),
        "innovation": (1e-6 * np.array(path["innovation"])).tolist(),
        "zscore": (np.array(path["innovation"]) / np.sqrt(path["innovation_variance"] * np.array(scale[:-1]))).tolist(),
    }


def forgetting_weights(count: int, memory: float) -> Floats:
    """Weight of each of `count` values in a mean that takes in value k with weight 1 / min(k, memory)."""
    shares = 1 / np.minimum(np.arange(1, count + 1), memory)
    return np.array([share * np.prod(1 - shares[k + 1 :]) for k, share in enumerate(shares)])


def running_scale(ssr: float, squares: Floats, memory: float) -> float:
    """The residual variance of the first rows counts as many values as it has degrees of freedom."""
    freedom = WARM_UP - 2
    weights = forgetting_weights(freedom + len(squares), memory)
    return float(weights[:freedom].sum() * ssr / freedom + weights[freedom:] @ squares)


def filtered(
    y: Floats, design: Floats, mean: Floats, covariance: Floats, steps: Floats, observation_variance: float
) -> dict[str, list[float]]:
    """The path of filterpy's filter, the state stepping by `steps[t]` before row t."""
    n, states = design.shape
    model = importlib.import_module("filterpy.kalman").KalmanFilter(dim_x=states, dim_z=1)
    model.x, model.P = mean[:, None].astype(float), covariance.astype(float)
    model.F, model.R = np.eye(states), np.array([[observation_variance]])
    means, covariances, innovation, variance = [], [], [], []
    for t in range(n):
        model.predict(Q=steps[t])
        model.update(y[t], H=design[t : t + 1])
        means.append(np.array(model.x).ravel())
        covariances.append(np.array(model.P))
        innovation.append(float(np.array(model.y).item()))
        variance.append(float(np.array(model.S).item()))
    return columns(np.array(means), np.array(covariances), np.array(innovation), np.array(variance))


def columns(means: Floats, covariances: Floats, innovation: Floats, variance: Floats) -> dict[str, list[float]]:
    """One list a column."""
    has_level = means.shape[1] == 2
    still = np.zeros(len(means))
    return {
        "slope": means[:, 0].tolist(),
        "intercept": (means[:, 1] if has_level else still).tolist(),
        "slope_variance": covariances[:, 0, 0].tolist(),
        "intercept_variance": (covariances[:, 1, 1] if has_level else still).tolist(),
        "innovation": innovation.tolist(),
        "innovation_variance": variance.tolist(),
    }


def write(name: str, content: dict[str, Any]) -> None:
    """One line a column."""
    (HERE / name).write_text(json.dumps(content, indent=None).replace('], "', '],\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
