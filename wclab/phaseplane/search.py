"""Every fixed point in a box of one or two states, by interval bounds.

A box is dropped when the bounds of a rate exclude zero, or when Krawczyk's operator leaves
it; it is settled when the operator maps it into itself, which proves that it holds one point
and no other; else it is cut in two. All boxes are treated in one array pass. Boxes are
looked at a little larger than they are, so that a point on a cut is seen by both sides, once.

Source: Neumaier (1990), Interval Methods for Systems of Equations, ch. 5.
"""

from functools import lru_cache

import numpy as np

from wclab.equations import derivative
from wclab.errors import SolverError
from wclab.phaseplane.intervals import Interval, Tape, make_tape
from wclab.phaseplane.structure import Structure, expanded, structure_of
from wclab.phaseplane.system import System

MARGIN = 0.05  # of a box's width, on each side
FIRST = 16  # boxes in each direction to begin with
NARROW = 1e-9  # of the first box's width: what is still open here is no simple point
FLAT = 1e-5  # of what is usual in the box: a determinant below it is zero where boxes stay open
STEEP = 1e4  # of what is usual in the box: a steeper slope is a quotient near 0/0
MOST = 200_000  # boxes at a time
ROUNDS = 120


@lru_cache(maxsize=32)
def _tape(structure: Structure) -> Tape:
    """Return the operations that compute the rates, and their derivatives by each state."""
    rates, states = expanded(structure), structure.program.states
    return make_tape([*rates, *(derivative(rate, s) for rate in rates for s in states)])


def subdivide(system: System, bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return every fixed point in a box, shape (n, points), and which of them are folds.

    Parameters
    ----------
    system : System
        With one or two states.
    bounds : ndarray, shape (n, 2)

    Raises
    ------
    SolverError
        If the box needs more than `MOST` boxes at a time.
    """
    width = bounds[:, 1] - bounds[:, 0]
    half = np.repeat((0.5 * width * (1 + 1e-9))[:, None], FIRST ** len(bounds), axis=1) / FIRST
    steps = np.meshgrid(*[(np.arange(FIRST) + 0.5) / FIRST - 0.5] * len(bounds))
    centre = bounds.mean(axis=1)[:, None] + 2 * half[:, :1] * FIRST * np.reshape(
        steps, (len(bounds), -1)
    )
    entries = np.abs(system.jacobian(centre)).max(axis=(0, 1))
    typical = float(np.median(entries[np.isfinite(entries)])) if np.isfinite(entries).any() else 0.0
    found: list[np.ndarray] = []
    blurred: list[np.ndarray] = []
    for _ in range(ROUNDS):
        if not centre.shape[1]:
            break
        drop, settled, low, high = _look(system, centre, half)
        if settled.any():
            found.append(_newton(system, centre[:, settled]))
        keep = ~drop & ~settled
        centre, half = 0.5 * (low + high)[:, keep], 0.5 * (high - low)[:, keep]
        thin = (2 * half <= NARROW * width[:, None]).all(axis=0)
        blurred.append(centre[:, thin])
        centre, half = _cut(centre[:, ~thin], half[:, ~thin], width)
        if centre.shape[1] > MOST:
            raise SolverError(
                f"the search for fixed points needs more than {MOST} boxes: the equations are near "
                "zero along whole curves, or 0/0 there, or the box is too large. Try a smaller box"
            )
    exact = np.concatenate([np.empty((len(bounds), 0)), *found], axis=1)
    points = _merged(exact, 1e-10 * width)
    clusters = _clusters(system, np.concatenate(blurred, axis=1), width, points, typical)
    points = np.concatenate([points, clusters], axis=1)
    is_fold = np.zeros(points.shape[1], dtype=bool)
    if clusters.shape[1]:
        flat = np.abs(np.linalg.det(np.moveaxis(system.jacobian(clusters), -1, 0)))
        is_fold[-clusters.shape[1] :] = flat <= FLAT * typical ** len(bounds)
    return points, is_fold


def _cut(centre: np.ndarray, half: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Halve each box across its longest side, in units of the first box."""
    longest = np.argmax(half / width[:, None], axis=0)
    chosen = np.arange(len(width))[:, None] == longest
    half = np.where(chosen, 0.5 * half, half)
    step = np.where(chosen, half, 0.0)
    return np.concatenate([centre - step, centre + step], axis=1), np.tile(half, (1, 2))


def _look(
    system: System, centre: np.ndarray, inner: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return which boxes hold no point, and which are proved to hold one and no other.

    Also the bounds of the part of each box that is left to search.
    """
    n, count = centre.shape
    half = inner * (1 + 2 * MARGIN)
    tape = _tape(structure_of(system.model))
    constants = zip(system.model.program.constants, system.constants, strict=True)
    known: dict[str, Interval] = {name: (value, value) for name, value in constants}
    for k, state in enumerate(system.model.program.states):
        known[state] = centre[k] - half[k], centre[k] + half[k]
    bounds, empty = tape.bounds(known)
    drop = np.zeros(count, dtype=bool)
    for (low, high), nowhere in zip(bounds[:n], empty[:n], strict=True):
        drop |= (low > 0) | (high < 0) | nowhere
    jac = np.empty((2, n * n, count))
    for k, (low, high) in enumerate(bounds[n:]):
        jac[0, k], jac[1, k] = low, high
    jac = jac.reshape(2, n, n, count)
    value, middle = system.linear(centre)
    with np.errstate(all="ignore"):
        inverse = _inverse(middle)
        newton = np.einsum("ijm,jm->im", inverse, value)
        # |I - Y J| on the box: from the middle and radius of J's bounds
        mid, radius = 0.5 * (jac[0] + jac[1]), 0.5 * (jac[1] - jac[0])
        product = np.einsum("ijm,jkm->ikm", inverse, mid)
        spread = np.einsum("ijm,jkm->ikm", np.abs(inverse), radius)
        size = np.abs(np.eye(n)[:, :, None] - product) + spread
        reach = np.einsum("ijm,jm->im", size, half) * (1 + 1e-12) + 1e-15 * np.abs(centre)
        sound = np.isfinite(newton).all(axis=0) & np.isfinite(reach).all(axis=0)
        outside = (np.abs(newton) > half + reach).any(axis=0)
        within = (np.abs(newton) + reach < half).all(axis=0)
        shrink = np.where(sound, reach, np.inf)  # a point lies within it of the Newton step
        low = np.maximum(-inner, np.where(sound, -newton, 0.0) - shrink)
        high = np.minimum(inner, np.where(sound, -newton, 0.0) + shrink)
    good = (high - low >= 0.2 * inner).all(axis=0)
    low, high = np.where(good, low, -inner), np.where(good, high, inner)
    return drop | (sound & outside), sound & within & ~drop, centre + low, centre + high


def _inverse(matrix: np.ndarray) -> np.ndarray:
    if len(matrix) == 1:
        return 1 / matrix
    (a, b), (c, d) = matrix
    return np.stack([np.stack([d, -b]), np.stack([-c, a])]) / (a * d - b * c)


def _newton(system: System, state: np.ndarray, rounds: int = 12) -> np.ndarray:
    """Return the points in boxes where Newton's method is proved to converge."""
    for _ in range(rounds):
        value, slopes = system.linear(state)
        with np.errstate(all="ignore"):
            step = np.einsum("ijm,jm->im", _inverse(slopes), value)
        step = np.where(np.isfinite(step), step, 0.0)
        state = state - step
        if np.all(np.abs(step) <= 1e-15 * np.maximum(1.0, np.abs(state))):
            break
    return state


def _merged(points: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Drop all but the first of points that are nearer to each other than `near`, shape (n,)."""
    kept: list[np.ndarray] = []
    for point in points.T:
        if not any(np.all(np.abs(point - other) <= near) for other in kept):
            kept.append(point)
    return np.array(kept).T if kept else points[:, :0]


def _clusters(
    system: System, blurred: np.ndarray, width: np.ndarray, points: np.ndarray, typical: float
) -> np.ndarray:
    """Return one point for each cluster of open boxes where the rates are zero to rounding."""
    if not blurred.shape[1]:
        return blurred
    rates, slopes = system.linear(blurred)
    size, steep = np.abs(rates).max(axis=0), np.abs(slopes).max(axis=(0, 1))
    if typical:
        steep = np.minimum(steep, STEEP * typical)
    zero = size <= 1e-8 * np.maximum(steep * float(width.max()), 1e-300)
    blurred, size = blurred[:, zero], size[zero]
    order = np.argsort(size, kind="stable")
    kept = _merged(blurred[:, order], 1e-5 * width)
    near = 1e-6 * width
    fresh = [
        point
        for point in kept.T
        if not any(np.all(np.abs(point - other) <= near) for other in points.T)
    ]
    return np.array(fresh).T if fresh else kept[:, :0]
