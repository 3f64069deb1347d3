"""Limit cycles as solutions of a boundary value problem: Gauss collocation on a mesh.

The contract: `correct` takes a guess of a cycle and one linear condition, and returns the
cycle that meets it, with its tangent along the branch; `Shape.halved` halves its mesh.

On each of N intervals of a mesh in s = t/T the course is a polynomial of degree m = 4 that
obeys u' = T f(u, p) at the Gauss points. The unknowns inside an interval are eliminated for all
intervals at once; what is left are the values at the mesh points, the period and the parameter.
At mesh points the error shrinks with h^8.

Sources: Doedel, Keller & Kernevez (1991), Int. J. Bifurcation Chaos 1:493-520 and 745-772;
Ascher, Mattheij & Russell (1995), Numerical Solution of Boundary Value Problems, ch. 5 and 7.
"""

from dataclasses import dataclass, replace

import numpy as np

from wclab.bifurcation.cycles_field import Flow

DEGREE = 4
JOINED = 24  # intervals are joined until so many are left


def _lagrange(nodes: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return the values at `at` of the polynomials that are 1 at one node, 0 at the others."""
    rows = [
        np.prod([(at - other) / (node - other) for other in np.delete(nodes, k)], axis=0)
        for k, node in enumerate(nodes)
    ]
    return np.stack(rows, axis=-1)


NODES = 0.5 + 0.5 * np.polynomial.legendre.leggauss(DEGREE)[0]
WEIGHTS = 0.5 * np.polynomial.legendre.leggauss(DEGREE)[1]
_POWERS = np.arange(1, DEGREE + 1)
STAGES = (NODES[:, None] ** _POWERS / _POWERS) @ np.linalg.inv(NODES[:, None] ** (_POWERS - 1))
INVERSE = np.linalg.inv(STAGES)
END = WEIGHTS @ INVERSE  # u(1) = u(0) + END @ (stages - u(0))
INNER = np.concatenate([[0.0], NODES])
_HALVES = np.concatenate([0.5 * NODES, [0.5], 0.5 + 0.5 * NODES])
HALVES = _lagrange(INNER, _HALVES)  # to the stages of the first half, the middle, the second


@dataclass(frozen=True, eq=False)
class Shape:
    """A closed curve on a mesh: a cycle, a guess of one, or a direction in their space.

    Attributes
    ----------
    widths : ndarray, shape (N,)
        Of the intervals; their sum is 1.
    ends : ndarray, shape (N, n)
        States at the beginning of each interval.
    stages : ndarray, shape (N, 4, n)
        States at its Gauss points.
    log_period, parameter : float
    """

    widths: np.ndarray
    ends: np.ndarray
    stages: np.ndarray
    log_period: float
    parameter: float

    def halved(self) -> "Shape":
        """Return the same curve on a mesh of half intervals."""
        count, size = self.ends.shape
        values = np.einsum("ab,ibn->ian", HALVES, self.inner)
        stages = np.delete(values, DEGREE, axis=1).reshape(2 * count, DEGREE, size)
        ends = np.stack([self.ends, values[:, DEGREE]], axis=1).reshape(2 * count, size)
        return replace(self, widths=np.repeat(0.5 * self.widths, 2), ends=ends, stages=stages)

    @property
    def inner(self) -> np.ndarray:
        """The values that each interval's polynomial goes through, shape (N, 5, n)."""
        return np.concatenate([self.ends[:, None], self.stages], axis=1)

    def plus(self, other: "Shape", factor: float) -> "Shape":
        """Return this and a multiple of a direction on the same mesh."""
        return replace(
            self,
            ends=self.ends + factor * other.ends,
            stages=self.stages + factor * other.stages,
            log_period=self.log_period + factor * other.log_period,
            parameter=self.parameter + factor * other.parameter,
        )

    def times(self, factor: float) -> "Shape":
        """Return a multiple of a direction."""
        return self.plus(self, factor - 1.0)

    def minus(self, other: "Shape") -> "Shape":
        """Return the direction from another shape to this one, mesh point by mesh point."""
        return self.plus(other, -1.0)


@dataclass(frozen=True, eq=False)
class Condition:
    """One linear condition on a correction: its product with a direction is 0.

    The product is the mean of the states' products, each divided by `scale` squared, plus those
    of the logarithms of the periods, plus `weight` times those of the parameters.
    """

    direction: Shape
    scale: np.ndarray
    weight: float = 0.0

    def halved(self) -> "Condition":
        """Return it on a mesh of half intervals."""
        return replace(self, direction=self.direction.halved())


def at_parameter(shape: Shape, scale: np.ndarray) -> Condition:
    """Return the condition that the parameter stays as it is."""
    none = replace(
        shape,
        ends=np.zeros_like(shape.ends),
        stages=np.zeros_like(shape.stages),
        log_period=0.0,
        parameter=1.0,
    )
    return Condition(none, scale, 1.0)


def product(a: Shape, b: Shape, scale: np.ndarray, weight: float = 0.0) -> float:
    """Return the product of two directions on one mesh; see `Condition`."""
    states = np.einsum("i,l,iln,iln,n", a.widths, WEIGHTS, a.stages, b.stages, scale**-2.0)
    return float(states + a.log_period * b.log_period + weight * a.parameter * b.parameter)


@dataclass(frozen=True, eq=False)
class Solution:
    """A cycle that obeys the equations, and its tangent along the branch.

    `tangent` has product 1 with the condition's direction; `transitions`, shape (N, n, n),
    carry small deviations across each interval; `divergence` is the integral of the trace of
    the Jacobian over a period; `change` the size of the last correction.
    """

    shape: Shape
    tangent: Shape
    transitions: np.ndarray
    divergence: float
    change: float
    steps: int


class DivergedError(ArithmeticError):
    """A correction that led nowhere."""


def correct(
    flow: Flow, guess: Shape, condition: Condition, *, tol: float = 1e-7, most: int = 8
) -> Solution:
    """Return the cycle near a guess that meets a condition, by Newton's method.

    The origin of time is fixed by the integral of (u - guess) . f(guess), which is 0.

    Raises
    ------
    DivergedError
        If the corrections do not shrink below `tol` (relative to `condition.scale`) in `most`
        steps.
    """
    shape, phase, last = guess, None, np.inf
    for step in range(1, most + 1):
        rates, jacobian, by_parameter = flow(shape.stages, shape.parameter)
        if phase is None:
            phase = rates / condition.scale**2
        if not np.isfinite(rates).all() or not np.isfinite(jacobian).all():
            raise DivergedError("the states left where the equations have values")
        try:
            solution = _newton(
                shape, guess, condition, phase, (rates, jacobian, by_parameter), step
            )
        except np.linalg.LinAlgError:
            raise DivergedError("the equations of the cycle became singular") from None
        shape, change = solution.shape, solution.change
        if not np.isfinite(change) or change > 1e3 or (step > 3 and change > last):
            break
        if change < tol:
            return solution
        last = change
    raise DivergedError("Newton's method did not converge")


def _newton(
    shape: Shape,
    guess: Shape,
    condition: Condition,
    phase: np.ndarray,
    values: tuple[np.ndarray, np.ndarray, np.ndarray],
    step: int,
) -> Solution:
    """Return the shape after one of Newton's steps, and what was found on the way."""
    rates, jacobian, by_parameter = values
    count, size = shape.ends.shape
    period = np.exp(shape.log_period)
    lengths = (period * shape.widths)[:, None, None]
    # inside the intervals: stages = S ends + (columns: log period, parameter, residual)
    courses = lengths * (STAGES @ rates)
    residual = shape.stages - shape.ends[:, None] - courses
    matrix = (
        -(lengths[..., None, None] * STAGES[:, None, :, None])
        * jacobian.transpose(0, 2, 1, 3)[:, None]
    )
    matrix = matrix.reshape(count, DEGREE * size, DEGREE * size)
    diagonal = np.arange(DEGREE * size)
    matrix[:, diagonal, diagonal] += 1.0
    right = np.empty((count, DEGREE, size, size + 3))
    right[..., :size] = np.eye(size)
    right[..., size] = courses
    right[..., size + 1] = lengths * (STAGES @ by_parameter)
    right[..., size + 2] = -residual
    inner = np.linalg.solve(matrix, right.reshape(count, DEGREE * size, size + 3))
    inner = inner.reshape(count, DEGREE, size, size + 3)
    # across the intervals
    after = shape.ends[[*range(1, count), 0]]
    gap = after - shape.ends - lengths[:, 0] * (WEIGHTS @ rates)
    across = np.einsum("l,ilns->ins", END, inner)
    across[..., :size] += (1 - END.sum()) * np.eye(size)
    across[..., size + 2] += np.einsum("l,iln->in", END, residual) - gap
    # the phase and the condition, as integrals that grow from interval to interval
    direction, moved = condition.direction, shape.minus(guess)
    weights = (shape.widths[:, None] * WEIGHTS)[..., None]
    rows = np.stack([weights * phase, weights * direction.stages / condition.scale**2])
    rows[0] /= np.abs(rows[0]).sum() + 1e-300
    maps = np.zeros((count, size + 5, size + 5))
    maps[:, :size, :size], maps[:, :size, size + 2 :] = np.split(across, [size], axis=2)
    onto = np.einsum("kiln,ilns->iks", rows, inner)
    onto[..., size + 2] += np.einsum("kiln,iln->ik", rows, moved.stages)
    onto, columns = np.split(onto, [size], axis=2)
    maps[:, size : size + 2, :size], maps[:, size : size + 2, size + 2 :] = onto, columns
    maps[:, np.arange(size, size + 5), np.arange(size, size + 5)] = 1.0
    outside = direction.log_period, condition.weight * direction.parameter
    offset = outside[0] * moved.log_period + outside[1] * moved.parameter
    steps = []
    for k, vectors in enumerate(_around(maps, size, outside, offset)):
        ends, (log_period, parameter) = vectors[:, :size], vectors[0, size + 2 : size + 4]
        stages = (inner[..., :size] @ ends[:, None, :, None])[..., 0]
        stages += log_period * inner[..., size] + parameter * inner[..., size + 1]
        if k == 0:
            stages += inner[..., size + 2]
        steps.append(Shape(shape.widths, ends, stages, float(log_period), float(parameter)))
    change = max(float(np.abs(steps[0].stages / condition.scale).max()), abs(steps[0].log_period))
    trace = np.trace(jacobian, axis1=-2, axis2=-1)
    divergence = float(period * np.einsum("i,l,il", shape.widths, WEIGHTS, trace))
    moved_shape = shape.plus(steps[0], 1.0)
    return Solution(moved_shape, steps[1], across[..., :size], divergence, change, step)


def _around(
    maps: np.ndarray, size: int, outside: tuple[float, float], offset: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors at all mesh points of the correction, and of the tangent.

    Each map takes the vector (deviation, two integrals, log period, parameter, 1) across an
    interval. Neighbours are joined two by two until few are left: their deviations are
    unknowns of one system, in which the last end meets the first beginning. `outside` and
    `offset` are what stands in the condition besides its integral.
    """
    levels = []
    while len(maps) > JOINED:
        levels.append(maps)
        even = len(maps) - len(maps) % 2
        maps = np.concatenate([maps[1:even:2] @ maps[0:even:2], maps[even:]])
    count = len(maps)
    total, each = count * size, np.arange(count)
    matrix, known = np.zeros((total + 2, total + 2)), np.zeros((total + 2, 2))
    blocks = matrix[:total, :total].reshape(count, size, count, size)
    blocks[each, :, each] = -maps[:, :size, :size]
    blocks[each, :, (each + 1) % count] += np.eye(size)
    matrix[:total, total:] = -maps[:, :size, size + 2 : size + 4].reshape(total, 2)
    known[:total, 0] = maps[:, :size, size + 4].reshape(total)
    matrix[total:, :total] = maps[:, size : size + 2, :size].transpose(1, 0, 2).reshape(2, total)
    matrix[total:, total:] = maps[:, size : size + 2, size + 2 : size + 4].sum(axis=0)
    matrix[total + 1, total:] += outside
    known[total:, 0] = -maps[:, size : size + 2, size + 4].sum(axis=0)
    known[total + 1] += -offset, 1.0
    found = np.linalg.solve(matrix, known)
    results = []
    for k in (0, 1):
        vectors = np.zeros((count, size + 5))
        vectors[:, :size] = found[:total, k].reshape(count, size)
        vectors[:, size + 2 : size + 4], vectors[:, size + 4] = found[total:, k], 1 - k
        for level in reversed(levels):
            every = np.empty((len(level), size + 5))
            half = len(level) // 2
            every[0 : 2 * half : 2], every[2 * half :] = vectors[:half], vectors[half:]
            first = level[0 : 2 * half : 2]
            every[1 : 2 * half : 2] = (first @ vectors[:half, :, None])[..., 0]
            vectors = every
        results.append(vectors)
    return results[0], results[1]


def between(a: Shape, b: Shape, fraction: float) -> Shape:
    """Return what lies between two shapes, mesh point by mesh point; also beyond them.

    The intervals' lengths in time are interpolated too, by their logarithms, so that a long
    rest in one part of the cycle stretches the mesh there only.
    """
    shape = a.plus(b.minus(a), fraction)
    first, second = np.log(a.widths) + a.log_period, np.log(b.widths) + b.log_period
    lengths = np.exp(first + np.clip(fraction * (second - first), -1.5, 1.5))
    total = float(lengths.sum())
    return replace(shape, widths=lengths / total, log_period=float(np.log(total)))
