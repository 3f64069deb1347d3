"""What wclab does with many sets, realisations and nodes.

Machine code is asked for where llvmlite is, but not for sparse networks, which have none.
"""

from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import problem
import problem_many as many
from runs_wclab import template

from wclab import CircuitTemplate

WEIGHT = ("e/rate_op/r", "e/se_op/r_in")
E = {"E": problem.OUTPUTS["E"]}
BACKEND = "compiled" if find_spec("llvmlite") else "default"


def sweep(threads: int = 1) -> Any:
    """Prepare the whole grid."""
    from wclab import sweep

    grid = {problem.INPUT: many.DRIVES, WEIGHT: many.WEIGHTS}
    options = {} if threads == 1 else {"threads": threads}
    window = (many.FIRST * many.STEP, many.STEPS * many.STEP)

    def run() -> np.ndarray:
        table = sweep(
            template(), grid, simulation_time=window[1], step_size=many.STEP, solver="rk4",
            window=window, outputs=E, reduce=("min", "max", "mean"), progress=False,
            backend=BACKEND, **options,
        )  # fmt: skip
        return table.to_numpy().T

    return run, many.check_sweep


def short_sweep(count: int, steps: int) -> Any:
    """Prepare `count` sets, a multiple of 16, for a few steps."""
    from wclab import sweep

    grid = {problem.INPUT: np.linspace(0, 4, count // 16), WEIGHT: np.linspace(5, 25, 16)}
    time = steps * many.STEP
    window = (time * many.FIRST / many.STEPS, time)

    def run() -> None:
        sweep(
            template(), grid, simulation_time=time, step_size=many.STEP, solver="rk4",
            window=window, outputs=E, reduce=("min", "max", "mean"), progress=False,
            backend=BACKEND,
        )  # fmt: skip

    return run


def noise() -> Any:
    """Prepare an ensemble."""

    def run() -> np.ndarray:
        table = template().run(
            many.NOISE_STEPS * many.STEP, many.STEP, {problem.INPUT: many.DRIVE}, E,
            many.NOISE_EVERY * many.STEP, solver="euler", backend=BACKEND,
            noise=dict.fromkeys(problem.OUTPUTS.values(), many.STRENGTH), seed=7, runs=many.RUNS,
        )  # fmt: skip
        return table.to_numpy().reshape(many.NOISE_STEPS // many.NOISE_EVERY, -1)

    return run, many.check_noise


def make_network(nodes: int, each: int | None = None) -> CircuitTemplate:
    """Return pairs whose E populations are coupled by a matrix."""
    weights = many.matrix(nodes) if each is None else many.sparse_matrix(nodes, each)
    pair = template().with_vars(
        {
            "e/rate_op/r": many.START_E,
            "i/rate_op/r": many.START_I,
            problem.INPUT: many.DRIVE,
        }
    )
    labels = [f"p{k}" for k in range(nodes)]
    circuit = CircuitTemplate("network", circuits=dict.fromkeys(labels, pair))
    return circuit.add_edges_from_matrix(
        "rate_op/r", "se_op/r_in", [f"{label}/e" for label in labels], weight=weights, min_weight=0
    )


_network = cache(make_network)


def _run(circuit: CircuitTemplate, steps: int, backend: str = "default") -> np.ndarray:
    time, outputs = steps * many.STEP, {"E": "all/e/rate_op/r"}
    every = min(many.NETWORK_EVERY, steps) * many.STEP
    return circuit.run(time, many.STEP, None, outputs, every, backend=backend).to_numpy()


def dense(nodes: int) -> Any:
    """Prepare a network in which everyone hears every other."""
    circuit = _network(nodes)
    return lambda: _run(circuit, many.NETWORK_STEPS[nodes], BACKEND), many.check_network(nodes)


def sparse(nodes: int, each: int, steps: int) -> Any:
    """Prepare a network in which everyone hears `each` others."""
    circuit = _network(nodes, each)
    return lambda: _run(circuit, steps), None


def build(nodes: int, each: int | None = None) -> Any:
    """Prepare to make a network and take its first step."""
    many.matrix(nodes) if each is None else many.sparse_matrix(nodes, each)
    return lambda: _run(make_network(nodes, each), 1), None
