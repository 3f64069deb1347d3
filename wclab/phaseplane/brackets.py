"""Every root of many functions of one variable, by interval bounds.

The contract: a root is missed only if the bounds that the caller gives are wrong. An interval is
dropped when the function's bounds on it exclude zero, and closed when those of its slope do;
else it is cut in two. All intervals of all functions are treated in one array pass.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

NARROW = 1e-9  # an interval this narrow that is still open holds a double root, or nearly one
ROUNDS = 80
FIRST_CUTS = 4_096  # intervals to begin with: many for a few functions, so that rounds are few
ROUNDING = 1e-13  # relative, of a bound

Bounds = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Functions:
    """Functions f_i(z), i = 0 ... n - 1, evaluated for arrays of indices and points.

    ``value(i, z)`` and ``slope(i, z)`` give numbers; ``bounds(i, a, b)`` gives bounds of the
    values and of the slopes on [a, b], as two pairs of arrays.
    """

    value: Callable[[np.ndarray, np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray, np.ndarray], np.ndarray]
    bounds: Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[Bounds, Bounds]]


def all_roots(
    functions: Functions, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find every root of f_i in [low_i, high_i].

    Returns
    -------
    index, root, double : ndarray, shape (roots,)
        The function a root belongs to; the root; whether it is double, to rounding.
    """
    pieces = int(np.clip(FIRST_CUTS // max(len(low), 1), 16, 128))
    cuts = np.linspace(0.0, 1.0, pieces + 1)
    i = np.repeat(np.arange(len(low)), pieces)
    edges = low[:, None] + (high - low)[:, None] * cuts
    a, b = edges[:, :-1].ravel(), edges[:, 1:].ravel()
    closed: list[tuple[np.ndarray, ...]] = []
    narrow: list[tuple[np.ndarray, ...]] = []
    for _ in range(ROUNDS):
        if not len(i):
            break
        (f_low, f_high), (s_low, s_high) = functions.bounds(i, a, b)
        slack = ROUNDING * np.maximum(1.0, np.abs(a))
        possible = ~((f_low > slack) | (f_high < -slack))
        monotone = possible & ((s_low > 0) | (s_high < 0))
        closed.append((i[monotone], a[monotone], b[monotone]))
        is_open = possible & ~monotone
        i, a, b = i[is_open], a[is_open], b[is_open]
        thin = b - a <= NARROW * np.maximum(1.0, np.abs(a))
        narrow.append((i[thin], a[thin], b[thin]))
        i, a, b = i[~thin], a[~thin], b[~thin]
        middle = 0.5 * (a + b)
        i, a, b = np.tile(i, 2), np.concatenate([a, middle]), np.concatenate([middle, b])
    i, a, b = (np.concatenate(parts) for parts in zip(*closed, strict=True))
    f_a, f_b = functions.value(i, a), functions.value(i, b)
    change = (np.sign(f_a) != np.sign(f_b)) | (f_a == 0)
    index, root = i[change], _close(functions, i[change], a[change], b[change])
    j, u, v = (np.concatenate(parts) for parts in zip(*narrow, strict=True))
    index = np.concatenate([index, j])
    double = np.repeat([False, True], [len(root), len(j)])
    root = np.concatenate([root, 0.5 * (u + v)])
    return _without_repeats(index, root, double)


def _close(functions: Functions, i: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the root in each bracket: Newton's steps, or halves where they leave it."""
    rising = functions.value(i, b) >= functions.value(i, a)
    z = 0.5 * (a + b)
    for _ in range(60):
        f = functions.value(i, z)
        above = (f > 0) == rising
        b, a = np.where(above, z, b), np.where(above, a, z)
        with np.errstate(all="ignore"):
            step = z - f / functions.slope(i, z)
        inside = (step >= a) & (step <= b)
        new = np.where(inside, step, 0.5 * (a + b))
        if np.all(np.abs(new - z) <= 4e-16 * np.maximum(1.0, np.abs(z))):
            return new
        z = new
    return z


def _without_repeats(
    index: np.ndarray, root: np.ndarray, double: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort roots, and merge those that meet at a cut or stand in neighbouring narrow intervals."""
    order = np.lexsort((root, index))
    index, root, double = index[order], root[order], double[order]
    if not len(root):
        return index, root, double
    same = np.diff(index, prepend=-1) == 0
    gap = np.diff(root, prepend=-np.inf)
    scale = np.maximum(1.0, np.abs(root))
    either = double | np.concatenate([[False], double[:-1]])
    near = gap <= np.where(either, 1e-6, 1e-14) * scale
    first = ~(same & near)
    return index[first], root[first], double[first]
