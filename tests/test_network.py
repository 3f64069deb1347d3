"""From a circuit to a network: sums, edges, delays, kernels, nesting, groups and their order."""

import numpy as np
import pytest
from scipy import sparse
from scipy.integrate import solve_ivp
from scipy.special import gammainc

from wclab.equations import names
from wclab.errors import OptionError, TemplateError
from wclab.model import Model
from wclab.network import build_network
from wclab.templates import Circuit, EdgeTemplate, MatrixEdges, NodeTemplate, OperatorTemplate, load
from wclab.templates import make_edge as edge

# r follows the sum of its inputs: the rate of r is that sum
READ = OperatorTemplate("read", "r' = u + k", {"u": "input(0.0)", "k": 0.0, "r": "output(0.0)"})
SEND = OperatorTemplate("send", "x' = -x", {"x": "output(1.0)"})
DOUBLE = OperatorTemplate("double", "m = 2*r_in", {"r_in": "input", "m": "output"})


def node(*operators):
    return NodeTemplate("n", operators)


def circuit(nodes, edges=()):
    return Circuit("c", nodes, {}, tuple(edge(entry) for entry in edges))


def rates(circuit_, **options):
    """Return path of a state to its derivative at the initial values."""
    model = Model(build_network(circuit_, **options))
    return dict(zip(model.states, model.rhs(0.0, model.y0).tolist(), strict=True))


GROUPED = pytest.mark.parametrize("grouped", [False, True], ids=["scalar", "grouped"])


# --- sums ---


@GROUPED
def test_an_input_without_source_keeps_its_value(grouped):
    pair = circuit({"a": node(READ.with_values({"u": 3.0})), "b": node(READ)})
    assert rates(pair, grouped=grouped) == {"a/read/r": 3.0, "b/read/r": 0.0}


def test_an_output_feeds_the_input_of_the_same_name_in_its_node():
    op = OperatorTemplate("op", "u = 5 + t", {"u": "output"})
    assert rates(circuit({"a": node(READ, op)})) == {"a/read/r": 5.0}


@GROUPED
def test_outputs_of_one_name_and_edges_add_up(grouped):
    one = OperatorTemplate("one", "u = 5*k", {"u": "output", "k": 1.0})
    two = OperatorTemplate("two", "u = 7*k", {"u": "output", "k": 1.0})
    both = circuit(
        {"a": node(READ, one, two), "s": node(SEND)},
        [("s/send/x", "a/read/u", {"weight": 100.0})],
    )
    assert rates(both, grouped=grouped)["a/read/r"] == 112.0


@GROUPED
def test_an_edge_has_weight_1_and_parallel_edges_add(grouped):
    parallel = circuit(
        {"s": node(SEND), "a": node(READ)},
        [("s/send/x", "a/read/u"), ("s/send/x", "a/read/u", None, {"weight": 10.0})],
    )
    assert rates(parallel, grouped=grouped)["a/read/r"] == 11.0


@GROUPED
def test_an_edge_into_a_constant_replaces_it(grouped):
    nodes = {"s": node(SEND), "a": node(READ.with_values({"k": 50.0}))}
    replaced = circuit(nodes, [("s/send/x", "a/read/k", {"weight": 2.0})])
    assert rates(replaced, grouped=grouped)["a/read/r"] == 2.0


@GROUPED
def test_nodes_that_no_edge_reaches_keep_the_values_of_their_inputs(grouped):
    # a and b are equal but for the edge; b must still read its own 7
    nodes = {"s": node(SEND), **dict.fromkeys("ab", node(READ.with_values({"u": 7.0})))}
    partly = circuit(nodes, [("s/send/x", "a/read/u", {"weight": 2.0})])
    result = rates(partly, grouped=grouped)
    assert (result["a/read/r"], result["b/read/r"]) == (2.0, 7.0)


def test_a_run_input_adds_to_what_edges_bring():
    fed = circuit({"s": node(SEND), "a": node(READ)}, [("s/send/x", "a/read/u")])
    model = Model(build_network(fed, driven=["a/read/u"]))
    assert model.field(0.0, model.y0.tolist(), (100.0,), ())[1] == 101.0


def test_what_an_equation_sets_can_neither_be_driven_nor_reached_by_an_edge():
    nodes = {"s": node(SEND), "a": node(READ)}
    with pytest.raises(OptionError, match="'a/read/r' is set by its equation"):
        build_network(circuit(nodes), driven=["a/read/r"])
    with pytest.raises(TemplateError, match="an edge leads to 'a/read/r', which is set"):
        build_network(circuit(nodes, [("s/send/x", "a/read/r")]))


# --- order and loops ---


def test_algebraic_equations_are_sorted_whatever_order_they_are_written_in():
    op = OperatorTemplate(
        "op",
        ["c = 2*b", "r' = c", "b = 3*a", "a = 5*k"],
        {"a": "variable", "b": "variable", "c": "variable", "r": "output", "k": 1.0},
    )
    network = build_network(circuit({"a": node(op)}))
    assert rates(circuit({"a": node(op)})) == {"a/op/r": 30.0}
    done = {block.name for block in network.blocks.values() if block.kind != "algebraic"}
    for name in network.order:
        assert set(names(network.blocks[name].tree)) <= done
        done.add(name)


def test_a_loop_without_a_differential_equation_is_an_error_that_names_it():
    nodes = {"a": node(DOUBLE), "b": node(DOUBLE)}
    loop = circuit(nodes, [("a/double/m", "b/double/r_in"), ("b/double/m", "a/double/r_in")])
    with pytest.raises(TemplateError, match=r"a/double/r_in -> b/double/m -> .*put a delay"):
        build_network(loop)
    own = circuit({"a": node(OperatorTemplate("op", "x = x + 1", {"x": "output"}))})
    with pytest.raises(TemplateError, match="a/op/x -> a/op/x"):
        build_network(own)


def test_a_long_chain_of_algebraic_equations_needs_no_deep_stack():
    count = 3000
    nodes = {f"n{k}": node(DOUBLE) for k in range(count)} | {"end": node(READ)}
    edges = [(f"n{k}/double/m", f"n{k - 1}/double/r_in", {"weight": 0.5}) for k in range(1, count)]
    edges += [("n0/double/m", "end/read/u")]
    chain = circuit(nodes, edges).with_vars({f"n{count - 1}/double/r_in": 4.0})
    assert rates(chain) == {"end/read/r": 8.0}


def test_a_circuit_without_nodes_says_so():
    with pytest.raises(TemplateError, match="circuit c has no nodes"):
        build_network(circuit({}))


@pytest.mark.parametrize("label", ["my node", "\u00e9", "lambda", "1", "exp", "a-b", "a.b", "p"])
def test_any_name_of_a_node_becomes_sound_code(label):
    named = circuit({label: node(READ), "s": node(SEND)}, [("s/send/x", f"{label}/read/u")])
    assert rates(named)[f"{label}/read/r"] == 1.0


def test_names_that_print_alike_stay_apart():
    nodes = {"\u03b1": node(READ.with_values({"k": 1.0})), "\u03b2": node(READ)}
    assert rates(circuit(nodes)) == {"\u03b1/read/r": 1.0, "\u03b2/read/r": 0.0}


# --- edges with equations ---

GATE = OperatorTemplate(
    "gate", ["out = x_in*g", "g' = -g + h"],
    {"x_in": "input", "out": "output", "g": "variable(0.5)", "h": 0.0},
)  # fmt: skip


@GROUPED
def test_every_edge_has_its_own_states_and_its_own_numbers(grouped):
    gate = EdgeTemplate("gate_edge", GATE)
    nodes = {"s": node(SEND), "a": node(READ), "b": node(READ)}
    gated = circuit(
        nodes,
        [
            ("s/send/x", "a/read/u", gate, {"weight": 4.0, "gate/h": 3.0}),
            ("s/send/x", "b/read/u", gate, {"weight": 8.0, "gate_edge/gate/g": 0.25}),
        ],
    )
    assert rates(gated, grouped=grouped) == {
        "s/send/x": -1.0,
        "a/read/r": 4.0 * 0.5,
        "b/read/r": 8.0 * 0.25,
        "s->a/gate/g": -0.5 + 3.0,
        "s->b/gate/g": -0.25,
    }


def test_parallel_edges_with_equations_are_numbered():
    gate = EdgeTemplate("gate_edge", GATE)
    twice = circuit(
        {"s": node(SEND), "a": node(READ)}, [("s/send/x", "a/read/u", gate, {})] * 2
    )  # fmt: skip
    assert list(rates(twice))[2:] == ["s->a/gate/g", "s->a#2/gate/g"]


def test_an_edge_with_two_inputs_is_told_which_takes_what():
    # Kuramoto: theta' = omega + w sin(theta_source - theta_target)
    pair = load("model_templates.oscillators.kuramoto.kmo_2coupled")
    model = Model(build_network(pair))
    one, two = 0.3, 1.1
    expected = [10.0 - 4.0 * np.sin(two - one), 10.0 - 4.0 * np.sin(one - two)]
    np.testing.assert_allclose(model.rhs(0.0, [one, two]), expected, rtol=1e-15)


def test_an_edge_template_with_two_free_inputs_and_no_word_is_refused():
    two = OperatorTemplate("two", "o = p*q", {"p": "input", "q": "input", "o": "output"})
    with pytest.raises(TemplateError, match=r"2 unfed inputs \(two/p, two/q\); say which"):
        edge(("s/send/x", "a/read/u", EdgeTemplate("e", two), {}))


# --- delays ---


@GROUPED
def test_a_gamma_kernel_answers_a_step_like_the_gamma_distribution(grouped):
    one = OperatorTemplate("one", "x = 1 + 0*t", {"x": "output"})
    kernel = circuit(
        {"s": node(one), "a": node(READ)},
        [("s/one/x", "a/read/u", None, {"delay": 4.0, "spread": 1.3, "weight": 2.0})],
    )
    model = Model(build_network(kernel, grouped=grouped))
    stages = round((4.0 / 1.3) ** 2)
    assert len(model.states) == 1 + stages
    assert not model.y0.any()  # the stages start at 0
    end = solve_ivp(model.rhs, (0, 5.0), model.y0, rtol=1e-11, atol=1e-13).y[:, -1]
    last = model.rhs(5.0, end)[model.states.index("a/read/r")]
    # the last of n stages of rate n/delay is the distribution function; 1e-9: solver's error
    assert last == pytest.approx(2 * gammainc(stages, stages / 4.0 * 5.0), abs=1e-9)


@pytest.mark.parametrize(("spread", "stages"), [(0.001, 16), (0.004, 1), (0.1, 1), (0.003, 2)])
def test_the_number_of_stages_is_the_rounded_square_of_delay_over_spread(spread, stages):
    ends = ("s/send/x", "a/read/u", {"delay": 0.004, "spread": spread})
    states = rates(circuit({"s": node(SEND), "a": node(READ)}, [ends]))
    assert len(states) == 2 + stages


@pytest.mark.parametrize("spread", [1e-9, 1e-300])
def test_a_spread_that_needs_too_many_stages_is_refused(spread):
    ends = ("s/send/x", "a/read/u", {"delay": 1e3, "spread": spread})
    with pytest.raises(OptionError, match=r"more than 10,000 stages; leave the spread out"):
        build_network(circuit({"s": node(SEND), "a": node(READ)}, [ends]))


def test_parallel_edges_can_each_have_a_kernel():
    kernel = ("s/send/x", "a/read/u", {"delay": 1.0, "spread": 1.0})
    states = rates(circuit({"s": node(SEND), "a": node(READ)}, [kernel, kernel]))
    assert len([path for path in states if "gamma_kernel" in path]) == 2


def test_a_delay_alone_becomes_a_block_that_reads_the_past():
    late = circuit({"s": node(SEND), "a": node(READ)}, [("s/send/x", "a/read/u", {"delay": 3.0})])
    (block,) = build_network(late).of_kind("delayed")
    assert (block.values.tolist(), block.source) == ([3.0], "s_send_x")
    with pytest.raises(OptionError, match="depends on"):
        rates(late)


@GROUPED
def test_an_equation_may_read_its_own_past(grouped):
    op = OperatorTemplate(
        "op", "x' = -x(t - d) + x(t - 2)", {"x": "output", "d": 1.5}
    )  # fmt: skip
    late = build_network(circuit({"a": node(op)}), grouped=grouped).of_kind("delayed")
    assert [block.values.tolist() for block in late] == [[1.5], [2.0]]


@pytest.mark.parametrize(
    ("delay", "words"),
    [
        ("2*d", "a delay must be a number or a constant"),
        ("x", "a delay must be a number or a constant"),
        ("u", "a delay must be a number or a constant"),
        ("0", "a delay must be above 0"),
        ("z", "a delay must be above 0"),
    ],
)
def test_a_delay_that_is_no_positive_constant_is_refused(delay, words):
    declared = {"x": "output", "d": 1.0, "u": "input(1.0)", "z": -1.0}
    op = OperatorTemplate("op", f"x' = -x(t - ({delay})) + d + u + z", declared)
    with pytest.raises((OptionError, TemplateError), match=words):
        build_network(circuit({"a": node(op)}))


# --- nesting, matrices, groups ---


def test_paths_of_nested_circuits_grow_at_the_front():
    inner = circuit({"s": node(SEND), "a": node(READ)}, [("s/send/x", "a/read/u")])
    outer = Circuit(
        "outer", {}, {"c1": inner, "c2": inner},
        (edge(("c1/s/send/x", "c2/a/read/u", {"weight": 10.0})),),
    )  # fmt: skip
    top = Circuit("top", {}, {"t": outer}, ())
    found = rates(top)
    assert (found["t/c1/a/read/r"], found["t/c2/a/read/r"]) == (1.0, 11.0)


@GROUPED
@pytest.mark.parametrize("form", ["dense", "sparse"])
def test_a_matrix_holds_weight_from_source_column_to_target_row(form, grouped, rng):
    weight = rng.normal(size=(3, 4))
    weight[0, 1] = np.nan  # no edge
    given = weight if form == "dense" else sparse.csr_array(np.nan_to_num(weight))
    sources, targets = tuple(f"s{k}" for k in range(4)), tuple(f"a{k}" for k in range(3))
    values = rng.normal(size=4)
    nodes = {s: node(SEND.with_values({"x": x})) for s, x in zip(sources, values, strict=True)}
    nodes |= dict.fromkeys(targets, node(READ))
    edges = MatrixEdges("send/x", "read/u", sources, targets, given, None, {})
    found = rates(Circuit("c", nodes, {}, (edges,)), grouped=grouped)
    expected = np.nan_to_num(weight) @ values
    got = [found[f"{t}/read/r"] for t in targets]
    np.testing.assert_allclose(got, expected, rtol=1e-14)  # rounding of four products


def test_equal_nodes_share_a_block_and_different_ones_do_not():
    three = circuit({"a": node(READ), "b": node(READ), "s": node(SEND)})
    assert [len(b.paths) for b in build_network(three, grouped=True).of_kind("state")] == [2, 1]


@GROUPED
def test_an_equation_without_variables_holds_for_every_member(grouped):
    op = OperatorTemplate("op", ["x' = m", "m = 2*pi"], {"x": "output", "m": "variable"})
    found = rates(circuit({"a": node(op), "b": node(op)}), grouped=grouped)
    assert found == {"a/op/x": 2 * np.pi, "b/op/x": 2 * np.pi}
