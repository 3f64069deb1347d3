"""Sweeps, noise and networks in C: `kernels_simd.c`, called through ctypes."""

import ctypes
from typing import Any

import numpy as np
import problem_many as many
from runs_c import _library, _pointer


def _call(kernel: Any, *arguments: Any) -> None:
    """Call a kernel with arrays as pointers, whole numbers as long and others as double."""
    kinds = {np.ndarray: _pointer, int: ctypes.c_long, float: ctypes.c_double}
    kernel(*(kinds[type(argument)](argument) for argument in arguments))


def _padded(values: np.ndarray, block: int) -> np.ndarray:
    """Return an array whose last axis is a multiple of `block`, its last entry repeated."""
    lacking = -values.shape[-1] % block
    return np.ascontiguousarray(np.concatenate([values, values[..., -1:].repeat(lacking, -1)], -1))


def sweep(count: int = many.SIDE**2, steps: int = many.STEPS) -> Any:
    """Prepare a sweep of `count` sets."""
    kernel = _library().sweep
    drives, weights = _padded(many.sets(count), 32)
    out = np.empty((3, len(drives)))
    first = steps * many.FIRST // many.STEPS

    def run() -> np.ndarray:
        _call(kernel, drives, weights, len(drives), steps, first, many.STEP, out)
        return out[:, :count]

    return run, many.check_sweep if steps == many.STEPS else None


def noise() -> Any:
    """Prepare an ensemble."""
    kernel = _library().noise
    out = np.empty((many.NOISE_STEPS // many.NOISE_EVERY, many.RUNS))

    def run() -> np.ndarray:
        _call(
            kernel, many.RUNS, many.NOISE_STEPS, many.NOISE_EVERY, many.STEP, many.DRIVE,
            many.STRENGTH, 7, out,
        )  # fmt: skip
        return out

    return run, many.check_noise


def _states(nodes: int, steps: int) -> tuple[np.ndarray, ...]:
    """Return E, I and the input of every node, padded, and the place of the rows."""
    size = nodes + -nodes % 8
    rows = -(-steps // many.NETWORK_EVERY)
    return np.empty(size), np.empty(size), np.zeros(size), np.empty((rows, nodes))


def dense(nodes: int) -> Any:
    """Prepare a network in which everyone hears every other."""
    kernel, steps = _library().dense, many.NETWORK_STEPS[nodes]
    e, i, x, out = _states(nodes, steps)
    weights = np.zeros((len(e), len(e)))  # [origin, target]
    weights[:nodes, :nodes] = many.matrix(nodes).T

    def run() -> np.ndarray:
        e[:], i[:] = many.START_E, many.START_I
        _call(
            kernel, weights, len(e), nodes, steps, many.NETWORK_EVERY, many.STEP, many.DRIVE,
            e, i, x, out,
        )  # fmt: skip
        return out

    return run, many.check_network(nodes)


def sparse(nodes: int, each: int, steps: int) -> Any:
    """Prepare a network in which everyone hears `each` others."""
    kernel = _library().sparse
    e, i, x, out = _states(nodes, steps)
    rows = many.sparse_matrix(nodes, each)
    weights = rows.data
    origins, starts = (part.astype(np.int64) for part in (rows.indices, rows.indptr))

    def run() -> np.ndarray:
        e[:], i[:] = many.START_E, many.START_I
        _call(
            kernel, weights, origins, starts, len(e), nodes, steps, many.NETWORK_EVERY, many.STEP,
            many.DRIVE, e, i, x, out,
        )  # fmt: skip
        return out

    return run, None
