"""Fixed points of a circuit: where they are, and of which kind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from wclab.errors import OptionError, show
from wclab.model import Parameter
from wclab.phaseplane.kinds import PLANAR, is_stable, kind_of, planar_eigenvalues, planar_kinds
from wclab.phaseplane.maps import PointMap, point_map
from wclab.phaseplane.rests import rests
from wclab.phaseplane.search import subdivide
from wclab.phaseplane.starts import many_starts
from wclab.phaseplane.system import Circuit, System, read_box, read_system

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class FixedPoint:
    """A state at which nothing changes.

    Attributes
    ----------
    states : tuple of str
        Path of each state variable.
    state : ndarray, shape (n,)
    eigenvalues : ndarray, shape (n,)
        Of the Jacobian, in units of 1/time, the smallest real part first; real if all are.
    kind : str
        "stable node", "stable focus", "unstable node", "unstable focus", "saddle", "centre", or
        a degenerate one: "stable degenerate node" and "stable star node" (equal eigenvalues, with
        one and with two directions), "fold" (an eigenvalue 0), "double zero"; with three states
        or more also "saddle focus" and "Hopf point". Zero and equal are meant to 1e-9 of the
        Jacobian's largest entry.
    jacobian : ndarray, shape (n, n)
        In units of 1/time.
    eigenvectors : ndarray, shape (n, n)
        Column k belongs to eigenvalue k.
    """

    states: tuple[str, ...]
    state: np.ndarray
    eigenvalues: np.ndarray
    kind: str
    jacobian: np.ndarray

    @cached_property
    def eigenvectors(self) -> np.ndarray:
        """Directions along which a small push grows or fades, a column for each eigenvalue."""
        values, vectors = np.linalg.eig(self.jacobian)
        return np.asarray(vectors[:, np.lexsort((values.imag, values.real))])

    @property
    def stable(self) -> bool:
        """Whether all eigenvalues have negative real parts: small pushes die out."""
        return is_stable(self.kind)

    @property
    def trace(self) -> float:
        """Sum of the eigenvalues, 1/time."""
        return float(np.trace(self.jacobian))

    @property
    def determinant(self) -> float:
        """Product of the eigenvalues."""
        if len(self.state) == 2:
            (a, b), (c, d) = self.jacobian.tolist()
            return a * d - b * c
        return float(np.linalg.det(self.jacobian))

    def __repr__(self) -> str:
        state = ", ".join(f"{x:.6g}" for x in self.state + 0.0)
        values = ", ".join(_number(x) for x in self.eigenvalues)
        return f"<{self.kind} at ({state}), eigenvalues {values}>"


def _number(x: Any) -> str:
    if not np.iscomplexobj(x) or x.imag == 0:
        return f"{x.real:.4g}"
    return f"{x.real:.4g}{x.imag:+.4g}i"


@overload
def fixed_points(circuit: Circuit, box: Any = None) -> list[FixedPoint]: ...
@overload
def fixed_points(
    circuit: Circuit, box: Any = None, *, parameters: Mapping[Parameter, Any]
) -> PointMap: ...
def fixed_points(
    circuit: Circuit, box: Any = None, *, parameters: Mapping[Parameter, Any] | None = None
) -> "list[FixedPoint] | PointMap":
    """Find the fixed points of a circuit.

    What is guaranteed depends on the circuit. *Two populations with logistic responses*, as all
    Wilson-Cowan pairs: every point, by interval bounds along a nullcline; two points may be one
    if they are nearer than 1e-9. *Any other circuit of one or two states*: every point in the
    box, by interval bounds of the equations and of their exact derivatives; a point where
    the derivatives jump or the Jacobian is singular is reported if the rate is zero to rounding,
    once for each cluster. *Three states or more*: Newton's method from many starts in the box,
    until twice as many add nothing. That may miss points.

    Parameters
    ----------
    circuit : CircuitTemplate or Model
        Without delays and without time in its equations; inputs are constants.
    box : array_like, shape (n, 2), optional
        Lower and upper bound of each state; points on a bound are inside. Pairs need none.
    parameters : mapping, optional
        Path of a constant, or (source, target) of an edge, to values, shape (m,): the points of
        all combinations at once, as a `PointMap`. For pairs only.

    Returns
    -------
    list of FixedPoint, or PointMap
        The list is sorted by the first state, and may be empty.

    Raises
    ------
    OptionError
        If the circuit has no fixed phase space (delays, time), or the box does not fit or is
        missing.
    PathError
        If a key of `parameters` names nothing.
    SolverError
        If the box is too large to search.

    References
    ----------
    Wilson & Cowan (1972), Biophys. J. 12:1-24, eqs 13-14; Neumaier (1990), Interval Methods for
    Systems of Equations, ch. 5.

    Examples
    --------
    Without input the middle one of the pair's three states of rest is silence, and a saddle:

    >>> from wclab import CircuitTemplate
    >>> wc = CircuitTemplate.from_yaml("model_templates.neural_mass_models.wilsoncowan.WC")
    >>> [(f"{p.state[0]:.4f}", p.kind) for p in fixed_points(wc)]
    [('-0.0885', 'stable node'), ('-0.0000', 'saddle'), ('0.0656', 'stable focus')]
    """
    system = read_system(circuit)
    bounds = None if box is None else read_box(box, system.states)
    if parameters is not None:
        return point_map(circuit, bounds, parameters)
    states, is_fold = _all_states(system, bounds)
    order = np.lexsort(states[::-1])
    if bounds is not None:
        order = order[inside(states[:, order], bounds)]
    return describe(system, states[:, order], is_fold[order])


def inside(states: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """Tell which states, shape (n, m), lie in a box, its border included, to rounding."""
    slack = 1e-12 * (bounds[:, 1:] - bounds[:, :1])
    return np.all((states >= bounds[:, :1] - slack) & (states <= bounds[:, 1:] + slack), axis=0)


def _all_states(system: System, bounds: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the fixed states, shape (n, points), and which are known to be folds."""
    pair = system.pair
    if pair is not None and bool(pair.bounded):
        return rests(pair.along(np.empty((2, 1))))[1:]
    if bounds is None:
        raise OptionError(
            "this circuit is no pair of populations with logistic responses, whose points can be "
            "found everywhere. Say where to look: box=[(low, high), ...], one pair for each of "
            f"{', '.join(system.states)}"
        )
    if len(bounds) < 3:
        return subdivide(system, bounds)
    states = many_starts(system, bounds)
    return states, np.zeros(states.shape[1], dtype=bool)


def describe(
    system: System, states: np.ndarray, is_fold: np.ndarray | None = None
) -> list[FixedPoint]:
    """Return a record for each of some fixed states, shape (n, points)."""
    pair = system.pair
    found = system.jacobian(states) if pair is None else pair.along(states).jacobian(states)
    jacobians = np.moveaxis(found, -1, 0)
    if len(states) == 2:
        every = planar_eigenvalues(found).T
        kinds = [PLANAR[code] for code in planar_kinds(found).tolist()]
    else:
        every = np.sort_complex(np.linalg.eigvals(jacobians))
        kinds = [kind_of(*one) for one in zip(jacobians, every, strict=True)]
    points = []
    for k, (jacobian, values, kind) in enumerate(zip(jacobians, every, kinds, strict=True)):
        if is_fold is not None and is_fold[k] and kind != "double zero":
            kind = "fold"
        values = values if values.imag.any() else values.real
        points.append(FixedPoint(system.states, states[:, k].copy(), values, kind, jacobian))
    return points


def table(points: Iterable[FixedPoint]) -> "pd.DataFrame":
    """Return fixed points as a table, a row for each.

    Parameters
    ----------
    points : iterable of FixedPoint
        Of one circuit.

    Returns
    -------
    pandas.DataFrame
        Columns: the path of each state, ``kind``, ``stable``, ``trace``, ``determinant``, and
        the eigenvalues ``lambda 1``, ... (1/time).
    """
    import pandas as pd

    rows = []
    for point in points:
        if not isinstance(point, FixedPoint):
            raise OptionError(f"table() takes fixed points, not {show(point)}")
        values = {f"lambda {k + 1}": x for k, x in enumerate(point.eigenvalues)}
        rows.append(
            {
                **dict(zip(point.states, point.state.tolist(), strict=True)),
                "kind": point.kind,
                "stable": point.stable,
                "trace": point.trace,
                "determinant": point.determinant,
                **values,
            }
        )
    return pd.DataFrame(rows)
