"""Runs: what is asked for is what comes out, or an error that says what to change."""

import math
import os

import numpy as np
import pandas as pd
import pytest
from helpers import WC, chain, everything_as_arrays, leak, nested_pairs, node, one

from wclab import CircuitTemplate, WclabError
from wclab.errors import MemoryLimitError, OptionError, PathError
from wclab.options import Times

RATE, DRIVE = "e/rate_op/r", "e/se_op/r_ext"


def wc():
    return CircuitTemplate.from_yaml(WC)


# --- rows and times ---


@pytest.mark.parametrize(
    ("total", "step", "sampling", "rows"),
    [(1.0, 0.1, None, 10), (125.0, 5e-4, 1e-2, 12_500), (1.05, 0.1, None, 10), (0.95, 0.1, None, 9),
     (1.0, 0.3, None, 3), (0.3, 0.1, 0.3, 1), (1.0, 0.1, 0.3, 3), (1, 1, None, 1)],
)  # fmt: skip
def test_rows_are_the_time_over_the_sampling_step(total, step, sampling, rows):
    times = Times.read(total, step, sampling)
    assert times.rows == rows
    index = times.index()
    np.testing.assert_allclose(index, np.arange(rows) * (sampling or step), rtol=1e-15)


def test_the_first_row_is_the_initial_state_and_later_rows_keep_their_times():
    run = chain(0.5).run(2, 0.1, sampling_step_size=0.5, outputs={"x": "a/op/x"})
    assert run.index.tolist() == [0.0, 0.5, 1.0, 1.5]
    # Euler's factor is 0.9 in each step
    np.testing.assert_allclose(run["x"], 0.9 ** np.array([0, 5, 10, 15]), rtol=1e-14)


@pytest.mark.parametrize("solver", ["euler", "heun", "rk4"])
def test_sampling_leaves_out_rows_and_changes_none(solver):
    fine = wc().run(10, 0.1, inputs={DRIVE: 1.0}, solver=solver)
    coarse = wc().run(10, 0.1, inputs={DRIVE: 1.0}, solver=solver, sampling_step_size=0.7)
    np.testing.assert_array_equal(coarse.iloc[:14], fine.iloc[:98:7])


@pytest.mark.parametrize(("cutoff", "first"), [(0, 0.0), (0.3, 0.3), (0.25, 0.3), (1.1, 1.1)])
def test_a_cutoff_drops_earlier_rows_only(cutoff, first):
    # 1.1/0.1 is above 11 in floating point, 0.3/0.1 below 3
    whole = chain(0.5).run(2, 0.1)
    cut = chain(0.5).run(2, 0.1, cutoff=cutoff)
    assert cut.index[0] == pytest.approx(first, abs=1e-12)
    pd.testing.assert_frame_equal(cut, whole.iloc[-len(cut) :])


@pytest.mark.parametrize("kind", [int, np.int64, np.int32, np.float64, np.float32, str, np.asarray])
def test_every_kind_of_number_is_a_number(kind):
    expected = wc().run(4.0, 1.0, sampling_step_size=2.0, cutoff=2.0, inputs={DRIVE: 3.0})
    number = {DRIVE: 3.0 if kind is str else kind(3)}
    run = wc().run(kind(4), kind(1), sampling_step_size=kind(2), cutoff=kind(2), inputs=number)
    pd.testing.assert_frame_equal(run, expected)


TIMES = {"simulation_time": 1.0, "step_size": 0.1}


@pytest.mark.parametrize("name", ["simulation_time", "step_size", "sampling_step_size"])
@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "above 0"), (-0.1, "above 0"), (math.nan, "above 0"), (math.inf, "above 0"),
     ("ten", "must be a number, not 'ten'"), ([1, 2], "must be a number")],
)  # fmt: skip
def test_a_time_that_is_no_positive_number_is_refused_by_its_name(name, value, words):
    with pytest.raises(OptionError, match=f"{name} must be.*"):
        wc().run(**TIMES | {name: value})
    with pytest.raises(OptionError, match=words):
        wc().run(**TIMES | {name: value})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"step_size": 3}, "step_size 3 is longer than simulation_time 1"),
        ({"sampling_step_size": 5}, "sampling_step_size 5 is longer than simulation_time 1"),
        ({"sampling_step_size": 0.15}, "0.15 is no multiple of step_size 0.1; take 0.1 or 0.2"),
        ({"sampling_step_size": 0.05}, "0.05 is no multiple of step_size 0.1; take 0.1 or 0.2"),
        ({"cutoff": -1}, "cutoff must be 0 or more and finite, not -1"),
        ({"cutoff": math.nan}, "cutoff must be 0 or more and finite, not nan"),
        ({"cutoff": None}, "cutoff must be a number, not None"),
        ({"cutoff": 1.0}, "cutoff 1.0 leaves no row: the last one is at 0.9"),
    ],
)
def test_times_that_do_not_fit_together_say_what_would(changed, words):
    with pytest.raises(OptionError, match=words):
        wc().run(**TIMES | changed)


@pytest.mark.parametrize("step", [1e-12, 1e-300])
def test_a_result_too_large_for_memory_is_refused_before_it_is_computed(step):
    with pytest.raises(
        MemoryLimitError, match=r"rows and 4 variables would take .* GB.*Keep fewer"
    ):
        wc().run(1, step)


# --- names that do not exist ---


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"inputs": {"e/se_op/r_extt": 1}}, "'e/se_op/r_extt' names no variable: operator "
         "'e/se_op' has no variable 'r_extt'. Did you mean 'r_ext'?"),
        ({"outputs": {"E": "x/rate_op/r"}}, "has no node 'x'. Known: e, i."),
        ({"outputs": ["e/rat_op/r"]}, "has no operator 'rat_op'. Did you mean 'rate_op'?"),
        ({"outputs": "all/rate_op/x"}, "no node has 'rate_op/x'. Did you mean 'rate_op/r'?"),
        ({"outputs": "E"}, "a path is 'node/operator/variable'"),
        ({"outputs": {"E": "e/rate_op"}}, "a path is 'node/operator/variable'"),
        ({"outputs": "e.rate_op.r"}, "a path is 'node/operator/variable'"),
        ({"inputs": {0: 1}}, "a path is 'node/operator/variable'"),
        ({"noise": {"e/rate_op/rr": 1}}, "Did you mean 'r'?"),
    ],
)  # fmt: skip
def test_a_misspelt_path_says_where_it_ends_and_what_is_there(arguments, words):
    with pytest.raises(PathError) as error:
        wc().run(1, 0.1, **arguments)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"stepsize": 0.1}, "no keyword 'stepsize'. Did you mean 'step_size'?"),
        ({"dt": 0.1}, "no keyword 'dt'. Known: simulation_time, step_size"),
        ({"solver": "rk5"}, "unknown solver 'rk5'. Did you mean 'rk4'?"),
        ({"solver": "Euler"}, "unknown solver 'Euler'. Did you mean 'euler'?"),
        ({"solver": None}, "unknown solver None. Known: euler, heun, rk4, dopri5, scipy."),
        ({"solver": "lsoda"}, "That is a method of SciPy: solver='scipy', method='LSODA'."),
        ({"solver": "scipy", "method": "rk45"}, "unknown method 'rk45'"),
        ({"solver": "scipy", "rtol": -1}, "rtol must be above 0"),
        ({"solver": "scipy", "atol": "small"}, "atol must be a number, not 'small'"),
        ({"solver": "scipy", "max_step": 0}, "max_step must be above 0"),
        ({"method": "RK45"}, "method='RK45' belongs to solver='scipy', not to 'euler'"),
        ({"backend": "torch"}, "unknown backend 'torch'. Known: default, numpy, compiled."),
        ({"backend": "deflaut"}, "Did you mean 'default'?"),
    ],
)
def test_a_misspelt_option_says_what_exists(arguments, words):
    with pytest.raises(OptionError) as error:
        wc().run(1, 0.1, **arguments)
    assert words in str(error.value)


@pytest.mark.parametrize(
    "ignored", ["verbose", "clear", "in_place", "file_name", "out_dir", "float_precision"]
)
def test_keywords_of_pyrates_that_mean_nothing_here_change_nothing(ignored):
    pd.testing.assert_frame_equal(wc().run(1, 0.1, **{ignored: "x"}), wc().run(1, 0.1))


def test_an_infinite_longest_step_is_scipys_own_default():
    run = wc().run(1, 0.1, solver="scipy", max_step=math.inf)
    pd.testing.assert_frame_equal(run, wc().run(1, 0.1, solver="scipy"))


# --- outputs ---


def test_a_dict_names_its_columns():
    run = wc().run(1, 0.1, outputs={"I": "i/rate_op/r", "E": "e/rate_op/r"})
    assert run.columns.tolist() == ["I", "E"]
    assert run.index.name == "time"


@pytest.mark.parametrize("form", [list, tuple])
def test_a_list_names_columns_by_path(form):
    paths = form(["i/rate_op/r", "e/rate_op/r"])
    assert wc().run(1, 0.1, outputs=paths).columns.tolist() == list(paths)


def test_a_list_spells_all_out():
    run = wc().run(1, 0.1, outputs=["all/rate_op/r", "e/se_op/m"])
    assert run.columns.tolist() == ["e/rate_op/r", "i/rate_op/r", "e/se_op/m"]


def test_a_single_path_and_no_outputs():
    assert wc().run(1, 0.1, outputs=RATE).columns.tolist() == [RATE]
    assert wc().run(1, 0.1).columns.tolist() == ["e/rate_op/r", "i/rate_op/r"]


def test_all_gives_levels_of_key_node_and_variable():
    run = wc().run(1, 0.1, outputs={"r": "all/rate_op/r", "m": "e/se_op/m"})
    assert run.columns.tolist() == [("r", "e", "rate_op/r"), ("r", "i", "rate_op/r"), ("m", "", "")]
    assert run["r"]["i"].columns.tolist() == ["rate_op/r"]
    assert run["m"].to_numpy().shape[0] == 10


@pytest.mark.parametrize("path", ["all/all/op/x", "all/op/x"])
def test_all_in_nested_circuits_gives_one_level_for_each(path):
    run = nested_pairs().run(1, 0.1, outputs={"x": path})
    assert run.columns.tolist() == [("x", c, n, "op/x") for c in ("c1", "c2") for n in ("a", "b")]
    assert run["x"]["c2"]["a"].columns.tolist() == ["op/x"]


def test_part_of_a_path_may_be_all():
    assert nested_pairs().run(1, 0.1, outputs=["c1/all/op/x"]).shape == (10, 2)
    run = nested_pairs().run(1, 0.1, outputs={"x": "all/b/op/x"})
    assert run.columns.tolist() == [("x", "c1", "b", "op/x"), ("x", "c2", "b", "op/x")]


@pytest.mark.parametrize("solver", ["euler", "rk4", "scipy"])
@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
def test_any_variable_can_be_recorded(solver, vectorize, monkeypatch):
    everything_as_arrays(monkeypatch)
    drive = np.linspace(0, 1, 10)
    run = wc().run(
        1, 0.1, inputs={DRIVE: drive}, solver=solver, vectorize=vectorize,
        outputs={"E": RATE, "I": "i/rate_op/r", "u": DRIVE, "r_in": "e/se_op/r_in",
                 "m": "e/se_op/m", "m2": "e/rate_op/m", "tau": "e/rate_op/tau"},
    )  # fmt: skip
    np.testing.assert_array_equal(run["u"], drive)
    np.testing.assert_array_equal(run["tau"], 10.0)
    np.testing.assert_array_equal(run["m"], run["m2"])
    np.testing.assert_allclose(run["r_in"], 15 * run["E"] - 15 * run["I"], atol=1e-15)
    gain = 1 / (1 + np.exp(2 - run["r_in"] - drive)) - 1 / (1 + np.exp(2.0))
    np.testing.assert_allclose(run["m"], gain, rtol=1e-13, atol=1e-15)


def test_states_of_edges_are_recorded_by_the_edges_ends():
    stp = CircuitTemplate.from_yaml(WC + "_stp")
    run = stp.run(5, 0.1, inputs={DRIVE: 1.0}, outputs={"x": "e->i/tsodyks_op/x", "E": RATE})
    assert run["x"].iloc[0] == 1.0
    assert run["x"].iloc[-1] < 1.0
    with pytest.raises(PathError, match=r"of an edge\. Did you mean 'e->i/tsodyks_op/x'"):
        stp.run(1, 0.1, outputs="e->i/tsodyks_op/xx")


def test_default_outputs_have_one_order_whether_nodes_are_grouped_or_not(monkeypatch):
    everything_as_arrays(monkeypatch)
    circuit = CircuitTemplate.from_yaml("model_templates.neural_mass_models.jansenrit.JRC")
    arrays = circuit.run(1e-2, 1e-3, inputs={"pc/rpo_e_in/u": 5.0})
    assert list(arrays) == list(circuit.run(1e-2, 1e-3, vectorize=False))


@pytest.mark.parametrize("outputs", [{}, [], 3, {RATE}, {"E": [RATE]}, {"E": None}])
def test_outputs_of_another_form_are_refused_with_an_example(outputs):
    with pytest.raises(OptionError, match="'e/rate_op/r'"):
        wc().run(1, 0.1, outputs=outputs)


def test_circuits_without_states_are_run_too():
    circuit = one("y = 2*u + t", {"y": "output", "u": "input(1.0)"})
    for solver in ("euler", "rk4", "scipy"):
        run = circuit.run(
            1, 0.25, inputs={"n/op/u": [1, 2, 3, 4]}, outputs={"y": "n/op/y"}, solver=solver
        )
        assert run["y"].tolist() == [2.0, 4.25, 6.5, 8.75]
    assert circuit.run(1, 0.25).shape == (4, 0)


# --- inputs ---


def held(value, **options):
    """Return what reaches the leak's input during 4 steps."""
    circuit = CircuitTemplate("c", nodes={"n": leak()})
    return circuit.run(4, 1, inputs={"n/op/u": value}, outputs="n/op/u", **options).iloc[:, 0]


@pytest.mark.parametrize(
    "value",
    [2, 2.0, np.float32(2), [2] * 4, (2.0,) * 4, np.full(4, 2), np.full((4, 1), 2.0),
     pd.Series([2.0] * 4, index=list("abcd")), lambda t: 2, lambda t: [2.0],
     lambda t: np.full(1, 2)],
)  # fmt: skip
@pytest.mark.parametrize("solver", ["euler", "rk4", "scipy"])
def test_an_input_is_a_number_samples_or_a_function(value, solver):
    np.testing.assert_array_equal(held(value, solver=solver), 2.0)


def test_sample_i_holds_from_step_i_on():
    np.testing.assert_array_equal(held([1.0, 5.0, 2.0, 7.0]), [1.0, 5.0, 2.0, 7.0])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.ones(3), r"has shape \(3,\), but the run has 4 steps .*shape \(4,\)"),
        (np.ones(5), r"has shape \(5,\), but the run has 4 steps"),
        (np.ones((1, 4)), r"has shape \(1, 4\)"),
        (np.ones((4, 2)), r"has shape \(4, 2\)"),
        (np.ones((4, 1, 1)), r"has shape \(4, 1, 1\)"),
        ([1, 2, math.nan, 3], "not finite at sample 2"),
        ([1, math.inf, math.nan, 3], "not finite at sample 1"),
        (math.nan, "not finite"),
        (lambda t: math.nan, "not finite at t = 0"),
        (lambda t: 1 / t, "fails at t = 0: float division by zero"),
        (lambda t: [1, 2], "returns"),
        ("loud", "a number, an array or a function of t"),
        (None, "a number, an array or a function of t"),
        (1j, "a number, an array or a function of t"),
    ],
)
def test_an_input_that_does_not_fit_is_named_with_the_remedy(value, words):
    with pytest.raises(OptionError, match=r"inputs\['n/op/u'\]") as error:
        held(value)
    assert error.match(words)


@pytest.mark.parametrize("inputs", [[("a", 1)], np.ones(3), "e/se_op/r_ext"])
def test_inputs_are_a_dict(inputs):
    with pytest.raises(OptionError, match="inputs is a dict such as"):
        wc().run(1, 0.1, inputs=inputs)


def test_a_variable_fed_twice_is_refused():
    with pytest.raises(OptionError, match=r"'e/se_op/r_ext' is given twice, by .* and 'all/se_op"):
        wc().run(1, 0.1, inputs={DRIVE: 1, "all/se_op/r_ext": 2})


@pytest.mark.parametrize("path", ["e/rate_op/r", "e/se_op/m"])
def test_a_variable_set_by_its_equation_cannot_be_driven(path):
    with pytest.raises(OptionError, match=r"is set by its equation.*declared as input"):
        wc().run(1, 0.1, inputs={path: 1.0})


@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
def test_all_feeds_every_node_its_column(vectorize, monkeypatch, rng):
    everything_as_arrays(monkeypatch)
    circuit = CircuitTemplate("c", nodes={n: leak() for n in "abc"})
    drive = rng.normal(size=(5, 3))
    options = {"outputs": ["all/op/u"], "vectorize": vectorize}
    run = circuit.run(5, 1, inputs={"all/op/u": drive}, **options)
    np.testing.assert_array_equal(run, drive)
    run = circuit.run(5, 1, inputs={"all/op/u": drive[:, 0]}, **options)
    np.testing.assert_array_equal(run, drive[:, [0, 0, 0]])
    run = circuit.run(5, 1, inputs={"all/op/u": lambda t: t * np.arange(3)}, **options)
    np.testing.assert_array_equal(run, np.outer(np.arange(5), np.arange(3)))
    run = circuit.run(5, 1, inputs={"all/op/u": lambda t: t}, **options)
    np.testing.assert_array_equal(run, np.outer(np.arange(5), np.ones(3)))


@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
def test_inputs_of_several_keys_reach_their_nodes(vectorize, monkeypatch, rng):
    everything_as_arrays(monkeypatch)
    circuit = CircuitTemplate("c", nodes={f"p{k}": leak() for k in range(6)})
    drive = rng.normal(size=(5, 3))
    inputs = {"p4/op/u": drive[:, 0], "p1/op/u": 7.0, "p3/op/u": drive[:, [1]]}
    for extra in ({}, {"p0/op/u": lambda t: t}):
        run = circuit.run(
            5, 1, inputs=inputs | extra, outputs=["all/op/u"], vectorize=vectorize
        ).to_numpy()
        np.testing.assert_array_equal(run[:, 4], drive[:, 0])
        np.testing.assert_array_equal(run[:, 3], drive[:, 1])
        np.testing.assert_array_equal(run[:, 1], 7.0)
        np.testing.assert_array_equal(run[:, 0], np.arange(5) if extra else 0.0)
        np.testing.assert_array_equal(run[:, [2, 5]], 0.0)


def test_an_input_replaces_the_variables_own_number():
    circuit = CircuitTemplate("c", nodes={"n": node("x' = u", {"x": "output", "u": "input(0.7)"})})
    assert circuit.run(1, 0.5, outputs="n/op/u").iloc[0, 0] == 0.7
    run = circuit.run(1, 0.5, inputs={"n/op/u": 0.25}, outputs="n/op/u")
    assert run.iloc[0, 0] == 0.25


def test_an_input_adds_to_what_edges_bring():
    run = chain(0.5).run(1, 0.25, inputs={"b/op/u": 10.0}, outputs=["b/op/u"])
    assert run.iloc[0, 0] == 11.0  # the delayed source was 1


def test_an_input_may_take_the_place_of_a_constant():
    run = wc().run(1, 0.5, inputs={"e/rate_op/tau": [5.0, 20.0]}, outputs="e/rate_op/tau")
    assert run.iloc[:, 0].tolist() == [5.0, 20.0]


@pytest.mark.parametrize("vectorize", [False, True], ids=["scalar", "arrays"])
@pytest.mark.parametrize("solver", ["euler", "scipy"])
def test_an_edge_into_a_constant_replaces_its_number(solver, vectorize, monkeypatch):
    everything_as_arrays(monkeypatch)
    source = node("z' = 1", {"z": "output(0.0)"})
    target = node("x' = -k*x", {"x": "output(1.0)", "k": 5.0})
    circuit = CircuitTemplate(
        "c", nodes={"a": source, "b": target}, edges=[("a/op/z", "b/op/k", None, {"weight": 2.0})]
    )
    run = circuit.run(
        1, 0.01, solver=solver, vectorize=vectorize, outputs={"x": "b/op/x", "k": "b/op/k"}
    )
    np.testing.assert_allclose(run["k"], 2 * run.index, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(run["x"], np.exp(-(run.index**2)), rtol=0, atol=1e-2)


# --- noise ---


def diffusing(n=1):
    return CircuitTemplate(
        "c", nodes={f"p{k}": node("x' = 0*x", {"x": "output"}) for k in range(n)}
    )


def test_seeded_noise_is_the_same_in_every_run_and_unseeded_noise_is_not():
    run = lambda seed: wc().run(1, 0.1, noise={RATE: 0.1}, seed=seed)  # noqa: E731
    pd.testing.assert_frame_equal(run(1), run(1))
    pd.testing.assert_frame_equal(run(1), run(np.int64(1)))
    assert not run(1).equals(run(2))
    assert not run(None).equals(run(None))


def test_noise_has_its_strength():
    # x' = 0.5 xi: the variance of an increment is 0.25 h; 20,000 increments know it to 1 %
    run = diffusing().run(2_000, 0.1, noise={"p0/op/x": 0.5}, seed=3)
    assert np.diff(run.iloc[:, 0]).var() == pytest.approx(0.25 * 0.1, rel=0.04)


def test_each_node_has_its_own_noise_and_its_own_strength():
    run = diffusing(3).run(200, 0.1, noise={"all/op/x": [1.0, 2.0, 0.0]}, seed=3)
    steps = np.diff(run.to_numpy(), axis=0)
    assert steps[:, 1].std() / steps[:, 0].std() == pytest.approx(2.0, rel=0.1)
    assert abs(np.corrcoef(steps[:, 0], steps[:, 1])[0, 1]) < 0.1
    assert not steps[:, 2].any()


@pytest.mark.parametrize("chunk", [1, 100, 1000])
def test_noise_depends_on_the_seed_alone(chunk, monkeypatch):
    noise = {"p0/op/x": 1.0, "p2/op/x": 1.0}
    expected = diffusing(3).run(50, 0.1, noise=noise, seed=3)
    monkeypatch.setattr("wclab.engines.scalar.CHUNK", chunk)
    pd.testing.assert_frame_equal(diffusing(3).run(50, 0.1, noise=noise, seed=3), expected)
    everything_as_arrays(monkeypatch)
    arrays = diffusing(3).run(50, 0.1, noise=noise, seed=3)
    np.testing.assert_allclose(arrays, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"noise": 0.1}, "noise is a dict such as {'e/rate_op/r': 0.01}"),
        ({"noise": {RATE: -1}}, "finite and not negative, not -1"),
        ({"noise": {RATE: math.nan}}, "finite and not negative, not nan"),
        ({"noise": {RATE: None}}, "must be a number or an expression such as '0.1*r', not None"),
        ({"noise": {"all/rate_op/r": [1, 2, 3]}}, "stands for 2 variable(s), but has 3 values"),
        ({"noise": {DRIVE: 1}}, "'e/se_op/r_ext' is no state"),
        ({"noise": {"e/rate_op/tau": 1}}, "'e/rate_op/tau' is no state"),
        ({"noise": {RATE: 1}, "solver": "rk4"}, "noise needs solver='euler'"),
        ({"noise": {RATE: 1}, "solver": "scipy"}, "noise needs solver='euler'"),
        ({"noise": {RATE: 1}, "seed": -1}, "seed must be a whole number, 0 or more, not -1"),
        ({"noise": {RATE: 1}, "seed": "lucky"}, "seed must be a whole number, 0 or more"),
        ({"noise": {RATE: 1}, "seed": 1.5}, "seed must be a whole number, 0 or more, not 1.5"),
    ],
)
def test_noise_that_cannot_be_is_refused(arguments, words):
    with pytest.raises(OptionError) as error:
        wc().run(1, 0.1, **arguments)
    assert words in str(error.value)


# --- before and after ---


@pytest.mark.parametrize("solver", ["euler", "rk4", "scipy"])
def test_running_twice_gives_the_same_twice(solver):
    circuit, drive = wc(), np.linspace(0, 2, 100)
    first = circuit.run(10, 0.1, inputs={DRIVE: drive}, solver=solver)
    plain = circuit.run(10, 0.1, solver=solver)
    pd.testing.assert_frame_equal(circuit.run(10, 0.1, inputs={DRIVE: drive}, solver=solver), first)
    pd.testing.assert_frame_equal(circuit.run(10, 0.1, solver=solver), plain)
    assert not plain.to_numpy().any()


def test_a_run_changes_none_of_its_arguments():
    drive = np.linspace(0, 2, 10)
    inputs, outputs = {DRIVE: drive}, {"E": RATE}
    wc().run(1, 0.1, inputs=inputs, outputs=outputs)
    assert list(inputs) == [DRIVE]
    assert outputs == {"E": RATE}
    np.testing.assert_array_equal(drive, np.linspace(0, 2, 10))


def test_nothing_is_left_on_disk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for solver in ("euler", "scipy"):
        wc().run(1, 0.1, inputs={DRIVE: 1.0}, solver=solver)
    wc().get_run_func("f", 0.1)
    assert os.listdir(tmp_path) == []


def test_an_interrupted_run_leaves_a_circuit_that_works():
    circuit = wc()

    def interrupt(t):
        if t > 0.5:
            raise KeyboardInterrupt
        return 1.0

    for solver in ("euler", "scipy"):
        with pytest.raises(KeyboardInterrupt):
            circuit.run(1, 0.1, inputs={DRIVE: interrupt}, solver=solver)
    pd.testing.assert_frame_equal(
        circuit.run(1, 0.1, inputs={DRIVE: 1.0}), wc().run(1, 0.1, inputs={DRIVE: 1.0})
    )


def test_an_empty_circuit_says_that_there_is_nothing_to_run():
    with pytest.raises(WclabError, match="no nodes; there is nothing to run"):
        CircuitTemplate("empty").run(1, 0.1)


def test_a_zero_that_is_divided_by_is_named():
    with pytest.raises(WclabError, match=r"these are 0: .*e/rate_op/tau"):
        wc().with_vars({"e/rate_op/tau": 0.0}).run(1, 0.1)
