"""Equations: text to a checked tree; the tree to code, to LaTeX and to its derivative.

The contract: what `parse_equation` returns holds only numbers, names and the operators and
functions of `FUNCTIONS`; code is generated from such trees alone.
"""

from wclab.equations.derivative import derivative
from wclab.equations.parse import Equation, parse_equation, parse_expression
from wclab.equations.printing import (
    SAFE_SCALAR,
    SCALAR,
    array_namespace,
    latex_symbol,
    lazy_where,
    to_code,
    to_latex,
)
from wclab.equations.tree import (
    ALIASES,
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
    rename,
    substitute,
)

__all__ = [
    "ALIASES",
    "FUNCTIONS",
    "ONE",
    "SAFE_SCALAR",
    "SCALAR",
    "ZERO",
    "Call",
    "Equation",
    "Name",
    "Number",
    "Tree",
    "add",
    "array_namespace",
    "derivative",
    "latex_symbol",
    "lazy_where",
    "multiply",
    "names",
    "parse_equation",
    "parse_expression",
    "rename",
    "substitute",
    "to_code",
    "to_latex",
]
