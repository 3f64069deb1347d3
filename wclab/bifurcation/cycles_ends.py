"""How a branch of cycles ends where the period grows without bound.

Two laws are told apart. On a saddle's loop (homoclinic) the period grows like the logarithm
of the distance in the parameter: the distance falls like exp(-rate T), the rate being the
saddle's smaller one. On a saddle-node on the cycle (SNIC) it grows like one over the square root:
the distance falls like 1/(T - T0)^2.

Source: Kuznetsov (2004), Elements of Applied Bifurcation Theory, sections 6.2 and 7.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wclab.bifurcation.cycles_course import Course
from wclab.bifurcation.cycles_field import Flow
from wclab.bifurcation.cycles_start import rest_near


@dataclass(frozen=True, eq=False)
class Grown:
    """A cycle with a long period, and the slope of the parameter by the period."""

    course: Course
    slope: float

    @property
    def period(self) -> float:
        """Its period."""
        return self.course.period


def ending(flow: Flow, cycles: Sequence[Grown]) -> tuple[str, float] | None:
    """Return what the branch runs into and at which parameter, or None if no law fits.

    Parameters
    ----------
    flow : Flow
    cycles : sequence of Grown
        The last ones, their periods increasing; at least three.
    """
    if len(cycles) < 3:
        return None
    last = cycles[-1]
    course = last.course
    slowest = np.argmin(np.sum((course.rates / np.ptp(course.extrema, axis=0)) ** 2, axis=1))
    state = course.states[slowest]
    saddle = rest_near(flow, state, course.parameter)
    if saddle is not None:
        away = np.abs(saddle - state) / np.ptp(course.extrema, axis=0)
        values = np.linalg.eigvals(flow(saddle, course.parameter)[1]).real
        if away.max() < 0.05 and values.min() < 0 < values.max():
            rate = min(values[values > 0].min(), -values[values < 0].max())
            return "homoclinic", _loop(cycles, float(rate))
    power = _power(cycles[-2], last)
    if power is None or not 2.0 < power < 5.0:
        return None
    return "snic", _node(flow, cycles, state)


def _power(a: Grown, b: Grown) -> float | None:
    """Return k where the slope falls like 1/T^k between two cycles."""
    if a.slope * b.slope <= 0:
        return None
    return float(-np.log(b.slope / a.slope) / np.log(b.period / a.period))


def _loop(cycles: Sequence[Grown], rate: float) -> float:
    """Return where the distance would be 0, from two cycles and the law exp(-rate T)."""
    last = cycles[-1]
    for cycle in cycles[-2::-1]:
        if last.period - cycle.period > 1.0 / rate or cycle is cycles[0]:
            share = np.exp(-rate * (last.period - cycle.period))
            step = cycle.course.parameter - last.course.parameter
            return float(last.course.parameter - step * share / (1 - share))
    return last.course.parameter


def _node(flow: Flow, cycles: Sequence[Grown], state: np.ndarray) -> float:
    """Return where the distance would be 0 by the law 1/(T - T0)^2; at the fold, if it is there."""
    a, b = cycles[-2:]
    ratio = (a.slope / b.slope) ** (1 / 3)
    start = (ratio * a.period - b.period) / (ratio - 1)
    limit = b.course.parameter + 0.5 * b.slope * (b.period - start)
    fold = _fold_near(flow, state, limit)
    if fold is not None and abs(fold - limit) < 0.2 * abs(limit - b.course.parameter):
        return fold
    return float(limit)


def _fold_near(flow: Flow, state: np.ndarray, parameter: float) -> float | None:
    """Return the parameter of the fold of rest states near a guess, or None."""
    from scipy.optimize import root

    size = len(state)
    vector = np.linalg.svd(flow(state, parameter)[1])[2][-1]

    def equations(x: np.ndarray) -> np.ndarray:
        rates, jacobian, _ = flow(x[:size], x[-1])
        null = x[size:-1]
        return np.concatenate([rates, jacobian @ null, [vector @ null - 1.0]])

    found = root(equations, np.concatenate([state, vector, [parameter]]), tol=1e-13)
    good = np.abs(equations(found.x)).max() < 1e-9
    return float(found.x[-1]) if good else None
