"""Circuits as users hold them: models and bare functions that agree with each other."""

import math

import numpy as np
import pytest
from helpers import WC, chain, everything_as_arrays, nested_pairs, one
from scipy.integrate import solve_ivp
from test_model import EVERY_CIRCUIT

from wclab import CircuitTemplate
from wclab.errors import OptionError


def wc():
    return CircuitTemplate.from_yaml(WC)


# --- models ---


def test_a_model_has_states_initial_values_and_parameters():
    model = wc().with_vars({"e/rate_op/r": 0.25}).model()
    assert model.states == ("e/rate_op/r", "i/rate_op/r")
    assert model.y0.tolist() == [0.25, 0.0]
    assert model.parameters["i/si_op/theta"] == 2.5
    assert model.parameters["i/rate_op/r", "e/se_op/r_in"] == -15.0


def test_a_model_is_made_once_and_anew_after_a_change():
    circuit = wc()
    assert circuit.model() is circuit.model()
    before = circuit.model()
    circuit.update_var({"e/rate_op/tau": 5.0})
    assert circuit.model().parameters["e/rate_op/tau"] == 5.0
    assert before.parameters["e/rate_op/tau"] == 10.0


def test_clearing_forgets_code_and_nothing_else():
    circuit = wc()
    expected = circuit.run(1, 0.1, inputs={"e/se_op/r_ext": 1.0})
    circuit.clear()
    assert circuit.run(1, 0.1, inputs={"e/se_op/r_ext": 1.0}).equals(expected)


# --- bare functions ---


@EVERY_CIRCUIT
@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
def test_a_run_function_gives_the_models_derivatives(name, vectorize, rng, monkeypatch):
    everything_as_arrays(monkeypatch)
    circuit = CircuitTemplate.from_yaml(name)
    func, arguments, names, indices = circuit.get_run_func("field", 0.1, vectorize=vectorize)
    model = circuit.model(vectorize=vectorize)
    assert func.__name__ == "field"
    assert names[:3] == ("t", "y", "dy")
    assert len(names) == len(arguments)
    assert indices == {path: k for k, path in enumerate(model.states)}
    y = model.y0 + 0.01 * rng.normal(size=len(model.y0))
    dy = np.zeros(len(y))
    assert func(0.5, y, dy, *arguments[3:]) is dy
    np.testing.assert_array_equal(dy, model.rhs(0.5, y))
    np.testing.assert_array_equal(func(*arguments), model.rhs(0.0, model.y0))


def test_parameters_of_a_run_function_can_be_changed_call_by_call():
    func, arguments, names, _ = wc().get_run_func("field", 0.1)
    place = names.index("e/rate_op/tau")
    y, changed = np.array([0.3, 0.2]), [*arguments[:place], 5.0, *arguments[place + 1 :]]
    expected = wc().with_vars({"e/rate_op/tau": 5.0}).model().rhs(0.0, y)
    for _ in range(2):  # the numbers of one call do not stay for the next
        np.testing.assert_array_equal(func(0.0, y, np.zeros(2), *changed[3:]), expected)
        unchanged = func(0.0, y, np.zeros(2), *arguments[3:])
        np.testing.assert_array_equal(unchanged, wc().model().rhs(0.0, y))


def test_a_run_function_holds_its_input_from_sample_to_sample():
    circuit = one("x' = u", {"x": "output", "u": "input"})
    func, *_ = circuit.get_run_func("f", 0.1, inputs={"n/op/u": [1.0, 2.0, 3.0, 4.0]})
    at = [float(func(t, np.zeros(1), np.zeros(1))[0]) for t in (0, 0.05, 0.1, 0.25, 0.3, 9.0)]
    assert at == [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]  # 0.3/0.1 is below 3 in floating point
    func, *_ = circuit.get_run_func("f", 0.1, inputs={"n/op/u": math.cos})
    assert func(2.0, np.zeros(1), np.zeros(1))[0] == math.cos(2.0)


def test_a_run_function_suits_a_solver_of_ones_own():
    circuit = wc()
    func, arguments, _, _ = circuit.get_run_func("f", 0.1, inputs={"e/se_op/r_ext": 1.0})
    _, y, dy, *parameters = arguments
    own = solve_ivp(
        lambda t, y: func(t, y, dy, *parameters).copy(), (0, 20), y, rtol=1e-9, atol=1e-12,
        t_eval=[0.0, 10.0],
    )  # fmt: skip
    run = circuit.run(20, 10, inputs={"e/se_op/r_ext": 1.0}, solver="scipy", rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(own.y.T, run, rtol=0, atol=1e-8)


@EVERY_CIRCUIT
@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
def test_a_jacobian_function_gives_the_models_jacobian(name, vectorize, rng, monkeypatch):
    everything_as_arrays(monkeypatch)
    circuit = CircuitTemplate.from_yaml(name)
    func, arguments, names, _ = circuit.get_jacobian_func("jac", 0.1, vectorize=vectorize)
    model = circuit.model(vectorize=vectorize)
    y = model.y0 + 0.01 * rng.normal(size=len(model.y0))
    assert (func.__name__, names[:2]) == ("jac", ("t", "y"))
    found = func(0.5, y, *arguments[2:])
    assert found.shape == (len(y), len(y))
    np.testing.assert_array_equal(found, model.jacobian(y, t=0.5))


def test_the_jacobian_of_wc_at_rest_is_the_published_one():
    # d/dE: (-1 + 15 S'(0))/10 with S'(0) = exp(2)/(1 + exp(2))^2 = 0.105; silence is a saddle
    func, arguments, _, _ = wc().get_jacobian_func("jac", 0.1)
    jac = func(*arguments)
    np.testing.assert_allclose(jac, [[0.0575, -0.1575], [0.0199, -0.1053]], atol=5e-5)
    assert np.linalg.det(jac) == pytest.approx(-0.0029, abs=5e-5)


def test_the_jacobian_of_van_der_pol_is_its_formula():
    vdp = CircuitTemplate.from_yaml("model_templates.oscillators.vanderpol.vdp")
    func, _, _, indices = vdp.get_jacobian_func("jac", 0.1)
    x, z = indices["p/vdp_op/x"], indices["p/vdp_op/z"]
    jac = func(0.0, np.array([0.0, 1.0]))
    assert jac[np.ix_([x, z], [x, z])].tolist() == [[0.0, 1.0], [-1.0, 1.0]]


@pytest.mark.parametrize("method", ["get_run_func", "get_jacobian_func"])
def test_bare_functions_need_a_circuit_without_delays(method):
    with pytest.raises(OptionError, match="delays depend on its past"):
        getattr(chain(0.5), method)("f", 0.1)
    assert getattr(chain(0.5, spread=0.25), method)("f", 0.1)[0] is not None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"step_size": 0}, "step_size must be above 0"),
        ({"bckend": "default"}, "Did you mean 'backend'?"),
        ({"backend": "torch"}, "unknown backend 'torch'"),
        ({"inputs": {"e/se_op/r_ext": [1, math.nan]}}, "not finite at sample 1"),
    ],
)
@pytest.mark.parametrize("method", ["get_run_func", "get_jacobian_func"])
def test_options_of_bare_functions_are_checked(method, arguments, words):
    with pytest.raises(OptionError) as error:
        getattr(wc(), method)("f", **arguments)
    assert words in str(error.value)


def test_keywords_of_pyrates_are_accepted():
    func, *_ = wc().get_run_func(
        "f", 0.1, solver="scipy", file_name="x", float_precision="float64", verbose=False,
        clear=True, in_place=False,
    )  # fmt: skip
    assert callable(func)


# --- how it shows itself ---


def test_a_notebook_sees_equations_numbers_and_wiring():
    text = wc()._repr_markdown_()
    for part in ("**WC**", "\\begin{aligned}", "| `e/rate_op/tau` | 10 |", "| `i/rate_op/r` |"):
        assert part in text
    assert nested_pairs()._repr_markdown_().count("$$") == 2


@pytest.mark.parametrize("name", [WC, "model_templates.neural_mass_models.wilsoncowan.WC_stp"])
def test_a_compiled_run_function_is_the_plain_one(name, rng):
    circuit = CircuitTemplate.from_yaml(name)
    inputs = {"e/se_op/r_ext": np.arange(10.0)}
    plain, start, names, indices = circuit.get_run_func("f", 0.1, inputs=inputs)
    fast, *rest = circuit.get_run_func("f", 0.1, inputs=inputs, backend="compiled")
    assert rest[1:] == [names, indices]
    parameters = [*start[3:]]
    other = [1.1 * value for value in parameters]
    for values in ([], parameters, other, []):
        for t in (0.0, 0.55):
            y, dy = rng.normal(size=(2, len(start[1])))
            expected = plain(t, y, np.empty_like(y), *values)
            assert fast(t, y, dy, *values) is dy
            np.testing.assert_allclose(dy, expected, rtol=1e-13, atol=1e-15)
            y += 1.0  # the same array with other numbers
            np.testing.assert_allclose(fast(t, y, dy, *values), plain(t, y, 0 * y, *values))


def test_a_compiled_run_function_refuses_what_it_would_read_or_write_past():
    func, (t, y, dy, *_), *_ = wc().get_run_func(backend="compiled")
    for wrong in (np.zeros(1), np.zeros(3), np.zeros((2, 1)), [0.0]):
        with pytest.raises(OptionError, match=r"must be arrays of shape \(2,\)"):
            func(t, wrong, dy)
        with pytest.raises(OptionError, match=r"must be arrays of shape \(2,\)"):
            func(t, y, wrong)
    for wrong in ([0.0, 0.0], np.zeros(2, dtype=np.float32), np.zeros((2, 2))[:, 0]):
        with pytest.raises(TypeError, match="contiguous arrays of float64"):
            func(t, y, wrong)


def test_a_run_function_that_cannot_be_compiled_says_why():
    with pytest.raises(OptionError, match=r"backend='compiled' cannot run this: an input is"):
        wc().get_run_func(inputs={"e/se_op/r_ext": math.cos}, backend="compiled")
