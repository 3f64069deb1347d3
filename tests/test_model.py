"""Models: the equations of the shipped circuits, their code in every form, their Jacobian."""

import math

import numpy as np
import pytest

from wclab.errors import OptionError, PathError, SolverError
from wclab.model import Model
from wclab.network import build_network
from wclab.templates import Circuit, NodeTemplate, OperatorTemplate, library, load, make_edge
from wclab.templates.reader import read_yaml

NEURAL = "model_templates.neural_mass_models"


def shipped_circuits():
    """Return the names of all circuits in the library."""
    found = []
    for file in sorted((library() / "model_templates").rglob("*.yaml")):
        module = ".".join(file.relative_to(library()).with_suffix("").parts)
        names = [f"{module}.{name}" for name, e in read_yaml(file).items() if "base" in (e or ())]
        found += [name for name in names if isinstance(load(name), Circuit)]
    return found


CIRCUITS = shipped_circuits()
EVERY_CIRCUIT = pytest.mark.parametrize("name", CIRCUITS, ids=lambda n: n.split(".", 1)[1])


def model_of(circuit, **options):
    return Model(build_network(load(circuit) if isinstance(circuit, str) else circuit, **options))


def states_near(model, rng, count=10):
    """Return random states on the scale that the model's own values have."""
    scale = 0.01 if any("rpo" in path or "jrc" in path for path in model.states) else 0.5
    return model.y0 + rng.normal(size=(count, len(model.y0))) * scale


def one(equations, variables):
    """Return the model of a single node with a single operator."""
    op = OperatorTemplate("op", equations, variables)
    return model_of(Circuit("c", {"n": NodeTemplate("n", (op,))}, {}, ()))


def test_the_library_ships_its_circuits():
    assert {f"{NEURAL}.wilsoncowan.{name}" for name in ("WC", "WC_stp", "WC72_fig11")} <= set(
        CIRCUITS
    )
    assert len(CIRCUITS) > 15


# --- the same numbers from every form of the code ---


@EVERY_CIRCUIT
def test_scalar_array_and_grouped_code_give_the_same_derivatives(name, rng):
    model, grouped = model_of(name), model_of(name, grouped=True)
    y = states_near(model, rng)
    expected = np.array([model.rhs(0.7, row) for row in y])
    inner = model.program.function("field", model.program.rates)
    field = model.functions(model.program.factory(f"{inner}\nreturn field"), array=True)
    batch = np.stack([np.broadcast_to(r, len(y)) for r in field(0.7, list(y.T), (), ())], axis=1)
    order = [model.states.index(path) for path in grouped.states]
    in_groups = np.array([grouped.rhs(0.7, row[order]) for row in y])
    scale = np.abs(expected).max()
    # the order of operations is the same; exp of math and of NumPy differ in the last place,
    # and a matrix product sums in another order
    np.testing.assert_allclose(batch, expected, rtol=1e-13, atol=1e-15 * scale)
    np.testing.assert_allclose(in_groups, expected[:, order], rtol=1e-12, atol=1e-14 * scale)
    np.testing.assert_array_equal(grouped.y0, model.y0[order])


@EVERY_CIRCUIT
@pytest.mark.parametrize("grouped", [False, True], ids=["scalar", "grouped"])
def test_the_jacobian_agrees_with_differences(name, grouped, rng):
    model = model_of(name, grouped=grouped)
    for y in states_near(model, rng, 3):
        exact = model.jacobian(y, t=0.7)
        h = 1e-5 * np.maximum(np.abs(y), 0.01)
        steps = np.diag(h)
        columns = [(model.rhs(0.7, y + s) - model.rhs(0.7, y - s)) for s in steps]
        differences = np.stack(columns, axis=1) / (2 * h)
        # differences err by h^2 times the third derivative and by rounding over h
        np.testing.assert_allclose(exact, differences, rtol=1e-5, atol=1e-6 * np.abs(exact).max())


# --- templates against the equations as a book writes them ---


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def response(x, s, theta):
    return sigmoid(s * (x - theta)) - sigmoid(-s * theta)


def test_wc_is_its_equations(rng):
    model = model_of(f"{NEURAL}.wilsoncowan.WC")
    assert model.states == ("e/rate_op/r", "i/rate_op/r")
    for e, i in rng.uniform(-0.2, 1, (20, 2)):
        de = (-e + (1 - e) * response(15 * e - 15 * i, 1.0, 2.0)) / 10
        di = (-i + (1 - i) * response(15 * e - 4 * i, 2.0, 2.5)) / 10
        np.testing.assert_allclose(model.rhs(0.0, [e, i]), [de, di], rtol=1e-12, atol=1e-16)


def test_wc_stp_is_its_equations_with_two_states_on_each_edge(rng):
    model = model_of(f"{NEURAL}.wilsoncowan.WC_stp")
    pairs = {"e->e": 5.0, "i->e": -5.0, "e->i": 10.0, "i->i": -5.0}
    for y in rng.uniform(0, 1, (10, len(model.states))):
        at = dict(zip(model.states, y, strict=True))
        rate = {n: at[f"{n}/rate_op/r"] for n in "ei"}
        arriving = dict.fromkeys("ei", 0.0)
        expected = {}
        for pair, weight in pairs.items():
            x, u = at[f"{pair}/tsodyks_op/x"], at[f"{pair}/tsodyks_op/u"]
            r = rate[pair[0]]
            arriving[pair[-1]] += weight * r * x * u
            expected[f"{pair}/tsodyks_op/x"] = (1 - x) / 100 - 0.1 * x * u * r
            expected[f"{pair}/tsodyks_op/u"] = (0.6 - u) / 200 + 0.6 * (1 - u) * r
        for n, s, theta in (("e", 1.0, 2.0), ("i", 2.0, 2.5)):
            m = response(arriving[n], s, theta)
            expected[f"{n}/rate_op/r"] = (-rate[n] + (1 - rate[n]) * m) / 10
        got = dict(zip(model.states, model.rhs(0.0, y), strict=True))
        assert got == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_jansen_rit_is_its_equations(rng):
    model = model_of(f"{NEURAL}.jansenrit.JRC")
    he, hi, te, ti, c = 3.25e-3, -22e-3, 0.01, 0.02, 135.0
    for y in rng.normal(size=(10, 8)) * 5e-3:
        at = dict(zip(model.states, y, strict=True))
        rate = lambda v: 5.0 / (1 + math.exp(560 * (6e-3 - v)))  # noqa: E731
        pc = rate(at["pc/rpo_e_in/v"] + at["pc/rpo_i/v"])
        ein, iin = rate(at["ein/rpo_e/v"]), rate(at["iin/rpo_e/v"])
        synapses = {
            "pc/rpo_e_in": (he, te, 0.8 * c * ein + 220.0),
            "pc/rpo_i": (hi, ti, c / 4 * iin),
            "ein/rpo_e": (he, te, c * pc),
            "iin/rpo_e": (he, te, c / 4 * pc),
        }
        expected = {}
        for path, (h, tau, arriving) in synapses.items():
            v, x = at[f"{path}/v"], at[f"{path}/x"]
            expected[f"{path}/v"] = x
            expected[f"{path}/x"] = h * arriving / tau - 2 * x / tau - v / tau**2
        got = dict(zip(model.states, model.rhs(0.0, y), strict=True))
        assert got == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_relabelling_the_nodes_permutes_the_answer(rng):
    wc = load(f"{NEURAL}.wilsoncowan.WC")
    names = {"e": "zz", "i": "aa"}
    nodes = {names[label]: wc.nodes[label] for label in ("i", "e")}
    edges = tuple(
        make_edge([names[end[0]] + end[1:] for end in edge.ends()] + [None, edge.attributes])
        for edge in reversed(wc.edges)
    )
    model, other = model_of(wc), model_of(Circuit("c", nodes, {}, edges))
    assert other.states == ("aa/rate_op/r", "zz/rate_op/r")
    for y in rng.uniform(0, 1, (10, 2)):
        np.testing.assert_allclose(other.rhs(0, y[::-1]), model.rhs(0, y)[::-1], rtol=1e-13)
        swapped = model.jacobian(y)[::-1, ::-1]
        np.testing.assert_allclose(other.jacobian(y[::-1]), swapped, rtol=1e-13)


# --- numbers that are too large, and branches that have no value ---


def test_far_states_of_wc_have_finite_derivatives_and_jacobians():
    model, grouped = (model_of(f"{NEURAL}.wilsoncowan.WC", grouped=g) for g in (False, True))
    far = [-1e4, 1e4]  # exp overflows here
    np.testing.assert_allclose(model.rhs(0.0, far), grouped.rhs(0.0, far), rtol=1e-13)
    assert np.isfinite(model.rhs(0.0, far)).all()
    np.testing.assert_allclose(model.jacobian(far), grouped.jacobian(far), rtol=1e-13)
    assert np.isfinite(model.jacobian(far)).all()


@pytest.mark.parametrize("x", [-2.0, 0.0, 4.0])
@pytest.mark.parametrize(
    ("right", "at"),
    [
        ("where(x > 0, sqrt(x), 0)", lambda x: math.sqrt(x) if x > 0 else 0.0),
        ("where(x == 0, 1, sin(x)/x)", lambda x: math.sin(x) / x if x else 1.0),
        ("where(k > 0, x/k, x)", lambda x: x),
        ("maxi(x, 0)^1.5", lambda x: max(x, 0.0) ** 1.5),
    ],
)
def test_a_branch_that_is_not_chosen_may_have_no_value(right, at, x):
    model = one(f"x' = {right} + 0*k", {"x": "output", "k": 0.0})
    assert model.rhs(0.0, [x]).tolist() == pytest.approx([at(x)], rel=1e-15)
    slope = model.jacobian([x])[0, 0]
    expected = {
        "where(x > 0, sqrt(x), 0)": 0.5 / math.sqrt(x) if x > 0 else 0.0,
        "where(x == 0, 1, sin(x)/x)": math.cos(x) / x - math.sin(x) / x**2 if x else 0.0,
        "where(k > 0, x/k, x)": 1.0,
        "maxi(x, 0)^1.5": 1.5 * math.sqrt(max(x, 0.0)),
    }[right]
    assert slope == pytest.approx(expected, rel=1e-12)


def test_one_state_without_a_value_leaves_the_others_theirs():
    model = one(["x' = 1/x", "z' = -z", "w' = x^3"], dict.fromkeys("xzw", "variable"))
    rates = model.rhs(0.0, [0.0, 2.0, 0.0])
    assert rates.tolist() == [math.inf, -2.0, 0.0]
    assert model.rhs(0.0, [1e200, 2.0, 0.0]).tolist() == [1e-200, -2.0, math.inf]
    assert math.isnan(one("x' = log(x)", {"x": "output"}).rhs(0.0, [-1.0])[0])


@pytest.mark.parametrize(
    "right", ["-x/tau", "-x + 1/tau", "-x + log(tau)", "-x + tau^-1.5", "x + 9**9**9", "x + 2^1e5"]
)
def test_a_constant_that_cannot_be_computed_is_an_error_that_names_the_zeros(right):
    model = one(f"x' = {right} + tau", {"x": "output", "tau": 0.0})
    with pytest.raises(SolverError, match=r"parameters only cannot be computed .*: n/op/tau"):
        model.rhs(0.0, [1.0])


# --- the model's surface ---


def test_time_is_time():
    model = one("x' = sin(2*pi*t)*x", {"x": "output"})
    assert model.rhs(0.25, [3.0])[0] == pytest.approx(3.0, rel=1e-15)
    assert model.jacobian([3.0], t=0.25)[0, 0] == pytest.approx(1.0, rel=1e-15)
    assert model.program.uses_time


def test_parameters_are_constants_by_path_and_weights_by_their_ends():
    found = model_of(f"{NEURAL}.wilsoncowan.WC").parameters
    assert found["e/rate_op/tau"] == 10.0
    assert found["e/se_op/r_ext"] == 0.0
    assert found["i/rate_op/r", "e/se_op/r_in"] == -15.0
    assert "e/se_op/r_in" not in found  # edges set it
    assert "e/rate_op/r" not in found  # a state


def test_with_parameters_gives_another_model_and_leaves_the_first():
    model = model_of(f"{NEURAL}.wilsoncowan.WC")
    before = model.rhs(0.0, [0.1, 0.2])
    other = model.with_parameters(
        {"e/rate_op/tau": 5.0, ("e/rate_op/r", "i/si_op/r_in"): 1.0, "i/rate_op/r": 0.3}
    )
    assert other.parameters["e/rate_op/tau"] == 5.0
    assert other.y0.tolist() == [0.0, 0.3]
    assert other.rhs(0.0, [0.1, 0.2])[0] == pytest.approx(2 * before[0], rel=1e-15)
    di = (-0.2 + 0.8 * response(1 * 0.1 - 4 * 0.2, 2.0, 2.5)) / 10
    assert other.rhs(0.0, [0.1, 0.2])[1] == pytest.approx(di, rel=1e-13)
    np.testing.assert_array_equal(model.rhs(0.0, [0.1, 0.2]), before)
    assert model.y0.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("key", "error", "words"),
    [
        ("e/rate_op/tauu", PathError, "'e/rate_op/tauu' names no parameter. Did you mean"),
        ("e/rate_op/m", OptionError, "set by its equation or by edges"),
        (("e/rate_op/r", "x"), PathError, "names no parameter"),
    ],
)
def test_what_is_no_parameter_cannot_be_set(key, error, words):
    with pytest.raises(error, match=words):
        model_of(f"{NEURAL}.wilsoncowan.WC").with_parameters({key: 1.0})


@pytest.mark.parametrize("method", ["rhs", "jacobian"])
def test_a_state_of_another_length_is_refused(method):
    model = model_of(f"{NEURAL}.wilsoncowan.WC")
    y = [0.0, 0.0, 0.0]
    with pytest.raises(OptionError, match="y needs 2 values"):
        model.rhs(0.0, y) if method == "rhs" else model.jacobian(y)


def test_models_of_one_structure_share_their_code():
    first, second = (model_of(f"{NEURAL}.wilsoncowan.{name}") for name in ("WC", "WC72_fig11"))
    assert first.field.__code__ is second.field.__code__


def test_a_model_prints_its_states():
    assert repr(model_of(f"{NEURAL}.wilsoncowan.WC")) == (
        "<Model of 2 states: e/rate_op/r, i/rate_op/r>"
    )


@pytest.mark.parametrize("method", ["rhs", "jacobian"])
@pytest.mark.parametrize("y", [1, "ab", None, ["a", "b"], [[0.0, 0.0]], {1.0, 2.0}, [1j, 2.0]])
def test_a_state_that_is_no_vector_of_numbers_is_refused_with_words(method, y):
    model = model_of(f"{NEURAL}.wilsoncowan.WC")
    with pytest.raises(OptionError, match=r"y (needs 2 values|must be 2 numbers) \(see \.states\)"):
        model.rhs(0.0, y) if method == "rhs" else model.jacobian(y)


@pytest.mark.parametrize("make", [list, tuple, np.array, np.float32, lambda y: np.array([y])[0]])
def test_a_state_may_be_any_sequence_of_numbers(make):
    model = model_of(f"{NEURAL}.wilsoncowan.WC")
    found = model.rhs(0.0, make([0.25, 0.5]))
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, model.rates(0.0, np.array([0.25, 0.5])))
    np.testing.assert_array_equal(model.rhs(0, make([0, 1])), model.rhs(0.0, [0.0, 1.0]))
