"""Pseudo-arclength continuation: the solutions of F(u) = 0, N equations for N + 1 numbers.

The contract: `follow` walks one curve from a point in one direction, with a step that adapts to
how the curve bends and how fast Newton's method converges, until it leaves its bounds, closes,
or fails; it says which. Source: Keller (1977); Kuznetsov (2004), ch. 10.2.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.linalg.lapack import dgesv

Slopes = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]

FIRST, LARGEST, SMALLEST = 0.02, 0.08, 1e-7  # steps, where a range is 1
TURN = 0.97  # least cosine between one direction and the next
PRECISE = 1e-10  # of a step of Newton's, where a range is 1


@dataclass(eq=False)
class Walk:
    """What a walk along a curve found: points, directions, and how it ended."""

    points: list[np.ndarray] = field(default_factory=list)
    tangents: list[np.ndarray] = field(default_factory=list)
    slopes: list[np.ndarray] = field(default_factory=list)
    closed: bool = False
    failure: str = ""

    def add(self, u: np.ndarray, tangent: np.ndarray, slopes: np.ndarray) -> None:
        """Append a point."""
        self.points.append(u)
        self.tangents.append(tangent)
        self.slopes.append(slopes)


def solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the solution of a square system; NaN if there is none."""
    _, _, solution, info = dgesv(matrix, right)
    return solution if info == 0 else np.full(len(right), np.nan)


def correct(
    slopes: Slopes, u: np.ndarray, row: np.ndarray, scale: np.ndarray, rounds: int = 7
) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Return the solution near `u` on the plane through it with normal `row`, both scaled.

    Parameters
    ----------
    slopes : callable
        ``slopes(u)`` returns F, shape (N,), and its derivatives, shape (N, N + 1).
    u : ndarray, shape (N + 1,)
    row : ndarray, shape (N + 1,)
    scale : ndarray, shape (N + 1,)
        Size of each number.

    Returns
    -------
    (u, slopes, rounds) or None
        None where Newton's method does not converge.
    """
    size = len(u)
    matrix, right = np.empty((size, size)), np.zeros(size)
    last = np.inf
    for k in range(rounds):
        value, derivative = slopes(u)
        matrix[:-1], matrix[-1] = derivative * scale, row
        right[:-1] = -value
        step = solve(matrix, right)
        length = float(np.sqrt(step @ step))
        if not length < 1e3 or (k > 1 and length > 2 * last and length > 1e-6):
            return None
        u = u + scale * step
        if length < PRECISE:
            return u, derivative, k + 1
        last = length
    return None


def direction(derivative: np.ndarray, before: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return the scaled unit tangent that goes on from `before`."""
    matrix = np.vstack([derivative * scale, before])
    right = np.zeros(len(before))
    right[-1] = 1.0
    tangent = solve(matrix, right)
    if not np.isfinite(tangent).all():  # a branch point: any null direction will do
        tangent = np.linalg.svd(derivative * scale)[2][-1]
        tangent = tangent if tangent @ before >= 0 else -tangent
    return tangent / np.sqrt(tangent @ tangent)


def follow(
    slopes: Slopes,
    start: np.ndarray,
    tangent: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    scale: np.ndarray,
    *,
    largest: float = LARGEST,
    most: int = 2_000,
) -> Walk:
    """Walk along the curve from a solution until a bound is met.

    Parameters
    ----------
    slopes : callable
        See `correct`. If it has a method ``renew(u)``, that is called after each step.
    start, tangent : ndarray, shape (N + 1,)
        A solution, and roughly the scaled direction to take.
    bounds : pair of ndarray, shape (N + 1,)
        Lowest and highest value of each number; the walk ends on the bound.
    scale : ndarray, shape (N + 1,)
    largest : float, optional
        Largest step, in units of `scale`.
    most : int, optional
        Number of steps after which the walk is given up.

    Returns
    -------
    Walk
        Without the start itself if it cannot be left; `failure` says why it ended early.
    """
    walk = Walk()
    renew = getattr(slopes, "renew", None)
    _, derivative = slopes(start)
    tangent = direction(derivative, tangent, scale)
    walk.add(start, tangent, derivative)
    u, step = start, min(FIRST, largest)
    for count in range(most):
        found = correct(slopes, u + step * scale * tangent, tangent, scale)
        new = direction(found[1], tangent, scale) if found else tangent
        if found is None or new @ tangent < TURN:
            step /= 2 if found else 4
            if step < SMALLEST:
                walk.failure = "Newton's method does not converge" if found is None else (
                    "the branch bends within the smallest step"
                )  # fmt: skip
                return walk
            continue
        beyond = (found[0] < bounds[0]) | (found[0] > bounds[1])
        if beyond.any():
            _end(slopes, walk, u, found[0], new, bounds, scale)
            return walk
        if count > 3 and _passes(u, found[0], start, tangent, walk.tangents[0], scale):
            walk.add(start, walk.tangents[0], walk.slopes[0])
            walk.closed = True
            return walk
        u, quick = found[0], found[2] <= 3 and new @ tangent > 1 - 0.3 * (1 - TURN)
        tangent = new
        walk.add(u, tangent, found[1])
        if renew is not None:
            renew(u)
            derivative = slopes(u)[1]
            tangent = direction(derivative, tangent, scale)
        step = min(step * (1.6 if quick else 1.0), largest)
    walk.failure = f"there is no end after {most} steps"
    return walk


def _end(
    slopes: Slopes,
    walk: Walk,
    u: np.ndarray,
    outside: np.ndarray,
    tangent: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    scale: np.ndarray,
) -> None:
    """Add the point at which a bound is met first, unless the walk stands on it."""
    change = outside - u
    with np.errstate(all="ignore"):
        part = np.maximum((bounds[1] - u) / change, (bounds[0] - u) / change)
    part = np.where(change == 0, np.inf, part)
    k = int(np.argmin(part))
    if not 1e-9 < part[k] <= 1:
        return
    row = np.zeros(len(u))
    row[k] = 1.0
    guess = u + part[k] * change
    guess[k] = bounds[1][k] if change[k] > 0 else bounds[0][k]
    found = correct(slopes, guess, row, scale)
    if found:
        walk.add(found[0], direction(found[1], tangent, scale), found[1])


def _passes(
    before: np.ndarray,
    after: np.ndarray,
    start: np.ndarray,
    tangent: np.ndarray,
    first: np.ndarray,
    scale: np.ndarray,
) -> bool:
    """Tell whether a step goes through the point where the walk began."""
    if tangent @ first < 0.8:
        return False
    a, b, c = ((x - before) / scale for x in (after, start, before))
    length = float(np.sqrt(a @ a))
    along = float(b @ a) / length
    aside = b - along * a / length
    return (
        0 < along <= length and float(np.sqrt(aside @ aside)) < 0.2 * length + 1e-9 and c is not b
    )
