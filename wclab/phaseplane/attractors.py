"""Which attractor each start reaches.

The contract: a run counts as arrived at a stable point once it is inside an ellipse around it
whose border was seen to be crossed inward only (a Lyapunov function of the linear part, tried
at 128 directions and several sizes); at a cycle once it is within a thousandth of its size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.errors import OptionError, SolverError, show
from wclab.phaseplane.cycles import LimitCycle, limit_cycle
from wclab.phaseplane.flow import advance, fine_step
from wclab.phaseplane.points import FixedPoint, fixed_points
from wclab.phaseplane.system import Circuit, System, need_states, read_box, read_system
from wclab.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

CHUNKS = 80  # pieces of a run before it is given up
PATIENCE = 6  # pieces before cycles are looked for
NEAR = 1e-3  # of a cycle's size


@dataclass(frozen=True, eq=False)
class Basins:
    """Which attractor each start of a grid reaches.

    Attributes
    ----------
    states : tuple of str
        Paths of the two states.
    x, y : ndarray, shape (n,)
        Values of the first and of the second state.
    labels : ndarray of int, shape (n, n)
        ``labels[row, column]``: place in `attractors` of what the start ``(x[column], y[row])``
        reaches; -1 where a run leaves every bound or has not arrived.
    attractors : tuple of FixedPoint and LimitCycle
        Stable ones, sorted as `fixed_points` sorts; then cycles.
    """

    states: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    labels: np.ndarray
    attractors: tuple[FixedPoint | LimitCycle, ...]

    @property
    def shares(self) -> np.ndarray:
        """Part of the grid that each attractor draws, shape (attractors,)."""
        return np.array([(self.labels == k).mean() for k in range(len(self.attractors))])

    def to_frame(self) -> "pd.DataFrame":
        """Return the labels as a table: second state by first state."""
        import pandas as pd

        return pd.DataFrame(
            self.labels,
            index=pd.Index(self.y, name=self.states[1]),
            columns=pd.Index(self.x, name=self.states[0]),
        )

    def __repr__(self) -> str:
        parts = zip(self.shares, self.attractors, strict=True)
        shown = "; ".join(f"{100 * share:.1f} % to {a!r}" for share, a in parts)
        return f"<Basins of {self.labels.size} starts: {shown or 'no attractor'}>"


def basins(circuit: Circuit, box: Any, n: int = 100, *, progress: bool = False) -> Basins:
    """Run a circuit from every state of a grid, in one batch, and tell where each run ends.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        With two states.
    box : array_like, shape (2, 2)
        Lower and upper bound of each state.
    n : int, optional
        Grid lines in each direction.
    progress : bool, optional
        Whether a bar appears when it takes longer than two seconds.

    Returns
    -------
    Basins
        For circuits that are no pairs, the stable points are those in the box.

    Raises
    ------
    OptionError
        If the circuit has another number of states, or the box does not fit.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    >>> found = basins(wc, [(-0.2, 0.5), (-0.2, 0.5)], n=20)
    >>> [a.kind for a in found.attractors], (found.labels < 0).sum().item()
    (['stable node', 'stable focus'], 0)
    """
    system = read_system(circuit)
    need_states(system, 2, "a map of basins")
    bounds = read_box(box, system.states)
    if isinstance(n, bool) or not isinstance(n, int) or n < 2:
        raise OptionError(f"n is a whole number from 2 on, not {show(n)}")
    x, y = (np.linspace(low, high, n) for low, high in bounds)
    starts = np.array([mesh.ravel() for mesh in np.meshgrid(x, y)])
    with Progress(starts.shape[1], "runs") as bar:
        settler = Settler(system, bounds)
        labels = settler.labels(starts, bar if progress else None)
    return Basins(system.states, x, y, labels.reshape(n, n), tuple(settler.attractors))


class Settler:
    """The attractors of a planar circuit, and a way to tell which one a run has reached."""

    def __init__(self, system: System, bounds: np.ndarray | None = None) -> None:
        self.system = system
        points = fixed_points(system.model, None if is_known_everywhere(system) else bounds)
        stable = [point for point in points if point.stable]
        self.attractors: list[FixedPoint | LimitCycle] = list(stable)
        self.ellipses = [_ellipse(system, point, points, bounds) for point in stable]
        states = np.array([p.state for p in points]).reshape(-1, 2).T
        if bounds is not None:
            corners = np.array(np.meshgrid(*bounds)).reshape(2, -1)
            states = np.concatenate([states, corners], axis=1)
        self.step = fine_step(system, states)
        slow = min((-float(p.eigenvalues.real.max()) for p in stable), default=0.0)
        self.chunk = float(np.clip(5 / max(slow, 1e-12), 250 * self.step, 5_000 * self.step))

    def labels(self, y: np.ndarray, bar: Progress | None = None) -> np.ndarray:
        """Return the place in `attractors` that each of some states, shape (2, m), ends at."""
        out = np.full(y.shape[1], -1)
        waiting = np.arange(y.shape[1])
        every = int(np.ceil(self.chunk / self.step))
        for turn in range(CHUNKS):
            found = self._at(y)
            out[waiting] = found
            keep = (found < 0) & np.isfinite(y).all(axis=0)
            y, waiting = y[:, keep], waiting[keep]
            if bar is not None:
                bar(len(out) - len(waiting))
            if not len(waiting):
                break
            y = advance(self.system, y, self.step, 2, every)[-1]
            if turn >= PATIENCE and turn % PATIENCE == 0:
                self._look_for_cycle(y)
        return out

    def _at(self, y: np.ndarray) -> np.ndarray:
        """Return the attractor that each state has arrived at, or -1."""
        found = np.full(y.shape[1], -1)
        for k, attractor in enumerate(self.attractors):
            if isinstance(attractor, FixedPoint):
                matrix, level = self.ellipses[k]
                d = y - attractor.state[:, None]
                arrived = np.einsum("im,ij,jm->m", d, matrix, d) < level
            else:
                arrived = _distance(y, attractor.orbit) < NEAR
            found[arrived & (found < 0)] = k
        return found

    def _look_for_cycle(self, y: np.ndarray) -> None:
        """Add the cycle that a run which has not arrived is on, if it is a new one."""
        finite = np.flatnonzero(np.isfinite(y).all(axis=0))
        if not len(finite) or not (self._at(y[:, finite]) < 0).any():
            return
        start = y[:, finite[np.flatnonzero(self._at(y[:, finite]) < 0)[0]]]
        try:
            cycle = limit_cycle(self.system.model, start, time=20 * self.chunk)
        except SolverError:
            return
        known = [a for a in self.attractors if isinstance(a, LimitCycle)]
        if cycle.stable and all(_distance(cycle.orbit[:1].T, a.orbit)[0] > NEAR for a in known):
            self.attractors.append(cycle)


def is_known_everywhere(system: System) -> bool:
    """Tell whether all fixed points can be found without a box."""
    return system.pair is not None and bool(system.pair.bounded)


def _ellipse(
    system: System, point: FixedPoint, points: Sequence[FixedPoint], bounds: np.ndarray | None
) -> tuple[np.ndarray, float]:
    """Return the matrix and the level of an ellipse around a point that runs only enter."""
    from scipy.linalg import solve_continuous_lyapunov

    matrix = solve_continuous_lyapunov(point.jacobian.T, -np.eye(2))
    others = [np.abs(p.state - point.state).max() for p in points if p is not point]
    width = 1.0 if bounds is None else float((bounds[:, 1] - bounds[:, 0]).max())
    radius = 0.3 * min([width, *others])
    angle = np.linspace(0.0, 2 * np.pi, 128, endpoint=False)
    roots = np.linalg.inv(np.linalg.cholesky(matrix)).T  # columns: axes of the unit ellipse
    circle = roots @ np.array([np.cos(angle), np.sin(angle)])
    circle = circle / np.abs(circle).max()
    sizes = 0.7 ** np.arange(12)
    for _ in range(40):
        d = radius * circle[:, None, :] * sizes[:, None]
        rate = system.field(point.state[:, None, None] + d)
        if np.all(np.einsum("isa,ij,jsa->sa", d, matrix, rate) < 0):
            break
        radius *= 0.7
    edge = radius * circle[:, 0]
    return matrix, float(edge @ matrix @ edge)


def _distance(y: np.ndarray, orbit: np.ndarray) -> np.ndarray:
    """Return how far states (2, m) are from a closed curve (rows, 2), in units of its size."""
    size = np.ptp(orbit, axis=0)
    a, b = orbit[:-1] / size, orbit[1:] / size
    out = np.empty(y.shape[1])
    for start in range(0, y.shape[1], 500):
        p = (y[:, start : start + 500].T / size)[:, None]
        along = np.clip(((p - a) * (b - a)).sum(axis=2) / ((b - a) ** 2).sum(axis=1), 0, 1)
        away = p - a - along[..., None] * (b - a)
        out[start : start + 500] = np.sqrt((away**2).sum(axis=2)).min(axis=1)
    return out
