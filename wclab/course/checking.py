"""`check`, `hint` and `solution`: what they say, and what they write down."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from wclab.course import record
from wclab.course.answers import is_open
from wclab.course.exercises import Exercise, Question, course, exercises, near
from wclab.course.feedback import Feedback
from wclab.course.judging import Verdict, judge, solved
from wclab.course.odd import Odd
from wclab.course.texts import phrase
from wclab.errors import show


def check(exercise: object, answer: Any = ...) -> Feedback:
    """Check an answer.

    Parameters
    ----------
    exercise : str
        Such as "03.2".
    answer : object
        A number, a text with a unit, an array, a function, a letter: what the exercise asks
        for. The dots ``...`` stand for no answer yet.

    Returns
    -------
    Feedback
        What the answer shows; never an error. A wrong answer whose cause is known is told it,
        any other gets the next of three hints.

    Examples
    --------
    >>> from wclab.course import check
    >>> check("02.2", ...)
    Not answered yet. Put your answer in the place of the dots and run the cell again.
    """
    found = _find(exercise)
    return found if isinstance(found, Feedback) else _safely(lambda: _check(found, answer))


def hint(exercise: object) -> Feedback:
    """Show the next hint: what to look at, which equation, the worked line.

    Parameters
    ----------
    exercise : str
        Such as "03.2".

    Returns
    -------
    Feedback
    """
    found = _find(exercise)
    return found if isinstance(found, Feedback) else _safely(lambda: _hint(found))


def solution(exercise: object) -> Feedback:
    """Show the worked answer, after one attempt.

    Parameters
    ----------
    exercise : str
        Such as "03.2".

    Returns
    -------
    Feedback
        Text and code. With WCLAB_SOLUTIONS=1 in the environment no attempt is needed.
    """
    found = _find(exercise)
    return found if isinstance(found, Feedback) else _safely(lambda: _solution(found))


def find_question(lesson: object) -> Question | Feedback:
    """Return the question of a lesson before the run, or say that there is none."""
    known = {key: item.question for key, item in course().items() if item.question}
    question = known.get(lesson) if isinstance(lesson, str) else None
    return question or _unknown("question", lesson, known)


def _check(exercise: Exercise, answer: Any) -> Feedback:
    try:
        if is_open(answer):
            raise Odd("not_answered_choice" if exercise.options else "not_answered")
        verdict = judge(exercise, answer)
    except Odd as odd:
        if record.solving() and odd.key.startswith("not_answered"):
            return _reply(judge(exercise, solved(exercise.code)))
        return Feedback(phrase(odd.key, **odd.fields))
    return _told(exercise, verdict)


def _told(exercise: Exercise, verdict: Verdict) -> Feedback:
    """Write an attempt down and return what to say; the same answer again gets the same reply."""
    before = record.entries()[0].get(exercise.id, {})
    answer = verdict.answer[:80]
    if before.get("answer") == answer:
        return _reply(verdict, _shown_hint(exercise, verdict, before.get("hints", 0)))
    more = verdict.kind == "no"
    hints = min(before.get("hints", 0) + more, len(exercise.hints))

    def edit(entry: record.Entry) -> None:
        entry["tries"] += 1
        entry["right"] |= verdict.kind == "right"
        entry["hints"] = max(entry["hints"], hints)
        entry["answer"] = answer

    note = record.change(exercise.id, edit)
    return replace(_reply(verdict, _shown_hint(exercise, verdict, hints)), note=note)


def _shown_hint(exercise: Exercise, verdict: Verdict, hints: int) -> str:
    if verdict.kind != "no":
        return ""
    place = max(1, min(hints, len(exercise.hints)))
    said = phrase("hint", number=place, text=exercise.hints[place - 1])
    return (
        said if place < len(exercise.hints) else f"{said} {phrase('see_solution', id=exercise.id)}"
    )


def _reply(verdict: Verdict, said: str = "") -> Feedback:
    parts = [phrase("not_yet"), verdict.text, said] if verdict.kind == "no" else [verdict.text]
    return Feedback(
        " ".join(part for part in parts if part), right=verdict.kind == "right", kind=verdict.kind
    )


def _hint(exercise: Exercise) -> Feedback:
    shown = record.entries()[0].get(exercise.id, {}).get("hints", 0)
    place = min(shown + 1, len(exercise.hints))

    def edit(entry: record.Entry) -> None:
        entry["hints"] = max(entry["hints"], place)

    note = record.change(exercise.id, edit)
    said = phrase("hint", number=place, text=exercise.hints[place - 1])
    if place == len(exercise.hints):
        said = f"{said} {phrase('see_solution', id=exercise.id)}"
    return Feedback(said, note=note)


def _solution(exercise: Exercise) -> Feedback:
    entry = record.entries()[0].get(exercise.id, {})
    if not record.solving() and not entry.get("tries"):
        return Feedback(phrase("try_first", id=exercise.id))
    return Feedback(exercise.text, code=exercise.code)


def _find(exercise: object) -> Exercise | Feedback:
    known = exercises()
    found = known.get(exercise) if isinstance(exercise, str) else None
    return found or _unknown("exercise", exercise, known)


def _unknown(what: str, given: object, known: dict[str, Any]) -> Feedback:
    """Say which exercise may be meant."""

    def said() -> Feedback:
        match = near(given, known)
        if match:
            return Feedback(phrase(f"unknown_{what}_near", given=show(given), near=match))
        return Feedback(phrase(f"unknown_{what}", given=show(given), known=", ".join(known)))

    return _safely(said)


def _safely(reply: Callable[[], Feedback]) -> Feedback:
    """Return a reply; if an object behaves in a way nobody foresaw, say so and stay calm."""
    try:
        return reply()
    except Exception as error:  # whatever a student's object raises must not end the lesson
        return Feedback(phrase("unforeseen", error=type(error).__name__))
