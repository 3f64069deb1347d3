"""A finished cycle, to be read at any moment: its course, its extrema, its stability.

Between the points of its mesh, which are exact to h^8, the course is the polynomial of degree
five that has the cycle's values and first two derivatives at both ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wclab.bifurcation.cycles_collocation import INNER, Shape
from wclab.bifurcation.cycles_field import Flow


@dataclass(frozen=True, eq=False)
class Course:
    """A finished cycle: its states and their first two derivatives at some moments of a period.

    Attributes
    ----------
    moments : ndarray, shape (K + 1,)
        From 0 to the period.
    states, rates, bends : ndarray, shape (K + 1, n)
        Values, and first and second derivatives by time.
    parameter : float
    """

    moments: np.ndarray
    states: np.ndarray
    rates: np.ndarray
    bends: np.ndarray
    parameter: float

    @property
    def period(self) -> float:
        """How long it takes."""
        return float(self.moments[-1])

    def at(self, moments: np.ndarray) -> np.ndarray:
        """Return the states at some moments, shape (..., n); error of order h^6."""
        k = np.searchsorted(self.moments, moments, side="right") - 1
        k = np.clip(k, 0, len(self.moments) - 2)
        width = self.moments[k + 1] - self.moments[k]
        x = (np.asarray(moments) - self.moments[k]) / width
        powers = x[..., None] ** np.arange(6)
        return np.einsum("...k,k...n->...n", powers, self._coefficients[:, k])

    @cached_property
    def _coefficients(self) -> np.ndarray:
        """Of x^0 ... x^5 in each interval, x from 0 to 1: shape (6, K, n)."""
        width = np.diff(self.moments)[:, None]
        u, v, a = self.states, self.rates, self.bends
        v0, v1 = width * v[:-1], width * v[1:]
        a0, a1 = width**2 * a[:-1] / 2, width**2 * a[1:] / 2
        d = u[1:] - u[:-1] - v0 - a0
        e = v1 - v0 - 2 * a0
        g = a1 - a0
        return np.stack([u[:-1], v0, a0, 10 * d - 4 * e + g, -15 * d + 7 * e - 2 * g,
                         6 * d - 3 * e + g])  # fmt: skip

    @cached_property
    def extrema(self) -> np.ndarray:
        """Smallest and largest value of each state, shape (2, n)."""
        found = np.stack([self.states.min(axis=0), self.states.max(axis=0)])
        turns = np.argwhere(self.rates[:-1] * self.rates[1:] < 0)
        for k, n in turns:
            c = self._coefficients[:, k, n]
            slope = c[1:] * np.arange(1, 6)
            low, high = 0.0, 1.0
            x = slope[0] / (slope[0] - slope.sum())
            for _ in range(30):
                powers = x ** np.arange(5)
                value = slope @ powers
                low, high = (x, high) if value * slope[0] > 0 else (low, x)
                tilt = (slope[1:] * np.arange(1, 5)) @ powers[:4]
                new = x - value / tilt if tilt else x
                new = new if low < new < high else 0.5 * (low + high)
                if abs(new - x) < 1e-9:
                    break
                x = new
            value = c @ x ** np.arange(6)
            found[0, n], found[1, n] = min(found[0, n], value), max(found[1, n], value)
        return found

    def shape(self, widths: np.ndarray, origin: float = 0.0) -> Shape:
        """Return it on a mesh of intervals that starts at a moment, as a guess."""
        starts = origin + self.period * np.concatenate([[0.0], np.cumsum(widths)[:-1]])
        moments = starts[:, None] + self.period * widths[:, None] * INNER
        values = self.at(moments % self.period)
        return Shape(
            widths, values[:, 0], values[:, 1:], float(np.log(self.period)), self.parameter
        )

    def mesh(self, count: int, scale: np.ndarray, origin: float = 0.0) -> np.ndarray:
        """Return the widths of `count` intervals that share the error evenly.

        The error is measured by the fifth derivative; a tenth of the intervals is spread evenly
        over the period, for where nothing seems to happen.
        """
        part = np.abs(self._coefficients[5] / scale).max(axis=1) ** 0.2
        density = part / np.diff(self.moments)
        density = 0.25 * np.roll(density, 1) + 0.5 * density + 0.25 * np.roll(density, -1)
        steps = density * np.diff(self.moments)
        steps = steps + 0.1 * steps.sum() * np.diff(self.moments) / self.period
        total = np.concatenate([[0.0], np.cumsum(steps)])
        if not total[-1] > 0:
            return np.full(count, 1.0 / count)
        start = np.interp(origin % self.period, self.moments, total)
        targets = start + np.linspace(0.0, total[-1], count + 1)
        over = targets > total[-1]
        places = np.interp(np.where(over, targets - total[-1], targets), total, self.moments)
        places[over] += self.period
        places[0], places[-1] = origin % self.period, origin % self.period + self.period
        return np.diff(places) / self.period


def aligned(a: Course, b: Course, count: int, scale: np.ndarray) -> tuple[Shape, Shape]:
    """Return two cycles on meshes whose points correspond: the second one's origin is shifted."""
    first = a.shape(a.mesh(count, scale))
    origin = 0.0
    for _ in range(3):
        second = b.shape(b.mesh(count, scale, origin), origin)
        ahead = np.roll(second.ends, -1, axis=0) - np.roll(second.ends, 1, axis=0)
        length = second.widths + np.roll(second.widths, 1)
        speed = ahead / (b.period * length[:, None] * scale**2)
        square = np.sum(speed**2 * scale**2 * length[:, None])
        if not square > 0:
            break
        shift = np.sum((second.ends - first.ends) * speed * length[:, None]) / square
        if abs(shift) < 1e-4 * b.period * length.min():
            break
        origin -= float(np.clip(shift, -0.1 * b.period, 0.1 * b.period))
    return first, second


def finish(flow: Flow, shape: Shape) -> Course:
    """Return a cycle as a `Course`."""
    rates, jacobian, _ = flow(shape.ends, shape.parameter)
    bends = np.einsum("ikl,il->ik", jacobian, rates)
    moments = np.exp(shape.log_period) * np.concatenate([[0.0], np.cumsum(shape.widths)])
    moments[-1] = np.exp(shape.log_period)
    ends, rates, bends = (np.concatenate([x, x[:1]]) for x in (shape.ends, rates, bends))
    return Course(moments, ends, rates, bends, shape.parameter)


def multipliers(transitions: np.ndarray, divergence: float) -> np.ndarray:
    """Return the n Floquet multipliers, the trivial 1 first, then by falling size.

    In the plane the other one is exp(divergence), without any cancellation; else they are the
    eigenvalues of the product of the transitions.
    """
    size = transitions.shape[-1]
    if size == 2:
        return np.array([1.0, np.exp(min(divergence, 700.0))], dtype=complex)
    around = np.eye(size)
    for transition in transitions:
        around = transition @ around
    values = np.linalg.eigvals(around).astype(complex)
    values = values[np.argsort(-np.abs(values))]
    trivial = np.argmin(np.abs(values - 1.0))
    return np.concatenate([[1.0], np.delete(values, trivial)])


def sizes(courses: Sequence[Course]) -> np.ndarray:
    """Return the largest extent of each state over some cycles, shape (n,)."""
    return np.max([np.ptp(course.extrema, axis=0) for course in courses], axis=0)
