"""The expression tree: numbers, names and calls, with the table of known functions.

A tree is a value: `Number`, `Name` or `Call`, all immutable and comparable. Operators are
calls too (``Call("+", (a, b))``), so that printing and differentiating need one table.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A real constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, by the name it has in its scope."""

    id: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function applied to arguments."""

    function: str
    arguments: "tuple[Tree, ...]"


Tree = Number | Name | Call


@dataclass(frozen=True, slots=True)
class Function:
    """One row of the function table.

    `derivatives` holds one equation text per argument, in the argument names x, y, z;
    `latex` is a format string with one field per argument.
    """

    derivatives: tuple[str, ...]
    latex: str

    @property
    def arity(self) -> int:
        """Number of arguments."""
        return len(self.derivatives)


FUNCTIONS: Mapping[str, Function] = {
    "sigmoid": Function(("sigmoid(x)*sigmoid(-x)",), r"S\left({}\right)"),
    "exp": Function(("exp(x)",), r"\exp\left({}\right)"),
    "log": Function(("1/x",), r"\ln\left({}\right)"),
    "sqrt": Function(("0.5/sqrt(x)",), r"\sqrt{{{}}}"),
    "sin": Function(("cos(x)",), r"\sin\left({}\right)"),
    "cos": Function(("-sin(x)",), r"\cos\left({}\right)"),
    "tan": Function(("1 + tan(x)**2",), r"\tan\left({}\right)"),
    "sinh": Function(("cosh(x)",), r"\sinh\left({}\right)"),
    "cosh": Function(("sinh(x)",), r"\cosh\left({}\right)"),
    "tanh": Function(("1 - tanh(x)**2",), r"\tanh\left({}\right)"),
    "arcsin": Function(("1/sqrt(1 - x**2)",), r"\arcsin\left({}\right)"),
    "arccos": Function(("-1/sqrt(1 - x**2)",), r"\arccos\left({}\right)"),
    "arctan": Function(("1/(1 + x**2)",), r"\arctan\left({}\right)"),
    "absv": Function(("sign(x)",), r"\left|{}\right|"),
    "sign": Function(("0",), r"\operatorname{{sgn}}\left({}\right)"),
    "heaviside": Function(("0",), r"H\left({}\right)"),
    "maxi": Function(("x >= y", "x < y"), r"\max\left({}, {}\right)"),
    "mini": Function(("x <= y", "x > y"), r"\min\left({}, {}\right)"),
    "where": Function(
        ("0", "where(x, 1, 0)", "where(x, 0, 1)"),
        r"\begin{{cases}}{1} & {0}\\{2} & \text{{else}}\end{{cases}}",
    ),
}
ALIASES: Mapping[str, str] = {"abs": "absv", "max": "maxi", "min": "mini"}
ARITHMETIC = ("+", "-", "*", "/", "**", "neg")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")

ZERO, ONE = Number(0.0), Number(1.0)


def names(tree: Tree) -> Iterator[str]:
    """Yield every name in a tree, repeats included."""
    if isinstance(tree, Name):
        yield tree.id
    elif isinstance(tree, Call):
        for argument in tree.arguments:
            yield from names(argument)


def substitute(tree: Tree, replacements: Mapping[str, Tree]) -> Tree:
    """Return the tree with every name found in `replacements` exchanged."""
    if isinstance(tree, Name):
        return replacements.get(tree.id, tree)
    if isinstance(tree, Call):
        return Call(tree.function, tuple(substitute(a, replacements) for a in tree.arguments))
    return tree


def rename(tree: Tree, new_name: Callable[[str], str]) -> Tree:
    """Return the tree with every name passed through `new_name`."""
    if isinstance(tree, Name):
        return Name(new_name(tree.id))
    if isinstance(tree, Call):
        return Call(tree.function, tuple(rename(a, new_name) for a in tree.arguments))
    return tree


def add(*terms: Tree) -> Tree:
    """Return the sum of the terms; zeros vanish, and an empty sum is 0."""
    kept = tuple(term for term in terms if term != ZERO)
    if len(kept) < 2:
        return kept[0] if kept else ZERO
    return Call("+", kept)


def multiply(a: Tree, b: Tree) -> Tree:
    """Return a * b with zeros and ones simplified away."""
    if ZERO in (a, b):
        return ZERO
    if a == ONE:
        return b
    if b == ONE:
        return a
    if isinstance(a, Number) and isinstance(b, Number) and math.isfinite(a.value * b.value):
        return Number(a.value * b.value)
    return Call("*", (a, b))


def negate(a: Tree) -> Tree:
    """Return -a; a number changes its sign."""
    if isinstance(a, Number):
        return Number(-a.value) if a.value else ZERO
    return Call("neg", (a,))


def is_integer(tree: Tree) -> bool:
    """Tell whether a tree is a whole number small enough to be an exact power."""
    return (
        isinstance(tree, Number) and tree.value == math.floor(tree.value) and abs(tree.value) < 1e6
    )
