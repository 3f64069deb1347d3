"""Fixed steps for small circuits as machine code; the same numbers as plain Python."""

import importlib.util
from functools import lru_cache

import numpy as np

from wclab.engines.kernels import recording
from wclab.engines.task import Task, Trace, blown_up, samples
from wclab.program import Program

CHUNK = 1_000_000  # steps between two looks at the keyboard and at the numbers
PAYS = 50_000  # steps from which on compiling, 40 ms, is soon made up for
LARGE = 160  # lines of a step: beyond, compiling could take more than 0.3 s


@lru_cache(maxsize=1)
def available() -> bool:
    """Tell whether llvmlite is installed."""
    return importlib.util.find_spec("llvmlite") is not None


def quick(program: Program, stages: int) -> bool:
    """Tell whether a program compiles in a time that nobody notices."""
    return stages * (len(program.steps) + len(program.rates)) <= LARGE


def obstacle(task: Task) -> str | None:
    """Say what keeps a run from being compiled, or nothing."""
    if not available():
        return 'it needs llvmlite: pip install "wclab[fast]"'
    if task.model.network.grouped:
        return "the circuit is a network of many nodes, which runs as NumPy arrays"
    if task.model.program.delayed:
        return "the circuit has delays"
    if any(signal.function is not None for signal in task.signals):
        return "an input is a function; give its samples instead"
    return None


def run_compiled(task: Task, method: str) -> Trace:
    """Integrate a model of single numbers with a fixed step.

    Raises
    ------
    SolverError
        If a state stops being finite; says which and when.
    """
    from wclab.engines.compiler import compile_kernel

    program = task.model.program
    kinds = ("int", "int", "int", "float", "lanes", "lanes", "shared", "lanes")
    kernel = compile_kernel(recording(program, method), kinds)
    constants = np.array(task.model.constants(), dtype=float)
    y = task.model.y0.copy()
    out = np.empty((task.rows, len(y)))
    chunk = max(1, CHUNK // task.every)
    for row in range(0, task.rows, chunk):
        rows = min(chunk, task.rows - row)
        out[row] = y
        moving = rows - (row + rows == task.rows)  # nothing follows the last row
        k, steps = row * task.every, moving * task.every
        drives = np.zeros((steps, len(program.drives)))
        for j, values in enumerate(samples(task.signals, k, k + steps)):
            drives[:, j] = values
        kernel(k, moving, task.every, task.step, constants, y, drives, out[row:])
        if row + rows == task.rows:
            out[-1] = y
        if not np.all(np.isfinite(out[row : row + rows])):
            blown_up(task, out[row : row + rows], row, method)
        task.report(row + rows)
    return Trace(out, [])
