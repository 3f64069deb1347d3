"""What neurolib does in the benchmarks: its own Wilson-Cowan model, compiled by numba.

Its equations are of the same size but have no S(0), so that no error is shown. It draws normal
numbers for its input and keeps every step.
"""

from typing import Any

import numpy as np
import problem
import problem_many as many
from neurolib.models.wc import WCModel


def _model(weights: np.ndarray | None, steps: int, step: float) -> WCModel:
    if weights is None:
        model = WCModel(seed=1)
    else:
        model = WCModel(Cmat=weights, Dmat=np.zeros_like(weights), seed=1)
    model.params["dt"], model.params["duration"] = step, steps * step
    return model


def euler() -> Any:
    """Prepare 250,000 Euler steps of one node."""
    drive = problem.pulse(problem.STEP)
    model = _model(None, len(drive), problem.STEP)
    model.params["exc_ext"] = np.append(drive, 0.0)[None]
    return model.run, None


def dense(nodes: int) -> Any:
    """Prepare a network."""
    return _model(many.matrix(nodes), many.NETWORK_STEPS[nodes], many.STEP).run, None
