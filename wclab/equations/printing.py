"""From a tree to text: code for the engines, and LaTeX for people.

`to_code` gives one text for all engines: scalar Python (names bound to floats, functions
from `math`), NumPy (arrays that broadcast, functions from `numpy`) and the restricted text
that the compiled kernels read. Only the namespace that the text is run in differs:
`SCALAR` or `array_namespace()`. Every operation is put in parentheses, so that the
order of operations is the tree's in every engine. ``where`` computes both branches in arrays
and kernels and drops what is not chosen; in scalar Python `lazy_where` leaves it out.
"""

import ast
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from wclab.equations.tree import (
    ARITHMETIC,
    COMPARISONS,
    FUNCTIONS,
    Call,
    Name,
    Number,
    Tree,
    is_integer,
)

_GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Xi",
        "Pi",
        "Sigma",
        "Upsilon",
        "Phi",
        "Psi",
        "Omega",
    ]
)

SCALAR: Mapping[str, Callable[..., float]] = {
    **{
        name: getattr(math, name)
        for name in ["exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"]
    },
    "arcsin": math.asin,
    "arccos": math.acos,
    "arctan": math.atan,
    "absv": abs,
    "power": math.pow,
    # of NaN they are NaN, as NumPy's: an error must not turn into a number
    "maxi": lambda x, y: x if x >= y or x != x else y,
    "mini": lambda x, y: x if x <= y or x != x else y,
    "sign": lambda x: 1.0 if x > 0 else -1.0 if x < 0 else 0.0 * x,
    "heaviside": lambda x: 1.0 if x >= 0 else 0.0 if x < 0 else x,
    "where": lambda condition, x, y: x if condition else y,
}


def _careful(name: str) -> Callable[..., float]:
    """Return a function of `SCALAR` that gives what NumPy gives where `math` raises."""
    fast = SCALAR[name]

    def careful(*arguments: float) -> float:
        try:
            return fast(*arguments)
        except (OverflowError, ValueError):
            import numpy as np

            with np.errstate(all="ignore"):
                return float(array_namespace()[name](*arguments))

    return careful


# Slower: overflows to infinity and has NaN outside a function's domain, as NumPy.
SAFE_SCALAR = {name: _careful(name) for name in SCALAR}


@lru_cache(maxsize=1)
def array_namespace() -> Mapping[str, Any]:
    """Return the functions of NumPy under the names that `to_code` prints."""
    import numpy as np

    names = "exp log sqrt sin cos tan sinh cosh tanh arcsin arccos arctan sign where power"
    return {
        **{name: getattr(np, name) for name in names.split()},
        "absv": np.abs,
        "maxi": np.maximum,
        "mini": np.minimum,
        "heaviside": lambda x: np.heaviside(x, 1.0),
    }


def to_code(tree: Tree) -> str:
    """Print a tree as an expression for every engine.

    Parameters
    ----------
    tree : Tree
        Its names are used as they are and must be Python identifiers.

    Returns
    -------
    str
        An expression over those names and the functions of `SCALAR`. ``sigmoid(x)`` is
        written out as ``1.0/(1.0 + exp(-x))``; a whole power stays ``**``, any other
        becomes ``power(x, y)``, which never turns complex.
    """
    if isinstance(tree, Number):
        return f"({tree.value!r})" if tree.value < 0 else repr(tree.value)
    if isinstance(tree, Name):
        return tree.id
    function, arguments = tree.function, [to_code(a) for a in tree.arguments]
    if function == "neg":
        return f"(-{arguments[0]})"
    if function == "**":
        if not is_integer(tree.arguments[1]):
            return f"power({arguments[0]}, {arguments[1]})"
        if tree.arguments[1] == Number(2.0) and isinstance(tree.arguments[0], Name):
            return f"({arguments[0]}*{arguments[0]})"
        return f"({arguments[0]}**{int(tree.arguments[1].value)})"  # type: ignore[union-attr]
    if function in ARITHMETIC:
        return "(" + f" {function} ".join(arguments) + ")"
    if function in COMPARISONS:
        return f"where({arguments[0]} {function} {arguments[1]}, 1.0, 0.0)"
    if function == "sigmoid":
        return f"(1.0/(1.0 + exp(-{arguments[0]})))"
    if function == "matvec":
        return f"({arguments[0]} @ {arguments[1]})"
    if function == "take":
        return f"{arguments[1]}[{arguments[0]}]"
    return f"{function}({', '.join(arguments)})"


class _LazyWhere(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == "where"):
            return node
        return ast.copy_location(ast.IfExp(*node.args), node)


def lazy_where(module: ast.Module) -> ast.Module:
    """Turn ``where(c, x, y)`` into ``x if c else y``, for code that runs on single numbers.

    ``where`` on arrays computes both branches and drops what is not chosen; `math` would
    raise in a branch that has no value, such as the root of a negative number.
    """
    return _LazyWhere().visit(module)


def to_latex(tree: Tree, symbol: Callable[[str], str] | None = None) -> str:
    """Print a tree as LaTeX mathematics, with no more parentheses than a book.

    Parameters
    ----------
    tree : Tree
        The expression.
    symbol : callable, optional
        Name to LaTeX symbol; `latex_symbol` by default.

    Returns
    -------
    str
        LaTeX without dollar signs.
    """
    return _latex(tree, symbol or latex_symbol)[0]


def latex_symbol(name: str) -> str:
    r"""Return the LaTeX form of a variable's name: ``tau_e`` becomes ``\tau_{e}``."""
    head, *tail = [part for part in name.split("_") if part] or [name.replace("_", r"\_")]
    head = f"\\{head}" if head in _GREEK else head if len(head) < 2 else rf"\mathrm{{{head}}}"
    if not tail:
        return head
    parts = [f"\\{part}" if part in _GREEK else rf"\mathrm{{{part}}}" for part in tail]
    return f"{head}_{{{','.join(parts)}}}"


def _latex_number(value: float) -> tuple[str, int]:
    mantissa, _, exponent = f"{value:.12g}".partition("e")
    if not exponent:
        return mantissa, 4 if value >= 0 else 1
    power = f"10^{{{int(exponent)}}}"
    if mantissa in ("1", "-1"):
        return mantissa.removesuffix("1") + power, 3 if value >= 0 else 1
    return rf"{mantissa} \cdot {power}", 2 if value >= 0 else 1


def _latex(tree: Tree, symbol: Callable[[str], str]) -> tuple[str, int]:
    """Return LaTeX and its binding strength: 1 sum, 2 product, 3 power, 4 atom."""
    if isinstance(tree, Number):
        return _latex_number(tree.value)
    if isinstance(tree, Name):
        return symbol(tree.id), 4
    parts = [_latex(argument, symbol) for argument in tree.arguments]

    def part(index: int, strength: int) -> str:
        text, own = parts[index]
        return text if own >= strength else rf"\left({text}\right)"

    match tree.function:
        case "+":
            terms = [part(0, 1)]
            for k in range(1, len(parts)):
                text = part(k, 1)
                terms.append(f"- {text[1:].lstrip()}" if text.startswith("-") else f"+ {text}")
            return " ".join(terms), 1
        case "-":
            return f"{part(0, 1)} - {part(1, 2)}", 1
        case "neg":
            return f"-{part(0, 2)}", 1
        case "*":
            between = r" \cdot " if isinstance(tree.arguments[1], Number) else r" \, "
            leading = isinstance(tree.arguments[0], Call) and tree.arguments[0].function == "neg"
            first = parts[0][0] if leading else part(0, 2)
            return f"{first}{between}{part(1, 3)}", 1 if leading else 2
        case "/":
            return rf"\frac{{{parts[0][0]}}}{{{parts[1][0]}}}", 3
        case "**":
            return f"{{{part(0, 4)}}}^{{{parts[1][0]}}}", 3
        case "<" | "<=" | ">" | ">=" | "==" | "!=" as sign:
            signs = {"<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne"}
            return rf"{part(0, 1)} {signs.get(sign, sign)} {part(1, 1)}", 0
        case "past":
            return rf"{part(0, 4)}\left(t - {part(1, 2)}\right)", 4
    return FUNCTIONS[tree.function].latex.format(*(text for text, _ in parts)), 4
