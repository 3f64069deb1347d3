"""Fixed steps for networks: groups of equal nodes as NumPy arrays."""

from typing import Any

import numpy as np

from wclab.engines.history import ArrayHistory
from wclab.engines.kernels import TABLEAUS
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
    whole = [lag == np.floor(lag) for lag in lags]
    stages = len(TABLEAUS[method][0]) if any(map(np.any, whole)) else 1
    histories = [
        {name: ArrayHistory(initial, depth, degree) for name, initial in start.items()}
        for start in [task.initial_sources()] * stages
    ]
    field, h = model.field, task.step
    delayed = [np.empty((task.rows, len(lag))) for lag in lags]
    held: list[Any] = []
    now: list[np.ndarray] = []
    timed = any(signal.function is not None for signal in task.signals)
    number, stage = 0, 0

    def past(x: float, k: int, stage: int) -> list[np.ndarray]:
        found = []
        for block, lag, exact in zip(blocks, lags, whole, strict=True):
            value = histories[0][block.source].at(x - lag, block.index)
            if stage and exact.any():
                same = histories[stage][block.source].stage(k - lag, block.index)
                value = np.where(exact, same, value)
            found.append(value)
        return found

    def keep(t: float, parts: list[Any], drives: list[Any], z: list[np.ndarray]) -> None:
        """Add what delays will read of this stage."""
        found = dict(zip(program.states, parts, strict=True))
        if not all(block.source in found for block in blocks):
            names = [name for name, _ in program.body]
            found |= dict(zip(names, model.algebraic(t, parts, drives, z), strict=True))
        for name, history in histories[stage].items():
            history.add(found[name])

    def before_step(k: int, t: float, y: np.ndarray) -> None:
        nonlocal number, stage
        number, stage = k, 0
        held[:] = task.drives(t, k)
        if not blocks:
            return
        now[:] = past(k, k, 0)
        if k % task.every == 0:
            for column, value in zip(delayed, now, strict=True):
                column[k // task.every] = value
        keep(t, model.split(y), held, now)

    def f(t: float, y: np.ndarray) -> np.ndarray:
        nonlocal stage
        drives = task.drives(t, number) if timed else held
        parts = model.split(y)
        z = past(round(2 * t / h) / 2, number, stage) if blocks and stage else now
        if 0 < stage < len(histories):
            keep(t, parts, drives, z)
        stage += 1
        return model.join(field(t, parts, drives, z))

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
    last = (task.rows - 1) * task.every
    for column, value in zip(delayed, past(last, last, 0), strict=True):
        column[-1] = value
    task.report(task.rows)
    return Trace(states, delayed)
