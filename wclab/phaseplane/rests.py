"""Every state of rest of a pair of populations, or of many pairs at once.

Along the nullcline of one population its z is a parameter: both states are explicit, and a
state of rest is a root of a function of one variable on a bounded interval
(`wclab.phaseplane.brackets`).
"""

import numpy as np

from wclab.phaseplane.brackets import Bounds, Functions, Sample, all_roots, reach
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
    onto_second, onto_first = pair.w[1, 0] != 0, pair.w[0, 1] != 0
    if onto_second.all():
        index, states, double = _along_nullcline(pair)
        return _sorted(pair, index, states, double)
    found = []
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
    return _sorted(pair, index, states, double)


def _sorted(
    pair: Pair, index: np.ndarray, states: np.ndarray, double: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    states = _polished(pair.take(index), states, double)
    order = np.lexsort((states[0], index))
    return index[order], states[:, order], double[order]


def _along_nullcline(pair: Pair) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the rests of pairs whose first population acts on the second.

    With x = w r_1 the first state as the second population feels it, z of the second one as
    parameter, r_2 = R_2(S(z)): x = z - w_22 r_2 - g_2, the input of the first population is
    y = alpha x + w_12 r_2 + g_1, and a rest is a root of f(z) = w R_1(S(y)) - x. Then
    f' = G (alpha + beta B) - (1 - w_22 B), with G and B the slopes of w R_1(S) and R_2(S).
    """
    acts = pair.w[1, 0]
    alpha = pair.w[0, 0] / acts
    constants = np.array([
        *pair.c[1], *_steepest(pair.c[1]), pair.w[1, 1], pair.g[1],
        *pair.c[0], *_steepest(pair.c[0]), pair.w[0, 1], pair.g[0],
        acts, alpha, pair.w[0, 1] - alpha * pair.w[1, 1],
    ])  # fmt: skip
    (first_low, first_high), (second_low, second_high) = pair.bounds(0), pair.bounds(1)
    low, high = _sum(
        _scaled(acts, (first_low, first_high)), _scaled(pair.w[1, 1], (second_low, second_high))
    )
    low, high = low + pair.g[1], high + pair.g[1]
    margin = 1e-9 * np.maximum(1.0, high - low)
    functions = Functions(constants, _sample, _slopes, _step)
    index, z, double = all_roots(functions, low - margin, high + margin)
    part = pair.take(index)
    states = np.empty((2, len(z)))
    states[1] = part.rate(1, logistic(z))
    states[0] = (z - part.w[1, 1] * states[1] - part.g[1]) / part.w[1, 0]
    return index, states, double


def _steepest(c: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the factor k of the slope k S (1 - S)/(c1 + c3 S)**2 of a rate by its input.

    Also the S at which the slope is largest, and its value there.
    """
    k = c[0] * c[3] - c[1] * c[2]
    top = c[1] / (2 * c[1] + c[3])
    return k, top, k * top * (1 - top) / (c[1] + c[3] * top) ** 2


def _along(C: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return S(z), B, 1 + w_22 ..., all that is known on the second nullcline at z."""
    c0, c1, c2, c3, k, _, _, own, g = C[:9]
    s = logistic(z)
    share = 1 / (c1 + c3 * s)
    second = -(c0 + c2 * s) * share
    by = k * s * (1 - s) * share * share
    x = z - own * second - g
    y = C[19] * x + C[16] * second + C[17]
    return s, by, x, y


def _sample(C: np.ndarray, z: np.ndarray) -> Sample:
    s, by, x, y = _along(C, z)
    t = logistic(y)
    rate = -(C[9] + C[11] * t) / (C[10] + C[12] * t)
    return C[18] * rate - x, s, by, y


def _step(C: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, by, x, y = _along(C, z)
    t = logistic(y)
    share = 1 / (C[10] + C[12] * t)
    gain = C[18] * C[13] * t * (1 - t) * share * share
    value = -C[18] * (C[9] + C[11] * t) * share - x
    return value, gain * (C[19] + C[20] * by) - (1 - C[7] * by)


def _slopes(C: np.ndarray, ends: Bounds, at_a: Sample, at_b: Sample) -> Bounds:
    _, s_a, by_a, y_a = at_a
    _, s_b, by_b, y_b = at_b
    by = _with_top(by_a, by_b, s_a, s_b, C[5], C[6])
    u = C[19] + C[20] * by[0], C[19] + C[20] * by[1]
    v = 1 - C[7] * by[0], 1 - C[7] * by[1]
    y = reach(y_a, y_b, np.minimum(*u), np.maximum(*u), ends[1] - ends[0])
    t = logistic(y[0]), logistic(y[1])
    at_t = [x * (1 - x) / (C[10] + C[12] * x) ** 2 for x in t]
    by_y = _with_top(C[13] * at_t[0], C[13] * at_t[1], *t, C[14], C[15])
    gain = C[18] * by_y[0], C[18] * by_y[1]
    corners = [g * p - q for p, q in zip(u, v, strict=True) for g in gain]  # bilinear in (G, B)
    return (
        np.minimum(np.minimum(corners[0], corners[1]), np.minimum(corners[2], corners[3])),
        np.maximum(np.maximum(corners[0], corners[1]), np.maximum(corners[2], corners[3])),
    )


def _with_top(
    a: np.ndarray, b: np.ndarray, s_a: np.ndarray, s_b: np.ndarray, top: np.ndarray, at: np.ndarray
) -> Bounds:
    """Return bounds of a slope of one sign between two values of S: ends, or the top between."""
    between = (s_a <= top) & (s_b >= top)
    low, high = np.minimum(a, b), np.maximum(a, b)
    steep = np.where(between, at, a)
    return np.minimum(low, steep), np.maximum(high, steep)


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
    constants = np.stack([*pair.c[k], *_steepest(pair.c[k]), pair.w[k, k], pair.g[k]])

    def sample(C: np.ndarray, z: np.ndarray) -> Sample:
        s = logistic(z)
        share = 1 / (C[1] + C[3] * s)
        by = C[4] * s * (1 - s) * share * share
        return -C[7] * (C[0] + C[2] * s) * share + C[8] - z, s, by

    def slopes(C: np.ndarray, _: Bounds, at_a: Sample, at_b: Sample) -> Bounds:
        by = _with_top(at_a[2], at_b[2], at_a[1], at_b[1], C[5], C[6])
        low, high = _scaled(C[7], by)
        return low - 1, high - 1

    def step(C: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, _, by = sample(C, z)
        return value, C[7] * by - 1

    low, high = _scaled(pair.w[k, k], pair.bounds(k))
    margin = 1e-9 * np.maximum(1.0, high - low)
    functions = Functions(constants, sample, slopes, step)
    index, z, double = all_roots(functions, low + pair.g[k] - margin, high + pair.g[k] + margin)
    return index, pair.take(index).rate(k, logistic(z)), double


def _polished(pair: Pair, states: np.ndarray, double: np.ndarray) -> np.ndarray:
    """Return states after one or two of Newton's steps in the plane; double ones as they are."""
    for _ in range(2):
        (f, g), ((a, b), (c, d)) = pair.linear(states)
        with np.errstate(all="ignore"):
            step = np.stack([d * f - b * g, a * g - c * f]) / (a * d - b * c)
            size = np.where(double, 0.0, np.abs(step).max(axis=0))
            small = (size < 1e-9) & ~double
        states = np.where(small, states - step, states)
        if not (size > 1e-15).any():
            break
    return states


# --- bounds: pairs of arrays (low, high) ---


def _sum(x: Bounds, y: Bounds) -> Bounds:
    return x[0] + y[0], x[1] + y[1]


def _scaled(factor: np.ndarray, x: Bounds) -> Bounds:
    return np.minimum(factor * x[0], factor * x[1]), np.maximum(factor * x[0], factor * x[1])
