"""The seed's run in C: compiled where gcc exists, called through ctypes."""

import ctypes
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import problem


def _pointer(values: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(values.ctypes.data)


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(os.environ["WCLAB_BENCHMARK_KERNELS"])


def euler() -> Callable[[], np.ndarray]:
    """Prepare 250,000 Euler steps."""
    return _euler(problem.pulse(problem.STEP), round(problem.SAMPLING / problem.STEP))


def steps(count: int) -> Any:
    """Prepare some Euler steps, without a pulse and with few rows."""
    return _euler(np.ones(count), count // 100), None


def _euler(u: np.ndarray, every: int) -> Callable[[], np.ndarray]:
    kernel = _library().euler
    out = np.empty((-(-len(u) // every), 2))

    def run() -> np.ndarray:
        kernel(
            _pointer(u), ctypes.c_long(len(u)), ctypes.c_long(every),
            ctypes.c_double(problem.STEP), _pointer(out),
        )  # fmt: skip
        return out

    return run


def dopri5() -> Callable[[], np.ndarray]:
    """Prepare an adaptive run that errs less than 1e-6."""
    kernel = _library().dopri5
    ends = np.array([problem.ON, problem.OFF, problem.TIME])
    drives = np.array([0.0, problem.HEIGHT, 0.0])
    out = np.empty((round(problem.TIME / problem.COARSE), 2))

    def run() -> np.ndarray:
        kernel(
            _pointer(ends), _pointer(drives), ctypes.c_long(len(ends)),
            ctypes.c_double(problem.COARSE), ctypes.c_long(len(out)),
            ctypes.c_double(problem.RTOL), ctypes.c_double(problem.ATOL), _pointer(out),
        )  # fmt: skip
        return out

    return run
