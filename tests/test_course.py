"""Exercises of the course: right answers, wrong ones whose cause is known, and all else."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wclab.course import check, hint, record, solution
from wclab.course.exercises import KINDS, course, exercises
from wclab.course.feedback import Feedback
from wclab.course.judging import solved

DISTRACTORS = json.loads((Path(__file__).parent / "data" / "wc_distractors.json").read_text())
pytestmark = pytest.mark.usefixtures("student")
EXERCISES = exercises()
NUMBERS = [key for key, item in EXERCISES.items() if item.kind == "number"]
WRONG = [(key, known) for key, item in EXERCISES.items() for known in item.wrong]
ALSO = [(key, known) for key, item in EXERCISES.items() for known in item.also]


def rounded(value, digits):
    return float(f"{value:.{digits - 1}e}")


def as_function(item, value):
    """Return a function that gives `value` at the first trial, and what is right elsewhere."""
    reference = solved(item.code)
    return lambda *given: value if tuple(given) == item.trials[0] else reference(*given)


def as_answer(item, value):
    return as_function(item, value) if item.kind == "function" else value


# --- the files ---


def test_the_course_has_twelve_lessons_and_the_first_six_are_complete():
    lessons = course()
    assert list(lessons) == [f"{n:02}" for n in range(1, 13)]
    for lesson in list(lessons.values())[:6]:
        assert 3 <= len(lesson.exercises) <= 5
        assert lesson.question is not None


@pytest.mark.parametrize("key", EXERCISES)
def test_an_exercise_has_three_hints_and_a_worked_answer_that_is_right(key):
    item = EXERCISES[key]
    assert item.kind in KINDS
    assert len(item.hints) == 3
    assert item.question
    assert item.text
    assert not re.search(r"!(?!=)", " ".join([item.question, item.because, item.text, *item.hints]))
    answer = check(key, solved(item.code))
    assert answer.right, answer
    assert item.because in answer.text
    assert all(known.when.endswith(".") for known in (*item.wrong, *item.also))


@pytest.mark.parametrize("name", DISTRACTORS)
def test_every_wrong_number_of_the_reference_has_an_exercise(name):
    found = [item for item in EXERCISES.values() if item.reference == name]
    assert len(found) == 1
    ours = {known.name: known.value for known in (*found[0].wrong, *found[0].also)}
    for what, value in DISTRACTORS[name].items():
        target = found[0].right if what == "right" else ours[what]
        if isinstance(value, int | float):
            assert target == pytest.approx(value, rel=2e-8)
        else:
            assert target == "none"  # an answer without a number


@pytest.mark.parametrize("lesson", [item for item in course().values() if item.question])
def test_a_question_has_a_reply_for_every_option(lesson):
    asked = lesson.question
    assert asked.right in [option.name for option in asked.options]
    assert len({option.when for option in asked.options}) == len(asked.options) >= 3


# --- right answers ---


@pytest.mark.parametrize("digits", [3, 4, 6])
@pytest.mark.parametrize("key", NUMBERS)
def test_a_right_answer_may_be_rounded(key, digits):
    item = EXERCISES[key]
    value = rounded(item.right, max(digits, item.digits))
    for given in (value, str(value), np.float64(value), np.array([value]), [value], Decimal(value)):
        assert check(key, given).right
    assert check(key, f"{value} {item.unit}").right


@pytest.mark.parametrize("key", NUMBERS)
def test_no_wrong_answer_comes_near_the_right_one(key):
    item = EXERCISES[key]
    values = [item.right, *(known.value for known in item.also)]
    for known in item.wrong:
        if not isinstance(known.value, str):
            for right in values:
                room = item.allowed(right) + item.allowed(known.value)
                assert abs(known.value - right) > room


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("01.2", Fraction(3, 10)),
        ("01.2", "3/10"),
        ("01.1", np.float32(0.526144)),
        ("01.1", "0,526"),
        ("01.1", 0.526 + 0j),
        ("01.1", pd.Series([0.526144])),
        ("02.2", "0.004 s"),
        ("02.2", "4000 us"),
        ("02.2", "4 milliseconds"),
        ("02.4", "5.22%"),
        ("05.2", "-0.0029138 /ms^2"),
        ("05.2", "-2.9138e-3 ms^-2"),
        ("05.2", "−0.0029138 per ms²"),  # noqa: RUF001 - a minus as in print
        ("08.3", "0.02498 kHz"),
        ("03.1", 3.0),
        ("03.1", "3"),
        ("03.4", (0.9, 0.0415, 0.447)),
        ("03.4", np.array([[0.0415], [0.447], [0.9]])),
        ("03.4", "[0.0415, 0.447, 0.9]"),
        ("03.4", {0.0415, 0.447, 0.9}),
        ("06.4", [0, 0.178, 0.462]),
        ("03.5", "A"),
        ("03.5", " (a) "),
        ("03.5", 1),
        ("03.5", np.int64(1)),
        ("03.5", "there is exactly one fixed point, and it is stable"),
        ("05.4", "C2"),
        ("05.4", " - c_2"),
    ],
)  # fmt: skip
def test_a_right_answer_may_come_in_many_forms(key, given):
    assert check(key, given).right


@pytest.mark.parametrize(("key", "known"), ALSO, ids=lambda x: getattr(x, "name", x))
def test_a_second_right_answer_is_right_and_explained(key, known):
    reply = check(key, known.value)
    assert reply.right
    assert known.when in reply.text


# --- wrong answers ---


@pytest.mark.parametrize(("key", "known"), WRONG, ids=lambda x: getattr(x, "name", x))
def test_a_known_wrong_answer_is_told_what_it_shows(key, known):
    item = EXERCISES[key]
    forms = [known.value]
    if item.kind in ("number", "function") and not isinstance(known.value, str):
        forms += [rounded(known.value, digits) for digits in (4, 6)]
    for value in forms:
        reply = check(key, as_answer(item, value))
        assert not reply.right
        assert reply.kind == "known"
        assert known.when in reply.text


def test_a_number_that_two_causes_explain_names_both():
    causes = [known.when for known in EXERCISES["05.1"].wrong]
    assert all(cause in check("05.1", 1.0).text for cause in causes)
    reply = check("06.1", 0.475).text  # two wrong numbers round to it
    assert "change places" in reply
    assert "shift" in reply
    assert "shift" not in check("06.1", 0.47535).text


@pytest.mark.parametrize("key", [key for key, item in EXERCISES.items() if item.kind == "choice"])
def test_every_wrong_option_has_a_reply_of_its_own(key):
    item = EXERCISES[key]
    for place, option in enumerate(item.options, start=1):
        for given in (option.name, place):
            reply = check(key, given)
            assert reply.right == (option.name == item.right)
            assert option.when in reply.text


@pytest.mark.parametrize(
    ("key", "given", "words"),
    [
        ("01.1", -0.526144, "the sign is not"),
        ("02.2", 0.004, "1000 times it would be the answer in ms"),
        ("03.4", [0.0415, 0.45, 0.9], "2 of 3"),
        ("03.4", [0.447, 0.9, 5.0], "2 of 3"),
    ],
)
def test_what_an_unknown_answer_has_in_common_with_the_right_one_is_said(key, given, words):
    assert words in check(key, given).text


def test_hints_come_one_by_one_and_the_same_answer_gets_the_same_reply():
    hints = EXERCISES["03.2"].hints
    first = check("03.2", 7.0)
    assert hints[0] in first.text
    assert check("03.2", 7.0) == first
    assert hints[1] in check("03.2", 8.0).text
    assert hints[2] in check("03.2", 9.0).text
    assert 'solution("03.2")' in check("03.2", 10.0).text


def test_a_hint_can_be_asked_for():
    hints = EXERCISES["04.1"].hints
    assert hints[0] in hint("04.1").text
    assert hints[1] in hint("04.1").text
    assert hints[2] in check("04.1", 77.0).text
    assert hints[2] in hint("04.1").text


def test_the_worked_answer_opens_after_one_attempt():
    assert "Try once first" in solution("03.2").text
    check("03.2", 7.0)
    shown = solution("03.2")
    assert shown.text == EXERCISES["03.2"].text
    assert "eigenvalues" in shown.code


# --- answers of another kind ---


class Hostile:
    """An object that refuses everything."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("repr")

    def __eq__(self, other):
        raise RuntimeError("eq")

    __hash__ = None  # type: ignore[assignment]


THINGS = [
    None, True, 1j, float("nan"), float("inf"), 10**400, -(10**400), 1e308, -0.0,
    "", "abc", "3 parsecs", "1/0", "9" * 5000, "e", "-", "\n", "$0.55$", "a" * 10**6, b"0.95",
    [], [[1], [1, 2]], [None, 1], ["a"], [..., 1], {}, {"a": 1}, set(), {1, "a"}, range(3),
    (x for x in [1.0]), iter([1]), object(), Hostile(), Hostile, KeyError, print, len, lambda: 1,
    np, np.array([]), np.full(3, np.nan), np.array([1j]), np.array(["x"]), np.array([True]),
    np.zeros((2, 2, 2)), np.datetime64("now"), pd.DataFrame({"E": [1.0]}), pd.Timestamp(0),
    pd.Series(dtype=float), slice(1), NotImplemented, memoryview(b"ab"), Feedback("x"),
    Decimal("NaN"), Decimal("1e9999"),
]  # fmt: skip


@pytest.mark.parametrize("thing", range(len(THINGS)))
def test_no_answer_raises_and_none_of_these_is_right(thing):
    for key in EXERCISES:
        reply = check(key, THINGS[thing])
        assert isinstance(reply, Feedback)
        assert repr(reply)
        assert reply._repr_html_().startswith("<div role='status'")
        assert not reply.right
        assert "it caused a" not in reply.text or isinstance(THINGS[thing], Hostile)


@pytest.mark.parametrize(
    ("key", "given", "words"),
    [
        ("01.1", None, "no return"),
        ("01.1", True, "a yes or no"),
        ("01.1", 1j, "a complex number"),
        ("01.1", float("nan"), "NaN, not a number"),
        ("01.1", -np.inf, "infinite"),
        ("01.1", pd.DataFrame({"E": [1.0]}), "a whole table"),
        ("01.1", (x for x in [1]), r"list\( \)"),
        ("01.1", np.sin, "the function sin itself"),
        ("01.1", [0.1, 0.2], "2 numbers"),
        ("01.1", {"E": 1}, "dictionary"),
        ("01.1", "0.5 ms", "has no unit, and ms is one"),
        ("02.2", "4 Hz", "Hz measures something else: .* in ms"),
        ("02.2", "4 mss", "Did you mean ms"),
        ("02.2", "4 furlongs", "furlongs is not known"),
        ("01.1", "half", "No number could be read in 'half'"),
        ("03.1", [0.04, 0.45, 0.9], "3 entries"),
        ("03.4", [[0.0415, 0.447], [0.9, 1.0]], "shape of the answer is 2 x 2, .* asks for 3"),
        ("03.4", [[1], [1, 2]], "different lengths"),
        ("03.5", "e", "one of the letters a, b, c, d"),
        ("05.4", 2, "in quotes"),
        ("01.4", 0.5, "asks for a function"),
    ],
)
def test_an_answer_of_another_kind_gets_kind_words_and_is_no_attempt(key, given, words):
    assert re.search(words, check(key, given).text)
    assert not Path(record.FILE).exists()


@pytest.mark.parametrize(
    "given", [..., "...", "", [..., ...], (1, ...), np.array(...), [[...], [1]]]
)
@pytest.mark.parametrize("key", ["01.1", "03.4", "03.5", "05.4", "01.4"])
def test_dots_are_no_answer_yet(key, given):
    assert check(key, given).text.startswith("Not answered yet.")
    assert list(Path().iterdir()) == []


# --- functions ---


def unfinished(x, a, theta):
    """Return nothing yet."""


def misspelt(x, a, theta):
    shift = 0
    return x + thetta + shift  # noqa: F821 - the mistake of this test


def leaves(x, a, theta):
    raise SystemExit


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (unfinished, "Not answered yet"),
        (lambda x, a, theta: ..., "Not answered yet"),
        (misspelt, r"`return x \+ thetta .*NameError: name 'thetta' is not defined"),
        (lambda x, a: x, r"stopped with TypeError"),
        (leaves, "SystemExit"),
        (lambda x, a, theta: [].append(x), "gives None"),
        (lambda x, a, theta: float("nan"), "cannot be used.*NaN"),
        (lambda x, a, theta: [1, 2], "cannot be used.*2 numbers"),
        (lambda x, a, theta: a * x, r"f\(3.0, 1.2, 2.8\) gives 3.6, where 0.526144 is right"),
    ],
)
def test_a_function_is_tried_and_what_goes_wrong_is_shown(given, words):
    assert re.search(words, check("01.4", given).text)


def test_a_function_that_is_right_at_one_place_only_is_told_where_it_is_not():
    item = EXERCISES["01.4"]
    right_once = lambda x, a, theta: solved(item.code)(3.0, 1.2, 2.8)  # noqa: E731
    assert "f(0.0, 1.2, 2.8) gives 0.526144, where 0 is right" in check("01.4", right_once).text


def test_a_reply_to_code_is_safe_html():
    reply = Feedback("`a < b` & <script>", code="x < y")
    assert "<code>a &lt; b</code> &amp; &lt;script&gt;" in reply._repr_html_()
    assert "x &lt; y" in reply._repr_html_()


# --- names ---


@pytest.mark.parametrize("function", [check, hint, solution])
@pytest.mark.parametrize("name", ["3.2", 3.2, "O3.2", "03,2"])
def test_an_unknown_exercise_is_answered_with_the_nearest(function, name):
    assert 'Did you mean "03.2"?' in function(name).text


@pytest.mark.parametrize("name", [None, "zz", [], Hostile], ids=repr)
def test_an_exercise_that_resembles_none_is_answered_with_all(name):
    given = Hostile() if name is Hostile else name
    assert isinstance(check(given, 1), Feedback)
