"""Every number of the exercises, right or wrong, computed again with wclab and by hand.

The solutions in the texts compute the right answers once; here they come from other places: the
model's own derivative, runs, independent facts. Each wrong number is made by its mistake.
"""

import math

import numpy as np
import pytest
from helpers import FACTS, WC, leak
from pairs import pair
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from wclab import CircuitTemplate
from wclab.bifurcation import equilibria
from wclab.course.exercises import exercises
from wclab.phaseplane import fixed_points, limit_cycle, pulse_threshold

EXERCISES = exercises()
ONE = CircuitTemplate.from_yaml(WC.replace("WC", "single_population"))
FIG4 = CircuitTemplate.from_yaml(f"{WC}72_fig4")
FIG11 = CircuitTemplate.from_yaml(f"{WC}72_fig11")
CONVENTIONS = "model_templates.neural_mass_models.conventions."
NEUROMATCH = CircuitTemplate.from_yaml(f"{CONVENTIONS}neuromatch")
CYCLE = CircuitTemplate.from_yaml(f"{CONVENTIONS}neuromatch_cycle")
TVB = CircuitTemplate.from_yaml(f"{CONVENTIONS}daffertshofer_van_wijk")
P = "e/se_op/r_ext"
A, THETA = 1.2, 2.8
FIG4_NUMBERS = {
    "c1": 12, "c2": -4, "c3": 13, "c4": -11, "ae": 1.2, "the": 2.8, "P": 0, "ke": 1, "te": 1,
    "ai": 1, "thi": 4, "Q": 0, "ki": 1, "ti": 1,
}  # fmt: skip


def S(z):  # noqa: N802 - the symbol of the course
    return 1 / (1 + np.exp(-z))


def response(x):
    """Return F(x) as the model computes it: the derivative of a silent population with τ = 1."""
    return float(ONE.with_vars({P: x}).model().rhs(0.0, [0.0])[0])


def slope(x):
    """Return F'(x) from the exact Jacobian: J = -1 + w F'."""
    return (float(ONE.with_vars({P: x}).model().jacobian([0.0])[0, 0]) + 1) / 5


def run_of_a_leak(time, tau, start=0.0, drive=1.0, **options):
    circuit = CircuitTemplate("leak", nodes={"n": leak(start, tau)})
    inputs = {"n/op/u": drive}
    return circuit.run(
        time + options["step_size"], inputs=inputs, outputs={"x": "n/op/x"}, **options
    )


def points():
    circuit = ONE.with_vars({P: 0.5})
    return fixed_points(circuit, [(-0.5, 1.5)])


def folds():
    found = equilibria(ONE, P, (-0.5, 1.5), box=[(-0.5, 1.5)]).special_points("fold")
    return sorted(found, key=lambda fold: fold.parameter)


def ramp(measure):
    """Return the input at which a ramp of 0.01 per τ is where `measure` says."""
    found = solve_ivp(
        lambda t, y: [-y[0] + response_fast(5 * y[0] + 0.01 * t)], (0, 150), [0.0],
        rtol=1e-10, atol=1e-12, dense_output=True,
    )  # fmt: skip
    time = np.linspace(0, 150, 1_500_001)
    return 0.01 * time[measure(found.sol(time)[0])]


def response_fast(x):
    return S(A * (x - THETA)) - S(-A * THETA)


def upper_state(**numbers):
    """Return E of the highest fixed point of Fig. 4 with some numbers changed."""
    return fixed_points(pair(**{**FIG4_NUMBERS, **numbers}))[-1].state[0]


def upper_state_by_hand(shift, k):
    """Return E of the upper state for another shift or another ceiling, by a run to rest."""
    ceiling = [1 - k * S(-1.2 * 2.8), 1 - k * S(-4.0)]

    def rates(_, y):
        e, i = y
        m = S(1.2 * (12 * e - 4 * i - 2.8)) - shift * S(-1.2 * 2.8)
        n = S(13 * e - 11 * i - 4) - shift * S(-4.0)
        return [-e + (ceiling[0] - e) * m, -i + (ceiling[1] - i) * n]

    return solve_ivp(rates, (0, 400), [0.46, 0.24], rtol=1e-11, atol=1e-13).y[0, -1]


def linear(x):
    """Return trace, determinant and eigenvalue of the fixed point of Neuromatch's rhythm."""
    found = fixed_points(CYCLE)[0].jacobian
    return {"trace": np.trace(found), "det": np.linalg.det(found)}[x]


def gain_of_i():
    """Return F_i' at the fixed point of Neuromatch's rhythm, by a difference of its response."""
    e, i = fixed_points(CYCLE)[0].state
    x = 6 * e - 1.2 * i
    h = 1e-5
    return float((S(x + h - 4) - S(x - h - 4)) / (2 * h))


def turning():
    return float(np.abs(fixed_points(CYCLE)[0].eigenvalues[0].imag))


def euler_period(circuit, step, tau):
    """Return the period of Euler's rhythm, from where it crosses E = 0.2 upwards."""
    run = circuit.run(9_000.0, step * tau, outputs={"E": "e/rate_op/r"}, solver="euler")["E"]
    e, time = run.to_numpy() - 0.2, run.index.to_numpy()
    k = np.flatnonzero((e[:-1] < 0) & (e[1:] >= 0) & (time[:-1] > 1_000))
    ups = time[k] - e[k] * step * tau / (e[k + 1] - e[k])
    return float((ups[-1] - ups[0]) / (len(ups) - 1))


def special(kind):
    return [x for x in equilibria(FIG11, P, (-2, 6)).special if x.kind == kind]


WALK = 0.2, response(3.0), 2.0, 0.4  # r, drive, tau, step
MIDDLE = brentq(lambda r: -r + response_fast(5 * r + 0.5), 0.2, 0.7)  # by hand
X = 5 * MIDDLE + 0.5
BETA, JEE, JEI, JIE, JII = 0.1, 25.0, 25.0, 15.0, 7.0
DET = (1 - BETA * JEE) * (1 + BETA * JII) + BETA**2 * JEI * JIE
NEAR_SILENCE = CircuitTemplate.from_yaml(WC).model().jacobian([0.0, 0.0])
XPP = fixed_points(CircuitTemplate.from_yaml(f"{CONVENTIONS}xppaut"))[0].eigenvalues[0]
MOST = 1 - S(-2.0)
EXACT, TEN = math.exp(-1), 0.9**10

# (exercise, "right" or the name of the wrong number): how it comes about
NUMBERS = {
    ("01.1", "right"): lambda: response(3.0),
    ("01.1", "no_shift"): lambda: S(A * (3 - THETA)),
    ("01.1", "gain_and_threshold_exchanged"): lambda: S(2.8 * (3 - 1.2)) - S(-2.8 * 1.2),
    ("01.1", "sign_of_exponent"): lambda: S(-A * (3 - THETA)) - S(-A * THETA),
    ("01.1", "theta_outside_gain"): lambda: S(A * 3 - THETA) - S(-THETA),
    ("01.1", "theta_outside_gain_once"): lambda: S(A * 3 - THETA) - S(-A * THETA),
    ("01.2", "right"): lambda: slope(THETA),
    ("01.2", "forgot_quarter"): lambda: A,
    ("01.2", "used_half"): lambda: A / 2,
    ("01.3", "right"): lambda: run_of_a_leak(
        20.0, 10.0, step_size=0.01, solver="rk4").loc[20.0, "x"],
    ("01.3", "what_is_left"): lambda: math.exp(-2),
    ("01.3", "time_and_tau_exchanged"): lambda: 1 - math.exp(-1 / 2),
    ("01.3", "arrived"): lambda: 1.0,
    ("01.3", "after_one_tau"): lambda: 1 - math.exp(-1),
    ("01.5", "right"): lambda: response(1e3),
    ("01.5", "no_shift"): lambda: S(1e3),
    ("01.5", "shift_alone"): lambda: S(-A * THETA),
    ("01.5", "at_threshold"): lambda: response(THETA),
    ("02.1", "right"): lambda: run_of_a_leak(
        0.4, 2.0, start=0.2, drive=WALK[1], step_size=0.4, solver="euler").loc[0.4, "x"],
    ("02.1", "forgot_tau"): lambda: 0.2 + 0.4 * (WALK[1] - 0.2),
    ("02.1", "forgot_leak"): lambda: 0.2 + 0.4 * WALK[1] / 2,
    ("02.1", "tau_in_numerator"): lambda: 0.2 + 0.4 * 2 * (WALK[1] - 0.2),
    ("02.1", "returned_increment_only"): lambda: 0.4 * (WALK[1] - 0.2) / 2,
    ("02.2", "right"): lambda: 2.0 * FACTS["A4"]["stability_limit_dt_over_tau"],
    ("02.2", "monotone_limit_confused"): lambda: 2.0 * FACTS["A4"]["monotone_limit_dt_over_tau"],
    ("02.2", "accuracy_confused"): lambda: 2.0 / 10,
    ("02.4", "right"): lambda: 100 * (1 - run_of_a_leak(
        1.0, 1.0, start=1.0, drive=0.0, step_size=0.1, solver="euler")["x"].iloc[10] / EXACT),
    ("02.4", "absolute_error"): lambda: 100 * (EXACT - TEN),
    ("02.4", "step_as_error"): lambda: 10.0,
    ("02.4", "relative_to_euler"): lambda: 100 * (EXACT - TEN) / TEN,
    ("02.5", "right"): lambda: FACTS["E3"]["dt_crit"],
    ("02.5", "leak_alone"): lambda: 2.0,
    ("02.5", "real_part_alone"): lambda: -2 / XPP.real,
    ("02.5", "forgot_two"): lambda: -XPP.real / abs(XPP) ** 2,
    ("03.1", "right"): lambda: len(FACTS["A1"]["r"]),
    ("03.1", "counted_only_stable"): lambda: sum(p.kind.startswith("stable") for p in points()),
    ("03.1", "looked_at_F_only"): lambda: 1,
    ("03.2", "right"): lambda: -1 + 5 * slope(X),
    ("03.2", "forgot_leak"): lambda: 5 * slope(X),
    ("03.2", "forgot_w"): lambda: -1 + slope(X),
    ("03.2", "slope_at_r_not_at_input"): lambda: -1 + 5 * slope(MIDDLE),
    ("03.2", "used_F_not_Fprime"): lambda: -1 + 5 * response(X),
    ("03.3", "right"): lambda: 1 / slope(THETA),
    ("03.3", "slope_condition_without_4"): lambda: 1 / A,
    ("03.3", "used_a_over_4"): lambda: A / 4,
    ("03.4", "right"): lambda: FACTS["A1"]["r"],
    ("03.4", "stable_only"): lambda: [p.state[0] for p in points() if p.kind.startswith("stable")],
    ("04.1", "right"): lambda: FACTS["A3"]["I_up_jump"],
    ("04.1", "took_lower_fold"): lambda: folds()[0].parameter,
    ("04.1", "took_cusp"): lambda: THETA - response(THETA) * 4 / A,
    ("04.1", "read_off_fast_ramp_1e_2"): lambda: ramp(lambda r: np.argmax(r > 0.5)),
    ("04.1", "steepest_place_of_fast_ramp"): lambda: ramp(lambda r: np.argmax(np.diff(r))),
    ("04.2", "right"): lambda: FACTS["A3"]["width"],
    ("04.2", "upper_fold_alone"): lambda: folds()[1].parameter,
    ("04.2", "lower_fold_alone"): lambda: folds()[0].parameter,
    ("04.2", "sum_of_folds"): lambda: folds()[0].parameter + folds()[1].parameter,
    ("04.2", "difference_of_rates"): lambda: folds()[0].state[0] - folds()[1].state[0],
    ("04.3", "right"): lambda: FACTS["A5"]["variance"],
    ("04.3", "as_intended"): lambda: 1.0,
    ("04.3", "standard_deviation"): lambda: FACTS["A5"]["std"],
    ("04.3", "too_small"): lambda: 1 - 0.1 / 2,
    ("04.3", "forgot_two"): lambda: 1 / (1 - 0.1),
    ("04.5", "right"): lambda: MIDDLE,
    ("04.5", "the_high_state"): lambda: points()[2].state[0],
    ("04.5", "the_low_state"): lambda: points()[0].state[0],
    ("04.5", "the_fold"): lambda: folds()[1].state[0],
    ("04.5", "the_threshold_rate"): lambda: response(THETA),
    ("05.1", "right"): lambda: FACTS["B8"]["ceiling"],
    ("05.1", "one_over_r"): lambda: 1 / 1,
    ("05.1", "max_of_S"): lambda: S(1e3),
    ("05.2", "right"): lambda: FACTS["P2"]["det_J_at_rest"],
    ("05.2", "looked_at_trace_only"): lambda: np.trace(NEAR_SILENCE),
    ("05.5", "right"): lambda: CircuitTemplate.from_yaml(WC).run(
        400.0, 0.1, inputs={P: 1e4}, outputs={"E": "e/rate_op/r"}, solver="rk4")["E"].iloc[-1],
    ("05.5", "no_shift"): lambda: 1 / (1 + 1),
    ("05.5", "no_refractory_term"): lambda: MOST,
    ("06.1", "right"): lambda: upper_state(),
    ("06.1", "paper_k"): lambda: upper_state_by_hand(shift=1, k=1),
    ("06.1", "no_refractory_term"): lambda: upper_state(ke=0, ki=0),
    ("06.1", "cross_weights_exchanged"): lambda: upper_state(c2=-13, c3=4),
    ("06.1", "gain_threshold_exchanged"): lambda: upper_state(ae=2.8, the=1.2, ai=4, thi=1),
    ("06.1", "unshifted_sigmoid"): lambda: upper_state_by_hand(shift=0, k=0),
    ("06.2", "right"): lambda: FACTS["C2"]["rE_threshold"],
    ("06.2", "the_saddle"): lambda: fixed_points(NEUROMATCH)[1].state[0],
    ("06.2", "the_high_state"): lambda: fixed_points(NEUROMATCH)[2].state[0],
    ("06.3", "right"): lambda: FACTS["B2s"]["rheobase_P"],
    ("06.3", "lower_fold"): lambda: FACTS["B2"]["P_fold_down"],
    ("06.3", "longest_pulse"): lambda: pulse_threshold(FIG4, P, 160.0),
    ("06.3", "pulse_of_80_ms"): lambda: pulse_threshold(FIG4, P, 80.0),
    ("06.4", "right"): lambda: [point["E"] for point in FACTS["B1"]["points"]],
    ("06.4", "stable_only"): lambda: [fixed_points(FIG4)[k].state[0] for k in (0, 2)],
    ("06.4", "inhibitory_rates"): lambda: [point.state[1] for point in fixed_points(FIG4)],
    ("07.1", "right"): lambda: (-1 - 1.2 * gain_of_i()) / 2,
    ("07.1", "forgot_tauI"): lambda: -1 - 1.2 * gain_of_i(),
    ("07.1", "sign_of_wII"): lambda: (-1 + 1.2 * gain_of_i()) / 2,
    ("07.1", "forgot_leak"): lambda: -1.2 * gain_of_i() / 2,
    ("07.2", "right"): lambda: FACTS["C3"]["point"][0]["eig"][0]["re"],
    ("07.2", "J11_plus_J22_not_halved"): lambda: linear("trace"),
    ("07.2", "det_sign_only"): lambda: linear("det"),
    ("08.1", "right"): lambda: (1 + 1.2 * gain_of_i()) / FACTS["C3"]["J11"],
    ("08.1", "where_eigenvalues_become_complex"): lambda: brentq(discriminant, 0.1, 1.0),
    ("08.2", "right"): lambda: FACTS["C3"]["period"],
    ("08.2", "from_imaginary_part"): lambda: 2 * math.pi / turning(),
    ("08.2", "at_hopf_point"): lambda: FACTS["C4"]["period"],
    ("08.2", "angular_frequency_taken_as_period"): lambda: 1 / turning(),
    ("08.3", "right"): lambda: FACTS["B5"]["freq_Hz_tau8ms"],
    ("08.3", "forgot_tau"): lambda: 8 / limit_cycle(FIG11).period,
    ("08.3", "tau_10ms"): lambda: 100 * 8 / limit_cycle(FIG11).period,
    ("08.3", "from_imaginary_part"): lambda: 1000 * swing(FIG11),
    ("08.3", "euler_dt_0p1"): lambda: 1000 / euler_period(FIG11, 0.1, 8.0),
    ("09.1", "right"): lambda: FACTS["B6h"]["P_hom"],
    ("09.1", "fold_taken"): lambda: max(fold.parameter for fold in special("fold")),
    ("09.1", "neutral_saddle_taken"): lambda: special("neutral saddle")[0].parameter,
    ("09.1", "lower_fold_taken"): lambda: min(fold.parameter for fold in special("fold")),
    ("09.2", "right"): lambda: FACTS["B6"]["hopf"][1]["P"],
    ("10.1", "right"): lambda: FACTS["K1"]["dI_dSi"],
    ("10.1", "direct_effect_only"): lambda: BETA,
    ("10.1", "forgot_recurrent_E"): lambda: BETA / (1 + BETA * JII),
    ("10.1", "dE_instead"): lambda: -(BETA**2) * JEI / DET,
    ("10.2", "right"): lambda: next(
        row["beta_Jee"] for row in FACTS["K2"]["table"] if row["dI_dSi"] == 0),
    ("11.1", "right"): lambda: kinds_of_choice().count("stable node"),
    ("11.1", "all_fixed_points"): lambda: len(kinds_of_choice()),
    ("11.1", "choices_only"): lambda: 2,
    ("11.2", "right"): lambda: FACTS["A6"]["D_crit"],
    ("11.2", "arcsin_used"): lambda: (math.pi - math.asin(0.5)) / math.sqrt(3),
    ("11.2", "half_period"): lambda: math.pi / FACTS["A6"]["omega"],
    ("11.2", "gain_not_minus_one"): lambda: (math.pi - math.acos(0.5)) / 2,
    ("11.3", "right"): lambda: FACTS["N1"]["c"],
    ("11.3", "missing_two"): lambda: (1 - 2 * 0.3) / 0.3,
    ("11.3", "inverse"): lambda: 2 * 0.3 / (1 - 2 * 0.3),
    ("12.1", "right"): lambda: FACTS["F1"]["freq_Hz_tau10ms"],
    ("12.1", "printed_claim"): lambda: 20.0,
    ("12.1", "from_imaginary_part"): lambda: 1000 * swing(TVB),
    ("12.1", "forgot_tau"): lambda: 10 / limit_cycle(TVB).period,
}  # fmt: skip


# measured from a run on a grid of times, or followed to the end of a run
ROUGH = {
    "read_off_fast_ramp_1e_2": 2e-6, "steepest_place_of_fast_ramp": 2e-6, "euler_dt_0p1": 2e-5,
}  # fmt: skip


def discriminant(tau):
    """Return trace² - 4 det of Neuromatch's rhythm for some τ of I."""
    found = fixed_points(CYCLE.with_vars({"i/rate_op/tau": tau}))[0].jacobian
    return np.trace(found) ** 2 - 4 * np.linalg.det(found)


def swing(circuit):
    """Return Im λ/(2 π) of the only fixed point, per ms."""
    return float(np.abs(fixed_points(circuit)[0].eigenvalues[0].imag)) / (2 * math.pi)


def kinds_of_choice():
    return [point["kind"] for point in FACTS["M1"]["points"]]


def stated():
    """Return every number of the texts but those of functions, which repeat 01.1 and 02.1."""
    found = {}
    for key, item in EXERCISES.items():
        if item.kind in ("number", "count", "array"):
            found[key, "right"] = item.right
            for known in (*item.wrong, *item.also):
                if not isinstance(known.value, str):
                    found[key, known.name] = known.value
    return found


def test_an_exercise_names_facts_that_exist():
    assert {fact for item in EXERCISES.values() for fact in item.facts} <= set(FACTS)


def test_every_number_of_the_texts_is_computed_here():
    assert set(NUMBERS) == set(stated())


@pytest.mark.parametrize("name", NUMBERS, ids=" ".join)
def test_a_number_of_the_texts_comes_about_as_it_says(name):
    made, said = (np.sort(x, axis=None) for x in (NUMBERS[name](), stated()[name]))
    assert made == pytest.approx(said, rel=ROUGH.get(name[1], 2e-8), abs=1e-9)


@pytest.mark.parametrize(("key", "same"), [("01.4", "01.1"), ("02.3", "02.1")])
def test_a_function_is_told_of_the_same_mistakes_as_its_number(key, same):
    ours = {known.name: known.value for known in EXERCISES[key].wrong}
    assert ours == {known.name: known.value for known in EXERCISES[same].wrong}
    assert (
        EXERCISES[key].trials[0]
        == {"01.4": (3.0, A, THETA), "02.3": (0.2, 0.526144426, 2.0, 0.4)}[key]
    )
