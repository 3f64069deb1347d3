"""Nullclines and the vector field."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.errors import OptionError, show
from wclab.phaseplane.pair import Pair
from wclab.phaseplane.points import FixedPoint, fixed_points
from wclab.phaseplane.rests import single
from wclab.phaseplane.sections import Section, read_plane
from wclab.phaseplane.system import Circuit, System, need_states, read_box, read_system

if TYPE_CHECKING:
    import pandas as pd

FINE = 400  # values of z along a nullcline, before they are spread evenly


@dataclass(frozen=True, eq=False)
class VectorField:
    """The derivatives on a grid.

    Attributes
    ----------
    states : tuple of str
        Paths of the two states.
    x, y : ndarray, shape (n,)
        Where the grid's columns and rows stand: values of the first and the second state.
    dx, dy : ndarray, shape (n, n)
        Derivatives of the first and of the second state; ``[row, column]`` belongs to
        ``(x[column], y[row])``; in units of the state per unit of time.
    """

    states: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    dx: np.ndarray
    dy: np.ndarray

    def __repr__(self) -> str:
        return f"<VectorField of {self.states[0]} and {self.states[1]} at {self.dx.size} states>"


@dataclass(frozen=True, eq=False)
class PhaseLine:
    """The derivative of the one state of a circuit, and where it is zero.

    Attributes
    ----------
    state : str
        Its path.
    x, dx : ndarray, shape (n,)
        Values of the state and its derivative there, per unit of time.
    points : list of FixedPoint
    """

    state: str
    x: np.ndarray
    dx: np.ndarray
    points: list[FixedPoint]

    def to_frame(self) -> "pd.DataFrame":
        """Return the derivative as a table over the state."""
        import pandas as pd

        return pd.DataFrame(
            {f"d/dt {self.state}": self.dx}, index=pd.Index(self.x, name=self.state)
        )

    def __repr__(self) -> str:
        return f"<PhaseLine of {self.state}: {self.points}>"


def phase_line(circuit: Circuit, box: Any, n: int = 400) -> PhaseLine:
    """Return the derivative of a circuit's only state over a range, with the fixed points.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        With one state.
    box : array_like, shape (2,) or (1, 2)
        Range of the state.
    n : int, optional
        Number of values.

    Returns
    -------
    PhaseLine

    Raises
    ------
    OptionError
        If the circuit has more states, or the range is turned inside out.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> one = CircuitTemplate.from_yaml(
    ...     "model_templates.neural_mass_models.wilsoncowan.single_population"
    ... ).with_vars({"e/se_op/r_ext": 0.5})
    >>> [p.kind for p in phase_line(one, (0, 1)).points]
    ['stable node', 'unstable node', 'stable node']
    """
    system = read_system(circuit)
    need_states(system, 1, "a phase line")
    bounds = read_box(box, system.states)
    x = np.linspace(bounds[0, 0], bounds[0, 1], _count(n, 2))
    points = fixed_points(circuit, bounds)
    return PhaseLine(system.states[0], x, system.field(x[None])[0], points)


def vector_field(
    circuit: Circuit,
    box: Any,
    n: int = 20,
    *,
    states: Sequence[str] | None = None,
    hold: Mapping[str, float] | FixedPoint | None = None,
) -> VectorField:
    """Return the derivatives on a grid of states, in one array pass.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        With two states, or more if `states` names two.
    box : array_like, shape (2, 2)
        Lower and upper bound of each of the two states.
    n : int, optional
        Grid lines in each direction, the bounds included.
    states : (str, str), optional
        Paths of the states to the right and up. Needed if the circuit has more than two.
    hold : mapping or FixedPoint, optional
        Path to value of the other states, which are held; or a fixed point, where they are held
        then. A state that is not named is held at its initial value.

    Returns
    -------
    VectorField

    Raises
    ------
    OptionError
        If the circuit has more states and `states` does not name two, or the box does not fit.
    PathError
        If `states` or `hold` names no state.

    Examples
    --------
    >>> from wclab import CircuitTemplate
    >>> wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    >>> field = vector_field(wc, [(0, 0.5), (0, 0.5)], n=6)
    >>> f"{field.dx[0, 5]:.3f}"  # nearly all cells are recruited, yet E = 0.5 falls: (1 - 2 E) is 0
    '-0.006'
    """
    plane = read_plane(circuit, states, hold, "a vector field")
    bounds = read_box(box, plane.states)
    x, y = (np.linspace(b[0], b[1], _count(n, 2)) for b in bounds)
    dx, dy = plane.field(np.array(np.meshgrid(x, y)))
    return VectorField(plane.states, x, y, dx, dy)


def nullclines(
    circuit: Circuit,
    box: Any,
    n: int = 400,
    *,
    states: Sequence[str] | None = None,
    hold: Mapping[str, float] | FixedPoint | None = None,
) -> dict[str, list[np.ndarray]]:
    """Return the curves along which one of the two states does not change.

    For pairs of populations with logistic responses the curves are explicit: no piece is
    missed, steep parts have no gaps, and each point lies on its nullcline to rounding. For other
    circuits they are contours of the exact field on a grid of n x n cells, whose points are
    then moved onto the nullcline: closed curves smaller than a cell may be missed, and
    where the field jumps there is no curve.

    In a circuit of more states, two of them span a plane and the others are held: its curves
    tell where these two would not change while the others do not move. A rate that depends on
    neither of the two has no curve.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        With two states, or more if `states` names two.
    box : array_like, shape (2, 2)
        Lower and upper bound of each of the two states.
    n : int, optional
        About how many points each curve has; for other circuits, cells in each direction.
    states : (str, str), optional
        Paths of the states to the right and up. Needed if the circuit has more than two.
    hold : mapping or FixedPoint, optional
        Path to value of the other states, which are held; or a fixed point, where they are held
        then. A state that is not named is held at its initial value.

    Returns
    -------
    dict
        Path of each state to its nullcline: a list of connected curves, each an array of shape
        (points, 2) whose columns are the first and the second state.

    Raises
    ------
    OptionError
        If the circuit has more states and `states` does not name two, or the box does not fit.
    PathError
        If `states` or `hold` names no state.

    Examples
    --------
    Each is one curve here; they cross three times, where the pair is at rest:

    >>> from wclab import CircuitTemplate
    >>> wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    >>> curves = nullclines(wc, [(-0.2, 0.5), (-0.1, 0.5)])
    >>> {path: len(pieces) for path, pieces in curves.items()}
    {'e/rate_op/r': 1, 'i/rate_op/r': 1}

    In a Jansen-Rit column, voltage and current of one synapse, the others at their initial values:

    >>> column = CircuitTemplate.from_yaml("model_templates.neural_mass_models.jansenrit.JRC")
    >>> shown = ("pc/rpo_e_in/v", "pc/rpo_e_in/x")
    >>> voltage, current = nullclines(column, [(0, 0.2), (-1, 1)], states=shown).values()
    >>> len(voltage), bool(abs(voltage[0][:, 1]).max() < 1e-12)  # dv/dt = x
    (1, True)
    """
    plane = read_plane(circuit, states, hold, "a nullcline")
    bounds = read_box(box, plane.states)
    n = _count(n, 8)
    pair = plane.pair
    if pair is not None and bool(pair.bounded):
        curves = [_explicit(pair, k, bounds, n) for k in (0, 1)]
    else:
        curves = [_contours(plane, k, bounds, n) for k in (0, 1)]
    return dict(zip(plane.states, curves, strict=True))


def _count(n: Any, least: int) -> int:
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < least:
        raise OptionError(f"n is a whole number from {least} on, not {show(n)}")
    return int(n)


# --- pairs: explicit curves ---


def _explicit(pair: Pair, k: int, bounds: np.ndarray, n: int) -> list[np.ndarray]:
    """Return the nullcline of state k inside a box."""
    own, other, g = (float(x) for x in (pair.w[k, k], pair.w[k, 1 - k], pair.g[k]))
    if other == 0:
        return _straight(pair, k, bounds)
    c0, c1, c2, c3 = pair.c[k].tolist()
    order = 1 if k == 0 else -1

    def curve(z: Any, tanh: Any = np.tanh) -> tuple[Any, Any]:
        """Return both states where the population's input is z: arrays, or floats by math.tanh."""
        s = 0.5 + 0.5 * tanh(0.5 * z)
        state = -(c0 + c2 * s) / (c1 + c3 * s)
        return (state, (z - own * state - g) / other)[::order]

    weights, sides = (own, other)[::order], bounds.tolist()
    ends = [sorted((w * low, w * high)) for w, (low, high) in zip(weights, sides, strict=True)]
    low, high = (sum(parts) + g for parts in zip(*ends, strict=True))
    margin = 1e-6 * (high - low)
    z = np.linspace(low - margin, high + margin, FINE)
    for number in (max(n, FINE), n):
        z = _evenly(z, curve(z), bounds, number)
    return _clipped(z, curve, bounds)


def _straight(pair: Pair, k: int, bounds: np.ndarray) -> list[np.ndarray]:
    """Return the nullcline of a population that the other does not act on: straight lines."""
    one = pair.along(np.empty((2, 1)))
    curves = []
    for value in np.unique(single(one, k)[1]):
        if bounds[k, 0] <= value <= bounds[k, 1]:
            ends = np.empty((2, 2))
            ends[:, k], ends[:, 1 - k] = value, bounds[1 - k]
            curves.append(ends)
    return curves


def _evenly(
    z: np.ndarray, states: tuple[np.ndarray, np.ndarray], bounds: np.ndarray, n: int
) -> np.ndarray:
    """Return parameters at which the points of a curve stand about evenly inside the box."""
    square = np.zeros(len(z) - 1)
    for state, (low, high) in zip(states, bounds.tolist(), strict=True):
        room = 0.02 * (high - low)
        seen = np.minimum(np.maximum(state, low - room), high + room) / (high - low)
        step = seen[1:] - seen[:-1]
        square += step * step
    along = np.empty(len(z))
    along[0] = 0.0
    np.sqrt(square).cumsum(out=along[1:])
    even = np.interp(np.arange(n) * (along[-1] / (n - 1)), along, z)
    return np.sort(np.concatenate([even, z[:: max(1, len(z) // 100)]]))


def _clipped(z: np.ndarray, curve: Any, bounds: np.ndarray) -> list[np.ndarray]:
    """Return the pieces of a curve inside a box, ended where they cross its border."""
    (x_low, x_high), (y_low, y_high) = bounds.tolist()

    def outside(z: float) -> float:
        x, y = curve(z, math.tanh)
        return max(x_low - x, x - x_high, y_low - y, y - y_high)

    x, y = curve(z)
    is_in = (x >= x_low) & (x <= x_high) & (y >= y_low) & (y <= y_high)
    change = np.flatnonzero(is_in[1:] != is_in[:-1])
    border = [_crossing(outside, *z[place : place + 2].tolist()) for place in change.tolist()]
    if is_in[0]:
        border.insert(0, z[0])
    if is_in[-1]:
        border.append(z[-1])
    pieces = []
    for start, end in zip(border[::2], border[1::2], strict=True):
        first, last = np.searchsorted(z, start, side="right"), np.searchsorted(z, end)
        pieces.append(np.stack(curve(np.concatenate([[start], z[first:last], [end]])), axis=1))
    return pieces


def _crossing(f: Callable[[float], float], a: float, b: float) -> float:
    """Return where a function passes 0 between two arguments: regula falsi, Illinois variant."""
    f_a, f_b = f(a), f(b)
    for _ in range(200):
        c = b - f_b * (b - a) / (f_b - f_a)
        if not min(a, b) < c < max(a, b):
            break
        f_c = f(c)
        if (f_c > 0) == (f_b > 0):
            f_a = 0.5 * f_a
        else:
            a, f_a = b, f_b
        b, f_b = c, f_c
    return b if abs(f(b)) < abs(f(a)) else a


# --- other circuits: contours, moved onto the nullcline ---


def _contours(system: System | Section, k: int, bounds: np.ndarray, n: int) -> list[np.ndarray]:
    """Return the nullcline of state k from contours of the field."""
    from contourpy import contour_generator

    x, y = (np.linspace(b[0], b[1], n + 1) for b in bounds)
    values = system.field(np.array(np.meshgrid(x, y)))[k]
    if not np.isfinite(values).any():
        return []
    lines = contour_generator(x, y, np.ma.masked_invalid(values)).lines(0.0)
    curves = []
    for line in lines:
        points, good = _onto(system, k, np.asarray(line).T, bounds, n)
        for part in np.split(np.arange(len(good)), np.flatnonzero(np.diff(good.astype(int))) + 1):
            if len(part) > 1 and good[part[0]]:
                curves.append(points[:, part].T)
    return curves


def _onto(
    system: System | Section, k: int, points: np.ndarray, bounds: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Move points along the gradient onto the nullcline; tell which of them arrived."""
    cell = (bounds[:, 1:] - bounds[:, :1]) / n
    start, last = points, np.inf
    free = (points > bounds[:, :1]) & (points < bounds[:, 1:])  # what is on the border stays there
    for _ in range(30):
        value, slope = (x[k] for x in system.linear(points))
        slope = slope * cell * free
        with np.errstate(all="ignore"):
            step = slope * (value / (slope**2).sum(axis=0))
        step = np.where(np.isfinite(step), step, 0.0)
        points = np.clip(points - cell * step, bounds[:, :1], bounds[:, 1:])
        size = float(np.abs(step).max())
        if size < 1e-9 and size >= 0.5 * last:  # what is left is rounding
            break
        last = size
    value, slope = (x[k] for x in system.linear(points))
    steep = np.abs(slope * cell).max(axis=0)
    near = np.abs(value) <= 1e-9 * np.maximum(steep, 1e-300)
    return points, near & (np.abs(points - start) <= 2 * cell).all(axis=0)
