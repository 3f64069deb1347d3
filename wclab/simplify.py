"""Equations rewritten so that a step costs less: the same values, fewer operations.

Parts that depend on parameters only are gathered, so that they are computed once: the
argument of an exponential becomes a sum of products with constant factors, and a division by
a parameter a multiplication. Variables that are used once are put where they are used.
"""

from collections import Counter
from collections.abc import Collection, Mapping

from wclab.equations import ONE, ZERO, Call, Name, Tree, add, multiply, names, substitute
from wclab.equations.tree import negate

LINEAR = ("+", "-", "*", "/", "neg")
LARGE = 60  # parts of an equation; a larger one keeps its own line
MAPS = ("matvec", "take")  # their arguments stay names


def inline(
    order: Collection[str], trees: Mapping[str, Tree], kept: Collection[str]
) -> dict[str, Tree]:
    """Return the trees without variables that are used once or only hand on another.

    Parameters
    ----------
    order : collection of str
        Names that may vanish, each computed from those before it.
    trees : mapping
        A tree for each of them, and for whatever else uses them.
    kept : collection of str
        Names that stay.
    """
    uses = Counter(name for tree in trees.values() for name in names(tree))
    named = {name for tree in trees.values() for name in _in_maps(tree)}
    gone: dict[str, Tree] = {}
    result: dict[str, Tree] = {}
    for name, tree in trees.items():
        new = substitute(tree, gone)
        single = uses[name] == 1 and name not in named and _size(new) <= LARGE
        if name in order and name not in kept and (single or isinstance(new, Name)):
            gone[name] = new
        else:
            result[name] = new
    return result


def _size(tree: Tree) -> int:
    return 1 + sum(map(_size, tree.arguments)) if isinstance(tree, Call) else 1


def _in_maps(tree: Tree) -> list[str]:
    """Return the names that maps of whole arrays read."""
    if not isinstance(tree, Call):
        return []
    if tree.function in MAPS:
        return list(names(tree))
    return [name for argument in tree.arguments for name in _in_maps(argument)]


def faster(tree: Tree, constants: Collection[str], drives: Collection[str] = ()) -> Tree:
    """Return a tree of the same value that takes fewer operations.

    Parameters
    ----------
    tree : Tree
        An expression.
    constants : collection of str
        Names whose values are known before the first step.
    drives : collection of str, optional
        Names that come first in a sum: of many models, all mostly have one number for them.
    """
    if not isinstance(tree, Call) or _constant(tree, constants) or tree.function in MAPS:
        return tree
    if tree.function == "where":  # a branch may have no value unless it is chosen
        return tree
    if tree.function == "sigmoid":
        power = Call("exp", (_linear(negate(tree.arguments[0]), constants, drives),))
        return Call("/", (ONE, Call("+", (ONE, power))))
    if tree.function == "exp":
        return Call("exp", (_linear(tree.arguments[0], constants, drives),))
    arguments = tuple(faster(argument, constants, drives) for argument in tree.arguments)
    if tree.function == "/" and _constant(arguments[1], constants):
        return multiply(Call("/", (ONE, arguments[1])), arguments[0])
    match tree.function, arguments:
        case "+", (Call("neg", (a,)), b):  # -a + b
            return Call("-", (b, a))
    return Call(tree.function, arguments)


def _constant(tree: Tree, constants: Collection[str]) -> bool:
    return all(name in constants for name in names(tree))


def _linear(tree: Tree, constants: Collection[str], drives: Collection[str]) -> Tree:
    """Return a tree as a constant plus constants times what varies."""
    fixed, terms = linear_terms(tree, constants)
    products = (
        multiply(terms[varying], faster(varying, constants, drives))
        for varying in sorted(terms, key=lambda part: not _constant(part, drives))
    )
    return add(fixed, *products)


def linear_terms(tree: Tree, constants: Collection[str]) -> tuple[Tree, dict[Tree, Tree]]:
    """Return the constant part of a tree, and the constant factor of each varying part."""
    if _constant(tree, constants):
        return tree, {}
    if not isinstance(tree, Call) or tree.function not in LINEAR:
        return ZERO, {tree: ONE}
    if tree.function in ("*", "/"):
        return _scaled(tree, constants)
    parts = [linear_terms(argument, constants) for argument in tree.arguments]
    signs = {"+": [1] * len(parts), "-": [1, -1], "neg": [-1]}[tree.function]
    total: Tree = ZERO
    terms: dict[Tree, Tree] = {}
    for sign, (fixed, more) in zip(signs, parts, strict=True):
        total = add(total, fixed if sign > 0 or fixed == ZERO else negate(fixed))
        for key, factor in more.items():
            terms[key] = add(terms.get(key, ZERO), factor if sign > 0 else negate(factor))
    return total, terms


def _scaled(tree: Call, constants: Collection[str]) -> tuple[Tree, dict[Tree, Tree]]:
    """Return `linear_terms` of a product or a quotient."""
    first, second = tree.arguments
    if _constant(second, constants):
        factor, varying = second, first
        if tree.function == "/":
            factor = Call("/", (ONE, second))
    elif tree.function == "*" and _constant(first, constants):
        factor, varying = first, second
    else:
        return ZERO, {tree: ONE}
    fixed, terms = linear_terms(varying, constants)
    return multiply(factor, fixed), {key: multiply(factor, v) for key, v in terms.items()}
