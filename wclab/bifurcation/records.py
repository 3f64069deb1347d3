"""What an analysis found: branches, special points, curves, as frozen records.

Each has a repr that can be read, a table and a picture. `varied` names the parameter: a path,
or an edge as ``(source, target)``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.bifurcation.question import title
from wclab.model import Parameter

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class SpecialPoint:
    """A state of rest where its kind or its number changes.

    Attributes
    ----------
    kind : str
        "fold", "hopf", "branch point" or "neutral saddle" (two real eigenvalues of opposite
        sign and equal size: nothing changes).
    parameter : float
        Where it happens.
    state : ndarray, shape (n,)
    eigenvalues : ndarray, shape (n,)
        Complex, in 1/time.
    varied : str or (str, str)
        The parameter.
    lyapunov : float or None
        First Lyapunov coefficient of a Hopf point, no unit: below 0 a stable cycle
        surrounds the unstable state, above 0 an unstable one the stable state.
    """

    kind: str
    parameter: float
    state: np.ndarray
    eigenvalues: np.ndarray
    varied: Parameter = ""
    lyapunov: float | None = None

    @property
    def supercritical(self) -> bool | None:
        """Whether the cycle born at a Hopf point is stable; None for other points."""
        return None if self.lyapunov is None else self.lyapunov < 0

    @property
    def period(self) -> float | None:
        """Period of the cycle born at a Hopf point, in units of time; None for others."""
        if self.kind != "hopf":
            return None
        pair = self.eigenvalues[np.argsort(np.abs(self.eigenvalues.real))[:2]]
        return float(2 * np.pi / np.abs(pair.imag).max())

    def __repr__(self) -> str:
        more = ""
        if self.kind == "hopf":
            sort = {True: "supercritical", False: "subcritical", None: "degenerate"}
            more = f", {sort[self.supercritical]}, period {self.period:.6g}"
        return f"<{self.kind} at {self.parameter:.10g}, state {_numbers(self.state)}{more}>"


@dataclass(frozen=True, eq=False)
class Branch:
    """States of rest along a parameter, in the order in which they are connected.

    Attributes
    ----------
    parameter : ndarray, shape (m,)
    states : ndarray, shape (m, n)
    stable : ndarray of bool, shape (m,)
    eigenvalues : ndarray, shape (m, n)
        Complex, in 1/time; in no order.
    closed : bool
        Whether the last point is the first: an isola.
    """

    parameter: np.ndarray
    states: np.ndarray
    stable: np.ndarray
    eigenvalues: np.ndarray
    closed: bool = False

    def __len__(self) -> int:
        return len(self.parameter)

    def __repr__(self) -> str:
        low, high = self.parameter.min(), self.parameter.max()
        share = "stable" if self.stable.all() else "unstable" if not self.stable.any() else "mixed"
        return f"<branch of {len(self)} points from {low:.6g} to {high:.6g}, {share}>"


@dataclass(frozen=True, eq=False)
class Diagram:
    """Every branch of states of rest that was found in a range of one parameter.

    Attributes
    ----------
    varied : str or (str, str)
        The parameter.
    names : tuple of str
        Paths of the states.
    branches : tuple of Branch
    special : tuple of SpecialPoint
        In the order in which they lie on the branches.
    complete : bool
        Whether nothing in the range can be missing (pairs of logistic populations with an
        input as parameter); else the branches are those that were found.
    """

    varied: Parameter
    names: tuple[str, ...]
    branches: tuple[Branch, ...]
    special: tuple[SpecialPoint, ...]
    complete: bool = False

    def special_points(self, kind: str | None = None) -> list[SpecialPoint]:
        """Return the special points of one kind, in the order of the branches."""
        return [point for point in self.special if kind in (None, point.kind)]

    def to_frame(self) -> "pd.DataFrame":
        """Return every point: branch, parameter, one column per state, stable."""
        import pandas as pd

        parts = []
        for k, branch in enumerate(self.branches):
            columns = {"branch": k, "parameter": branch.parameter}
            columns |= dict(zip(self.names, branch.states.T, strict=True))
            parts.append(pd.DataFrame({**columns, "stable": branch.stable}))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def special_table(self) -> "pd.DataFrame":
        """Return the special points: kind, parameter, states, what is known of a cycle."""
        import pandas as pd

        rows = [
            {
                "kind": point.kind,
                "parameter": point.parameter,
                **dict(zip(self.names, point.state, strict=True)),
                "period": point.period,
                "lyapunov": point.lyapunov,
            }
            for point in self.special
        ]
        columns = ["kind", "parameter", *self.names, "period", "lyapunov"]
        return pd.DataFrame(rows, columns=columns)

    def plot(self, state: str | None = None, *, ax: "Axes | None" = None) -> "Axes":
        """Draw it; see `wclab.bifurcation.drawing.branches`."""
        from wclab.bifurcation import drawing

        return drawing.branches(self, state, ax=ax)

    def __repr__(self) -> str:
        lines = [f"<states of rest along {title(self.varied)}: {_count(self.branches)}"]
        lines += [f"  {point!r}" for point in self.special]
        return "\n".join(lines) + ">"


@dataclass(frozen=True, eq=False)
class PlanePoint:
    """A point on a curve in a plane of two parameters where its character changes.

    Attributes
    ----------
    kind : str
        "cusp", "bogdanov-takens" or "generalised hopf".
    parameter : tuple of float
        Both parameters.
    state : ndarray, shape (n,)
    """

    kind: str
    parameter: tuple[float, float]
    state: np.ndarray

    def __repr__(self) -> str:
        p, q = self.parameter
        return f"<{self.kind} at ({p:.10g}, {q:.10g}), state {_numbers(self.state)}>"


def distinct(points: Iterable[PlanePoint], near: float) -> list[PlanePoint]:
    """Return points without repeats: of one kind, with states that differ by less than `near`."""
    kept: list[PlanePoint] = []
    for point in points:
        same = (p for p in kept if p.kind == point.kind)
        if not any(np.abs(p.state - point.state).max() < near for p in same):
            kept.append(point)
    return kept


@dataclass(frozen=True, eq=False)
class Curve:
    """Folds or Hopf points in a plane of two parameters.

    Attributes
    ----------
    kind : str
        "fold" or "hopf".
    varied : tuple
        Both parameters.
    parameter : ndarray, shape (m, 2)
    states : ndarray, shape (m, n)
    special : tuple of PlanePoint
    """

    kind: str
    varied: tuple[Parameter, Parameter]
    parameter: np.ndarray
    states: np.ndarray
    special: tuple[PlanePoint, ...] = ()
    names: tuple[str, ...] = field(default=(), repr=False)

    def special_points(self, kind: str | None = None) -> list[PlanePoint]:
        """Return the special points of one kind."""
        return [point for point in self.special if kind in (None, point.kind)]

    def to_frame(self) -> "pd.DataFrame":
        """Return every point: both parameters, one column per state."""
        import pandas as pd

        columns = {title(v): p for v, p in zip(self.varied, self.parameter.T, strict=True)}
        return pd.DataFrame({**columns, **dict(zip(self.names, self.states.T, strict=True))})

    def plot(self, *, ax: "Axes | None" = None) -> "Axes":
        """Draw it in the plane of both parameters."""
        from wclab.bifurcation import drawing

        return drawing.curves([self], ax=ax)

    def __repr__(self) -> str:
        lines = [f"<{self.kind} curve of {len(self.parameter)} points"]
        return "\n".join([*lines, *(f"  {point!r}" for point in self.special)]) + ">"


@dataclass(frozen=True, eq=False)
class Plane:
    """Every fold and Hopf curve that was found in a rectangle of two parameters.

    Attributes
    ----------
    varied : tuple
        Both parameters.
    curves : tuple of Curve
    special : tuple of PlanePoint
        Of all curves, each once.
    """

    varied: tuple[Parameter, Parameter]
    curves: tuple[Curve, ...]
    special: tuple[PlanePoint, ...]

    def special_points(self, kind: str | None = None) -> list[PlanePoint]:
        """Return the special points of one kind."""
        return [point for point in self.special if kind in (None, point.kind)]

    def to_frame(self) -> "pd.DataFrame":
        """Return every point of every curve: curve, kind, both parameters, states."""
        import pandas as pd

        parts = [
            curve.to_frame().assign(curve=k, kind=curve.kind) for k, curve in enumerate(self.curves)
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def plot(self, *, ax: "Axes | None" = None) -> "Axes":
        """Draw all curves in the plane of both parameters."""
        from wclab.bifurcation import drawing

        return drawing.curves(self.curves, self.special, ax=ax)

    def __repr__(self) -> str:
        kinds = [curve.kind for curve in self.curves]
        lines = [f"<{kinds.count('fold')} fold and {kinds.count('hopf')} Hopf curves"]
        return "\n".join([*lines, *(f"  {point!r}" for point in self.special)]) + ">"


def _numbers(values: Any) -> str:
    return f"({', '.join(f'{value:.6g}' for value in values)})"


def _count(branches: tuple[Branch, ...]) -> str:
    return f"{len(branches)} branch{'es' * (len(branches) != 1)}"
