"""The exact partial derivative of a tree with respect to one of its names."""

from functools import lru_cache

from wclab.equations.parse import parse_expression
from wclab.equations.tree import (
    COMPARISONS,
    FUNCTIONS,
    ONE,
    ZERO,
    Call,
    Name,
    Number,
    Tree,
    add,
    multiply,
    names,
    negate,
    substitute,
)


def derivative(tree: Tree, name: str) -> Tree:
    """Return the exact partial derivative of `tree` with respect to `name`.

    Parameters
    ----------
    tree : Tree
        The expression; every name but `name` is held fixed.
    name : str
        The variable to differentiate by.

    Returns
    -------
    Tree
        Zero terms are left out. At a corner (``absv``, ``maxi``) it is the derivative on
        one side.
    """
    if isinstance(tree, Number):
        return ZERO
    if isinstance(tree, Name):
        return ONE if tree.id == name else ZERO
    if name not in names(tree) or tree.function in COMPARISONS:
        return ZERO
    arguments = tree.arguments
    inner = [derivative(argument, name) for argument in arguments]
    a, da = arguments[0], inner[0]
    match tree.function:
        case "+":
            return add(*inner)
        case "neg":
            return negate(da)
        case "-":
            return add(da, negate(inner[1])) if inner[1] != ZERO else da
        case "*":
            return add(multiply(da, arguments[1]), multiply(a, inner[1]))
        case "/":
            b, db = arguments[1], inner[1]
            match b:  # a logistic curve written out: its square would overflow early
                case Call("+", (Number(1.0), Call("exp", (z,)))):
                    return derivative(multiply(a, Call("sigmoid", (negate(z),))), name)
            first = Call("/", (da, b)) if da != ZERO else ZERO
            if db == ZERO:
                return first
            return add(first, negate(multiply(Call("/", (a, b)), Call("/", (db, b)))))
        case "**":
            return _power(a, arguments[1], da, inner[1])
        case "where":
            return _choose(a, inner[1], inner[2])
        case "maxi":
            return _choose(Call(">=", arguments), da, inner[1])
        case "mini":
            return _choose(Call("<=", arguments), da, inner[1])
    return add(
        *(
            multiply(outer, change)
            for outer, change in zip(_outer(tree.function, arguments), inner, strict=True)
            if change != ZERO
        )
    )


def _choose(condition: Tree, x: Tree, y: Tree) -> Tree:
    """Return ``where(condition, x, y)``; what is not chosen may be infinite."""
    return x if x == y else Call("where", (condition, x, y))


def _power(base: Tree, exponent: Tree, dbase: Tree, dexponent: Tree) -> Tree:
    """Return the derivative of base ** exponent."""
    terms = []
    if dbase != ZERO:
        lower = (
            Number(exponent.value - 1)
            if isinstance(exponent, Number)
            else Call("-", (exponent, ONE))
        )
        power = base if lower == ONE else Call("**", (base, lower))
        terms.append(multiply(multiply(exponent, power), dbase))
    if dexponent != ZERO:
        growth = multiply(Call("**", (base, exponent)), Call("log", (base,)))
        terms.append(multiply(growth, dexponent))
    return add(*terms)


@lru_cache(maxsize=128)
def _rules(function: str) -> tuple[Tree, ...]:
    return tuple(parse_expression(text) for text in FUNCTIONS[function].derivatives)


def _outer(function: str, arguments: tuple[Tree, ...]) -> list[Tree]:
    """Return the derivative of a function with respect to each argument, at its arguments."""
    at = dict(zip("xyz", arguments, strict=False))
    return [substitute(rule, at) for rule in _rules(function)]
