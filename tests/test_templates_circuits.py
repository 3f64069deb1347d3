"""Templates, second half: nodes, edges, circuits, and circuits with other values."""

import numpy as np
import pytest

from wclab.errors import OptionError, PathError, TemplateError, TemplateTypeError, WclabError
from wclab.model import Model
from wclab.network import build_network
from wclab.templates import (
    Circuit,
    Edge,
    EdgeTemplate,
    NodeTemplate,
    OperatorTemplate,
    load,
    make_edge,
    read_edge,
)

FILE = """\
op:
  base: OperatorTemplate
  equations: "r' = (-r + u)/tau"
  variables: {r: output(0.1), u: input, tau: 10.0}
gate:
  base: OperatorTemplate
  equations: ["out = x_in*g", "g' = -g + h"]
  variables: {x_in: input, out: output, g: variable(0.5), h: 0.0}
n:
  base: NodeTemplate
  description: a population
  operators: [op]
ed:
  base: EdgeTemplate
  operators: [gate]
pair:
  base: CircuitTemplate
  nodes:
    e: n
    i: n
  edges:
    - [e/op/r, i/op/u, null, {weight: 2.0}]
"""
EDGE = "    - [e/op/r, i/op/u, null, {weight: 2.0}]"


@pytest.fixture
def made(write):
    """Return a function that loads a template of FILE after some text was exchanged or added."""

    def load_from(*pairs, add="", name="pair"):
        text = FILE
        for old, new in pairs:
            assert text.count(old) == 1
            text = text.replace(old, new)
        write(text + add)
        return load(f"models.{name}")

    return load_from


def rhs(circuit, y):
    model = Model(build_network(circuit))
    return dict(zip(model.states, model.rhs(0.0, y).tolist(), strict=True))


# --- nodes ---


@pytest.mark.parametrize(
    "operators",
    ["op", "[op]", "{op: {tau: 5.0}}", "{op: {variables: {tau: 5.0}}}", "[{op: {tau: 5.0}}]",
     "{op: null}", "{op: {}}"],
)  # fmt: skip
def test_operators_of_a_node_are_a_name_a_list_or_names_with_values(made, operators):
    node = made(("  operators: [op]\n", f"  operators: {operators}\n"), name="n")
    assert node["op"]["tau"] == (5.0 if "tau" in operators else 10.0)


def test_values_of_one_node_do_not_reach_another(made):
    circuit = made(add="n2:\n  base: NodeTemplate\n  operators: {op: {tau: 5.0}}\n")
    assert load("models.n2")["op"]["tau"] == 5.0
    assert circuit.nodes["e"]["op"]["tau"] == 10.0


def test_a_child_node_replaces_the_set_of_operators_or_keeps_it(made):
    made(add="same: {base: n}\nother: {base: n, operators: gate}\n")
    same, other = load("models.same"), load("models.other")
    assert ([op.name for op in same.operators], same.description) == (["op"], "a population")
    assert [op.name for op in other.operators] == ["gate"]


def test_a_path_says_the_name_of_the_template_and_not_of_its_base(made):
    made(
        add="child: {base: op, variables: {tau: 2.0}}\nm: {base: NodeTemplate, operators: child}\n"
    )
    assert [op.name for op in load("models.m").operators] == ["child"]


@pytest.mark.parametrize(
    ("operators", "words"),
    [
        ("[opp]", "line 12, no template 'opp' in models.yaml. Did you mean 'op'"),
        ("[op, op]", "line 12, operator op is listed twice"),
        ("{op: {taau: 1}}", "line 12, operator 'op' has no variable 'taau'. Did you mean 'tau'"),
        ("{op: {tau: abc}}", "line 12, operator op, variable tau: 'abc' is neither a number"),
        ("{op: 5}", "line 12, op: values must be a mapping"),
        ("[]", "line 9, node n has no operators"),
        ("", "line 9, node n has no operators"),
        ("[ed]", "line 12, 'ed' is an EdgeTemplate, not an OperatorTemplate"),
        ("[5]", "line 9, 5 names no template"),
    ],
)
def test_a_newcomers_mistake_in_a_node_gets_place_and_remedy(made, operators, words):
    with pytest.raises(WclabError, match=words):
        made(("  operators: [op]\n", f"  operators: {operators}\n"))


def test_two_operators_of_one_name_are_refused(made, write):
    write(FILE, "other.yaml")
    with pytest.raises(TemplateError, match=r"line 9, node n: two operators are named 'op'"):
        made(("  operators: [op]\n", "  operators: [op, other.op]\n"))


def test_nodes_made_in_python_take_templates_names_and_values(write):
    write(FILE)
    op = load("models.op")
    for operators in ([op], op, "models.op", {op: {"tau": 4}}, {"models.op": {"tau": 4}}):
        node = NodeTemplate("n", operators)
        assert node["op"]["tau"] in (4.0, 10.0)
    with pytest.raises(TemplateTypeError, match="5 is not an OperatorTemplate"):
        NodeTemplate("n", [5])
    with pytest.raises(PathError, match=r"node 'n' has no operator 'opp'. Did you mean 'op'"):
        NodeTemplate("n", op)["opp"]


# --- edges ---


@pytest.mark.parametrize(
    ("entry", "weight"),
    [
        ("[e/op/r, i/op/u]", 1.0),
        ("[e/op/r, i/op/u, null]", 1.0),
        ("[e/op/r, i/op/u, {weight: 3.0}]", 3.0),
        ("[e/op/r, i/op/u, null, {weight: '3e0'}]", 3.0),
        ("[e/op/r, i/op/u, null, {weight: 3.0, delay: null, spread: null}]", 3.0),
        ("{source: e/op/r, target: i/op/u}", 1.0),
        ("{source: e/op/r, target: i/op/u, template: null, variables: {weight: 3.0}}", 3.0),
        ("{source: e/op/r, target: i/op/u, weight: 3.0}", 3.0),
    ],
)
def test_an_edge_is_a_list_or_a_dict_and_its_weight_is_1_by_default(made, entry, weight):
    circuit = made((EDGE, f"    - {entry}"))
    assert read_edge(circuit.edges[0]).weight == weight
    expected = (-0.3 + weight * 0.2) / 10
    assert rhs(circuit, [0.2, 0.3])["i/op/r"] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("[e/op/r, i/op/uu]", "line 22, 'i/op/uu' names no variable: .* Did you mean 'u'"),
        ("[e/op/r, x/op/u]", "line 22, 'x/op/u' names no variable: .* no node 'x'. Known: e, i"),
        ("[e/op/r, i/oop/u]", "line 22, .* node 'i' has no operator 'oop'. Did you mean 'op'"),
        ("[e/op/r, i/u]", "line 22, 'i/u' names no variable: a path is 'node/operator/variable'"),
        ("[5, i/op/u]", "5 names no variable"),
        ("[e/op/r]", r"line 16, an edge is \[source, target, template or null"),
        ("[e/op/r, i/op/u, null, {}, 1]", r"an edge is \[source, target"),
        ("e/op/r -> i/op/u", r"an edge is \[source, target"),
        ("[e/op/r, i/op/u, 2.0]", r"line 22, .*write the weight as \{weight: 2.0\}"),
        ("[e/op/r, i/op/u, null, 2.0]", r"line 22, .*as in \{weight: 2.0\}, not 2.0"),
        (
            "[e/op/r, i/op/u, {wieght: 2}]",
            "line 22, .*no attribute 'wieght'. Did you mean 'weight'",
        ),
        ("[e/op/r, i/op/u, {weight: big}]", "line 22, .*weight: 'big' is not a number"),
        ("[e/op/r, i/op/u, {weight: null}]", "line 22, .*weight: None is not a number"),
        ("[e/op/r, i/op/u, {weight: .inf}]", "line 22, .*weight: inf is not a finite number"),
        ("[e/op/r, i/op/u, {delay: -1}]", "line 22, .*delay and spread cannot be negative"),
        ("[e/op/r, i/op/u, {spread: 1}]", "line 22, .*spread needs a delay above 0"),
        ("[e/op/r, i/op/u, {op/tau: 1}]", "line 22, .*no attribute 'op/tau'. Known: weight, delay"),
        ("[e/op/r, i/op/u, edd]", "line 22, no template 'edd' in models.yaml. Did you mean 'ed'"),
        ("[e/op/r, i/op/u, n]", "line 22, 'n' is a NodeTemplate, not an EdgeTemplate"),
        ("[e/op/r, i/op/u, ed, {gate/hh: 1}]", "no attribute 'gate/hh'. Did you mean 'gate/h'"),
        ("[e/op/r, i/op/u, ed, {gate/x_in: x/op/r}]", "0 unfed inputs|no node 'x'"),
        ("{sorce: e/op/r, target: i/op/u}", "an edge needs 'source'"),
    ],
)
def test_a_newcomers_mistake_in_an_edge_gets_place_and_remedy(made, entry, words):
    with pytest.raises(WclabError, match=words) as caught:
        made((EDGE, f"    - {entry}"))
    assert str(caught.value).startswith("models.yaml, line ")


def test_attributes_of_an_edge_template_give_numbers_and_sources(made):
    entry = "[e/op/r, i/op/u, ed, {weight: 3.0, ed/gate/h: 7.0, gate/x_in: source}]"
    parts = read_edge(made((EDGE, f"    - {entry}")).edges[0])
    assert (parts.weight, parts.template["gate"]["h"]) == (3.0, 7.0)
    assert parts.sources == {"gate/x_in": "e/op/r"}


# --- circuits ---


def test_a_child_circuit_updates_nodes_and_appends_edges(made):
    child = "child:\n  base: pair\n  nodes: {i: m, x: n}\n  edges:\n    - [i/op/r, x/op/u]\n"
    made(add="m:\n  base: NodeTemplate\n  operators: {op: {tau: 5.0}}\n" + child)
    found = load("models.child")
    assert list(found.nodes) == ["e", "i", "x"]
    assert [found.nodes[k]["op"]["tau"] for k in "eix"] == [10.0, 5.0, 10.0]
    assert [edge.ends() for edge in found.edges] == [("e/op/r", "i/op/u"), ("i/op/r", "x/op/u")]
    assert list(load("models.pair").nodes) == ["e", "i"]


NEST = """\
two:
  base: CircuitTemplate
  circuits: {c1: pair, c2: pair}
  edges:
    - [c1/e/op/r, c2/e/op/u, null, {weight: 5.0}]
top:
  base: CircuitTemplate
  circuits: {t: two}
"""


def test_nested_circuits_have_full_paths(made):
    top = made(add=NEST, name="top")
    assert list(top.flat_nodes) == ["t/c1/e", "t/c1/i", "t/c2/e", "t/c2/i"]
    assert [edge.ends() for edge in top.flat_edges] == [
        ("t/c1/e/op/r", "t/c1/i/op/u"),
        ("t/c2/e/op/r", "t/c2/i/op/u"),
        ("t/c1/e/op/r", "t/c2/e/op/u"),
    ]


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (("    i: n", "    i: nn"), "line 20, no template 'nn' in models.yaml. Did you mean 'n'"),
        (("    i: n", "    i: op"), "line 20, 'op' is an OperatorTemplate, not a NodeTemplate"),
        (("    i: n", "    i:"), "line 20, .*i needs the name of a template, not None"),
        (("    i: n", "    i: {base: n}"), "line 20, .*i needs the name of a template, not {"),
        (("    i: n", "    all: n"), "line 16, circuit pair: 'all' cannot name a node"),
        (("    i: n", "    e->i: n"), "'e->i' cannot name a node"),
        (("    i: n", "    a/b: n"), "'a/b' cannot name a node: give text without '/'"),
        (("    e: n\n    i: n", "    [n, n]"), "line 16, .*nodes must map names to templates"),
        (("  edges:\n" + EDGE, "  edges: {a: b}"), "line 16, .*edges must be a list"),
        (("  edges:", "  edge:"), "has no key 'edge'. Did you mean 'edges'"),
        (
            ("  edges:", "  circuits: {c: two}\n  edges:"),
            "a level holds nodes or circuits, not both",
        ),
    ],
)
def test_a_newcomers_mistake_in_a_circuit_gets_place_and_remedy(made, pair, words):
    add = "two:\n  base: CircuitTemplate\n  nodes: {e: n}\n"
    with pytest.raises(WclabError, match=words) as caught:
        made(pair, add=add)
    assert str(caught.value).startswith("models.yaml, line ")


# --- addresses ---


def test_all_stands_for_every_node_that_has_the_variable(made):
    top = made(add=NEST, name="top")
    assert [str(p) for p in top.locate_all("t/c1/all/op/r")] == ["t/c1/e/op/r", "t/c1/i/op/r"]
    assert len(top.locate_all("all/op/r")) == 4
    assert len(top.locate_all("t/all/e/op/r")) == 2
    assert [str(p) for p in top.locate_all("t/c1/e/op/r")] == ["t/c1/e/op/r"]
    with pytest.raises(PathError, match=r"no node has 'op/rr'. Did you mean 'op/r'"):
        top.locate_all("all/op/rr")


# --- other values ---


def test_with_vars_gives_another_circuit_and_leaves_the_first(made):
    pair = made()
    other = pair.with_vars(
        {"e/op/tau": 5.0, "all/op/r": [1.0, 2.0]}, [("e/op/r", "i/op/u", {"weight": 7.0})]
    )
    assert (pair.nodes["e"]["op"]["tau"], pair.edges[0].attributes["weight"]) == (10.0, 2.0)
    assert other.nodes["e"]["op"]["tau"] == 5.0
    assert [other.nodes[k]["op"]["r"] for k in "ei"] == ["output(1.0)", "output(2.0)"]
    assert other.edges[0].attributes["weight"] == 7.0


def test_with_vars_reaches_into_nested_circuits(made):
    top = made(add=NEST, name="top")
    other = top.with_vars(
        {"t/c2/i/op/tau": 3.0},
        [
            ("t/c1/e/op/r", "t/c1/i/op/u", {"weight": 8.0}),
            ("t/c1/e/op/r", "t/c2/e/op/u", {"delay": 1}),
        ],
    )
    taus = [node["op"]["tau"] for node in other.flat_nodes.values()]
    assert taus == [10.0, 10.0, 10.0, 3.0]
    found = [dict(edge.attributes) for edge in other.flat_edges]
    assert found == [{"weight": 8.0}, {"weight": 2.0}, {"weight": 5.0, "delay": 1}]


@pytest.mark.parametrize(
    ("node_vars", "edge_vars", "words"),
    [
        ({"e/op/tauu": 1}, (), "has no variable 'tauu'. Did you mean 'tau'"),
        ({"e/op": 1}, (), "a path is 'node/operator/variable'"),
        ({"all/op/tau": [1, 2, 3]}, (), r"stands for 2 variable\(s\), but got 3 values"),
        ({"e/op/tau": "x"}, (), "'x' is neither a number"),
        ({"e/op/tau": np.nan}, (), "nan is not a finite number"),
        ({}, [("e/op/r", "e/op/u", {})], "no edge leads from 'e/op/r' to 'e/op/u'. Did you mean"),
        ({}, [("e/op/r", "i/op/u")], r"edge_vars takes \(source, target"),
        ({}, [("e/op/r", "i/op/u", {"wight": 1})], "no attribute 'wight'. Did you mean 'weight'"),
        ({}, [("e/op/r", "i/op/u", 5)], "an edge's attributes are a dict"),
        ({}, [("e/op/r", "i/op/u", {}, 1)], "edge number 1: there are 1 edges"),
        ({}, [(5, "i/op/u", {})], "5 names no variable"),
    ],
)
def test_with_vars_refuses_what_does_not_exist(made, node_vars, edge_vars, words):
    with pytest.raises(WclabError, match=words):
        made().with_vars(node_vars, edge_vars)


def test_what_an_algebraic_equation_sets_has_no_value_to_change():
    wc = load("model_templates.neural_mass_models.wilsoncowan.WC")
    with pytest.raises(OptionError, match=r"'e/se_op/m' is set by its equation \(m = sigmoid"):
        wc.with_vars({"e/se_op/m": 1.0})


def test_an_edge_into_what_an_equation_sets_is_refused_where_it_stands(made):
    with pytest.raises(TemplateError, match=r"models.yaml, line 22, an edge leads to 'i/op/r'"):
        made((EDGE, EDGE.replace("i/op/u", "i/op/r")))


def test_what_is_fed_from_elsewhere_has_no_value_to_change():
    wc = load("model_templates.neural_mass_models.wilsoncowan.WC")
    with pytest.raises(OptionError, match=r"'e/se_op/r_in' is fed by edges, so .* do nothing"):
        wc.with_vars({"e/se_op/r_in": 1.0})
    with pytest.raises(OptionError, match="'i/rate_op/m' is fed by operator 'si_op' of its node"):
        wc.with_vars({"i/rate_op/m": 1.0})


def test_one_of_two_parallel_edges_is_named_by_its_number(made):
    twice = made((EDGE, f"{EDGE}\n{EDGE}"))
    with pytest.raises(OptionError, match=r"2 parallel edges lead from .*0 to 1"):
        twice.with_vars(edge_vars=[("e/op/r", "i/op/u", {"weight": 1})])
    other = twice.with_vars(edge_vars=[("e/op/r", "i/op/u", {"weight": 9.0}, 1)])
    assert [edge.attributes["weight"] for edge in other.edges] == [2.0, 9.0]


def test_the_states_of_an_edge_have_paths_and_values_of_their_own(made):
    gated = "    - [e/op/r, i/op/u, ed, {weight: 3.0}]"
    mixed = made((EDGE, "\n".join([EDGE, gated, gated, "    - [e/op/r, i/op/tau, ed]"])))
    assert list(mixed.templated_edges) == ["e->i", "e->i#2", "e->i#3"]
    other = mixed.with_vars({"e->i#2/gate/g": 0.25, "e->i#3/gate/h": 4.0, "e->i/gate/g": 0.75})
    found = [parts.template["gate"] for parts in other.templated_edges.values()]
    assert [op["g"] for op in found] == ["variable(0.75)", "variable(0.25)", "variable(0.5)"]
    assert [op["h"] for op in found] == [0.0, 0.0, 4.0]


def test_a_hash_in_a_nodes_name_is_no_number_of_an_edge():
    op = OperatorTemplate("op", "r' = u", {"r": "output", "u": "input"})
    gate = OperatorTemplate(
        "g", ["o = k*x", "k' = -k"], {"x": "input", "o": "output", "k": "variable"}
    )
    nodes = dict.fromkeys(["a#b", "c"], NodeTemplate("n", op))
    edge = make_edge(("a#b/op/r", "c/op/u", EdgeTemplate("t", gate)))
    other = Circuit("c", nodes, {}, (edge,)).with_vars({"a#b->c/g/k": 3.0})
    assert other.templated_edges["a#b->c"].template["g"]["k"] == "variable(3.0)"


def test_an_edge_records_what_it_was_given():
    edge = make_edge(("a/op/r", "b/op/u", {"weight": 2}))
    assert edge == Edge("a/op/r", "b/op/u", None, {"weight": 2})
