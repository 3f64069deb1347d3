"""What PyRates does in the benchmarks: NumPy backend, which is its default; loading is not timed.

A circuit is loaded anew for each run, since PyRates clears it after one.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import problem
from pyrates import CircuitTemplate, clear_frontend_caches

Run = Callable[[], Any]


def _template() -> Any:
    clear_frontend_caches()
    return CircuitTemplate.from_yaml(problem.TEMPLATE)


def _seed(precision: str) -> Run:
    circuit, drive = _template(), problem.pulse(problem.STEP)
    return lambda: circuit.run(
        simulation_time=problem.TIME, step_size=problem.STEP, inputs={problem.INPUT: drive},
        outputs=problem.OUTPUTS, sampling_step_size=problem.SAMPLING, solver="euler",
        float_precision=precision, verbose=False,
    ).to_numpy()  # fmt: skip


def euler() -> Run:
    """Prepare 250,000 Euler steps in double precision."""
    return _seed("float64")


def euler_float32() -> Run:
    """Prepare 250,000 Euler steps in PyRates' own default precision."""
    return _seed("float32")


def _short(circuit: Any) -> None:
    circuit.run(
        simulation_time=1.0, step_size=0.01, inputs={problem.INPUT: np.ones(100)},
        outputs=problem.OUTPUTS, solver="euler", verbose=False,
    )  # fmt: skip


def short_run() -> Run:
    """Prepare 100 steps of a loaded circuit."""
    circuit = _template()
    return lambda: _short(circuit)


def changed_run() -> Run:
    """Prepare a change of a parameter and 100 steps."""
    circuit = _template()

    def run() -> None:
        circuit.update_var(node_vars={"i/rate_op/tau": 5.0})
        _short(circuit)

    return run


def first_run() -> None:
    """Load the circuit and take 100 steps, as a fresh process does."""
    _short(_template())
