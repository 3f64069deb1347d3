"""Fixed steps for networks: groups of equal nodes as NumPy arrays."""

from typing import Any

import numpy as np

from wclab.engines.history import ArrayHistory
from wclab.engines.task import CHUNK, Task, Trace, blown_up
from wclab.solvers import fixed_step


def run_arrays(task: Task, method: str) -> Trace:
    """Integrate a grouped model with a fixed step.

    Raises
    ------
    SolverError
        If a state stops being finite; says which and when.
    OptionError
        If a delay is shorter than the step.
    """
    model, program = task.model, task.model.program
    blocks = [model.network.blocks[name] for name in program.delayed]
    lags = task.lags()
    depth = max((lag.max() for lag in lags), default=0.0)
    degree = 1 if method == "euler" else 3
    histories = {
        name: ArrayHistory(initial, depth, degree)
        for name, initial in task.initial_sources().items()
    }
    field, h = model.field, task.step
    delayed = [np.empty((task.rows, len(lag))) for lag in lags]
    held: list[Any] = []
    now: list[np.ndarray] = []
    timed = any(signal.function is not None for signal in task.signals)
    number = 0

    def past(x: float) -> list[np.ndarray]:
        return [
            histories[block.source].at(x - lag, block.index)
            for block, lag in zip(blocks, lags, strict=True)
        ]

    def before_step(k: int, t: float, y: np.ndarray) -> None:
        nonlocal number
        number = k
        held[:] = task.drives(t, k)
        if not blocks:
            return
        now[:] = past(k)
        if k % task.every == 0:
            for column, value in zip(delayed, now, strict=True):
                column[k // task.every] = value
        parts = model.split(y)
        found = dict(zip(program.states, parts, strict=True))
        if not all(block.source in found for block in blocks):
            names = [name for name, _ in program.body]
            found |= dict(zip(names, model.algebraic(t, parts, held, now), strict=True))
        for name, history in histories.items():
            history.add(found[name])

    def f(t: float, y: np.ndarray) -> np.ndarray:
        drives = task.drives(t, number) if timed else held
        x = round(2 * t / h) / 2  # in steps
        z = now if x == number else past(x)
        return model.join(field(t, model.split(y), drives, z))

    def report(row: int, y: np.ndarray) -> None:
        if row % max(1, CHUNK // task.every) == 0:
            if not np.all(np.isfinite(y)):
                blown_up(task, y[None], row, method)
            task.report(row)

    with np.errstate(all="ignore"):
        states = fixed_step(
            f, model.y0, step=h, rows=task.rows, every=task.every, method=method,
            before_step=before_step, report=report,
        )  # fmt: skip
    if not np.all(np.isfinite(states)):
        blown_up(task, states, 0, method)
    for column, value in zip(delayed, past((task.rows - 1) * task.every), strict=True):
        column[-1] = value
    task.report(task.rows)
    return Trace(states, delayed)
