"""What every contestant computes: the seed's run, and how far a result is from the truth.

The Wilson-Cowan pair of the PyRates gallery, 125 ms from silence, with a pulse of height 1
to the excitatory population from 25 to 100 ms.
"""

from functools import cache
from pathlib import Path

import numpy as np

TEMPLATE = "model_templates.neural_mass_models.wilsoncowan.WC"
TIME, ON, OFF, HEIGHT = 125.0, 25.0, 100.0, 1.0
STEP, SAMPLING = 5e-4, 1e-2  # the seed's
COARSE = 0.25  # spacing of rows, and of the input, where a run to 1e-6 is asked for
RTOL, ATOL = 1e-6, 1e-9  # with which every adaptive method here errs less than 1e-6
INPUT = "e/se_op/r_ext"
OUTPUTS = {"E": "e/rate_op/r", "I": "i/rate_op/r"}
REFERENCE = Path(__file__).parent.parent / "data" / "pyrates_wc.npz"


def pulse(step: float) -> np.ndarray:
    """Return one sample of the input for each step."""
    drive = np.zeros(round(TIME / step))
    drive[round(ON / step) : round(OFF / step)] = HEIGHT
    return drive


@cache
def reference() -> np.ndarray:
    """Return E and I every `SAMPLING`, by DOP853 at 1e-12 split at the pulse's edges."""
    with np.load(REFERENCE) as data:
        return np.stack([data["seed/ref_E"], data["seed/ref_I"]], axis=1)


def error(rows: object) -> float:
    """Return the largest distance of a result, shape (rows, 2), from the reference."""
    rows = np.asarray(rows, dtype=float)
    truth = reference()
    return float(np.abs(rows - truth[:: len(truth) // len(rows)]).max())
