"""Runs against trajectories computed elsewhere: PyRates' own Euler, and DOP853 at 1e-12.

`data/pyrates_wc.npz` holds four protocols for the templates WC and WC_stp: the gallery run
of PyRates, one with plastic synapses, one with other gains and thresholds, one limit cycle.
``euler64`` is PyRates 1.2.3 in double precision with step 5e-4; ``ref`` an independent
solution split at the jumps of the input.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from wclab import CircuitTemplate

DATA = np.load(Path(__file__).parent / "data" / "pyrates_wc.npz")
CASES = ("seed", "stp", "theta_s", "cycle")
OUTPUTS = {"E": "e/rate_op/r", "I": "i/rate_op/r"}


def protocol(case: str) -> tuple[CircuitTemplate, dict[str, object]]:
    """Return the circuit of a case, and the arguments of its run."""
    meta = json.loads(str(DATA[f"{case}/meta"]))
    name = f"model_templates.neural_mass_models.wilsoncowan.{meta['model']}"
    response = {"e": "se_op", "i": "si_op"}
    node_vars, edge_vars = {}, []
    for node, operator in response.items():
        values = meta["p"][node]
        node_vars |= {f"{node}/{operator}/{key}": values[key] for key in ("s", "theta")}
        node_vars |= {f"{node}/rate_op/{key}": values[key] for key in ("k", "tau")}
    for (source, target), weight in meta["p"]["w"].items():
        ends = (f"{source}/rate_op/r", f"{target}/{response[target]}/r_in")
        edge_vars.append((*ends, {"weight": weight}))
    circuit = CircuitTemplate.from_yaml(name).with_vars(node_vars, edge_vars)
    drive = np.zeros(round(meta["T"] / meta["dt"]))
    for on, off, height in meta["in_e"]:
        drive[round(on / meta["dt"]) : round(off / meta["dt"])] = height
    return circuit, {
        "simulation_time": meta["T"],
        "step_size": meta["dt"],
        "sampling_step_size": meta["dts"],
        "inputs": {"e/se_op/r_ext": drive},
        "outputs": OUTPUTS,
    }


def largest_difference(case: str, series: str, **options: object) -> float:
    """Return how far a run of wclab is from a stored series."""
    circuit, arguments = protocol(case)
    result = circuit.run(**arguments, **options)
    assert np.allclose(result.index, DATA[f"{case}/t"], rtol=0, atol=1e-9)
    stored = np.stack([DATA[f"{case}/{series}_E"], DATA[f"{case}/{series}_I"]], axis=1)
    return float(np.abs(result.to_numpy() - stored).max())


@pytest.mark.parametrize("case", CASES)
def test_euler_agrees_with_pyrates_to_rounding(case):
    assert largest_difference(case, "euler64", solver="euler") <= 1e-12


@pytest.mark.parametrize("case", CASES)
def test_euler_on_arrays_agrees_with_pyrates_to_rounding(case, monkeypatch):
    monkeypatch.setattr("wclab.network.ARRAYS_PAY", 0)
    monkeypatch.setattr("wclab.circuit.worth_grouping", lambda _: True)
    circuit, arguments = protocol(case)
    arguments |= {"simulation_time": 5.0}
    arguments["inputs"] = {"e/se_op/r_ext": arguments["inputs"]["e/se_op/r_ext"][:10_000] + 1.0}
    arrays = circuit.run(**arguments)
    scalars = circuit.run(**arguments, vectorize=False)
    assert np.abs(arrays - scalars).to_numpy().max() <= 1e-13


@pytest.mark.parametrize("case", CASES)
def test_an_accurate_solver_reaches_the_reference(case):
    options = {"solver": "scipy", "method": "DOP853", "rtol": 1e-11, "atol": 1e-13}
    assert largest_difference(case, "ref", **options) <= 1e-8


@pytest.mark.parametrize("case", CASES)
def test_scipy_at_default_arguments_is_right_to_four_digits(case):
    assert largest_difference(case, "ref", solver="scipy") <= 1e-4


@pytest.mark.parametrize("method", ["RK23", "Radau", "BDF", "LSODA"])
def test_every_scipy_method_follows_the_reference(method):
    assert largest_difference("theta_s", "ref", solver="scipy", method=method) <= 1e-4


@pytest.mark.parametrize("backend", [None, "default", "numpy"])
def test_every_backend_gives_the_same_numbers(backend):
    circuit, arguments = protocol("theta_s")
    expected = circuit.run(**arguments)
    assert circuit.run(**arguments, backend=backend).equals(expected)


def test_backend_scipy_is_the_default_backend_with_scipy_as_solver():
    circuit, arguments = protocol("theta_s")
    expected = circuit.run(**arguments, solver="scipy")
    assert circuit.run(**arguments, backend="scipy").equals(expected)


def hand_written(t, y, drive):
    """Return the derivatives of WC, written out."""
    e, i = y
    s_e = 1 / (1 + np.exp(-(15 * e - 15 * i + drive - 2.0))) - 1 / (1 + np.exp(2.0))
    s_i = 1 / (1 + np.exp(-2 * (15 * e - 4 * i - 2.5))) - 1 / (1 + np.exp(5.0))
    return [(-e + (1 - e) * s_e) / 10, (-i + (1 - i) * s_i) / 10]


def peak_after_pulse(width: float) -> float:
    """Return the largest E after a pulse of height 5: DOP853 at 1e-12, piece by piece."""
    peak, y = 0.0, [0.0, 0.0]
    for left, right, drive in [(60.0, 60.0 + width, 5.0), (60.0 + width, 125.0, 0.0)]:
        piece = solve_ivp(
            hand_written, (left, right), y, args=(drive,), method="DOP853", rtol=1e-12,
            atol=1e-14, t_eval=np.linspace(left, right, 2_001),
        )  # fmt: skip
        peak, y = max(peak, piece.y[0].max()), piece.y[:, -1]
    return peak


@pytest.mark.parametrize(("width", "about"), [(0.5, 0.095), (1.0, 0.12), (2.0, 0.16), (5.0, 0.28)])
@pytest.mark.parametrize(("solver", "tolerance"), [("euler", 1e-3), ("rk4", 2e-5), ("scipy", 2e-5)])
def test_a_short_pulse_is_never_stepped_over(width, about, solver, tolerance):
    # at t = 60 an adaptive step is longer than the pulse; rows 0.01 apart miss the peak by 1e-5
    wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    drive = np.zeros(12_500)
    drive[6_000 : 6_000 + round(width / 0.01)] = 5.0
    result = wc.run(125.0, 0.01, inputs={"e/se_op/r_ext": drive}, outputs=OUTPUTS, solver=solver)
    assert peak_after_pulse(width) == pytest.approx(about, abs=5e-3)
    assert result["E"].max() == pytest.approx(peak_after_pulse(width), abs=tolerance)
