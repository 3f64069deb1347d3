"""Pairs of populations for the tests of the phase plane, and a scan for their states of rest.

The scan is independent of wclab: it walks along the nullcline of E, written out by hand, on a
dense grid, and refines each change of sign and each near miss.
"""

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from wclab import CircuitTemplate

MODELS = "model_templates.neural_mass_models."
WC = CircuitTemplate.from_yaml(MODELS + "wilsoncowan.WC")
E, I = "e/rate_op/r", "i/rate_op/r"  # noqa: E741 - the symbols of the field
LETTERS = {
    "c1": (E, "e/se_op/r_in"),
    "c2": (I, "e/se_op/r_in"),
    "c3": (E, "i/si_op/r_in"),
    "c4": (I, "i/si_op/r_in"),
    "ae": "e/se_op/s",
    "the": "e/se_op/theta",
    "P": "e/se_op/r_ext",
    "ke": "e/rate_op/k",
    "te": "e/rate_op/tau",
    "ai": "i/si_op/s",
    "thi": "i/si_op/theta",
    "Q": "i/si_op/r_ext",
    "ki": "i/rate_op/k",
    "ti": "i/rate_op/tau",
}  # c1 ... c4 signed as in the template: what the target receives


def load(name):
    """Return a template of the library by its file and name."""
    return CircuitTemplate.from_yaml(MODELS + name)


def pair(**numbers):
    """Return the pair of the library with some of its numbers, by their letters."""
    return WC.model().with_parameters({LETTERS[k]: float(v) for k, v in numbers.items()})


def random_numbers(rng):
    """Return the numbers of a random pair, from quiet ones to ones with five states of rest."""
    return {
        "c1": rng.uniform(2, 30),
        "c2": -rng.uniform(0.5, 30),
        "c3": rng.uniform(2, 30),
        "c4": rng.uniform(-20, 3),
        "ae": rng.uniform(0.5, 4),
        "the": rng.uniform(1, 5),
        "P": rng.uniform(-3, 4),
        "ke": float(rng.integers(2)),
        "te": rng.uniform(0.5, 2),
        "ai": rng.uniform(0.5, 6),
        "thi": rng.uniform(1, 5),
        "Q": rng.uniform(-3, 4),
        "ki": float(rng.integers(2)),
        "ti": rng.uniform(0.5, 8),
    }


class Scan:
    """The states of rest of a pair, from its numbers alone."""

    def __init__(self, n):
        self.n = n
        self.low_e, self.low_i = (-s(-n[a] * n[th]) for a, th in (("ae", "the"), ("ai", "thi")))

    def on_nullcline(self, z):
        """Return E and I on the nullcline of E, at the argument z of its logistic curve."""
        n = self.n
        m = s(z) + self.low_e
        e = m / (1 + n["ke"] * m)
        return e, (z / n["ae"] + n["the"] - n["c1"] * e - n["P"]) / n["c2"]

    def residual(self, z):
        """Return what the equation of I leaves there."""
        n = self.n
        e, i = self.on_nullcline(z)
        m = s(n["ai"] * (n["c3"] * e + n["c4"] * i + n["Q"] - n["thi"])) + self.low_i
        return -i + (1 - n["ki"] * i) * m

    def points(self, count=2_001):
        """Return all states of rest, shape (points, 2), sorted by E."""
        n = self.n
        low = n["c1"] * np.array([-0.5, 1]) + n["c2"] * np.array([1, -1]) + n["P"] - n["the"]
        z = np.linspace(n["ae"] * low[0] - 1, n["ae"] * low[1] + 1, count)
        r = self.residual(z)
        k = np.flatnonzero(np.sign(r[1:]) != np.sign(r[:-1]))
        a, b = z[k], z[k + 1]
        for _ in range(34):  # halves
            middle = 0.5 * (a + b)
            left = np.sign(self.residual(middle)) == np.sign(r[k])
            a, b = np.where(left, middle, a), np.where(left, b, middle)
        roots = [*a]
        for side in (1, -1):  # bumps that nearly touch zero, or cross it between two values of z
            v = side * r
            for k in 1 + np.flatnonzero((v[1:-1] < v[:-2]) & (v[1:-1] <= v[2:]) & (v[1:-1] > 0)):
                if v[k] > 20 * (v[k - 1] + v[k + 1] - 2 * v[k]):
                    continue
                best = minimize_scalar(
                    lambda x, side=side: side * self.residual(x),
                    bounds=(z[k - 1], z[k + 1]), method="bounded", options={"xatol": 1e-13},
                )  # fmt: skip
                if best.fun < 0:
                    roots += [brentq(self.residual, z[k - 1], best.x, xtol=1e-15),
                              brentq(self.residual, best.x, z[k + 1], xtol=1e-15)]  # fmt: skip
        found = np.array([self.on_nullcline(x) for x in sorted(roots)]).reshape(-1, 2)
        return found[np.argsort(found[:, 0])]

    def jacobian(self, point):
        """Return the Jacobian by hand."""
        n = self.n
        e, i = point
        se = s(n["ae"] * (n["c1"] * e + n["c2"] * i + n["P"] - n["the"]))
        si = s(n["ai"] * (n["c3"] * e + n["c4"] * i + n["Q"] - n["thi"]))
        ge = (1 - n["ke"] * e) * n["ae"] * se * (1 - se)
        gi = (1 - n["ki"] * i) * n["ai"] * si * (1 - si)
        return np.array([
            np.array([-1 - n["ke"] * (se + self.low_e) + ge * n["c1"], ge * n["c2"]]) / n["te"],
            np.array([gi * n["c3"], -1 - n["ki"] * (si + self.low_i) + gi * n["c4"]]) / n["ti"],
        ])  # fmt: skip


def s(x):
    """Return the logistic curve."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))
