"""Every error wclab raises on purpose, and the words that help to mend it.

An error names the value at fault, the place where it was found, and the remedy or the
nearest known name. All of them derive from `WclabError`, and each also from the built-in
exception that fits, so that ``except ValueError`` keeps working.
"""

import difflib
import reprlib
import unicodedata
from collections.abc import Iterable
from itertools import islice


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
    names = [str(item) for item in islice(known, 10_000)]
    given = str(name)[:200]
    match = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    if match:
        return f" Did you mean {match[0]!r}?{_foreign_letter(given, names)}"
    if not names:
        return ""
    shown = ", ".join(item[:60] for item in names[:20]) + (", ..." if len(names) > 20 else "")
    return f" Known: {shown}.{_foreign_letter(given, names)}"


def _foreign_letter(given: str, names: list[str]) -> str:
    """Name a letter that no known name has, such as a Cyrillic a, which looks like ours."""
    for char in given:
        if not char.isascii() and not any(char in name for name in names):
            return f" ({char!r} is {unicodedata.name(char, 'an unnamed character')}.)"
    return ""


def show(value: object) -> str:
    """Return a repr of any value, short enough for a message."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = 80
    try:
        return short.repr(value)
    except ValueError:  # a whole number of more digits than Python prints
        return f"<{type(value).__name__} too long to print>"
