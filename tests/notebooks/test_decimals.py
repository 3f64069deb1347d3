"""Every decimal number in the prose of the lessons is a number that wclab computes, or is given."""

import re
from pathlib import Path

import nbformat
import pytest
from notebooks.facts import FACTS, GIVEN

from wclab.course.exercises import exercises

FOLDER = Path(__file__).parents[2] / "notebooks"
FILES = {file.stem.partition("_")[0]: file for file in sorted(FOLDER.glob("*.ipynb"))}
NUMBER = re.compile(r"(?<![\w.])-?\d+\.\d+")
CASES = [(lesson, printed) for lesson, facts in FACTS.items() for printed in facts]


def markdown(lesson):
    book = nbformat.read(FILES[lesson], as_version=4)
    return [cell for cell in book.cells if cell.cell_type == "markdown"]


def decimals(lesson):
    """Return the decimals of a lesson's prose, code and the exercises' questions left out."""
    found = set()
    for cell in markdown(lesson):
        if "exercise" not in cell.metadata.get("wclab", {}):
            found |= set(NUMBER.findall(re.sub(r"`[^`]*`", "", cell.source)))
    return found


def test_every_notebook_has_its_facts():
    assert set(FILES) == set(FACTS) == set(GIVEN)


@pytest.mark.parametrize("lesson", FILES)
def test_no_decimal_stands_in_the_prose_that_nothing_vouches_for(lesson):
    assert decimals(lesson) == set(FACTS[lesson]) | GIVEN[lesson]


@pytest.mark.parametrize(("lesson", "printed"), CASES)
def test_a_printed_number_is_what_wclab_computes(lesson, printed):
    half = 0.5 * 10.0 ** -len(printed.partition(".")[2])
    assert abs(float(printed) - FACTS[lesson][printed]()) <= half * (1 + 1e-9)


@pytest.mark.parametrize("lesson", [lesson for lesson in FILES if lesson != "index"])
def test_the_questions_are_those_that_check_knows(lesson):
    shown = {
        cell.metadata["wclab"]["exercise"]: cell.source
        for cell in markdown(lesson)
        if "exercise" in cell.metadata.get("wclab", {})
    }
    known = {key: one for key, one in exercises().items() if key.startswith(f"{lesson}.")}
    assert set(shown) == set(known)
    for key, text in shown.items():
        assert known[key].question in text
        for option in known[key].options or ():
            assert str(option.value) in text
