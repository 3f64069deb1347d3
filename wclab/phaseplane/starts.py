"""Fixed points of circuits with three states or more: Newton's method from many starts.

No certificate: what is found is a point, but one may be missed. The search goes on until twice
as many starts add nothing, and the signs of the determinants of -J sum to 1, as they must
where no run escapes; without that sum, until two doublings have added nothing.
"""

import numpy as np

from wclab.phaseplane.system import System

FIRST, LAST = 128, 8_192  # starts
ROUNDS = 60


def many_starts(system: System, bounds: np.ndarray) -> np.ndarray:
    """Return fixed points found from starts in a box, shape (n, points); some may lie outside."""
    points = np.empty((len(bounds), 0))
    starts, idle = FIRST, 0
    while starts <= LAST:
        sample = _spread(len(bounds), 0 if starts == FIRST else starts // 2, starts)
        new = newton(system, bounds[:, :1] + (bounds[:, 1:] - bounds[:, :1]) * sample, bounds)
        before = _within(points, bounds)
        points = distinct(np.concatenate([points, new], axis=1))
        idle = idle + 1 if _within(points, bounds) == before and starts > FIRST else 0
        if idle and (idle > 1 or _index(system, points) == 1):
            break
        starts *= 2
    return points


def _spread(n: int, first: int, last: int) -> np.ndarray:
    """Return points that fill the unit cube evenly, shape (n, last - first).

    Multiples of the powers of 1/phi, phi**(n + 1) = phi + 1, without their whole parts: for one
    dimension the golden ratio. Scipy's Sobol points fill it as well, but take a second to import.
    """
    phi = 2.0
    for _ in range(40):
        phi = (1 + phi) ** (1 / (n + 1))
    steps = phi ** -np.arange(1.0, n + 1)
    return (0.5 + steps[:, None] * np.arange(first + 1, last + 1)) % 1.0


def _within(points: np.ndarray, bounds: np.ndarray) -> int:
    return int(((points >= bounds[:, :1]) & (points <= bounds[:, 1:])).all(axis=0).sum())


def _index(system: System, points: np.ndarray) -> int:
    jacobians = np.moveaxis(system.jacobian(points), -1, 0)
    return int(np.sign(np.linalg.det(-jacobians)).sum())


def newton(system: System, state: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Return where Newton's method with shortened steps ends at a zero, shape (n, found).

    A start whose steps leave the box by more than twice its width is given up.
    """
    width = bounds[:, 1:] - bounds[:, :1]
    low, high = bounds[:, :1] - 2 * width, bounds[:, 1:] + 2 * width
    done = []
    for _ in range(ROUNDS):
        if not state.shape[1]:
            break
        value = system.field(state)
        step = _solve(system.jacobian(state), value)
        size = np.abs(value).max(axis=0)
        factor = np.ones(state.shape[1])
        for _ in range(5):
            worse = ~(np.abs(system.field(state - factor * step)).max(axis=0) < size)
            if not worse.any():
                break
            factor = np.where(worse, 0.5 * factor, factor)
        small = (np.abs(step) <= 1e-13 * (width + np.abs(state))).all(axis=0)
        done.append((state - step)[:, small])
        state = state - factor * step
        with np.errstate(invalid="ignore"):
            alive = ((state >= low) & (state <= high)).all(axis=0)
        state = state[:, alive & ~small]
    found = np.concatenate([*done, np.empty((len(bounds), 0))], axis=1)
    scale = np.abs(system.jacobian(found)).max(axis=(0, 1)) * (1 + np.abs(found).max(axis=0))
    good = np.abs(system.field(found)).max(axis=0) <= 1e-12 * scale
    return found[:, good]


def _solve(jacobian: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return Newton's step for each column; by least squares where the matrix is singular."""
    matrices = np.moveaxis(jacobian, -1, 0)
    finite = np.isfinite(matrices).all(axis=(1, 2)) & np.isfinite(value).all(axis=0)
    matrices = np.where(finite[:, None, None], matrices, np.eye(len(value)))
    right = value.T[..., None]
    try:
        step = np.linalg.solve(matrices, right)
    except np.linalg.LinAlgError:
        step = np.linalg.pinv(matrices) @ right
    return np.where(finite, step[..., 0].T, np.nan)


def distinct(points: np.ndarray) -> np.ndarray:
    """Return points without repeats; nearer than 1e-7 of the spread is the same."""
    if points.shape[1] < 2:
        return points
    near = 1e-8 * (1 + np.abs(points).max(axis=1))
    kept: list[int] = []
    for k in range(points.shape[1]):
        if (
            not kept
            or not (np.abs(points[:, kept] - points[:, k : k + 1]) <= near[:, None])
            .all(axis=0)
            .any()
        ):
            kept.append(k)
    return points[:, kept]
