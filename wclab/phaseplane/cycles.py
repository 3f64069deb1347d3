"""Limit cycles found from a run: period, extrema, and whether they attract.

The contract: a run is followed until its maxima repeat; then the closed orbit and its period are
solved for together by Newton's method (shooting with the exact variational equation). The
multipliers are the eigenvalues of the map once around; in the plane the one that counts is
exp of the integral of the trace.

Source: Seydel, Practical Bifurcation and Stability Analysis, ch. 7.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.errors import OptionError, SolverError
from wclab.phaseplane.flow import positive, read_starts
from wclab.phaseplane.system import Circuit, System, read_system

if TYPE_CHECKING:
    import pandas as pd

NEAR = 1e-5  # maxima that differ by less than this part of the swing: Newton's method may begin
SLOW = 1e-3  # the same for a run that nears its cycle slowly, after many turns
STILL = 1e-6  # a swing that has shrunk to this is none
CHUNK = 40.0  # of a run, over the fastest rate
CHUNKS = 300
RTOL, ATOL = 1e-12, 1e-14


@dataclass(frozen=True, eq=False)
class LimitCycle:
    """A closed orbit.

    Attributes
    ----------
    states : tuple of str
        Path of each state.
    period : float
        In the unit of the model's time constants.
    minimum, maximum, mean : ndarray, shape (n,)
        Of each state over a period.
    multipliers : ndarray, shape (n - 1,)
        Factors by which a small push grows in one turn (Floquet), the largest first.
    time : ndarray, shape (rows,)
        From 0, where the first state is largest, to the period.
    orbit : ndarray, shape (rows, n)
    """

    states: tuple[str, ...]
    period: float
    minimum: np.ndarray
    maximum: np.ndarray
    mean: np.ndarray
    multipliers: np.ndarray
    time: np.ndarray
    orbit: np.ndarray

    @property
    def frequency(self) -> float:
        """Turns per unit of time; times 1000 in Hz where the time is in ms."""
        return 1 / self.period

    @property
    def multiplier(self) -> float:
        """The largest size of a multiplier."""
        return float(np.abs(self.multipliers[0]))

    @property
    def stable(self) -> bool:
        """Whether pushes die out: all multipliers lie inside the unit circle."""
        return self.multiplier < 1

    def to_frame(self) -> "pd.DataFrame":
        """Return one period as a table: time by state."""
        import pandas as pd

        return pd.DataFrame(
            self.orbit, index=pd.Index(self.time, name="time"), columns=list(self.states)
        )

    def __repr__(self) -> str:
        kind = "stable" if self.stable else "unstable"
        spans = ", ".join(
            f"{path} {a:.4g} ... {b:.4g}"
            for path, a, b in zip(self.states[:4], self.minimum, self.maximum, strict=False)
        )
        return (
            f"<{kind} limit cycle of period {self.period:.7g}: {spans}; "
            f"multiplier {self.multiplier:.3g}>"
        )


def limit_cycle(
    circuit: Circuit, start: Any = None, *, backward: bool = False, time: float | None = None
) -> LimitCycle:
    """Find the limit cycle that a run ends on.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        With two states or more.
    start : array_like, shape (n,), optional
        Where the run begins; the circuit's initial values, moved a little, by default.
    backward : bool, optional
        Whether the run goes backward in time: an unstable cycle in the plane attracts then.
    time : float, optional
        How long a run to try at most.

    Returns
    -------
    LimitCycle
        Its period is exact to about ten digits.

    Raises
    ------
    SolverError
        If the run settles on a point, leaves every bound or does not settle; says which.
    OptionError
        If the circuit has one state only, which cannot turn around, or the start does not fit.

    Examples
    --------
    The rhythm of Wilson and Cowan's Figure 11, which has 25 turns a second:

    >>> from wclab import CircuitTemplate
    >>> name = "model_templates.neural_mass_models.wilsoncowan.WC72_fig11"
    >>> rhythm = limit_cycle(CircuitTemplate.from_yaml(name))
    >>> f"{1000 * rhythm.frequency:.2f} Hz"
    '24.98 Hz'
    """
    system = read_system(circuit)
    if len(system.states) < 2:
        raise OptionError("a circuit of one state has no limit cycle: on a line none can turn back")
    if start is None:
        y = system.model.y0 + 1e-3 * (1 + np.abs(system.model.y0))
    else:
        y = read_starts(start, system.states)[:, 0]
    sign = -1.0 if backward else 1.0
    fastest = _fastest(system, y)
    longest = positive("time", time) if time is not None else CHUNKS * CHUNK / fastest
    y, period = _turn(system, y, sign, CHUNK / fastest, longest)
    return _closed(system, y, period, sign)


def _fastest(system: System, y: np.ndarray) -> float:
    entries = np.abs(system.jacobian(y)).sum(axis=1)
    return max(float(entries[np.isfinite(entries)].max(initial=0.0)), 1e-9)


def _rates(system: System, sign: float) -> Callable[[float, np.ndarray], np.ndarray]:
    rates = system.model.rates
    return lambda t, y: sign * rates(0.0, y)


def _turn(
    system: System, y: np.ndarray, sign: float, chunk: float, longest: float
) -> tuple[np.ndarray, float]:
    """Follow a run until the maxima of one state repeat; return the last one and the period."""
    from scipy.integrate import solve_ivp

    rates = _rates(system, sign)

    def top(_: float, y: np.ndarray) -> float:
        return float(rates(0.0, y)[0])

    top.direction = -1  # type: ignore[attr-defined]
    done, t = 0.0, 0.0
    tops: list[tuple[float, np.ndarray]] = []
    start, swing = y, np.zeros(len(y))
    while done < longest:
        run = solve_ivp(
            rates, (t, t + chunk), y, method="DOP853", rtol=1e-9, atol=1e-12, events=top
        )
        y, t = run.y[:, -1], t + chunk
        if not run.success or not np.isfinite(y).all() or np.abs(y).max() > 1e6:
            raise SolverError(f"the run leaves every bound by t = {sign * t:.4g}: no cycle. {HELP}")
        done += chunk
        tops += zip(run.t_events[0].tolist(), run.y_events[0], strict=True)
        swing = np.ptp(run.y, axis=1)
        moved = np.abs(y).max() + np.ptp(np.stack([start, y]), axis=0).max()
        if swing.max() < STILL * max(moved, 1e-3):
            shown = ", ".join(f"{x:.4g}" for x in y)
            raise SolverError(f"the run settles on the point ({shown}): no cycle. {HELP}")
        period = _repeats(tops, swing)
        if period is not None:
            return tops[-1][1], period
        if len(tops) < 2:
            chunk *= 1.5
    raise SolverError(f"no cycle was reached within t = {sign * done:.4g}. {HELP}")


HELP = "Try another start, a longer time=, or backward=True for an unstable cycle"


def _repeats(tops: list[tuple[float, np.ndarray]], swing: np.ndarray) -> float | None:
    """Return the time after which a maximum comes back: the first, second ... before the last."""
    if len(tops) < 4:
        return None
    time, state = tops[-1]
    size = np.maximum(swing, 1e-12) * (NEAR if len(tops) < 60 else SLOW)
    for back in range(1, min(6, len(tops) - 1)):
        earlier, other = tops[-1 - back]
        if np.all(np.abs(state - other) <= size):
            return time - earlier
    return None


def _closed(system: System, y: np.ndarray, period: float, sign: float) -> LimitCycle:
    """Solve for the closed orbit near `y` by Newton's method on state and period together."""
    rates = _rates(system, sign)
    n, phase = len(y), rates(0.0, y)
    size = 1 + np.abs(y).max()
    anchor = y
    for _ in range(12):
        run = _around(system, y, period, sign)
        end, matrix = run.y[:n, -1], run.y[n : n + n * n, -1].reshape(n, n)
        system_matrix = np.zeros((n + 1, n + 1))
        system_matrix[:n, :n] = matrix - np.eye(n)
        system_matrix[:n, n] = rates(0.0, end)
        system_matrix[n, :n] = phase
        right = -np.append(end - y, phase @ (y - anchor))
        step = np.linalg.lstsq(system_matrix, right, rcond=None)[0]
        y, period = y + step[:n], period + float(step[n])
        if not abs(step[n]) < 0.3 * period or not np.isfinite(y).all():
            break
        if np.abs(step[:n]).max() < 1e-11 * size and abs(step[n]) < 1e-10 * period:
            return _record(system, run, period, sign)
    raise SolverError(f"the closed orbit could not be solved for near {anchor}. {HELP}")


def _around(system: System, y: np.ndarray, period: float, sign: float) -> Any:
    """Integrate the state, the variational equation and the trace once around."""
    from scipy.integrate import solve_ivp

    n, rates = len(y), _rates(system, sign)

    def flow(_: float, all_y: np.ndarray) -> np.ndarray:
        state = all_y[:n]
        jacobian = sign * system.jacobian(state)
        matrix = jacobian @ all_y[n : n + n * n].reshape(n, n)
        return np.concatenate([rates(0.0, state), matrix.ravel(), [np.trace(jacobian)]])

    first = np.concatenate([y, np.eye(n).ravel(), [0.0]])
    run = solve_ivp(
        flow, (0.0, period), first, method="DOP853", rtol=RTOL, atol=ATOL, dense_output=True
    )
    if not run.success:
        raise SolverError(f"the orbit could not be followed: {run.message}")
    return run


def _record(system: System, run: Any, period: float, sign: float, rows: int = 1_001) -> LimitCycle:
    """Return the record of a closed orbit, its time running forward from its first maximum."""
    from scipy.optimize import brentq

    n, rates = len(system.states), _rates(system, sign)
    times = np.linspace(0.0, period, rows)
    orbit = run.sol(times)[:n]
    slopes = system.field(orbit)
    low, high = orbit.min(axis=1), orbit.max(axis=1)
    best = 0.0
    for k in range(n):
        for j in np.flatnonzero(np.sign(slopes[k, 1:]) * np.sign(slopes[k, :-1]) < 0):
            t = brentq(lambda t, k=k: rates(0.0, run.sol(t)[:n])[k], times[j], times[j + 1],
                       xtol=1e-13 * period)  # fmt: skip
            value = float(run.sol(t)[k])
            low[k] = min(low[k], value)
            if value >= high[k]:
                high[k] = value
                best = t if k == 0 else best
    if n == 2:
        multipliers = np.exp(sign * run.y[-1:, -1])
    else:
        values = np.linalg.eigvals(run.y[n : n + n * n, -1].reshape(n, n)) ** sign
        rest = np.delete(values, np.argmin(np.abs(values - 1)))
        multipliers = rest[np.argsort(-np.abs(rest))]
    shifted = run.sol((best + sign * times) % period)[:n].T
    return LimitCycle(
        system.states, period, low, high, orbit[:, :-1].mean(axis=1), multipliers, times, shifted
    )
