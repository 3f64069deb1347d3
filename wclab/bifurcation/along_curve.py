"""Curves of folds and Hopf points in two parameters of any circuit, by continuation.

The extended systems of `wclab.bifurcation.extended` have one equation less than unknowns once a
second parameter is free; their solutions are followed by pseudo-arclength. Cusps,
Bogdanov-Takens and generalised Hopf points are where a test changes sign along the curve.
Source: Kuznetsov (2004), Elements of Applied Bifurcation Theory, chs 8 and 10.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq

from wclab.bifurcation.arclength import Walk, correct, follow
from wclab.bifurcation.exact import Rates
from wclab.bifurcation.extended import FoldSystem, HopfSystem
from wclab.bifurcation.normal_forms import first_lyapunov
from wclab.bifurcation.question import title
from wclab.bifurcation.records import Curve, PlanePoint
from wclab.model import Parameter

LARGEST = 0.25
Test = Callable[[np.ndarray], float]


def follow_curve(
    rates: Rates,
    kind: str,
    varied: tuple[Parameter, Parameter],
    u: np.ndarray,
    ranges: tuple[tuple[float, float], tuple[float, float]],
) -> Curve | None:
    """Return the curve through a fold or a Hopf point, or None if there is none.

    Parameters
    ----------
    rates : Rates
        With two parameters.
    kind : str
        "fold" or "hopf".
    varied : tuple
        Names of both parameters.
    u : ndarray, shape (n + 2,)
        States and parameters of the point.
    ranges : tuple of (float, float)
        Of both parameters; the curve ends there, and a Hopf curve where its period is infinite.
    """
    n = rates.size
    system = FoldSystem(rates) if kind == "fold" else HopfSystem(rates)
    start = system.begin(u)
    sizes = np.maximum(np.abs(u[:n]), 0.1 * max(float(np.abs(u[:n]).max()), 0.1))
    spans = [_span(span, value) for span, value in zip(ranges, u[n:], strict=True)]
    inner = np.ones(n) if kind == "fold" else np.append(np.ones(n), max(start[2 * n], 1e-12))
    scale = np.concatenate([sizes, inner, spans])
    low, high = np.full(len(start), -np.inf), np.full(len(start), np.inf)
    low[-2:], high[-2:] = zip(*ranges, strict=True)
    if kind == "hopf":
        low[2 * n] = 0.0
    row = np.zeros(len(start))
    row[-1] = 1.0
    found = correct(system, start, row, scale, 10) or correct(
        system, start, np.roll(row, -1), scale
    )
    if found is None:
        return None
    null = np.linalg.svd(found[1] * scale)[2][-1]
    first = follow(system, found[0], null, (low, high), scale, largest=LARGEST)
    walks = [first]
    if not first.closed:
        if isinstance(system, HopfSystem):
            system.renew(found[0])
        walks.append(follow(system, found[0], -null, (low, high), scale, largest=LARGEST))
    for walk in walks:
        _warn(walk, kind, varied)
    whole = np.array((walks[1].points[:0:-1] if len(walks) > 1 else []) + first.points)
    special = _Special(system, kind, scale).find(whole)
    plain = np.array([system.plain(point) for point in whole])
    records = tuple(
        PlanePoint(name, (float(p[n]), float(p[n + 1])), p[:n])
        for name, p in ((name, system.plain(point)) for name, point in special)
    )
    return Curve(kind, varied, plain[:, n:], plain[:, :n], records, rates.model.states)


def _span(limits: tuple[float, float], value: float) -> float:
    width = limits[1] - limits[0]
    return width if np.isfinite(width) else max(abs(value), 1.0)


def _warn(walk: Walk, kind: str, varied: tuple[Parameter, Parameter]) -> None:
    if walk.failure:
        p, q = walk.points[-1][-2:]
        warnings.warn(
            f"the {kind} curve ends at {title(varied[0])} = {p:.6g}, {title(varied[1])} = {q:.6g}: "
            f"{walk.failure}. What was found so far is returned",
            RuntimeWarning,
            stacklevel=4,
        )


class _Special:
    """The search for special points on a curve."""

    def __init__(self, system: FoldSystem | HopfSystem, kind: str, scale: np.ndarray) -> None:
        self.system, self.kind, self.scale = system, kind, scale
        self.rates, self.n = system.rates, system.n
        self.left: np.ndarray | None = None
        self.right: np.ndarray | None = None

    def jacobian(self, whole: np.ndarray) -> np.ndarray:
        """Return the Jacobian of the circuit at a point of the curve."""
        return self.rates.slopes(self.system.plain(whole))[1][:, : self.n]

    def cusp(self, whole: np.ndarray) -> float:
        """Return the quadratic coefficient, with null vectors that turn continuously."""
        left, _, right = np.linalg.svd(self.jacobian(whole))
        p, q = left[:, -1], right[-1]
        if self.left is not None and p @ self.left < 0:
            p = -p
        self.left = p
        return float(p @ self.rates.forms(self.system.plain(whole))[0](q, q))

    def double_zero(self, whole: np.ndarray) -> float:
        """Return the product of all eigenvalues but the zero of a fold."""
        return float(np.poly(self.jacobian(whole))[self.n - 1].real)

    def lyapunov(self, whole: np.ndarray) -> float:
        """Return the first Lyapunov coefficient."""
        forms = self.rates.forms(self.system.plain(whole))
        return first_lyapunov(self.jacobian(whole), *forms)

    def find(self, points: np.ndarray) -> list[tuple[str, np.ndarray]]:
        """Return (kind, point) of every special point of a curve, in order."""
        tests: list[tuple[str, Test]]
        found: list[tuple[float, str, np.ndarray]] = []
        if self.kind == "fold":
            tests = [("cusp", self.cusp)]
            if self.n > 1:
                tests.append(("bogdanov-takens", self.double_zero))
        else:
            tests = [("generalised hopf", self.lyapunov)]
            size = np.abs(points[:, 2 * self.n]).max()
            for k in (0, len(points) - 1):
                if abs(points[k, 2 * self.n]) <= 1e-9 * size:
                    found.append((k, "bogdanov-takens", points[k]))
        for name, test in tests:
            fit = np.ones(len(points), dtype=bool)
            if name == "generalised hopf":  # at a Bogdanov-Takens point it is infinite
                fit = points[:, 2 * self.n] > 1e-6 * size
            values = np.array(
                [test(p) if ok else np.nan for p, ok in zip(points, fit, strict=True)]
            )
            for k in np.flatnonzero(np.sign(values[1:]) * np.sign(values[:-1]) < 0).tolist():
                point = self.close_in(points[k], points[k + 1], test)
                if point is not None:
                    found.append((k + 0.5, name, point))
        return [(name, point) for _, name, point in sorted(found, key=lambda item: item[0])]

    def close_in(self, a: np.ndarray, b: np.ndarray, test: Test) -> np.ndarray | None:
        """Return the point between two of the curve where a test vanishes."""
        row = (b - a) / self.scale
        row = row / np.sqrt(row @ row)
        if isinstance(self.system, HopfSystem):
            self.system.renew(a)
        else:
            self.left = np.linalg.svd(self.jacobian(a))[0][:, -1]
        last: dict[str, Any] = {}

        def along(part: float) -> float:
            found = correct(self.system, a + part * (b - a), row, self.scale, 12)
            if found is None:
                raise ArithmeticError
            last["point"] = found[0]
            return test(found[0])

        try:
            along(float(brentq(along, 0.0, 1.0, xtol=1e-13)))
        except (ArithmeticError, ValueError):
            return None
        return last["point"]
