"""Adaptive Dormand-Prince 5(4) of our own, for small circuits: one loop, plain or compiled.

The text of the loop is `wclab.engines.dopri5_kernel`'s. No step crosses a jump of an input.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from wclab.engines.adaptive import MANY_PIECES, from_sample_to_sample, stops_of
from wclab.engines.compiled import obstacle, quick
from wclab.engines.dopri5_kernel import KEPT, filling, integrating
from wclab.engines.task import Task, Trace, suspect
from wclab.equations import SAFE_SCALAR, SCALAR
from wclab.errors import OptionError, SolverError
from wclab.program import instantiate
from wclab.solvers import ATOL, RTOL

ROOM = 500  # steps between two looks at the keyboard
STAGES = 7
PAYS = 5_000  # steps from which on machine code goes on, if it can be had
PIECE = 4  # fixed steps that cost as much time as a piece between two jumps


def run_dopri5(
    task: Task,
    backend: str = "default",
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    max_step: float = np.inf,
) -> Trace:
    """Integrate a model of single numbers by adaptive steps; the jumps of inputs are stops.

    Parameters
    ----------
    task : Task
        What to integrate. Its step is only the spacing of the inputs' samples.
    backend : {"default", "numpy", "compiled"}, optional
        By default plain Python, and machine code from `PAYS` steps on where it can be had.
    rtol, atol : float, optional
        The error of a step is kept below ``atol + rtol * abs(y)``, in the mean of squares.
    max_step : float, optional
        The longest step.

    Raises
    ------
    SolverError
        If the solution grows without bound, or the steps become too small.
    OptionError
        If the circuit has delays or runs as arrays, or cannot be compiled as asked.
    """
    _refuse(task, backend)
    stops = stops_of(task)
    if len(stops) > max(MANY_PIECES, (task.rows - 1) * task.every / PIECE):
        trace = from_sample_to_sample(task, rtol, atol)
        if trace is not None:
            return trace
    return _Run(task, stops, (float(rtol), float(atol), float(max_step))).finish(backend)


def _refuse(task: Task, backend: str) -> None:
    if task.model.program.delayed:
        raise OptionError('solver="dopri5" takes no delays: use solver="scipy", or "rk4"')
    if task.model.network.grouped:
        raise OptionError(
            'solver="dopri5" is for small circuits, and this one runs as arrays: use '
            'solver="scipy", or vectorize=False'
        )
    if backend == "compiled" and (why := obstacle(task)):
        raise OptionError(f"backend='compiled' cannot run this: {why}")


class _Run:
    """A run in parts, each by the engine that is best for it; `y` and `x` say where it is."""

    def __init__(self, task: Task, stops: np.ndarray, control: tuple[float, float, float]) -> None:
        self.task, self.model, self.control = task, task.model, control
        self.times = task.times
        self.ends = np.append(stops, self.times[-1])
        self.functions = tuple(signal.function for signal in task.signals)
        self.numbers = _numbers(task, stops)
        held = tuple(function is None for function in self.functions)
        self.source = integrating(self.model.program, held)
        self.y = self.model.y0.copy()
        self.x = np.zeros(6)
        self.width = 2 + KEPT * len(self.y)
        self.states = np.empty((task.rows, len(self.y)))
        self.states[0] = self.y

    def finish(self, backend: str) -> Trace:
        """Take all steps."""
        advance = self.compiled() if backend == "compiled" else self.plain()
        row, taken = 1, 0
        while row < self.task.rows:
            advance(row)
            if self.x[5]:
                raise SolverError(_gave_up(self.task, float(self.x[0]), self.y))
            row = self.reached()
            self.task.report(row)
            taken += int(self.x[3])
            pays = taken > PAYS and backend == "default" and quick(self.model.program, STAGES)
            if pays and obstacle(self.task) is None:
                advance, backend = self.compiled(), "compiled"
        return Trace(self.states, [])

    def reached(self) -> int:
        """Return how many rows lie before the present time, or at it."""
        return int(np.searchsorted(self.times, self.x[0], side="right"))

    def plain(self) -> Callable[[int], None]:
        """Return a function that takes steps in plain Python, and fills the rows by NumPy."""
        self.model.field  # noqa: B018 - tells of constants that cannot be computed
        fixed = (*self.control, self.ends.tolist(), self.model.constants(), self.numbers.tolist())
        functions = (self.functions,) if any(self.functions) else ()

        def advance(row: int) -> None:
            piece, pieces = int(self.x[4]), len(self.ends)
            kept = [0.0] * (ROOM * self.width)
            y, x = self.y.tolist(), self.x.tolist()
            try:
                _plain(self.source)(piece, pieces, ROOM, *fixed, y, kept, x, *functions)
            except (OverflowError, ZeroDivisionError, ValueError):
                y, x = list(self.y), list(self.x)  # NumPy's numbers go on with inf and NaN
                careful = _plain(self.source, safe=True)
                with np.errstate(all="ignore"):
                    careful(piece, pieces, ROOM, *fixed, y, kept, x, *functions)
            self.y[:], self.x[:] = y, x
            taken = int(x[3])
            self.fill(row, np.array(kept[: taken * self.width]).reshape(taken, self.width).T)

        return advance

    def fill(self, first: int, steps: np.ndarray) -> None:
        """Fill the rows from `first` on that lie in these steps, as `filling` does one by one."""
        end, h = steps[:2]
        old, new, slope, late, more = steps[2:].reshape(-1, KEPT, len(end)).swapaxes(0, 1)
        up = new - old
        bend = h * slope - up
        times = self.times[first : self.reached()]
        step = np.searchsorted(end, times)
        parts = np.array([old, up, bend, up - h * late - bend, h * more])
        old, up, bend, twist, more = parts[:, :, step]
        s = 1.0 + (times - end[step]) / h[step]
        r = 1.0 - s
        rows = old + s * (up + r * (bend + s * (twist + r * more)))
        self.states[first : first + len(times)] = rows.T

    def compiled(self) -> Callable[[int], None]:
        """Return a function that takes steps and fills the rows in machine code."""
        from wclab.engines.compiler import compile_kernel

        kernel = compile_kernel(self.source, ("int",) * 3 + ("float",) * 3 + ("lanes",) * 6)
        filler = compile_kernel(filling(len(self.y)), ("int", "int", *("lanes",) * 3))
        kept = np.empty(ROOM * self.width)
        constants = np.array(self.model.constants(), dtype=float)
        integrate = kernel.bind(self.ends, constants, self.numbers, self.y, kept, self.x)
        fill = filler.bind(self.times, kept, self.states)

        def advance(row: int) -> None:
            piece, pieces = int(self.x[4]), len(self.ends)
            integrate(piece, pieces, ROOM, *self.control)
            fill(row, self.reached())

        return advance


def _numbers(task: Task, stops: np.ndarray) -> np.ndarray:
    """Return what each drive is in each piece, one piece after the other; 0 for a function."""
    steps = [0, *(int(stop / task.step + 1e-6) for stop in stops)]
    held = [
        [0.0] * len(steps) if signal.samples is None else [signal.held(k) for k in steps]
        for signal in task.signals
    ]
    return np.array(held, dtype=float).T.ravel()


@lru_cache(maxsize=64)
def _plain(source: str, *, safe: bool = False) -> Callable[..., None]:
    """Return a kernel as a Python function."""
    inner = source.replace("\n", "\n    ")
    text = f"def build(p):\n    {inner}\n    return integrate"
    return instantiate(text, (), SAFE_SCALAR if safe else SCALAR, lazy=True)


def _gave_up(task: Task, t: float, y: np.ndarray) -> str:
    return (
        f"dopri5 stopped after t = {t:.6g}: the step became smaller than double precision allows. "
        "The solution grows without bound or the equations are stiff: look at the parameters, or "
        f'try solver="scipy" with method="LSODA" or "Radau". {suspect(task, t * (1 + 1e-12), y)}'
    )
