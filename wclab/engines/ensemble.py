"""Ensembles: one run many times over, each with noise of its own, side by side."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wclab.engines.batch import Batch, record
from wclab.engines.compiled import PAYS, available, obstacle, quick
from wclab.engines.fixed import run_fixed
from wclab.engines.task import Task, blown_up
from wclab.errors import OptionError
from wclab.noise import Draws, of_run


def fits_a_batch(task: Task) -> bool:
    """Tell whether a task's runs can be computed side by side: no network, no delay."""
    return not task.model.network.grouped and not task.model.program.delayed


def run_ensemble(task: Task, runs: Sequence[int], backend: str = "default") -> np.ndarray:
    """Take Euler-Maruyama steps of many runs; return their states, shape (rows, states, runs).

    Parameters
    ----------
    task : Task
        One of the runs, with noise among its signals.
    runs : sequence of int
        The number of each run, which chooses its noise.
    backend : {"default", "numpy", "compiled"}, optional
        As in `run_fixed`.

    Raises
    ------
    SolverError
        If a state stops being finite; says which and when.
    OptionError
        If machine code is asked for and cannot be had.
    """
    if backend == "compiled" and not available():
        raise OptionError(f"backend='compiled' cannot run this: {obstacle(task)}")
    pays = task.rows * task.every * len(runs) > PAYS
    compiled = backend == "compiled" or (
        backend == "default" and pays and available() and quick(task.model.program, 1)
    )
    constants, y0 = (
        np.repeat(np.array(values, dtype=float)[:, None], len(runs), axis=1)
        for values in (task.model.constants(), task.model.y0)
    )
    drives = Draws(task.signals, task.step, np.array(runs))
    batch = Batch(task.model.program, constants, y0, drives, task.step)
    engine = "compiled" if compiled else "numpy"
    states = record(batch, "euler", task.rows, task.every, engine)
    finite = np.isfinite(states).all(axis=(0, 1))
    for k in np.flatnonzero(~finite)[:1]:  # alone it says when and why
        run_fixed(replace(task, signals=of_run(task.signals, runs[k])), "euler", "numpy")
        blown_up(task, states[:, :, k], 0, "euler")
    task.report(task.rows)
    return states
