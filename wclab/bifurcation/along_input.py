"""The diagram of a pair of logistic populations along one of its inputs, in closed form.

Walks the explicit curve of states of rest (`wclab.bifurcation.explicit`): folds are where the
determinant of the Jacobian changes sign, Hopf points where its trace does and the determinant
is positive; both are closed in on by Brent's method. No step size, no starting point.
"""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from wclab.bifurcation.explicit import Explicit, Points, sigmoid
from wclab.bifurcation.local import Local
from wclab.bifurcation.records import Branch, Diagram, SpecialPoint
from wclab.model import Model, Parameter
from wclab.phaseplane.pair import Pair, read_pair

Reading = tuple[Pair, int, float, float]
_READ: WeakKeyDictionary[Model, dict[str, Reading | None]] = WeakKeyDictionary()

DET, TRACE, INPUT = 5, 6, 4  # places in what `Explicit.point` returns
NEAR = 0.5  # how far a parabola's least value may be, in that of the points, to look closer


def read_input(model: Model, block: str) -> Reading | None:
    """Return a pair, and how one of its two g depends on a parameter: offset and factor.

    None if the model has another form, or the parameter does more than add to one input.
    """
    known = _READ.setdefault(model, {})
    if block not in known:
        known[block] = _read(model, block)
    return known[block]


def _read(model: Model, block: str) -> Reading | None:
    value = float(model.values(block)[0])
    pair = read_pair(model, {block: value + np.array([0.0, 1.0, -1.0])})
    if pair is None or pair.g.ndim == 1:
        return None
    moved = np.ptp(pair.g, axis=1) > 0
    if np.ptp(pair.c, axis=2).any() or np.ptp(pair.w, axis=2).any() or moved.sum() != 1:
        return None
    one = pair.take(np.array(0))
    if not one.bounded:
        return None
    k = int(np.flatnonzero(moved)[0])
    g = pair.g[k]
    factor = float(g[1] - g[2]) / 2
    if abs(g[1] + g[2] - 2 * g[0]) > 1e-12 * (abs(g).max() + 1):
        return None
    return one, k, float(g[0]) - factor * value, factor


def diagram_along_input(
    model: Model, varied: Parameter, found: Reading, low: float, high: float
) -> Diagram:
    """Return the whole diagram of a pair along one input between two values."""
    pair, k, offset, factor = found
    turned = pair.swapped() if k else pair
    curve = Explicit(turned, offset, factor)
    branches: list[Branch] = []
    special: list[SpecialPoint] = []
    for arc in curve.arcs(low, high):
        for points, marks in _inside(curve, arc, low, high):
            named = [_special(turned, k, varied, *mark) for mark in marks]
            special += named
            branches.append(_branch(points, named, k))
    return Diagram(varied, model.states, tuple(branches), tuple(special), complete=True)


Mark = tuple[str, tuple[float, ...]]


def _inside(
    curve: Explicit, arc: Points, low: float, high: float
) -> list[tuple[np.ndarray, list[Mark]]]:
    """Return the parts of an arc that lie in the range: their points, and what is special.

    Points have the columns of `Explicit.point`; special points are among them.
    """
    rows = np.stack([arc.z, arc.v, arc.first, arc.second, arc.input, arc.det, arc.trace], axis=1)
    extra = [
        ("end", point, i)
        for limit in (low, high)
        for point, i in _roots(curve, arc, arc.input - limit, lambda p, at=limit: p[INPUT] - at)
    ]
    extra += [("fold", *root) for root in _roots(curve, arc, arc.det, lambda p: p[DET])]
    extra += [("hopf", *root) for root in _roots(curve, arc, arc.trace, lambda p: p[TRACE])]
    place = [_position(arc, point, i) for _, point, i in extra]
    order = np.argsort(np.concatenate([np.arange(len(rows)), place]), kind="stable")
    every = np.concatenate([rows, np.array([p for _, p, _ in extra]).reshape(-1, 7)])[order]
    kinds = np.array([""] * len(rows) + [kind for kind, _, _ in extra])[order]
    inside = (every[:, INPUT] >= low) & (every[:, INPUT] <= high) | (kinds == "end")
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(int)))
    parts = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if stop - start < 2:
            continue
        part, names = every[start:stop], kinds[start:stop]
        marks = [
            (str(names[j]), tuple(part[j].tolist()))
            for j in np.flatnonzero((names == "fold") | (names == "hopf"))
        ]
        parts.append((part, marks))
    return parts


def _position(arc: Points, point: tuple[float, ...], i: int) -> float:
    """Return where a point between nodes i and i + 1 lies, as a fraction of the index."""
    column = arc.v if arc.walked[i] or arc.walked[i + 1] else arc.z
    value = point[1] if column is arc.v else point[0]
    part = (value - column[i]) / (column[i + 1] - column[i])
    return i + min(max(float(part), 1e-9), 1 - 1e-9)


def _roots(
    curve: Explicit, arc: Points, values: np.ndarray, test: Callable[..., float]
) -> list[tuple[tuple[float, ...], int]]:
    """Return every point of an arc where a test is 0, with the node before it."""
    sign = np.signbit(values)
    changes = np.flatnonzero(sign[1:] != sign[:-1]).tolist()
    found = []
    for i in changes:
        at, walked, near = _between(arc, i)
        found.append((_root(curve, test, at[0], at[1], walked, near), i))
    size = np.abs(values)
    middle = size[1:-1]
    low = (middle <= size[:-2]) & (middle <= size[2:])
    low &= (sign[1:-1] == sign[:-2]) & (sign[1:-1] == sign[2:])
    for i in (np.flatnonzero(low) + 1).tolist():
        found += _pair_of_roots(curve, arc, i, values, test)
    return found


def _between(arc: Points, i: int) -> tuple[tuple[float, float], bool, float]:
    walked = bool(arc.walked[i] or arc.walked[i + 1])
    column = arc.v if walked else arc.z
    return (float(column[i]), float(column[i + 1])), walked, float(arc.z[i])


def _root(
    curve: Explicit, test: Callable[..., float], a: float, b: float, walked: bool, near: float
) -> tuple[float, ...]:
    root = brentq(lambda t: test(curve.point(t, walked, near)), a, b, xtol=1e-14, rtol=1e-14)
    return curve.point(float(root), walked, near)


def _pair_of_roots(
    curve: Explicit, arc: Points, i: int, values: np.ndarray, test: Callable[..., float]
) -> list[tuple[tuple[float, ...], int]]:
    """Return two roots that lie between nodes, where a test comes near 0 at node i."""
    u, w, x = (float(value) for value in values[i - 1 : i + 2])
    bend = u - 2 * w + x
    least = w - (x - u) ** 2 / (8 * bend) if bend else w
    if least * w > 0 and abs(least) > NEAR * abs(w):
        return []
    walked = bool(arc.walked[i - 1 : i + 2].any())
    column = arc.v if walked else arc.z
    near, sign = float(arc.z[i]), 1.0 if w > 0 else -1.0
    a, m, b = (float(value) for value in column[i - 1 : i + 2])
    turn = float(
        minimize_scalar(
            lambda t: sign * test(curve.point(t, walked, near)),
            bounds=(min(a, b), max(a, b)),
            method="bounded",
            options={"xatol": 1e-10 * (1 + abs(m))},
        ).x
    )
    if sign * test(curve.point(turn, walked, near)) >= 0:
        return []
    found = []
    for start, stop in ((a, turn), (turn, b)):
        point = _root(curve, test, start, stop, walked, near)
        value = point[1] if walked else point[0]
        found.append((point, i - 1 if (value - m) * (a - m) > 0 else i))
    return found


def _special(
    pair: Pair, k: int, varied: Parameter, kind: str, point: tuple[float, ...]
) -> SpecialPoint:
    """Return the record of a fold or of a point of vanishing trace."""
    z, v, x, y, value, det, trace = point
    root = np.sqrt(complex(trace * trace / 4 - det))
    eigenvalues = np.array([trace / 2 - root, trace / 2 + root])
    state = np.array([y, x] if k else [x, y])
    if kind == "fold":
        return SpecialPoint("fold", value, state, eigenvalues, varied)
    if det <= 0:
        return SpecialPoint("neutral saddle", value, state, eigenvalues, varied)
    s, r = (sigmoid(v), sigmoid(z)), (sigmoid(-v), sigmoid(-z))
    local = Local(pair)
    coefficient = float(local.lyapunov(local.here(s, r)))
    return SpecialPoint("hopf", value, state, eigenvalues, varied, coefficient)


def _branch(points: np.ndarray, named: list[Any], k: int) -> Branch:
    """Return the record of a part of an arc."""
    det, trace = points[:, DET], points[:, TRACE]
    root = np.sqrt((trace * trace / 4 - det).astype(complex))
    states = points[:, [3, 2]] if k else points[:, [2, 3]]
    special = np.isin(points[:, INPUT], [point.parameter for point in named])
    stable = (det > 0) & (trace < 0) & ~special
    eigenvalues = np.stack([trace / 2 - root, trace / 2 + root], axis=1)
    return Branch(points[:, INPUT], states, stable, eigenvalues)
