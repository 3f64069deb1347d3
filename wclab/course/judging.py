"""An exercise and an answer to a verdict: right, known to be wrong, or neither.

A right answer is looked for first, so that no wrong one can stand before it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from wclab.course import answers
from wclab.course.exercises import Exercise, Known
from wclab.course.odd import Odd
from wclab.course.texts import phrase
from wclab.course.trying import call, shown


@dataclass(frozen=True)
class Verdict:
    """How an answer is judged, in which words, and the answer as it was understood."""

    kind: str  # "right", "known" or "no"
    text: str
    answer: str


def judge(exercise: Exercise, given: Any) -> Verdict:
    """Judge an answer.

    Raises
    ------
    Odd
        If it is of another kind than the one asked for.
    """
    return JUDGES[exercise.kind](exercise, given)


@lru_cache(maxsize=128)
def solved(code: str) -> Any:
    """Return the `answer` that the code of a worked solution computes."""
    names: dict[str, Any] = {}
    exec(compile(code, "<solution>", "exec"), names)  # noqa: S102 - code of this package only
    return names["answer"]


def _number(exercise: Exercise, given: Any) -> Verdict:
    if isinstance(given, str):
        said = [known for known in exercise.wrong if answers.same_word(known.value, given)]
        if said:
            return _known(said, given.strip()[:60])
    value, written = answers.number(given, exercise.unit)
    got = f"{value:.6g}"
    if exercise.close(value, exercise.right):
        return _right(exercise, got)
    for known in exercise.also:
        if exercise.close(value, known.value):
            return Verdict("right", phrase("also_right", when=known.when), got)
    numbers = [known for known in exercise.wrong if _is_number(known.value)]
    found = _best(numbers, value, written, exercise.close)
    if found:
        return _known(found, got)
    return Verdict("no", _remark(exercise, value), got)


def _count(exercise: Exercise, given: Any) -> Verdict:
    if isinstance(given, list | tuple) and len(given) != 1:
        raise Odd("list_for_count", count=len(given))
    value, _ = answers.number(given)
    got = f"{value:.6g}"
    if value == exercise.right:
        return _right(exercise, got)
    found = [known for known in exercise.wrong if known.value == value]
    return _known(found, got) if found else Verdict("no", "", got)


def _array(exercise: Exercise, given: Any) -> Verdict:
    values = answers.array(given)
    right = np.asarray(exercise.right, dtype=float)
    got = ", ".join(f"{value:.6g}" for value in values.flat[:12])
    if _same(exercise, values, right):
        return _right(exercise, got)
    for known in exercise.wrong:
        if _same(exercise, values, np.asarray(known.value, dtype=float)):
            return _known([known], got)
    if values.squeeze().shape != right.shape:
        raise Odd("shape", got=_size(values), asked=_size(right))
    hits = _hits(exercise, values.squeeze(), right)
    return Verdict("no", phrase("some_right", hits=hits, count=right.size) if hits else "", got)


def _function(exercise: Exercise, given: Any) -> Verdict:
    if not callable(given):
        raise Odd("value_for_function", kind=type(given).__name__)
    reference: Callable[..., Any] = solved(exercise.code)
    results = [_result(exercise, given, trial) for trial in exercise.trials]
    got = " ".join(f"{value:.6g}" for value in results)
    wanted = [float(reference(*trial)) for trial in exercise.trials]
    apart = [k for k, pair in enumerate(zip(results, wanted, strict=True)) if not np.isclose(*pair)]
    if not apart:
        return _right(exercise, got)
    if apart[0] == 0:
        found = _best(exercise.wrong, results[0], repr(results[0]), exercise.close)
        if found:
            return _known(found, f"{shown(given, exercise.trials[0])} = {results[0]:.6g}", got)
    k = apart[0]
    fields = {"call": shown(given, exercise.trials[k]), "got": f"{results[k]:.6g}"}
    return Verdict("no", phrase("function_differs", wanted=f"{wanted[k]:.6g}", **fields), got)


def _text(exercise: Exercise, given: Any) -> Verdict:
    got = answers.word(given)
    if any(answers.same_word(item, given) for item in exercise.right):
        return _right(exercise, got)
    found = [known for known in exercise.wrong if answers.same_word(known.value, given)]
    return _known(found, str(given)[:60], got) if found else Verdict("no", "", got)


def _choice(exercise: Exercise, given: Any) -> Verdict:
    letters = "".join(option.name for option in exercise.options)
    place = answers.option(given, letters, [str(option.value) for option in exercise.options])
    chosen = exercise.options[place]
    if chosen.name == exercise.right:
        return _right(exercise, chosen.name)
    return Verdict("known", phrase("chose", letter=chosen.name, reply=chosen.when), chosen.name)


JUDGES: dict[str, Callable[[Exercise, Any], Verdict]] = {
    "number": _number,
    "count": _count,
    "array": _array,
    "function": _function,
    "text": _text,
    "choice": _choice,
}


def _right(exercise: Exercise, got: str) -> Verdict:
    return Verdict("right", phrase("right", because=exercise.because), got)


def _known(found: Sequence[Known], shown_as: str, got: str = "") -> Verdict:
    reasons = phrase("or_when").join(known.when for known in found)
    return Verdict("known", phrase("known", got=shown_as, when=reasons), got or shown_as)


def _best(
    known: Sequence[Known], value: float, written: str, close: Callable[[float, float], bool]
) -> list[Known]:
    """Return the wrong answers that a number may be: the nearest, and all that round to it."""
    near = [item for item in known if close(value, item.value)]
    if len(near) < 2:
        return near
    decimals = len(written.partition(".")[2]) if "e" not in written.lower() else 12
    same = [item for item in near if abs(item.value - value) <= 0.5001 * 10.0**-decimals]
    return same or [min(near, key=lambda item: abs(item.value - value))]


def _remark(exercise: Exercise, value: float) -> str:
    """Say what an unknown number has in common with the right one; nothing if nothing."""
    right = exercise.right
    if exercise.close(-value, right):
        return phrase("sign")
    for factor in (1000.0, 0.001, 100.0, 0.01):
        if exercise.unit and exercise.close(value * factor, right):
            return phrase("factor", factor=f"{factor:g}", unit=exercise.unit)
    return ""


def _result(exercise: Exercise, function: Callable[..., Any], trial: Sequence[Any]) -> float:
    """Return the number that a student's function gives."""
    result = call(function, trial)
    try:
        return answers.number(result)[0]
    except Odd as odd:
        said = phrase(odd.key, **odd.fields)
        raise Odd("function_result", call=shown(function, trial), said=said) from None


def _same(exercise: Exercise, values: np.ndarray, target: np.ndarray) -> bool:
    """Tell whether all numbers agree, in their order if it counts."""
    if values.squeeze().shape != target.squeeze().shape:
        return False
    both = (values, target) if exercise.ordered else (np.sort(values, None), np.sort(target, None))
    pairs = zip(*(array.flat for array in both), strict=True)
    return all(exercise.close(float(a), float(b)) for a, b in pairs)


def _hits(exercise: Exercise, values: np.ndarray, right: np.ndarray) -> int:
    """Count the right numbers that are among the values, at their place if it counts."""
    found = list(values.flat)
    places = [[v] for v in found] if exercise.ordered else [found] * right.size
    pairs = zip(places, right.flat, strict=True)
    return sum(any(exercise.close(float(v), float(r)) for v in some) for some, r in pairs)


def _size(values: np.ndarray) -> str:
    """Return a shape in words: "3", "2 x 2"."""
    return " x ".join(str(n) for n in values.shape) if values.ndim else "1"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
