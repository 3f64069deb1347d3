"""Fixed steps for networks: groups of equal nodes as NumPy arrays, in one generated loop."""

from typing import Any

import numpy as np

from wclab.engines.history import ArrayHistory
from wclab.engines.kernels import TABLEAUS
from wclab.engines.scalar import loop_source
from wclab.engines.task import CHUNK, Task, Trace, blown_up, samples

NUMBERS = 2**20  # of the result, between two looks at the clock: 8 MB


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
    lags = task.lags()
    histories = _histories(task, method, lags)
    stages = len(histories) // max(len(lags), 1)
    now: list[float] = [0 if stages > 1 else 0.0] * len(lags)  # a history knows its own lags
    sources = [model.network.blocks[name].source for name in program.delayed]
    held = tuple(signal.function is None for signal in task.signals)
    source = loop_source(program, method, held, sources, now, shared=False, keep=task.delayed)
    loop = model.functions(source)
    state = tuple(model.split(model.y0))
    columns = len(model.y0) + sum(map(len, lags)) * task.delayed
    result = np.empty((task.rows, columns))
    chunk = max(1, min(CHUNK // task.every, NUMBERS // max(columns, 1)))
    arguments = (histories, now)
    for row in range(0, task.rows, chunk):
        rows = min(chunk, task.rows - row)
        last = row + rows == task.rows
        k, moving = row * task.every, rows - last  # nothing follows the last row
        drives = samples(task.signals, k, k + rows * task.every)
        out: list[tuple[Any, ...]] = []
        with np.errstate(all="ignore"):
            state = loop(k, 0, moving, task.every, state, out.append, task.step, drives, *arguments)
            if last:
                start = moving * task.every
                loop(k, start, 1, 0, state, out.append, task.step, drives, *arguments)
        for number, parts in enumerate(out):
            np.concatenate(parts, out=result[row + number])
        if not np.all(np.isfinite(result[row : row + rows])):
            blown_up(task, result[row : row + rows], row, method)
        task.report(row + rows)
    states, *delayed = np.split(result, np.cumsum([len(model.y0), *map(len, lags)])[:-1], axis=1)
    return Trace(states, delayed if task.delayed else [])


def _histories(task: Task, method: str, lags: list[np.ndarray]) -> list[ArrayHistory]:
    """Return a history for each delayed block, and as many for each further stage.

    Further stages have histories of their own only where a lag is a whole number of steps.
    """
    degree = 1 if method == "euler" else 3
    blocks = [task.model.network.blocks[name] for name in task.model.program.delayed]
    start = task.initial_sources()
    first = [
        ArrayHistory(start[block.source], block.index, lag, degree)
        for block, lag in zip(blocks, lags, strict=True)
    ]
    if not any(np.any(lag == np.floor(lag)) for lag in lags):
        return first
    return first + [
        history.of_stage(time) for time, _ in TABLEAUS[method][0][1:] for history in first
    ]
