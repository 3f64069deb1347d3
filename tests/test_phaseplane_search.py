"""Interval arithmetic, the search in a box, and Newton's method from many starts."""

import numpy as np
import pytest
from helpers import one
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import WC, E, I, load, random_numbers

from wclab import CircuitTemplate
from wclab.equations import FUNCTIONS, array_namespace, parse_expression, to_code
from wclab.errors import OptionError, SolverError
from wclab.phaseplane import fixed_points
from wclab.phaseplane.intervals import make_tape
from wclab.phaseplane.system import read_system

TEXTS = [
    "x + y*2 - x*y", "x/(1 + y*y)", "x**3 - y**2", "x**(-2)", "(x*x + 1)**y", "x**1.5",
    "sigmoid(3*x - y)", "exp(x - y)", "log(x + 2)", "sqrt(x*x + y*y)", "sin(3*x)", "cos(5*x - y)",
    "tan(x)", "sinh(x)", "cosh(x - y)", "tanh(x*y)", "arcsin(x/4)", "arccos(y/4)", "arctan(x*y)",
    "absv(x - y)", "sign(x)", "heaviside(x - y)", "maxi(x, y)", "mini(x, 2*y)", "x < y", "x >= y",
    "where(x > 0, sqrt(x), y)", "where(y > 1, log(y - 1), x)", "1/(1 + exp(-x))",
]  # fmt: skip


def evaluate(tree, x, y):
    """Compute a tree with NumPy, where it has a value."""
    with np.errstate(all="ignore"):
        return np.asarray(eval(to_code(tree), {**array_namespace(), "x": x, "y": y}))  # noqa: S307


@pytest.mark.parametrize("text", TEXTS)
def test_bounds_hold_every_value_in_a_box(text, rng):
    tree = parse_expression(text)
    tape = make_tape([tree])
    for _ in range(60):
        (a, b), (c, d) = np.sort(rng.uniform(-3, 3, (2, 2)), axis=1)
        x, y = rng.uniform(a, b, 200), rng.uniform(c, d, 200)
        x[:2], y[:2] = (a, b), (c, d)
        ((low, high),), (empty,) = tape.bounds({"x": (a, b), "y": (c, d)})
        values = evaluate(tree, x, y)
        values = values[np.isfinite(values)]
        if len(values):
            assert not empty
            assert low <= values.min()
            assert values.max() <= high


def test_bounds_know_every_function_of_the_language():
    tested = {name for text in TEXTS for name in FUNCTIONS if f"{name}(" in text}
    assert tested == set(FUNCTIONS)


@pytest.mark.parametrize("text", ["log(x)", "sqrt(x - 5)", "arcsin(x + 7)", "x**0.5"])
def test_a_box_without_values_says_so(text):
    _, (empty,) = make_tape([parse_expression(text)]).bounds({"x": (-4.0, -3.5)})
    assert empty


def test_bounds_shrink_to_the_value():
    tree = parse_expression("where(x > 0, sigmoid(x)*y, 0)/(1 + x*x)")
    ((low, high),), _ = make_tape([tree]).bounds({"x": (0.5, 0.5), "y": (2.0, 2.0)})
    assert high - low < 1e-13
    assert low <= float(evaluate(tree, 0.5, 2.0)) <= high


# --- the search in a box ---


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-0.95, 0.95), min_size=1, max_size=5, unique=True), st.integers(0, 9))
def test_every_root_of_a_polynomial_is_found(roots, seed):
    roots = sorted(roots)
    if len(roots) > 1 and np.diff(roots).min() < 1e-3:
        return
    factors = "*".join(f"(x - ({r!r}))" for r in roots)
    tilt = 0.1 * seed
    plane = one([f"x' = {factors}", f"y' = {tilt}*x - y"],
                {"x": "variable(0.0)", "y": "variable(0.0)"})  # fmt: skip
    points = fixed_points(plane, [(-1, 1), (-1, 1)])
    assert [p.state[0] for p in points] == pytest.approx(roots, abs=1e-9)
    assert [p.state[1] for p in points] == pytest.approx([tilt * r for r in roots], abs=1e-9)


def test_points_on_the_border_and_on_cuts_are_found_once():
    # at 0, where boxes are cut, and at both ends of the box
    line = one("x' = x*(1 - x)*(1 + x)", {"x": "variable(0.0)"})
    assert [p.state[0] for p in fixed_points(line, (-1, 1))] == pytest.approx([-1, 0, 1], abs=1e-14)
    square = one(["x' = x*(1 - x*x)", "y' = y*(1 - y*y)"],
                 {"x": "variable(0.0)", "y": "variable(0.0)"})  # fmt: skip
    assert len(fixed_points(square, [(-1, 1), (-1, 1)])) == 9
    assert len(fixed_points(square, [(0, 1), (0, 1)])) == 4


def test_a_fold_itself_is_one_point():
    (point,) = fixed_points(one("x' = x*x", {"x": "variable(0.1)"}), (-1, 1.3))
    assert point.kind == "fold"
    assert point.state[0] == pytest.approx(0, abs=1e-6)
    assert not point.stable


def test_a_whole_line_of_points_is_refused(monkeypatch):
    line = one(["x' = x - y", "y' = 2*x - 2*y"], {"x": "variable(0.0)", "y": "variable(0.0)"})
    monkeypatch.setattr("wclab.phaseplane.search.MOST", 5_000)
    with pytest.raises(SolverError, match="near zero along whole curves"):
        fixed_points(line, [(-1, 1), (-1, 1)])


def test_corners_do_not_hide_points():
    # a threshold-linear rate: w = 2, so that rest at 0 and, beyond the corner, at 1/(2 - 1)
    line = one("x' = -x + maxi(2*x - 1, 0)", {"x": "variable(0.0)"})
    assert [p.state[0] for p in fixed_points(line, (-1, 3))] == pytest.approx([0, 1], abs=1e-12)
    jump = one("x' = -x + heaviside(x - 0.5)", {"x": "variable(0.0)"})
    assert [p.state[0] for p in fixed_points(jump, (-1, 2))] == pytest.approx([0, 1], abs=1e-12)


# --- three states or more ---


def two_pairs(weight):
    """Return two pairs whose excitatory populations act on each other."""
    return CircuitTemplate(
        "two", circuits={"a": WC, "b": WC},
        edges=[(f"{x}/{E}", f"{y}/e/se_op/r_in", None, {"weight": weight})
               for x, y in ("ab", "ba")],
    )  # fmt: skip


def test_uncoupled_pairs_rest_in_all_combinations():
    single = [p.state for p in fixed_points(WC)]
    points = fixed_points(two_pairs(0.0), [(-0.5, 1)] * 4)
    expected = sorted(tuple(np.concatenate([a, b])) for a in single for b in single)
    assert len(points) == 9
    found = np.array(sorted(tuple(p.state.round(9)) for p in points))
    assert found == pytest.approx(
        np.array(sorted(tuple(np.round(e, 9)) for e in expected)), abs=1e-8
    )


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10**6), st.floats(-2, 2))
def test_points_of_coupled_pairs_are_points_and_have_the_right_index(seed, weight):
    rng = np.random.default_rng(seed)
    numbers = random_numbers(rng)
    circuit = two_pairs(weight).with_vars({"a/e/se_op/r_ext": numbers["P"]})
    points = fixed_points(circuit, [(-0.5, 1)] * 4)
    system = read_system(circuit)
    for point in points:
        assert np.abs(system.field(point.state)).max() < 1e-13
    assert sum(int(np.sign(np.linalg.det(-p.jacobian))) for p in points) == 1


def test_the_plastic_pair_rests_in_silence_with_fresh_synapses():
    (point,) = fixed_points(load("wilsoncowan.WC_stp"), [(-0.5, 1)] * 10)
    assert point.kind == "stable node"
    assert point.state == pytest.approx([0, 0] + [1, 0.6] * 4, abs=1e-12)


def test_the_column_of_jansen_and_rit():
    circuit = load("jansenrit.JRC")
    n = len(circuit.model().states)
    names = circuit.model().states
    box = [(-0.1, 0.1) if name.endswith("v") else (-10, 10) for name in names]
    points = fixed_points(circuit, box)
    model = circuit.model()
    assert points
    for point in points:
        assert np.abs(model.rhs(0.0, point.state)).max() < 1e-9
        assert len(point.eigenvalues) == n
    with pytest.raises(OptionError, match=r"box=\[\(low, high\)"):
        fixed_points(circuit)
    assert I in WC.model().states
