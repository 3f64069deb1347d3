"""Where a run of a pair has settled: at rest, or on a rhythm with its period."""

from dataclasses import dataclass

import numpy as np

from wclab.model import Model
from wclab.phaseplane.orbits import orbit

LENGTH = 150.0  # of a run, in the longest time constant
ROWS = 3_001
STILL = 1e-4  # a swing smaller than this part of the activity's range is rest


@dataclass(frozen=True, eq=False)
class Settled:
    """The last third of a run.

    Attributes
    ----------
    time, states : ndarray, shape (m,) and (m, n)
    period : float
        From the passages of the first state through its mean, by cubic interpolation; NaN at rest.
    """

    time: np.ndarray
    states: np.ndarray
    period: float

    @property
    def cycle(self) -> np.ndarray:
        """One turn, shape (k, n); empty at rest."""
        if np.isnan(self.period):
            return self.states[:0]
        rows = int(np.ceil(self.period / (self.time[1] - self.time[0]))) + 1
        return self.states[-rows:]


def settle(model: Model, start: np.ndarray, longest: float) -> Settled:
    """Run a model from a state for many time constants, and look at the end."""
    time = LENGTH * longest
    moments = np.linspace(0.0, time, ROWS)
    states = orbit(model, start, time, rows=ROWS)
    late = slice(2 * ROWS // 3, None)
    return Settled(moments[late], states[late], _period(moments[late], states[late, 0]))


def _period(time: np.ndarray, values: np.ndarray) -> float:
    """Return the mean time between upward passages through the mean."""
    swing = np.ptp(values)
    last = np.ptp(values[2 * len(values) // 3 :])
    if not swing > STILL or last < 0.5 * swing:
        return float("nan")
    level = (values.max() + values.min()) / 2
    ups = np.flatnonzero((values[:-1] < level) & (values[1:] >= level))
    ups = ups[(ups > 0) & (ups < len(values) - 2)]
    if len(ups) < 2:
        return float("nan")
    places = [_passage(values[k - 1 : k + 3] - level) for k in (ups[0], ups[-1])]
    turns = ups[-1] + places[1] - ups[0] - places[0]
    return float(turns * (time[1] - time[0]) / (len(ups) - 1))


def _passage(values: np.ndarray) -> float:
    """Return where the cubic through four values, of which the middle two part, is zero."""
    cubic = np.polyfit([-1.0, 0.0, 1.0, 2.0], values, 3)
    roots = np.roots(cubic)
    real = roots[np.abs(roots.imag) < 1e-9].real
    inside = real[(real >= -1e-9) & (real <= 1 + 1e-9)]
    return float(inside[0]) if len(inside) else float(values[1] / (values[1] - values[2]))
