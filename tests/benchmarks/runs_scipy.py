"""The seed's run to 1e-6 as one writes it by hand: plain numbers, piece by piece."""

from collections.abc import Callable
from math import exp
from typing import Any

import numpy as np
import problem
import problem_many as many
from scipy.integrate import odeint, solve_ivp

REST_E, REST_I = 1 / (1 + exp(2.0)), 1 / (1 + exp(5.0))
TOLERANCES = {"rtol": problem.RTOL, "atol": problem.ATOL}


def field(t: float, y: Any, drive: float, weight: float = 15.0) -> tuple[float, float]:
    """Return the derivatives of WC."""
    e, i = y
    m_e = 1 / (1 + exp(-(weight * e - 15.0 * i + drive - 2.0))) - REST_E
    m_i = 1 / (1 + exp(-2.0 * (15.0 * e - 4.0 * i - 2.5))) - REST_I
    return (-e + (1 - e) * m_e) / 10.0, (-i + (1 - i) * m_i) / 10.0


def _pieces() -> list[tuple[float, float, float, np.ndarray]]:
    """Return (from, to, drive, times of rows) of each piece; each ends with its last moment."""
    times = np.arange(round(problem.TIME / problem.COARSE)) * problem.COARSE
    edges = [(0.0, problem.ON, 0.0), (problem.ON, problem.OFF, problem.HEIGHT)]
    edges += [(problem.OFF, problem.TIME, 0.0)]
    return [(a, b, u, np.append(times[(times >= a) & (times < b)], b)) for a, b, u in edges]


def _solve_ivp(method: str) -> Callable[[], np.ndarray]:
    pieces = _pieces()

    def run() -> np.ndarray:
        y, rows = [0.0, 0.0], []
        for left, right, drive, times in pieces:
            piece = solve_ivp(field, (left, right), y, method, times, args=(drive,), **TOLERANCES)
            rows.append(piece.y.T[:-1])
            y = piece.y[:, -1]
        return np.concatenate(rows)

    return run


def solve_ivp_rk45() -> Callable[[], np.ndarray]:
    """Prepare `solve_ivp` with its default method."""
    return _solve_ivp("RK45")


def solve_ivp_lsoda() -> Callable[[], np.ndarray]:
    """Prepare `solve_ivp` with LSODA."""
    return _solve_ivp("LSODA")


def by_odeint() -> Callable[[], np.ndarray]:
    """Prepare `odeint`."""
    pieces = _pieces()

    def run() -> np.ndarray:
        y, rows = np.zeros(2), []
        for _, _, drive, times in pieces:
            piece = odeint(field, y, times, (drive,), tfirst=True, **TOLERANCES)
            rows.append(piece[:-1])
            y = piece[-1]
        return np.concatenate(rows)

    return run


def sweep(count: int) -> Any:
    """Prepare a loop over some of the sets: `solve_ivp` with LSODA, rows in the window only."""
    sets, times = many.sets(count).T, np.arange(many.FIRST, many.STEPS) * many.STEP

    def run() -> np.ndarray:
        found = []
        for drive, weight in sets:
            e = solve_ivp(
                field, (0.0, times[-1]), (0.0, 0.0), "LSODA", times, args=(drive, weight),
                **TOLERANCES,
            ).y[0]  # fmt: skip
            found.append([e.min(), e.max(), e.mean()])
        return np.array(found).T

    return run, many.check_sweep
