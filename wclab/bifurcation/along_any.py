"""The diagram of any circuit along any parameter, by pseudo-arclength continuation.

Branches start at every state of rest found at several values of the parameter, so that pieces
that do not meet are found too; a state on a branch that is known starts none. Folds, Hopf and
branch points are bracketed by a change of sign, closed in on along the branch, and then
solved for as points of an extended system. A part of the diagram that lies wholly between two
of those values and touches no branch is not seen.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq

from wclab.bifurcation.arclength import Walk, correct, direction, follow
from wclab.bifurcation.exact import Rates
from wclab.bifurcation.extended import BranchPointSystem, FoldSystem, HopfSystem, System, polish
from wclab.bifurcation.normal_forms import first_lyapunov
from wclab.bifurcation.question import title
from wclab.bifurcation.records import Branch, Diagram, SpecialPoint
from wclab.bifurcation.starts import states_at_rest, walk_bounds
from wclab.model import Model, Parameter

SAME = 1e-5  # of the size of a state: nearer is the same point
FAR = 3.0  # sizes of the states that were found: beyond, a state runs off
MOST_BRANCHES = 60
SYSTEMS: dict[str, Callable[[Rates], System]] = {
    "fold": FoldSystem,
    "hopf": HopfSystem,
    "branch point": BranchPointSystem,
}
Path = tuple[np.ndarray, np.ndarray, np.ndarray, bool]  # points, tangents, slopes, closed


def diagram_along_any(
    model: Model, block: str, varied: Parameter, low: float, high: float, box: Any = None
) -> Diagram:
    """Return the branches that states of rest at several values of a parameter lie on."""
    tracer = _Tracer(model, block, varied, low, high, box)
    for value, states in tracer.starts:
        for state in states:
            tracer.trace(np.append(state, value))
    tracer.switch()
    branches, special = [], []
    for path, points in zip(tracer.paths, tracer.special, strict=True):
        branches.append(tracer.branch(path, points))
        special += [tracer.record(kind, u) for kind, u, _ in points]
    return Diagram(varied, model.states, tuple(branches), tuple(tracer.once(special)))


class _Tracer:
    def __init__(
        self, model: Model, block: str, varied: Parameter, low: float, high: float, box: Any
    ) -> None:
        self.rates, self.varied, self.n = Rates(model, [block]), varied, len(model.states)
        self.starts = states_at_rest(model, block, varied, low, high, box)
        seen = [state for _, states in self.starts for state in states]
        size = np.abs(np.array(seen)).max(axis=0) if seen else np.ones(self.n)
        self.scale = np.append(np.maximum(size, 1e-2 * max(size.max(), 0.1)), high - low)
        bounds = walk_bounds(model, varied, low, high) if box is None else np.array(box, float)
        ends = np.vstack([bounds.reshape(self.n, 2), [low, high]])
        self.bounds = (ends[:, 0].copy(), ends[:, 1].copy())
        self.paths: list[Path] = []
        self.special: list[list[tuple[str, np.ndarray, float]]] = []

    # --- branches ---

    def trace(self, u: np.ndarray, towards: np.ndarray | None = None) -> None:
        """Follow the branch through a point both ways, unless it is known."""
        if len(self.paths) >= MOST_BRANCHES or (towards is None and self.known(u)):
            return
        if ((u < self.bounds[0]) | (u > self.bounds[1])).any():
            return
        if towards is None:
            here = correct(self.rates.slopes, u, np.append(np.zeros(self.n), 1.0), self.scale, 12)
            if here is not None and np.abs((here[0] - u) / self.scale).max() > SAME:
                return  # no state of rest after all
            slopes = self.rates.slopes(u)[1] * self.scale
            null = np.linalg.svd(slopes)[2][-1]
            towards = null if null[-1] >= 0 else -null
        there = follow(self.rates.slopes, u, towards, self.bounds, self.scale)
        walks = [there]
        if not there.closed:
            walks.append(follow(self.rates.slopes, u, -towards, self.bounds, self.scale))
        for walk in walks:
            self.warn(walk)
        self.add(_joined(walks))

    def add(self, path: Path) -> None:
        """Keep a branch and find what is special on it."""
        if len(path[0]) > 1:
            self.paths.append(path)
            self.special.append(self.find_special(path))

    def warn(self, walk: Walk) -> None:
        """Say where and why a branch ends early."""
        if walk.failure:
            state = ", ".join(f"{x:.4g}" for x in walk.points[-1][:-1])
            size = np.abs(walk.points[-1] / self.scale)[:-1]
            off = self.rates.model.states[int(np.argmax(size))]
            hint = f"; {off} runs off, and box= would end the branch" if size.max() > FAR else ""
            warnings.warn(
                f"a branch ends at {title(self.varied)} = {walk.points[-1][-1]:.6g}, state "
                f"({state}): {walk.failure}{hint}. What was found so far is returned",
                RuntimeWarning,
                stacklevel=5,
            )

    def known(self, u: np.ndarray) -> bool:
        """Tell whether a solution lies on a branch already followed."""
        for points, *_ in self.paths:
            w = (points - u) / self.scale
            step = np.diff(w, axis=0)
            length = (step * step).sum(axis=1)
            part = np.clip(-(w[:-1] * step).sum(axis=1) / np.maximum(length, 1e-300), 0, 1)
            away = np.sqrt(((w[:-1] + part[:, None] * step) ** 2).sum(axis=1))
            for k in np.flatnonzero(away < 0.3 * np.sqrt(length) + SAME).tolist():
                row = step[k] / np.sqrt(length[k])
                near = points[k] + part[k] * (points[k + 1] - points[k])
                found = correct(self.rates.slopes, near, row, self.scale)
                if found and np.abs((found[0] - u) / self.scale).max() < SAME:
                    return True
        return False

    def switch(self) -> None:
        """Start the other branch at every branch point."""
        for k in range(MOST_BRANCHES):
            if k >= len(self.special):
                return
            for kind, u, _ in list(self.special[k]):
                if kind == "branch point":
                    self.leave(u, self.paths[k])

    def leave(self, u: np.ndarray, path: Path) -> None:
        """Follow the branch that crosses a path at a branch point, if it is not known."""
        along = path[1][int(np.argmin((((path[0] - u) / self.scale) ** 2).sum(axis=1)))]
        null = np.linalg.svd(self.rates.slopes(u)[1] * self.scale)[2][-2:]
        across = null[0] - (null[0] @ along) * along
        other = null[1] - (null[1] @ along) * along
        across = across if across @ across > other @ other else other
        across = across / np.sqrt(across @ across)
        for step in (0.02, -0.02):
            found = correct(self.rates.slopes, u + step * across * self.scale, across, self.scale)
            if found and not self.known(found[0]):
                self.trace(found[0])

    # --- special points ---

    def test(self, kind: str, slopes: np.ndarray, tangents: np.ndarray) -> np.ndarray:
        """Return what changes sign at a kind of special point, shape (points,)."""
        if kind == "fold":
            return tangents[:, -1]
        if kind == "hopf":
            return pair_sums(slopes[:, :, : self.n])
        matrix = np.concatenate([slopes * self.scale, tangents[:, None, :]], axis=1)
        return np.linalg.det(matrix)

    def find_special(self, path: Path) -> list[tuple[str, np.ndarray, float]]:
        """Return (kind, point, place) of what is special, by its place along the branch."""
        _points, tangents, slopes, _ = path
        crossed = {}
        for kind in SYSTEMS:
            sign = np.sign(self.test(kind, slopes, tangents))
            crossed[kind] = np.flatnonzero(sign[1:] * sign[:-1] < 0)
        found = []
        for kind, places in crossed.items():
            for k in places.tolist():
                if kind == "fold" and k in crossed["branch point"]:
                    continue
                where = self.close_in(kind, path, k)
                if where is not None:
                    found.append((where[0], where[1], k + where[2]))
        return sorted(found, key=lambda item: item[2])

    def close_in(self, kind: str, path: Path, k: int) -> tuple[str, np.ndarray, float] | None:
        """Return a special point between two points of a path, and how far it is to the second."""
        points, tangents, *_ = path
        a, b = points[k], points[k + 1]
        row = (b - a) / self.scale
        length = float(np.sqrt(row @ row))
        row = row / length
        last = {"u": a}

        def test(part: float) -> float:
            found = correct(self.rates.slopes, a + part * (b - a), row, self.scale, 20)
            if found is None:
                raise ArithmeticError
            last["u"] = found[0]
            tangent = direction(found[1], tangents[k], self.scale)
            return float(self.test(kind, found[1][None], tangent[None])[0])

        system = SYSTEMS[kind](self.rates)
        if kind == "branch point":  # there the branch itself cannot be corrected
            guess = self.between(kind, path, k)
            found = polish(system, a + guess * (b - a), self.scale, length)
            if found is not None:
                return kind, found, guess
        try:
            part = float(brentq(test, 0.0, 1.0, xtol=1e-9))
            test(part)
        except (ArithmeticError, ValueError):
            return None
        found = polish(system, last["u"], self.scale)
        return kind, last["u"] if found is None else found, part

    def between(self, kind: str, path: Path, k: int) -> float:
        """Return where a test vanishes between two points of a path, by a straight line."""
        values = self.test(kind, path[2][k : k + 2], path[1][k : k + 2])
        return float(values[0] / (values[0] - values[1]))

    def record(self, kind: str, u: np.ndarray) -> SpecialPoint:
        """Return the record of a special point."""
        jacobian = self.rates.slopes(u)[1][:, : self.n]
        values = np.linalg.eigvals(jacobian).astype(complex)
        lyapunov = None
        if kind == "hopf":
            sums = np.abs(values[:, None] + values) + np.where(np.eye(self.n) > 0, np.inf, 0.0)
            i, j = np.unravel_index(int(np.argmin(sums)), sums.shape)
            if (values[i] * values[j]).real > 0 and values[i].imag:
                lyapunov = first_lyapunov(jacobian, *self.rates.forms(u))
            else:
                kind = "neutral saddle"
        return SpecialPoint(kind, float(u[-1]), u[:-1], values, self.varied, lyapunov)

    def once(self, special: list[SpecialPoint]) -> list[SpecialPoint]:
        """Leave out points that two branches share."""
        kept: list[SpecialPoint] = []
        for point in special:
            u = np.append(point.state, point.parameter)
            near = (
                np.abs((u - np.append(p.state, p.parameter)) / self.scale).max() < SAME
                for p in kept
                if p.kind == point.kind
            )
            if not any(near):
                kept.append(point)
        return kept

    def branch(self, path: Path, special: list[tuple[str, np.ndarray, float]]) -> Branch:
        """Return the record of a path, with its special points among its points."""
        points, _, slopes, closed = path
        values = np.linalg.eigvals(slopes[:, :, : self.n]).astype(complex)
        stable = np.asarray((values.real < 0).all(axis=1))
        for _, u, place in reversed(special):
            k = int(place) + 1
            here = np.linalg.eigvals(self.rates.slopes(u)[1][:, : self.n]).astype(complex)
            points = np.insert(points, k, u, axis=0)
            values = np.insert(values, k, here, axis=0)
            stable = np.insert(stable, k, False)
        return Branch(points[:, -1], points[:, :-1], stable, values, closed)


def pair_sums(jacobians: np.ndarray) -> np.ndarray:
    """Return the product of the sums of all pairs of eigenvalues, scaled: (m, n, n) to (m,)."""
    n = jacobians.shape[1]
    if n < 3:
        trace = jacobians[:, 0, 0] + jacobians[:, n - 1, n - 1]
        return trace if n > 1 else np.ones(len(jacobians))
    values = np.linalg.eigvals(jacobians)
    i, j = np.triu_indices(n, 1)
    scale = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-300)
    return np.prod((values[:, i] + values[:, j]) / scale, axis=1).real


def _joined(walks: list[Walk]) -> Path:
    """Return the second walk backwards and then the first, as one path."""
    first, second = walks[0], walks[1] if len(walks) > 1 else Walk()
    points = second.points[:0:-1] + first.points
    tangents = [-t for t in second.tangents[:0:-1]] + first.tangents
    slopes = second.slopes[:0:-1] + first.slopes
    return np.array(points), np.array(tangents), np.array(slopes), first.closed
