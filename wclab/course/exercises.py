"""Exercises and questions as records, read from the texts."""

import difflib
from dataclasses import dataclass
from typing import Any

from wclab.course.texts import lessons

KINDS = ("number", "count", "array", "function", "text", "choice")
LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Known:
    """An answer that is known: what it is, and what it shows."""

    name: str
    value: Any
    when: str


@dataclass(frozen=True)
class Exercise:
    """One exercise: what is asked, what is right, what is known to be wrong."""

    id: str
    kind: str
    question: str
    right: Any
    because: str
    hints: tuple[str, ...]
    text: str
    code: str
    wrong: tuple[Known, ...] = ()
    also: tuple[Known, ...] = ()
    options: tuple[Known, ...] = ()
    trials: tuple[tuple[Any, ...], ...] = ()
    unit: str = ""
    digits: int = 3
    tolerance: float | None = None
    ordered: bool = True
    facts: tuple[str, ...] = ()
    reference: str = ""

    def close(self, value: float, target: float) -> bool:
        """Tell whether two numbers agree in the digits that are asked for."""
        return abs(value - target) <= self.allowed(target)

    def allowed(self, target: float) -> float:
        """Return half a unit of the last digit that is asked for; at zero, of the third decimal."""
        if self.tolerance is not None:
            return self.tolerance
        exponent = int(f"{target:e}".partition("e")[2]) if target else 0
        return float(0.5001 * 10.0 ** (exponent + 1 - self.digits))


@dataclass(frozen=True)
class Question:
    """The question of a lesson before the run."""

    id: str
    question: str
    right: str
    options: tuple[Known, ...]


@dataclass(frozen=True)
class Lesson:
    """A lesson as the index shows it."""

    id: str
    title: str
    minutes: int
    question: Question | None
    exercises: dict[str, Exercise]


def course() -> dict[str, Lesson]:
    """Return all lessons, in order."""
    return {number: _lesson(number, content) for number, content in lessons().items()}


def exercises() -> dict[str, Exercise]:
    """Return all exercises of the course, in order."""
    return {key: item for lesson in course().values() for key, item in lesson.exercises.items()}


def near(given: object, known: dict[str, Any]) -> str:
    """Return the id nearest to one that does not exist; empty if none is near."""
    text = str(given)[:20]
    match = difflib.get_close_matches(text, known, n=1, cutoff=0.6)
    return match[0] if match else ""


def _lesson(number: str, content: dict[str, Any]) -> Lesson:
    asked = content.get("predict")
    question = None
    if asked:
        question = Question(number, asked["question"], asked["right"], _options(asked["options"]))
    made = {key: _exercise(key, item) for key, item in content.get("exercises", {}).items()}
    return Lesson(number, content["title"], content["minutes"], question, made)


def _exercise(key: str, item: dict[str, Any]) -> Exercise:
    rest = dict(item)
    worked = rest.pop("solution")
    for name in ("wrong", "also"):
        rest[name] = tuple(Known(k, v["value"], v["when"]) for k, v in rest.get(name, {}).items())
    rest["options"] = _options(rest.get("options", ()))
    rest["trials"] = tuple(tuple(trial) for trial in rest.get("trials", ()))
    rest["hints"] = tuple(rest["hints"])
    rest["facts"] = tuple(rest.get("facts", ()))
    return Exercise(id=key, text=worked["text"], code=worked["code"], **rest)


def _options(items: Any) -> tuple[Known, ...]:
    pairs = zip(LETTERS, items, strict=False)
    return tuple(Known(letter, item["text"], item["reply"]) for letter, item in pairs)
