"""Following a branch of cycles: step after step, with folds, given values and ends located."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from wclab.bifurcation.cycles_collocation import (
    Condition,
    DivergedError,
    Shape,
    Solution,
    at_parameter,
    between,
    correct,
    product,
)
from wclab.bifurcation.cycles_course import Course, aligned, finish, multipliers, sizes
from wclab.bifurcation.cycles_ends import Grown, ending
from wclab.bifurcation.cycles_field import Flow
from wclab.bifurcation.cycles_start import locate_hopf

LONGEST_STEP = 0.3  # of a cycle's own extent, and of the logarithm of its period
BEND = 0.03  # how far a cycle may lie beside the straight way to it
SHORTEST_STEP = 1e-5
FEWEST, MOST = 20, 200  # intervals
SMALL = 0.2  # of the branch's largest extent: here a Hopf point may be near


@dataclass(frozen=True, eq=False)
class Cycle:
    """One finished cycle of a branch.

    `slope` is the change of the parameter along the branch, divided by that of the logarithm of
    the period; `ahead` the change of the parameter alone, positive or negative.
    """

    course: Course
    multipliers: np.ndarray
    ahead: float = 0.0
    slope: float = 0.0
    kind: str = ""

    @property
    def parameter(self) -> float:
        """Value of the parameter."""
        return self.course.parameter

    @property
    def period(self) -> float:
        """Period."""
        return self.course.period


@dataclass(frozen=True)
class Limits:
    """Where a branch ends: a range of the parameter, a period, a number of cycles."""

    low: float
    high: float
    longest: float
    most: int
    labelled: float  # no fold of cycles is looked for beyond this period


@dataclass(eq=False)
class Walk:
    """A branch while it is followed."""

    flow: Flow
    limits: Limits
    wanted: Sequence[float]
    tol: float
    cycles: list[Cycle] = field(default_factory=list)
    largest: np.ndarray = field(default_factory=lambda: np.ones(1))
    count: int = FEWEST
    trouble: str = ""
    end: tuple[str, float] | None = None
    came_round: bool = False

    @property
    def scale(self) -> np.ndarray:
        """What the states are measured by: the extent of the last cycle, shape (n,)."""
        now = sizes([self.cycles[-1].course])
        top = self.largest.max()
        return np.maximum(now, np.maximum(0.1 * self.largest, 1e-6 * top))

    def follow(self) -> None:
        """Go on until the branch ends."""
        step = 0.5 * LONGEST_STEP
        first = len(self.cycles)
        before, last = self.cycles[-2:]
        sure = last  # the last one along which the parameter moves
        while len(self.cycles) < self.limits.most:
            a, b, scale = self.meshes(before, last)
            condition, length = self.along(a, b, scale)
            try:
                guess = between(a, b, 1.0 + step / length)
                cycle, moved, steps = self.solve(guess, condition)
                if moved > max(0.7 * step, 2e-3):
                    raise DivergedError("Newton's method went to another cycle")
            except DivergedError as error:
                step *= 0.35
                if step < SHORTEST_STEP:
                    self.trouble = str(error)
                    return
                continue
            top = None
            if self.turned(sure, cycle):
                if self.hopf_ahead(before, last, 3 * SMALL):
                    return
                top = self.fold(sure, cycle)
                if top is None and step > 1e-3:  # perhaps another cycle, beyond a Hopf point
                    step *= 0.35
                    continue
            self.add(cycle, top)
            before, last = last, cycle
            sure = cycle if self.moves(cycle) else sure
            if self.hopf_ahead(before, last, SMALL):
                return
            if self.ended() or (len(self.cycles) > first + 4 and self.closed()):
                return
            step *= min(max((BEND / max(moved, 1e-9)) ** 0.5, 0.5), 1.6 if steps <= 4 else 1.0)
            step = min(step, length * LONGEST_STEP / self.difference(before, last))
        self.trouble = f"it has {self.limits.most} cycles, as many as asked for"

    def meshes(self, before: Cycle, last: Cycle) -> tuple[Shape, Shape, np.ndarray]:
        """Return two cycles on meshes whose points correspond, and the scale of states."""
        scale = self.scale
        return *aligned(before.course, last.course, self.count, scale), scale

    def along(self, a: Shape, b: Shape, scale: np.ndarray) -> tuple[Condition, float]:
        """Return the condition to go square to the way between two shapes, and its length.

        What points along the cycle is left out: it only moves the mesh.
        """
        direction = b.minus(a)
        flow = self.flow.rates(b.stages, b.parameter) / scale
        part = np.sum(direction.stages / scale * flow, axis=2) / np.maximum(
            np.sum(flow**2, axis=2), 1e-300
        )
        stages = direction.stages - part[..., None] * flow * scale
        weight = (0.5 / self.reach(b)) ** 2
        direction = replace(direction, stages=stages)
        length = product(direction, direction, scale, weight) ** 0.5
        return Condition(direction.times(1 / length), scale, weight), float(length)

    def reach(self, new: Shape | Cycle) -> float:
        """Return what errors of the parameter are measured by."""
        places = [new.parameter, *(cycle.parameter for cycle in self.cycles[:1])]
        return float(max(np.ptp(places), 0.1 * np.abs(places).max(), 1e-9))

    def difference(self, before: Cycle, last: Cycle) -> float:
        """Return how much two cycles differ in what a diagram shows."""
        extents = [sizes([cycle.course]) for cycle in (before, last)]
        change = np.abs(extents[1] - extents[0]) / self.scale
        periods = abs(np.log(last.period / before.period))
        way = abs(last.parameter - before.parameter) / self.reach(last)
        return float(change.max() + periods + 0.5 * way + 1e-12)

    def solve(self, guess: Shape, condition: Condition) -> tuple[Cycle, float, int]:
        """Return the cycle near a guess, how far it was away, and Newton's steps.

        The mesh is halved until that changes the period by so little that the next halving,
        which divides the error by 2^8, would change it by less than `tol`.
        """
        coarse = correct(self.flow, guess, condition)
        moved = coarse.shape.minus(guess)
        away = np.sqrt(product(moved, moved, condition.scale, condition.weight))
        fine, extent = coarse, self.reach(coarse.shape)
        for _ in range(4):
            condition, old = condition.halved(), fine.shape.halved()
            fine = correct(self.flow, old, condition, tol=1e-5)
            change = fine.shape.minus(old)
            error = max(abs(change.log_period), abs(change.parameter) / extent) / 256
            if error < self.tol:
                break
            self.count = min(MOST, int(self.count * 1.3))
        if error < 1e-3 * self.tol:
            self.count = max(FEWEST, int(self.count / 1.1))
        return self.finished(fine), float(away), coarse.steps

    def finished(self, solution: Solution) -> Cycle:
        """Return what is kept of a solution."""
        course = finish(self.flow, solution.shape)
        found = multipliers(solution.transitions, solution.divergence)
        tangent = solution.tangent
        slope = tangent.parameter / tangent.log_period if tangent.log_period else np.inf
        return Cycle(course, found, tangent.parameter, float(slope))

    def turned(self, sure: Cycle, cycle: Cycle) -> bool:
        """Tell whether the parameter turns round between two cycles."""
        short = cycle.period < self.limits.labelled
        return short and self.moves(cycle) and sure.ahead * cycle.ahead < 0

    def moves(self, cycle: Cycle) -> bool:
        """Tell whether the parameter changes along the branch, beyond rounding."""
        return abs(cycle.ahead) > 1e-6 * self.reach(cycle)

    def add(self, cycle: Cycle, top: Cycle | None) -> None:
        """Append a cycle, and before it what lies between it and the last one."""
        parts = [self.cycles[-1], cycle] if top is None else [self.cycles[-1], top, cycle]
        for one, other in pairwise(parts):
            low, high = sorted((one.parameter, other.parameter))
            inside = [value for value in self.wanted if low < value < high]
            for value in sorted(inside, reverse=bool(one.parameter > other.parameter)):
                if (found := self.at(one, other, value)) is not None:
                    self.cycles.append(found)
            self.cycles.append(other)
            if not self.limits.low <= other.parameter <= self.limits.high:
                return
        self.largest = np.maximum(self.largest, sizes([cycle.course]))

    def fold(self, before: Cycle, after: Cycle) -> Cycle | None:
        """Return the cycle between two where the parameter turns round."""
        self.count *= 2  # the place of the fold is no better than the mesh it is looked for on
        a, b, scale = self.meshes(before, after)
        self.count //= 2
        condition, _ = self.along(a, b, scale)
        low, high = (0.0, before.ahead), (1.0, after.ahead)
        shape = None
        try:
            for _ in range(30):
                share = _chord(low, high)
                solution = correct(self.flow, between(a, b, share), condition)
                shape, ahead = solution.shape, solution.tangent.parameter
                low, high = _narrowed(low, high, (share, ahead))
                if high[0] - low[0] < 1e-7 or abs(ahead) < 1e-7 * abs(after.ahead - before.ahead):
                    break
            assert shape is not None
            cycle, _, _ = self.solve(shape, condition)
        except DivergedError:
            return None
        way = [cycle.parameter - before.parameter, cycle.parameter - after.parameter]
        least = 1e-9 * self.reach(cycle) if 3 * cycle.period > self.limits.labelled else 0.0
        if way[0] * way[1] <= 0 or min(map(abs, way)) < least:
            return None
        return replace(cycle, kind="fold of cycles")

    def at(self, before: Cycle, after: Cycle, value: float) -> Cycle | None:
        """Return the cycle between two at one value of the parameter."""
        a, b, scale = self.meshes(before, after)
        condition, _ = self.along(a, b, scale)
        low, high = (0.0, before.parameter - value), (1.0, after.parameter - value)
        guess = None
        try:
            for _ in range(30):  # the share of the way where the parameter is nearly right
                share = _chord(low, high)
                shape = correct(self.flow, between(a, b, share), condition).shape
                miss = shape.parameter - value
                guess = replace(shape, parameter=value)
                if abs(miss) < 1e-3 * abs(after.parameter - before.parameter):
                    break
                low, high = _narrowed(low, high, (share, miss))
            assert guess is not None
            cycle, _, _ = self.solve(guess, at_parameter(guess, scale))
        except DivergedError:
            return None
        return cycle

    def ended(self) -> bool:
        """Tell whether the last cycle is the last of the branch; cut it off at a limit."""
        last, limits = self.cycles[-1], self.limits
        if not limits.low <= last.parameter <= limits.high:
            edge = limits.low if last.parameter < limits.low else limits.high
            found = self.at(self.cycles[-2], last, edge)
            self.cycles[-1:] = [] if found is None else [replace(found, kind="")]
            return True
        if last.period > limits.longest:
            late = [Grown(cycle.course, cycle.slope / cycle.period) for cycle in self.cycles[-4:]]
            self.end = ending(self.flow, late)
            return True
        return False

    def closed(self) -> bool:
        """Tell whether the branch came back to its first cycle; end it there."""
        first, (before, last) = self.cycles[0], self.cycles[-2:]
        passed = (before.parameter - first.parameter) * (last.parameter - first.parameter) < 0
        if (
            not passed
            or (last.parameter - before.parameter) * (self.cycles[1].parameter - first.parameter)
            < 0
        ):
            return False
        found = self.at(before, last, first.parameter)
        if found is None or abs(np.log(found.period / first.period)) > 1e-6:
            return False
        if np.abs(found.course.extrema - first.course.extrema).max() > 1e-5 * self.largest.max():
            return False
        self.cycles[-1] = replace(found, kind="")
        self.came_round = True
        return True

    def hopf_ahead(self, before: Cycle, last: Cycle, small: float) -> bool:
        """Tell whether the branch shrinks to a Hopf point; append it as the end.

        Near it the parameter is a linear function of the square of the extent: the point must lie
        where this law says.
        """
        extents = [sizes([cycle.course]) / self.largest for cycle in (before, last)]
        if np.any(extents[1] > small) or np.any(extents[1] >= extents[0]):
            return False
        squares = [float(extent.max() ** 2) for extent in extents]
        way = (last.parameter - before.parameter) * squares[1] / (squares[0] - squares[1])
        course = last.course
        middle = np.trapezoid(course.states, course.moments, axis=0) / last.period
        place, frequency = last.parameter + way, 2 * np.pi / last.period
        found = locate_hopf(self.flow, middle, place, frequency, 0.1 * way)
        if found is None or abs(found[1] - place) > 0.25 * abs(way):
            return False
        if abs(found[2] / frequency - 1.0) > 0.1:
            return False
        self.cycles.append(hopf_cycle(self.flow, *found))
        return True


Bracket = tuple[float, float]  # a place, and a value there


def _chord(low: Bracket, high: Bracket) -> float:
    """Return where the straight line through two values of opposite sign is 0."""
    width = high[0] - low[0]
    share = low[0] + width * low[1] / (low[1] - high[1])
    return min(max(share, low[0] + 0.01 * width), high[0] - 0.01 * width)


def _narrowed(low: Bracket, high: Bracket, new: Bracket) -> tuple[Bracket, Bracket]:
    """Return a smaller bracket; the value that stays is halved (the Illinois method)."""
    if new[1] * low[1] > 0:
        return new, (high[0], 0.5 * high[1])
    return (low[0], 0.5 * low[1]), new


def hopf_cycle(flow: Flow, state: np.ndarray, parameter: float, frequency: float) -> Cycle:
    """Return a Hopf point as a cycle without extent."""
    moments = np.linspace(0.0, 2 * np.pi / frequency, 5)
    still = np.zeros((5, len(state)))
    course = Course(moments, np.tile(state, (5, 1)), still, still, parameter)
    values = np.linalg.eigvals(flow(state, parameter)[1])
    around = np.exp(
        np.minimum(values.real, 700.0 * frequency) * moments[-1] + 1j * values.imag * moments[-1]
    )
    on = np.argsort(np.abs(values.real) + np.abs(np.abs(values.imag) - frequency))[:2]
    others = np.delete(around, on)
    found = np.concatenate([[1.0, 1.0], others[np.argsort(-np.abs(others))]]).astype(complex)
    return Cycle(course, found, kind="hopf")
