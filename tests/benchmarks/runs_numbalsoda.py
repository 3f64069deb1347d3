"""What numbalsoda does in the benchmarks: LSODA in C++ around a right-hand side by numba."""

from functools import cache
from math import exp
from typing import Any

import numpy as np
import problem
import problem_many as many
from numba import carray, cfunc, njit
from numbalsoda import lsoda, lsoda_sig

REST_E, REST_I = 1 / (1 + exp(2.0)), 1 / (1 + exp(5.0))


@cfunc(lsoda_sig)
def field(t, y, dy, p):
    """Set the derivatives of WC; p: input, weight."""
    e, i = y[0], y[1]
    values = carray(p, (2,))
    m_e = 1 / (1 + exp(-(values[1] * e - 15.0 * i + values[0] - 2.0))) - REST_E
    m_i = 1 / (1 + exp(-2.0 * (15.0 * e - 4.0 * i - 2.5))) - REST_I
    dy[0] = (-e + (1 - e) * m_e) / 10.0
    dy[1] = (-i + (1 - i) * m_i) / 10.0


ADDRESS = field.address


@cache
def _grid() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (parameters, times of rows) of each piece; each ends with its last moment."""
    times = np.arange(round(problem.TIME / problem.COARSE)) * problem.COARSE
    edges = [(0.0, problem.ON, 0.0), (problem.ON, problem.OFF, problem.HEIGHT)]
    edges += [(problem.OFF, problem.TIME, 0.0)]
    return [
        (np.array([u, 15.0]), np.append(times[(times >= a) & (times < b)], b)) for a, b, u in edges
    ]


def precise() -> Any:
    """Prepare the seed's run to 1e-6."""
    pieces = _grid()

    def run() -> np.ndarray:
        y, rows = np.zeros(2), []
        for parameters, times in pieces:
            piece, _ = lsoda(ADDRESS, y, times, parameters, problem.RTOL, problem.ATOL)
            rows.append(piece[:-1])
            y = piece[-1].copy()
        return np.concatenate(rows)

    return run


@njit
def _reduced(drives, weights, times, first, out):
    for s in range(len(drives)):
        parameters = np.array([drives[s], weights[s]])
        rows, _ = lsoda(ADDRESS, np.zeros(2), times, parameters, 1e-6, 1e-9, 100_000)
        e = rows[first:, 0]
        out[0, s], out[1, s], out[2, s] = e.min(), e.max(), e.mean()


def sweep(count: int) -> Any:
    """Prepare a loop over some of the sets; rows in the window only."""
    drives, weights = many.sets(count)
    times = np.append(0.0, np.arange(many.FIRST, many.STEPS) * many.STEP)
    out = np.empty((3, count))

    def run() -> np.ndarray:
        _reduced(drives, weights, times, 1, out)
        return out

    return run, many.check_sweep
