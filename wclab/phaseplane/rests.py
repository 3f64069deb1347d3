"""Every state of rest of a pair of populations, or of many pairs at once.

Along the nullcline of one population its z is a parameter: both states are explicit, and a
state of rest is a root of a function of one variable on a bounded interval
(`wclab.phaseplane.brackets`).
"""

import numpy as np

from wclab.phaseplane.brackets import Bounds, Functions, all_roots
from wclab.phaseplane.pair import Pair, logistic


def rests(pair: Pair) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find every state of rest.

    Parameters
    ----------
    pair : Pair
        With arrays of numbers of shape (n,): n pairs. `bounded` must hold.

    Returns
    -------
    index : ndarray, shape (points,)
        The pair that a point belongs to, ascending.
    states : ndarray, shape (2, points)
    double : ndarray, shape (points,)
        Whether a point is a double root to rounding: a fold.
    """
    found = []
    onto_second, onto_first = pair.w[1, 0] != 0, pair.w[0, 1] != 0
    ways = (
        (onto_second, False),
        (~onto_second & onto_first, True),
        (~onto_second & ~onto_first, None),
    )
    for mask, swap in ways:
        chosen = np.flatnonzero(mask)
        if not len(chosen):
            continue
        part = pair.take(chosen)
        if swap is None:
            index, states, double = _uncoupled(part)
        else:
            index, states, double = _along_nullcline(part.swapped() if swap else part)
            states = states[::-1] if swap else states
        found.append((chosen[index], states, double))
    index = np.concatenate([part[0] for part in found])
    states = np.concatenate([part[1] for part in found], axis=1)
    double = np.concatenate([part[2] for part in found])
    states = _polished(pair.take(index), states, double)
    order = np.lexsort((states[0], index))
    return index[order], states[:, order], double[order]


def _along_nullcline(pair: Pair) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the rests of pairs whose first population acts on the second."""
    (first_low, first_high), (second_low, second_high) = pair.bounds(0), pair.bounds(1)
    low, high = _sum(
        _scaled(pair.w[1, 0], (first_low, first_high)),
        _scaled(pair.w[1, 1], (second_low, second_high)),
    )
    low, high = low + pair.g[1], high + pair.g[1]

    def first_state(p: Pair, z: np.ndarray, second: np.ndarray) -> np.ndarray:
        return (z - p.w[1, 1] * second - p.g[1]) / p.w[1, 0]

    def value(i: np.ndarray, z: np.ndarray) -> np.ndarray:
        p = pair.take(i)
        second = p.rate(1, logistic(z))
        first = first_state(p, z, second)
        return p.rate(0, logistic(p.input(0, np.stack([first, second])))) - first

    def slope(i: np.ndarray, z: np.ndarray) -> np.ndarray:
        p = pair.take(i)
        s = logistic(z)
        second, by_second = p.rate(1, s), p.rate_slope(1, s) * s * (1 - s)
        first, by_first = first_state(p, z, second), (1 - p.w[1, 1] * by_second) / p.w[1, 0]
        t = logistic(p.input(0, np.stack([first, second])))
        by_input = p.w[0, 0] * by_first + p.w[0, 1] * by_second
        return p.rate_slope(0, t) * t * (1 - t) * by_input - by_first

    def bounds(i: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[Bounds, Bounds]:
        p = pair.take(i)
        s = logistic(a), logistic(b)
        second = _ordered(p.rate(1, s[0]), p.rate(1, s[1]))
        by_second = _product(_rate_slope(p, 1, s), _logistic_slope(a, b))
        by_first = _scaled(1 / p.w[1, 0], _less_than_one(_scaled(p.w[1, 1], by_second)))
        middle, half = 0.5 * (a + b), 0.5 * (b - a)
        centre_second = p.rate(1, logistic(middle))
        centre_first = first_state(p, middle, centre_second)
        first = _around(centre_first, by_first, half)
        by_input = _sum(_scaled(p.w[0, 0], by_first), _scaled(p.w[0, 1], by_second))
        centre = p.input(0, np.stack([centre_first, centre_second]))
        straight = _sum(_scaled(p.w[0, 0], first), _scaled(p.w[0, 1], second))
        straight = straight[0] + p.g[0], straight[1] + p.g[0]
        y = _common(_around(centre, by_input, half), straight)
        t = logistic(y[0]), logistic(y[1])
        by_rate = _product(_rate_slope(p, 0, t), _logistic_slope(*y))
        slopes = _sum(_product(by_rate, by_input), _scaled(-1.0, by_first))
        values = _sum(_ordered(p.rate(0, t[0]), p.rate(0, t[1])), _scaled(-1.0, first))
        at_centre = p.rate(0, logistic(centre)) - centre_first
        return _common(values, _around(at_centre, slopes, half)), slopes

    margin = 1e-9 * np.maximum(1.0, high - low)
    index, z, double = all_roots(Functions(value, slope, bounds), low - margin, high + margin)
    part = pair.take(index)
    second = part.rate(1, logistic(z))
    return index, np.stack([first_state(part, z, second), second]), double


def _uncoupled(pair: Pair) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the rests of pairs whose populations do not act on each other: all combinations."""
    alone = [single(pair, k) for k in (0, 1)]
    index, states, double = [], [], []
    for n in range(pair.g.shape[1]):
        for r, r_double in zip(*(part[alone[0][0] == n] for part in alone[0][1:]), strict=True):
            for q, q_double in zip(*(part[alone[1][0] == n] for part in alone[1][1:]), strict=True):
                index.append(n)
                states.append((r, q))
                double.append(r_double or q_double)
    return np.array(index, int), np.array(states, float).reshape(-1, 2).T, np.array(double, bool)


def single(pair: Pair, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the rests of one population that hears itself alone."""

    def value(i: np.ndarray, z: np.ndarray) -> np.ndarray:
        p = pair.take(i)
        return p.w[k, k] * p.rate(k, logistic(z)) + p.g[k] - z

    def slope(i: np.ndarray, z: np.ndarray) -> np.ndarray:
        p, s = pair.take(i), logistic(z)
        return p.w[k, k] * p.rate_slope(k, s) * s * (1 - s) - 1

    def bounds(i: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[Bounds, Bounds]:
        p, s = pair.take(i), (logistic(a), logistic(b))
        by_rate = _scaled(p.w[k, k], _product(_rate_slope(p, k, s), _logistic_slope(a, b)))
        slopes = by_rate[0] - 1, by_rate[1] - 1
        straight = _scaled(p.w[k, k], _ordered(p.rate(k, s[0]), p.rate(k, s[1])))
        straight = straight[0] + p.g[k] - b, straight[1] + p.g[k] - a
        centre = value(i, 0.5 * (a + b))
        return _common(straight, _around(centre, slopes, 0.5 * (b - a))), slopes

    low, high = _scaled(pair.w[k, k], pair.bounds(k))
    margin = 1e-9 * np.maximum(1.0, high - low)
    functions = Functions(value, slope, bounds)
    index, z, double = all_roots(functions, low + pair.g[k] - margin, high + pair.g[k] + margin)
    return index, pair.take(index).rate(k, logistic(z)), double


def _polished(pair: Pair, states: np.ndarray, double: np.ndarray) -> np.ndarray:
    """Return states after two of Newton's steps in the plane; double ones as they are."""
    for _ in range(2):
        f, j = pair.field(states), pair.jacobian(states)
        det = j[0, 0] * j[1, 1] - j[0, 1] * j[1, 0]
        with np.errstate(all="ignore"):
            step = np.stack([j[1, 1] * f[0] - j[0, 1] * f[1], j[0, 0] * f[1] - j[1, 0] * f[0]])
            step = step / det
        small = np.isfinite(step).all(axis=0) & (np.abs(step).max(axis=0) < 1e-9) & ~double
        states = np.where(small, states - step, states)
    return states


# --- bounds: pairs of arrays (low, high) ---


def _ordered(a: np.ndarray, b: np.ndarray) -> Bounds:
    return np.minimum(a, b), np.maximum(a, b)


def _sum(x: Bounds, y: Bounds) -> Bounds:
    return x[0] + y[0], x[1] + y[1]


def _less_than_one(x: Bounds) -> Bounds:
    return 1 - x[1], 1 - x[0]


def _scaled(factor: np.ndarray | float, x: Bounds) -> Bounds:
    return _ordered(factor * x[0], factor * x[1])


def _product(x: Bounds, y: Bounds) -> Bounds:
    low, high = _ordered(x[0] * y[0], x[0] * y[1]), _ordered(x[1] * y[0], x[1] * y[1])
    return np.minimum(low[0], high[0]), np.maximum(low[1], high[1])


def _common(x: Bounds, y: Bounds) -> Bounds:
    return np.maximum(x[0], y[0]), np.minimum(x[1], y[1])


def _around(centre: np.ndarray, slopes: Bounds, half: np.ndarray) -> Bounds:
    """Return bounds of a function on an interval, by its value in the middle and its slopes."""
    reach = half * np.maximum(np.abs(slopes[0]), np.abs(slopes[1]))
    return centre - reach, centre + reach


def _rate_slope(pair: Pair, k: int, s: Bounds) -> Bounds:
    """Return bounds of `Pair.rate_slope`: monotone in S, as no pole lies between."""
    return _ordered(pair.rate_slope(k, s[0]), pair.rate_slope(k, s[1]))


def _logistic_slope(a: np.ndarray, b: np.ndarray) -> Bounds:
    """Return bounds of S (1 - S) on [a, b]: largest next to 0, smallest away from it."""
    s, t = logistic(a), logistic(b)
    ends = s * (1 - s), t * (1 - t)
    least, most = np.minimum(*ends), np.maximum(*ends)
    return least, np.where((a <= 0) & (b >= 0), 0.25, most)
