"""Runs through the phase plane: many starts at once, forward or backward; curves of saddles.

The contract: `trajectories` takes fixed Runge-Kutta steps that are short against the fastest
rate in sight; manifolds are followed by an adaptive solver to ten digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.engines.batch import Batch, record
from wclab.engines.compiled import available
from wclab.errors import OptionError, SolverError, show
from wclab.phaseplane.points import FixedPoint, fixed_points
from wclab.phaseplane.system import Circuit, System, need_states, read_box, read_system

if TYPE_CHECKING:
    import pandas as pd

FINE = 0.04  # step times the largest entry of the Jacobian
COMPILING_PAYS = 500  # steps: compiling takes as long as these in NumPy
AWAY = 1e-6  # of the box: how far from a saddle its manifolds begin
RTOL, ATOL = 1e-10, 1e-12


@dataclass(frozen=True, eq=False)
class Trajectories:
    """Runs from several starts.

    Attributes
    ----------
    states : tuple of str
        Path of each state.
    time : ndarray, shape (rows,)
        Falling from 0 for runs backward in time.
    values : ndarray, shape (starts, rows, n)
        NaN from where a run has left every bound.
    """

    states: tuple[str, ...]
    time: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    @property
    def ends(self) -> np.ndarray:
        """Last state of each run, shape (starts, n)."""
        return self.values[:, -1]

    def to_frame(self) -> "pd.DataFrame":
        """Return a table: time by (start, state)."""
        import pandas as pd

        starts, rows, n = self.values.shape
        columns = pd.MultiIndex.from_product([range(starts), self.states], names=["start", "state"])
        flat = self.values.transpose(1, 0, 2).reshape(rows, starts * n)
        return pd.DataFrame(flat, index=pd.Index(self.time, name="time"), columns=columns)

    def __repr__(self) -> str:
        return f"<Trajectories from {len(self)} starts, t = 0 ... {self.time[-1]:g}>"


def trajectories(
    circuit: Circuit,
    starts: Any,
    time: float,
    backward: bool = False,
    *,
    step: float | None = None,
    rows: int = 401,
) -> Trajectories:
    """Run a circuit from many starts at once, by Runge-Kutta steps of order 4.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        Of any number of states.
    starts : array_like, shape (m, n) or (n,)
        Initial states.
    time : float
        How long, in the unit of the model's time constants.
    backward : bool, optional
        Whether time runs backward: what repels attracts, and most runs leave the plane.
    step : float, optional
        Longest step; by default 0.04 over the largest entry of the Jacobian at the starts and at
        the states of rest: to about eight digits.
    rows : int, optional
        Moments that are kept, the start included.

    Returns
    -------
    Trajectories

    Raises
    ------
    OptionError
        If the starts have another shape, or the time is not positive.

    Examples
    --------
    Two starts at either side of silence, which is a saddle, part:

    >>> from wclab import CircuitTemplate
    >>> wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    >>> runs = trajectories(wc, [(1e-6, 0), (-1e-6, 0)], 1000.0)
    >>> runs.ends[:, 0].round(4).tolist()
    [0.0656, -0.0885]
    """
    system = read_system(circuit)
    y0 = read_starts(starts, system.states)
    time = positive("time", time)
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < 2:
        raise OptionError(f"rows is a whole number from 2 on, not {show(rows)}")
    h = positive("step", step) if step is not None else fine_step(system, y0)
    every = max(1, int(np.ceil(time / (rows - 1) / h)))
    h = time / (rows - 1) / every
    if backward:
        values = _march(system, y0, -h, rows, every)
    else:
        values = advance(system, y0, h, rows, every)
    moments = np.linspace(0.0, -time if backward else time, rows)
    return Trajectories(system.states, moments, values.transpose(2, 0, 1))


def read_starts(starts: Any, states: Sequence[str]) -> np.ndarray:
    """Return starts as an array of shape (n, m), checked."""
    try:
        y0 = np.atleast_2d(np.asarray(starts, dtype=float))
    except (TypeError, ValueError):
        raise OptionError(f"starts are states as numbers, not {show(starts)}") from None
    if y0.ndim != 2 or y0.shape[1] != len(states) or not len(y0) or not np.isfinite(y0).all():
        raise OptionError(
            f"starts need {len(states)} finite numbers each ({', '.join(states[:6])}); these have "
            f"shape {np.shape(starts)}"
        )
    return np.ascontiguousarray(y0.T)


def positive(name: str, value: Any) -> float:
    """Return a positive finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not 0 < number < float("inf"):
        raise OptionError(f"{name} is a positive number, not {show(value)}")
    return number


def fine_step(system: System, states: np.ndarray) -> float:
    """Return a step that is short against every rate at some states, shape (n, m)."""
    if system.pair is not None and bool(system.pair.bounded):
        known = np.array([point.state for point in fixed_points(system.model)]).T
        states = np.concatenate([states, known], axis=1)
    fastest = np.abs(system.jacobian(states)).sum(axis=1)
    fastest = fastest[np.isfinite(fastest)]
    return FINE / max(float(fastest.max(initial=0.0)), 1e-12)


def advance(
    system: System, y0: np.ndarray, h: float, rows: int, every: int, constants: Any = None
) -> np.ndarray:
    """Return states after each `every` steps, shape (rows, n, m); `constants` (constants, m)."""
    models = y0.shape[1]
    if constants is None:
        one = np.array([float(x) for x in system.constants])[:, None]
        constants = np.broadcast_to(one, (len(one), models))
    batch = Batch(
        system.model.program,
        np.ascontiguousarray(constants),
        y0,
        np.zeros((1 + rows * every, 0)),
        h,
    )
    engine = "compiled" if available() and rows * every > COMPILING_PAYS else "numpy"
    return record(batch, "rk4", rows, every, engine)


def _march(system: System, y: np.ndarray, h: float, rows: int, every: int) -> np.ndarray:
    """As `advance`, for steps backward: a run that leaves every bound is NaN from there on."""
    out = np.full((rows, *y.shape), np.nan)
    out[0] = y
    far = 1e3 * (1 + np.abs(y).max())
    alive = np.arange(y.shape[1])
    for row in range(1, rows):
        for _ in range(every):
            k1 = system.field(y)
            k2 = system.field(y + h / 2 * k1)
            k3 = system.field(y + h / 2 * k2)
            k4 = system.field(y + h * k3)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        with np.errstate(invalid="ignore"):
            kept = (np.abs(y) < far).all(axis=0)
        y, alive = y[:, kept], alive[kept]
        if not len(alive):
            break
        out[row][:, alive] = y
    return out


@dataclass(frozen=True, eq=False)
class Manifolds:
    """The curves along which runs leave and approach a saddle.

    Attributes
    ----------
    saddle : FixedPoint
    unstable, stable : tuple of ndarray, shape (points, 2)
        Two halves of each, beginning at the saddle. The stable one is a separatrix: it parts
        starts that end in different places.
    """

    saddle: FixedPoint
    unstable: tuple[np.ndarray, np.ndarray]
    stable: tuple[np.ndarray, np.ndarray]

    def to_frame(self) -> "pd.DataFrame":
        """Return a table of all points, by curve and half."""
        import pandas as pd

        names = list(self.saddle.states)
        parts = {
            (kind, side): pd.DataFrame(curve, columns=names)
            for kind in ("unstable", "stable")
            for side, curve in enumerate(getattr(self, kind))
        }
        return pd.concat(parts, names=["curve", "half", "point"])

    def __repr__(self) -> str:
        x = ", ".join(f"{v:.4g}" for v in self.saddle.state)
        return f"<Manifolds of the saddle at ({x})>"


def manifolds(
    circuit: Circuit, saddle: FixedPoint, box: Any, time: float | None = None
) -> Manifolds:
    """Return the unstable and the stable manifold of a saddle, up to the border of a box.

    The unstable manifold is run forward from two states beside the saddle, along its
    eigenvector, the stable one backward in time.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        With two states.
    saddle : FixedPoint
        One of kind "saddle".
    box : array_like, shape (2, 2)
        Where to stop.
    time : float, optional
        Where to stop inside the box; by default 60 over the smaller eigenvalue.

    Returns
    -------
    Manifolds

    Raises
    ------
    OptionError
        If the point is no saddle, or lies outside the box.
    """
    system = read_system(circuit)
    need_states(system, 2, "a manifold")
    bounds = read_box(box, system.states)
    if not isinstance(saddle, FixedPoint) or saddle.kind != "saddle":
        raise OptionError(f"only saddles have such manifolds, not {show(saddle)}")
    if np.any(saddle.state < bounds[:, 0]) or np.any(saddle.state > bounds[:, 1]):
        raise OptionError(f"the saddle {saddle} lies outside the box")
    values = np.abs(saddle.eigenvalues)
    span = positive("time", time) if time is not None else 60 / float(values.min())
    away = AWAY * float((bounds[:, 1] - bounds[:, 0]).min())
    halves = {}
    for column, sign in ((1, 1.0), (0, -1.0)):
        vector = saddle.eigenvectors[:, column].real
        halves[column] = tuple(
            _follow(system, saddle.state, side * away * vector, sign * span, bounds)
            for side in (1.0, -1.0)
        )
    return Manifolds(saddle, halves[1], halves[0])  # type: ignore[arg-type]


def _follow(
    system: System, state: np.ndarray, push: np.ndarray, span: float, bounds: np.ndarray
) -> np.ndarray:
    """Return a run to the border of a box or to a state of rest, beginning at `state`."""
    from scipy.integrate import solve_ivp

    width = bounds[:, 1] - bounds[:, 0]

    def field(_: float, y: np.ndarray) -> np.ndarray:
        return system.field(y)

    def leaves(_: float, y: np.ndarray) -> float:
        return float(np.minimum(y - bounds[:, 0], bounds[:, 1] - y).min() + 1e-9 * width.min())

    def rests(_: float, y: np.ndarray) -> float:
        return float(np.abs(system.field(y) / width).max() * abs(span) - 1e-5)

    leaves.terminal = True  # type: ignore[attr-defined]
    rests.terminal, rests.direction = True, -1  # type: ignore[attr-defined]
    done = solve_ivp(
        field, (0.0, span), state + push, method="DOP853", rtol=RTOL, atol=ATOL * width.max(),
        events=(leaves, rests), dense_output=True,
    )  # fmt: skip
    if not done.success:
        raise SolverError(f"the manifold could not be followed: {done.message}")
    steps = np.arange(4 * len(done.t) - 3) / 4
    times = np.interp(steps, np.arange(len(done.t)), done.t)
    return np.concatenate([state[None], done.sol(times).T])


def separatrices(circuit: Circuit, box: Any) -> list[np.ndarray]:
    """Return the curves that part the basins in a box: the stable manifolds of its saddles.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        With two states.
    box : array_like, shape (2, 2)
        Lower and upper bound of each state.

    Returns
    -------
    list of ndarray, shape (points, 2)
        One curve through each saddle, from border to border or from where it spirals out.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    >>> len(separatrices(wc, [(-0.2, 0.5), (-0.2, 0.5)]))  # one, through silence
    1
    """
    system = read_system(circuit)
    need_states(system, 2, "a separatrix")
    bounds = read_box(box, system.states)
    curves = []
    for point in fixed_points(system.model, bounds):
        if point.kind == "saddle":
            one, two = manifolds(system.model, point, bounds).stable
            curves.append(np.concatenate([one[::-1], two[1:]]))
    return curves
