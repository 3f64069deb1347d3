"""White noise: its law, its order, and numbers that depend on the seed and the run alone."""

import math

import numpy as np
import pandas as pd
import pytest
from helpers import FACTS, WC, chain, everything_as_arrays, leak, one

from wclab import CircuitTemplate
from wclab.engines.compiled import available
from wclab.errors import EquationError, MemoryLimitError, OptionError, SolverError
from wclab.inputs import ornstein_uhlenbeck
from wclab.noise import Noise, Stream

RATE = "e/rate_op/r"
ENGINES = [
    "numpy",
    pytest.param("compiled", marks=pytest.mark.skipif(not available(), reason="no llvmlite")),
]


@pytest.fixture(scope="module")
def wc():
    return CircuitTemplate.from_yaml(WC)


# --- the numbers ---


def test_a_stream_does_not_depend_on_how_it_is_drawn():
    whole = Stream(7, 0, 2).take(0, 700)
    stream = Stream(7, 0, 2)
    parts = [stream.take(a, b) for a, b in [(0, 1), (0, 30), (20, 310), (310, 311), (311, 700)]]
    np.testing.assert_array_equal(whole, np.concatenate([parts[1][:20], *parts[2:]]))
    noise = Noise.make(Stream(7, 0, 2), [0, 1], [1.0, 3.0])
    np.testing.assert_array_equal([noise.held(k) for k in range(700)], whole * [1.0, 3.0])


def test_runs_and_seeds_have_numbers_of_their_own():
    first, *others = (Stream(seed, run, 1).take(0, 1000) for seed, run in [(7, 0), (7, 1), (8, 0)])
    for other in others:  # four standard errors of a correlation
        assert abs(np.corrcoef(first[:, 0], other[:, 0])[0, 1]) < 4 / math.sqrt(1000)
    # the numbers of a seed are the same on every machine
    np.testing.assert_allclose(first[:3, 0], FIRST_OF_SEED_7, rtol=1e-15)


FIRST_OF_SEED_7 = [-1.4500177039893056, -0.6280194843227617, -1.160290707683727]


# --- its law ---


def stationary(tau=5.0, strength=0.3, runs=4_000, step=0.5, **options):
    """Return the last moment of many runs of tau r' = -r + 2 + noise, all settled."""
    circuit = one("x' = (u - x)/tau", {"x": "output(2.0)", "u": "input(2.0)", "tau": tau})
    noise = {"n/op/x": strength}
    ensemble = circuit.run(10 * tau, step, noise=noise, runs=runs, seed=5, **options)
    return ensemble.iloc[-1].to_numpy()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_linear_rate_has_the_stationary_law_of_its_steps(engine):
    tau, strength, step, runs = 5.0, 0.3, 0.5, 4_000
    x = stationary(tau, strength, runs, step, backend=engine)
    # x <- (1 - h/tau) x + strength sqrt(h) xi; its variance is a geometric series
    variance = strength**2 * step / (1 - (1 - step / tau) ** 2)
    assert x.mean() == pytest.approx(2.0, abs=4 * math.sqrt(variance / runs))
    assert x.var() == pytest.approx(variance, rel=4 * math.sqrt(2 / runs))


def test_short_steps_have_the_law_of_the_equation():
    tau, strength, runs = 5.0, 0.3, 4_000
    x = stationary(tau, strength, runs, step=0.02)  # 0.2 % of variance too much
    assert x.var() == pytest.approx(strength**2 * tau / 2, rel=4 * math.sqrt(2 / runs) + 0.002)


def test_coloured_noise_is_exact_where_eulers_update_is_biased():
    tau, step, n = 10.0, 1.0, 2_000_000
    error = 4 * math.sqrt(2 / (n * step / tau))  # four standard errors: 1.3 %
    exact = ornstein_uhlenbeck(n * step, step, tau=tau, sigma=1.0, seed=3)
    assert exact.var() == pytest.approx(1.0, rel=error)
    euler = one("x' = -x/tau", {"x": "output(0.0)", "tau": tau}).run(
        3_000.0, step, noise={"n/op/x": math.sqrt(2 / tau)}, runs=200, seed=3, cutoff=100.0
    )
    assert euler.to_numpy().var() == pytest.approx(FACTS["A5"]["variance"], rel=0.025)
    assert FACTS["A5"]["variance"] == pytest.approx(1.0526, abs=1e-4)


# --- noise that depends on the state ---


def geometric(steps, growth, spread, runs=2_000, seed=11):
    """Return x(1) of dx = growth x dt + spread x dW by steps, and exactly for the same W (Ito)."""
    circuit = one("x' = m*x", {"x": "output(1.0)", "m": growth, "s": spread})
    h = 1 / steps
    found = circuit.run(1 + h, h, noise={"n/op/x": "s*x"}, runs=runs, seed=seed).iloc[-1]
    kicks = [Stream(seed, run, 1).take(0, steps).sum() for run in range(runs)]
    exact = np.exp(growth - spread**2 / 2 + spread * math.sqrt(h) * np.array(kicks))
    return found.to_numpy(), exact


def test_multiplicative_noise_has_strong_order_one_half_and_weak_order_one():
    steps = [8, 16, 32, 64, 128]
    pairs = [geometric(n, growth=0.0, spread=1.0) for n in steps]
    strong = [np.abs(found - exact).mean() for found, exact in pairs]
    assert np.polyfit(np.log(steps), np.log(strong), 1)[0] == pytest.approx(-0.5, abs=0.1)
    pairs = [geometric(n, growth=1.5, spread=0.2) for n in steps]
    weak = [abs(found.mean() - exact.mean()) for found, exact in pairs]
    assert np.polyfit(np.log(steps), np.log(weak), 1)[0] == pytest.approx(-1.0, abs=0.1)


def test_a_strength_may_name_anything_in_the_operator(wc):
    plain = wc.run(20, 0.1, noise={"all/rate_op/r": 0.02}, seed=1)
    text = wc.run(
        20,
        0.1,
        noise={"e/rate_op/r": "0.002*tau", RATE.replace("e", "i", 1): "0.02 + 0*t*m"},
        seed=1,
    )
    np.testing.assert_allclose(plain, text, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "0.1*rr",
            "noise of 'e/rate_op/r': operator rate_op has no variable 'rr'. Did you mean 'r'?",
        ),
        ("0.1*", "noise of 'e/rate_op/r': cannot be read"),
        ("r.real", "attribute access is not allowed"),
    ],
)
def test_a_strength_that_cannot_be_read_is_refused(wc, text, words):
    with pytest.raises(EquationError) as error:
        wc.run(1, 0.1, noise={RATE: text})
    assert words in str(error.value)


# --- ensembles ---

NOISES = [{"all/rate_op/r": 0.02}, {RATE: "0.2*r*(1 - r)", "i/rate_op/r": 0.01}]


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_of_an_ensemble_is_that_run_alone(wc, engine, noise):
    options = {
        "noise": noise,
        "seed": 3,
        "inputs": {"e/se_op/r_ext": 1.0},
        "sampling_step_size": 1.0,
    }
    ensemble = wc.run(50, 0.1, runs=70, backend=engine, **options)
    assert ensemble.columns.names == ["output", "run"]
    backwards = wc.run(50, 0.1, runs=[41, 7], backend=engine, **options)
    np.testing.assert_array_equal(backwards[RATE], ensemble[RATE][[41, 7]])
    for number in (0, 41, 69):
        alone = wc.run(50, 0.1, runs=[number], backend=engine, **options)
        pd.testing.assert_frame_equal(alone, ensemble.loc[:, (slice(None), number)])
    for backend in ("default", engine):
        single = wc.run(50, 0.1, backend=backend, **options)
        np.testing.assert_allclose(single[RATE], ensemble[RATE, 0], rtol=0, atol=1e-12)


@pytest.mark.skipif(not available(), reason="no llvmlite")
def test_engines_agree_on_an_ensemble(wc):
    options = {
        "noise": NOISES[1],
        "seed": 3,
        "runs": 70,
        "inputs": {"e/se_op/r_ext": lambda t: t / 50},
    }
    runs = [wc.run(50, 0.1, backend=engine, **options) for engine in ("numpy", "compiled")]
    np.testing.assert_allclose(*runs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("every", [1, 5, 50])
def test_neither_blocks_nor_chunks_change_a_number(wc, engine, every, monkeypatch):
    options = {"noise": NOISES[0], "seed": 3, "runs": 70, "sampling_step_size": every * 0.1}
    whole = wc.run(50, 0.1, backend=engine, **options)
    monkeypatch.setattr("wclab.noise.NUMBERS", 64 * 7)
    monkeypatch.setattr("wclab.engines.batch.BLOCK", 16)
    parts = wc.run(50, 0.1, backend=engine, **options)
    np.testing.assert_allclose(whole, parts, rtol=0, atol=1e-15)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("delay", [0.0, 0.5])
def test_networks_and_delays_have_ensembles_too(delay, grouped, monkeypatch):
    if grouped:
        everything_as_arrays(monkeypatch)
    options = {"noise": {"all/op/x": 0.1}, "seed": 2}
    circuit = chain(delay)
    ensemble = circuit.run(5, 0.1, runs=[0, 3], outputs={"x": "all/op/x"}, **options)
    assert ensemble.columns.to_list()[:2] == [("x", "a", "op/x", 0), ("x", "a", "op/x", 3)]
    single = circuit.run(5, 0.1, **options)
    np.testing.assert_allclose(ensemble["x", "a", "op/x", 0], single["a/op/x"], rtol=0, atol=1e-14)
    np.testing.assert_allclose(ensemble["x", "b", "op/x", 0], single["b/op/x"], rtol=0, atol=1e-14)


def test_every_variable_of_an_ensemble_can_be_recorded(wc):
    ensemble = wc.run(
        5, 0.1, noise=NOISES[0], runs=3, seed=1, outputs={"m": "e/rate_op/m", "E": RATE}
    )
    alone = wc.run(
        5, 0.1, noise=NOISES[0], seed=1, outputs={"m": "e/rate_op/m", "E": RATE}, cutoff=1
    )
    np.testing.assert_allclose(ensemble["m", 0].iloc[10:], alone["m"], rtol=0, atol=1e-14)
    assert ensemble.shape == (50, 6)


def test_seeded_ensembles_are_the_same_twice_and_others_are_not(wc):
    run = lambda seed: wc.run(1, 0.1, noise=NOISES[0], runs=3, seed=seed)  # noqa: E731
    pd.testing.assert_frame_equal(run(1), run(1))
    assert not run(1).equals(run(2))
    assert not run(None).equals(run(None))
    assert run(1)[RATE].iloc[-1].nunique() == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_that_grows_without_bound_says_when(engine):
    circuit = one("x' = x**3", {"x": "output(1.0)"})
    with pytest.raises(SolverError, match=r"(soon after|at or before) t = [12]"):
        circuit.run(100, 0.1, noise={"n/op/x": 0.1}, runs=4, seed=1, backend=engine)


@pytest.mark.parametrize("runs", [0, -1, 1.5, [], [1, 1], [-1], "many", [[1]], True])
def test_runs_that_cannot_be_are_refused(wc, runs):
    with pytest.raises(OptionError, match="runs must be a whole number above 0, or a list"):
        wc.run(1, 0.1, noise={RATE: 0.1}, runs=runs)


def test_runs_need_noise_and_room(wc):
    with pytest.raises(OptionError, match="runs= goes with noise="):
        wc.run(1, 0.1, runs=3)
    with pytest.raises(MemoryLimitError, match="an ensemble of 1e"):
        wc.run(1, 0.1, noise={RATE: 0.1}, runs=10**13)
    with pytest.raises(MemoryLimitError, match="Keep fewer rows"):
        wc.run(1e4, 0.01, noise={RATE: 0.1}, runs=10**5)


def test_members_of_a_network_have_the_noise_they_have_one_by_one():
    circuit = CircuitTemplate("c", nodes={f"p{k}": leak() for k in range(3)})
    noise = {"p0/op/x": 0.1, "p2/op/x": "0.2*tau", "p1/op/x": "0.2*tau"}
    runs = [circuit._of(circuit._record) for _ in range(2)]
    alone = runs[0].run(5, 0.1, noise=noise, seed=1, vectorize=False)
    with pytest.MonkeyPatch.context() as patch:
        everything_as_arrays(patch)
        grouped = runs[1].run(5, 0.1, noise=noise, seed=1)
    np.testing.assert_allclose(alone, grouped, rtol=0, atol=1e-14)
