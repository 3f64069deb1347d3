"""The adaptive engine: within its tolerance of an independent solver, and never past a jump."""

import math

import numpy as np
import pytest
from helpers import WC, chain, everything_as_arrays, one
from test_engines import step_of
from test_model import EVERY_CIRCUIT

from wclab import CircuitTemplate
from wclab.engines import dopri5
from wclab.engines.compiled import available
from wclab.errors import OptionError, SolverError
from wclab.inputs import pulse

PULSE = "e/se_op/r_ext"
BACKENDS = pytest.mark.parametrize("backend", ["numpy", "compiled"])
SEED = pulse(125.0, 0.1, on=25.0, off=100.0)


@pytest.fixture(scope="module")
def wc():
    return CircuitTemplate.from_yaml(WC)


def seed_run(wc, sampling=0.1, **options):
    return wc.run(125.0, 0.1, {PULSE: SEED}, sampling_step_size=sampling, **options)


@pytest.fixture(scope="module")
def exact(wc):
    """Return the seed's run by DOP853 to 12 digits."""
    return seed_run(wc, solver="scipy", method="DOP853", rtol=1e-12, atol=1e-12)


def worst(frame, other):
    return float(np.abs(frame.to_numpy() - other.to_numpy()).max())


def has_delays(circuit):
    return bool(circuit.model().program.delayed)


# --- against independent solvers ---


@EVERY_CIRCUIT
@BACKENDS
def test_every_shipped_circuit_is_solved_within_its_tolerance(name, backend):
    circuit = CircuitTemplate.from_yaml(name)
    if has_delays(circuit):
        pytest.skip("delays are SciPy's")
    step = 10 * step_of(name)
    arguments = {"simulation_time": 200 * step, "step_size": step, "vectorize": False}
    reference = circuit.run(**arguments, solver="scipy", method="DOP853", rtol=1e-12, atol=1e-12)
    run = circuit.run(**arguments, solver="dopri5", backend=backend, rtol=1e-8, atol=1e-10)
    scale = np.abs(reference.to_numpy()).max()
    # an error per step of 1e-8 of the state grows along the run, by the model's own instability
    assert worst(run, reference) <= 1e-6 * max(scale, 1e-3)


@EVERY_CIRCUIT
def test_plain_python_and_machine_code_take_the_same_steps(name):
    circuit = CircuitTemplate.from_yaml(name)
    if has_delays(circuit):
        pytest.skip("delays are SciPy's")
    step = 10 * step_of(name)
    runs = [
        circuit.run(100 * step, step, solver="dopri5", backend=backend, vectorize=False)
        for backend in ("numpy", "compiled")
    ]
    scale = np.abs(runs[0].to_numpy()).max()
    assert worst(*runs) <= 1e-12 * max(scale, 1.0)


@BACKENDS
def test_the_seeds_run_is_right_to_the_tolerance_between_the_steps_too(wc, exact, backend):
    for rtol in (1e-4, 1e-6, 1e-8, 1e-10):
        run = seed_run(wc, solver="dopri5", backend=backend, rtol=rtol, atol=rtol / 1e3)
        assert worst(run, exact) <= 2 * rtol  # DOP853, RK45 and this pair all stay below that here


def test_the_error_falls_in_proportion_to_the_tolerance(wc, exact):
    tolerances = 10.0 ** -np.arange(4, 11)
    errors = [
        worst(seed_run(wc, solver="dopri5", rtol=rtol, atol=rtol / 1e3), exact)
        for rtol in tolerances
    ]
    slope = np.polyfit(np.log(tolerances), np.log(errors), 1)[0]
    assert slope == pytest.approx(1.0, abs=0.2)


def test_scipys_own_dormand_prince_agrees_to_the_tolerance(wc):
    ours = seed_run(wc, solver="dopri5", rtol=1e-7, atol=1e-10)
    theirs = seed_run(wc, solver="scipy", method="RK45", rtol=1e-7, atol=1e-10)
    assert worst(ours, theirs) <= 2e-7


def test_rows_between_steps_are_as_right_as_rows_at_their_ends(wc, exact):
    run = seed_run(wc, solver="dopri5", rtol=1e-7, atol=1e-10)
    errors = np.abs(run.to_numpy() - exact.to_numpy()).max(axis=1)
    few = seed_run(wc, sampling=12.5, solver="dopri5", rtol=1e-7, atol=1e-10)
    at_ends = errors[250], errors[1000]  # a step ends at each edge of the pulse
    assert errors.max() <= 20 * max(at_ends)
    assert worst(few.iloc[:-1], run.iloc[:-125:125]) == 0.0  # the last step is another


@BACKENDS
def test_the_polynomial_between_two_steps_is_of_order_four(backend):
    # x' = cos t: the step's ends are nearly exact; halving the step divides what lies between
    circuit = one("x' = cos(t)", {"x": "output"})
    errors = []
    for longest in (0.4, 0.2, 0.1):
        run = circuit.run(
            4, 0.01, solver="dopri5", backend=backend, rtol=1.0, atol=1.0, max_step=longest
        )
        errors.append(np.abs(run.iloc[:, 0] - np.sin(run.index)).max())
    assert np.log2(errors[0] / errors[2]) / 2 == pytest.approx(5, abs=0.3)  # one more, locally


# --- inputs ---


@BACKENDS
@pytest.mark.parametrize("width", [1, 3])
def test_a_short_pulse_is_never_stepped_over(backend, width):
    drive = np.zeros(1000)
    drive[700 : 700 + width] = 1.0
    circuit = one("x' = -x + u", {"x": "output", "u": "input"})
    run = circuit.run(1000, 1.0, inputs={"n/op/u": drive}, solver="dopri5", backend=backend)
    assert run.iloc[:701, 0].abs().max() == 0.0
    height = -math.expm1(-width)
    assert run.iloc[700 + width, 0] == pytest.approx(height, abs=1e-6)
    assert run.iloc[705 + width, 0] == pytest.approx(height * math.exp(-5), abs=1e-6)


@pytest.mark.parametrize("step", [0.1, 0.01, 1 / 3, 0.7, 1e-3])
def test_each_piece_holds_the_sample_that_begins_there(step):
    drive = np.repeat(np.arange(8.0), 8)
    run = one("x' = u", {"x": "output", "u": "input"}).run(
        64 * step, step, inputs={"n/op/u": drive}, solver="dopri5"
    )
    expected = np.concatenate([[0.0], np.cumsum(drive)[:-1] * step])
    np.testing.assert_allclose(run.iloc[:, 0], expected, rtol=1e-12, atol=1e-12)


def test_an_input_that_changes_at_every_sample_is_followed(rng):
    step, drive = 0.05, rng.normal(size=400)
    circuit = one("x' = -x + u^2", {"x": "output", "u": "input"})
    run = circuit.run(20, step, inputs={"n/op/u": drive}, solver="dopri5")
    x = np.zeros(400)
    for k, u in enumerate(drive[:-1]):
        x[k + 1] = u**2 + (x[k] - u**2) * math.exp(-step)
    np.testing.assert_allclose(run.iloc[:, 0], x, rtol=0, atol=1e-6)


def test_functions_and_time_are_followed_in_plain_python():
    circuit = one("x' = u - x + t", {"x": "output", "u": "input"})
    run = circuit.run(6, 0.05, inputs={"n/op/u": math.sin}, solver="dopri5", rtol=1e-9, atol=1e-9)
    t = run.index.to_numpy()
    expected = (np.sin(t) - np.cos(t) + np.exp(-t)) / 2 + t - 1 + np.exp(-t)
    np.testing.assert_allclose(run.iloc[:, 0], expected, rtol=0, atol=1e-8)
    with pytest.raises(OptionError, match="an input is a function"):
        circuit.run(6, 0.05, inputs={"n/op/u": math.sin}, solver="dopri5", backend="compiled")


def test_inputs_of_several_variables_have_jumps_of_their_own(wc):
    inputs = {PULSE: SEED, "i/si_op/r_ext": pulse(125.0, 0.1, on=40.0, off=60.0)}
    runs = [
        wc.run(125.0, 0.1, inputs, solver=solver, rtol=1e-9, atol=1e-11)
        for solver in ("dopri5", "scipy")
    ]
    assert worst(*runs) <= 1e-8


# --- a run in parts ---


@BACKENDS
def test_results_do_not_depend_on_how_many_steps_a_part_has(wc, monkeypatch, backend):
    whole = seed_run(wc, solver="dopri5", backend=backend)
    for room in (1, 7, 95):
        monkeypatch.setattr(dopri5, "ROOM", room)
        assert worst(seed_run(wc, solver="dopri5", backend=backend), whole) <= 1e-14


def test_a_long_run_goes_on_in_machine_code(wc, monkeypatch):
    compiled = []
    original = dopri5._Run.compiled
    monkeypatch.setattr(dopri5._Run, "compiled", lambda run: compiled.append(1) or original(run))
    whole = seed_run(wc, solver="dopri5")
    assert not compiled
    monkeypatch.setattr(dopri5, "ROOM", 10)
    monkeypatch.setattr(dopri5, "PAYS", 20)
    assert worst(seed_run(wc, solver="dopri5"), whole) <= 1e-14
    assert compiled == [1]
    assert worst(seed_run(wc, solver="dopri5", backend="numpy"), whole) <= 1e-14
    assert compiled == [1]
    monkeypatch.setattr("wclab.engines.compiled.available", lambda: False)
    assert worst(seed_run(wc, solver="dopri5"), whole) <= 1e-14


def test_llvmlite_is_here_so_that_these_tests_mean_something():
    assert available()


# --- what cannot be done ---


@BACKENDS
def test_a_solution_that_ends_says_which_state_and_when(backend):
    circuit = one("x' = x^2", {"x": "output(1.0)"})
    with pytest.raises(SolverError, match=r"dopri5 stopped after t = 1: .*n/op/x = .*e\+"):
        circuit.run(2, 0.1, solver="dopri5", backend=backend)


@BACKENDS
def test_numbers_that_overflow_in_a_trial_step_only_shorten_the_step(backend):
    # a first step of 1e-6 grows until exp(50 x) of a trial stage is beyond every float
    circuit = one("x' = exp(-50*x)", {"x": "output(-1.0)"})
    run = circuit.run(1, 0.01, solver="dopri5", backend=backend, rtol=1e-8, atol=1e-10)
    expected = np.log(50 * run.index + np.exp(-50.0)) / 50
    np.testing.assert_allclose(run.iloc[1:, 0], expected[1:], rtol=0, atol=1e-6)


@BACKENDS
def test_an_equation_without_a_value_is_an_error(backend):
    circuit = one("x' = -1/sqrt(x)", {"x": "output(1.0)"})
    with pytest.raises(SolverError, match=r"dopri5 stopped after t = 0\.66.*n/op/x"):
        circuit.run(1, 0.1, solver="dopri5", backend=backend)


def test_a_function_that_stops_being_finite_is_named():
    circuit = one("x' = u", {"x": "output", "u": "input"})
    with pytest.raises(SolverError, match="function that drives n/op/u is not finite"):
        circuit.run(
            2, 0.1, inputs={"n/op/u": lambda t: math.nan if t > 1 else 1.0}, solver="dopri5"
        )


def test_delays_and_networks_are_refused_with_the_remedy(wc, monkeypatch):
    with pytest.raises(OptionError, match='takes no delays: use solver="scipy"'):
        chain(0.5).run(10, 0.1, solver="dopri5")
    everything_as_arrays(monkeypatch)
    with pytest.raises(OptionError, match='use solver="scipy", or vectorize=False'):
        wc.run(10, 0.1, solver="dopri5")
    assert len(wc.run(10, 0.1, solver="dopri5", vectorize=False)) == 100


def test_the_options_are_the_tolerances_and_the_longest_step(wc):
    with pytest.raises(OptionError, match="method='RK45' belongs to solver='scipy'"):
        wc.run(10, 0.1, solver="dopri5", method="RK45")
    with pytest.raises(OptionError, match="belongs to solver='dopri5' or solver='scipy'"):
        wc.run(10, 0.1, solver="rk4", rtol=1e-3)
    with pytest.raises(OptionError, match="rtol must be above 0"):
        wc.run(10, 0.1, solver="dopri5", rtol=0.0)
    loose = wc.run(100, 0.1, {PULSE: 1.0}, solver="dopri5", rtol=1.0, atol=1.0)
    short = wc.run(100, 0.1, {PULSE: 1.0}, solver="dopri5", rtol=1.0, atol=1.0, max_step=0.5)
    right = wc.run(100, 0.1, {PULSE: 1.0}, solver="dopri5", rtol=1e-10, atol=1e-12)
    assert worst(short, right) < 1e-6 < worst(loose, right)


def test_a_state_that_rests_is_passed_in_a_few_steps():
    run = one("x' = 0*x", {"x": "output(2.0)"}).run(1e6, 1e3, solver="dopri5")
    assert (run == 2.0).all().all()
