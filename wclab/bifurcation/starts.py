"""States of rest to start from, at several values of a parameter."""

from typing import Any

import numpy as np

from wclab.model import Model, Parameter
from wclab.phaseplane import fixed_points
from wclab.phaseplane.pair import Pair, read_pair
from wclab.phaseplane.rests import rests

PAIRS, OTHERS = 17, 5  # values of the parameter


def states_at_rest(
    model: Model, block: str, varied: Parameter, low: float, high: float, box: Any
) -> list[tuple[float, np.ndarray]]:
    """Return (value, states) for some values of a parameter, states of shape (points, n)."""
    values = np.linspace(low, high, PAIRS)
    pair = read_pair(model, {block: values})
    if pair is not None and pair.g.ndim == 1:
        pair = Pair(*(np.repeat(x[..., None], PAIRS, axis=-1) for x in (pair.c, pair.w, pair.g)))
    if pair is not None and np.all(pair.bounded):
        index, states, _ = rests(pair)
        return [(float(v), states[:, index == k].T) for k, v in enumerate(values)]
    found = []
    for value in np.linspace(low, high, OTHERS).tolist():
        here = model.with_parameters({varied: value})
        look = guess_box(here) if box is None else box
        points = fixed_points(here, look)
        found.append((value, np.array([p.state for p in points]).reshape(-1, len(model.states))))
    return found


def walk_bounds(model: Model, varied: Parameter, low: float, high: float) -> np.ndarray:
    """Return how far a branch is followed where nobody says: everywhere for a pair."""
    if read_pair(model) is not None:
        return np.array([[-np.inf, np.inf]] * len(model.states))
    boxes = np.stack([guess_box(model.with_parameters({varied: v})) for v in (low, high)])
    least, most = boxes[:, :, 0].min(axis=0), boxes[:, :, 1].max(axis=0)
    width = most - least
    return np.stack([least - width, most + width], axis=1)


def guess_box(model: Model) -> np.ndarray:
    """Return bounds around where a run goes from the initial values, with room on all sides."""
    from scipy.integrate import solve_ivp

    fast = np.abs(model.jacobian(model.y0)).max()
    span = 200.0 / fast if np.isfinite(fast) and fast > 0 else 200.0
    run = solve_ivp(model.rhs, (0.0, span), model.y0, method="LSODA", rtol=1e-6)
    seen = np.concatenate([run.y.T[np.isfinite(run.y).all(axis=0)], model.y0[None]])
    low, high = seen.min(axis=0), seen.max(axis=0)
    room = np.maximum(1.0, 2 * (high - low))
    return np.stack([low - room, high + room], axis=1)
