"""A student's function, tried at stated arguments; what goes wrong in it is shown with its line."""

import copy
import dis
import linecache
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from wclab.course.answers import is_open
from wclab.course.odd import Odd
from wclab.errors import show


def call(function: Callable[..., Any], trial: Sequence[Any]) -> Any:
    """Return what a function gives for copies of some arguments.

    Raises
    ------
    Odd
        If it raises, or returns nothing.
    """
    try:
        result = function(*copy.deepcopy(list(trial)))
    except (Exception, SystemExit) as error:
        name = type(error).__name__
        fields = {
            "call": shown(function, trial),
            "error": f"{name}: {str(error)[:200]}".rstrip(": "),
        }
        where = _where(function, error.__traceback__)
        if where:
            raise Odd("function_error_line", line=where[0], code=where[1], **fields) from None
        raise Odd("function_error", **fields) from None
    if is_open(result) or (result is None and _is_empty(function)):
        raise Odd("not_answered_function")
    if result is None:
        raise Odd("function_none", call=shown(function, trial))
    return result


def shown(function: Callable[..., Any], trial: Sequence[Any]) -> str:
    """Return a call as one would write it."""
    name = str(getattr(function, "__name__", "f"))
    return f"{name if name.isidentifier() else 'f'}({', '.join(show(item) for item in trial)})"


def _where(function: Callable[..., Any], trace: TracebackType | None) -> tuple[int, str] | None:
    """Return the line of the student's code in which an error arose, and its text."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    rows = [row for row in traceback.extract_tb(trace) if row.filename == code.co_filename]
    if not rows or rows[-1].lineno is None:
        return None
    text = rows[-1].line or linecache.getline(code.co_filename, rows[-1].lineno)
    return (rows[-1].lineno, text.strip()) if text.strip() else None


def _is_empty(function: Callable[..., Any]) -> bool:
    """Tell whether a function has no more in it than dots, ``pass`` or a docstring."""
    code = getattr(function, "__code__", None)
    steps = {step.opname for step in dis.get_instructions(code)} if code else {"unknown"}
    return steps <= {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
