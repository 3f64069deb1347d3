"""From the text of an equation to a checked tree.

The text is read by Python's own grammar (`ast.parse`) and kept only if every node of the
result is on a short list; nothing is ever evaluated. Length and nesting are bounded, so
that no text can hang the reader or exhaust the stack.
"""

import ast
import keyword
import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from wclab.equations.tree import ALIASES, FUNCTIONS, Call, Name, Number, Tree, negate
from wclab.errors import EquationError, nearest

MAX_LENGTH = 10_000  # characters of one equation
MAX_DEPTH = 150  # nested calls, operators and parentheses

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_COMPARISONS = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_REFUSED = {
    ast.Attribute: "attribute access is not allowed in an equation",
    ast.Subscript: "square brackets are not allowed in an equation",
    ast.Lambda: "a function definition is not allowed in an equation",
    ast.NamedExpr: "an assignment inside an equation is not allowed",
    ast.BoolOp: "'and' and 'or' are not allowed in an equation; multiply two where(...) instead",
    ast.IfExp: "'if' is not allowed in an equation; write where(condition, a, b)",
    ast.JoinedStr: "text is not allowed in an equation",
    ast.Tuple: "a comma outside a function call is not allowed in an equation",
    ast.Compare: "compare two values at a time, as in where(x > 0, a, b)",
}
_CHARACTERS = {  # look-alikes that word processors and web pages put in
    **dict.fromkeys("\u2212\u2013\u2014", "-"),
    **dict.fromkeys("\u00b7\u00d7\u22c5\u2217", "*"),
    **dict.fromkeys("\u2018\u2019\u2032\u00b4`", "'"),
    **dict.fromkeys("\u00b2\u00b3", "^"),
}
_NO_COMPLEX = (
    "complex numbers are not supported; write one equation for the real and one for the "
    "imaginary part"
)
_LEFT = re.compile(
    r"\s*+(?:d\s*+/\s*+dt\s*+\*?+\s*+(?P<ratio>[^\W\d]\w*+)|d(?P<leibniz>\w++)\s*+/\s*+dt"
    r"|(?P<name>[^\W\d]\w*+)\s*+(?P<primes>'*+))\s*+"
)


@dataclass(frozen=True, slots=True)
class Equation:
    """One equation: ``target = tree``, or ``d target / dt = tree``."""

    target: str
    differential: bool
    tree: Tree
    text: str


def parse_equation(text: str) -> Equation:
    """Read one equation such as ``r' = (-r + m)/tau`` or ``m = sigmoid(x)``.

    Parameters
    ----------
    text : str
        The left side is ``x'``, ``d/dt * x``, ``dx/dt`` or ``x``. The right side holds
        ``+ - * / ** ^``, parentheses, numbers, names, ``t`` (time), ``pi`` and the
        functions of `wclab.equations.FUNCTIONS`. What follows ``#`` is a comment.

    Returns
    -------
    Equation
        The target, whether the equation gives its derivative, and the tree.

    Raises
    ------
    EquationError
        With the text and a caret under the place, if anything else is found.
    """
    return _parse(str(text))


@lru_cache(maxsize=4096)
def _parse(text: str) -> Equation:
    if len(text) > MAX_LENGTH:
        raise EquationError(
            f"an equation of {len(text)} characters is too long (at most {MAX_LENGTH}); "
            f"split it: {text[:60]} ..."
        )
    left, equals, right = text.partition("#")[0].partition("=")
    if not equals or right.startswith("="):
        raise _error(text, 0, "an equation needs one '=', as in r' = (-r + m)/tau")
    match = _LEFT.fullmatch(left)
    if match is None:
        column = next((k for k, char in enumerate(left) if char in _CHARACTERS), 0)
        hint = _look_alike(left[column : column + 1])
        raise _error(text, column, f"the left side must be x', d/dt * x, dx/dt or x{hint}")
    if len(match["primes"] or "") > 1:
        name = match["name"]
        raise _error(
            text, left.index("'"), f"a second derivative: write two first-order equations "
            f"({name}' = z and z' = ...)"
        )  # fmt: skip
    differential = match["name"] is None or bool(match["primes"])
    target = unicodedata.normalize("NFKC", match["ratio"] or match["leibniz"] or match["name"])
    return Equation(target, differential, _parse_right(text, len(left) + 1, right), text)


def parse_expression(text: str) -> Tree:
    """Read a right side alone, such as ``sigmoid(s*(x - theta))``, into a tree."""
    return _parse_right(text, 0, text)


def _parse_right(text: str, start: int, right: str) -> Tree:
    body = re.sub(r"[\t\r\n\f]", " ", right)
    stripped = body.lstrip()
    start += len(body) - len(stripped)
    if not stripped.strip():
        raise _error(text, max(start - 1, 0), "the right side is empty")
    source = stripped.replace("^", "**")

    columns = [i for i, char in enumerate(stripped) for _ in range(1 + (char == "^"))]

    def place(column: int) -> int:
        """Column in the user's text of a character column in `source`."""
        return start + (columns[column] if column < len(columns) else len(stripped))

    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        for word in re.finditer(r"[^\W\d]\w*", source):
            if keyword.iskeyword(word[0]) and word[0] not in ("and", "or", "not", "if", "else"):
                raise _error(
                    text, place(word.start()), f"{word[0]!r} is a word of the Python language; "
                    f"rename it, for example to {word[0]}_"
                ) from None  # fmt: skip
        column = place(min(max((error.offset or 1) - 1, 0), len(source)))
        raise _error(text, column, _explain(error.msg, text[column : column + 1])) from None
    except (RecursionError, MemoryError, ValueError, OverflowError):
        raise _error(text, start, "is nested too deeply or holds a number too large") from None

    def fail(node: ast.expr, why: str) -> EquationError:
        column = len(source.encode()[: node.col_offset].decode(errors="ignore"))
        return _error(text, place(column), why)

    def convert(node: ast.expr, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise fail(node, f"is nested deeper than {MAX_DEPTH} levels; split it in two equations")
        deeper = depth + 1
        match node:
            case ast.Constant(value=bool() | str() | bytes() | None):
                raise fail(node, "only numbers, names and functions are allowed in an equation")
            case ast.Constant(value=complex()):
                raise fail(node, _NO_COMPLEX)
            case ast.Constant(value=int() | float() as value):
                try:
                    number = float(value)
                except OverflowError:
                    number = math.inf
                if not math.isfinite(number):
                    raise fail(node, "a number too large for double precision")
                return Number(number)
            case ast.Name(id=name):
                hint = "".join(_look_alike(char) for char in name)  # U+00B7 may stand in a name
                if hint:
                    raise fail(node, f"{name!r} is no name{hint}")
                return Name(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return negate(convert(operand, deeper))
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return convert(operand, deeper)
            case ast.BinOp(left=a, op=op, right=b) if type(op) in _OPERATORS:
                return Call(_OPERATORS[type(op)], (convert(a, deeper), convert(b, deeper)))
            case ast.Compare(left=a, ops=[op], comparators=[b]) if type(op) in _COMPARISONS:
                return Call(_COMPARISONS[type(op)], (convert(a, deeper), convert(b, deeper)))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return convert_call(node, name, arguments, deeper)
            case ast.Call():
                raise fail(node, "only plain calls such as exp(x) are allowed in an equation")
        raise fail(node, _REFUSED.get(type(node), "this is not allowed in an equation"))

    def convert_call(node: ast.expr, name: str, arguments: list[ast.expr], depth: int) -> Tree:
        function = ALIASES.get(name, name)
        if function == "past" and len(arguments) == 2 and isinstance(arguments[0], ast.Name):
            return Call("past", (Name(arguments[0].id), convert(arguments[1], depth)))
        if function not in FUNCTIONS:
            match arguments:
                case [ast.BinOp(left=ast.Name(id="t"), op=ast.Sub(), right=delay)]:
                    return Call("past", (Name(name), convert(delay, depth)))
                case [ast.Name(id="t")]:
                    return Name(name)
            if name in ("conj", "real", "imag"):
                raise fail(node, _NO_COMPLEX)
            known = [*FUNCTIONS, *ALIASES]
            raise fail(node, f"{name!r} is not a known function.{nearest(name, known)}")
        if len(arguments) != FUNCTIONS[function].arity:
            raise fail(
                node, f"{name} takes {FUNCTIONS[function].arity} argument(s), not {len(arguments)}"
            )
        if any(isinstance(argument, ast.Starred) for argument in arguments):
            raise fail(node, "'*' before an argument is not allowed in an equation")
        return Call(function, tuple(convert(argument, depth) for argument in arguments))

    return convert(tree, 0)


def _explain(message: str, char: str) -> str:
    """Say in a learner's words why Python's grammar refuses an equation."""
    if "integer string conversion" in message:
        return "a number too large for double precision"
    hint = _look_alike(char)
    if not hint and message in ("invalid syntax", "invalid decimal literal"):
        hint = "; is an operator missing before this, as in 2*x?"
    return f"cannot be read ({message}{hint})"


def _look_alike(char: str) -> str:
    return f"; write {_CHARACTERS[char]} instead of {char}" if char in _CHARACTERS else ""


def _error(text: str, column: int, why: str) -> EquationError:
    """Quote the equation and point at a column of it."""
    line = re.sub(r"[\t\r\n\f]", " ", text)
    begin = max(0, column - 60)
    return EquationError(f"{why}\n    {line[begin : begin + 120]}\n    {' ' * (column - begin)}^")
