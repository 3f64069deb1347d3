"""SciPy's adaptive methods, piece by piece between the jumps of the inputs.

A delay turns the run into pieces no longer than the shortest delay; what lies before a
piece is read from the solution itself (the method of steps).
"""

import itertools
import math
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from wclab.engines.fixed import run_fixed
from wclab.engines.history import NODES, Past
from wclab.engines.task import Task, Trace, suspect
from wclab.errors import OptionError, SolverError
from wclab.jacobian import jacobian_at
from wclab.solvers import ATOL, RTOL, check_method, piecewise, rk4_step

MANY_PIECES = 100  # up to here a restart at each jump costs nothing that is felt
PIECE = 100  # fixed steps that cost as much time as one piece
MOST_PIECES = 5_000  # about ten seconds
MOST_PARTS = 64
MOST_STEPS = 500_000  # fixed ones that are taken where delays are very short
PROBES = 50


def run_adaptive(task: Task, method: str = "RK45", **options: Any) -> Trace:
    """Integrate with `scipy.integrate.solve_ivp`, restarted at each jump of an input.

    An input that changes at most of its samples would make as many pieces as samples. Then
    the run takes fixed Runge-Kutta steps of order 4 from sample to sample instead, each cut
    into as many as the tolerances need: no change is missed, and none costs a restart.

    Raises
    ------
    SolverError
        If the solution grows without bound, or the steps become too small.
    OptionError
        If `method` is none of SciPy's, or a delay is too short for so long a run.
    """
    method = check_method(method)
    delay = min(task.delays(), default=math.inf)
    if task.times[-1] / delay > MOST_PIECES:
        trace = from_sample_to_sample(task, options.get("rtol", RTOL), options.get("atol", ATOL))
        return trace or _too_short(task, delay)
    stops = stops_of(task)
    if len(stops) > max(MANY_PIECES, (task.rows - 1) * task.every / PIECE):
        trace = from_sample_to_sample(task, options.get("rtol", RTOL), options.get("atol", ATOL))
        if trace is not None:
            return trace
    return _Pieces(task).run(method, stops, options)


def stops_of(task: Task) -> np.ndarray:
    """Return the times at which a piece must end."""
    end = (task.rows - 1) * task.every * task.step
    jumps = [s.jumps * task.step for s in task.signals if s.function is None]
    stops = jumps[0] if len(jumps) == 1 else np.unique(np.concatenate([[0.0], *jumps]))
    if task.model.program.delayed:
        delays = task.delays()
        stops = np.append(0.0, stops)
        for _ in range(4):  # a jump comes back, smoother, after each delay
            more = np.unique(np.concatenate([stops, *(stops + delay for delay in delays)]))
            if len(more) > 1_000:
                break
            stops = more
        stops = np.unique(np.concatenate([stops, np.arange(0.0, end, delays[0])]))
        stops = stops[np.diff(stops, prepend=-1.0) > 1e-9 * delays[0]]
    return stops[(stops > 0) & (stops < end)]


def _too_short(task: Task, delay: float) -> NoReturn:
    raise OptionError(
        f"a delay of {delay:g} would cut a run of {task.times[-1]:g} into "
        f"{task.times[-1] / delay:.0e} pieces: leave out a delay so short (nothing else in the "
        f"model may be as fast), run for a shorter time, or use solver='rk4' with "
        f"step_size={delay:g}"
    )


def from_sample_to_sample(task: Task, rtol: float, atol: float) -> Trace | None:
    """Integrate with fixed steps within the tolerances, or return None if that is too slow."""
    shortest = min(task.delays(), default=math.inf)
    parts = max(1, math.ceil(task.step / shortest * (1 - 1e-9)))  # a delay is a step or more
    most = max(MOST_PARTS, MOST_STEPS // ((task.rows - 1) * task.every) if parts > 1 else 0)
    while parts <= most:
        finer = task.cut(parts)
        try:
            trace = run_fixed(finer, "rk4")
        except SolverError:
            parts *= 4
            continue
        excess = _local_error(finer, trace, rtol, atol)
        if excess <= 1:
            return trace
        parts = max(parts + 1, math.ceil(parts * (1.5 * excess) ** 0.2))
    return None


def _local_error(task: Task, trace: Trace, rtol: float, atol: float) -> float:
    """Return the largest error of one step at some rows, over the tolerance (step doubling)."""
    worst = 0.0
    for row in np.unique(np.linspace(0, task.rows - 1, PROBES).astype(int)):
        k = int(row) * task.every
        t, y = k * task.step, trace.states[row]
        z = [task.model.member(value[row]) for value in trace.delayed]

        def f(t: float, y: Any, k: int = k, z: Any = z) -> np.ndarray:
            return task.model.rates(t, y, task.drives(t, k), z)

        half = task.step / 2
        with np.errstate(all="ignore"):
            once = rk4_step(f, t, y, task.step)
            twice = rk4_step(f, t + half, rk4_step(f, t, y, half), half)
        scale = atol + rtol * np.maximum(np.abs(y), np.abs(twice))
        worst = max(worst, float(np.max(np.abs(once - twice) / scale, initial=0.0)))
    return worst if math.isfinite(worst) else math.inf


class _Pieces:
    """A run in pieces: what drives the present one, and what the earlier ones were."""

    def __init__(self, task: Task) -> None:
        self.task, self.model = task, task.model
        program = task.model.program
        self.blocks = [self.model.network.blocks[name] for name in program.delayed]
        self.past = {name: Past(value) for name, value in task.initial_sources().items()}
        self.timed = any(signal.function is not None for signal in task.signals)
        self.step, self.held = 0, task.drives(0.0, 0)
        self.reached, self.last = 0.0, task.times[-1]
        self.within = (0.0, math.inf)
        self.latest = (0.0, self.model.y0)

    def run(self, method: str, stops: np.ndarray, options: dict[str, Any]) -> Trace:
        """Integrate all pieces."""
        task = self.task
        self.stops = np.append(stops, math.inf)
        steady = not self.blocks and not self.model.program.uses_time
        try:
            states = piecewise(
                self.f if self.blocks or self.model.network.grouped else self.scalar_f(),
                self.model.y0,
                task.times,
                stops=stops,
                method=method,
                jac=self.jac if steady else None,
                start_piece=self.start,
                end_piece=self.end if self.blocks else None,
                **options,
            )
        except SolverError as error:
            raise SolverError(f"{error}. {suspect(task, *self.latest)}") from None
        self.within = (0.0, math.inf)
        task.report(task.rows)
        if not self.blocks:
            return Trace(states, [])
        rows = map(self.delayed, task.times * (1 + 1e-14))  # what holds from each row's time on
        delayed = [np.stack(column) for column in zip(*rows, strict=True)]
        return Trace(states, [column.reshape(task.rows, -1) for column in delayed])

    def start(self, t: float) -> None:
        """Note which sample holds from time `t` on, and where the piece lies."""
        end = float(self.stops[np.searchsorted(self.stops, t, side="right")])
        margin = 1e-14 * t + 1e-12 * (end - t if end < math.inf else 0.0)
        self.within = (t + margin, end - margin if end < math.inf else end)
        self.step = int(t / self.task.step + 1e-6)
        self.held = self.task.drives(t, self.step)

    def drives(self, t: float) -> list[Any]:
        """Return the drives at time `t` of the present piece."""
        return self.task.drives(t, self.step) if self.timed else self.held

    def delayed(self, t: float) -> list[Any]:
        """Return the delayed blocks at time `t`; what jumps at the piece's ends is inside it."""
        t = min(max(t, self.within[0]), self.within[1])
        return [
            self.model.member(self.past[block.source].earlier(t, block.values, block.index))
            for block in self.blocks
        ]

    def scalar_f(self) -> Callable[[float, np.ndarray], Any]:
        """Return `f` for a model of single numbers without delays, which costs less."""
        field = self.model.field

        def f(t: float, y: np.ndarray) -> Any:
            self.latest = (t, y)
            if t > self.reached:
                self.tell(t)
            try:
                return field(t, y.tolist(), self.drives(t) if self.timed else self.held, ())
            except (ArithmeticError, ValueError):
                return self.f(t, y)

        return f

    def tell(self, t: float) -> None:
        """Report how far the run is."""
        self.reached = t + 0.01 * self.last
        self.task.report(int(t / (self.task.every * self.task.step)))

    def f(self, t: float, y: np.ndarray) -> np.ndarray:
        """Return the derivatives."""
        self.latest = (t, y)
        if t > self.reached:
            self.tell(t)
        return self.model.rates(t, y, self.drives(t), self.delayed(t))

    def jac(self, t: float, y: np.ndarray) -> np.ndarray:
        """Return the Jacobian."""
        return jacobian_at(self.model, t, y, self.drives(t))

    def end(self, solution: Any) -> None:
        """Keep what delays will read of the piece that has just ended."""
        for left, right in itertools.pairwise(solution.ts):
            times = left + (right - left) * (NODES + 1) / 2
            found: dict[str, list[Any]] = {name: [] for name in self.past}
            for t, y in zip(times, solution(times).T, strict=True):
                values = self.model.everything(t, y, self.drives(t), self.delayed(t))
                for name in self.past:
                    found[name].append(np.atleast_1d(values[name]))
            for name, past in self.past.items():
                past.add(float(right), np.array(found[name]))
