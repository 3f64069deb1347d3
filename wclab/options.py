"""The times and the options of a run, checked before anything is computed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wclab.errors import OptionError, nearest, show
from wclab.solvers import METHODS

SOLVERS = ("euler", "heun", "rk4", "dopri5", "scipy")
BACKENDS = ("default", "numpy", "compiled")
ADAPTIVE = {
    "dopri5": ("rtol", "atol", "max_step"),
    "scipy": ("method", "rtol", "atol", "max_step"),
}
IGNORED = ("file_name", "out_dir", "float_precision", "verbose", "clear", "in_place")
KEYWORDS = (
    "simulation_time", "step_size", "inputs", "outputs", "sampling_step_size", "cutoff", "solver",
    "backend", "vectorize", "noise", "seed", "runs",
)  # fmt: skip


@dataclass(frozen=True)
class Times:
    """The grid of a run: `steps` steps of `step`, and `rows` rows, one every `every` steps."""

    step: float
    every: int
    rows: int
    steps: int
    sampling: float

    @classmethod
    def read(cls, simulation_time: Any, step_size: Any, sampling_step_size: Any = None) -> "Times":
        """Check the three times a user gives."""
        total = positive("simulation_time", simulation_time)
        step = positive("step_size", step_size)
        if step > total * (1 + 1e-9):
            raise OptionError(f"step_size {step:g} is longer than simulation_time {total:g}")
        sampling = step
        if sampling_step_size is not None:
            sampling = positive("sampling_step_size", sampling_step_size)
        every = round(sampling / step)
        if every < 1 or abs(sampling / step - every) > 1e-6 * every:
            lower = max(1, int(sampling / step)) * step
            raise OptionError(
                f"sampling_step_size {sampling:g} is no multiple of step_size {step:g}; take "
                f"{lower:g} or {lower + step:g}"
            )
        rows = round(total / sampling)
        if rows < 1:
            raise OptionError(
                f"sampling_step_size {sampling:g} is longer than simulation_time {total:g}"
            )
        return cls(step, every, rows, round(total / step), sampling)

    def index(self) -> np.ndarray:
        """Return the time of each row."""
        return np.arange(self.rows) * self.sampling


def positive(name: str, value: Any, *, zero: bool = False) -> float:
    """Return a time as a float, or raise an `OptionError` that names it."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise OptionError(f"{name} must be a number, not {show(value)}") from None
    if not (0 < number < np.inf or (zero and number == 0)):
        least = "0 or more" if zero else "above 0"
        raise OptionError(f"{name} must be {least} and finite, not {show(value)}")
    return number


def whole(name: str, value: Any, *, least: int = 0) -> int:
    """Return a whole number, or raise an `OptionError` that names it."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise OptionError(f"{name} must be a whole number, {least} or more, not {show(value)}")
    return int(value)


def choose_solver(
    solver: Any, backend: Any, options: Mapping[str, Any]
) -> tuple[str, str, dict[str, Any]]:
    """Check solver, backend and keywords; return both, and an adaptive solver's options."""
    if backend == "scipy":  # an old spelling of solver="scipy"
        backend, solver = "default", "scipy"
    backend = "default" if backend is None else backend
    if backend not in BACKENDS:
        raise OptionError(f"unknown backend {show(backend)}.{nearest(backend, BACKENDS)}")
    if solver not in SOLVERS:
        raise OptionError(f"unknown solver {show(solver)}.{_solver_hint(solver)}")
    for name, value in options.items():
        takers = [taker for taker, names in ADAPTIVE.items() if name in names]
        if takers and solver not in takers:
            solvers = " or ".join(f"solver={taker!r}" for taker in takers)
            raise OptionError(f"{name}={show(value)} belongs to {solvers}, not to {solver!r}")
        if not takers and name not in IGNORED:
            known = [*KEYWORDS, *ADAPTIVE["scipy"]]
            raise OptionError(f"run() has no keyword {show(name)}.{nearest(name, known)}")
        if name in ("rtol", "atol", "max_step"):
            positive(name, value if name != "max_step" or value != np.inf else 1.0)
    chosen = [name for name in ADAPTIVE.get(solver, ()) if name in options]
    return solver, backend, {name: options[name] for name in chosen}


def _solver_hint(solver: Any) -> str:
    if str(solver).upper() in map(str.upper, METHODS):
        method = next(m for m in METHODS if m.upper() == str(solver).upper())
        return f" That is a method of SciPy: solver='scipy', method={method!r}."
    return nearest(solver, SOLVERS)
