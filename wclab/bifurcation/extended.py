"""Systems whose solutions are folds, Hopf points or branch points, with exact derivatives.

Each is ``slopes(U)``, as `wclab.bifurcation.arclength` takes it; U begins with the n states and
ends with the parameters. With one parameter a system is square; with two it is a curve.
Sources: Moore & Spence (1980) for folds, Roose & Hlavacek (1985) for Hopf points (with J^2, so
that the curve goes on through Bogdanov-Takens points), Allgower & Georg for branch points.
"""

import numpy as np

from wclab.bifurcation.arclength import solve
from wclab.bifurcation.exact import Rates


class FoldSystem:
    """f = 0, J v = 0, v.v = 1 in U = (states, v, parameters)."""

    def __init__(self, rates: Rates) -> None:
        self.rates, self.n = rates, rates.size

    def begin(self, u: np.ndarray) -> np.ndarray:
        """Return U at a fold of states and parameters `u`."""
        n = self.n
        jacobian = self.rates.slopes(u)[1][:, :n]
        return np.concatenate([u[:n], np.linalg.svd(jacobian)[2][-1], u[n:]])

    def plain(self, whole: np.ndarray) -> np.ndarray:
        """Return states and parameters."""
        return np.concatenate([whole[: self.n], whole[2 * self.n :]])

    def __call__(self, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the residual and its derivatives."""
        n = self.n
        u, v = self.plain(whole), whole[n : 2 * n]
        f, slopes = self.rates.slopes(u)
        jacobian = slopes[:, :n]
        bent = directions(self.rates, u, v)
        out = np.zeros((2 * n + 1, len(whole)))
        out[:n, :n], out[:n, 2 * n :] = jacobian, slopes[:, n:]
        out[n:-1, :n], out[n:-1, n : 2 * n], out[n:-1, 2 * n :] = bent[:, :n], jacobian, bent[:, n:]
        out[-1, n : 2 * n] = 2 * v
        return np.concatenate([f, jacobian @ v, [v @ v - 1]]), out


class HopfSystem:
    """f = 0, J J v + k v = 0, v.v = 1, l.v = 0 in U = (states, v, k, parameters); k = omega^2."""

    def __init__(self, rates: Rates) -> None:
        self.rates, self.n = rates, rates.size
        self.other = np.zeros(self.n)

    def begin(self, u: np.ndarray) -> np.ndarray:
        """Return U at a Hopf point (or a neutral saddle) of states and parameters `u`."""
        n = self.n
        jacobian = self.rates.slopes(u)[1][:, :n]
        values = np.linalg.eigvals(jacobian)
        sums = np.abs(values[:, None] + values[None, :]) + np.where(np.eye(n) > 0, np.inf, 0)
        i, j = np.unravel_index(int(np.argmin(sums)), sums.shape)
        k = float((values[i] * values[j]).real)
        plane = np.linalg.svd(jacobian @ jacobian + k * np.eye(n))[2][-2:]
        self.other = plane[1]
        return np.concatenate([u[:n], plane[0], [k], u[n:]])

    def renew(self, whole: np.ndarray) -> None:
        """Choose l anew, in the plane of J J + k and across v, after a step."""
        n = self.n
        v = whole[n : 2 * n]
        across = self.rates.slopes(self.plain(whole))[1][:, :n] @ v
        across = across - (across @ v) * v
        size = float(np.sqrt(across @ across))
        if size > 1e-6:
            self.other = across / size

    def plain(self, whole: np.ndarray) -> np.ndarray:
        """Return states and parameters."""
        return np.concatenate([whole[: self.n], whole[2 * self.n + 1 :]])

    def __call__(self, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the residual and its derivatives."""
        n = self.n
        u, v, k = self.plain(whole), whole[n : 2 * n], whole[2 * n]
        f, slopes = self.rates.slopes(u)
        jacobian = slopes[:, :n]
        w = jacobian @ v
        bent = directions(self.rates, u, w) + jacobian @ directions(self.rates, u, v)
        out = np.zeros((2 * n + 2, len(whole)))
        out[:n, :n], out[:n, 2 * n + 1 :] = jacobian, slopes[:, n:]
        rows = slice(n, 2 * n)
        out[rows, :n], out[rows, 2 * n + 1 :] = bent[:, :n], bent[:, n:]
        out[rows, n : 2 * n] = jacobian @ jacobian + k * np.eye(n)
        out[rows, 2 * n] = v
        out[-2, n : 2 * n], out[-1, n : 2 * n] = 2 * v, self.other
        return np.concatenate([f, jacobian @ w + k * v, [v @ v - 1, self.other @ v]]), out


class BranchPointSystem:
    """f + b psi = 0, J' psi = 0, f_p.psi = 0, psi.psi = 1 in U = (states, psi, b, parameter)."""

    def __init__(self, rates: Rates) -> None:
        self.rates, self.n = rates, rates.size

    def begin(self, u: np.ndarray) -> np.ndarray:
        """Return U at a branch point of states and parameter `u`."""
        psi = np.linalg.svd(self.rates.slopes(u)[1])[0][:, -1]
        return np.concatenate([u[: self.n], psi, [0.0], u[self.n :]])

    def plain(self, whole: np.ndarray) -> np.ndarray:
        """Return states and parameter."""
        return np.concatenate([whole[: self.n], whole[2 * self.n + 1 :]])

    def __call__(self, whole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the residual and its derivatives."""
        n = self.n
        u, psi, b = self.plain(whole), whole[n : 2 * n], whole[2 * n]
        f, slopes = self.rates.slopes(u)
        bent = np.stack([psi @ directions(self.rates, u, row) for row in np.eye(n + 1)])
        out = np.zeros((2 * n + 2, 2 * n + 2))
        out[:n, :n], out[:n, -1] = slopes[:, :n], slopes[:, n]
        out[:n, n : 2 * n], out[:n, 2 * n] = b * np.eye(n), psi
        out[n:-1, :n], out[n:-1, -1], out[n:-1, n : 2 * n] = bent[:, :n], bent[:, n], slopes.T
        out[-1, n : 2 * n] = 2 * psi
        return np.concatenate([f + b * psi, slopes.T @ psi, [psi @ psi - 1]]), out


System = FoldSystem | HopfSystem | BranchPointSystem


def directions(rates: Rates, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the derivatives of ``J v`` by every state and parameter, shape (n, len(u))."""
    wide = np.concatenate([v, np.zeros(len(u) - len(v))])
    return np.stack([rates.second(u, wide, row) for row in np.eye(len(u))], axis=1)


def polish(
    system: System, u: np.ndarray, scale: np.ndarray, reach: float = 1e-3
) -> np.ndarray | None:
    """Return states and parameter of the point next to `u` that solves a square system.

    None if Newton's method does not converge, or to a point further off than `reach`, in units
    of `scale`.
    """
    whole = system.begin(u)
    for _ in range(12):
        value, slopes = system(whole)
        step = solve(slopes, -value)
        whole = whole + step
        if not np.isfinite(whole).all():
            return None
        if np.abs(step).max() < 1e-13 * (1 + np.abs(whole).max()):
            break
    else:
        if np.abs(step).max() > 1e-9 * (1 + np.abs(whole).max()):
            return None
    found = system.plain(whole)
    return found if np.abs((found - u) / scale).max() < reach else None
