"""Inheritance of operators: what a child changes, replaces, adds and drops."""

import pytest

from wclab.errors import WclabError
from wclab.templates import load

CHILDREN = """\
base_op:
  base: OperatorTemplate
  description: parent
  equations: ["m = a*x + b*xa", "r' = m - r"]
  variables: {m: variable, r: output(0.5), x: input(2.0), a: 1.0, b: 3.0, xa: 4.0}
"""


def child(write, entries):
    write(CHILDREN + "child:\n  base: base_op\n" + entries)
    return load("models.child")


def test_a_child_inherits_all_and_updates_variables(write):
    found = child(write, "  variables: {a: 7.0, r: 0.25, x: input(1)}\n")
    assert found.equations == ("m = a*x + b*xa", "r' = m - r")
    assert (found["a"], found["b"], found["r"], found["x"]) == (
        7.0, 3.0, "output(0.25)", "input(1.0)",
    )  # fmt: skip
    assert (found.description, found.name) == ("parent", "child")


@pytest.mark.parametrize("text", ['"r\' = a"', '["r\' = a"]'])
def test_equations_of_a_child_replace_all_and_drop_unused_variables(write, text):
    found = child(write, f"  equations: {text}\n")
    assert found.equations == ("r' = a",)
    assert list(found.variables) == ["r", "a"]


def test_replace_exchanges_whole_names_in_order_and_may_hold_expressions(write):
    change = "  equations: {replace: {x: (x + y), y: 2*z, b*xa: '0'}}\n  variables: {z: 1.0}\n"
    found = child(write, change)
    assert found.equations == ("m = a*(x + 2*z) + 0", "r' = m - r")
    assert "b" not in found.variables
    assert "xa" not in found.variables


def test_remove_append_prepend_and_add_each_change_the_equations(write):
    found = child(write, "  equations: {remove: + b*xa}\n")
    assert found.equations[0].rstrip() == "m = a*x"
    found = child(write, "  equations: {remove: ['+ b*xa', 'a*']}\n")
    assert found.equations[0].rstrip() == "m = x"
    found = child(write, "  equations: {append: '- k', prepend: 2*a +}\n  variables: {k: 1}\n")
    assert found.equations == ("m = 2*a + a*x + b*xa - k", "r' = 2*a + m - r - k")
    found = child(write, '  equations: {add: ["q\' = m"]}\n  variables: {q: variable}\n')
    assert found.equations[2] == "q' = m"


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ("  equations: {replace: {zz: a}}\n", "line 8, operator child: no equation holds 'zz'"),
        ("  equations: {apend: + a}\n", "line 8, .*unknown key 'apend'. Did you mean 'append'"),
        ("  equations: {replace: [a, b]}\n", "replace maps old text to new text"),
        ("  equations: {add: 5}\n", "add takes text or a list of texts"),
        ("  equations: 5\n", "equations must be text, a list or a mapping"),
        ("  equations: {append: + q}\n", "line 4, operator child: 'q' is not declared"),
        ("  equations: {replace: {x: a.b}}\n", "line 4, .*attribute access is not allowed"),
        ("  variables: [a]\n", "variables"),
        ("  operators: [a]\n", "an OperatorTemplate has no key 'operators'"),
    ],
)
def test_a_mistake_in_a_child_gets_place_and_remedy(write, entries, words):
    with pytest.raises(WclabError, match=words) as caught:
        child(write, entries)
    assert str(caught.value).startswith("models.yaml, line ")
