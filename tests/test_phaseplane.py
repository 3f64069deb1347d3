"""Fixed points: every one, once, of the right kind, against facts and an independent scan."""

import itertools
import math

import numpy as np
import pytest
from helpers import FACTS, one
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import LETTERS, WC, E, I, Scan, load, pair, random_numbers

from wclab import CircuitTemplate
from wclab.errors import OptionError, PathError, TemplateTypeError
from wclab.phaseplane import fixed_points, table
from wclab.phaseplane.kinds import PLANAR, is_stable, planar_kinds
from wclab.phaseplane.points import describe
from wclab.phaseplane.rests import rests
from wclab.phaseplane.search import subdivide
from wclab.phaseplane.system import read_system

UNIT = {"e/rate_op/tau": 1.0, "i/rate_op/tau": 1.0}  # the facts count time in tau


def assert_points(points, expected, tol):
    """Hold points to a fact: states, kinds and eigenvalues."""
    assert [p.kind for p in points] == [fact["kind"] for fact in expected]
    for point, fact in zip(points, expected, strict=True):
        names = [key for key in fact if key not in ("kind", "eig")]
        assert point.state == pytest.approx([fact[key] for key in names], abs=tol)
        if "eig" in fact:
            values = [complex(v["re"], v["im"]) for v in fact["eig"]]
            assert point.eigenvalues == pytest.approx(values, abs=max(tol, 1e-9))
        assert point.stable == (max(point.eigenvalues.real) < 0)


@pytest.mark.parametrize(
    ("fact", "key", "name", "values"),
    [
        ("B1", "points", "wilsoncowan.WC72_fig4", UNIT),
        ("B3", "points_at_P0", "wilsoncowan.WC72_fig7", UNIT),
        ("B4", "points", "wilsoncowan.WC72_fig10", UNIT),
        ("B4", "at_P1", "wilsoncowan.WC72_fig10", {**UNIT, "e/se_op/r_ext": 1.0}),
        ("B5", "point", "wilsoncowan.WC72_fig11", UNIT),
        ("C1", "points", "conventions.neuromatch", {}),
        ("C3", "point", "conventions.neuromatch_cycle", {}),
        ("D1", "point", "conventions.hoppensteadt_izhikevich", {}),
        ("E1", "points", "conventions.xppaut", {}),
        ("F1", "points", "conventions.daffertshofer_van_wijk", UNIT),
        ("I1", "points", "conventions.neurolib", {}),
        ("P1", "at_0", "wilsoncowan.WC", {}),
        ("P1", "at_1", "wilsoncowan.WC", {"e/se_op/r_ext": 1.0}),
    ],
)
def test_points_of_published_pairs(fact, key, name, values):
    assert_points(fixed_points(load(name).with_vars(values)), FACTS[fact][key], 1e-9)


def test_a_pair_without_shift_and_with_self_inhibition_zero():
    numbers = {"s": 4.0, "theta": 1.0}
    base = load("conventions.daffertshofer_van_wijk")
    changes = {f"{node}/plain_op/{k}": v for node in "ei" for k, v in numbers.items()}
    changes |= {"e/plain_op/r_ext": 0.31, "i/rate_op/tau": 20.0}
    edges = [
        (E, "e/plain_op/r_in", {"weight": 3.25}),
        (I, "e/plain_op/r_in", {"weight": -2.5}),
        (E, "i/plain_op/r_in", {"weight": 3.75}),
        (I, "i/plain_op/r_in", {"weight": 0.0}),
    ]
    assert_points(fixed_points(base.with_vars(changes, edges)), FACTS["G1"]["points"], 1e-9)


@pytest.mark.parametrize(("weight", "drive", "fact"), [(5.0, 0.5, "A1"), (-5.0, 3.5, "A8")])
def test_points_of_one_population(weight, drive, fact):
    circuit = load("wilsoncowan.single_population").with_vars(
        {"e/se_op/r_ext": drive}, [(E, "e/se_op/r_in", {"weight": weight})]
    )
    points = fixed_points(circuit, (-1, 2))
    assert [p.state[0] for p in points] == pytest.approx(FACTS[fact]["r"], abs=1e-11)
    assert [p.eigenvalues[0] for p in points] == pytest.approx(FACTS[fact]["eigenvalue"], abs=1e-11)


@pytest.mark.parametrize("distance", [-1e-6, 1e-6])
def test_one_population_is_bistable_beyond_its_cusp(distance):
    # three points for w > 4/a, at the drive of the cusp (fact A2)
    fact = FACTS["A2"]
    circuit = load("wilsoncowan.single_population").with_vars({}, [
        (E, "e/se_op/r_in", {"weight": fact["w_c"] * (1 + distance)})
    ])  # fmt: skip
    # on the line along which the middle point stays at the inflection of S
    drive = 2.8 - fact["w_c"] * (1 + distance) * fact["r_c"]
    points = fixed_points(circuit.with_vars({"e/se_op/r_ext": drive}), (0, 1))
    assert len(points) == (3 if distance > 0 else 1)
    assert fact["I_c"] == pytest.approx(2.8 - fact["w_c"] * fact["r_c"], abs=1e-10)


@pytest.mark.parametrize(("fold", "inside"), [("P_fold_down", 1), ("P_fold_up", -1)])
@pytest.mark.parametrize("distance", [1e-5, 1e-7, 1e-9])
def test_two_points_are_born_at_a_fold(fold, inside, distance):
    # at 1e-9 from the fold the two points are about 1e-5 apart (fact B2)
    P = FACTS["B2"][fold]
    circuit = load("wilsoncowan.WC72_fig4").with_vars(UNIT)
    for side, expected in ((1, 3), (-1, 1)):
        points = fixed_points(circuit.with_vars({"e/se_op/r_ext": P + side * inside * distance}))
        assert len(points) == expected
    assert min(abs(p.state[0] - FACTS["B2"]["E_at_up"]) for p in points) < 1


def test_counts_between_the_four_folds_of_figure_7():
    for span, (n, n_stable) in FACTS["B3"]["n_and_nstable_between_folds"].items():
        low, high = map(float, span.split(".."))
        circuit = load("wilsoncowan.WC72_fig7").with_vars({"e/se_op/r_ext": (low + high) / 2})
        points = fixed_points(circuit)
        assert (len(points), sum(p.stable for p in points)) == (n, n_stable)


def test_theorem_4_on_the_set_of_figure_11():
    fact = FACTS["B9"]["fig11_bistable_at"]
    circuit = load("wilsoncowan.WC72_fig11").with_vars(
        {"e/se_op/r_ext": fact["P"], "i/si_op/r_ext": fact["Q"]}
    )
    assert [p.kind for p in fixed_points(circuit)] == fact["kinds"]


def test_slow_inhibition_turns_a_focus_unstable():
    fact = FACTS["C4"]
    circuit = load("conventions.neuromatch_cycle")
    (point,) = fixed_points(circuit.with_vars({"i/rate_op/tau": fact["tauI_Hopf"]}))
    assert point.kind == "centre"
    assert point.eigenvalues.imag[1] == pytest.approx(fact["omega"], abs=1e-10)
    for end in ("tauI_complex_from", "tauI_complex_to"):
        kinds = [
            fixed_points(circuit.with_vars({"i/rate_op/tau": fact[end] * f}))[0].kind.split()[1]
            for f in (1 - 1e-6, 1 + 1e-6)
        ]
        assert set(kinds) == {"node", "focus"}


def test_extra_drive_to_inhibition_lowers_both_rates():
    fact = FACTS["C6"]["at_II_0p1"]
    circuit = load("conventions.neuromatch_cycle").with_vars({"i/rate_op/tau": 0.8})
    (point,) = fixed_points(circuit.with_vars({"i/si_op/r_ext": 0.1}))
    assert point.state == pytest.approx([fact["rE"], fact["rI"]], abs=1e-8)


def test_a_fold_of_the_neuromatch_pair_is_no_pitchfork():
    for weight, n in FACTS["C8"]["n_fixed_points"].items():
        edge = (E, "e/se_op/r_in", {"weight": float(weight)})
        points = fixed_points(load("conventions.neuromatch").with_vars({}, [edge]))
        assert len(points) == n
        assert abs(points[0].state).max() < 1e-15


WONG_WANG = """
S1' = -S1/tau + (1 - S1)*gamma*h1
S2' = -S2/tau + (1 - S2)*gamma*h2
x1 = J*S1 - K*S2 + I0 + Jext*mu
x2 = J*S2 - K*S1 + I0 + Jext*mu
h1 = (a*x1 - b)/(1 - exp(-d*(a*x1 - b)))
h2 = (a*x2 - b)/(1 - exp(-d*(a*x2 - b)))
""".strip().splitlines()
WONG_WANG_NUMBERS = {
    "S1": "variable(0.1)", "S2": "variable(0.1)", "x1": "variable(0.0)", "x2": "variable(0.0)",
    "h1": "variable(0.0)", "h2": "variable(0.0)", "tau": 0.1, "gamma": 0.641, "J": 0.2609,
    "K": 0.0497, "I0": 0.3255, "Jext": 0.00052, "mu": 0.0, "a": 270.0, "b": 108.0, "d": 0.154,
}  # fmt: skip


def test_points_of_wong_and_wang():
    circuit = one(WONG_WANG, WONG_WANG_NUMBERS)
    assert_points(fixed_points(circuit, [(0, 1), (0, 1)]), FACTS["M1"]["points"], 1e-9)


@pytest.mark.parametrize("side", [0, 1])
def test_the_pitchforks_of_wong_and_wang(side):
    mu = FACTS["M3"]["mu0_pitchfork"][side]
    for shift, key in ((-1e-3, "n_just_below"), (1e-3, "n_just_above")):
        circuit = one(WONG_WANG, {**WONG_WANG_NUMBERS, "mu": mu + shift})
        assert len(fixed_points(circuit, [(0, 1), (0, 1)])) == FACTS["M3"][key][side]


@pytest.mark.parametrize(("mu", "number"), [(12.0, 3), (21.0, 3), (23.0, 3)])
def test_where_an_equation_is_0_by_0_there_is_no_point_that_is_none(mu, number):
    # a x1 = b on a line through the box, near which the quotient's slope is rounding alone
    circuit = one(WONG_WANG, {**WONG_WANG_NUMBERS, "mu": mu})
    points = fixed_points(circuit, [(0, 1), (0, 1)])
    model = circuit.model()
    assert max(np.abs(model.rhs(0.0, point.state)).max() for point in points) < 1e-9
    assert len(points) == number


def test_points_of_the_mean_field_of_qif_neurons():
    points = fixed_points(load("qif.qif"), [(1e-3, 3), (-5, 5)])
    assert_points(points, FACTS["Q1"]["points"], 1e-9)


def test_the_seed_rests_on_a_saddle():
    points = fixed_points(WC)
    assert points[1].determinant == pytest.approx(FACTS["P2"]["det_J_at_rest"], abs=1e-12)
    ends = [points[k].state.tolist() for k in (2, 0)]
    assert ends[0] == pytest.approx(FACTS["P2"]["settles_from_plus_1em6"], abs=1e-8)
    assert ends[1] == pytest.approx(FACTS["P2"]["settles_from_minus_1em6"], abs=1e-6)


# --- random circuits ---


def test_2000_random_pairs_against_a_dense_scan(rng):
    # 0 missed, 0 doubled, 0 of another stability
    sets = [random_numbers(rng) for _ in range(2_000)]
    arrays = {path: np.array([n[key] for n in sets]) for key, path in LETTERS.items()}
    pairs = read_system(WC, arrays).pair
    index, states, _ = rests(pairs)
    codes = planar_kinds(pairs.take(index).jacobian(states))
    several = 0
    for k, numbers in enumerate(sets):
        scan, found = Scan(numbers), states[:, index == k].T
        expected = scan.points()
        assert len(found) == len(expected), numbers
        distance = np.abs(found[:, None] - expected).max(axis=2)
        assert sorted(distance.argmin(axis=1)) == list(range(len(found))), numbers
        assert distance.min(axis=1).max() < 1e-8, numbers
        for state, code in zip(found, codes[index == k], strict=True):
            values = np.linalg.eigvals(scan.jacobian(state))
            assert is_stable(PLANAR[code]) == (values.real.max() < 0), numbers
        several += len(found) > 1
        if k % 20 == 0:  # one by one, all is the same
            single = fixed_points(pair(**numbers))
            assert np.array([p.state for p in single]) == pytest.approx(found, abs=1e-12)
            assert [p.kind for p in single] == [PLANAR[code] for code in codes[index == k]]
    assert several > 200  # the circuits are not trivial ones


def near_fold(numbers):
    """Return a pair's numbers with a P at which two states of rest are about 1e-4 apart, and E.

    Along the nullcline of I, P is explicit; it turns at a fold. None if it does not turn.
    """
    n = numbers
    z = np.linspace(-5, 5, 2_001)

    def along(z):
        m = 1 / (1 + np.exp(-z)) + Scan(n).low_i
        i = m / (1 + n["ki"] * m)
        e = (z / n["ai"] + n["thi"] - n["c4"] * i - n["Q"]) / n["c3"]
        drive = e / (1 - n["ke"] * e) - Scan(n).low_e
        with np.errstate(all="ignore"):
            x = np.log(drive / (1 - drive)) / n["ae"] + n["the"]
        return e, x - n["c1"] * e - n["c2"] * i

    _, P = along(z)
    turn = 1 + np.flatnonzero((P[1:-1] > P[:-2]) & (P[1:-1] > P[2:]))
    if not len(turn):
        return None
    low, high = z[turn[0] - 1], z[turn[0] + 1]
    for _ in range(200):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        low, high = (a, high) if along(a)[1] < along(b)[1] else (low, b)
    top, half = 0.5 * (low + high), 1e-4
    values = [along(top + k * half)[1] for k in (-0.5, 0.5)]
    return {**n, "P": float(np.mean(values))}, float(along(top)[0])


def test_two_points_1e4_apart_are_two(rng):
    found = filter(None, (near_fold(random_numbers(rng)) for _ in range(400)))
    for numbers, e in itertools.islice(found, 50):
        points = fixed_points(pair(**numbers))
        close = [p for p in points if abs(p.state[0] - e) < 2e-3]
        assert len(close) == 2, numbers
        assert np.prod([p.determinant for p in close]) < 0  # a saddle and a node or focus


def test_bounds_in_the_plane_find_what_the_nullclines_find(rng):
    for _ in range(25):
        model = pair(**random_numbers(rng))
        points = fixed_points(model)
        found, _ = subdivide(read_system(model), np.array([[-1.0, 1.0], [-1.0, 1.0]]))
        found = found[:, np.argsort(found[0])].T
        assert found == pytest.approx(np.array([p.state for p in points]), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_the_field_is_zero_at_every_point(seed):
    model = pair(**random_numbers(np.random.default_rng(seed)))
    for point in fixed_points(model):
        size = abs(point.jacobian).max()
        assert abs(model.rhs(0.0, point.state)).max() <= 1e-13 * max(1, size)
        other = model.jacobian(point.state)
        assert point.jacobian == pytest.approx(other, abs=1e-12 * max(1, size))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_relabelling_the_populations_permutes_the_states(seed):
    numbers = random_numbers(np.random.default_rng(seed))
    names = ["c1 c4", "c2 c3", "ae ai", "the thi", "P Q", "ke ki", "te ti"]
    other = dict(numbers)
    for first, second in (name.split() for name in names):
        other[first], other[second] = numbers[second], numbers[first]
    points = sorted(tuple(p.state) for p in fixed_points(pair(**numbers)))
    swapped = sorted(tuple(p.state[::-1]) for p in fixed_points(pair(**other)))
    assert np.array(points) == pytest.approx(np.array(swapped), abs=1e-11)


# --- boxes, records, refusals ---


def test_a_point_on_the_border_of_the_box_is_inside():
    points = fixed_points(WC)
    first, last = points[0].state, points[2].state
    box = [(first[0], last[0]), (first[1], last[1])]
    assert len(fixed_points(WC, box)) == 3
    assert len(fixed_points(WC, [(first[0] + 1e-9, 1), (-1, 1)])) == 2
    assert fixed_points(WC, [(2, 3), (2, 3)]) == []


def test_a_record_reads_well():
    point = fixed_points(WC)[2]
    assert repr(point) == (
        "<stable focus at (0.0655693, 0.0291752), eigenvalues -0.01117-0.08912i, -0.01117+0.08912i>"
    )
    assert point.trace == pytest.approx(point.eigenvalues.sum().real)
    assert point.determinant == pytest.approx(np.prod(point.eigenvalues).real)
    for k, value in enumerate(point.eigenvalues):
        vector = point.eigenvectors[:, k]
        assert point.jacobian @ vector == pytest.approx(value * vector)
    with pytest.raises(AttributeError):
        point.kind = "saddle"
    frame = table(fixed_points(WC))
    assert frame["kind"].tolist() == ["stable node", "saddle", "stable focus"]
    assert frame[E].tolist() == [p.state[0] for p in fixed_points(WC)]


@pytest.mark.parametrize(
    ("matrix", "kind"),
    [
        ([[-1, 0], [0, -1]], "stable star node"),
        ([[2, 0], [0, 2]], "unstable star node"),
        ([[-1, 1], [0, -1]], "stable degenerate node"),
        ([[1, 1], [0, 1]], "unstable degenerate node"),
        ([[0, 1], [-1, 0]], "centre"),
        ([[-1, 0], [0, 0]], "fold"),
        ([[0, 1], [0, 0]], "double zero"),
        ([[-1, 3], [-3, -1]], "stable focus"),
        ([[1, 3], [-3, 1]], "unstable focus"),
        ([[-1, 0], [0, 1]], "saddle"),
        ([[-1, 0], [0, -3]], "stable node"),
    ],
)
def test_names_of_linear_systems(matrix, kind):
    (a, b), (c, d) = matrix
    numbers = {"x": "variable(0.0)", "y": "variable(0.0)", "a": a, "b": b, "c": c, "d": d}
    circuit = one(["x' = a*x + b*y", "y' = c*x + d*y"], {k: v if isinstance(v, str) else float(v) for k, v in numbers.items()})  # fmt: skip # noqa: E501
    if kind in ("fold", "double zero"):  # a whole line of points: take one cut through it
        system = read_system(circuit)
        assert describe(system, np.zeros((2, 1)))[0].kind == kind
        return
    (point,) = fixed_points(circuit, [(-1, 1.1), (-1, 1.1)])
    assert point.kind == kind
    assert point.stable == kind.startswith("stable")


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ([(1, 0), (0, 1)], "turned inside out: for e/rate_op/r the lower bound 1"),
        ([(0, 1)], r"has shape \(1, 2\)"),
        ([(0, math.inf), (0, 1)], "must be finite"),
        ("box", "a box holds numbers"),
    ],
)
def test_boxes_that_cannot_be_used(box, words):
    with pytest.raises(OptionError, match=words):
        fixed_points(WC, box)


def test_circuits_without_a_phase_plane():
    delayed = WC.with_vars(edge_vars=[(E, "i/si_op/r_in", {"delay": 2.0})])
    with pytest.raises(OptionError, match=r"has delays .* spread=.*run"):
        fixed_points(delayed)
    moving = one("x' = sin(t) - x", {"x": "variable(0.0)"})
    with pytest.raises(OptionError, match="contains the time t"):
        fixed_points(moving, (0, 1))
    with pytest.raises(OptionError, match=r"no pair.*box=\[\(low, high\)"):
        fixed_points(load("qif.qif"))
    with pytest.raises(TemplateTypeError, match="is needed, not 3"):
        fixed_points(3)
    with pytest.raises(PathError, match=r"Did you mean 'e/se_op/r_ext'"):
        fixed_points(WC, parameters={"e/se_op/r_extt": [0.0, 1.0]})
    with pytest.raises(OptionError, match="is a state"):
        fixed_points(WC, parameters={E: [0.0, 1.0]})
    assert isinstance(WC, CircuitTemplate)
    assert set(LETTERS.values()) <= set(WC.model().parameters)
