"""Branches of limit cycles, held to AUTO-07p, to runs with DOP853 and to exact solutions."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from helpers import FACTS, WC, chain, one
from scipy.integrate import solve_ivp

from wclab import CircuitTemplate
from wclab.bifurcation import SpecialPoint, cycles, equilibria
from wclab.bifurcation.cycles_collocation import at_parameter, correct
from wclab.bifurcation.cycles_field import read_flow
from wclab.bifurcation.cycles_start import follow_run
from wclab.errors import OptionError, PathError

REFERENCE = json.loads((Path(__file__).parent / "data" / "wc_bifurcations.json").read_text())
FOLDER = "model_templates.neural_mass_models"
P, PLAIN = "e/se_op/r_ext", "e/plain_op/r_ext"
SETS = {
    "wc72_k1": (f"{FOLDER}.wilsoncowan.WC72_fig11", P, "i/si_op/r_ext", 8.0),
    "wc72_hyst": (f"{FOLDER}.wilsoncowan.WC72_fig7", P, "i/si_op/r_ext", 8.0),
    "hi97": (f"{FOLDER}.conventions.hoppensteadt_izhikevich", PLAIN, "i/plain_op/r_ext", 1.0),
}
FIG11 = CircuitTemplate.from_yaml(SETS["wc72_k1"][0])
# rho' = rho g(rho, p), phi' = 1: the cycles are the circles where g is 0, their period is 2 pi
CIRCLES = ["x' = -z + x*g", "z' = x + z*g"]
RADIUS = {"x": "output(1.0)", "z": "variable(0.0)", "g": "variable(0.0)", "q": "variable(0.0)"}


def circles(g, **numbers):
    """Return an oscillator whose radius rho = sqrt(q) grows at the rate rho g(q, p)."""
    return one(["q = x^2 + z^2", f"g = {g}", *CIRCLES], {**RADIUS, **numbers})


def from_hopf(name, **options):
    """Return the branch from the first Hopf point of a set, with Q = 0 or the given one."""
    path, first, second, tau = SETS[name]
    circuit = CircuitTemplate.from_yaml(path).with_vars({second: options.pop("Q", 0.0)})
    point = equilibria(circuit, first, (-10, 10)).special_points("hopf")[0]
    return circuit, cycles(circuit, point, **options), tau


def nearest(rhythm, parameter, period=None):
    """Return the number of the cycle at a parameter; the one of that period, if there are two."""
    at = np.flatnonzero(np.abs(rhythm.parameter - parameter) < 1e-13)
    return at[np.argmin(np.abs(rhythm.period[at] - (period or 0.0)))]


def period_of_a_run(model, state, guess, sign=1.0):
    """Return the period by an event at the return to a section: DOP853 at 1e-12, far turns."""
    normal = sign * model.rhs(0.0, state)

    def section(_, y):
        return normal @ (y - state)

    section.direction = 1
    run = solve_ivp(
        lambda t, y: sign * model.rhs(t, y), (0, 4.2 * guess), state,
        method="DOP853", rtol=1e-12, atol=1e-13, events=section,
    )  # fmt: skip
    returns = run.t_events[0][run.t_events[0] > 0.5 * guess]
    assert len(returns) >= 4
    return returns[3] - returns[2]


AUTO = [case for case in REFERENCE["one_parameter"] if case.get("cycles")]


@pytest.mark.parametrize("case", AUTO, ids=[f"{c['model']} at Q = {c['Q']}" for c in AUTO])
def test_periods_extrema_and_ends_are_those_of_auto(case):
    wanted = [known["P"] for known in case["cycles"]]
    _, rhythm, tau = from_hopf(case["model"], Q=case["Q"], at=wanted)
    for known in case["cycles"]:
        k = nearest(rhythm, known["P"], tau * known["period_in_tau"])
        digits = 10.0 ** (1 - known["digits"])  # as far as AUTO and the returns of a run agree
        assert rhythm.period[k] / tau == pytest.approx(known["period_in_tau"], rel=digits)
        assert rhythm.minimum[k, 0] == pytest.approx(known["E_min"], abs=1e-7)
        assert rhythm.maximum[k, 0] == pytest.approx(known["E_max"], abs=1e-7)
        assert rhythm.stable[k] == known["stable"]
    kinds = [point.kind for point in rhythm.special]
    folds = ["fold of cycles"] if "fold_of_cycles" in case else []
    assert kinds == ["hopf", *folds, "homoclinic" if "homoclinic" in case else "snic"]
    end = rhythm.special[-1].parameter
    limit = case["homoclinic"] if "homoclinic" in case else case["folds"][1]
    assert end == pytest.approx(limit["P"], abs=1e-8)
    assert rhythm.period[-1] > 60 * tau
    if folds:
        fold, known = rhythm.special_points("fold of cycles")[0], case["fold_of_cycles"]
        assert fold.parameter == pytest.approx(known["P_auto"], abs=1e-9)
        assert fold.period / tau == pytest.approx(known["period_in_tau"], rel=1e-5)
        assert rhythm.multipliers[fold.index, 1] == pytest.approx(1.0, abs=1e-5)


def test_the_cycle_of_1972_dies_in_a_saddle_loop_and_not_at_the_fold():
    fact = FACTS["B6h"]
    wanted = [fact["P_hom"] + row["P_minus_Phom"] for row in fact["log_law"]]
    _, rhythm, tau = from_hopf("wc72_k1", at=[*wanted, fact["P_fold"], 1.07])
    assert rhythm.special[-1].kind == "homoclinic"
    assert rhythm.special[-1].parameter == pytest.approx(fact["P_hom"], abs=1e-8)
    for parameter, row in zip(wanted, fact["log_law"], strict=True):
        period = rhythm.period[nearest(rhythm, parameter)]
        assert period / tau == pytest.approx(row["period_tau"], abs=1e-3)
    at_fold = rhythm.period[nearest(rhythm, fact["P_fold"])]
    assert at_fold / tau == pytest.approx(fact["period_at_fold_tau"], abs=1e-3)
    assert rhythm.stable[nearest(rhythm, 1.07)]  # while rest is stable up to the fold


def test_the_period_at_a_snic_grows_as_one_over_the_square_root():
    _, rhythm, _ = from_hopf("hi97", Q=-4.0, longest=3000.0)
    end = rhythm.special[-1]
    assert (end.kind, end.parameter) == ("snic", pytest.approx(3.1800181306, abs=1e-9))
    assert rhythm.period[-1] * np.sqrt(end.parameter - rhythm.parameter[-1]) == pytest.approx(
        5.04, abs=0.015
    )


PUBLISHED = {
    "B5": ("wilsoncowan.WC72_fig11", P, 1.25, 8.0 * FACTS["B5"]["period_tau"]),
    "C3": ("conventions.neuromatch_cycle", P, 0.8, 21.520568672),
    "D1": ("conventions.hoppensteadt_izhikevich", PLAIN, 0.0, FACTS["D1"]["period"]),
    "F1": ("conventions.daffertshofer_van_wijk", PLAIN, 0.5, 10 * FACTS["F1"]["period_tau"]),
    "I1": ("conventions.neurolib", PLAIN, 1.0, FACTS["I1"]["table"][0]["period_ms"]),
}


@pytest.mark.parametrize("fact", PUBLISHED)
def test_periods_of_published_circuits(fact):
    name, parameter, value, period = PUBLISHED[fact]
    second = parameter.replace("e/", "i/").replace("se_op", "si_op")
    changes = {second: -6.0} if fact == "D1" else {}
    circuit = CircuitTemplate.from_yaml(f"{FOLDER}.{name}").with_vars({**changes, parameter: value})
    start = [0.3, 0.2]
    rhythm = cycles(circuit, start, parameter, (value - 0.1, value + 0.1), at=[value])
    assert rhythm.period[nearest(rhythm, value)] == pytest.approx(period, rel=1e-8)


def test_cycles_at_some_inputs_agree_with_returns_of_runs():
    known = [c for c in REFERENCE["cycles_at_P"]["cycles"] if c["model"] == "wc72_k1"]
    _, rhythm, tau = from_hopf("wc72_k1", at=[c["P"] for c in known])
    for c in known:
        k = nearest(rhythm, c["P"])
        # at P = 1.75 the file's run had 1e-6 left to settle (a deviation loses 15 % in a turn)
        digits = 2e-6 if c["P"] == 1.75 else 1e-9
        assert rhythm.period[k] / tau == pytest.approx(c["period_over_tau"], rel=digits)
        found = [*rhythm.minimum[k], *rhythm.maximum[k]]
        expected = [c["E_min"], c["I_min"], c["E_max"], c["I_max"]]
        assert found == pytest.approx(expected, abs=max(1e-7, 20 * digits))


def test_van_der_pol_and_stuart_landau_have_their_known_periods():
    folder = "model_templates.oscillators"
    vdp = CircuitTemplate.from_yaml(f"{folder}.vanderpol.vdp")
    rhythm = cycles(vdp, [2.0, 0.0], "p/vdp_op/mu", (0.5, 2.0), at=[1.0])
    assert rhythm.period[nearest(rhythm, 1.0)] == pytest.approx(6.663286859, abs=1e-9)
    circle = CircuitTemplate.from_yaml(f"{folder}.stuartlandau.sl")
    rhythm = cycles(circle, circle.run(20.0, 0.01, solver="rk4"), "p/sl_op/omega", (0.5, 2.0))
    assert rhythm.period == pytest.approx(2 * np.pi / rhythm.parameter, rel=1e-10)
    assert rhythm.multipliers[:, 1] == pytest.approx(np.exp(-2 * rhythm.period), rel=1e-8)
    assert rhythm.maximum == pytest.approx(np.ones_like(rhythm.maximum), abs=1e-8)


def test_an_unstable_cycle_of_the_plane_attracts_backward_in_time():
    circuit, rhythm, _ = from_hopf("wc72_hyst")
    k = int(np.argmin(np.abs(rhythm.parameter + 0.345)))
    assert not rhythm.stable[k]
    model = circuit.model().with_parameters({P: float(rhythm.parameter[k])})
    course = rhythm.orbit(k).to_numpy()
    inside = course.mean(axis=0) + 0.7 * (course[0] - course.mean(axis=0))
    back = solve_ivp(lambda t, y: -model.rhs(t, y), (0, 1800), inside, rtol=1e-10, atol=1e-12)
    period = period_of_a_run(model, back.y[:, -1], rhythm.period[k], sign=-1.0)
    assert rhythm.period[k] == pytest.approx(period, rel=1e-8)


def test_jansen_rit_has_its_alpha_rhythm_between_two_hopf_points():
    circuit = CircuitTemplate.from_yaml(f"{FOLDER}.jansenrit.JRC")
    run = circuit.run(3.0, 1e-3, solver="rk4")
    rhythm = cycles(circuit, run, "pc/rpo_e_in/u", at=[220.0])
    assert [point.kind for point in rhythm.special] == ["hopf", "hopf"]
    # Grimbert & Faugeras (2006), Neural Computation 18:3052: 89.83 and 315.70
    assert [point.parameter for point in rhythm.special] == pytest.approx(
        [89.83, 315.70], abs=0.005
    )
    k = nearest(rhythm, 220.0)
    start = rhythm.orbit(k).to_numpy()[0]
    period = period_of_a_run(circuit.model(), start, rhythm.period[k])
    assert rhythm.period[k] == pytest.approx(period, rel=1e-8)
    assert rhythm.stable[1:-1].all()


def test_multipliers_in_more_dimensions_are_those_of_the_parts():
    # a circle of multiplier exp(-4 pi), and two states that decay on their own
    parts = {"y": "variable(0.3)", "v": "variable(0.3)"}
    circuit = one(["q = x^2 + z^2", "g = p - q", *CIRCLES, "y' = x - 0.2*y", "v' = -0.1*v + z"],
                  {**RADIUS, **parts, "p": 1.0})  # fmt: skip
    rhythm = cycles(circuit, [1.0, 0.0, 0.5, 0.5], "n/op/p", (0.8, 1.2), at=[1.0])
    factors = rhythm.multipliers[nearest(rhythm, 1.0)]
    expected = [1.0, np.exp(-0.2 * np.pi), np.exp(-0.4 * np.pi), np.exp(-4 * np.pi)]
    assert factors == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_fold_of_cycles_known_exactly():
    # rho' = rho (p + q - q^2): q = 1/2 and p = -1/4 at the fold, unstable below, stable above
    circuit = circles("p + q - q^2", p=0.0)
    rest = SpecialPoint("hopf", 0.0, np.zeros(2), np.array([1j, -1j]), "n/op/p")
    rhythm = cycles(circuit, rest, limits=(-1.0, 1.0))
    (fold,) = rhythm.special_points("fold of cycles")
    assert fold.parameter == pytest.approx(-0.25, abs=1e-10)
    assert rhythm.maximum[fold.index] == pytest.approx(np.sqrt([0.5, 0.5]), abs=1e-5)
    assert not rhythm.stable[1 : fold.index].any()
    assert rhythm.stable[fold.index + 1 :].all()
    assert rhythm.parameter[-1] == 1.0


def test_a_closed_branch_is_followed_once_round():
    # rho' = rho (1/4 - (rho - 1)^2 - p^2): a circle in the plane of p and rho
    circuit = circles("0.25 - (sqrt(q) - 1)^2 - p^2", p=0.1)
    rhythm = cycles(circuit, [1.5, 0.0], "n/op/p")
    assert [point.kind for point in rhythm.special] == ["fold of cycles"] * 2
    assert sorted(point.parameter for point in rhythm.special) == pytest.approx([-0.5, 0.5])
    assert rhythm.parameter[0] == pytest.approx(rhythm.parameter[-1], abs=1e-12)
    radius = 0.5 * (rhythm.maximum - rhythm.minimum)[:, 0]
    assert (radius - 1) ** 2 + rhythm.parameter**2 == pytest.approx(0.25 * np.ones(len(rhythm)))


def test_the_error_of_collocation_falls_with_the_eighth_power_of_the_intervals():
    model = CircuitTemplate.from_yaml("model_templates.oscillators.vanderpol.vdp").model()
    flow = read_flow(model, "p/vdp_op/mu")
    errors = []
    for count in (24, 48):
        guess = follow_run(flow, np.array([2.0, 0.0]), 1.0, count)
        found = correct(flow, guess, at_parameter(guess, np.ones(2)), tol=1e-9)
        errors.append(abs(np.exp(found.shape.log_period) - 6.663286859323130))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(8.0, abs=1.0)


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(WC, "e/rate_op/tau"), (f"{WC}_stp", "i/si_op/theta"), (WC, ("e/rate_op/r", "e/se_op/r_in"))],
)
def test_the_flow_is_the_model_with_exact_derivatives(name, parameter, rng):
    model = CircuitTemplate.from_yaml(name).model()
    flow, value = read_flow(model, parameter), model.parameters[parameter]
    states = rng.uniform(0.1, 0.9, (3, 2, len(model.states)))
    rates, jacobian, by_parameter = flow(states, value)
    for k in np.ndindex(3, 2):
        assert rates[k] == pytest.approx(model.rhs(0.0, states[k]), abs=1e-13)
        assert jacobian[k] == pytest.approx(model.jacobian(states[k]), abs=1e-12)
        step = 1e-5 * value
        up, down = (
            model.with_parameters({parameter: value + s}).rhs(0.0, states[k]) for s in (step, -step)
        )
        assert by_parameter[k] == pytest.approx((up - down) / (2 * step), abs=1e-8)


def test_a_branch_can_be_looked_at():
    _, rhythm, _ = from_hopf("wc72_k1")
    table = rhythm.to_frame()
    assert list(table.columns[:3]) == ["parameter", "period", "e/rate_op/r min"]
    assert len(table) == len(rhythm)
    course = rhythm.orbit(5, points=401)
    assert course.index[-1] == rhythm.period[5]
    assert course.iloc[0].to_numpy() == pytest.approx(course.iloc[-1].to_numpy(), abs=1e-12)
    assert course.max().to_numpy() == pytest.approx(rhythm.maximum[5], abs=1e-4)
    assert "homoclinic at 1.06574" in repr(rhythm)
    with pytest.raises(OptionError, match="none with the number 99"):
        rhythm.orbit(99)


def test_a_step_that_fails_leaves_the_branch_so_far_and_says_where():
    turning = ["w = 2.0 + sqrt(2.0 - p)", "x' = -w*z + x*g", "z' = w*x + z*g"]
    circuit = one(
        ["q = x^2 + z^2", "g = 1 - q", *turning], {**RADIUS, "w": "variable(0.0)", "p": 1}
    )
    with pytest.warns(UserWarning, match=r"at n/op/p = 2, period 3\.14\d+: the states left"):
        rhythm = cycles(circuit, [1.0, 0.0], "n/op/p", (0.5, 3.0))
    expected = 2 * np.pi / (2 + np.sqrt(2 - rhythm.parameter))
    assert rhythm.period == pytest.approx(expected, rel=1e-6)  # infinitely steep at p = 2


HOPF = equilibria(FIG11, P, (-5, 5)).special_points("hopf")[0]
FOLD = equilibria(FIG11, P, (-5, 5)).special_points("fold")[0]
NOT_HOPF = SpecialPoint("hopf", 0.0, np.zeros(2), np.array([1j, -1j]), P)
REFUSED = {
    "a fold": (FIG11, (FOLD,), "this is a fold"),
    "no Hopf point": (FIG11, (NOT_HOPF,), "this is no Hopf point"),
    "no parameter": (FIG11, ([0.1, 0.1],), "say which parameter"),
    "a state": (FIG11, ([0.1, 0.1], "e/rate_op/r"), "is a state"),
    "limits": (FIG11, (HOPF, None, (2, 1)), "inside out"),
    "outside": (FIG11, (HOPF, None, (3, 4)), "lies outside of limits"),
    "too few states": (FIG11, ([0.1], P), "2 finite numbers"),
    "rest": (FIG11.with_vars({P: 0.0}), ([0.1, 0.1], P), "comes to rest"),
    "a run without a state": (
        FIG11, (FIG11.run(5.0, 0.1, outputs=["e/rate_op/r"]), P), "holds no 'i/rate_op/r'"
    ),
    "delays": (chain(2.0), ([0.1, 0.1], "b/op/tau"), "has delays"),
    "time": (one("x' = p*sin(t) - x", {"x": "output(0.0)", "p": 1.0}), ([0.0], "n/op/p"), "time"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_branch_of_cycles_is_refused_in_words(case):
    circuit, arguments, words = REFUSED[case]
    with pytest.raises(OptionError, match=words):
        cycles(circuit, *arguments)


def test_a_misspelt_parameter_is_named():
    with pytest.raises(PathError, match="Did you mean 'e/se_op/r_ext'"):
        cycles(FIG11, [0.1, 0.1], "e/se_op/r_extt")


def test_a_branch_of_too_many_cycles_stops_with_a_warning():
    with pytest.warns(UserWarning, match="5 cycles, as many as asked for"):
        rhythm = cycles(FIG11, HOPF, most=5)
    assert len(rhythm) == 5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.all(rhythm.parameter < HOPF.parameter + 1e-12)


def test_a_branch_of_cycles_draws_itself():
    from matplotlib.figure import Figure

    fig11 = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC72_fig11")
    hopf = equilibria(fig11, "e/se_op/r_ext", (1.5, 2.5)).special_points("hopf")[0]
    ax = Figure().subplots()
    assert cycles(fig11, hopf, limits=(1.7, 2.0)).plot(ax=ax) is ax
    assert ax.lines
