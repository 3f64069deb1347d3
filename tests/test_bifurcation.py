"""Branches of states of rest and their special points, held to other programs and closed forms.

`data/wc_bifurcations.json` holds values on which AUTO-07p and an independent second method
agree (`digits` says how far); `data/wc_facts.json` facts computed from published sets.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import FACTS

from wclab import CircuitTemplate
from wclab.bifurcation import equilibria

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
