"""Engines: all take the same steps; delays, jumps and dense inputs are right in every solver."""

import math

import numpy as np
import pytest
from helpers import WC, chain, everything_as_arrays, leak, node, one
from scipy.integrate import solve_ivp
from test_model import EVERY_CIRCUIT

from wclab import CircuitTemplate
from wclab.engines import adaptive
from wclab.errors import OptionError, SolverError

SOLVERS = pytest.mark.parametrize("solver", ["euler", "heun", "rk4"])


def largest(frame):
    return float(np.abs(frame.to_numpy()).max())


# --- scalar code and arrays ---


def step_of(name):
    """Return a step that suits a shipped circuit's time unit."""
    return 1e-4 if "jansenrit" in name else 1e-3 if "qif" in name else 1e-2


@EVERY_CIRCUIT
@SOLVERS
def test_scalars_and_arrays_take_the_same_steps(name, solver, monkeypatch):
    everything_as_arrays(monkeypatch)
    circuit, step = CircuitTemplate.from_yaml(name), step_of(name)
    inputs = {}
    for place in ("r_ext", "u", "I_ext", "s_ext", "inp"):
        paths = [f"{n}/{o.name}/{place}" for n, t in circuit._record.flat_nodes.items()
                 for o in t.operators if place in o.variables]  # fmt: skip
        inputs |= {path: np.sin(np.arange(100) / (5 + k)) for k, path in enumerate(paths)}
    arguments = {"simulation_time": 100 * step, "step_size": step, "solver": solver}
    arrays = circuit.run(**arguments, inputs=inputs)
    scalars = circuit.run(**arguments, inputs=inputs, vectorize=False)
    assert list(arrays.columns) == list(scalars.columns)
    # exp of math and of NumPy differ in the last place; a matrix product sums in another order
    np.testing.assert_allclose(arrays, scalars, rtol=1e-13, atol=1e-13 * largest(scalars))


@SOLVERS
@pytest.mark.parametrize("delay", [0.1, 0.25, 1.0])
def test_scalars_and_arrays_agree_with_delays(solver, delay, rng, monkeypatch):
    everything_as_arrays(monkeypatch)
    nodes = {f"p{k}": node("x' = -x + tanh(u)", {"x": "output(0.3)", "u": "input"}) for k in "abc"}
    circuit = CircuitTemplate("net", nodes=nodes)
    weight, lags = rng.normal(size=(3, 3)), delay * (1 + rng.integers(0, 3, size=(3, 3)))
    circuit.add_edges_from_matrix(
        "op/x", "op/u", list(nodes), weight=weight, edge_attr={"delay": lags}
    )
    inputs = {"pa/op/u": rng.normal(size=100), "pb/op/u": math.sin}
    runs = [circuit.run(10, 0.1, inputs=inputs, solver=solver, vectorize=v) for v in (True, False)]
    plain = [circuit.run(10, 0.1, solver=solver, vectorize=v) for v in (True, False)]
    assert largest(runs[0] - runs[1]) <= 1e-13
    assert largest(plain[0] - plain[1]) <= 1e-13


def test_scipy_gives_the_same_for_scalars_and_arrays(monkeypatch):
    everything_as_arrays(monkeypatch)
    circuit, drive = CircuitTemplate.from_yaml(WC), np.repeat([0.0, 1.0, 0.3, 0.0], 25)
    runs = [
        circuit.run(100, 1.0, inputs={"e/se_op/r_ext": drive}, solver="scipy", vectorize=v)
        for v in (True, False)
    ]
    assert largest(runs[0] - runs[1]) <= 1e-9


def test_results_do_not_depend_on_how_many_steps_a_chunk_has(monkeypatch):
    arguments = {"inputs": {"a/op/u": np.arange(100.0)}, "outputs": ["b/op/x", "b/op/u"]}
    whole = chain(0.35).run(10, 0.1, **arguments, solver="rk4")
    for chunk in (1, 7, 64):
        monkeypatch.setattr("wclab.engines.scalar.CHUNK", chunk)
        assert chain(0.35).run(10, 0.1, **arguments, solver="rk4").equals(whole)


# --- delays, against solutions made by the method of steps ---


def past_only(t):
    """Return x(t) of x' = -x(t - 1) with x = 1 before 0: one more term in every interval."""
    return sum((-1) ** k * (t - k + 1) ** k / math.factorial(k) for k in range(int(t + 1e-12) + 2))


def follower(t, delay):
    """Return y(t) of y' = -y + x(t - delay), with x = exp(-t) for t > 0 and 1 before."""
    late = t - delay
    return np.where(late < 0, 1 - np.exp(-t), np.exp(-late) * (1 - math.exp(-delay) + late))


def delayed():
    return one("x' = -x(t - d)", {"x": "output(1.0)", "d": 1.0})


def worst(run):
    return max(abs(x - past_only(t)) for t, x in run.iloc[:, 0].items())


@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
@pytest.mark.parametrize(
    ("solver", "order", "multiple"),
    [("euler", 1, True), ("heun", 2, True), ("rk4", 4, True), ("euler", 1, False),
     ("heun", 2, False), ("rk4", 2, False)],
)  # fmt: skip
def test_fixed_steps_keep_their_order_with_a_delay(solver, order, multiple, vectorize, monkeypatch):
    # the solution has a corner in its k-th derivative at t = k: where corners fall between
    # steps, the polynomials through both sides of them leave rk4 order 2
    everything_as_arrays(monkeypatch)
    counts = np.array([4, 8, 16, 32]) * (1.0 if multiple else 1.0371)
    errors = [worst(delayed().run(6, 1 / n, solver=solver, vectorize=vectorize)) for n in counts]
    slope = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
    assert slope == pytest.approx(order, abs=0.35)


@pytest.mark.parametrize("method", ["RK45", "DOP853", "RK23", "Radau", "BDF", "LSODA"])
def test_scipy_solves_a_delay_equation_to_eight_digits(method):
    options = {"rtol": 1e-10, "atol": 1e-12} if method != "RK23" else {"rtol": 1e-9, "atol": 1e-11}
    assert worst(delayed().run(4, 0.1, solver="scipy", method=method, **options)) <= 1e-8


@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
@pytest.mark.parametrize(
    ("solver", "step", "tolerance"),
    [("euler", 0.01, 3e-3), ("heun", 0.01, 2e-5), ("rk4", 0.05, 1e-5), ("scipy", 0.05, 1e-6)],
)
def test_a_delay_on_an_edge_is_the_past_of_its_source(
    solver, step, tolerance, vectorize, monkeypatch
):
    everything_as_arrays(monkeypatch)
    outputs = {"y": "b/op/x", "u": "b/op/u"}
    run = chain(0.7).run(4, step, solver=solver, vectorize=vectorize, outputs=outputs)
    t = run.index.to_numpy()
    np.testing.assert_allclose(run["y"], follower(t, 0.7), rtol=0, atol=tolerance)
    np.testing.assert_allclose(run["u"], np.exp(-np.maximum(t - 0.7, 0)), rtol=0, atol=tolerance)


@SOLVERS
def test_a_delay_of_one_step_is_one_step(solver):
    # Euler by hand: the source of step k is the state of step k - 1
    run = chain(0.5).run(3, 0.5, solver=solver, outputs={"x": "a/op/x", "u": "b/op/u"})
    np.testing.assert_array_equal(run["u"].to_numpy()[1:], run["x"].to_numpy()[:-1])


def test_euler_with_a_delay_of_one_step_by_hand():
    run = chain(0.5).run(2, 0.5, outputs={"y": "b/op/x"})
    # x = 1, 0.5, 0.25; u = 1, 1, 0.5; y' = u - y
    np.testing.assert_array_equal(run["y"], [0.0, 0.5, 0.75, 0.625])


@SOLVERS
def test_a_delay_shorter_than_a_step_is_refused_with_the_remedy(solver):
    with pytest.raises(OptionError, match=r"delay of 0\.05 .*step_size=0\.05 or less.*scipy"):
        chain(0.05).run(1, 0.1, solver=solver)


def test_scipy_takes_any_delay():
    run = chain(0.05).run(2, 0.1, solver="scipy", outputs={"y": "b/op/x"})
    np.testing.assert_allclose(run["y"], follower(run.index.to_numpy(), 0.05), rtol=0, atol=1e-6)


def test_scipy_with_a_very_short_delay_takes_fixed_steps_of_its_length():
    run = chain(1e-6).run(0.05, 1e-3, solver="scipy", outputs={"y": "b/op/x"})
    expected = follower(run.index.to_numpy(), 1e-6)
    np.testing.assert_allclose(run["y"], expected, rtol=0, atol=1e-9)


def test_scipy_says_what_to_do_about_a_delay_too_short_for_the_run():
    with pytest.raises(OptionError, match=r"delay of 1e-09 .*leave out .*step_size=1e-09"):
        chain(1e-9).run(0.1, 1e-3, solver="scipy")


@pytest.mark.parametrize(("spread", "stages"), [(1.0, 1), (0.5, 4)])
def test_a_spread_delay_is_a_chain_of_first_order_stages(spread, stages):
    # a source that stays 1 fills n stages of rate n/delay: the gamma distribution's integral
    source = node("x' = 0*x", {"x": "output(1.0)"})
    circuit = CircuitTemplate(
        "c", nodes={"a": source, "b": leak()},
        edges=[("a/op/x", "b/op/u", None, {"delay": 1.0, "spread": spread})],
    )  # fmt: skip
    from scipy.special import gammainc

    run = circuit.run(3, 0.1, solver="scipy", outputs={"u": "b/op/u"}, rtol=1e-9, atol=1e-12)
    exact = gammainc(stages, stages * run.index.to_numpy())
    np.testing.assert_allclose(run["u"], exact, rtol=0, atol=1e-8)


def through(delay):
    """Return a circuit whose input reaches a leaky node `delay` later, without a filter."""
    wire = node("y = v", {"y": "output", "v": "input"}, "wire")
    return CircuitTemplate(
        "through", nodes={"a": wire, "b": leak()},
        edges=[("a/wire/y", "b/op/u", None, {"delay": delay})],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("solver", "tolerance"), [("euler", 2e-3), ("heun", 2e-5), ("rk4", 1e-9), ("scipy", 1e-6)]
)
@pytest.mark.parametrize("delay", [0.25, 0.5])
@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
def test_a_pulse_arrives_through_a_delay(solver, tolerance, delay, vectorize, monkeypatch):
    everything_as_arrays(monkeypatch)
    pulse = np.zeros(200)
    pulse[30:50] = 1.0
    run = through(delay).run(
        2, 0.01, inputs={"a/wire/v": pulse}, solver=solver, vectorize=vectorize,
        outputs={"x": "b/op/x", "u": "b/op/u"},
    )  # fmt: skip
    t = run.index.to_numpy()
    on, off = 0.3 + delay, 0.5 + delay
    exact = -np.expm1(-np.clip(t - on, 0, 0.2)) * np.exp(-np.maximum(t - off, 0))
    np.testing.assert_allclose(run["x"], exact, rtol=0, atol=tolerance)
    expected = np.roll(pulse, round(delay / 0.01))
    np.testing.assert_allclose(run["u"], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
@SOLVERS
def test_a_pulse_between_steps_arrives_within_a_step(solver, vectorize, monkeypatch):
    # read between steps a jump is a slope over one of them: half a step of the height at most
    everything_as_arrays(monkeypatch)
    pulse = np.zeros(200)
    pulse[30:50] = 1.0
    run = through(0.255).run(
        2, 0.01, inputs={"a/wire/v": pulse}, solver=solver, outputs={"x": "b/op/x"},
        vectorize=vectorize,
    )  # fmt: skip
    t = run.index.to_numpy()
    exact = -np.expm1(-np.clip(t - 0.555, 0, 0.2)) * np.exp(-np.maximum(t - 0.755, 0))
    np.testing.assert_allclose(run["x"], exact, rtol=0, atol=5e-3)


def test_what_an_input_was_before_the_run_is_its_first_value():
    run = through(0.5).run(1, 0.1, inputs={"a/wire/v": 3.0}, outputs={"u": "b/op/u"})
    np.testing.assert_array_equal(run["u"], 3.0)


# --- inputs that change at most samples, or are functions ---


def reference(drive, step):
    """Return x of x' = -x + u^2 held from sample to sample, solved exactly."""
    x = np.zeros(len(drive))
    for k, u in enumerate(drive[:-1]):
        x[k + 1] = u**2 + (x[k] - u**2) * math.exp(-step)
    return x


def squared():
    return one("x' = -x + u^2", {"x": "output", "u": "input"})


@pytest.mark.parametrize("shape", ["smooth", "noisy"])
def test_scipy_follows_an_input_that_changes_at_every_sample(shape, rng, monkeypatch):
    step, n = 0.05, 400
    drive = np.sin(np.arange(n) * step) if shape == "smooth" else rng.normal(size=n)
    monkeypatch.setattr(adaptive, "_Pieces", None)  # no piece is made: it takes fixed steps
    run = squared().run(n * step, step, inputs={"n/op/u": drive}, solver="scipy")
    np.testing.assert_allclose(run.iloc[:, 0], reference(drive, step), rtol=0, atol=1e-6)


def test_scipy_follows_noise_in_wc_as_an_independent_solver_does(rng):
    step, drive = 0.5, rng.normal(size=150)
    run = CircuitTemplate.from_yaml(WC).run(
        75, step, inputs={"e/se_op/r_ext": drive}, solver="scipy"
    )

    def f(t, y, u):
        e, i = y
        gain = lambda x, s, theta: 1 / (1 + np.exp(-s * (x - theta))) - 1 / (1 + np.exp(s * theta))  # noqa: E731
        return [
            (-e + (1 - e) * gain(15 * e - 15 * i + u, 1.0, 2.0)) / 10,
            (-i + (1 - i) * gain(15 * e - 4 * i, 2.0, 2.5)) / 10,
        ]

    y, rows = [0.0, 0.0], []
    for u in drive:
        rows.append(y)
        y = solve_ivp(f, (0, step), y, args=(u,), method="DOP853", rtol=1e-11, atol=1e-13).y[:, -1]
    np.testing.assert_allclose(run, rows, rtol=0, atol=1e-5)


def test_coarse_samples_are_cut_into_as_many_steps_as_the_tolerance_needs(monkeypatch):
    parts = []
    original = adaptive.Task.cut
    monkeypatch.setattr(
        adaptive.Task, "cut", lambda task, n: (parts.append(n), original(task, n))[1]
    )
    step, drive = 0.5, np.sin(np.arange(200.0))
    run = squared().run(100, step, inputs={"n/op/u": drive}, solver="scipy")
    assert parts[0] == 1
    assert parts[-1] > 1
    np.testing.assert_allclose(run.iloc[:, 0], reference(drive, step), rtol=0, atol=1e-5)


def test_a_dense_input_to_a_stiff_model_goes_to_scipy_after_all(monkeypatch):
    monkeypatch.setattr(adaptive, "MANY_PIECES", 10)
    monkeypatch.setattr(adaptive, "MOST_PARTS", 8)
    step, drive = 0.5, np.sin(np.arange(20.0))
    stiff = one("x' = -1e5*(x - u)", {"x": "output", "u": "input"})
    run = stiff.run(10, step, inputs={"n/op/u": drive}, solver="scipy", method="Radau")
    np.testing.assert_allclose(run.iloc[1:, 0], drive[:-1], rtol=0, atol=1e-5)


def test_a_few_jumps_make_a_few_pieces(monkeypatch):
    starts = []
    original = adaptive._Pieces.start
    monkeypatch.setattr(
        adaptive._Pieces, "start", lambda self, t: (starts.append(t), original(self, t))[1]
    )
    drive = np.repeat([0.0, 1.0, 0.0, 2.0], 100)
    run = squared().run(20, 0.05, inputs={"n/op/u": drive}, solver="scipy")
    assert starts == pytest.approx([0, 5, 10, 15])
    np.testing.assert_allclose(run.iloc[:, 0], reference(drive, 0.05), rtol=0, atol=1e-5)


@pytest.mark.parametrize("step", [0.1, 0.01, 1 / 3, 0.7, 1e-3])
def test_each_piece_holds_the_sample_that_begins_there(step):
    # times such as 3 * 0.1 are not exact; no sample may be taken one too early or too late
    n = 64
    drive = np.repeat(np.arange(n // 2.0), 2)
    run = one("x' = u", {"x": "output", "u": "input"}).run(
        n * step, step, inputs={"n/op/u": drive}, solver="scipy"
    )
    exact = np.concatenate([[0.0], np.cumsum(drive)[:-1] * step])
    np.testing.assert_allclose(run.iloc[:, 0], exact, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    ("solver", "tolerance"), [("euler", 2e-2), ("heun", 1e-4), ("rk4", 1e-9), ("scipy", 1e-5)]
)
@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
def test_a_function_is_followed_within_a_step(solver, tolerance, vectorize, monkeypatch):
    everything_as_arrays(monkeypatch)
    run = one("x' = u", {"x": "output", "u": "input"}).run(
        3, 0.01, inputs={"n/op/u": math.cos}, solver=solver, vectorize=vectorize
    )
    np.testing.assert_allclose(run.iloc[:, 0], np.sin(run.index), rtol=0, atol=tolerance)


@pytest.mark.parametrize("solver", ["euler", "heun", "rk4", "scipy"])
@pytest.mark.parametrize("declared", [{}, {"t": "variable"}, {"t": "variable(0.0)"}])
def test_t_in_an_equation_is_time_declared_or_not(solver, declared):
    run = one("x' = 2*t", {"x": "output", **declared}).run(1, 0.01, solver=solver)
    tolerance = 0.011 if solver == "euler" else 1e-9
    np.testing.assert_allclose(run.iloc[:, 0], run.index.to_numpy() ** 2, rtol=0, atol=tolerance)


# --- stiff models, and solutions that end ---


@pytest.mark.parametrize("method", ["Radau", "BDF", "LSODA"])
def test_implicit_methods_solve_the_stiff_van_der_pol_oscillator(method):
    # mu = 1000: Hairer & Wanner, Solving ODEs II, ch. IV.10 gives x(2) = 1.706167732170483
    # for eps = 1e-6 in time t/mu, from x = 2, z = -0.66 in its own scaling
    vdp = CircuitTemplate.from_yaml("model_templates.oscillators.vanderpol.vdp").with_vars(
        {"p/vdp_op/mu": 1000.0, "p/vdp_op/x": 2.0, "p/vdp_op/z": -0.66e-3}
    )
    run = vdp.run(
        2001, 1.0, solver="scipy", method=method, rtol=1e-7, atol=1e-9,
        outputs={"x": "p/vdp_op/x"},
    )  # fmt: skip
    assert run["x"].loc[2000.0] == pytest.approx(1.706167732170483, abs=1e-4)


@SOLVERS
@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
def test_a_blow_up_names_state_time_and_remedy(solver, vectorize, monkeypatch):
    everything_as_arrays(monkeypatch)
    with pytest.raises(SolverError, match=r"n/op/x left every bound.*t = \d.*step 0\.05.*scipy"):
        one("x' = x^2", {"x": "output(1.0)"}).run(5, 0.05, solver=solver, vectorize=vectorize)


def test_a_step_too_long_for_tau_is_told_so():
    with pytest.raises(SolverError, match=r"a step below tau/10 = 0\.01"):
        CircuitTemplate("c", nodes={"n": leak(1.0, tau=0.1)}).run(900, 1.0)


@pytest.mark.parametrize("method", ["RK45", "DOP853", "Radau", "BDF", "LSODA"])
def test_a_blow_up_under_scipy_names_the_state(method):
    with pytest.raises(SolverError, match=r"stopped after t = (0\.99|1).*largest state.*n/op/x"):
        one("x' = x^2", {"x": "output(1.0)"}).run(2, 0.01, solver="scipy", method=method)


@pytest.mark.parametrize("solver", ["euler", "rk4", "scipy"])
def test_a_function_that_is_not_finite_is_blamed_by_its_path(solver):
    with pytest.raises(SolverError, match="function that drives n/op/u is not finite"):
        squared().run(
            2, 0.1, inputs={"n/op/u": lambda t: math.nan if t > 1 else 1.0}, solver=solver
        )


def test_an_equation_without_a_value_says_when():
    circuit = one(["x' = -1", "y = 1/x", "z' = y"], {"x": "output(1.0)", "y": "variable",
                                                        "z": "variable"})  # fmt: skip
    with pytest.raises(SolverError, match=r"no value soon after t = 1\b"):
        circuit.run(2, 0.125)


def test_a_recorded_variable_that_is_not_finite_is_an_error():
    circuit = one(["x' = -1", "y = 1/x"], {"x": "output(0.5)", "y": "variable"})
    with pytest.raises(SolverError, match=r"n/op/y is not finite at t = 0\.5"):
        circuit.run(1, 0.125, outputs={"y": "n/op/y"}, solver="scipy")
