"""Branches of states of rest and their special points, held to other programs and closed forms.

`data/wc_bifurcations.json` holds values on which AUTO-07p and an independent second method
agree (`digits` says how far); `data/wc_facts.json` facts computed from published sets.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import FACTS, chain, one

from wclab import CircuitTemplate
from wclab.bifurcation import equilibria
from wclab.bifurcation.arclength import follow
from wclab.bifurcation.exact import Rates
from wclab.bifurcation.question import block_of
from wclab.errors import OptionError, PathError
from wclab.phaseplane import fixed_points

REFERENCE = json.loads((Path(__file__).parent / "data" / "wc_bifurcations.json").read_text())
WILSON_COWAN = "model_templates.neural_mass_models.wilsoncowan"
CONVENTIONS = "model_templates.neural_mass_models.conventions"
SETS = {
    "wc72_k1": f"{WILSON_COWAN}.WC72_fig11",
    "wc72_hyst": f"{WILSON_COWAN}.WC72_fig7",
    "hi97": f"{CONVENTIONS}.hoppensteadt_izhikevich",
}
P, Q, P_PLAIN, Q_PLAIN = "e/se_op/r_ext", "i/si_op/r_ext", "e/plain_op/r_ext", "i/plain_op/r_ext"


def load(name):
    """Return a circuit of the library: "WC72_fig7", or "neurolib" from the other file."""
    file = WILSON_COWAN if name.startswith(("WC", "single")) else CONVENTIONS
    return CircuitTemplate.from_yaml(f"{file}.{name}")


def reference_circuit(case):
    """Return the circuit of a case of the reference file, and the paths of P and Q."""
    plain = case["model"] == "hi97"
    first, second = (P_PLAIN, Q_PLAIN) if plain else (P, Q)
    return CircuitTemplate.from_yaml(SETS[case["model"]]).with_vars({second: case["Q"]}), first


CASES = [
    pytest.param(case, id=f"{case['model']} at Q = {case['Q']}")
    for case in REFERENCE["one_parameter"]
]


@pytest.mark.parametrize("case", CASES)
def test_folds_and_hopf_points_are_those_of_auto(case):
    circuit, parameter = reference_circuit(case)
    diagram = equilibria(circuit, parameter, (-10, 10))
    for kind, expected in (("fold", case["folds"]), ("hopf", case["hopfs"])):
        found = sorted(diagram.special_points(kind), key=lambda point: point.parameter)
        expected = sorted(expected, key=lambda point: point["P"])
        assert len(found) == len(expected)
        for point, known in zip(found, expected, strict=True):
            assert point.parameter == pytest.approx(known["P"], abs=1e-10)
            assert point.parameter == pytest.approx(
                known["P_auto"], abs=10.0 ** (1 - known["digits"])
            )
            # one state of the file is good to 1e-7 only: there I is 0.5 - 3e-12
            assert point.state == pytest.approx([known["E"], known["I"]], abs=2e-7)


@pytest.mark.parametrize("case", CASES)
def test_hopf_points_have_the_period_and_the_sort_of_the_reference(case):
    circuit, parameter = reference_circuit(case)
    for known in case["hopfs"]:
        point = equilibria(circuit, parameter, (-10, 10)).special_points("hopf")[0]
        tau = circuit["e/rate_op/tau"]
        assert point.period == pytest.approx(known["period_in_tau"] * tau, rel=1e-10)
        assert point.supercritical == (known["criticality"] == "supercritical")


def test_double_hysteresis_has_the_published_folds():
    folds = equilibria(load("WC72_fig7"), P, (-2, 2)).special_points("fold")
    assert sorted(p.parameter for p in folds) == pytest.approx(FACTS["B3"]["fold_P"], abs=1e-8)


def test_states_on_a_branch_are_at_rest():
    circuit = load("WC72_fig11")
    for branch in equilibria(circuit, P, (-2, 6)).branches:
        for value, state in zip(branch.parameter[::7], branch.states[::7], strict=True):
            rates = circuit.with_vars({P: value}).model().rhs(0.0, state)
            assert np.abs(rates).max() < 1e-13


@pytest.mark.parametrize("case", CASES)
def test_continuation_finds_what_the_closed_form_finds(case):
    circuit, parameter = reference_circuit(case)
    exact = equilibria(circuit, parameter, (-10, 10))
    general = equilibria(circuit, parameter, (-10, 10), method="continuation")
    assert len(general.branches) == len(exact.branches)
    for kind in ("fold", "hopf", "neutral saddle", "branch point"):
        one, other = exact.special_points(kind), general.special_points(kind)
        assert len(one) == len(other)
        for a in one:
            b = min(other, key=lambda p: abs(p.state - a.state).max())
            assert b.parameter == pytest.approx(a.parameter, abs=1e-10)
            if kind == "hopf":
                assert b.lyapunov == pytest.approx(a.lyapunov, rel=1e-6)


# --- facts of published sets ---


def with_weights(name, weights, **node_vars):
    """Return a circuit of the library with other weights (ee, ei, ie, ii) and constants."""
    circuit = load(name)
    changes = []
    for (source, target, _, _), weight in zip(circuit.edges, weights, strict=True):
        changes.append((source, target, {"weight": weight}))
    return circuit.with_vars({k.replace("__", "/"): v for k, v in node_vars.items()}, changes)


ABEYSURIYA = with_weights(
    "daffertshofer_van_wijk", (3.25, -2.5, 3.75, 0.0), e__plain_op__s=4.0, i__plain_op__s=4.0,
    e__plain_op__theta=1.0, i__plain_op__theta=1.0, i__rate_op__tau=20.0,
)  # fmt: skip
TOOLBOX = with_weights(
    "daffertshofer_van_wijk", (11.0, -10.0, 10.0, -1.0), e__plain_op__s=1.0, i__plain_op__s=1.0,
    e__plain_op__theta=2.5, i__plain_op__theta=3.0, e__rate_op__tau=5.0, i__rate_op__tau=10.0,
)  # fmt: skip
# circuit, parameter, facts of Hopf points (and neutral saddles), facts of folds, unit of time
PUBLISHED = {
    "B6": (load("WC72_fig11"), P, "hopf", "folds", 8.0),
    "D4": (load("hoppensteadt_izhikevich"), P_PLAIN, "hopf", "folds", 1.0),
    "F1": (load("daffertshofer_van_wijk"), P_PLAIN, "hopf_P", None, 10.0),
    "G1": (ABEYSURIYA, P_PLAIN, "hopf_P", "folds_P", 1.0),
    "H1": (TOOLBOX, P_PLAIN, "hopf_Je", "folds_Je", 1.0),
    "I1": (load("neurolib"), P_PLAIN, "hopf", "folds", 1.0),
    "E1": (load("xppaut"), P_PLAIN, "hopf_in_i_e", "folds_in_i_e", 1.0),
    "P1": (load("WC"), P, "hopf_r_ext", "folds_r_ext", 1.0),
    "B4": (load("WC72_fig10"), P, "hopf", None, 10.0),
}


@pytest.mark.parametrize("method", ["explicit", "continuation"])
@pytest.mark.parametrize("fact", PUBLISHED)
def test_published_sets_have_the_special_points_that_were_computed_from_them(fact, method):
    circuit, parameter, hopf, folds, tau = PUBLISHED[fact]
    found = equilibria(circuit, parameter, (-8, 8), method=method)
    if folds is not None:
        expected = FACTS[fact][folds]
        assert len(found.special_points("fold")) == len(expected)
        for known in expected:
            point = nearest_point(found.special_points("fold"), known)
            assert point.parameter == pytest.approx(known["P"], abs=1e-9)
            assert point.state == pytest.approx([known["E"], known["I"]], abs=1e-8)
            if "trace" in known:
                trace = point.eigenvalues.sum().real * tau
                assert trace == pytest.approx(known["trace"], abs=1e-7)
    if fact == "B4":  # what is known there is that there is none
        assert not found.special_points("hopf")
        return
    for known in FACTS[fact][hopf]:
        kind = "neutral saddle" if known.get("neutral_saddle") else "hopf"
        point = nearest_point(found.special_points(kind), known)
        assert point.parameter == pytest.approx(known["P"], abs=1e-9)
        assert point.state == pytest.approx([known["E"], known["I"]], abs=1e-8)
        if kind == "hopf":
            assert point.period == pytest.approx(known["period"] * tau, rel=1e-9)
            assert point.lyapunov == pytest.approx(known["l1"], rel=1e-8)


def nearest_point(points, known):
    """Return the point nearest to a known value of the parameter."""
    return min(points, key=lambda p: abs(p.parameter - known["P"]))


def test_one_population_jumps_where_theory_says():
    found = equilibria(load("single_population"), P, (-1, 2)).special_points("fold")
    known = FACTS["A3"]
    down, up = sorted(found, key=lambda p: p.parameter)
    assert up.parameter == pytest.approx(known["I_up_jump"], abs=1e-11)
    assert down.parameter == pytest.approx(known["I_down_jump"], abs=1e-11)
    assert up.state[0] == pytest.approx(known["r_at_up"], abs=1e-9)
    assert down.state[0] == pytest.approx(known["r_at_down"], abs=1e-9)


def test_one_loop_of_the_1972_paper():
    found = equilibria(load("WC72_fig4"), P, (-2, 2)).special_points("fold")
    known = FACTS["B2"]
    down, up = sorted(found, key=lambda p: p.parameter)
    assert up.parameter == pytest.approx(known["P_fold_up"], abs=1e-9)
    assert down.parameter == pytest.approx(known["P_fold_down"], abs=1e-9)
    assert [up.state[0], down.state[0]] == pytest.approx(
        [known["E_at_up"], known["E_at_down"]], abs=1e-9
    )


def test_two_folds_that_nearly_meet_are_both_found():
    known = FACTS["B9"]["fig11_folds_at_Q0p5"]  # the first two are 4e-4 apart
    circuit = load("WC72_fig11").with_vars({Q: 0.5})
    for method in ("explicit", "continuation"):
        found = equilibria(circuit, P, (-2, 6), method=method).special_points("fold")
        assert sorted(p.parameter for p in found) == pytest.approx(known, abs=1e-9)


def test_the_number_of_folds_of_the_rhythmic_set_is_at_most_four():
    circuit = load("WC72_fig11")
    counts = {
        value: len(equilibria(circuit.with_vars({Q: value}), P, (-40, 40)).special_points("fold"))
        for value in np.linspace(-10, 6, 65).tolist()
    }
    assert max(counts.values()) == FACTS["B9"]["fig11_max_number_of_folds_in_P_over_Q"]["n"]
    assert counts[0.5] == 4


def test_slow_inhibition_starts_the_neuromatch_rhythm():
    found = equilibria(load("neuromatch_cycle"), "i/rate_op/tau", (0.5, 5))
    known = FACTS["C4"]
    (hopf,) = found.special_points("hopf")
    assert hopf.parameter == pytest.approx(known["tauI_Hopf"], abs=1e-10)
    assert hopf.period == pytest.approx(known["period"], abs=1e-8)
    assert hopf.supercritical
    assert known["l1_sign"] == -1


def test_self_excitation_makes_a_fold_and_no_pitchfork():
    found = equilibria(load("neuromatch"), ("e/rate_op/r", "e/se_op/r_in"), (5.5, 12.5))
    (known,) = FACTS["C8"]["folds"]
    (fold,) = found.special_points("fold")
    assert fold.parameter == pytest.approx(known["wEE"], abs=1e-9)
    assert fold.state == pytest.approx([known["E"], known["I"]], abs=1e-8)
    assert not found.special_points("branch point")
    silent = [b for b in found.branches if np.abs(b.states).max() < 1e-9]
    assert len(silent) == 1
    assert silent[0].parameter[[0, -1]] == pytest.approx([5.5, 12.5])


def test_the_input_that_ends_rest_is_the_fold_of_the_working_memory():
    found = equilibria(load("neuromatch"), P, (0, 1)).special_points("fold")
    assert found[0].parameter == pytest.approx(FACTS["C9"]["P_fold_up"], abs=1e-9)


WONG_WANG = one(
    [
        "x = J11*S - J12*T + I0 + JA*mu0",
        "y = J11*T - J12*S + I0 + JA*mu0",
        "S' = -S/tau_s + (1 - S)*gamma*(a*x - b)/(1 - exp(-d*(a*x - b)))",
        "T' = -T/tau_s + (1 - T)*gamma*(a*y - b)/(1 - exp(-d*(a*y - b)))",
    ],
    {
        "S": "output(0.1)", "T": "variable(0.1)", "x": "variable(0.0)", "y": "variable(0.0)",
        "J11": 0.2609, "J12": 0.0497, "I0": 0.3255, "JA": 0.00052, "mu0": 0.0, "a": 270.0,
        "b": 108.0, "d": 0.154, "tau_s": 0.1, "gamma": 0.641,
    },
)  # fmt: skip


def test_pitchforks_are_branch_points_and_their_branches_are_followed():
    found = equilibria(WONG_WANG, "n/op/mu0", (9, 12), box=[(0, 1), (0, 1)])
    known = FACTS["M3"]
    (point,) = found.special_points("branch point")
    assert point.parameter == pytest.approx(known["mu0_pitchfork"][0], abs=1e-8)
    assert point.state == pytest.approx([known["S_at"][0]] * 2, abs=1e-8)
    assert not found.special_points("fold")
    for value, count in ((10.6, known["n_just_below"][0]), (10.7, known["n_just_above"][0])):
        assert crossings(found, value) == count


def crossings(diagram, value):
    """Return how often the branches of a diagram pass a value of the parameter."""
    return sum(
        int(np.sum((b.parameter[1:] > value) != (b.parameter[:-1] > value)))
        for b in diagram.branches
    )


# --- random circuits ---


def random_circuit(rng):
    """Return a pair with random weights, gains, thresholds, and time constants."""
    k = float(rng.integers(0, 2))
    weights = rng.uniform([2, -20, 2, -12], [20, -2, 20, 4])
    return with_weights(
        "WC72_fig4", weights, e__se_op__s=rng.uniform(0.8, 2), i__si_op__s=rng.uniform(0.8, 4),
        e__se_op__theta=rng.uniform(1, 5), i__si_op__theta=rng.uniform(1, 5),
        e__rate_op__k=k, i__rate_op__k=k, i__rate_op__tau=rng.uniform(4, 20),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("parameter", [P, Q])
def test_branches_cross_every_value_as_often_as_there_are_fixed_points(seed, parameter):
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng)
    found = equilibria(circuit, parameter, (-8, 8))
    assert found.complete
    for value in rng.uniform(-8, 8, 12):
        points = fixed_points(circuit.with_vars({parameter: float(value)}))
        assert crossings(found, value) == len(points)


@pytest.mark.parametrize("seed", range(6))
def test_both_methods_agree_on_random_circuits(seed):
    circuit = random_circuit(np.random.default_rng(100 + seed))
    exact = equilibria(circuit, P, (-8, 8))
    general = equilibria(circuit, P, (-8, 8), method="continuation")
    for kind in ("fold", "hopf", "neutral saddle"):
        one_way = sorted(p.parameter for p in exact.special_points(kind))
        other = sorted(p.parameter for p in general.special_points(kind))
        assert other == pytest.approx(one_way, abs=1e-8)


def test_relabelled_populations_have_the_same_diagram():
    circuit = load("WC72_fig7")
    swapped = CircuitTemplate(
        "swapped",
        nodes={"i": circuit.nodes["i"], "e": circuit.nodes["e"]},
        edges=circuit.edges,
    )
    one_way, other = (equilibria(c, P, (-2, 2)).special for c in (circuit, swapped))
    assert sorted(p.parameter for p in one_way) == pytest.approx(
        sorted(p.parameter for p in other), abs=1e-11
    )


def test_stability_along_branches_is_that_of_the_jacobian():
    circuit = load("WC72_fig7")
    for method in ("explicit", "continuation"):
        for branch in equilibria(circuit, P, (-2, 2), method=method).branches:
            for k in range(3, len(branch), 11):
                model = circuit.with_vars({P: branch.parameter[k]}).model()
                values = np.linalg.eigvals(model.jacobian(branch.states[k]))
                if np.abs(values.real).min() > 1e-9:
                    assert branch.stable[k] == (values.real.max() < 0)
                    assert sorted(branch.eigenvalues[k].real) == pytest.approx(
                        sorted(values.real), abs=1e-8
                    )


def test_a_population_that_hears_no_other_has_branches_too():
    circuit = with_weights("WC72_fig4", (12.0, -4.0, 0.0, -11.0))
    found = equilibria(circuit, P, (-2, 4))
    general = equilibria(circuit, P, (-2, 4), method="continuation")
    folds = [sorted(p.parameter for p in d.special_points("fold")) for d in (found, general)]
    assert folds[0] == pytest.approx(folds[1], abs=1e-9)
    assert len(folds[0]) == 2


# --- exact derivatives ---


@pytest.mark.parametrize("name", ["WC", "WC_stp"])
def test_higher_derivatives_agree_with_differences(name, rng):
    model = load(name).model()
    rates = Rates(model, [block_of(model, P), block_of(model, "e/rate_op/tau")])
    u = np.append(rng.uniform(0.1, 0.5, rates.size), [1.2, 8.0])
    a, b, c = rng.normal(size=(3, len(u)))
    step = 1e-6
    second = (rates.slopes(u + step * a)[1] - rates.slopes(u - step * a)[1]) @ b / (2 * step)
    third = (rates.second(u + step * c, a, b) - rates.second(u - step * c, a, b)) / (2 * step)
    assert rates.second(u, a, b) == pytest.approx(second, abs=1e-8 * np.abs(second).max())
    assert rates.third(u, a, b, c) == pytest.approx(third, abs=1e-8 * np.abs(third).max())


def test_following_a_circle_closes_it():
    def circle(u):
        return np.array([u @ u - 1]), 2 * u[None]

    everywhere = np.full(2, -np.inf), np.full(2, np.inf)
    walk = follow(circle, np.array([1.0, 0.0]), np.array([0.0, 1.0]), everywhere, np.ones(2))
    assert walk.closed
    assert np.abs(np.linalg.norm(walk.points, axis=1) - 1).max() < 1e-10


# --- what is refused, and what is said ---


def test_a_misspelt_parameter_is_named_with_its_neighbour():
    with pytest.raises(PathError, match="Did you mean 'e/se_op/r_ext'"):
        equilibria(load("WC"), "e/se_op/r_extt", (0, 1))
    with pytest.raises(PathError, match="Did you mean 'e/rate_op/r -> e/se_op/r_in'"):
        equilibria(load("WC"), ("e/rate_op/r", "e/se_op/r_out"), (0, 1))


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ((1, 0), "turned inside out"),
        ((0, 0), "turned inside out"),
        ((0, np.inf), "must be finite"),
        ((0,), "two numbers"),
        ("ab", "two numbers"),
    ],
)
def test_a_range_must_be_two_numbers_in_order(limits, words):
    with pytest.raises(OptionError, match=words):
        equilibria(load("WC"), P, limits)


def test_states_and_computed_variables_are_no_parameters():
    with pytest.raises(OptionError, match="is a state"):
        equilibria(load("WC"), "e/rate_op/r", (0, 1))
    with pytest.raises(OptionError, match="set by its equation"):
        equilibria(load("WC"), "e/se_op/m", (0, 1))


def test_circuits_that_cannot_rest_are_refused_with_the_remedy():
    with pytest.raises(OptionError, match=r"has delays .* spread="):
        equilibria(chain(1.0), "a/op/tau", (1, 2))
    timed = one("x' = -x + sin(t)*a", {"x": "output(0.0)", "a": 1.0})
    with pytest.raises(OptionError, match="contains the time t"):
        equilibria(timed, "n/op/a", (0, 1))
    driven = load("WC")._model(frozenset([P]), frozenset(), False)
    with pytest.raises(OptionError, match="fed by a run's input or noise"):
        equilibria(driven, Q, (0, 1))
    still = one("m = 2*a", {"m": "output(0.0)", "a": 1.0})
    with pytest.raises(OptionError, match="no differential equation"):
        equilibria(still, "n/op/a", (0, 1))


def test_an_unknown_method_lists_the_right_ones():
    with pytest.raises(OptionError, match="auto, explicit, continuation"):
        equilibria(load("WC"), P, (0, 1), method="auto07")
    with pytest.raises(OptionError, match='use method="continuation"'):
        equilibria(load("WC"), "i/rate_op/tau", (1, 30), method="explicit")


def test_a_branch_that_leaves_the_box_ends_there():
    line = one("x' = a - x", {"x": "output(0.0)", "a": 0.5})
    found = equilibria(line, "n/op/a", (0, 3), box=[(-1, 2)])
    (branch,) = found.branches
    assert branch.parameter.max() == pytest.approx(2.0, abs=1e-9)


def test_a_branch_whose_state_runs_off_says_which_and_what_ends_it():
    plastic = load("WC_stp")  # utilisation has a pole near P = -0.44
    with pytest.warns(RuntimeWarning, match="tsodyks_op/u runs off, and box= would end"):
        equilibria(plastic, P, (-2, 2))
    equilibria(plastic, P, (-2, 2), box=[(-0.2, 0.6)] * 2 + [(-1, 2)] * 8)  # no warning


def test_a_branch_that_cannot_go_on_is_returned_with_a_warning():
    root = one("x' = a - sqrt(x)", {"x": "output(0.5)", "a": 0.5})  # x = a^2, for a > 0 only
    with pytest.warns(RuntimeWarning, match=r"a branch ends at n/op/a = .* What was found so"):
        found = equilibria(root, "n/op/a", (-1, 1), box=[(-0.5, 2)])
    assert sum(len(b) for b in found.branches) > 2


def test_records_can_be_read_and_tabled():
    found = equilibria(load("WC72_fig11"), P, (-2, 6))
    assert "hopf at 1.909252718" in repr(found)
    assert "supercritical" in repr(found)
    table = found.to_frame()
    assert list(table.columns) == ["branch", "parameter", "e/rate_op/r", "i/rate_op/r", "stable"]
    special = found.special_table()
    assert list(special["kind"]) == [p.kind for p in found.special]
    assert "branch of" in repr(found.branches[0])


def test_nothing_in_a_range_is_an_empty_diagram():
    nothing = one("x' = 1 + x**2 + a", {"x": "output(0.0)", "a": 0.5})
    found = equilibria(nothing, "n/op/a", (0, 1), box=[(-2, 2)])
    assert found.branches == ()
    assert found.to_frame().empty
    assert "0 branches" in repr(found)
