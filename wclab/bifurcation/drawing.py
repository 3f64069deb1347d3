"""Pictures of branches, curves, ramps and cycles: one Axes in, the same Axes out.

XPPAUT's conventions: stable states of rest solid, unstable ones dashed; the extrema of stable
cycles filled circles, of unstable ones open; special points labelled.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.bifurcation.question import title
from wclab.errors import PathError, nearest, show
from wclab.styles import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from wclab.bifurcation.hysteresis import Hysteresis
    from wclab.bifurcation.records import Branch, Curve, Diagram, PlanePoint

STABLE, UNSTABLE = "#b2182b", "#1b1b1b"
CURVES: dict[str, dict[str, Any]] = {
    "fold": {"color": "#2166ac", "linestyle": "-", "label": "folds"},
    "hopf": {"color": "#b2182b", "linestyle": "--", "label": "Hopf points"},
}
SHORT = {
    "fold": "LP", "hopf": "HB", "branch point": "BP", "neutral saddle": "NS", "cusp": "CP",
    "bogdanov-takens": "BT", "generalised hopf": "GH", "fold of cycles": "LPC",
    "homoclinic": "HOM", "snic": "SNIC",
}  # fmt: skip
MARKS = {"fold": "s", "hopf": "o", "branch point": "D", "neutral saddle": "x"}


def branches(
    diagram: "Diagram", state: str | None = None, *, ax: "Axes | None" = None, label: bool = True
) -> "Axes":
    """Draw one state along the branches of a diagram.

    Parameters
    ----------
    diagram : Diagram
        What `wclab.bifurcation.equilibria` returns.
    state : str, optional
        Path of the state to draw; the first one by default.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.
    label : bool, optional
        Whether special points are named: LP fold, HB Hopf point, BP branch point.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.

    Raises
    ------
    PathError
        If there is no such state.
    """
    ax = axes(ax)
    k = _which(state, diagram.names)
    for branch in diagram.branches:
        for part, stable in _stretches(branch):
            ax.plot(
                branch.parameter[part],
                branch.states[part, k],
                color=STABLE if stable else UNSTABLE,
                linestyle="-" if stable else "--",
                linewidth=1.8 if stable else 1.2,
            )
    for point in diagram.special:
        if point.kind == "neutral saddle":
            continue
        ax.plot(point.parameter, point.state[k], MARKS[point.kind], color="#1b1b1b", markersize=5)
        if label:
            _name(ax, SHORT[point.kind], point.parameter, point.state[k])
    ax.set_xlabel(title(diagram.varied))
    ax.set_ylabel(diagram.names[k])
    return ax


def cycles(rhythm: Any, state: str | None = None, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the extrema of one state along a branch of cycles: filled where stable, else open.

    Parameters
    ----------
    rhythm : Cycles
        What `wclab.bifurcation.cycles` returns.
    state : str, optional
        Path of the state to draw; the first one by default.
    ax : matplotlib Axes, optional
        Where to draw, such as the Axes of `branches`; a new figure's by default.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.

    Raises
    ------
    PathError
        If there is no such state.
    """
    ax = axes(ax)
    k = _which(state, rhythm.names)
    for stable, face in ((True, "#2166ac"), (False, "white")):
        chosen = np.asarray(rhythm.stable) == stable
        for extreme in (rhythm.minimum, rhythm.maximum):
            ax.plot(
                rhythm.parameter[chosen],
                extreme[chosen, k],
                "o",
                color="#2166ac",
                markerfacecolor=face,
                markersize=3.5,
            )
    for point in rhythm.special:
        if point.kind != "hopf":
            _name(ax, SHORT[point.kind], point.parameter, rhythm.maximum[point.index, k])
    ax.set_xlabel(title(rhythm.varied))
    ax.set_ylabel(rhythm.names[k])
    return ax


def curves(
    lines: "Iterable[Curve]",
    special: "Sequence[PlanePoint] | None" = None,
    *,
    ax: "Axes | None" = None,
    label: bool = True,
) -> "Axes":
    """Draw fold and Hopf curves in the plane of two parameters.

    Parameters
    ----------
    lines : iterable of Curve
        What `wclab.bifurcation.curve` returns, or ``diagram(...).curves``.
    special : sequence of PlanePoint, optional
        Points to mark; by default those of the curves.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.
    label : bool, optional
        Whether special points are named: CP cusp, BT Bogdanov-Takens, GH generalised Hopf.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    ax = axes(ax)
    lines = list(lines)
    seen: set[str] = set()
    for line in lines:
        style = dict(CURVES[line.kind])
        if line.kind in seen:
            style.pop("label")
        seen.add(line.kind)
        ax.plot(line.parameter[:, 0], line.parameter[:, 1], **style)
    points = [p for line in lines for p in line.special] if special is None else special
    for point in points:
        ax.plot(*point.parameter, "o", color="#1b1b1b", markersize=4)
        if label:
            _name(ax, SHORT[point.kind], *point.parameter)
    if lines:
        ax.set_xlabel(title(lines[0].varied[0]))
        ax.set_ylabel(title(lines[0].varied[1]))
        ax.legend(frameon=False)
    return ax


def ramps(loop: "Hysteresis", state: str | None = None, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a ramp up and a ramp down over the branches of states of rest.

    Parameters
    ----------
    loop : Hysteresis
        What `wclab.bifurcation.hysteresis` returns.
    state : str, optional
        Path of the state to draw; the first one by default.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.

    Raises
    ------
    PathError
        If there is no such state.
    """
    ax = branches(loop.diagram, state, ax=ax)
    k = _which(state, loop.names)
    for way, values, style in (("up", loop.up, "-"), ("down", loop.down, "-.")):
        color = "#00797a" if way == "up" else "#7a5195"
        ax.plot(
            loop.parameter,
            values[:, k],
            style,
            color=color,
            linewidth=1.2,
            label=f"on the way {way}",
        )
    for jump in loop.jumps:
        ax.axvline(jump.parameter, color="#5c5c5c", linewidth=0.7, linestyle=":")
    ax.legend(frameon=False)
    return ax


def _stretches(branch: "Branch") -> list[tuple[np.ndarray, bool]]:
    """Return runs of equal stability; a run takes along the special point at its end."""
    stable = branch.stable.copy()
    if len(stable) > 2:  # a special point belongs to what follows it
        lone = np.flatnonzero(~stable[1:-1] & stable[:-2] & stable[2:]) + 1
        stable[lone] = True
    edges = np.flatnonzero(stable[1:] != stable[:-1]) + 1
    found = []
    for part in np.split(np.arange(len(stable)), edges):
        left = part[0] - 1 if part[0] and stable[part[0]] else part[0]
        right = part[-1] + 2 if part[-1] + 1 < len(stable) and stable[part[0]] else part[-1] + 1
        found.append((np.arange(left, right), bool(stable[part[0]])))
    return found


def _which(state: str | None, names: Sequence[str]) -> int:
    """Return the position of a state by its path."""
    if state is None:
        return 0
    if state not in names:
        raise PathError(f"{show(state)} is no state of this circuit.{nearest(state, names)}")
    return list(names).index(state)


def _name(ax: "Axes", text: str, x: float, y: float) -> None:
    below = text in ("HB", "BT")  # next to folds and cusps, more often than not
    offset = (5, -11) if below else (4, 5)
    ax.annotate(text, (x, y), xytext=offset, textcoords="offset points", fontsize="small")
