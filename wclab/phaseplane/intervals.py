"""Interval arithmetic on equation trees: bounds of an expression on many boxes at once.

The contract: for names that lie between given bounds, the value of the tree lies between the
bounds returned. Each operation is rounded outward by `ULPS` units in the last place, more
than NumPy's functions err. Where an expression has no value on a whole box (the logarithm of
negative numbers), `Evaluator.empty` says so. At a corner, a derivative's bounds hold those of
both sides.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wclab.equations import Call, Name, Number, Tree
from wclab.equations.tree import COMPARISONS

Interval = tuple[Any, Any]  # two arrays that broadcast, or numbers
ULPS = 8
EPS = ULPS * np.finfo(float).eps
TINY = 1e-300
EVERYTHING: Interval = (-np.inf, np.inf)


class Evaluator:
    """Bounds of trees over boxes; equal parts of trees are computed once.

    Parameters
    ----------
    bounds : mapping
        Name to its bounds: a pair of numbers, or of arrays of shape (boxes,).
    """

    def __init__(self, bounds: Mapping[str, Interval]) -> None:
        self.bounds = bounds
        self.empty: Any = False
        self._known: dict[Tree, Interval] = {}

    def __call__(self, tree: Tree) -> Interval:
        """Return the bounds of a tree."""
        if isinstance(tree, Number):
            return tree.value, tree.value
        if isinstance(tree, Name):
            return self.bounds[tree.id]
        if tree not in self._known:
            self._known[tree] = self._call(tree)
        return self._known[tree]

    def _call(self, tree: Call) -> Interval:
        if tree.function == "where":
            return self._where(tree)
        if tree.function == "*" and tree.arguments[0] == tree.arguments[1]:
            return wide(power(self(tree.arguments[0]), 2))
        if tree.function == "**":
            return self._power(tree)
        arguments = [self(argument) for argument in tree.arguments]
        if tree.function in DOMAINS:
            low, high = DOMAINS[tree.function]
            a, b = arguments[0]
            self.empty = self.empty | (a > high) | (b < low)
            arguments = [(np.clip(a, low, high), np.clip(b, low, high))]
        if tree.function in COMPARISONS:
            return compare(tree.function, *arguments)
        with np.errstate(all="ignore"):
            return wide(OPERATIONS[tree.function](*arguments))

    def _power(self, tree: Call) -> Interval:
        base, exponent = tree.arguments
        if isinstance(exponent, Number) and exponent.value == int(exponent.value):
            with np.errstate(all="ignore"):
                return wide(power(self(base), int(exponent.value)))
        x, p = self(base), self(exponent)  # x ** p = exp(p log x), for x >= 0
        self.empty = self.empty | (x[1] < 0)
        with np.errstate(all="ignore"):
            logs = wide((np.log(np.maximum(x[0], 0.0)), np.log(np.maximum(x[1], 0.0))))
            return wide(_monotone(np.exp)(times(p, logs)))

    def _where(self, tree: Call) -> Interval:
        """Return the chosen branch's bounds, or of both where the condition is open."""
        truth = self(tree.arguments[0])
        may_be_false, may_be_true = truth[0] <= 0, truth[1] > 0
        may_be_true = may_be_true | (np.asarray(truth[0]) < 0)  # any number but 0 is true
        outer, branches, empties = self.empty, [], []
        for argument in tree.arguments[1:]:
            self.empty, self._known = False, {}
            branches.append(self(argument))
            empties.append(self.empty)
        self._known = {}
        one, two = may_be_true & ~np.asarray(empties[0]), may_be_false & ~np.asarray(empties[1])
        self.empty = outer | ~(one | two)
        (a, b), (c, d) = branches
        low = np.minimum(np.where(one, a, np.inf), np.where(two, c, np.inf))
        high = np.maximum(np.where(one, b, -np.inf), np.where(two, d, -np.inf))
        return np.where(one | two, low, -np.inf), np.where(one | two, high, np.inf)


def wide(x: Interval) -> Interval:
    """Return an interval rounded outward; what is not a number becomes everything."""
    low, high = np.asarray(x[0], dtype=float), np.asarray(x[1], dtype=float)
    with np.errstate(all="ignore"):
        low, high = low - EPS * np.abs(low) - TINY, high + EPS * np.abs(high) + TINY
    return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)


def plus(*terms: Interval) -> Interval:
    """Return the sum of intervals."""
    low, high = terms[0]
    for a, b in terms[1:]:
        low, high = low + a, high + b
    return low, high


def times(x: Interval, y: Interval) -> Interval:
    """Return the product; 0 times infinity is 0."""
    with np.errstate(all="ignore"):
        parts = [np.nan_to_num(a * b, nan=0.0, posinf=np.inf, neginf=-np.inf) for a in x for b in y]
    return (
        np.minimum(np.minimum(parts[0], parts[1]), np.minimum(parts[2], parts[3])),
        np.maximum(np.maximum(parts[0], parts[1]), np.maximum(parts[2], parts[3])),
    )


def over(x: Interval, y: Interval) -> Interval:
    """Return the quotient: everything where the divisor may be 0."""
    low, high = np.asarray(y[0], dtype=float), np.asarray(y[1], dtype=float)
    free = (low > 0) | (high < 0)
    with np.errstate(all="ignore"):
        inverse = np.where(free, 1 / high, -np.inf), np.where(free, 1 / low, np.inf)
    return times(x, wide(inverse))


def power(x: Interval, n: int) -> Interval:
    """Return a whole power."""
    low, high = np.asarray(x[0], dtype=float), np.asarray(x[1], dtype=float)
    if n < 0:
        return over((1.0, 1.0), wide(power(x, -n)))
    a, b = low**n, high**n
    if n % 2 or n == 0:
        return a, b
    crosses = (low < 0) & (high > 0)
    return np.where(crosses, 0.0, np.minimum(a, b)), np.maximum(a, b)


def compare(sign: str, x: Interval, y: Interval) -> Interval:
    """Return bounds of a comparison: 1 for true, 0 for false, between them where it is open."""
    (a, b), (c, d) = x, y
    never, always = {
        "<": (a >= d, b < c),
        "<=": (a > d, b <= c),
        ">": (b <= c, a > d),
        ">=": (b < c, a >= d),
        "==": ((a > d) | (b < c), (a == b) & (c == d) & (a == c)),
        "!=": ((a == b) & (c == d) & (a == c), (a > d) | (b < c)),
    }[sign]
    return np.where(always, 1.0, 0.0), np.where(never, 0.0, 1.0)


def _monotone(function: Callable[[Any], Any]) -> Callable[[Interval], Interval]:
    return lambda x: (function(x[0]), function(x[1]))


def _wave(x: Interval, top: float) -> Interval:
    """Return bounds of a cosine whose tops lie at `top` + 2 pi k."""
    low, high = np.asarray(x[0], dtype=float) - top, np.asarray(x[1], dtype=float) - top
    a, b, turn, slack = np.cos(low), np.cos(high), 2 * np.pi, 1e-9
    has_top = np.floor((high + slack) / turn) > np.floor((low - slack) / turn)
    has_bottom = np.floor((high + slack) / turn - 0.5) > np.floor((low - slack) / turn - 0.5)
    return np.where(has_bottom, -1.0, np.minimum(a, b)), np.where(has_top, 1.0, np.maximum(a, b))


def _tangent(x: Interval) -> Interval:
    low, high = np.asarray(x[0], dtype=float), np.asarray(x[1], dtype=float)
    free = np.floor(low / np.pi - 0.5 - 1e-9) == np.floor(high / np.pi - 0.5 + 1e-9)
    return np.where(free, np.tan(low), -np.inf), np.where(free, np.tan(high), np.inf)


def _even(function: Callable[[Any], Any]) -> Callable[[Interval], Interval]:
    """Return bounds of an even function that grows with the size of its argument."""

    def bounds(x: Interval) -> Interval:
        low, high = np.asarray(x[0], dtype=float), np.asarray(x[1], dtype=float)
        least = np.where((low < 0) & (high > 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
        return function(least), function(np.maximum(np.abs(low), np.abs(high)))

    return bounds


def _sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-np.asarray(x, dtype=float)))


def _sign(x: Interval) -> Interval:
    low, high = x
    return np.where(low > 0, 1.0, -1.0), np.where(high < 0, -1.0, 1.0)


DOMAINS: Mapping[str, tuple[float, float]] = {
    "log": (0.0, np.inf),
    "sqrt": (0.0, np.inf),
    "arcsin": (-1.0, 1.0),
    "arccos": (-1.0, 1.0),
}
OPERATIONS: Mapping[str, Callable[..., Interval]] = {
    "+": plus,
    "-": lambda x, y: (x[0] - y[1], x[1] - y[0]),
    "neg": lambda x: (-x[1], -x[0]),
    "*": times,
    "/": over,
    "sigmoid": _monotone(_sigmoid),
    **{
        name: _monotone(getattr(np, name))
        for name in ("exp", "log", "sqrt", "sinh", "tanh", "arcsin", "arctan")
    },
    "arccos": lambda x: (np.arccos(x[1]), np.arccos(x[0])),
    "sin": lambda x: _wave(x, 0.5 * np.pi),
    "cos": lambda x: _wave(x, 0.0),
    "tan": _tangent,
    "cosh": _even(np.cosh),
    "absv": _even(np.abs),
    "sign": _sign,
    "heaviside": lambda x: (np.where(x[0] >= 0, 1.0, 0.0), np.where(x[1] >= 0, 1.0, 0.0)),
    "maxi": lambda x, y: (np.maximum(x[0], y[0]), np.maximum(x[1], y[1])),
    "mini": lambda x, y: (np.minimum(x[0], y[0]), np.minimum(x[1], y[1])),
}
