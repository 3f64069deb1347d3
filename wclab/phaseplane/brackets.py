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
FIRST_CUTS = 384  # intervals of a single function to begin with
FEWEST_CUTS = 12  # of each of many functions
BLOCK = 1_024  # functions that are treated at once, so that arrays stay in a cache
ROUNDING = 1e-13  # relative, of a bound

Bounds = tuple[np.ndarray, np.ndarray]
Sample = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Functions:
    """Functions f(z) that differ in their constants, column by column of an array C.

    ``sample(C, z)`` returns what is known at points: first the values f(z), then what
    ``slopes(C, (a, b), at_a, at_b)`` needs to bound the slope on intervals; ``step(C, z)``
    returns values and slopes at points.
    """

    constants: np.ndarray  # shape (constants, n)
    sample: Callable[[np.ndarray, np.ndarray], Sample]
    slopes: Callable[[np.ndarray, Bounds, Sample, Sample], Bounds]
    step: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def all_roots(
    functions: Functions, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find every root of f_i in [low_i, high_i].

    Returns
    -------
    index, root, double : ndarray, shape (roots,)
        The function a root belongs to; the root; whether it is double, to rounding.
    """
    closed: list[tuple[np.ndarray, ...]] = []
    narrow: list[tuple[np.ndarray, ...]] = []
    still: list[tuple[np.ndarray, ...]] = []
    pieces = int(np.clip(FIRST_CUTS // max(len(low), 1), FEWEST_CUTS, FIRST_CUTS))
    for start in range(0, len(low), BLOCK):
        part = slice(start, min(start + BLOCK, len(low)))
        cuts = np.linspace(0.0, 1.0, pieces + 1)[:, None]
        edges = low[part] + (high[part] - low[part]) * cuts
        constants = functions.constants[:, None, part]
        values = functions.sample(constants, edges)
        at_a = tuple(value[:-1] for value in values)
        at_b = tuple(value[1:] for value in values)
        a, b = edges[:-1], edges[1:]
        done, is_open = _judge(functions, constants, a, b, at_a, at_b)
        k = np.flatnonzero(done)
        columns = k % a.shape[1]
        closed.append((columns + start, a.ravel()[k], b.ravel()[k],
                       at_a[0].ravel()[k], at_b[0].ravel()[k]))  # fmt: skip
        k = np.flatnonzero(is_open)
        still.append((k % a.shape[1] + start, a.ravel()[k], b.ravel()[k]))
    i, a, b = (np.concatenate(parts) for parts in zip(*still, strict=True))
    for _ in range(ROUNDS):
        if not len(i):
            break
        thin = b - a <= NARROW * np.maximum(1.0, np.abs(a))
        if thin.any():
            narrow.append((i[thin], a[thin], b[thin]))
            i, a, b = i[~thin], a[~thin], b[~thin]
        middle = 0.5 * (a + b)
        i, edges = np.tile(i, 2), np.concatenate([a, middle, b])
        constants = functions.constants[:, i]
        n = len(a)
        triple = functions.constants[:, np.concatenate([i, i[:n]])]
        values = functions.sample(triple, edges)
        at_a = tuple(value[: 2 * n] for value in values)
        at_b = tuple(value[n:] for value in values)
        a, b = edges[: 2 * n], edges[n:]
        done, is_open = _judge(functions, constants, a, b, at_a, at_b)
        closed.append((i[done], a[done], b[done], at_a[0][done], at_b[0][done]))
        i, a, b = i[is_open], a[is_open], b[is_open]
    i, a, b, f_a, f_b = (np.concatenate(parts) for parts in zip(*closed, strict=True))
    root = _close(functions, i, a, b, f_a, f_b)
    double = np.zeros(len(root), dtype=bool)
    if narrow:
        j, u, v = (np.concatenate(parts) for parts in zip(*narrow, strict=True))
        i = np.concatenate([i, j])
        root = np.concatenate([root, 0.5 * (u + v)])
        double = np.concatenate([double, np.ones(len(j), dtype=bool)])
    return _without_repeats(i, root, double)


def _judge(
    functions: Functions, constants: np.ndarray, a: np.ndarray, b: np.ndarray,
    at_a: Sample, at_b: Sample,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Return which intervals hold one simple root, and which must be cut."""
    s_low, s_high = functions.slopes(constants, (a, b), at_a, at_b)
    f_a, f_b = at_a[0], at_b[0]
    low, high = reach(f_a, f_b, s_low, s_high, b - a)
    slack = ROUNDING * np.maximum(1.0, np.abs(a))
    possible = (low <= slack) & (high >= -slack)
    monotone = (s_low > ROUNDING) | (s_high < -ROUNDING)
    change = ((f_a > 0) != (f_b > 0)) | (f_a == 0)
    return possible & monotone & change, possible & ~monotone


def reach(
    f_a: np.ndarray, f_b: np.ndarray, s_low: np.ndarray, s_high: np.ndarray, width: np.ndarray
) -> Bounds:
    """Return bounds of a function on intervals, from its ends and bounds of its slope.

    Where the slope has one sign these are the values at the ends themselves.
    """
    down, up = np.minimum(s_low, 0.0) * width, np.maximum(s_high, 0.0) * width
    return np.maximum(f_a + down, f_b - up), np.minimum(f_a + up, f_b - down)


def _close(
    functions: Functions, i: np.ndarray, a: np.ndarray, b: np.ndarray,
    f_a: np.ndarray, f_b: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return the root in each bracket: Newton's steps, or halves where they leave it."""
    rising = f_b >= f_a
    constants = functions.constants[:, i]
    with np.errstate(all="ignore"):
        z = a - f_a * (b - a) / (f_b - f_a)
    z = np.where((z >= a) & (z <= b), z, 0.5 * (a + b))
    out, place = z.copy(), np.arange(len(z))
    for _ in range(60):
        with np.errstate(all="ignore"):
            f, slope = functions.step(constants, z)
            new = z - f / slope
        above = (f > 0) == rising
        b, a = np.where(above, z, b), np.where(above, a, z)
        new = np.where((new >= a) & (new <= b), new, 0.5 * (a + b))
        out[place] = new
        moved = np.abs(new - z) > 1e-9 * np.maximum(1.0, np.abs(z))  # the next would be rounding
        if not moved.any():
            break
        z = new
        if np.count_nonzero(moved) < 0.7 * len(moved):
            place, z, a, b, rising = place[moved], z[moved], a[moved], b[moved], rising[moved]
            constants = constants[:, moved]
    return out


def _without_repeats(
    index: np.ndarray, root: np.ndarray, double: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort roots, and merge those that meet at a cut or stand in neighbouring narrow intervals."""
    order = np.lexsort((root, index))
    index, root, double = index[order], root[order], double[order]
    near = np.where(double[1:] | double[:-1], 1e-6, 1e-14) * np.maximum(1.0, np.abs(root[1:]))
    first = np.ones(len(root), dtype=bool)
    first[1:] = (index[1:] != index[:-1]) | (root[1:] - root[:-1] > near)
    return index[first], root[first], double[first]
