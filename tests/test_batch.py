"""Many models at once, and machine code: the numbers of the plain solver."""

import numpy as np
import pytest
from helpers import WC, chain

from wclab import CircuitTemplate
from wclab.engines import batch as batches
from wclab.engines.batch import Batch, record, reduce
from wclab.engines.compiled import available
from wclab.errors import OptionError, SolverError
from wclab.templates import Circuit, library, list_templates

CIRCUITS = [
    name
    for name, found in list_templates(library() / "model_templates")
    if isinstance(found, Circuit)
]
ENGINES = ["numpy", "compiled"]
PULSE = "e/se_op/r_ext"


@pytest.fixture(scope="module")
def wc():
    return CircuitTemplate.from_yaml(WC)


def batch_of(wc, models, steps=400):
    """Return WC with different weights and starts, and the circuits one by one."""
    drive = np.where(np.arange(steps) < steps // 2, 1.0, 0.0)
    model = wc._model(frozenset({PULSE}), frozenset(), False)
    weights, starts = np.linspace(5.0, 25.0, models), np.linspace(0.0, 0.3, models)
    constants = np.repeat(np.array(model.constants())[:, None], models, axis=1)
    name = model.network.weights["e/rate_op/r", "e/se_op/r_in"][0][0]
    constants[model.program.constants.index(name)] = weights
    y0 = np.stack([starts, np.zeros(models)])
    batch = Batch(model.program, constants, y0, drive[:, None], 0.1)
    circuits = [
        wc.with_vars({"e/rate_op/r": r}, [("e/rate_op/r", "e/se_op/r_in", {"weight": w})])
        for r, w in zip(starts, weights, strict=True)
    ]
    return batch, circuits, drive


@pytest.mark.parametrize("solver", ["euler", "heun", "rk4"])
@pytest.mark.parametrize("name", CIRCUITS)
def test_machine_code_gives_the_numbers_of_plain_python(name, solver):
    circuit = CircuitTemplate.from_yaml(name)
    step = 1e-3 if "jansenrit" in name else 0.05
    runs = [
        circuit.run(300 * step, step, sampling_step_size=2 * step, solver=solver, backend=backend)
        for backend in ("numpy", "compiled")
    ]
    # the same operations in the same order: only pow and the like may round otherwise
    scale = np.abs(runs[0].to_numpy()).max()
    assert np.abs(runs[0] - runs[1]).to_numpy().max() <= 1e-12 * max(scale, 1.0)


def test_machine_code_takes_inputs_noise_and_time(wc):
    options = {"noise": {"e/rate_op/r": 0.01}, "seed": 3, "sampling_step_size": 0.5}
    inputs = {PULSE: np.sin(np.arange(2_000.0) / 50), "i/si_op/r_ext": 0.2}
    runs = [wc.run(100.0, 0.05, inputs=inputs, backend=b, **options) for b in ("numpy", "compiled")]
    assert runs[0].equals(runs[1])


def test_long_runs_are_compiled_by_themselves(wc, monkeypatch):
    called = []
    plain = wc.run(10.0, 0.1)
    monkeypatch.setattr("wclab.engines.fixed.PAYS", 50)
    run_compiled = __import__("wclab.engines.compiled", fromlist=["run_compiled"]).run_compiled
    monkeypatch.setattr(
        "wclab.engines.fixed.run_compiled",
        lambda *arguments: called.append(1) or run_compiled(*arguments),
    )
    assert wc.run(10.0, 0.1).equals(plain)
    assert called == [1]
    assert wc.run(10.0, 0.1, backend="numpy").equals(plain)
    assert called == [1]


def test_machine_code_in_chunks_gives_the_same(wc, monkeypatch):
    whole = wc.run(10.0, 0.1, sampling_step_size=0.2, backend="compiled")
    monkeypatch.setattr("wclab.engines.compiled.CHUNK", 7)
    assert wc.run(10.0, 0.1, sampling_step_size=0.2, backend="compiled").equals(whole)


@pytest.mark.parametrize(
    ("circuit", "inputs", "why"),
    [
        (chain(0.5), None, "the circuit has delays"),
        (CircuitTemplate.from_yaml(WC), {PULSE: np.sin}, "an input is a function"),
    ],
)
def test_what_cannot_be_compiled_says_why(circuit, inputs, why):
    with pytest.raises(OptionError, match=f"backend='compiled' cannot run this: {why}"):
        circuit.run(10.0, 0.1, inputs=inputs, backend="compiled")


def test_without_llvmlite_everything_runs_and_asking_for_it_says_what_to_install(wc, monkeypatch):
    monkeypatch.setattr("wclab.engines.compiled.available", lambda: False)
    monkeypatch.setattr("wclab.engines.fixed.PAYS", 10)
    assert len(wc.run(10.0, 0.1)) == 100
    with pytest.raises(OptionError, match=r'pip install "wclab\[fast\]"'):
        wc.run(10.0, 0.1, backend="compiled")


def test_llvmlite_is_here_so_that_these_tests_mean_something():
    assert available()


def test_a_compiled_run_that_blows_up_says_so():
    vdp = CircuitTemplate.from_yaml("model_templates.oscillators.vanderpol.vdp")
    with pytest.raises(SolverError, match=r"p/vdp_op/\w left every bound"):
        vdp.run(100.0, 1.0, backend="compiled")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_batch_records_what_single_runs_record(wc, engine, threads, monkeypatch):
    monkeypatch.setattr(batches, "BLOCK", 16)
    batch, circuits, drive = batch_of(wc, models=37)
    found = record(batch, "rk4", 100, 4, engine, threads)
    assert found.shape == (100, 2, 37)
    for k in (0, 17, 36):
        single = circuits[k].run(
            40.0, 0.1, sampling_step_size=0.4, inputs={PULSE: drive}, solver="rk4"
        )
        np.testing.assert_allclose(found[:, :, k], single.to_numpy(), rtol=0, atol=1e-13)


@pytest.mark.parametrize("solver", ["euler", "rk4"])
def test_how_many_models_a_pass_takes_changes_no_number(wc, solver, monkeypatch):
    batch, _, _ = batch_of(wc, models=37)
    found = []
    for wide, width in (((), 8), (((16, 20),), 16), (((32, 20),), 32)):
        monkeypatch.setattr(batches, "WIDE", wide)
        assert batches.lanes(batch.program, solver, 37) == width
        found.append(record(batch, solver, 100, 4, "compiled"))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_few_models_or_many_lines_make_narrow_passes(wc):
    program = batch_of(wc, models=3)[0].program
    jansen_rit = CircuitTemplate.from_yaml("model_templates.neural_mass_models.jansenrit.JRC")
    assert [batches.lanes(program, "rk4", models) for models in (3, 16, 17, 500)] == [8, 16, 32, 32]
    assert batches.lanes(jansen_rit.model().program, "rk4", 500) == 16


@pytest.mark.parametrize("engine", ENGINES)
def test_a_batch_reduces_what_single_runs_show(wc, engine, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 33)
    batch, circuits, drive = batch_of(wc, models=5)
    names = ("min", "max", "mean", "std", "last")
    states = batch.program.states
    found = reduce(batch, "heun", states, (150, 380), names, engine)
    for k in range(5):
        window = circuits[k].run(40.0, 0.1, inputs={PULSE: drive}, solver="heun").iloc[150:380]
        expected = [window.min(), window.max(), window.mean(), window.std(ddof=0), window.iloc[-1]]
        for name, values in zip(names, expected, strict=True):
            np.testing.assert_allclose(found[name][:, k], values, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_model_of_a_batch_may_have_its_own_input(wc, engine, rng):
    batch, circuits, _ = batch_of(wc, models=3)
    drives = rng.uniform(0, 1, (400, 1, 3))
    own = Batch(batch.program, batch.constants, batch.y0, drives, 0.1)
    found = record(own, "euler", 400, 1, engine)
    for k in range(3):
        single = circuits[k].run(40.0, 0.1, inputs={PULSE: drives[:, 0, k]})
        np.testing.assert_allclose(found[:, :, k], single.to_numpy(), rtol=0, atol=1e-13)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_that_blows_up_is_nan_and_leaves_the_others_alone(wc, engine):
    batch, _, _ = batch_of(wc, models=4)
    batch.constants[batch.program.constants.index("e_rate_op_tau"), 2] = -1e-3
    found = reduce(batch, "euler", batch.program.states, (0, 400), ("max",), engine)["max"]
    assert np.isnan(found[:, 2]).all()
    assert np.isfinite(found[:, [0, 1, 3]]).all()


def test_a_large_circuit_is_not_compiled_unasked(monkeypatch):
    name = "model_templates.neural_mass_models.jansenrit.JRC_2delaycoupled"
    monkeypatch.setattr("wclab.engines.fixed.PAYS", 10)
    monkeypatch.setattr("wclab.engines.fixed.run_compiled", None)  # a call of it would fail
    assert len(CircuitTemplate.from_yaml(name).run(0.1, 1e-3, solver="rk4")) == 100
