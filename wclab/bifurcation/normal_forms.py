"""The coefficient that tells what a Hopf point does, from exact derivatives.

``B(u, v)`` and ``C(u, v, w)`` are the second and third derivative of the rates, applied to
directions. Formula: Kuznetsov (2004), Elements of Applied Bifurcation Theory, eq. 5.34; for two
states it is eq. 3.4.11 of Guckenheimer & Holmes (1983) up to a positive factor.
"""

from collections.abc import Callable

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
