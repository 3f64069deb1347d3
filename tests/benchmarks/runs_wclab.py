"""What wclab does in the benchmarks; each function prepares a run, which alone is timed."""

import itertools
import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import problem

from wclab import CircuitTemplate
from wclab.engines import Task, run_dopri5
from wclab.engines import dopri5 as dopri5_engine
from wclab.engines.adaptive import stops_of
from wclab.inputs import read_signal

Run = Callable[[], Any]


@cache
def template() -> CircuitTemplate:
    """Return the circuit, loaded once."""
    return CircuitTemplate.from_yaml(problem.TEMPLATE)


def _seed(solver: str) -> Run:
    drive = problem.pulse(problem.STEP)
    return lambda: (
        template()
        .run(
            problem.TIME, problem.STEP, {problem.INPUT: drive}, problem.OUTPUTS, problem.SAMPLING,
            solver=solver,
        )
        .to_numpy()
    )  # fmt: skip


def euler() -> Run:
    """Prepare 250,000 Euler steps."""
    return _seed("euler")


def heun() -> Run:
    """Prepare 250,000 steps of Heun's method."""
    return _seed("heun")


def rk4() -> Run:
    """Prepare 250,000 Runge-Kutta steps."""
    return _seed("rk4")


def _coarse(**options: Any) -> Run:
    drive = problem.pulse(problem.COARSE)
    return lambda: (
        template()
        .run(problem.TIME, problem.COARSE, {problem.INPUT: drive}, problem.OUTPUTS, **options)
        .to_numpy()
    )


def coarse_rk4(backend: int = 0) -> Run:
    """Prepare 500 Runge-Kutta steps of 0.25 ms; 1 asks for machine code."""
    return _coarse(solver="rk4", **({"backend": "compiled"} if backend else {}))


def dopri5(backend: int = 0) -> Run:
    """Prepare ``solver="dopri5"`` with the same tolerance; 1 asks for machine code."""
    chosen = {"backend": "compiled"} if backend else {}
    return _coarse(solver="dopri5", rtol=problem.RTOL, atol=problem.ATOL, **chosen)


def _task() -> Task:
    drive = problem.pulse(problem.COARSE)
    model = template()._model_for_run(frozenset({problem.INPUT}), frozenset(), False)
    steps = len(drive)
    return Task(model, [read_signal(drive, problem.INPUT, steps, 1)], problem.COARSE, 1, steps)


def engine(backend: int = 0) -> Run:
    """Prepare the same without what a run checks and returns: arrays, as explorers need them."""
    task = _task()
    chosen = "compiled" if backend else "default"
    return lambda: run_dopri5(task, chosen, rtol=problem.RTOL, atol=problem.ATOL).states


def kernel() -> Run:
    """Prepare its machine code alone: the arrays stay the same from run to run."""
    task = _task()
    whole = dopri5_engine._Run(task, stops_of(task), (problem.RTOL, problem.ATOL, np.inf))
    advance = whole.compiled()

    def run() -> np.ndarray:
        whole.y[:] = task.model.y0
        whole.x[:] = 0.0
        advance(1)
        return whole.states

    return run


def scipy() -> Run:
    """Prepare ``solver="scipy"`` with a tolerance that reaches 1e-6."""
    return _coarse(solver="scipy", rtol=problem.RTOL, atol=problem.ATOL)


def _short(circuit: CircuitTemplate) -> None:
    circuit.run(1.0, 0.01, {problem.INPUT: np.ones(100)}, problem.OUTPUTS)


def short_run() -> Run:
    """Prepare 100 steps of a loaded circuit."""
    return lambda: _short(template())


def steps(count: int) -> Any:
    """Prepare some Euler steps, without a pulse and with few rows."""
    options = {"sampling_step_size": count // 100 * problem.STEP, "solver": "euler"}
    time = count * problem.STEP
    return lambda: template().run(time, problem.STEP, {problem.INPUT: 1.0}, **options), None


_taus = itertools.count(5.0, 1e-3)


def changed_run() -> Run:
    """Prepare a change of a parameter and 100 steps."""
    return lambda: _short(template().with_vars({"i/rate_op/tau": next(_taus)}))


def first_run() -> None:
    """Load the circuit and take 100 steps, as a fresh process does."""
    _short(template())


def every_circuit() -> None:
    """Load, build and run each circuit that ships for 100 steps; print milliseconds by name."""
    import pandas  # noqa: F401 - its import is not a circuit's cost

    from wclab.templates import Circuit, library, list_templates

    listed = list_templates(library() / "model_templates")
    spent = {}
    for name in [name for name, record in listed if isinstance(record, Circuit)]:
        start = time.process_time()
        CircuitTemplate.from_yaml(name).run(1.0, 0.01)
        spent[name.removeprefix("model_templates.")] = 1e3 * (time.process_time() - start)
    print(json.dumps(spent))  # noqa: T201 - read by the harness
