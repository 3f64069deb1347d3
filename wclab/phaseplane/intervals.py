"""Interval arithmetic on equation trees: bounds of an expression on many boxes at once.

The contract: for names that lie between given bounds, the value of the tree lies between the
bounds returned. Each operation is rounded outward by `ULPS` units in the last place, more
than NumPy's functions err. Where an expression has no value on a whole box (the logarithm of
negative numbers), `Tape.bounds` says so. At a corner, a derivative's bounds hold those of
both sides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wclab.equations import Call, Name, Number, Tree
from wclab.equations.tree import COMPARISONS, is_integer

Interval = tuple[Any, Any]  # two arrays that broadcast, or numbers
ULPS = 8
EPS = ULPS * np.finfo(float).eps
TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Tape:
    """Some trees as a list of operations, each on earlier results; equal parts stand once."""

    names: tuple[tuple[str, int], ...]
    numbers: tuple[tuple[float, int], ...]
    steps: tuple[tuple[str, tuple[int, ...], int], ...]  # function, operands, result
    returned: tuple[int, ...]

    def bounds(self, known: Mapping[str, Interval]) -> tuple[list[Interval], list[Any]]:
        """Return the bounds of each tree, and on which boxes it has no value at all.

        `known` holds the bounds of each name: a pair of numbers, or of arrays (boxes,).
        """
        values: dict[int, Interval] = {place: known[name] for name, place in self.names}
        values.update({place: (number, number) for number, place in self.numbers})
        empty: dict[int, Any] = dict.fromkeys(values, False)
        with np.errstate(all="ignore"):
            for function, operands, place in self.steps:
                given = [values[k] for k in operands]
                nowhere: Any = False
                if function == "where":
                    values[place], nowhere = choose(given, [empty[k] for k in operands])
                    empty[place] = nowhere
                    continue
                for k in operands:
                    nowhere = nowhere | empty[k]
                if function in DOMAINS:
                    low, high = DOMAINS[function]
                    x, y = given[0]
                    nowhere = nowhere | (x > high) | (y < low)
                    given[0] = np.clip(x, low, high), np.clip(y, low, high)
                if function in COMPARISONS:
                    values[place] = compare(function, *given)
                elif function.startswith("power "):
                    values[place] = wide(power(given[0], int(function[6:])))
                else:
                    values[place] = wide(OPERATIONS[function](*given))
                empty[place] = nowhere
        return [values[k] for k in self.returned], [empty[k] for k in self.returned]


def make_tape(trees: Sequence[Tree]) -> Tape:
    """Return the operations that compute some trees."""
    places: dict[Any, int] = {}
    steps: list[tuple[str, tuple[int, ...], int]] = []

    def place(tree: Tree) -> int:
        if not isinstance(tree, Call):
            return places.setdefault(tree, len(places))
        function, arguments = tree.function, tree.arguments
        if function == "*" and arguments[0] == arguments[1]:
            function, arguments = "power 2", arguments[:1]
        elif function == "**" and isinstance(arguments[1], Number) and is_integer(arguments[1]):
            function, arguments = f"power {int(arguments[1].value)}", arguments[:1]
        elif function == "**":  # x ** p = exp(p log x), for x >= 0
            return place(Call("exp", (Call("*", (arguments[1], Call("log", arguments[:1]))),)))
        operands = tuple(place(argument) for argument in arguments)
        key = function, operands
        if key not in places:
            places[key] = len(places)
            steps.append((function, operands, places[key]))
        return places[key]

    returned = tuple(place(tree) for tree in trees)
    return Tape(
        tuple((tree.id, k) for tree, k in places.items() if isinstance(tree, Name)),
        tuple((tree.value, k) for tree, k in places.items() if isinstance(tree, Number)),
        tuple(steps),
        returned,
    )


def choose(given: Sequence[Interval], empty: Sequence[Any]) -> tuple[Interval, Any]:
    """Return the bounds of ``where``: the chosen branch's, or both where the condition is open."""
    (false_low, true_high), (a, b), (c, d) = given
    always_false = (np.asarray(false_low) >= 0) & (np.asarray(true_high) <= 0)
    never_false = (np.asarray(false_low) > 0) | (np.asarray(true_high) < 0)
    one = ~always_false & ~np.asarray(empty[1])
    two = ~never_false & ~np.asarray(empty[2])
    low = np.minimum(np.where(one, a, np.inf), np.where(two, c, np.inf))
    high = np.maximum(np.where(one, b, -np.inf), np.where(two, d, -np.inf))
    some = one | two
    bounds = np.where(some, low, -np.inf), np.where(some, high, np.inf)
    return bounds, np.asarray(empty[0]) | ~some


def wide(x: Interval) -> Interval:
    """Return an interval rounded outward; what is not a number becomes everything."""
    low, high = x
    low, high = low - EPS * np.abs(low) - TINY, high + EPS * np.abs(high) + TINY
    return np.fmax(low, -np.inf), np.fmin(high, np.inf)


def plus(*terms: Interval) -> Interval:
    """Return the sum of intervals."""
    low, high = terms[0]
    for a, b in terms[1:]:
        low, high = low + a, high + b
    return low, high


def times(x: Interval, y: Interval) -> Interval:
    """Return the product; 0 times infinity is 0, which `fmin` leaves to the other products."""
    (a, b), (c, d) = x, y
    p, q, r, t = a * c, a * d, b * c, b * d
    return np.fmin(np.fmin(p, q), np.fmin(r, t)), np.fmax(np.fmax(p, q), np.fmax(r, t))


def over(x: Interval, y: Interval) -> Interval:
    """Return the quotient: everything where the divisor may be 0."""
    low, high = np.asarray(y[0], dtype=float), np.asarray(y[1], dtype=float)
    free = (low > 0) | (high < 0)
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


def _wave(function: Callable[[Any], Any], top: float) -> Callable[[Interval], Interval]:
    """Return bounds of a wave of height 1 whose tops lie at `top` + 2 pi k."""

    def bounds(x: Interval) -> Interval:
        low, high = np.asarray(x[0], dtype=float), np.asarray(x[1], dtype=float)
        a, b, slack = function(low), function(high), 1e-9
        first, last = (low - top - slack) / (2 * np.pi), (high - top + slack) / (2 * np.pi)
        has_top = np.floor(last) > np.floor(first)
        has_bottom = np.floor(last - 0.5) > np.floor(first - 0.5)
        least = np.where(has_bottom, -1.0, np.minimum(a, b))
        return least, np.where(has_top, 1.0, np.maximum(a, b))

    return bounds


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
    "sin": _wave(np.sin, 0.5 * np.pi),
    "cos": _wave(np.cos, 0.0),
    "tan": _tangent,
    "cosh": _even(np.cosh),
    "absv": _even(np.abs),
    "sign": _sign,
    "heaviside": lambda x: (np.where(x[0] >= 0, 1.0, 0.0), np.where(x[1] >= 0, 1.0, 0.0)),
    "maxi": lambda x, y: (np.maximum(x[0], y[0]), np.maximum(x[1], y[1])),
    "mini": lambda x, y: (np.minimum(x[0], y[0]), np.minimum(x[1], y[1])),
}
