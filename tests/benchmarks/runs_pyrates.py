"""What PyRates does in the benchmarks: NumPy backend, which is its default; loading is not timed.

A circuit is loaded anew for each run, since PyRates clears it after one.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import problem
import problem_many as many
from pyrates import CircuitTemplate, clear_frontend_caches, grid_search

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


def steps(count: int) -> Any:
    """Prepare some Euler steps, without a pulse and with few rows."""
    circuit = _template()
    return lambda: circuit.run(
        simulation_time=count * problem.STEP, step_size=problem.STEP, outputs=problem.OUTPUTS,
        inputs={problem.INPUT: np.ones(count)}, sampling_step_size=count // 100 * problem.STEP,
        solver="euler", float_precision="float64", verbose=False,
    ), None  # fmt: skip


def precise() -> Any:
    """Prepare ``solver="scipy"`` with the tolerances of the others; PyRates misses the jumps."""
    circuit, drive = _template(), problem.pulse(problem.COARSE)
    return lambda: circuit.run(
        simulation_time=problem.TIME, step_size=problem.COARSE, inputs={problem.INPUT: drive},
        outputs=problem.OUTPUTS, solver="scipy", float_precision="float64", verbose=False,
        rtol=problem.RTOL, atol=problem.ATOL,
    ).to_numpy()  # fmt: skip


def sweep(count: int, steps: int) -> Any:
    """Prepare `grid_search` over some of the sets: Heun, and every tenth row of the window."""
    clear_frontend_caches()
    drives, weights = many.sets(count)
    time, first = steps * many.STEP, steps * many.FIRST // many.STEPS * many.STEP

    def run() -> None:
        table, _ = grid_search(
            problem.TEMPLATE, {"drive": drives, "weight": weights},
            {
                "drive": {"vars": ["se_op/r_ext"], "nodes": ["e"]},
                "weight": {"vars": ["weight"], "edges": [("e/rate_op/r", "e/se_op/r_in")]},
            },
            step_size=many.STEP, simulation_time=time, outputs={"E": problem.OUTPUTS["E"]},
            sampling_step_size=10 * many.STEP, cutoff=first, solver="heun",
            float_precision="float64", verbose=False,
        )  # fmt: skip
        table.agg(["min", "max", "mean"])

    return run, None


def dense(nodes: int) -> Any:
    """Prepare a network, built with the run since PyRates clears it after one."""
    clear_frontend_caches()
    pair = CircuitTemplate.from_yaml(problem.TEMPLATE).update_var(
        node_vars={
            "e/rate_op/r": many.START_E, "i/rate_op/r": many.START_I, problem.INPUT: many.DRIVE
        }
    )  # fmt: skip
    labels = [f"p{k}" for k in range(nodes)]
    circuit = CircuitTemplate("network", circuits=dict.fromkeys(labels, pair), path="none")
    circuit.add_edges_from_matrix(
        "rate_op/r", "se_op/r_in", [f"{label}/e" for label in labels], weight=many.matrix(nodes)
    )
    steps = many.NETWORK_STEPS[nodes]
    return lambda: circuit.run(
        simulation_time=steps * many.STEP, step_size=many.STEP,
        outputs={"E": "all/e/rate_op/r"}, sampling_step_size=many.NETWORK_EVERY * many.STEP,
        solver="euler", float_precision="float64", verbose=False,
    ).to_numpy(), many.check_network(nodes)  # fmt: skip


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
