"""Templates, first half: files, names, YAML, inheritance, operators and their declarations."""

import os
import time

import pytest

from wclab.errors import EquationError, PathError, TemplateError, TemplateTypeError, WclabError
from wclab.templates import (
    Circuit,
    EdgeTemplate,
    NodeTemplate,
    OperatorTemplate,
    Variable,
    library,
    load,
)

OP = """\
op:
  base: OperatorTemplate
  equations: "r' = (-r + u)/tau"
  variables:
    r: output(0.1)
    u: input
    tau: 10.0
"""


def changed(old, new, text=OP):
    """Return the file with one passage exchanged."""
    assert text.count(old) == 1
    return text.replace(old, new)


def op(equations, **variables):
    return OperatorTemplate("op", equations, variables)


# --- finding files ---


def test_the_shipped_library_is_found_from_any_folder(write):
    write("", "unrelated.yaml")
    circuit = load("model_templates.neural_mass_models.wilsoncowan.WC")
    assert list(circuit.nodes) == ["e", "i"]
    assert (library() / "model_templates" / "neural_mass_models").is_dir()


@pytest.mark.parametrize(
    "path",
    ["models.op", "models/op", "./models/op", "models.yaml/op", os.path.join(".", "models", "op")],
)
def test_dots_and_slashes_name_the_same_template(write, path):
    write(OP)
    assert load(path)["tau"] == 10.0


def test_folders_a_yml_suffix_and_absolute_paths_work(write):
    file = write(OP, "a/b/models.yml")
    for path in ("a.b.models.op", "a/b/models/op", str(file.with_suffix("") / "op"), file / "op"):
        assert load(path).name == "op"


def test_yaml_comes_before_yml_and_the_working_folder_before_the_library(write):
    write(changed("10.0", "1.0"))
    write(changed("10.0", "2.0"), "models.yml")
    write(changed("10.0", "3.0"), "model_templates/base_templates.yaml")
    assert load("models.op")["tau"] == 1.0
    assert load("model_templates.base_templates.op")["tau"] == 3.0


def test_an_edited_file_is_read_anew(write):
    write(OP)
    first = load("models.op")
    write(changed("10.0", "20.0"))
    assert (first["tau"], load("models.op")["tau"]) == (10.0, 20.0)


def test_a_reference_is_looked_up_in_its_file_then_beside_it_then_from_the_roots(write):
    write(OP, "lib/ops.yaml")
    write("plain: {base: child}\nchild: {base: ops.op}\n", "lib/nodes.yaml")
    write("far: {base: lib.nodes.plain}\n", "top.yaml")
    assert load("lib.nodes.plain").equations == load("top.far").equations
    write("n: {base: NodeTemplate, operators: [../ops/op]}\n", "lib/deep/x.yaml")
    assert load("lib.deep.x.n")["op"]["tau"] == 10.0
    write("c: {base: model_templates.neural_mass_models.wilsoncowan.rate_op}\n", "lib/y.yaml")
    assert load("lib.y.c")["tau"] == 10.0


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("models.opp", "no template 'opp' in models.yaml. Did you mean 'op'"),
        ("model.op", "no file model.yaml in .* Did you mean 'models'"),
        ("op", "put its file in front, as in"),
        ("models.yaml", "names a file; add the template, as in 'models.yaml/WC'"),
        ("models/models.yaml", "names a file; add the template"),
        ("models..op", "a part of the name is empty"),
        ("..models.op", "a part of the name is empty"),
        ("../models/op", "'..' may not do that"),
        ("a/../../models/op", "'..' may not do that"),
        ("", "names no template"),
        ("a\0b.c", "names no template"),
        (None, "names no template"),
        (5, "names no template"),
        ("a" * 5000 + ".op", "no file a"),
    ],
)
def test_a_wrong_name_says_where_the_search_stopped(write, path, words):
    write(OP)
    with pytest.raises(PathError, match=words):
        load(path)


def test_a_file_may_not_leave_the_roots_nor_name_absolute_paths(write):
    write(OP, "outside.yaml")
    write("n: {base: ../../outside/op}\n", "a/b.yaml")
    with pytest.raises(PathError, match=r"b.yaml, line 1, .* '\.\.' may not do that"):
        load("a.b.n")
    write("n: {base: /etc/passwd/op}\n")
    with pytest.raises(PathError, match="may not refer to an absolute path"):
        load("models.n")


def test_loading_a_template_imports_and_runs_nothing(write):
    write("raise SystemExit", "models.py")
    write("raise SystemExit", "models/__init__.py")
    write(OP, "models.yaml")
    assert load("models.op").name == "op"


@pytest.mark.parametrize("kind", [Circuit, NodeTemplate, EdgeTemplate])
def test_a_template_of_another_kind_is_a_type_error(write, kind):
    write(OP)
    with pytest.raises(TemplateTypeError, match=r"'models.op' is an OperatorTemplate, not a"):
        load("models.op", kind)


# --- YAML ---


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 1e-3), ("10e-3", 0.01), ("-.5", -0.5), ("+3", 3.0), ("1E5", 1e5), ("010", 10.0),
     ("'1e-1'", 0.1), ('"2"', 2.0), ("7.", 7.0)],
)  # fmt: skip
def test_numbers_are_those_of_yaml_1_2(write, text, value):
    write(changed("10.0", text))
    assert load("models.op")["tau"] == value


@pytest.mark.parametrize("word", ["on", "off", "yes", "no", "y", "n"])
def test_words_that_older_yaml_reads_as_true_and_false_are_names(write, word):
    write(OP.replace("tau", word))
    assert load("models.op")[word] == 10.0


def test_aliases_are_plain_yaml_and_unused_keys_are_ignored(write):
    write("aliases:\n  - &time 5.0\nnotes: [1, {a: b}]\n" + changed("10.0", "*time"))
    assert load("models.op")["tau"] == 5.0


def test_a_byte_order_mark_and_windows_line_ends_are_read(write):
    write(b"\xef\xbb\xbf" + OP.replace("\n", "\r\n").encode())
    assert load("models.op")["tau"] == 10.0


BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{chr(98 + k)}: &{chr(98 + k)} [{', '.join(['*' + chr(97 + k)] * 10)}]\n" for k in range(12)
)
HOSTILE = {
    "empty": ("", "no template 'op' in models.yaml"),
    "comment": ("# nothing\n", "no template 'op'"),
    "list": ("- a\n- b\n", "a template file maps names to templates"),
    "word": ("hello\n", "a template file maps names to templates"),
    "no mapping": ("op: 5\n", "line 1, 'op' is no template: it needs 'base: OperatorTemplate'"),
    "duplicate": (OP + "op: {}\n", "line 8: the key 'op' is given twice"),
    "inner duplicate": (changed("u: input", "tau: 1"), "line 7: the key 'tau' is given twice"),
    "tab": (changed("    u:", "\tu:"), "line 6: .*indent with spaces, not tabs"),
    "nul": (OP + "\0", "control characters are not allowed"),
    "utf-16": (OP.encode("utf-16"), "not text in UTF-8; save the file"),
    "latin-1": (b"# \xe9\n", "line 1: not text in UTF-8"),
    "binary": (bytes(range(256)) * 50, "not text in UTF-8"),
    "python tag": ("op: !!python/object/apply:os.system ['ls']", "line 1: the tag .* not allowed"),
    "own tag": ("op: !run {}", "the tag '!run' is not allowed"),
    "recursion": ("op: &a [*a]", "an alias contains itself"),
    "recursive map": ("op: &a {base: *a}", "an alias contains itself"),
    "bomb": (BOMB + OP, "aliases expand to more than 1,000,000 values"),
    "deep list": ("op: " + "[" * 10**5, "nest"),
    "deep map": ("op: " + "{a: " * 10**5, "nest"),
    "deep block": ("".join(" " * k + "a:\n" for k in range(1500)), "nest"),
    "deep enough": ("a: " + "[" * 70 + "]" * 70 + "\n", "nested deeper than 60 levels"),
    "list as key": ("{[a]: b}", "a key must be a plain word"),
    "merge": ("x: &x {a: 1}\nop:\n  <<: *x\n", "line 3: '<<' is not part of YAML 1.2"),
    "two documents": (OP + "---\n" + OP, "a file holds one document"),
    "no anchor": ("op: *nothing", "line 1: not valid YAML: found undefined alias"),
    "no space": (changed("tau: 10.0", "tau:10.0"), "a space after the colon"),
    "colon": (changed('"r\' = (-r + u)/tau"', "r' = a: b"), "put text that holds ': ' in quotes"),
    "indent": (changed("    u:", "   u:"), "indent all entries of one level"),
    "quote": (changed('/tau"', "/tau"), "is not closed"),
    "large": ("# " + "a" * 5_000_001, "larger than 5,000,000 bytes"),
    "long equation": (changed("+ u", "+ u" * 400_000), "line 3, .* is too long"),
    "long number": (changed("10.0", "9" * 10**5), "line 7, .* is not a finite number"),
    "long word": (changed("input", '"input' + " " * 10**6 + '!"'), "Did you mean 'input'"),
    "chain": (
        "".join(f"b{k}: {{base: b{k + 1}}}\n" for k in range(5000)) + "op: {base: b0}\n",
        "is built on more than 100 others",
    ),
    "circle": ("op: {base: a}\na: {base: op}\n", "template op is built on itself"),
    "own base": ("op: {base: op}\n", "template op is built on itself"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_that_is_no_template_file_is_refused_quickly_and_by_name(write, case):
    text, words = HOSTILE[case]
    write(text)
    start = time.perf_counter()
    with pytest.raises(WclabError, match=words) as caught:
        load("models.op")
    assert "models.yaml" in str(caught.value)
    assert len(str(caught.value)) < 500
    assert time.perf_counter() - start < 2.0  # 0.05 s is usual


def test_circuits_that_double_at_every_level_are_refused(write):
    doubling = "".join(
        f"c{k}: {{base: CircuitTemplate, circuits: {{a: c{k - 1}, b: c{k - 1}}}}}\n"
        for k in range(1, 60)
    )
    write(OP + "n: {base: NodeTemplate, operators: [op]}\n"
          "c0: {base: CircuitTemplate, nodes: {n: n}}\n" + doubling)  # fmt: skip
    with pytest.raises(TemplateError, match="has more than 1,000,000 nodes"):
        load("models.c59")


# --- what a newcomer gets wrong in an operator ---

MISTAKES = [
    ("base: OperatorTemplate", "base: OperatorTemplat", "line 2, .*mean 'OperatorTemplate'"),
    ("equations:", "equation:", "line 3, .*has no key 'equation'. Did you mean 'equations'"),
    ("  variables:", "  variable:", "line 4, .*has no key 'variable'. Did you mean 'variables'"),
    ("    tau: 10.0\n", "", "line 3, operator op: 'tau' is not declared under variables"),
    ("tau: 10.0", "Tau: 10.0", "Did you mean 'Tau'"),
    ("tau: 10.0", "t\u0430u: 10.0", "is CYRILLIC SMALL LETTER A|Did you mean 't\u0430u'"),
    ("tau: 10.0", "\u00b5: 1\n    tau: 10.0", "line 7, .*declare it as '\u03bc'"),
    ("tau: 10.0", "tau: 10.0 ms", "line 7, .*write it like 10.0 or 1e-3, without a unit"),
    ("tau: 10.0", "tau: 10,0", "without a unit, a comma or a formula"),
    ("tau: 10.0", "tau: 1/10", "without a unit, a comma or a formula"),
    ("tau: 10.0", "tau:", "line 7, .*None is not a number; write one after the colon"),
    ("tau: 10.0", "tau: true", "True is not a number"),
    ("tau: 10.0", "tau: .inf", "inf is not a finite number"),
    ("tau: 10.0", "tau: nan", "'nan' is not a finite number"),
    ("tau: 10.0", "tau: [1, 2]", r"\[1, 2\] is not a number"),
    ("tau: 10.0", "tau: 1+2j", "complex numbers are not supported"),
    ("output(0.1)", "outptu(0.1)", "line 5, .*Did you mean 'output'"),
    ("output(0.1)", "output(complex)", "complex numbers are not supported"),
    ("u: input", "u: Input", "Did you mean 'input'"),
    ("u: input", "u: input(1", "Did you mean 'input'"),
    ("u: input", "u: input(abc)", "'abc' is not a number"),
    ("u: input", "u: output", "more than one output \\(r, u\\); declare the others as variable"),
    ("u: input", "u: input\n    m: variable", "variable m has no equation; add one"),
    ("u: input", "u: {vtype: inputt}", "unknown vtype 'inputt'. Did you mean 'input'"),
    ("u: input", "u: {typ: input}", "unknown key 'typ'"),
    ("r: output(0.1)", "r: input", "input r cannot be set by an equation"),
    ("u: input", "u: input\n    t: 1.0", "'t' is time; choose another name"),
    ("u: input", "u: input\n    a b: 1.0", "not a variable's name"),
    ("\"r' = (-r + u)/tau\"", "5", "equations are text or a list of texts, not 5"),
    ("\"r' = (-r + u)/tau\"", "[5]", "an equation is text, not 5"),
    ("\"r' = (-r + u)/tau\"", "", "equations are text or a list of texts, not None"),
    ("\"r' = (-r + u)/tau\"", "[\"r' = u\", \"r' = tau\"]", "r has two equations; remove one"),
    ("\"r' = (-r + u)/tau\"", "\"r'' = u/tau\"", "line 3, .*write two first-order equations"),
    ("(-r + u)/tau", "(-r + u/tau", "line 3, operator op: cannot be read"),
    ("(-r + u)/tau", "a.b", "line 3, operator op: attribute access is not allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), MISTAKES, ids=[m[2][:40] for m in MISTAKES])
def test_a_newcomers_mistake_in_an_operator_gets_place_and_remedy(write, old, new, words):
    write(changed(old, new))
    with pytest.raises(WclabError, match=words) as caught:
        load("models.op")
    assert str(caught.value).startswith("models.yaml, line ")


# --- declarations ---


@pytest.mark.parametrize(
    ("declaration", "kind", "value"),
    [
        (5, "constant", 5.0),
        ("1e-1", "constant", 0.1),
        ("input", "input", 0.0),
        ("input(2.5)", "input", 2.5),
        ("output", "output", 0.0),
        ("output( -1e-3 )", "output", -0.001),
        ("variable(0.5)", "variable", 0.5),
        ("variable(float)", "variable", 0.0),
        ({"vtype": "input", "dtype": "float64", "shape": (1,), "value": 3.0}, "input", 3.0),
        ({"vtype": "state_var", "value": 2}, "variable", 2.0),
        ({"default": "output(4)"}, "output", 4.0),
        ({"value": 4}, "constant", 4.0),
    ],
)
def test_a_declaration_is_a_kind_and_a_number(declaration, kind, value):
    assert Variable.declare(declaration) == Variable(kind, value)


def test_an_operator_shows_its_values_and_lists_what_it_has():
    leak = op("r' = (u - r)/tau", r="output(0.5)", u="input", tau=10)
    assert (leak["tau"], leak["r"], leak["u"]) == (10.0, "output(0.5)", "input(0.0)")
    with pytest.raises(
        PathError, match=r"operator 'op' has no variable 'tauu'. Did you mean 'tau'"
    ):
        leak["tauu"]


def test_with_values_gives_another_operator():
    leak = op("r' = (u - r)/tau", r="output", u="input", tau=10)
    other = leak.with_values({"tau": 5, "r": 0.25, "u": "input(3)"})
    assert (leak["tau"], leak["r"]) == (10.0, "output(0.0)")
    assert (other["tau"], other["r"], other["u"]) == (5.0, "output(0.25)", "input(3.0)")
    with pytest.raises(PathError, match="no variable 'k'"):
        leak.with_values({"k": 1})
    with pytest.raises(TemplateError, match="operator op, variable tau: 'x' is neither"):
        leak.with_values({"tau": "x"})


def test_equations_may_come_in_any_order():
    forward = op(["m = 2*u", "r' = m"], m="variable", r="output", u="input")
    backward = op(["r' = m", "m = 2*u"], m="variable", r="output", u="input")
    assert {e.target for e in forward.parsed} == {e.target for e in backward.parsed}


def test_pi_and_t_need_no_declaration_but_pi_may_be_declared():
    assert op("r' = pi*t", r="output").name == "op"
    assert op("r' = pi", r="output", pi=3.0)["pi"] == 3.0
    with pytest.raises(EquationError, match="'q' is not declared"):
        op("r' = q", r="output")
