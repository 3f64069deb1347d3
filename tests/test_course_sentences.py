"""What the exercises say: every decimal of their prose, and what they claim of the dynamics."""

import itertools
import math
import re

import numpy as np
import pytest
from helpers import FACTS, WC

from wclab import CircuitTemplate
from wclab.bifurcation import cycles, equilibria, hysteresis
from wclab.course.exercises import course
from wclab.phaseplane import fixed_points, limit_cycle, strength_duration, trajectories

LESSONS = course()
P, TAU_I = "e/se_op/r_ext", "i/rate_op/tau"
CONVENTIONS = "model_templates.neural_mass_models.conventions."
ONE = CircuitTemplate.from_yaml(WC.replace("WC", "single_population"))
FIG4 = CircuitTemplate.from_yaml(f"{WC}72_fig4")
FIG11 = CircuitTemplate.from_yaml(f"{WC}72_fig11")
NEUROMATCH = CircuitTemplate.from_yaml(f"{CONVENTIONS}neuromatch")
CYCLE = CircuitTemplate.from_yaml(f"{CONVENTIONS}neuromatch_cycle")
TVB = CircuitTemplate.from_yaml(f"{CONVENTIONS}daffertshofer_van_wijk")
XPP = fixed_points(CircuitTemplate.from_yaml(f"{CONVENTIONS}xppaut"))[0].eigenvalues[0]
FOLD_S = [(1 - math.sqrt(1 / 3)) / 2, (1 + math.sqrt(1 / 3)) / 2]  # S (1 - S) = 1/(a w) = 1/6
FOCUS = fixed_points(CYCLE)[0]
X_I = 6 * FOCUS.state[0] - 1.2 * FOCUS.state[1]
S_I = 1 / (1 + math.exp(4 - X_I))
MIDDLE = FACTS["A1"]["r"][1]
X = 5 * MIDDLE + 0.5
S_X = 1 / (1 + math.exp(-1.2 * (X - 2.8)))
INHIBITED = ONE.with_vars({P: 3.5}, [("e/rate_op/r", "e/se_op/r_in", {"weight": -5.0})])

# numbers in the prose that are no answers, right or wrong, of their lesson
PRINTED = {
    "01": [],
    "02": [
        (0.526144426 - 0.2) / 2, 0.526144426, math.exp(-1), 0.9**10, math.exp(-1) - 0.9**10,
        XPP.real, XPP.imag, 2 * XPP.real, abs(XPP) ** 2,
    ],
    "03": [
        X, S_X, 1.2 * S_X * (1 - S_X), FACTS["A2"]["I_c"], FACTS["A8"]["r"][0],
        FACTS["A8"]["eigenvalue"][0],
    ],
    "04": [
        *FOLD_S, 2.8 + math.log(FOLD_S[0] / FOLD_S[1]) / 1.2, FACTS["A3"]["r_at_down"], 0.001,
        hysteresis(ONE, P, (0, 1.5), speed=0.001, box=[(-0.5, 1.5)]).up_jump,
    ],
    "05": [
        *(eig["re"] for eig in FACTS["P1"]["at_0"][1]["eig"]), 1 / (1 + math.exp(2)),
        2 - 1 / (1 + math.exp(2)), FACTS["P2"]["trajectory"]["t=125"][0],
    ],
    "06": [FACTS["C1"]["points"][1]["I"], FACTS["B2s"]["table"][3]["P_crit"]],
    "07": [
        *FOCUS.state, X_I, S_I * (1 - S_I), FACTS["C3"]["J11"],
        FACTS["C3"]["point"][0]["eig"][0]["im"],
    ],
    "08": [
        S_I * (1 - S_I), FACTS["C3"]["J11"], 1 + 1.2 * S_I * (1 - S_I), FACTS["B5"]["period_tau"],
        8 * FACTS["B5"]["period_tau"],
    ],
    "09": [],
    "10": [],
    "11": [math.sqrt(3), 2 * math.pi / 3],
    "12": [FACTS["F1"]["period_tau"], 10 * FACTS["F1"]["period_tau"]],
}  # fmt: skip


def prose(lesson):
    """Return all texts of a lesson but the names of its options."""
    found = [option.when for option in lesson.question.options] if lesson.question else []
    found += [lesson.question.question] if lesson.question else []
    for item in lesson.exercises.values():
        found += [item.question, item.because, item.text, *item.hints]
        found += [known.when for known in (*item.wrong, *item.also, *item.options)]
    return found


def answers(lesson):
    """Return all numbers that are answers, right or wrong."""
    found = []
    for item in lesson.exercises.values():
        known = [item.right, *(other.value for other in (*item.wrong, *item.also))]
        found += itertools.chain(*(x if isinstance(x, list) else [x] for x in known))
    return [x for x in found if isinstance(x, int | float)]


@pytest.mark.parametrize("number", LESSONS)
def test_every_decimal_of_the_prose_is_a_rounded_number_that_is_computed(number):
    lesson = LESSONS[number]
    known = np.abs([0.0, *answers(lesson), *PRINTED[number]])
    for text in prose(lesson):
        for printed in re.findall(r"\d+\.\d{3,}", text):
            half = 0.5001 * 10.0 ** -len(printed.partition(".")[2])
            assert np.abs(known - float(printed)).min() <= half, (printed, text)


@pytest.mark.parametrize("number", LESSONS)
def test_no_number_of_the_table_is_without_a_use(number):
    text = " ".join(prose(LESSONS[number]))
    for value in PRINTED[number]:
        rounded = [f"{abs(value):.{digits}f}" for digits in (3, 4, 5, 6)]
        assert any(re.search(rf"(?<![\d.]){re.escape(r)}(?!\d)", text) for r in rounded), value


# --- what is claimed of the dynamics ---


@pytest.mark.parametrize(("start", "end"), [(0.44, 0.0415), (0.46, 0.8997)])
def test_03_the_two_starts_of_the_question_part(start, end):
    run = ONE.with_vars({P: 0.5, "e/rate_op/r": start}).run(
        100.0, 0.01, outputs={"r": "e/rate_op/r"}, solver="rk4"
    )
    assert run["r"].iloc[-1] == pytest.approx(end, abs=5e-5)


def test_03_self_inhibition_leaves_one_stable_point_at_any_input():
    for value in np.linspace(-5, 10, 16):
        found = fixed_points(INHIBITED.with_vars({P: value}), [(-1.5, 1.5)])
        assert [point.kind for point in found] == ["stable node"]
        assert found[0].eigenvalues[0] < -1


@pytest.mark.parametrize(("speed", "jump"), [(0.001, 0.846), (0.01, 0.952)])
def test_04_a_faster_ramp_jumps_at_a_higher_input(speed, jump):
    found = hysteresis(ONE, P, (0, 1.5), speed=speed, box=[(-0.5, 1.5)])
    assert found.up_jump == pytest.approx(jump, abs=8e-4)
    assert found.up_jump > FACTS["A3"]["I_up_jump"]


def test_04_noise_in_steps_of_a_tenth_of_tau_has_the_stated_variance(rng):
    x = np.zeros(200_000)
    for _ in range(80):
        x += -0.1 * x + math.sqrt(0.2) * rng.standard_normal(x.size)
    assert x.var() == pytest.approx(1.0526, abs=0.01)


@pytest.mark.parametrize(
    ("start", "end"),
    [((0.4, 0.4), 0.0), ((0.4, 0.25), 0.9384), ((0.32, 0.15), 0.0), ((0.33, 0.15), 0.9384)],
)
def test_06_where_the_starts_of_the_texts_end(start, end):
    assert trajectories(NEUROMATCH, [start], 200.0).values[0, -1, 0] == pytest.approx(end, abs=1e-4)


def test_06_thresholds_of_longer_pulses_come_down_towards_the_fold():
    found = strength_duration(FIG4, P, [40.0, 80.0, 160.0]).thresholds
    assert found == pytest.approx([0.487, 0.370, 0.315], abs=5e-4)
    assert found.min() > FACTS["B2s"]["rheobase_P"]


def test_06_a_time_constant_moves_no_fixed_point_and_halves_the_field():
    slow = FIG4.with_vars({TAU_I: 16.0})
    for one, other in zip(fixed_points(FIG4), fixed_points(slow), strict=True):
        assert one.state == pytest.approx(other.state, abs=1e-12)
    fast_rhs, slow_rhs = (c.model().rhs(0.0, [0.3, 0.1]) for c in (FIG4, slow))
    assert slow_rhs == pytest.approx([fast_rhs[0], fast_rhs[1] / 2])


def test_08_the_rhythm_becomes_slower_as_tau_grows():
    found = cycles(CYCLE, equilibria(CYCLE, TAU_I, (0.2, 2.2)).special_points("hopf")[0])
    below = found.parameter <= 2.05
    order = np.argsort(found.parameter[below])
    assert (np.diff(found.period[below][order]) > 0).all()


def test_08_the_determinant_is_never_zero_and_proportional_to_the_rate_of_i():
    for tau in (0.3, 1.0, 3.0, 10.0):
        jacobian = fixed_points(CYCLE.with_vars({TAU_I: tau}))[0].jacobian
        assert np.linalg.det(jacobian) * tau == pytest.approx(2 * 0.326991007, rel=1e-7)


def test_09_rest_and_rhythm_are_both_stable_between_the_loop_and_the_fold():
    between = FIG11.with_vars({P: 1.075})
    assert "stable node" in [point.kind for point in fixed_points(between)]
    assert limit_cycle(between, [0.2, 0.05]).stable
    above = FIG11.with_vars({P: 1.92})
    assert [point.kind for point in fixed_points(above)] == ["stable focus"]
    below = FIG11.with_vars({P: 0.904})
    kinds = [point.kind for point in fixed_points(below)]
    assert "saddle" in kinds
    assert any(kind.startswith("unstable") for kind in kinds)


def test_12_the_printed_frequency_is_too_low():
    assert 100 * (1 - 20 / (1000 / limit_cycle(TVB).period)) == pytest.approx(5.6, abs=0.05)
