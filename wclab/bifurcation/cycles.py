"""Branches of limit cycles in one parameter: `cycles`, and the record that it returns."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.bifurcation.cycles_branch import FEWEST, Cycle, Limits, Walk, hopf_cycle
from wclab.bifurcation.cycles_collocation import (
    Condition,
    DivergedError,
    Shape,
    at_parameter,
    correct,
    product,
)
from wclab.bifurcation.cycles_course import Course, sizes
from wclab.bifurcation.cycles_field import read_flow
from wclab.bifurcation.cycles_start import first_guess, follow_run, hopf_mode, settled_state
from wclab.bifurcation.question import check_range, title
from wclab.errors import OptionError, show
from wclab.model import Model, Parameter
from wclab.phaseplane.pair import read_pair

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from wclab.circuit import CircuitTemplate


@dataclass(frozen=True)
class SpecialCycle:
    """A place on a branch of cycles where something changes.

    Attributes
    ----------
    kind : str
        "hopf": the cycle shrinks to a state of rest. "fold of cycles": the parameter turns
        round. "homoclinic": the period grows without bound on a saddle's loop. "snic": it does so
        on a saddle-node on the cycle.
    parameter : float
        Where; for the last two the limit that the branch tends to.
    period : float
        Infinite for the last two.
    index : int
        Position of the (last) cycle in the branch.
    """

    kind: str
    parameter: float
    period: float
    index: int

    def __repr__(self) -> str:
        return f"<{self.kind} at {self.parameter:.10g}, period {self.period:.6g}>"


@dataclass(frozen=True, eq=False)
class Cycles:
    """A branch of limit cycles along a parameter.

    Attributes
    ----------
    varied : str or (str, str)
        The parameter.
    names : tuple of str
        Paths of the states.
    parameter : ndarray, shape (m,)
    period : ndarray, shape (m,)
        In the unit of the circuit's time constants.
    minimum, maximum : ndarray, shape (m, n)
        Extrema of each state over the cycle.
    stable : ndarray of bool, shape (m,)
    multipliers : ndarray, shape (m, n)
        Floquet multipliers, complex; the trivial 1 first.
    special : tuple of SpecialCycle
        In the order of the branch.
    """

    varied: Parameter
    names: tuple[str, ...]
    parameter: np.ndarray
    period: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray
    stable: np.ndarray
    multipliers: np.ndarray
    special: tuple[SpecialCycle, ...]
    courses: tuple[Course, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.parameter)

    def special_points(self, kind: str | None = None) -> list[SpecialCycle]:
        """Return the special cycles of one kind, in the order of the branch."""
        return [point for point in self.special if kind in (None, point.kind)]

    def orbit(self, k: int, *, points: int = 201) -> "pd.DataFrame":
        """Return the course of one cycle.

        Parameters
        ----------
        k : int
            Position in the branch; negative from its end.
        points : int, optional
            Moments from 0 to the period, both included, evenly spaced.

        Returns
        -------
        pandas.DataFrame, shape (points, n)
            One column per state; the index is time.

        Raises
        ------
        OptionError
            If the branch has no such cycle, or `points` is less than 2.
        """
        import pandas as pd

        if not -len(self) <= k < len(self):
            raise OptionError(f"the branch has {len(self)} cycles, so none with the number {k}")
        if points < 2:
            raise OptionError(f"points must be at least 2, not {points}")
        course = self.courses[k]
        moments = np.linspace(0.0, course.period, points)
        index = pd.Index(moments, name="time")
        return pd.DataFrame(course.at(moments), index=index, columns=list(self.names))

    def plot(self, state: str | None = None, *, ax: "Axes | None" = None) -> "Axes":
        """Draw the extrema of one state; see `wclab.bifurcation.drawing.cycles`."""
        from wclab.bifurcation import drawing

        return drawing.cycles(self, state, ax=ax)

    def to_frame(self) -> "pd.DataFrame":
        """Return every cycle: parameter, period, extrema of each state, stable."""
        import pandas as pd

        columns: dict[str, Any] = {"parameter": self.parameter, "period": self.period}
        for k, name in enumerate(self.names):
            columns |= {f"{name} min": self.minimum[:, k], f"{name} max": self.maximum[:, k]}
        return pd.DataFrame({**columns, "stable": self.stable})

    def __repr__(self) -> str:
        low, high = self.parameter.min(), self.parameter.max()
        share = "stable" if self.stable.all() else "unstable" if not self.stable.any() else "mixed"
        lines = [
            f"<{len(self)} cycles along {title(self.varied)} from {low:.6g} to {high:.6g}, "
            f"{share}, periods {self.period.min():.6g} to {self.period.max():.6g}"
        ]
        return "\n".join([*lines, *(f"  {point!r}" for point in self.special)]) + ">"


def cycles(
    circuit: "CircuitTemplate | Model",
    start: Any,
    parameter: Parameter | None = None,
    limits: Sequence[float] | None = None,
    *,
    at: Sequence[float] = (),
    longest: float | None = None,
    most: int = 400,
    tol: float = 1e-10,
) -> Cycles:
    """Follow a branch of limit cycles in one parameter.

    Parameters
    ----------
    circuit : CircuitTemplate
        Without delays, and without equations that contain the time.
    start : SpecialPoint, DataFrame or array_like, shape (n,)
        A Hopf point of the circuit's diagram, ``diagram.special_points("hopf")[0]``; or a run
        of all its states that has settled on a stable cycle, or one state on the cycle. From a
        Hopf point the branch goes one way, from a cycle both ways.
    parameter : str or (str, str), optional
        Path of the parameter, or source and target of an edge whose weight it is. A Hopf point
        brings its own.
    limits : (float, float), optional
        Range of the parameter, which the branch does not leave. None: no limits.
    at : sequence of float, optional
        Values of the parameter at which cycles are wanted; wherever the branch passes one, it
        holds a cycle at exactly this value.
    longest : float, optional
        Period beyond which the branch ends. By default 60 of the larger time constant of a
        pair of populations, else 10 times the period at the start.
    most : int, optional
        Largest number of cycles.
    tol : float, optional
        Relative error of the periods that the mesh is refined to.

    Returns
    -------
    Cycles
        ``parameter``, ``period``, ``minimum``, ``maximum``, ``stable``, ``multipliers``,
        ``special``, ``orbit(k)``, ``to_frame()``. A branch that could not be followed to an end
        is returned as far as it goes, with a warning that says where and why.

    Raises
    ------
    OptionError
        If the start is no Hopf point and no cycle, the circuit has delays or equations that
        contain the time, or an option cannot be used.
    PathError
        If the circuit has no such parameter.

    Notes
    -----
    Gauss collocation with pseudo-arclength (Doedel, Keller & Kernevez 1991): polynomials of
    degree 4 on 20 intervals or more, whose mesh follows the cycle. The parameter at a fold of
    cycles is exact to about ten digits. A homoclinic's parameter is extrapolated by the law
    of the period, exp(-rate T) with the saddle's own rate (Kuznetsov 2004, section 6.2); that
    of a SNIC is the fold of rest states that the law 1/T^2 points to. Stability is that of
    the nontrivial multipliers; in the plane there is one, the exponential of the integral of the
    Jacobian's trace. With more states, cycles may also double their period or turn into a torus:
    no point is labelled there, but ``stable`` changes, and of ``multipliers`` one passes -1, or
    two leave the unit circle together.

    References
    ----------
    Doedel, Keller & Kernevez (1991), Int. J. Bifurcation Chaos 1:745-772.
    Kuznetsov (2004), Elements of Applied Bifurcation Theory, 3rd ed., Springer.
    """
    kind = getattr(start, "kind", None)
    if kind is not None and kind != "hopf":
        raise OptionError(
            f"a branch of cycles starts at a Hopf point, and this is a {kind}. Take one of "
            "diagram.special_points('hopf'), or a run that has settled on a cycle"
        )
    varied = getattr(start, "varied", None) if parameter is None else parameter
    if not varied:
        raise OptionError("say which parameter: cycles(circuit, start, 'e/se_op/r_ext')")
    model = circuit.model() if hasattr(circuit, "model") else circuit
    flow = read_flow(model, varied)
    low, high = (-np.inf, np.inf) if limits is None else check_range(limits, "limits")
    wanted = _numbers("at", at)
    if kind == "hopf":
        value = float(start.parameter)
        state, vector, frequency = hopf_mode(flow, np.asarray(start.state, dtype=float), value)
        guess = first_guess(flow, state, vector, frequency, value, FEWEST)
    else:
        value = float(model.values(model._find(varied)[0])[0])
        guess = follow_run(flow, settled_state(flow.states, start), value, 2 * FEWEST)
    if not low <= value <= high:
        raise OptionError(f"the start, {value:.6g}, lies outside of limits ({low:g}, {high:g})")
    unit = _time_constant(model) or np.exp(guess.log_period) / 6
    ends = Limits(low, high, longest or 60.0 * unit, most, labelled=30.0 * unit)
    walk = Walk(flow, ends, wanted, tol)
    if kind == "hopf":
        still = hopf_cycle(flow, state, value, frequency)
        return _record(_from_hopf(walk, still, guess), None, varied)
    return _record(*_from_cycle(walk, guess), varied)


def _from_hopf(walk: Walk, still: Cycle, guess: Shape) -> Walk:
    """Return the branch that is born at a Hopf point."""
    state = still.course.states[0]
    for _ in range(12):
        deviation = replace(
            guess,
            ends=guess.ends - state,
            stages=guess.stages - state,
            log_period=0.0,
            parameter=0.0,
        )
        scale = walk.largest = np.maximum(np.ptp(guess.stages, axis=(0, 1)), 1e-300)
        length = np.sqrt(product(deviation, deviation, scale))
        try:
            cycle, moved, _ = walk.solve(guess, Condition(deviation.times(1 / length), scale))
            if moved < 0.3:
                walk.cycles += [still, cycle]
                walk.largest = sizes([cycle.course])
                walk.follow()
                return walk
        except DivergedError:
            pass
        guess = guess.plus(deviation, -0.6)
    walk.cycles.append(still)
    walk.trouble = "no cycle was found near the Hopf point, which may be degenerate"
    return walk


def _from_cycle(walk: Walk, guess: Shape) -> tuple[Walk, Walk | None]:
    """Return the branch through a cycle, followed one way and, if it is not closed, the other."""
    scale = np.ptp(guess.stages, axis=(0, 1))
    scale = walk.largest = np.maximum(scale, 1e-6 * scale.max())
    try:
        rough = correct(walk.flow, guess, at_parameter(guess, scale))
        length = np.sqrt(product(rough.tangent, rough.tangent, scale))
        second = rough.shape.plus(rough.tangent, 0.02 / length)
        pair = [walk.solve(shape, at_parameter(shape, scale))[0] for shape in (rough.shape, second)]
    except DivergedError as error:
        raise OptionError(
            f"no cycle was found near the end of the run ({error}): let it run longer, until it "
            "repeats itself"
        ) from None
    walk.cycles += pair
    back = replace(walk, cycles=[pair[1], replace(pair[0], ahead=-1.0)])
    walk.follow()
    if walk.end is None and walk.came_round:
        return walk, None
    back.follow()
    return walk, back


def _record(forward: Walk, back: Walk | None, varied: Parameter) -> Cycles:
    """Return what was found, in the order of the branch; warn where it stops early."""
    found = list(forward.cycles)
    if back is not None:
        found = back.cycles[::-1] + found[2:]
    special = [
        SpecialCycle(cycle.kind, cycle.parameter, cycle.period, k)
        for k, cycle in enumerate(found)
        if cycle.kind
    ]
    for walk, index in ((back, 0), (forward, len(found) - 1)):
        if walk is None:
            continue
        if walk.end is not None:
            end = SpecialCycle(*walk.end, np.inf, index)
            special = [end, *special] if index == 0 else [*special, end]
        if walk.trouble:
            last = walk.cycles[-1]
            warnings.warn(
                f"the branch of cycles stops at {title(varied)} = {last.parameter:.6g}, period "
                f"{last.period:.6g}: {walk.trouble}",
                stacklevel=3,
            )
    factors = np.array([cycle.multipliers for cycle in found])
    stable = np.all(np.abs(factors[:, 1:]) < 1.0, axis=1)
    for k in (0, -1):
        if found[k].kind == "hopf" and len(found) > 1:
            stable[k] = stable[1 if k == 0 else -2]
    courses = tuple(cycle.course for cycle in found)
    extrema = np.array([course.extrema for course in courses])
    return Cycles(
        varied,
        forward.flow.states,
        np.array([cycle.parameter for cycle in found]),
        np.array([cycle.period for cycle in found]),
        extrema[:, 0],
        extrema[:, 1],
        stable,
        factors,
        tuple(special),
        courses,
    )


def _numbers(name: str, given: Any) -> list[float]:
    """Return finite numbers."""
    try:
        values = np.atleast_1d(np.asarray(given, dtype=float))
    except (TypeError, ValueError):
        values = np.array([np.nan])
    if values.ndim != 1 or not np.isfinite(values).all():
        raise OptionError(f"{name} must hold finite numbers, not {show(given)}")
    return values.tolist()


def _time_constant(model: "Model") -> float | None:
    """Return the larger time constant of a pair of populations, else None."""
    pair = read_pair(model)
    if pair is None or np.any(pair.c[:, 1] >= 0):
        return None
    return float(np.max(-1.0 / pair.c[:, 1]))
