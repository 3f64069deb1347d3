"""Fold and Hopf curves of a pair in the plane of one input and any other parameter.

For each value of the other parameter the states of rest along the input are explicit in z of
the second population (`wclab.bifurcation.explicit`), and with them determinant and trace of the
Jacobian. Where those vanish on a grid of z and the parameter is a contour; its points are then
moved onto the curve by Newton's method, and special points are solved for. Curves are found if
they do not fit between the lines of the grid.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit

from wclab.bifurcation.local import Here, Local
from wclab.bifurcation.records import Curve, Plane, PlanePoint, distinct
from wclab.model import Model, Parameter
from wclab.phaseplane.pair import Pair, read_pair

Z_LINES, LINES = 241, 101
ROUNDS = 8
Ranges = tuple[tuple[float, float], tuple[float, float]]
Measure = Callable[["Rest"], Any]


class Rest:
    """States of rest at many (part of the way along z, value of the other parameter)."""

    def __init__(self, sheet: "Sheet", part: np.ndarray, value: np.ndarray) -> None:
        pair, factor = sheet.read(value)
        self.local = Local(pair)
        low, high = _z_range(pair)
        z = low + part * (high - low)
        (a, b, c, d), (e, f, g, h) = pair.c
        s = expit(z)
        second = -(e + g * s) / (f + h * s)
        with np.errstate(all="ignore"):
            first = (z - pair.w[1, 1] * second - pair.g[1]) / pair.w[1, 0]
            odds = -(a + b * first) / (a + c + (b + d) * first)
            self.z = np.stack([np.log(odds), z])
        self.input = (self.z[0] - pair.w[0, 0] * first - pair.w[0, 1] * second - pair.g[0]) / factor
        self.here: Here = self.local.here(tuple(expit(self.z)), tuple(expit(-self.z)))


class Sheet:
    """A pair along one of its inputs and another parameter."""

    def __init__(self, model: Model, input_block: str, block: str, k: int) -> None:
        self.model, self.input_block, self.block, self.k = model, input_block, block, k

    def read(self, value: np.ndarray) -> tuple[Pair, np.ndarray]:
        """Return the pair without the input, and the factor of the input in g."""
        ones = np.ones_like(value)
        pairs = [
            read_pair(self.model, {self.block: value, self.input_block: at * ones})
            for at in (0.0, 1.0)
        ]
        assert pairs[0] is not None
        assert pairs[1] is not None
        factor = pairs[1].g[self.k] - pairs[0].g[self.k]
        shape = np.broadcast_shapes(value.shape, pairs[0].g.shape[1:])
        whole = Pair(*(np.broadcast_to(x, (*x.shape[: x.ndim - len(shape)], *shape))
                       for x in (pairs[0].c, pairs[0].w, pairs[0].g)))  # fmt: skip
        return (whole.swapped() if self.k else whole), factor


def _z_range(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Return between what values z of the second population can rest."""
    low, high = pair.g[1], pair.g[1]
    for k in (0, 1):
        ends = np.sort(np.stack([pair.w[1, k] * x for x in pair.bounds(k)]), axis=0)
        low, high = low + ends[0], high + ends[1]
    return low, high


def _det(at: Rest) -> Any:
    return at.here.det


def _trace(at: Rest) -> Any:
    return at.here.trace


def _cusp(at: Rest) -> Any:
    return at.local.cusp(at.here)


def _lyapunov(at: Rest) -> Any:
    return at.local.lyapunov(at.here)


MEASURES: dict[str, Measure] = {"fold": _det, "hopf": _trace}
SPECIAL: dict[str, dict[str, Measure]] = {
    "fold": {"cusp": _cusp, "bogdanov-takens": _trace},
    "hopf": {"bogdanov-takens": _det, "generalised hopf": _lyapunov},
}


def plane_on_grid(
    model: Model,
    varied: tuple[Parameter, Parameter],
    blocks: tuple[str, str],
    k: int,
    ranges: Ranges,
) -> Plane | None:
    """Return the fold and Hopf curves of a pair, or None if it has not the form for all values.

    Parameters
    ----------
    model : Model
        Of a pair with logistic responses.
    varied, blocks : tuple
        Both parameters; the first is an input.
    k : int
        The population that the input goes to.
    ranges : tuple of (float, float)
        Of both parameters.
    """
    import contourpy

    sheet = Sheet(model, blocks[0], blocks[1], k)
    values, parts = np.linspace(*ranges[1], LINES), np.linspace(0.0, 1.0, Z_LINES)
    if read_pair(model, {blocks[1]: values}) is None:
        return None
    pair, _ = sheet.read(values)
    if not np.all(pair.bounded) or not np.all(pair.w[1, 0]):
        return None
    at = Rest(sheet, parts[:, None], values[None, :])
    curves: list[Curve] = []
    every: list[PlanePoint] = []
    for kind, measure in MEASURES.items():
        grid = np.ma.masked_invalid(measure(at))
        generator = contourpy.contour_generator(values, parts, grid)
        for line in generator.lines(0.0):
            u = _onto(sheet, measure, line[:, ::-1].T, ranges[1])  # type: ignore[call-overload]
            points = _special(sheet, kind, u, ranges)
            every += points
            curves += _parts(sheet, kind, u, varied, ranges, points)
    return Plane(varied, tuple(curves), tuple(distinct(every, 1e-7)))


def _slopes(
    sheet: Sheet, measure: Measure, u: np.ndarray, span: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return a measure at points (part, value) and its slopes, each in units of its range."""
    d = 1e-6
    steps = np.array([[0.0, d, -d, 0.0, 0.0], [0.0, 0.0, 0.0, d * span, -d * span]])
    at = Rest(sheet, u[0][:, None] + steps[0], u[1][:, None] + steps[1])
    f = measure(at)
    return f[:, 0], np.stack([f[:, 1] - f[:, 2], f[:, 3] - f[:, 4]]) / (2 * d)


def _onto(sheet: Sheet, measure: Measure, u: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """Return points of a contour moved onto the curve, the shortest way; strays are dropped."""
    span = limits[1] - limits[0]
    good = np.ones(u.shape[1], dtype=bool)
    for _ in range(4):
        f, slope = _slopes(sheet, measure, u, span)
        with np.errstate(all="ignore"):
            step = -f * slope / (slope * slope).sum(axis=0)
        good &= np.isfinite(step).all(axis=0) & (np.abs(step).max(axis=0) < 2 / LINES)
        u = np.where(good, u + step * np.array([[1.0], [span]]), u)
    u = u[:, good]
    u[1] = np.clip(u[1], *limits)
    return u


def _special(sheet: Sheet, kind: str, u: np.ndarray, ranges: Ranges) -> list[PlanePoint]:
    """Return the special points on a curve."""
    if u.shape[1] < 2:
        return []
    at, found = Rest(sheet, u[0], u[1]), []
    for name, measure in SPECIAL[kind].items():
        with np.errstate(all="ignore"):
            values = measure(at)
        good = np.isfinite(values) & ((at.here.det > 0) | (name != "generalised hopf"))
        change = (np.signbit(values[1:]) != np.signbit(values[:-1])) & good[1:] & good[:-1]
        k = np.flatnonzero(change)
        if len(k):
            share = values[k] / (values[k] - values[k + 1])
            guess = u[:, k] + share * (u[:, k + 1] - u[:, k])
            found += _solved(sheet, name, (MEASURES[kind], measure), guess, ranges)
    return found


def _solved(
    sheet: Sheet, name: str, both: tuple[Measure, Measure], u: np.ndarray, ranges: Ranges
) -> list[PlanePoint]:
    """Return points where two measures vanish, by Newton's method from guesses."""
    span = ranges[1][1] - ranges[1][0]
    start = u
    for _ in range(ROUNDS):
        (f, (fx, fy)), (g, (gx, gy)) = (_slopes(sheet, m, u, span) for m in both)
        det = fx * gy - fy * gx
        with np.errstate(all="ignore"):
            step = np.stack([(f * gy - g * fy) / det, span * (g * fx - f * gx) / det])
        u = u - np.where(np.isfinite(step), step, 0.0)
        if np.all(np.abs(step[0]) + np.abs(step[1]) / span < 1e-12):
            break
    near = np.abs(u - start).max(axis=0) < 0.1 * np.array([1.0, span]).max()
    at = Rest(sheet, u[0], u[1])
    found = []
    for j in np.flatnonzero(near & np.isfinite(at.input)).tolist():
        where = (float(at.input[j]), float(u[1, j]))
        inside = all(a <= v <= b for v, (a, b) in zip(where, ranges, strict=True))
        if inside:
            states = [float(x[j]) for x in at.here.states]
            found.append(PlanePoint(name, where, np.array(states[::-1] if sheet.k else states)))
    return found


def _parts(
    sheet: Sheet,
    kind: str,
    u: np.ndarray,
    varied: tuple[Parameter, Parameter],
    ranges: Ranges,
    points: list[PlanePoint],
) -> list[Curve]:
    """Cut a curve to the range of the input, and that of vanishing trace to its Hopf points."""
    if u.shape[1] < 2:
        return []
    at = Rest(sheet, u[0], u[1])
    good = (at.input >= ranges[0][0]) & (at.input <= ranges[0][1])
    if kind == "hopf":
        good &= at.here.det > 0
    states = np.stack(np.broadcast_arrays(*at.here.states), axis=1)
    states = states[:, ::-1] if sheet.k else states
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(int)))
    curves, left = [], list(points)
    for i, j in zip(edges[::2], edges[1::2], strict=True):
        if j - i < 2:
            continue
        where = np.stack([at.input[i:j], u[1, i:j]], axis=1)
        own = [p for p in left if _near(states[i:j], p.state)]
        left = [p for p in left if not any(p is q for q in own)]
        names = sheet.model.states
        curves.append(Curve(kind, varied, where, states[i:j], tuple(own), names))
    return curves


def _near(states: np.ndarray, state: np.ndarray) -> bool:
    return bool(np.abs(states - state).max(axis=1).min() < 0.02)
