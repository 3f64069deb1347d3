"""What the lessons say in words about the dynamics, computed again. Lesson 05: test_prose.py."""

from itertools import pairwise

import numpy as np
import pytest
from notebooks.facts import P, circuit

from wclab import inputs
from wclab.bifurcation import equilibria, hysteresis
from wclab.phaseplane import (
    basins,
    fixed_points,
    nullclines,
    separatrices,
    strength_duration,
    trajectories,
    vector_field,
)

RATE = "e/rate_op/r"
FEEDBACK = (RATE, "e/se_op/r_in")
BOX = [(-0.1, 0.55), (-0.1, 0.5)]


def one(**changes):
    """Return the population of lesson 03 with another weight w, input I or start r."""
    values = {path: changes[k] for k, path in (("I", P), ("r", RATE)) if k in changes}
    edges = [(*FEEDBACK, {"weight": changes["w"]})] if "w" in changes else []
    return circuit("wilsoncowan.single_population").with_vars(values, edges)


def end(start, **changes):
    run = one(r=start, **changes).run(60.0, 0.05, outputs={"r": RATE}, solver="rk4")
    return float(run["r"].iloc[-1])


def euler(h, steps=8, tau=2.0):
    r, course = 1.0, []
    for _ in range(steps):
        r += h * -r / tau
        course.append(r)
    return np.array(course)


# --- lesson 02 ---


def test_02_a_step_beyond_tau_changes_sign_and_one_beyond_twice_tau_grows():
    assert (euler(1.5) > 0).all()
    assert (np.sign(euler(2.5)) == [-1, 1] * 4).all()
    assert (np.abs(euler(3.5))[1:] < np.abs(euler(3.5))[:-1]).all()
    assert (np.abs(euler(5.0))[1:] > np.abs(euler(5.0))[:-1]).all()


def test_02_runge_kutta_is_thousands_of_times_more_exact_than_euler_at_the_same_step():
    leaky = one(w=0.0, I=3.0)
    drive = leaky.model().rhs(0.0, [0.0])[0]
    errors = {}
    for solver in ("euler", "rk4"):
        run = leaky.run(1.1, 0.1, outputs={"r": RATE}, solver=solver)
        errors[solver] = abs(run["r"].iloc[-1] - drive * (1 - np.exp(-1)))
    assert errors["euler"] > 2_000 * errors["rk4"]


def test_02_euler_makes_the_period_of_figure_11_half_as_long_again_and_a_shorter_step_5_percent():
    periods = []
    for solver, h in (("rk4", 0.08), ("euler", 0.08), ("euler", 0.8)):
        run = circuit("wilsoncowan.WC72_fig11").run(1_600.0, h, outputs={"E": RATE}, solver=solver)
        values = run["E"].loc[800:].to_numpy()
        ups = np.flatnonzero((values[:-1] < 0.2) & (values[1:] >= 0.2))
        periods.append(h * np.mean(np.diff(ups)))
    assert periods[1] / periods[0] == pytest.approx(1.05, abs=0.005)
    assert periods[2] / periods[0] == pytest.approx(1.49, abs=0.01)


# --- lesson 03 ---


@pytest.mark.parametrize(("start", "goal"), [(0.1, 0), (0.44, 0), (0.46, 2), (0.8, 2)])
def test_03_runs_end_on_the_outer_points_and_the_middle_one_parts_them(start, goal):
    points = fixed_points(one(I=0.5), [(-0.1, 1.1)])
    assert end(start, I=0.5) == pytest.approx(points[goal].state[0], abs=1e-5)


def test_03_a_point_is_stable_where_the_speed_falls_through_zero():
    model = one(I=0.5).model()
    for point in fixed_points(model, [(-0.1, 1.1)]):
        r = float(point.state[0])
        falls = model.rhs(0.0, [r + 1e-4])[0] < 0 < model.rhs(0.0, [r - 1e-4])[0]
        assert falls == point.stable


@pytest.mark.parametrize("w", [-1.0, -5.0, -20.0])
def test_03_inhibition_leaves_one_point_stable_and_fast(w):
    for drive in np.linspace(-2.0, 8.0, 41):
        (point,) = fixed_points(one(w=w, I=drive), [(-1.5, 1.5)])
        assert point.eigenvalues[0].real <= -1.0


@pytest.mark.parametrize(("w", "most"), [(3.3, 1), (3.4, 3), (5.0, 3)])
def test_03_two_stable_states_need_feedback_above_four_over_the_gain(w, most):
    counts = [len(fixed_points(one(w=w, I=x), [(-0.1, 1.1)])) for x in np.linspace(0, 1.5, 301)]
    assert max(counts) == most


# --- lesson 04 ---


def test_04_a_slower_ramp_jumps_nearer_to_the_fold_by_a_factor_between_4_and_5():
    behind = [
        hysteresis(one(), P, (-0.5, 1.5), speed=speed).jumps[0].lag for speed in (1e-2, 1e-3, 1e-4)
    ]
    assert all(4 < abs(a / b) < 5 for a, b in pairwise(behind))


def test_04_a_pulse_writes_and_a_negative_one_erases():
    drive = 0.5 + inputs.pulse(70.0, 0.05, on=10, off=15) - inputs.pulse(70.0, 0.05, on=40, off=45)
    run = one().run(70.0, 0.05, inputs={P: drive}, outputs={"r": RATE}, solver="rk4")["r"]
    before, between, after = run.loc[9.0], run.loc[39.0], run.iloc[-1]
    assert before < 0.1
    assert between > 0.8
    assert after < 0.1


def test_04_with_noise_the_memory_switches_rarely_and_stays_in_two_states():
    noisy = 0.5 + inputs.ornstein_uhlenbeck(4_000.0, 0.1, tau=5.0, sigma=0.3, seed=4)
    run = one().run(4_000.0, 0.1, inputs={P: noisy}, outputs={"r": RATE}, solver="rk4")["r"]
    high = run.to_numpy() > 0.45
    assert 0.1 < high.mean() < 0.9
    assert 2 < np.sum(high[1:] != high[:-1]) < 100
    assert np.mean((run > 0.3) & (run < 0.6)) < 0.1


def test_04_stronger_noise_makes_the_memory_shorter():
    crossings = []
    for sigma in (0.2, 0.3, 0.45):
        noisy = 0.5 + inputs.ornstein_uhlenbeck(8_000.0, 0.1, tau=5.0, sigma=sigma, seed=4)
        run = one().run(8_000.0, 0.1, inputs={P: noisy}, outputs={"r": RATE}, solver="rk4")["r"]
        high = run.to_numpy() > 0.45
        crossings.append(np.sum(high[1:] != high[:-1]))
    assert crossings == sorted(crossings)
    assert crossings[0] < crossings[-1]


# --- lesson 06 ---


@pytest.fixture(scope="module")
def fig4():
    return circuit("wilsoncowan.WC72_fig4")


def test_06_arrows_stand_upright_on_the_e_nullcline_and_lie_flat_on_the_other(fig4):
    model = fig4.model()
    upright, flat = nullclines(fig4, BOX).values()
    for curve, k in ((upright, 0), (flat, 1)):
        for piece in curve:
            assert max(abs(model.rhs(0.0, state)[k]) for state in piece[::20]) < 1e-9


def test_06_the_i_nullcline_only_rises_and_the_e_nullcline_is_bent_back(fig4):
    upright, flat = nullclines(fig4, BOX).values()
    rises = np.concatenate([np.diff(piece[:, 1]) / np.diff(piece[:, 0]) for piece in flat])
    assert (rises > 0).all()
    signs = np.sign(np.diff(upright[0][:, 1]))
    assert len(set(signs[signs != 0])) == 2


def test_06_the_field_points_up_and_right_in_the_lower_right(fig4):
    field = vector_field(fig4, [(0.3, 0.4), (0.0, 0.08)], n=4)
    assert (field.dx > 0).all()
    assert (field.dy > 0).all()


def test_06_starts_on_both_sides_of_the_saddle_have_two_fates(fig4):
    ends = trajectories(fig4, [(0.16, 0.1), (0.24, 0.1)], 200.0).ends[:, 0]
    assert ends == pytest.approx([0.0, 0.462464873], abs=1e-4)


def test_06_the_separatrix_leans_more_inhibition_needs_more_excitation(fig4):
    curve = np.concatenate(separatrices(fig4, BOX))
    inside = curve[(curve[:, 1] > -0.09) & (curve[:, 1] < 0.49)]
    order = np.argsort(inside[:, 1])
    assert (np.diff(inside[order, 0])[np.diff(inside[order, 1]) > 1e-6] > 0).all()


def test_06_the_colours_and_the_curve_agree(fig4):
    shown = basins(fig4, BOX, n=60)
    curve = np.concatenate(separatrices(fig4, BOX))
    order = np.argsort(curve[:, 1])
    border = np.interp(shown.y, curve[order, 1], curve[order, 0])
    known = (shown.y > curve[:, 1].min()) & (shown.y < curve[:, 1].max())
    right = shown.x[None] > border[:, None]
    assert ((shown.labels == 1) == right)[known].mean() > 0.985  # all but cells on the curve


def test_06_raising_p_lets_silence_and_the_saddle_meet(fig4):
    fold = max(equilibria(fig4, P, (-1.0, 1.0)).special_points("fold"), key=lambda f: f.parameter)
    near = fixed_points(fig4.with_vars({P: fold.parameter - 1e-4}))
    assert [point.kind for point in near[:2]] == ["stable node", "saddle"]
    assert near[1].state[0] - near[0].state[0] < 0.01
    assert len(fixed_points(fig4.with_vars({P: fold.parameter + 1e-4}))) == 1


def test_06_a_slower_inhibition_moves_no_nullcline_but_the_basins(fig4):
    slow = fig4.with_vars({"i/rate_op/tau": 16.0})
    for a, b in zip(nullclines(fig4, BOX).values(), nullclines(slow, BOX).values(), strict=True):
        for piece, other in zip(a, b, strict=True):
            np.testing.assert_allclose(piece, other, atol=1e-9)
    assert (basins(fig4, BOX, n=40).labels != basins(slow, BOX, n=40).labels).any()


def test_06_twice_as_long_is_not_half_as_strong(fig4):
    found = strength_duration(fig4, P, [5.0, 10.0, 20.0, 40.0, 80.0, 160.0]).thresholds
    assert all(a / 2 < b < a for a, b in pairwise(found))
    assert found[-1] > 0.283349983341


def test_06_neuromatchs_start_at_04_04_ends_in_silence():
    pair = circuit("conventions.neuromatch")
    assert np.abs(trajectories(pair, [(0.4, 0.4)], 200.0).ends).max() < 1e-4
    assert trajectories(pair, [(0.4, 0.25)], 200.0).ends[0, 0] > 0.9
