"""The shipped models against PyRates 1.2.3, run by itself in double precision.

`data/pyrates_models.npz` holds, for each case, every 10th of 2,000 Euler steps and a JSON
text with the template, the step, the inputs (path, first step, end, height) and the paths of
the columns. In `JRC_2delaycoupled` PyRates' numbers depend on its option `vectorize`; there
the stored ones come from an Euler loop written out by hand, which `vectorize=False` equals.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from helpers import everything_as_arrays

from wclab import CircuitTemplate

DATA = np.load(Path(__file__).parent / "data" / "pyrates_models.npz")
CASES = sorted({name.split("/")[0] for name in DATA.files})


def euler(case, **options):
    """Run a case as PyRates did; return the numbers, and the stored ones."""
    about = json.loads(str(DATA[f"{case}/about"]))
    n, step = about["steps"], about["step"]
    inputs = {}
    for path, *shape in about["inputs"]:
        if shape == ["sine"]:
            inputs[path] = np.sin(0.01 * np.arange(n)) + 0.2
        else:
            first, end, height = shape
            inputs[path] = np.zeros(n)
            inputs[path][first:end] = height
    run = CircuitTemplate.from_yaml(about["template"]).run(
        n * step, step, inputs=inputs, outputs=about["outputs"], sampling_step_size=10 * step,
        **options,
    )  # fmt: skip
    return run.to_numpy(), DATA[f"{case}/values"]


def test_the_data_hold_what_they_should():
    assert len(CASES) == 13
    assert all(DATA[f"{case}/values"].shape[0] == 200 for case in CASES)


@pytest.mark.parametrize("case", CASES)
def test_a_shipped_model_takes_pyrates_euler_steps(case):
    found, stored = euler(case)
    # rounding only: sums in another order; the phases grow to 20, the rates of JRC to 10
    np.testing.assert_allclose(found, stored, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_a_shipped_model_takes_them_as_arrays_too(case, monkeypatch):
    everything_as_arrays(monkeypatch)
    found, stored = euler(case)
    np.testing.assert_allclose(found, stored, rtol=1e-12, atol=1e-12)
