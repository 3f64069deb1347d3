"""Coefficients that tell what a bifurcation does, from exact derivatives of any order.

``B(u, v)`` and ``C(u, v, w)`` are the second and third derivative of the rates, applied to
directions. Formulas: Kuznetsov (2004), Elements of Applied Bifurcation Theory, eqs 5.34 (first
Lyapunov coefficient) and 8.3 (quadratic coefficient of a fold).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Form = Callable[..., np.ndarray]


def first_lyapunov(jacobian: np.ndarray, second: Form, third: Form) -> float:
    """Return the first Lyapunov coefficient at a Hopf point.

    With A the Jacobian, A q = i w q, A' p = -i w p, conj(q).q = 1, conj(p).q = 1::

        l1 = Re[ p.C(q, q, q*) - 2 p.B(q, A^-1 B(q, q*)) + p.B(q*, (2 i w - A)^-1 B(q, q)) ] / 2w

    Its sign does not depend on how q is scaled: below 0, the point is supercritical.

    Parameters
    ----------
    jacobian : ndarray, shape (n, n)
        Its two eigenvalues nearest the imaginary axis count as imaginary.
    second, third : callable
        ``second(u, v)``, ``third(u, v, w)``, for complex directions of shape (n,).

    Returns
    -------
    float
        No unit.
    """
    values, vectors = np.linalg.eig(jacobian)
    upper = np.where(values.imag > 0, np.abs(values.real), np.inf)
    k = int(np.argmin(upper))
    if not np.isfinite(upper[k]):
        return np.nan
    omega, q = values[k].imag, vectors[:, k]
    left_values, left_vectors = np.linalg.eig(jacobian.T)
    p = left_vectors[:, int(np.argmin(np.abs(left_values - values[k].conj())))]
    p = p / np.vdot(q, p)
    q_, size = q.conj(), len(q)
    slow = np.linalg.solve(jacobian, second(q, q_))
    fast = np.linalg.solve(2j * omega * np.eye(size) - jacobian, second(q, q))
    total = third(q, q, q_) - 2 * second(q, slow) + second(q_, fast)
    return float(np.vdot(p, total).real / (2 * omega))


def fold_coefficient(jacobian: np.ndarray, second: Form) -> float:
    """Return ``p.B(q, q)/2`` for the null vectors of a singular Jacobian; 0 at a cusp."""
    left, _, right = np.linalg.svd(jacobian)
    p, q = left[:, -1], right[-1]
    return float(p @ second(q, q) / 2 / (p @ q)) if p @ q else np.inf


def pair_forms(pair: Any, state: np.ndarray) -> tuple[Form, Form]:
    """Return ``second`` and ``third`` of a pair of logistic populations at a state."""
    z = np.array([pair.input(k, state) for k in (0, 1)])
    s = 1 / (1 + np.exp(-z))
    s1 = s * (1 - s)
    s2 = s1 * (1 - 2 * s)
    s3 = s1 * (1 - 6 * s1)
    gain, w, by_state = pair.c[:, 2] + pair.c[:, 3] * state, pair.w, pair.c[:, 3]

    def second(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        a, b = w @ u, w @ v
        return by_state * s1 * (u * b + v * a) + gain * s2 * a * b

    def third(u: np.ndarray, v: np.ndarray, x: np.ndarray) -> np.ndarray:
        a, b, d = w @ u, w @ v, w @ x
        return by_state * s2 * (u * b * d + v * a * d + x * a * b) + gain * s3 * a * b * d

    return second, third
