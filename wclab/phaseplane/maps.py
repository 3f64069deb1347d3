"""The fixed points of many circuits at once: how many there are, and of which kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.errors import OptionError
from wclab.model import Parameter
from wclab.phaseplane.kinds import PLANAR, planar_eigenvalues, planar_kinds
from wclab.phaseplane.pair import Pair
from wclab.phaseplane.rests import rests
from wclab.phaseplane.system import Circuit, need_states, read_system
from wclab.points import read_points

if TYPE_CHECKING:
    import pandas as pd

STABLE = np.array([kind.startswith("stable") for kind in PLANAR])


@dataclass(frozen=True, eq=False)
class PointMap:
    """The fixed points of a grid of parameter sets.

    Attributes
    ----------
    names : tuple of str
        The parameters: a path, or "source -> target".
    axes : tuple of ndarray
        Their values; the map's shape is the number of each.
    states : tuple of str
        Path of each of the two states.
    index : ndarray, shape (points,)
        The parameter set that a point belongs to, ascending; the last parameter runs fastest.
    state : ndarray, shape (2, points)
    eigenvalues : ndarray, shape (2, points)
        Complex, 1/time.
    kind : ndarray of str, shape (points,)
        As `FixedPoint.kind`.
    """

    names: tuple[str, ...]
    axes: tuple[np.ndarray, ...]
    states: tuple[str, ...]
    index: np.ndarray
    state: np.ndarray
    eigenvalues: np.ndarray
    codes: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each parameter."""
        return tuple(len(axis) for axis in self.axes)

    @property
    def kind(self) -> np.ndarray:
        """Name of each point's kind, shape (points,)."""
        return np.array(PLANAR)[self.codes]

    @property
    def number(self) -> np.ndarray:
        """How many fixed points each set has, in the map's shape."""
        return self._count(np.ones(len(self.index), dtype=bool))

    @property
    def stable(self) -> np.ndarray:
        """How many stable fixed points each set has, in the map's shape."""
        return self._count(STABLE[self.codes])

    def count(self, kind: str) -> np.ndarray:
        """Return how many points of one kind each set has, in the map's shape."""
        if kind not in PLANAR:
            raise OptionError(f"{kind!r} is no kind of a point: {', '.join(PLANAR)}")
        return self._count(self.codes == PLANAR.index(kind))

    def _count(self, chosen: np.ndarray) -> np.ndarray:
        size = int(np.prod(self.shape))
        return np.bincount(self.index[chosen], minlength=size).reshape(self.shape)

    def summary(self) -> "pd.Series[str]":
        """Return for each set its points in words, such as "saddle, 2 stable node"."""
        import pandas as pd

        size = int(np.prod(self.shape))
        table = np.zeros((size, len(PLANAR)), dtype=int)
        np.add.at(table, (self.index, self.codes), 1)
        rows, inverse = np.unique(table, axis=0, return_inverse=True)
        words = [
            ", ".join(
                f"{n} {kind}" if n > 1 else kind for n, kind in zip(row, PLANAR, strict=True) if n
            )
            or "none"
            for row in rows
        ]
        values = np.array(words, dtype=object)[inverse.ravel()]
        return pd.Series(values, index=self._sets(), name="points")

    def _sets(self) -> "pd.Index[Any]":
        import pandas as pd

        if len(self.axes) == 1:
            return pd.Index(self.axes[0], name=self.names[0])
        return pd.MultiIndex.from_product(self.axes, names=self.names)

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each point: its parameters, its states, kind and eigenvalues."""
        import pandas as pd

        columns: dict[str, Any] = dict(zip(self.states, self.state, strict=True))
        columns["kind"] = self.kind
        columns["stable"] = STABLE[self.codes]
        columns["lambda 1"], columns["lambda 2"] = self.eigenvalues
        return pd.DataFrame(columns, index=self._sets()[self.index])

    def __repr__(self) -> str:
        number = self.number
        numbers, sets = np.unique(number, return_counts=True)
        shown = ", ".join(f"{n} in {m}" for n, m in zip(numbers, sets, strict=True))
        axes = " x ".join(f"{len(a)} {n}" for n, a in zip(self.names, self.axes, strict=True))
        return f"<PointMap of {number.size} sets ({axes}); fixed points: {shown}>"


def point_map(
    circuit: Circuit, bounds: np.ndarray | None, parameters: Mapping[Parameter, Any]
) -> PointMap:
    """Return the fixed points for all combinations of some parameters; see `fixed_points`."""
    need_states(read_system(circuit), 2, "a map of fixed points")
    grid = read_points(parameters)
    meshes = np.meshgrid(*grid.axes, indexing="ij")
    system = read_system(
        circuit, {key: mesh.ravel() for key, mesh in zip(parameters, meshes, strict=True)}
    )
    pair = system.pair
    if pair is None or not pair.bounded.all():
        raise OptionError(
            "a map of fixed points is for pairs of populations with logistic responses; for this "
            "circuit call fixed_points once for each parameter set, with a box"
        )
    pair = _spread(pair, len(grid))
    index, state, _ = rests(pair)
    if bounds is not None:
        keep = ((state >= bounds[:, :1]) & (state <= bounds[:, 1:])).all(axis=0)
        index, state = index[keep], state[:, keep]
    jacobian = pair.take(index).jacobian(state)
    return PointMap(
        grid.names, grid.axes, system.states, index, state, planar_eigenvalues(jacobian),
        planar_kinds(jacobian),
    )  # fmt: skip


def _spread(pair: Pair, count: int) -> Pair:
    """Return a pair whose every number is an array, shape (count,)."""
    return Pair(
        np.broadcast_to(pair.c, (2, 4, count)),
        np.broadcast_to(pair.w, (2, 2, count)),
        np.broadcast_to(pair.g, (2, count)),
    )
