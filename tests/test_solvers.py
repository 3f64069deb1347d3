"""Solvers of plain functions: their order, their noise, their pieces."""

import math

import numpy as np
import pytest
from helpers import one

from wclab.errors import OptionError, SolverError
from wclab.solvers import METHODS, STEPPERS, check_method, euler_maruyama, fixed_step, piecewise

ORDERS = pytest.mark.parametrize(("method", "order"), [("euler", 1), ("heun", 2), ("rk4", 4)])
STEPS = np.array([20, 40, 80, 160])


def slope(steps, errors):
    """Return the order of convergence: the slope of log error over log step."""
    return -np.polyfit(np.log(steps), np.log(errors), 1)[0]


def swing(t, y):
    """y' = y cos t, whose solution from 1 is exp(sin t): nonlinear in t, and t matters."""
    return y * np.cos(t)


# --- fixed steps ---


@ORDERS
def test_a_fixed_step_reaches_its_order(method, order):
    ends = [fixed_step(swing, 1.0, step=2 / n, rows=n + 1, method=method)[-1] for n in STEPS]
    assert slope(STEPS, np.abs(np.array(ends) - np.exp(np.sin(2)))) == pytest.approx(order, abs=0.1)


@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
@ORDERS
def test_a_circuit_reaches_the_order_of_its_solver(method, order, vectorize, monkeypatch):
    monkeypatch.setattr("wclab.circuit.worth_grouping", lambda _: True)
    circuit = one("y' = y*cos(t)", {"y": "output(1.0)"})
    # a run has no row at its end, so that one step more is needed to see t = 2
    runs = [circuit.run(2 + 2 / n, 2 / n, solver=method, vectorize=vectorize) for n in STEPS]
    errors = [abs(run.iloc[-1, 0] - math.exp(math.sin(2))) for run in runs]
    assert slope(STEPS, errors) == pytest.approx(order, abs=0.1)


@ORDERS
def test_a_step_is_exact_for_a_polynomial_of_its_degree(method, order):
    end = fixed_step(lambda t, y: order * t ** (order - 1), 0.0, step=0.5, rows=5, method=method)
    exact = {"euler": 2.0, "heun": 4.0, "rk4": 16.0}[method]
    assert end[-1] == pytest.approx(exact, rel=1e-14)


def test_a_state_of_any_shape_is_integrated_element_by_element(rng):
    start = rng.normal(size=(2, 3))
    result = fixed_step(swing, start, step=0.1, rows=4, every=5, method="rk4")
    assert result.shape == (4, 2, 3)
    for k in np.ndindex(2, 3):
        single = fixed_step(swing, start[k], step=0.1, rows=4, every=5, method="rk4")
        np.testing.assert_array_equal(result[(slice(None), *k)], single)


def test_rows_are_every_so_many_steps_and_begin_with_the_start():
    fine = fixed_step(swing, 1.0, step=0.1, rows=21, method="heun")
    coarse = fixed_step(swing, 1.0, step=0.1, rows=5, every=5, method="heun")
    np.testing.assert_array_equal(coarse, fine[::5])
    assert coarse[0] == 1.0


def test_the_start_is_not_changed():
    start = np.ones(2)
    fixed_step(swing, start, step=0.1, rows=3)
    np.testing.assert_array_equal(start, 1.0)


def test_a_hook_sees_every_step_before_it_is_taken():
    seen = []
    fixed_step(swing, 1.0, step=0.5, rows=3, every=2, before_step=lambda k, t, y: seen.append(k))
    assert seen == [0, 1, 2, 3]


def test_an_unknown_method_is_named_with_the_nearest():
    with pytest.raises(OptionError, match=r"unknown method 'rk45'.*Did you mean 'rk4'"):
        fixed_step(swing, 1.0, step=0.1, rows=3, method="rk45")


@pytest.mark.parametrize("step", [0.0, -0.1, math.nan])
def test_a_step_that_is_not_above_zero_is_refused(step):
    with pytest.raises(OptionError, match="step must be above 0"):
        fixed_step(swing, 1.0, step=step, rows=3)


def test_every_stepper_leaves_a_fixed_point_alone():
    for step in STEPPERS.values():
        assert step(lambda t, y: -y * (1 - y), 0.0, 1.0, 0.3) == 1.0


# --- noise ---


def test_euler_maruyama_has_the_variance_of_its_own_recursion():
    # x' = -x + sqrt(2) xi: the recursion x (1 - h) + sqrt(2 h) xi settles at 1/(1 - h/2);
    # 20,000 paths give a variance to 1 % (one standard deviation), h = 0.5 differs by 33 %
    paths = euler_maruyama(
        lambda t, x: -x, math.sqrt(2), np.zeros(20_000), step=0.5, rows=2, every=40, seed=1
    )
    assert paths[-1].var() == pytest.approx(1 / (1 - 0.25), rel=0.04)
    assert paths[-1].mean() == pytest.approx(0.0, abs=0.04)


def test_the_variance_tends_to_that_of_the_process_as_the_step_shrinks():
    paths = euler_maruyama(
        lambda t, x: -x, math.sqrt(2), np.zeros(20_000), step=0.02, rows=2, every=400, seed=1
    )
    assert paths[-1].var() == pytest.approx(1.0, rel=0.05)


def test_euler_maruyama_has_strong_order_one_half():
    # geometric Brownian motion has the solution exp((a - b^2/2) t + b W) on the same path W
    steps, errors = [32, 64, 128, 256, 512], []
    for n in steps:
        h = 1 / n
        end = euler_maruyama(
            lambda t, x: -x, lambda t, x: x, np.ones(4_000), step=h, rows=2, every=n, seed=n
        )[-1]
        path = np.random.default_rng(n).standard_normal((n, 4_000)).sum(axis=0) * math.sqrt(h)
        errors.append(np.abs(end - np.exp(-1.5 + path)).mean())
    assert slope(steps, errors) == pytest.approx(0.5, abs=0.1)


def test_euler_maruyama_has_weak_order_one():
    # the mean of x' = -x + 0.1 x xi decays as exp(-t); 20,000 paths know it to 3e-4, and the
    # errors of the steps are 5e-2 ... 6e-3
    steps = [4, 8, 16, 32]
    means = [
        euler_maruyama(
            lambda t, x: -x, lambda t, x: 0.1 * x, np.ones(20_000), step=1 / n, rows=2, every=n,
            seed=5,
        )[-1].mean()
        for n in steps
    ]  # fmt: skip
    assert slope(steps, np.abs(np.array(means) - math.exp(-1))) == pytest.approx(1, abs=0.1)


def test_the_same_seed_gives_the_same_path_and_another_seed_another():
    run = lambda seed: euler_maruyama(lambda t, x: -x, 1.0, 0.0, step=0.1, rows=9, seed=seed)  # noqa: E731
    np.testing.assert_array_equal(run(3), run(3))
    assert not np.array_equal(run(3), run(4))
    assert not np.array_equal(run(None), run(None))


def test_without_noise_euler_maruyama_is_euler():
    noisy = euler_maruyama(swing, 0.0, 1.0, step=0.1, rows=20, seed=1)
    np.testing.assert_array_equal(noisy, fixed_step(swing, 1.0, step=0.1, rows=20))


# --- pieces ---


@pytest.mark.parametrize("method", METHODS)
def test_every_scipy_method_keeps_a_short_pulse(method):
    # x' = -x + 1000 on [5, 5.001): far shorter than any adaptive step around it
    def f(t, x):
        return -x + (1000.0 if 5.0 <= t < 5.001 else 0.0)

    level = [0.0]
    result = piecewise(
        lambda t, x: -x + level[0],
        [0.0],
        np.array([0.0, 5.0, 5.001, 6.0]),
        stops=[5.0, 5.001],
        method=method,
        rtol=1e-8,
        start_piece=lambda t: level.__setitem__(0, f(t, 0.0)),
    )
    height = 1000 * (1 - math.exp(-0.001))
    expected = [0.0, 0.0, height, height * math.exp(-0.999)]
    np.testing.assert_allclose(result[:, 0], expected, atol=1e-6)


def test_stops_outside_the_run_or_given_twice_change_nothing():
    times = np.linspace(0, 2, 9)
    plain = piecewise(swing, [1.0], times)
    np.testing.assert_array_equal(piecewise(swing, [1.0], times, stops=[-1, 0, 2, 3]), plain)
    once = piecewise(swing, [1.0], times, stops=[0.3])
    np.testing.assert_array_equal(piecewise(swing, [1.0], times, stops=[0.3, 0.3]), once)


@pytest.mark.parametrize("stops", [[0.25, 0.5], [0.1, 0.7, 0.75], np.linspace(0, 2, 40)])
def test_stops_on_rows_and_between_rows_leave_every_row_in_its_place(stops):
    times = np.linspace(0, 2, 9)
    rows = piecewise(swing, [1.0], times, stops=stops, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(rows[:, 0], np.exp(np.sin(times)), atol=1e-8)


def test_one_row_is_the_start():
    np.testing.assert_array_equal(piecewise(swing, [2.0], np.array([0.0])), [[2.0]])


@pytest.mark.parametrize("method", ["RK45", "LSODA"])
def test_growth_without_bound_is_an_error_that_says_when(method):
    # y' = y^2 from 1 is 1/(1 - t)
    with pytest.raises(SolverError, match=r"stopped after t = 0\.\d+|stopped after t = 1.*grows"):
        piecewise(lambda t, y: y**2, [1.0], np.linspace(0, 2, 201), method=method)


def test_a_method_is_checked_by_name():
    assert check_method("LSODA") == "LSODA"
    with pytest.raises(OptionError, match=r"unknown method 'rk45' for.*Did you mean 'RK45'"):
        check_method("rk45")
