"""One call for one run, one call for a grid of runs."""

import sys

import numpy as np
import pandas as pd
import pytest
from helpers import WC, chain

from wclab import CircuitTemplate, circuit_from_yaml, clear, clear_frontend_caches, grid_search
from wclab import integrate as integrate_
from wclab.errors import OptionError, PathError

DRIVE = {"e/se_op/r_ext": 1.0}
TAUS = {"tau": {"vars": ["rate_op/tau"], "nodes": ["e"]}}
LOOP = ("e/rate_op/r", "e/se_op/r_in")


def search(grid, mapping, outputs=None, circuit=WC, **options):
    """Run a grid of 1 time unit in steps of 0.1."""
    return grid_search(
        circuit, grid, mapping, 0.1, 1.0, outputs or {"E": "e/rate_op/r"},
        **({"inputs": DRIVE} | options),
    )  # fmt: skip


def test_integrate_loads_and_runs():
    expected = CircuitTemplate.from_yaml(WC).run(1, 0.1, inputs=DRIVE, solver="rk4")
    arguments = {"simulation_time": 1, "step_size": 0.1, "inputs": DRIVE, "solver": "rk4"}
    pd.testing.assert_frame_equal(integrate_(WC, **arguments), expected)
    pd.testing.assert_frame_equal(integrate_(circuit_from_yaml(WC), **arguments), expected)


def test_every_run_of_a_grid_is_the_run_with_its_values():
    results, table = search({"tau": [5.0, 10.0]}, TAUS)
    assert table.to_dict() == {"tau": {"WC_0": 5.0, "WC_1": 10.0}}
    assert results.columns.tolist() == [("E", f"WC_{k}", "e", "rate_op/r") for k in (0, 1)]
    for label, tau in table["tau"].items():
        circuit = CircuitTemplate.from_yaml(WC).with_vars({"e/rate_op/tau": tau})
        run = circuit.run(1, 0.1, inputs=DRIVE, outputs={"E": "e/rate_op/r"})
        np.testing.assert_array_equal(results["E"][label].iloc[:, 0], run["E"])
        assert results.index.equals(run.index)


def test_columns_are_grouped_by_key_then_run_then_node():
    outputs = {"r": "all/rate_op/r", "m": "e/se_op/m"}
    results, _ = search({"tau": [5.0, 10.0]}, TAUS, outputs)
    assert results.columns.tolist() == [
        ("r", "WC_0", "e", "rate_op/r"), ("r", "WC_0", "i", "rate_op/r"),
        ("r", "WC_1", "e", "rate_op/r"), ("r", "WC_1", "i", "rate_op/r"),
        ("m", "WC_0", "e", "se_op/m"), ("m", "WC_1", "e", "se_op/m"),
    ]  # fmt: skip


def test_one_point_is_a_grid_too():
    results, table = search({"tau": 5.0}, TAUS)
    assert results.columns.tolist() == [("E", "WC_0", "e", "rate_op/r")]
    assert len(table) == 1


def test_several_parameters_go_side_by_side_or_in_all_combinations():
    mapping = TAUS | {"k": {"vars": ["rate_op/k"], "nodes": ["e", "i"]}}
    _, table = search({"tau": [5, 10, 20], "k": [1, 2, 3]}, mapping)
    assert table.to_numpy().tolist() == [[5, 1], [10, 2], [20, 3]]
    _, table = search({"tau": [5, 10, 20], "k": [1, 2]}, mapping, permute_grid=True)
    assert table["tau"].tolist() == [5, 10, 20, 5, 10, 20]
    assert table["k"].tolist() == [1, 1, 1, 2, 2, 2]


def test_a_data_frame_is_a_grid_and_stays_as_it_is():
    frame = pd.DataFrame({"tau": [5.0, 10.0]}, index=[7, 8])
    results, table = search(frame, TAUS)
    assert table.index.tolist() == ["WC_0", "WC_1"]
    assert frame.index.tolist() == [7, 8]
    expected, _ = search({"tau": [5.0, 10.0]}, TAUS)
    pd.testing.assert_frame_equal(results, expected)


@pytest.mark.parametrize("nodes", [["e", "i"], ["all"], "all"])
def test_a_value_goes_to_every_node_of_its_list(nodes):
    mapping = {"tau": {"vars": ["rate_op/tau"], "nodes": nodes}}
    outputs = {"t": "all/rate_op/tau"}
    results, _ = search({"tau": [5.0]}, mapping, outputs)
    np.testing.assert_array_equal(results, 5.0)


@pytest.mark.parametrize("edge", [LOOP, (*LOOP, 0), list(LOOP)])
def test_a_value_goes_to_the_weight_of_an_edge(edge):
    results, table = search({"w": [5.0, 20.0]}, {"w": {"vars": ["weight"], "edges": [edge]}})
    for label, weight in table["w"].items():
        circuit = CircuitTemplate.from_yaml(WC).with_vars(edge_vars=[(*LOOP, {"weight": weight})])
        run = circuit.run(1, 0.1, inputs=DRIVE, outputs="e/rate_op/r")
        np.testing.assert_array_equal(results["E"][label], run)


def test_a_value_goes_to_a_delay():
    mapping = {"d": {"vars": ["delay"], "edges": [("a/op/x", "b/op/u")]}}
    results, _ = search({"d": [0.2, 0.5]}, mapping, {"u": "b/op/u"}, chain(0.1), inputs=None)
    x = 0.9 ** np.arange(10)
    for k, lag in enumerate((2, 5)):
        expected = np.concatenate([np.ones(lag), x[: 10 - lag]])
        np.testing.assert_allclose(results.iloc[:, k], expected, rtol=1e-14)


def test_states_of_edges_can_be_shown():
    results, _ = search(
        {"U0": [0.2, 0.5]}, {"U0": {"vars": ["tsodyks_op/U0"], "nodes": ["e->e"]}},
        {"u": "e->e/tsodyks_op/u"}, WC + "_stp",
    )  # fmt: skip
    assert results.columns.tolist()[0] == ("u", "WC_stp_0", "e->e", "tsodyks_op/u")
    assert results.iloc[-1, 0] < results.iloc[-1, 1]


def test_the_circuit_and_the_inputs_are_left_alone():
    circuit, inputs = CircuitTemplate.from_yaml(WC), dict(DRIVE)
    search({"tau": [5.0]}, TAUS, circuit=circuit, inputs=inputs)
    assert circuit["e/rate_op/tau"] == 10.0
    assert inputs == DRIVE


def test_more_options_of_run_are_passed_on():
    results, _ = search({"tau": [5.0]}, TAUS, solver="rk4", cutoff=0.5, sampling_step_size=0.2)
    assert results.index.tolist() == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize(
    ("grid", "mapping", "words"),
    [
        ({"tau": [1], "k": [1, 2]}, TAUS, "permute_grid=True runs all combinations"),
        ({"taus": [1]}, TAUS, "no entry for 'taus'. Did you mean 'tau'?"),
        ({"tau": []}, TAUS, "param_grid['tau'] is empty"),
        ({"tau": ["slow"]}, TAUS, "param_grid['tau'] must hold numbers: ['slow']"),
        ({}, TAUS, "param_grid maps names to values, not {}"),
        ([1, 2], TAUS, "param_grid maps names to values, not [1, 2]"),
        ({"tau": [1]}, ["rate_op/tau"], "no entry for 'tau'"),
        ({"tau": [1]}, {"tau": "rate_op/tau"}, "is a dict such as"),
        ({"tau": [1]}, {"tau": {"vars": ["rate_op/tau"]}}, "needs 'vars', and 'nodes' or 'edges'"),
        ({"tau": [1]}, {"tau": {"nodes": ["e"]}}, "needs 'vars', and 'nodes' or 'edges'"),
        ({"tau": [1]}, {"tau": {"var": ["rate_op/tau"]}}, "no key 'var'. Did you mean 'vars'?"),
    ],
)  # fmt: skip
def test_a_grid_that_cannot_be_run_says_why(grid, mapping, words):
    with pytest.raises(OptionError) as error:
        search(grid, mapping)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"vars": ["rate_op/tua"], "nodes": ["e"]}, r"no variable 'tua'\. Did you mean 'tau'"),
        ({"vars": ["rate_op/tau"], "nodes": ["x"]}, r"no node 'x'"),
        ({"vars": ["weight"], "edges": [("e/rate_op/r", "e/se_op/r_ext")]}, "no edge leads from"),
        ({"vars": ["weight"], "edges": [("e", "i")]}, "'e' names no variable"),
    ],
)
def test_a_place_that_does_not_exist_is_named(entry, words):
    with pytest.raises(PathError, match=words):
        search({"tau": [1]}, {"tau": entry})


@pytest.mark.parametrize("outputs", ["e/rate_op/r", ["e/rate_op/r"], 3])
def test_outputs_of_a_grid_are_a_dict(outputs):
    with pytest.raises(OptionError, match="outputs is a dict such as"):
        search({"tau": [1]}, TAUS, outputs)


def test_clearing_is_harmless():
    circuit = CircuitTemplate.from_yaml(WC)
    assert clear(circuit) is None
    assert clear_frontend_caches(clear_template_cache=True) is None
    assert circuit.run(1, 0.5).shape == (2, 2)


def test_all_runs_of_a_grid_share_one_generated_kernel(monkeypatch):
    built = []
    network = sys.modules["wclab.circuit"].build_network
    monkeypatch.setattr(
        "wclab.circuit.build_network", lambda *a, **k: built.append(1) or network(*a, **k)
    )
    search({"tau": np.linspace(5, 20, 30)}, TAUS)
    assert len(built) <= 3  # the first row's, and two to find out where its number goes
