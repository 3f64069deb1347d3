"""What is computed many times over: a sweep, noise, networks; and how far a result is from it.

The circuit is that of `problem`. Every reference is plain NumPy, all sets or nodes at once.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

REST_E, REST_I = 1 / (1 + np.exp(2.0)), 1 / (1 + np.exp(5.0))
STEP = 0.01

# W3: 100 x 100 sets of an input and a weight, RK4
SIDE, STEPS, FIRST = 100, 20_000, 15_000  # rows of the window: those before steps 15,000 ... 19,999
DRIVES, WEIGHTS = np.linspace(0.0, 4.0, SIDE), np.linspace(5.0, 25.0, SIDE)

# W4: realisations with noise on both states
RUNS, NOISE_STEPS, NOISE_EVERY, STRENGTH, DRIVE = 1_000, 10_000, 100, 0.01, 1.0

# W5: pairs whose E populations are coupled
START_E, START_I = 0.2, 0.1
NETWORK_EVERY = 50
NETWORK_STEPS = {100: 5_000, 1_000: 300}

Result = np.ndarray
Check = Callable[[Result], float]


def field(e: np.ndarray, i: np.ndarray, drive: object, weight: object) -> tuple[np.ndarray, ...]:
    """Return the derivatives of WC, for arrays."""
    m_e = 1 / (1 + np.exp(-(weight * e - 15.0 * i + drive - 2.0))) - REST_E
    m_i = 1 / (1 + np.exp(-2.0 * (15.0 * e - 4.0 * i - 2.5))) - REST_I
    return (-e + (1 - e) * m_e) / 10.0, (-i + (1 - i) * m_i) / 10.0


def sets(count: int = SIDE**2) -> np.ndarray:
    """Return (drives, weights) of `count` sets spread over the grid, shape (2, count)."""
    both = np.stack([np.repeat(DRIVES, SIDE), np.tile(WEIGHTS, SIDE)])
    return both[:, _spread(both.shape[1], count)]


def _spread(of: int, count: int) -> np.ndarray:
    return np.linspace(0, of - 1, count).round().astype(int)


def check_sweep(found: Result) -> float:
    """Return the largest error of (min, max, mean) of E, shape (3, sets), in 16 of the sets."""
    few = _spread(np.shape(found)[1], 16)
    return float(np.abs(np.asarray(found)[:, few] - _reduced(np.shape(found)[1])).max())


@cache
def _reduced(count: int) -> np.ndarray:
    drive, weight = sets(count)[:, _spread(count, 16)]
    y, kept = np.zeros((2, 16)), []
    rate = partial(_rate, drive=drive, weight=weight)
    for k in range(STEPS):
        if k >= FIRST:
            kept.append(y[0])
        a = rate(y)
        b = rate(y + STEP / 2 * a)
        c = rate(y + STEP / 2 * b)
        y = y + STEP / 6 * (a + 2 * b + 2 * c + rate(y + STEP * c))
    rows = np.array(kept)
    return np.stack([rows.min(0), rows.max(0), rows.mean(0)])


def _rate(y: np.ndarray, drive: object, weight: object) -> np.ndarray:
    return np.stack(field(y[0], y[1], drive, weight))


def check_noise(found: Result) -> float:
    """Return the error of the mean over realisations of E, (rows, runs), at the last row."""
    return float(abs(np.asarray(found)[-1].mean() - _mean()))


@cache
def _mean() -> float:
    return float(euler_maruyama(4_000)[-1].mean())


def euler_maruyama(runs: int = RUNS) -> np.ndarray:
    """Return E of each realisation, a row before every 100th step, with NumPy's fastest numbers."""
    rng, kick = np.random.Generator(np.random.SFC64(11)), STRENGTH * np.sqrt(STEP)
    e, i, rows = np.zeros(runs), np.zeros(runs), []
    for k in range(NOISE_STEPS):
        if k % NOISE_EVERY == 0:
            rows.append(e)
        de, di = field(e, i, DRIVE, 15.0)
        e = e + STEP * de + kick * rng.standard_normal(runs)
        i = i + STEP * di + kick * rng.standard_normal(runs)
    return np.array(rows)


@cache
def matrix(nodes: int) -> np.ndarray:
    """Return weights [target, origin]: every node hears every other."""
    rng = np.random.default_rng(5)
    return rng.random((nodes, nodes)) * (1 - np.eye(nodes)) * 4.0 / nodes


@cache
def sparse_matrix(nodes: int, each: int) -> Any:
    """Return weights [target, origin], compressed rows: every node hears `each` others."""
    from scipy.sparse import csr_array

    origins = np.sort((np.arange(nodes)[:, None] + 1 + np.arange(each)) % nodes, axis=1)
    weights = (1 + np.random.default_rng(5).random(origins.size)) * 2.0 / each
    starts = np.arange(nodes + 1) * each
    return csr_array((weights, origins.ravel(), starts), shape=(nodes, nodes))


def check_network(nodes: int) -> Check:
    """Return what compares E of all nodes, shape (rows, nodes), with Euler in NumPy."""

    def check(found: Result) -> float:
        return float(np.abs(np.asarray(found) - _network(nodes)).max())

    return check


@cache
def _network(nodes: int) -> np.ndarray:
    return network(matrix(nodes), NETWORK_STEPS[nodes])


def network(weights: np.ndarray, steps: int) -> np.ndarray:
    """Return E of each node, a row before every 50th step, by Euler in NumPy."""
    e, i = np.full(len(weights), START_E), np.full(len(weights), START_I)
    rows = []
    for k in range(steps):
        if k % NETWORK_EVERY == 0:
            rows.append(e)
        de, di = field(e, i, weights @ e + DRIVE, 15.0)
        e, i = e + STEP * de, i + STEP * di
    return np.array(rows)
