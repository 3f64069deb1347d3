"""Every error wclab raises on purpose, and the words that help to mend it.

An error names the value at fault, the place where it was found, and the remedy or the
nearest known name. All of them derive from `WclabError`, and each also from the built-in
exception that fits, so that ``except ValueError`` keeps working.
"""

import difflib
import reprlib
from collections.abc import Iterable


class WclabError(Exception):
    """Base of every error that wclab raises on purpose."""


class PathError(WclabError, LookupError):
    """A path, file or name that points to nothing."""


class EquationError(WclabError, ValueError):
    """An equation that cannot be read."""


class TemplateError(WclabError, ValueError):
    """A template, in YAML or Python, that does not describe a model."""


class TemplateTypeError(WclabError, TypeError):
    """A template of another kind than the one asked for."""


class OptionError(WclabError, ValueError):
    """An argument with a value, a length or a name that cannot be used."""


class MemoryLimitError(OptionError, MemoryError):
    """A run whose result would not fit in memory."""


class SolverError(WclabError, ArithmeticError):
    """A run whose numbers stopped being finite."""


def nearest(name: object, known: Iterable[object]) -> str:
    """Return " Did you mean ...?" for a near match, else what is known, else nothing."""
    names = [str(item) for item in known]
    match = difflib.get_close_matches(str(name)[:200], names, n=1, cutoff=0.6)
    if match:
        return f" Did you mean {match[0]!r}?"
    if not names:
        return ""
    shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f" Known: {shown}."


def show(value: object) -> str:
    """Return a repr of any value, short enough for a message."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = 80
    return short.repr(value)
