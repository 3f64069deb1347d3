"""What a student hands over, read as what is asked for; or why it cannot be."""

import math
import numbers
import types
from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np

from wclab.course.odd import Odd
from wclab.course.units import SIGNS, read


def is_open(given: Any) -> bool:
    """Tell whether an answer still has its dots."""
    if given is ... or (isinstance(given, str) and given.strip() in ("", "...", "…")):
        return True
    if isinstance(given, np.ndarray) and given.dtype == object and given.size < 100:
        return any(item is ... for item in given.flat)
    return isinstance(given, list | tuple) and any(is_open(item) for item in given[:100])


def number(given: Any, unit: str = "") -> tuple[float, str]:
    """Return a number in the unit asked for, and its digits as written.

    Raises
    ------
    Odd
        If it is no finite number.
    """
    if isinstance(given, str):
        return read(given, unit)
    _refuse(given)
    if isinstance(given, bool | np.bool_):
        raise Odd("is_bool", given=bool(given))
    if isinstance(given, list | tuple | Set) or getattr(given, "shape", ()) != ():
        values = array(given)
        if values.size != 1:
            raise Odd("several_for_number", count=values.size)
        given = values.flat[0]
    value = _real(given)
    return value, repr(value)


def array(given: Any) -> np.ndarray:
    """Return numbers as an array.

    Raises
    ------
    Odd
        If they are no finite numbers, or their rows differ in length.
    """
    if isinstance(given, str):
        given = [part for part in given.strip("[]() ").replace(",", " ").split() if part]
    _refuse(given)
    items = list(given) if isinstance(given, Set) else given
    try:
        values = np.asarray(items)
    except ValueError:
        raise Odd("ragged") from None
    if values.dtype == bool:
        raise Odd("is_bool", given=values.tolist())
    if np.iscomplexobj(values):
        if np.any(np.abs(values.imag) > 1e-9):
            raise Odd("complex")
        values = values.real
    try:
        values = values.astype(float)
    except OverflowError:
        raise Odd("infinite") from None
    except (TypeError, ValueError):
        raise Odd("not_numbers") from None
    if np.isnan(values).any():
        raise Odd("nan")
    if np.isinf(values).any():
        raise Odd("infinite")
    return values


def word(given: Any) -> str:
    """Return a text without what does not matter: case, spaces, quotes, a full stop."""
    if not isinstance(given, str):
        _refuse(given)
        raise Odd("not_text", kind=type(given).__name__)
    plain = "".join(given.split()).strip("'\"`()[]{}$.,;:").casefold()
    return plain.translate(SIGNS).replace("_", "")


def same_word(one: Any, other: Any) -> bool:
    """Tell whether two texts are the same but for what does not matter."""
    return isinstance(one, str) and isinstance(other, str) and word(one) == word(other)


def option(given: Any, letters: str, texts: list[str]) -> int:
    """Return which option is chosen, by its letter, its text, or its place counted from 1."""
    places = range(1, len(letters) + 1)
    if isinstance(given, str):
        plain = word(given)
        if len(plain) == 1 and plain in letters:
            return letters.index(plain)
        same = [k for k, text in enumerate(texts) if plain and word(text) == plain]
        if same:
            return same[0]
        if plain in map(str, places):
            return int(plain) - 1
    elif not isinstance(given, bool | np.bool_) and isinstance(given, numbers.Real):
        if given in places:
            return int(given) - 1
    else:
        _refuse(given)
    raise Odd("no_option", letters=", ".join(letters), last=len(letters))


def _refuse(given: Any) -> None:
    """Say which things are no answer, and what to do instead."""
    if given is None:
        raise Odd("none")
    if type(given).__name__ == "DataFrame":
        raise Odd("table")
    if isinstance(given, Iterator | range | types.GeneratorType) and not hasattr(given, "shape"):
        raise Odd("generator")
    if isinstance(given, Mapping):
        raise Odd("mapping")
    if callable(given):
        raise Odd("function_for_value", name=getattr(given, "__name__", type(given).__name__))


def _real(given: Any) -> float:
    """Return a finite float."""
    if isinstance(given, complex | np.complexfloating):
        if abs(float(given.imag)) > 1e-9:
            raise Odd("complex")
        given = given.real
    try:
        value = float(given)
    except OverflowError:
        raise Odd("infinite") from None
    except (TypeError, ValueError):
        raise Odd("unreadable", kind=type(given).__name__) from None
    if math.isnan(value):
        raise Odd("nan")
    if math.isinf(value):
        raise Odd("infinite")
    return value
