"""One run from one state, forward or backward in time, as fast as an explorer needs it.

`trajectories` runs many starts at once by short fixed steps. This is for one start, with
steps that the Dormand-Prince method chooses: about a millisecond.
"""

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from wclab.engines.dopri5 import run_dopri5
from wclab.engines.task import Task
from wclab.errors import SolverError
from wclab.model import Model
from wclab.phaseplane.system import read_system
from wclab.program import Program

PIECES = 12  # of a backward run: one that leaves is noticed after each
FAR = 30.0  # of the size of the start


def orbit(
    model: Any, start: Any, time: float, *, backward: bool = False, rows: int = 401,
    rtol: float = 1e-8,
) -> np.ndarray:  # fmt: skip
    """Run a circuit from one state.

    Parameters
    ----------
    model : CircuitTemplate or Model
        Autonomous and without delays.
    start : array_like, shape (n,)
    time : float
        How long.
    backward : bool, optional
        Whether time runs backward.
    rows : int, optional
        Moments that are kept, the start included.
    rtol : float, optional
        Relative tolerance of a step; the absolute one is a hundredth of it.

    Returns
    -------
    ndarray, shape (rows, n)
        NaN from where the run has left every bound.

    Raises
    ------
    OptionError
        If the circuit has no fixed phase space.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    >>> orbit(wc, (0.3, 0.1), 1000.0)[-1].round(4).tolist()
    [-0.0885, -0.0062]
    """
    used = read_system(model).model
    if backward:
        used = _reversed(used)
    y = np.array(start, dtype=float)
    out = np.full((rows, len(y)), np.nan)
    out[0] = y
    far = FAR * (1.0 + float(np.abs(y).max()))
    pieces = min(PIECES, rows - 1) if backward else 1
    edges = np.linspace(0, rows - 1, pieces + 1).astype(int)
    step = time / (rows - 1)
    for first, last in pairwise(edges.tolist()):
        used = used.with_parameters(dict(zip(used.states, y.tolist(), strict=True)))
        task = Task(used, (), step, 1, last - first + 1)
        try:
            states = run_dopri5(task, rtol=rtol, atol=rtol / 100).states
        except SolverError:
            break
        known = np.all(np.abs(states) < far, axis=1)
        out[first : last + 1][known] = states[known]
        if not known.all():
            break
        y = states[-1]
    return out


def _reversed(model: Model) -> Model:
    """Return the model whose time runs backward."""
    other = object.__new__(Model)
    other.network, other._values = model.network, model._values
    other.program = _turned(model.program)
    return other


@lru_cache(maxsize=32)
def _turned(program: Program) -> Program:
    return replace(program, rates=tuple(f"-({rate})" for rate in program.rates))
