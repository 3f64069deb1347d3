"""Errors: each names what is near or known, stays short, and keeps its built-in kind."""

import numpy as np
import pytest

from wclab import errors
from wclab.errors import WclabError, nearest, show


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.PathError, LookupError),
        (errors.EquationError, ValueError),
        (errors.TemplateError, ValueError),
        (errors.TemplateTypeError, TypeError),
        (errors.OptionError, ValueError),
        (errors.MemoryLimitError, MemoryError),
        (errors.SolverError, ArithmeticError),
    ],
)
def test_every_error_is_ours_and_the_builtin_that_fits(error, builtin):
    assert issubclass(error, WclabError)
    assert issubclass(error, builtin)
    assert str(error("the words")) == "the words"  # a KeyError would print its repr


def test_a_near_name_is_suggested_and_the_others_are_left_out():
    assert nearest("r_extt", ["r_ext", "r_in", "m"]) == " Did you mean 'r_ext'?"


def test_without_a_near_name_the_known_ones_are_listed():
    assert nearest("zzz", ["e", "i"]) == " Known: e, i."
    assert nearest("zzz", []) == ""


def test_a_long_list_of_known_names_is_cut():
    words = nearest("zzz", [f"node{k}" for k in range(100)])
    assert words.endswith("node19, ....")
    assert len(nearest("z" * 10**6, ["a" * 10**6] * 3)) < 300


def test_a_letter_of_another_alphabet_is_named():
    # a Cyrillic a looks like ours; only its name can tell
    assert nearest("t\u0430u", ["tau"]).endswith("is CYRILLIC SMALL LETTER A.)")
    assert nearest("\u03c4", ["\u03c4_e"]) == " Known: \u03c4_e."


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, list(range(10**6)), 10**5000, np.zeros(10**6), {"a": {"b": ["c" * 10**5]}}],
    ids=["text", "list", "integer", "array", "nested"],
)
def test_any_value_is_shown_in_a_few_words(value):
    assert 0 < len(show(value)) < 300


def test_a_value_whose_repr_fails_can_still_be_shown():
    class Broken:
        def __repr__(self):
            raise RuntimeError

    assert "Broken" in show(Broken())
