"""Networks from a matrix of weights: the numbers of a loop written by hand, at any size."""

import numpy as np
import pytest
from helpers import WC, everything_as_arrays, leak, node
from scipy import sparse

from wclab import CircuitTemplate
from wclab.engines.compiled import available
from wclab.errors import OptionError
from wclab.templates import Edge

STEP, STEPS = 0.1, 120


@pytest.fixture(scope="module")
def wc():
    return CircuitTemplate.from_yaml(WC)


def pairs(wc, weights, **attributes):
    """Return a Wilson-Cowan pair for each row of a matrix, joined from E to E by it."""
    circuit = CircuitTemplate("pairs", circuits={f"p{k}": wc for k in range(weights.shape[0])})
    nodes = [f"p{k}/e" for k in range(weights.shape[0])]
    options = {"weight": weights, "edge_attr": attributes, "min_weight": 0.0}
    return circuit.add_edges_from_matrix("rate_op/r", "se_op/r_in", nodes, **options)


def by_hand(weights, lags, drive=1.0):
    """Return E of each pair in time, by Euler's steps; `lags` in steps, linear in between."""
    n = len(weights)
    past, now_i = np.zeros((STEPS, n)), np.zeros(n)
    silent_e, silent_i = 1 / (1 + np.exp(2.0)), 1 / (1 + np.exp(5.0))
    source = np.broadcast_to(np.arange(n), (n, n))
    for k in range(STEPS - 1):
        x = np.maximum(k - lags, 0.0)
        low = np.floor(x).astype(int)
        above = past[np.minimum(low + 1, k), source]
        came = (weights * ((1 - x + low) * past[low, source] + (x - low) * above)).sum(axis=1)
        e = past[k]
        m_e = 1 / (1 + np.exp(-(15 * e - 15 * now_i + came + drive - 2))) - silent_e
        m_i = 1 / (1 + np.exp(-2 * (15 * e - 4 * now_i - 2.5))) - silent_i
        past[k + 1] = e + STEP * (-e + (1 - e) * m_e) / 10
        now_i = now_i + STEP * (-now_i + (1 - now_i) * m_i) / 10
    return past


def run(circuit, **options):
    arguments = {
        "inputs": {"all/e/se_op/r_ext": 1.0},
        "outputs": {"E": "all/e/rate_op/r"},
        **options,
    }
    return circuit.run(STEPS * STEP, STEP, **arguments).to_numpy()


@pytest.mark.parametrize("make", [np.asarray, sparse.csr_array, sparse.coo_matrix])
@pytest.mark.parametrize(("n", "density"), [(30, 1.0), (30, 0.1), (200, 0.02)])
def test_pairs_joined_by_a_matrix_run_as_a_loop_written_by_hand(wc, rng, make, n, density):
    weights = rng.normal(0.0, 0.5, (n, n)) * (rng.random((n, n)) < density)
    np.testing.assert_allclose(
        run(pairs(wc, make(weights))), by_hand(weights, np.zeros((n, n))), rtol=0, atol=1e-13
    )


@pytest.mark.parametrize("delays", ["whole", "between", "mixed", "one"])
def test_different_delays_on_every_connection_are_right(wc, rng, delays):
    weights, between = rng.normal(0.0, 0.5, (30, 30)), rng.uniform(1.0, 40.0, (30, 30))
    lags = {
        "whole": np.round(between),
        "between": between,
        "mixed": np.where(between < 20, between, np.round(between)),
        "one": np.full((30, 30), 7.0),
    }[delays]
    found = run(pairs(wc, weights, delay=lags * STEP))
    np.testing.assert_allclose(found, by_hand(weights, lags), rtol=0, atol=1e-13)


@pytest.mark.parametrize("solver", ["euler", "heun", "rk4"])
def test_long_delayed_runs_are_those_of_single_nodes(wc, rng, solver):
    # 3,000 steps: the past that is kept moves on several times
    delay = np.array([[0.1, 0.33, 2.0], [1.0, 0.25, 0.5], [4.0, 4.03, 0.4]])
    circuit = pairs(wc, rng.normal(2.0, 1.0, (3, 3)), delay=delay)
    options = {"solver": solver, "sampling_step_size": 5.0, "inputs": {"all/e/se_op/r_ext": 1.0}}
    single = circuit.run(300.0, 0.1, vectorize=False, **options)
    with pytest.MonkeyPatch.context() as patch:
        everything_as_arrays(patch)
        arrays = circuit._of(circuit._record).run(300.0, 0.1, **options)
    np.testing.assert_allclose(arrays, single, rtol=0, atol=1e-11)


def test_what_a_delayed_network_computes_can_be_recorded(wc, rng):
    weights, lags = rng.normal(0.0, 0.5, (30, 30)), rng.integers(1, 9, (30, 30))
    circuit = pairs(wc, weights, delay=lags * STEP)
    found = run(
        circuit, outputs={"in": "p3/e/se_op/r_in", "E": "p3/e/rate_op/r", "I": "p3/i/rate_op/r"}
    )
    past = by_hand(weights, lags)
    rows = np.maximum(np.arange(STEPS)[:, None] - lags[3], 0)
    came = (weights[3] * past[rows, np.arange(30)]).sum(axis=1)
    np.testing.assert_allclose(
        found[:, 0], came + 15 * found[:, 1] - 15 * found[:, 2], rtol=0, atol=1e-13
    )


def test_one_connection_each_is_no_matrix(wc, rng):
    # a weight for each pair, and a permutation with weights: products of vectors
    weights = np.zeros((40, 40))
    weights[np.arange(40), rng.permutation(40)] = rng.normal(0.0, 2.0, 40)
    circuit = pairs(wc, weights)
    np.testing.assert_allclose(
        run(circuit), by_hand(weights, np.zeros((40, 40))), rtol=0, atol=1e-13
    )
    code = circuit.model(vectorize=True).program.steps + circuit.model(vectorize=True).program.rates
    assert "@" not in str(code)


@pytest.fixture
def large():
    """Return 1,000 nodes joined by a dense matrix."""
    circuit = CircuitTemplate("large", nodes={f"n{k}": leak() for k in range(1_000)})
    weights = np.linspace(-1.0, 1.0, 10**6).reshape(1_000, 1_000)
    return circuit.add_edges_from_matrix("op/x", "op/u", list(circuit.nodes), weight=weights)


def test_a_large_network_is_built_without_looking_at_each_connection(large, monkeypatch):
    def refuse(*_):
        raise AssertionError("made an edge for a connection of a matrix")

    monkeypatch.setattr("wclab.templates.edges.MatrixEdges.expand", refuse)
    x = large.run(1.0, 0.1, inputs={"n0/op/u": 1.0})
    assert x.shape == (10, 1_000)
    changed = large.with_vars({"all/op/tau": np.linspace(1.0, 2.0, 1_000)})
    assert changed["n999/op/tau"] == 2.0
    end = ("n0/op/x", "n1/op/u", {"weight": 7.0})
    assert large.with_vars(edge_vars=[end])._record.edges[0].weight[1, 0] == 7.0


def test_one_connection_of_a_large_network_is_found(large):
    found = large._record.edges[0].find("n3/op/x", "n2/op/u")
    weight = np.linspace(-1.0, 1.0, 10**6)[2_003]
    assert found == Edge("n3/op/x", "n2/op/u", None, {"weight": weight})
    assert large._record.edges[0].find("n3/op/x", "nowhere/op/u") is None


def test_a_large_network_shows_itself_briefly(large):
    text = large._repr_markdown_()
    assert "more connections" in text
    assert len(text) < 20_000


@pytest.mark.parametrize("numbers", [1, 5_000, 2**20])
def test_how_many_rows_are_kept_at_a_time_changes_nothing(wc, rng, numbers, monkeypatch):
    circuit = pairs(wc, rng.normal(0.0, 0.5, (30, 30)))
    inputs = {"all/e/se_op/r_ext": rng.random((STEPS, 30))}
    whole = run(circuit, inputs=inputs)
    monkeypatch.setattr("wclab.engines.arrays.NUMBERS", numbers)
    np.testing.assert_array_equal(run(circuit, inputs=inputs), whole)
    np.testing.assert_array_equal(
        run(circuit, inputs=inputs, sampling_step_size=4 * STEP), whole[::4]
    )


# --- machine code ---

compiled = pytest.mark.skipif(not available(), reason="no llvmlite")


def uneven(rng):
    """Return 70 excitatory and 33 inhibitory nodes, joined densely, with numbers of their own."""
    wc = CircuitTemplate.from_yaml(WC)
    e, i = [f"e{k}" for k in range(70)], [f"i{k}" for k in range(33)]
    nodes = dict.fromkeys(e, wc["e"]) | dict.fromkeys(i, wc["i"])
    circuit = CircuitTemplate("uneven", nodes=nodes)
    for sources, scale in ((e, 15.0), (i, -15.0)):
        for targets, variable in ((e, "se_op/r_in"), (i, "si_op/r_in")):
            weight = scale / len(sources) * rng.random((len(targets), len(sources)))
            circuit.add_edges_from_matrix("rate_op/r", variable, sources, targets, weight)
    return circuit.with_vars({"all/rate_op/tau": rng.uniform(5.0, 15.0, 103)})


@compiled
def test_machine_code_runs_a_network_as_arrays_do(rng, monkeypatch):
    circuit = uneven(rng)
    inputs = {"all/se_op/r_ext": rng.random((400, 70)), "i3/si_op/r_ext": 0.5}
    noise = {"all/rate_op/r": "0.02*(1 - r)"}
    options = {"inputs": inputs, "noise": noise, "seed": 4, "sampling_step_size": 0.5}
    arrays = circuit.run(40.0, 0.1, backend="numpy", **options)
    machine = circuit.run(40.0, 0.1, backend="compiled", **options)
    np.testing.assert_allclose(machine, arrays, rtol=0, atol=1e-12)
    monkeypatch.setattr("wclab.engines.members.CHUNK", 5_000)
    np.testing.assert_array_equal(circuit.run(40.0, 0.1, backend="compiled", **options), machine)


@compiled
def test_time_and_single_members_are_compiled_too(monkeypatch):
    everything_as_arrays(monkeypatch)
    wave = node("x' = (sin(t) + u - x)/2", {"x": "output(0.3)", "u": "input"})
    nodes = {"w": wave, **{f"n{k}": leak(0.1 * k) for k in range(40)}}
    circuit = CircuitTemplate("one to many", nodes=nodes)
    names = [f"n{k}" for k in range(40)]
    circuit.add_edges_from_matrix("op/x", "op/u", ["w"], names, np.linspace(1, 2, 40)[:, None])
    circuit.add_edges_from_matrix("op/x", "op/u", names, ["w"], np.linspace(-1, 0, 40)[None])
    arrays, machine = (circuit.run(10.0, 0.1, backend=b) for b in ("numpy", "compiled"))
    np.testing.assert_allclose(machine, arrays, rtol=0, atol=1e-12)


@compiled
def test_long_runs_of_networks_are_compiled_by_themselves(rng, monkeypatch):
    circuit = uneven(rng)
    arrays = circuit.run(40.0, 0.1)
    monkeypatch.setattr("wclab.engines.members.PAYS", 100)
    monkeypatch.setattr("wclab.engines.fixed.run_arrays", None)
    np.testing.assert_allclose(circuit.run(40.0, 0.1), arrays, rtol=0, atol=1e-12)


@compiled
@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"solver": "rk4"}, "only Euler's steps are compiled"),
        ({"inputs": {"p0/e/se_op/r_ext": np.sin}}, "an input is a function"),
    ],
)
def test_what_of_a_network_cannot_be_compiled_is_said(wc, rng, options, why):
    with pytest.raises(OptionError, match=why):
        pairs(wc, rng.random((30, 30))).run(1.0, 0.1, backend="compiled", **options)


@compiled
def test_sparse_and_delayed_networks_say_that_they_are_not_compiled(wc, rng):
    sparse_weights = rng.random((200, 200)) * (rng.random((200, 200)) < 0.02)
    with pytest.raises(OptionError, match="sparse connections"):
        pairs(wc, sparse_weights).run(1.0, 0.1, backend="compiled")
    with pytest.raises(OptionError, match="the network has delays"):
        pairs(wc, rng.random((30, 30)), delay=1.0).run(1.0, 0.1, backend="compiled")
