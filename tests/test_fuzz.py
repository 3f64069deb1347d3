"""Whatever text or data is read, the answer is a template or an error of ours, and soon.

The cases are the same in every run (`derandomize`). ``WCLAB_FUZZ=100 pytest tests/test_fuzz.py``
tries 100 times as many, others in every run, keeps what fails in ``.hypothesis/fuzz`` to try it
first the next time, and holds what each case needs of memory below 500 MB.
"""

import itertools
import os
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase

from wclab.equations import (
    FUNCTIONS,
    Equation,
    derivative,
    names,
    parse_equation,
    to_code,
    to_latex,
)
from wclab.errors import WclabError
from wclab.model import Model
from wclab.network import build_network
from wclab.templates import Circuit, NodeTemplate, OperatorTemplate, Variable, load

FUZZ = int(os.environ.get("WCLAB_FUZZ", "0"))
MEMORY = 500_000  # kB that a case may need
COUNTER = itertools.count()
FOLDER = Path(tempfile.mkdtemp())


def bounded(examples):
    """Settings of every test here: a second for each case at most, the same cases or many more."""
    return settings(
        max_examples=examples * (FUZZ or 1),
        derandomize=not FUZZ,
        database=DirectoryBasedExampleDatabase(".hypothesis/fuzz") if FUZZ else None,
        deadline=timedelta(seconds=1),
        suppress_health_check=list(HealthCheck),
    )


def in_memory(name):
    """Return what Linux says of the memory of this process, in kB: VmRSS now, VmHWM the most."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{name}:")[2].split()[0])


@contextmanager
def little_memory():
    """Hold what happens inside below MEMORY; Hypothesis itself remembers every case it tried."""
    if not FUZZ or not Path("/proc/self/clear_refs").exists():
        yield
        return
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # from now on, the most
    before = in_memory("VmRSS")
    try:
        yield
    finally:
        assert in_memory("VmHWM") - before < MEMORY, "a case that needs too much memory"


@contextmanager
def only_our_errors():
    """Let nothing pass but errors of wclab's, with a message that can be read."""
    try:
        with little_memory():
            yield
    except WclabError as error:
        if not 0 < len(str(error)) < 3000:
            raise AssertionError("a message of that length helps nobody") from error


# --- equations ---

WORDS_OF_EQUATIONS = r"""
    x y tau r' x'' = = + - * / ** ^ ( ) ( ) , . 1 2.5 1e-3 1e999 9 j 2j exp( sigmoid( where( max(
    past( x(t-1) t pi # == < >= != : ; [ ] { } ' " \ @ & | ~ ! $ % lambda if else for in and or not
    None True __import__( .__class__ f'{x}' := -> dx/dt d/dt conj( real( *x **x"""
ODD = [*" \n\t\0\f\r", *"\ufeff\u2028\ud800\u00b5\u2212\u00b2\u0430\u2019\u00b7"]
TOKENS = st.sampled_from([*WORDS_OF_EQUATIONS.split(), *ODD])


def check_equation(text):
    with only_our_errors():
        equation = parse_equation(text)
        assert isinstance(equation, Equation)
        assert to_latex(equation.tree)
        compile(to_code(equation.tree), "code", "eval")
        if "past" in repr(equation.tree):  # the network lifts it out before a derivative
            return
        for name in set(names(equation.tree)):
            compile(to_code(derivative(equation.tree, name)), "code", "eval")


@bounded(300)
@given(st.text(max_size=200))
def test_any_text_as_an_equation(text):
    check_equation(text)


@bounded(300)
@given(st.text(max_size=200))
def test_any_text_as_a_right_side(text):
    check_equation("x = " + text)


@bounded(600)
@given(st.lists(TOKENS, max_size=25), st.booleans())
def test_any_words_of_the_language_as_an_equation(tokens, complete):
    check_equation(("x' = " if complete else "") + "".join(tokens))


def expressions():
    """Return right sides by the language's own grammar."""
    leaf = st.sampled_from(["x", "y", "k", "1", "2.5", "0", "1e-3", "t", "pi", "1e300"])
    unary = st.sampled_from([name for name, f in FUNCTIONS.items() if f.arity == 1])
    operator = st.sampled_from(["+", "-", "*", "/", "**", "^", " > ", " == "])
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(inner, operator, inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})"),
            st.tuples(unary, inner).map(lambda t: f"{t[0]}({t[1]})"),
            inner.map(lambda a: f"-{a}"),
            st.tuples(inner, inner, inner).map(lambda t: f"where({', '.join(t)})"),
            st.tuples(inner, inner).map(lambda t: f"max({t[0]}, {t[1]})"),
        ),
        max_leaves=12,
    )


@bounded(250)
@given(expressions(), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_any_sound_equation_becomes_a_model_that_computes(right, x, y):
    op = OperatorTemplate(
        "op", [f"x' = {right}", "y' = x - y"], {"x": "output", "y": "variable", "k": 0.5}
    )
    circuit = Circuit("c", {"n": NodeTemplate("n", op)}, {}, ())
    for grouped in (False, True):
        model = Model(build_network(circuit, grouped=grouped))
        with only_our_errors():  # a term of constants may have no value
            assert model.rhs(0.3, [x, y]).shape == (2,)
            assert model.jacobian([x, y], 0.3).shape == (2, 2)


# --- files ---

GOOD = """\
op:
  base: OperatorTemplate
  equations: "r' = (-r + u)/tau"
  variables: {r: output(0.1), u: input, tau: 10.0}
n:
  base: NodeTemplate
  operators: [op]
ed: {base: EdgeTemplate, operators: {op: {tau: 5}}}
WC:
  base: CircuitTemplate
  nodes: {e: n, i: n}
  edges:
    - [e/op/r, i/op/u, ed, {weight: 2.0, delay: 1.0, spread: 0.5}]
"""


def load_all(content, *template_names):
    path = FOLDER / f"f{next(COUNTER) % 50}.yaml"
    path.write_bytes(content)
    for name in template_names:
        with only_our_errors():
            record = load(f"{path.with_suffix('')}/{name}")
            if isinstance(record, Circuit):
                build_network(record)


@bounded(200)
@given(st.binary(max_size=300))
def test_any_bytes_as_a_file(content):
    load_all(content, "WC")


@bounded(200)
@given(st.text(alphabet="WC:- [],{}&*!|>'\"#\n\t?%@ab1.0~<", max_size=120))
def test_any_yaml_like_text_as_a_file(text):
    load_all(text.encode(), "WC")


@bounded(250)
@given(st.data())
def test_any_damage_to_a_good_file(data):
    text = GOOD
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        stop = min(len(text), start + data.draw(st.integers(0, 12)))
        piece = data.draw(st.one_of(st.text(max_size=6), TOKENS, st.sampled_from(GOOD.split())))
        text = text[:start] + piece + text[stop:]
    load_all(text.encode("utf-8", "replace"), "WC", "n", "ed", "op")


KEYS_OF_FILES = """
    base description equations variables operators nodes circuits edges replace remove append
    prepend add op n ed WC weight delay spread source target template r u tau vtype value"""
VALUES_OF_FILES = """
    OperatorTemplate NodeTemplate EdgeTemplate CircuitTemplate e/op/r i/op/u r'=u m=r output
    input(1) variable a.b.c ../x/y /etc/passwd x(t-d)"""
KEYS = st.sampled_from(KEYS_OF_FILES.split())
WORDS = st.one_of(KEYS, st.sampled_from(VALUES_OF_FILES.split()))
SCALARS = st.one_of(
    WORDS, st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(KEYS, WORDS), inner, max_size=4)
    ),
    max_leaves=15,
)
ROOTS = st.sampled_from(
    ["OperatorTemplate", "NodeTemplate", "EdgeTemplate", "CircuitTemplate", "op", "n", "ed", "WC"]
)
ENTRY = st.fixed_dictionaries(
    {"base": ROOTS},
    optional={
        "equations": DATA, "variables": DATA, "operators": DATA, "nodes": DATA,
        "circuits": DATA, "edges": DATA, "description": DATA,
    },
)  # fmt: skip


@bounded(120)
@given(st.one_of(DATA, st.dictionaries(st.sampled_from(["op", "n", "ed", "WC", "x"]), ENTRY)))
def test_any_nested_data_as_a_file(data):
    load_all(yaml.safe_dump(data).encode("utf-8", "replace"), "WC", "op", "n", "ed", "x")


@bounded(150)
@given(ENTRY)
def test_any_entry_on_top_of_a_good_file(entry):
    load_all((GOOD + yaml.safe_dump({"x": entry})).encode("utf-8", "replace"), "x")


# --- templates made in Python ---


@bounded(300)
@given(DATA, DATA)
def test_any_data_as_an_operator(equations, variables):
    with only_our_errors():
        OperatorTemplate("op", equations, variables)


@bounded(300)
@given(st.one_of(DATA, st.binary(), st.complex_numbers(), st.decimals(), st.dates()))
def test_any_value_as_a_declaration(value):
    with only_our_errors():
        assert isinstance(Variable.declare(value), Variable)


@bounded(120)
@given(
    st.dictionaries(st.one_of(WORDS, st.text(max_size=9), st.integers()), DATA, max_size=2), DATA
)
def test_any_data_as_other_values_of_a_circuit(node_vars, edge_vars):
    wc = load("model_templates.neural_mass_models.wilsoncowan.WC_stp")
    with only_our_errors():
        assert isinstance(wc.with_vars(node_vars), Circuit)
        assert isinstance(wc.with_vars({}, [("e/rate_op/r", "e/se_op/r_in", edge_vars)]), Circuit)


@pytest.fixture(scope="module", autouse=True)
def _clean():
    yield
    for file in FOLDER.glob("*"):
        file.unlink()
    FOLDER.rmdir()
