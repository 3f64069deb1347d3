"""What the analysis library does in the benchmarks, and fixed points in C.

Each call of the changed circuits is of a circuit with numbers of its own, as under a slider.
"""

import ctypes
import itertools
from functools import cache
from typing import Any

import numpy as np
import problem
import problem_many as many
from runs_c import _library, _pointer
from runs_many_wclab import WEIGHT
from runs_wclab import template

from wclab import CircuitTemplate
from wclab.bifurcation import cycles, diagram, equilibria
from wclab.phaseplane import fixed_points, nullclines, vector_field

MOST = 5  # points of one pair there is room for in C
BOX = [(-0.1, 0.6), (-0.1, 0.6)]
P, Q, TAU = problem.INPUT, "i/si_op/r_ext", "i/rate_op/tau"
FIGURE_11 = "model_templates.neural_mass_models.wilsoncowan.WC72_fig11"
P_RANGE, Q_RANGE, TAU_RANGE, WEIGHTS = (-4, 6), (-6, 4), (2, 40), (5, 25)
_drives = itertools.count(1.0, 1e-5)


def _circuit() -> CircuitTemplate:
    return CircuitTemplate.from_yaml(FIGURE_11)


def plane() -> Any:
    """Prepare nullclines, fixed points and eigenvalues of one circuit."""
    model = _circuit().with_vars({P: 1.0}).model()
    return lambda: (nullclines(model, BOX), fixed_points(model)), None


def new_plane() -> Any:
    """Prepare the same and a field for other numbers each time, from the change on."""
    circuit = _circuit()

    def run() -> None:
        changed = circuit.with_vars({P: next(_drives)})
        nullclines(changed, BOX)
        fixed_points(changed)
        vector_field(changed, BOX)

    return run, None


def _branch(**options: Any) -> Any:
    circuit = _circuit()
    circuit.model()
    return lambda: equilibria(circuit, P, P_RANGE, **options), None


def branch() -> Any:
    """Prepare a branch in closed form, with folds and Hopf points."""
    return _branch()


def continued() -> Any:
    """Prepare the same by pseudo-arclength."""
    return _branch(method="continuation")


def rhythm() -> Any:
    """Prepare a branch of cycles from the Hopf point to a period of 60 time constants."""
    circuit = _circuit()
    (hopf,) = equilibria(circuit, P, P_RANGE).special_points("hopf")
    return lambda: cycles(circuit, hopf), None


def _plane_of(second: Any) -> Any:
    circuit = _circuit()
    circuit.model()
    return lambda: diagram(circuit, (P, P_RANGE), second), None


def inputs() -> Any:
    """Prepare all fold and Hopf curves in the plane of both inputs."""
    return _plane_of((Q, Q_RANGE))


def weight() -> Any:
    """Prepare them in the plane of an input and a weight."""
    return _plane_of((WEIGHT, WEIGHTS))


def time_constant() -> Any:
    """Prepare them in the plane of an input and a time constant."""
    return _plane_of((TAU, TAU_RANGE))


def points() -> Any:
    """Prepare all fixed points and eigenvalues of 100 x 100 circuits."""
    circuit = template()
    grid = {P: many.DRIVES, WEIGHT: many.WEIGHTS}

    def run() -> np.ndarray:
        found = fixed_points(circuit, parameters=grid)
        return np.stack([found.index, *found.state, *found.eigenvalues])

    return run, _check


def points_in_c(places: int) -> Any:
    """Prepare the same in C, which looks for changes of sign at some places."""
    kernel = _library().rests
    kernel.restype = ctypes.c_long
    drives, weights = (np.ascontiguousarray(x) for x in many.sets())
    out = np.empty((MOST * len(drives), 7))

    def run() -> np.ndarray:
        count = kernel(
            _pointer(drives), _pointer(weights), ctypes.c_long(len(drives)), ctypes.c_long(places),
            ctypes.c_long(len(out)), _pointer(out),
        )  # fmt: skip
        index, e, i, *values = out[:count].T
        return np.stack([index, e, i, values[0] + 1j * values[1], values[2] + 1j * values[3]])

    return run, _check


def _check(found: np.ndarray) -> float:
    """Return how many points are missed or doubled, or else the largest rate at the points."""
    index, (e, i) = found[0].real.astype(int), found[1:3].real
    wrong = np.abs(np.bincount(index, minlength=many.SIDE**2) - _numbers()).sum()
    drive, weight = many.sets()[:, index]
    return float(wrong or np.abs(many.field(e, i, drive, weight)).max())


@cache
def _numbers() -> np.ndarray:
    """Return how many fixed points each set has: changes of sign at 8,192 places, in NumPy."""
    z = np.linspace(-30.0, 30.0, 8_192)[:, None]
    m = 1 / (1 + np.exp(-z)) - many.REST_I
    i = m / (1 + m)
    e = (z / 2 + 4.0 * i + 2.5) / 15.0
    counts = []
    for drive, weight in np.split(many.sets(), many.SIDE, axis=1):
        rate = many.field(e, i, drive, weight)[0]
        counts.append((np.diff(np.signbit(rate).astype(np.int8), axis=0) != 0).sum(axis=0))
    return np.concatenate(counts)
