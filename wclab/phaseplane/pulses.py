"""The pulse that takes a circuit from one attractor to another: strength and duration.

The contract: all amplitudes and durations of one round run as a batch, with and after the pulse;
where a run ends is told by `wclab.phaseplane.attractors.Settler`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.errors import OptionError, show
from wclab.model import Parameter
from wclab.phaseplane.attractors import Settler, is_known_everywhere
from wclab.phaseplane.flow import advance, fine_step, positive, read_starts
from wclab.phaseplane.system import Circuit, System, need_states, read_system

if TYPE_CHECKING:
    import pandas as pd

FIRST_AMPLITUDES, AMPLITUDES = 64, 32
LARGEST = 1e4


@dataclass(frozen=True, eq=False)
class StrengthDuration:
    """The smallest pulses that switch a circuit.

    Attributes
    ----------
    path : str
        What the pulse is added to.
    durations : ndarray, shape (n,)
        In the unit of the model's time constants.
    thresholds : ndarray, shape (n,)
        Smallest amplitude; NaN where no pulse up to the largest one tried switches.
    start : ndarray, shape (2,)
        The state before the pulse.
    """

    path: str
    durations: np.ndarray
    thresholds: np.ndarray
    start: np.ndarray

    def to_frame(self) -> "pd.DataFrame":
        """Return a table: threshold by duration."""
        import pandas as pd

        index = pd.Index(self.durations, name="duration")
        return pd.DataFrame({"threshold": self.thresholds}, index=index)

    def __repr__(self) -> str:
        parts = zip(self.durations[:6], self.thresholds[:6], strict=True)
        shown = ", ".join(f"{a:.6g} for {t:g}" for t, a in parts)
        return f"<StrengthDuration of {self.path}: {shown}{', ...' * (len(self.durations) > 6)}>"


def pulse_threshold(
    circuit: Circuit,
    path: Parameter,
    duration: float,
    *,
    start: Any = None,
    largest: float = LARGEST,
) -> float:
    """Return the smallest amplitude of a pulse that takes a circuit to another attractor.

    Parameters
    ----------
    circuit, path, start, largest
        As in `strength_duration`.
    duration : float
        Of the pulse, in the unit of the model's time constants.

    Returns
    -------
    float
        In the unit of the parameter; NaN if no pulse up to `largest` switches.

    Examples
    --------
    A push of 10 tau makes the Neuromatch pair remember it if it is stronger than 0.537:

    >>> from wclab import CircuitTemplate
    >>> name = "model_templates.neural_mass_models.conventions.neuromatch"
    >>> pair = CircuitTemplate.from_yaml(name)
    >>> f"{pulse_threshold(pair, 'e/se_op/r_ext', 10.0):.6f}"
    '0.536824'
    """
    found = strength_duration(circuit, path, [duration], start=start, largest=largest)
    return float(found.thresholds[0])


def strength_duration(
    circuit: Circuit,
    path: Parameter,
    durations: Any,
    *,
    start: Any = None,
    largest: float = LARGEST,
) -> StrengthDuration:
    """Return the smallest pulse that switches a circuit, for each of some durations.

    The amplitude is bracketed on a grid, doubled until a pulse switches, and then narrowed by
    batches of 32 amplitudes to 1e-11 of its size. If weaker pulses switch between two values
    of the grid, where a stronger one does not, they are not seen.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        With two states.
    path : str or (source, target)
        The parameter that the pulse is added to, such as "e/se_op/r_ext".
    durations : array_like, shape (n,)
        In the unit of the model's time constants.
    start : array_like, shape (2,), optional
        State before the pulse; by default the first stable point of `fixed_points`.
    largest : float, optional
        Where the search ends; negative to look for negative pulses.

    Returns
    -------
    StrengthDuration

    Raises
    ------
    PathError
        If the path names no parameter.
    OptionError
        If a duration is not positive, or there is no stable point to start from.

    References
    ----------
    Wilson & Cowan (1972), Biophys. J. 12:1-24, Fig. 9.
    """
    system = read_system(circuit, {path: 0.0})
    system = System(system.model, {})
    need_states(system, 2, "a pulse threshold")
    name, _ = system.model._find(path)
    row = system.model.program.constants.index(name)
    times = np.array([positive("a duration", t) for t in np.atleast_1d(durations)])
    settler = Settler(system, None if is_known_everywhere(system) else np.array([[-1.0, 1.0]] * 2))
    if start is None:
        if not settler.attractors:
            raise OptionError("the circuit has no stable point to start from: give start=")
        start = settler.attractors[0].state  # type: ignore[union-attr]
    y0 = read_starts(start, system.states)
    home = settler.labels(y0)[0]

    def switches(amplitudes: np.ndarray) -> np.ndarray:
        """Tell which pulses switch, shape (durations, m)."""
        ends = [_pulse(system, y0, row, t, a) for t, a in zip(times, amplitudes, strict=True)]
        return (settler.labels(np.concatenate(ends, axis=1)) != home).reshape(amplitudes.shape)

    if not np.isfinite(largest) or largest == 0:
        raise OptionError(f"largest is a finite number, not 0: {show(largest)}")
    sign, limit = float(np.sign(largest)), abs(float(largest))
    low, high = np.zeros(len(times)), np.full(len(times), np.nan)
    reach = np.full(len(times), min(1.0, limit))
    while np.isnan(high).any():
        parts = np.arange(1, FIRST_AMPLITUDES + 1) / FIRST_AMPLITUDES
        grid = low[:, None] + (reach - low)[:, None] * parts
        yes = switches(sign * grid) & np.isnan(high)[:, None]
        low, high = _narrow(low, high, grid, yes)
        if (reach >= limit).all():
            break
        reach = np.where(np.isnan(high), np.minimum(2 * reach, limit), reach)
    while np.any(high - low > 1e-11 * high):
        parts = np.arange(1, AMPLITUDES + 1) / (AMPLITUDES + 1)
        grid = low[:, None] + (high - low)[:, None] * parts
        yes = switches(sign * np.nan_to_num(grid))
        first = np.argmax(yes, axis=1)
        columns = np.arange(len(times))
        some = yes.any(axis=1)
        before = np.where(first > 0, grid[columns, first - 1], low)
        low = np.where(some, before, grid[:, -1])
        high = np.where(some, grid[columns, first], high)
    shown = path if isinstance(path, str) else " -> ".join(path)
    return StrengthDuration(shown, times, sign * 0.5 * (low + high), y0[:, 0])


def _narrow(
    low: np.ndarray, high: np.ndarray, grid: np.ndarray, yes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return brackets of the first amplitude that switches, for rows without a bracket yet."""
    columns, first, some = np.arange(len(low)), np.argmax(yes, axis=1), yes.any(axis=1)
    before = np.where(first > 0, grid[columns, first - 1], low)
    new_low = np.where(some, before, np.where(np.isnan(high), grid[:, -1], low))
    return new_low, np.where(some, grid[columns, first], high)


def _pulse(
    system: System, y0: np.ndarray, row: int, duration: float, amplitudes: np.ndarray
) -> np.ndarray:
    """Return the states after a pulse of each amplitude, shape (2, m)."""
    base = np.array([float(x) for x in system.constants])[:, None]
    constants = np.repeat(base, len(amplitudes), axis=1)
    constants[row] += amplitudes
    h = 0.5 * fine_step(system, y0)
    steps = max(8, int(np.ceil(duration / h)))
    starts = np.repeat(y0, len(amplitudes), axis=1)
    return advance(system, starts, duration / steps, 2, steps, constants)[-1]
