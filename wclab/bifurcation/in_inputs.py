"""The fold and Hopf curves of a pair of logistic populations in the plane of its two inputs.

Trace and determinant of the Jacobian depend on the two S alone. For a given S of the first
population each of them vanishes where a quadratic in S/(1 - S) of the second does, so the curves
are explicit; both inputs follow from the states. Bogdanov-Takens points are where both vanish,
cusps where the quadratic coefficient of a fold does, generalised Hopf points where the first
Lyapunov coefficient does: solved for in two unknowns by Newton's method.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from wclab.bifurcation.explicit import sigmoid
from wclab.bifurcation.local import Here, Local
from wclab.bifurcation.records import Curve, Plane, PlanePoint, distinct
from wclab.model import Parameter
from wclab.phaseplane.pair import Pair

NODES = 12  # to a unit of z
NEAR_END = np.linspace(0.0, 1.0, 9)[1:-1] ** 2  # where two roots meet, as a square root
NEAR_POLE = 0.5 ** np.arange(1.0, 40.0)  # where a root goes off, as a logarithm
FAR = 300.0  # of |z|
NARROW = 20.0  # of |z|: beyond it, little happens
TAIL = 12.0  # of |z|: beyond it, a curve that goes off is straight
NEAR = 1e-3  # of a state: the same point, found on two curves

Test = Callable[[Here], Any]


class TwoInputs:
    """A pair, with ``g[k] = offset[k] + factor[k] * input[k]``."""

    def __init__(
        self, pair: Pair, offset: tuple[float, float], factor: tuple[float, float]
    ) -> None:
        self.local = Local(pair)
        self.offset, self.factor = offset, factor

    def here(self, z: Any) -> Here:
        """Return states and derivatives at the z of both populations, floats or arrays."""
        curve = sigmoid if isinstance(z[0], float) else expit
        return self.local.here((curve(z[0]), curve(z[1])), (curve(-z[0]), curve(-z[1])))

    def inputs(self, z: Any, states: Any) -> tuple[Any, Any]:
        """Return both inputs at which the states rest."""
        (w11, w12), (w21, w22) = self.local.w
        x, y = states
        p = (z[0] - w11 * x - w12 * y - self.offset[0]) / self.factor[0]
        q = (z[1] - w21 * x - w22 * y - self.offset[1]) / self.factor[1]
        return p, q

    def quadratic(self, kind: str, z: Any) -> tuple[Any, Any, Any]:
        """Return a, b, c of ``a o^2 + b o + c = 0``, o being S/(1 - S) of the second population."""
        curve = sigmoid if isinstance(z, float) else expit
        s, r = curve(z), curve(-z)
        (_, f1, _, h1), (_, f, _, h) = self.local.c
        (w11, w12), (w21, w22) = self.local.w
        m1, m2 = self.local.m
        q = f1 + h1 * s
        steep = m1 * s * r / q
        j11 = q + steep * w11
        e = f + h
        if kind == "fold":
            bend = m2 * (j11 * w22 - steep * w12 * w21)
            return j11 * e * e, 2 * j11 * f * e + bend, j11 * f * f
        return (
            (j11 + e) * e, j11 * (h + 2 * f) + 2 * f * e + m2 * w22, (j11 + f) * f
        )  # fmt: skip

    # --- curves ---

    def nodes(self, kind: str, low: float, high: float) -> tuple[np.ndarray, list[float]]:
        """Return z of the first population, closer where curves turn; and where they go off."""
        dense = np.arange(max(low, -NARROW), min(high, NARROW), 1 / NODES)
        far = np.arange(low, high, 1.0)
        z = np.sort(np.concatenate([far[np.abs(far) > NARROW], dense, [high]]))
        b = self.quadratic(kind, z)[1]
        changes = np.flatnonzero(np.signbit(b[1:]) != np.signbit(b[:-1])).tolist()
        # between the two ends of a narrow gap: there b vanishes
        gaps = [brentq(lambda t: self.quadratic(kind, t)[1], z[i], z[i + 1]) for i in changes]
        z = np.unique(np.concatenate([z, gaps]))
        a, b, c = self.quadratic(kind, z)
        extra: list[Any] = [z]
        poles: list[float] = []

        def zeros(values: np.ndarray, test: Callable[[float], float]) -> list[tuple[float, int]]:
            places = np.flatnonzero(np.signbit(values[1:]) != np.signbit(values[:-1]))
            return [
                (float(brentq(test, z[k], z[k + 1], xtol=1e-15)), int(k)) for k in places.tolist()
            ]

        def inside(t: float) -> float:
            a, b, c = self.quadratic(kind, t)
            return b * b - 4 * a * c

        for end, k in zeros(b * b - 4 * a * c, inside):
            other = z[k] if inside(float(z[k])) > 0 else z[k + 1]
            extra += [[end], end + (other - end) * NEAR_END]
        for place in (0, 2):
            values = (a, b, c)[place]

            def one(t: float, place: int = place) -> float:
                return self.quadratic(kind, t)[place]

            for pole, _ in zeros(values, one):
                step = 1 / NODES
                poles.append(pole)
                extra += [pole - step * NEAR_POLE, pole + step * NEAR_POLE]
            if kind == "fold":
                break
        return np.unique(np.concatenate(extra)), poles

    def lines(self, kind: str, low: float, high: float, far: float) -> list[np.ndarray]:
        """Return z of both populations along each connected curve, shape (2, m)."""
        z, poles = self.nodes(kind, low, high)
        a, b, c = self.quadratic(kind, z)
        inside = b * b - 4 * a * c
        size = b * b + np.abs(4 * a * c)
        inside = np.where(np.abs(inside) < 1e-12 * size, 0.0, inside)
        with np.errstate(all="ignore"):
            root = np.sqrt(inside)
            half = -0.5 * (b + np.copysign(root, b))
            both = half / a, c / half
            rows = [np.log(np.where(b >= 0, both[k], both[1 - k])) for k in (1, 0)]
        runs: list[tuple[int, int, int]] = []
        for k, row in enumerate(rows):
            good = np.isfinite(row) & (np.abs(row) < 60)
            runs += [(k, i, j) for i, j in _stretches(good)]
        met = inside <= 0
        joined = [np.concatenate(part, axis=1) for part in _linked(runs, met, z, rows)]
        for _ in range(2):  # both ends
            joined = [_prolonged(line[:, ::-1], poles, far) for line in joined]
        return joined

    def settled(self, kind: str, z: np.ndarray) -> np.ndarray:
        """Return points after one of Newton's steps, where the other z is far out."""
        test = _TESTS[kind]
        for k in (0, 1):
            far = np.flatnonzero(np.abs(z[1 - k]) > 8)
            if not len(far):
                continue
            part = z[:, far]
            value = test(self.here(part))
            part[k] += 1e-6
            slope = (test(self.here(part)) - value) / 1e-6
            with np.errstate(all="ignore"):
                step = value / slope
            z[k, far] -= np.where(np.abs(step) < 1e-3, step, 0.0)
        return z

    # --- special points ---

    def special(
        self, kind: str, z: np.ndarray, at: Here, other: str, test: Test, known: list[PlanePoint]
    ) -> list[tuple[int, PlanePoint]]:
        """Return the points on a curve where a test changes sign; known ones are reused."""
        with np.errstate(all="ignore"):
            values = test(at)
            real = (
                at.det > 0
                if kind == "hopf" and other == "generalised hopf"
                else np.isfinite(values)
            )
        change = (np.signbit(values[1:]) != np.signbit(values[:-1])) & real[1:] & real[:-1]
        found: list[tuple[int, PlanePoint]] = []
        for k in np.flatnonzero(change).tolist():
            part = values[k] / (values[k] - values[k + 1])
            guess = z[:, k] + part * (z[:, k + 1] - z[:, k])
            there = np.array([float(x) for x in self.here(guess.tolist()).states])
            same = [p for p in known if p.kind == other and np.abs(p.state - there).max() < NEAR]
            if same:
                found.append((k, same[0]))
                continue
            point = self.solved(_TESTS[kind], test, guess.tolist())
            if point is not None:
                states = self.here(point).states
                place = self.inputs(point, states)
                found.append((k, PlanePoint(other, place, np.array(states))))
        return found

    def solved(self, one: Test, other: Test, z: list[float]) -> list[float] | None:
        """Return the z of both populations where two tests vanish, next to a guess."""
        u, v = z

        def both(u: float, v: float) -> tuple[float, float]:
            at = self.here((u, v))
            return one(at), other(at)

        d = 1e-6
        f, g = both(u, v)
        (f1, g1), (f2, g2) = both(u + d, v), both(u, v + d)
        fu, fv, gu, gv = (f1 - f) / d, (f2 - f) / d, (g1 - g) / d, (g2 - g) / d
        for _ in range(30):  # Broyden's method: Newton's with slopes that learn from each step
            det = fu * gv - fv * gu
            if not det:
                return None
            du, dv = (g * fv - f * gv) / det, (f * gu - g * fu) / det
            u, v = u + du, v + dv
            size = du * du + dv * dv
            if size < 1e-26:
                break
            f, g = both(u, v)
            fu, fv = fu + f * du / size, fv + f * dv / size
            gu, gv = gu + g * du / size, gv + g * dv / size
        else:
            return None
        near = abs(u - z[0]) + abs(v - z[1]) < 1.0
        return [u, v] if near and math.isfinite(u + v) else None


_TESTS: dict[str, Test] = {"fold": lambda at: at.det, "hopf": lambda at: at.trace}


def _stretches(good: np.ndarray) -> list[tuple[int, int]]:
    """Return where runs of two or more True begin and end."""
    padded = np.zeros(len(good) + 2, dtype=bool)
    padded[1:-1] = good
    edges = np.flatnonzero(padded[1:] != padded[:-1]).tolist()
    return [(i, j) for i, j in zip(edges[::2], edges[1::2], strict=True) if j - i > 1]


def _prolonged(line: np.ndarray, poles: list[float], far: float) -> np.ndarray:
    """Return a curve with a straight tail at its end, if the second z goes off there."""
    end, other = line[:, -1].tolist()
    near = [pole for pole in poles if abs(pole - end) < 1e-6]
    if not near or abs(other) < TAIL or abs(other) >= far:
        return line
    tail = np.arange(abs(other) + 0.5, far + 1.0, 0.5) * np.sign(other)
    return np.concatenate([line, np.stack([np.full_like(tail, near[0]), tail])], axis=1)


def _linked(
    runs: list[tuple[int, int, int]], met: np.ndarray, z: np.ndarray, rows: list[np.ndarray]
) -> list[list[np.ndarray]]:
    """Join runs of both roots where they meet, and return each connected curve in parts."""
    left = dict.fromkeys(range(len(runs)))
    curves = []
    while left:
        start = next((r for r in left if not met[runs[r][1]]), next(iter(left)))
        if met[runs[start][1]]:
            start = next((r for r in left if not met[runs[r][2] - 1]), start)
        forward, run, parts = not met[runs[start][1]] or met[runs[start][2] - 1], start, []
        while run in left:
            del left[run]
            k, i, j = runs[run]
            part = np.stack([z[i:j], rows[k][i:j]])
            parts.append(part if forward else part[:, ::-1])
            end = j - 1 if forward else i
            if not met[end]:
                break
            run = next((r for r in left if (runs[r][2] - 1 if forward else runs[r][1]) == end), -1)
            forward = not forward
        curves.append(parts)
    return curves


def plane_of_inputs(
    pair: Pair,
    varied: tuple[Parameter, Parameter],
    names: tuple[str, ...],
    offset: tuple[float, float],
    factor: tuple[float, float],
    ranges: tuple[tuple[float, float], tuple[float, float]],
) -> Plane:
    """Return the fold and Hopf curves of a pair for both inputs in their ranges."""
    two = TwoInputs(pair, offset, factor)
    (low, high), (least, most) = (_reach(pair, k, offset[k], factor[k], ranges[k]) for k in (0, 1))
    far = max(-least, most)
    curves: list[Curve] = []
    every: list[PlanePoint] = []
    for kind in ("fold", "hopf"):
        for line in two.lines(kind, low, high, far):
            z = two.settled(kind, line)
            at = two.here(z)
            states, where = np.stack(at.states, axis=1), np.stack(two.inputs(z, at.states), axis=1)
            points = _on_line(two, kind, z, at, every)
            for i, j in _parts(kind, where, at, ranges):
                inner = tuple(p for k, p in points if i - 2 < k < j + 1 and _within(p, ranges))
                curves.append(Curve(kind, varied, where[i:j], states[i:j], inner, names))
                every += inner
    return Plane(varied, tuple(curves), tuple(distinct(every, 1e-8)))


def _reach(
    pair: Pair, k: int, offset: float, factor: float, limits: tuple[float, float]
) -> tuple[float, float]:
    """Return between what values z of a population lies, for inputs in a range."""
    given = sorted(offset + factor * value for value in limits)
    heard = [sorted(float(w * x) for x in pair.bounds(j)) for j, w in enumerate(pair.w[k])]
    low = given[0] + sum(ends[0] for ends in heard) - 1
    high = given[1] + sum(ends[1] for ends in heard) + 1
    return max(low, -FAR), min(high, FAR)


SPECIAL: dict[str, dict[str, Callable[[TwoInputs], Test]]] = {
    "fold": {"cusp": lambda two: two.local.cusp, "bogdanov-takens": lambda two: _TESTS["hopf"]},
    "hopf": {
        "bogdanov-takens": lambda two: _TESTS["fold"],
        "generalised hopf": lambda two: two.local.lyapunov,
    },
}


def _on_line(
    two: TwoInputs, kind: str, z: np.ndarray, at: Here, known: list[PlanePoint]
) -> list[tuple[int, PlanePoint]]:
    """Return the special points on a curve, each with the number of the point before it."""
    return [
        found
        for name, test in SPECIAL[kind].items()
        for found in two.special(kind, z, at, name, test(two), known)
    ]


def _parts(
    kind: str, where: np.ndarray, at: Here, ranges: tuple[tuple[float, float], ...]
) -> list[tuple[int, int]]:
    """Cut a curve to what lies in the ranges, and a curve of vanishing trace to its Hopf points."""
    good = np.ones(len(where), dtype=bool)
    for value, (low, high) in zip(where.T, ranges, strict=True):
        good &= (value >= low) & (value <= high)
    if kind == "hopf":
        good &= at.det > 0
    return _stretches(good)


def _within(point: PlanePoint, ranges: tuple[tuple[float, float], ...]) -> bool:
    return all(
        low <= value <= high for value, (low, high) in zip(point.parameter, ranges, strict=True)
    )
