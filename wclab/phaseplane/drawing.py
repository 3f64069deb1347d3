"""Pictures of the phase plane: each function draws on one Axes and returns it.

The conventions are XPPAUT's: filled points are stable, open ones are not. The nullcline of E is
solid, that of I dashed, in the colours of `wclab.styles.STYLES`.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.phaseplane.attractors import Basins
from wclab.phaseplane.curves import PhaseLine, VectorField
from wclab.phaseplane.cycles import LimitCycle
from wclab.phaseplane.flow import Manifolds, Trajectories
from wclab.phaseplane.maps import PointMap
from wclab.phaseplane.points import FixedPoint
from wclab.styles import BASINS, COUNTS, INK, STYLES, axes, short_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FIRST, SECOND = STYLES["E"], STYLES["I"]
LABELS = ("E (excitatory activity)", "I (inhibitory activity)")
MISSING = "#ffffff"


def plot_nullclines(
    curves: Mapping[str, Sequence[np.ndarray]], *, ax: "Axes | None" = None
) -> "Axes":
    """Draw the nullclines of both states.

    Parameters
    ----------
    curves : mapping
        What `nullclines` returns.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    ax = axes(ax)
    names = short_names(tuple(curves))
    for name, pieces, style in zip(names, curves.values(), (FIRST, SECOND), strict=True):
        for k, piece in enumerate(pieces):
            label = None if k else f"d{name}/dt = 0"
            ax.plot(piece[:, 0], piece[:, 1], linewidth=1.8, label=label, **style)
    _label(ax, tuple(curves))
    return ax


def plot_field(field: VectorField, *, ax: "Axes | None" = None, unit: bool = True) -> "Axes":
    """Draw the vector field as arrows.

    Parameters
    ----------
    field : VectorField
        What `vector_field` returns.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.
    unit : bool, optional
        Whether all arrows have one length: they show the direction on the page, and their
        darkness the speed.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    ax = axes(ax)
    dx, dy = field.dx / np.ptp(field.x), field.dy / np.ptp(field.y)
    speed = np.hypot(dx, dy)
    if unit:
        scale = np.where(speed > 0, speed, 1.0)
        shade = 0.75 - 0.35 * (speed / max(float(speed.max()), 1e-300)) ** 0.5
        colors = [str(round(float(x), 3)) for x in shade.ravel()]
        arrows: dict[str, Any] = {"color": colors, "scale": 1.25 * len(field.x)}
    else:
        scale, arrows = np.ones_like(speed), {"color": "0.55"}
    ax.quiver(
        field.x, field.y, dx / scale, dy / scale, angles="uv", pivot="mid", width=0.0022,
        headwidth=4.5, zorder=0.5, **arrows,
    )  # fmt: skip
    _label(ax, field.states)
    return ax


def plot_fixed_points(points: Iterable[FixedPoint], *, ax: "Axes | None" = None) -> "Axes":
    """Draw fixed points: filled if stable, open if not; saddles are squares.

    Parameters
    ----------
    points : iterable of FixedPoint
        Of a circuit with two states.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    ax = axes(ax)
    seen = {str(line.get_label()) for line in ax.lines}
    states: tuple[str, ...] = ()
    for point in points:
        states = point.states
        label = None if point.kind in seen else point.kind
        seen.add(point.kind)
        ax.plot(
            *point.state[:2], marker="s" if "saddle" in point.kind else "o", linestyle="none",
            color=INK, markerfacecolor=INK if point.stable else "white", markersize=7,
            markeredgewidth=1.4, zorder=5, label=label, clip_on=False,
        )  # fmt: skip
    if len(states) == 2:
        _label(ax, states)
    return ax


def plot_trajectories(
    runs: Trajectories | Manifolds | LimitCycle | Sequence[np.ndarray],
    *,
    ax: "Axes | None" = None,
    color: str = INK,
) -> "Axes":
    """Draw runs through the plane, a cycle, or the manifolds of a saddle.

    Parameters
    ----------
    runs : Trajectories, LimitCycle, Manifolds, or list of ndarray
        Of a circuit with two states; a list of curves as `separatrices` returns. A stable cycle
        and an unstable manifold are solid, an unstable cycle and a separatrix dotted.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.
    color : str, optional
        Of the lines.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    ax = axes(ax)
    line: dict[str, Any] = {"color": color, "linewidth": 1.2}
    dotted = {**line, "linestyle": ":", "linewidth": 1.6}
    if isinstance(runs, Trajectories):
        for run in runs.values:
            ax.plot(run[:, 0], run[:, 1], **line)
            ax.plot(*run[0, :2], marker="o", color=color, markerfacecolor="white", markersize=4)
        _label(ax, runs.states)
    elif isinstance(runs, LimitCycle):
        style = line if runs.stable else dotted
        ax.plot(runs.orbit[:, 0], runs.orbit[:, 1], **{**style, "linewidth": 2.0})
        _label(ax, runs.states)
    elif isinstance(runs, Manifolds):
        for curve in runs.unstable:
            ax.plot(curve[:, 0], curve[:, 1], **line)
        for curve in runs.stable:
            ax.plot(curve[:, 0], curve[:, 1], **dotted)
        _label(ax, runs.saddle.states)
    else:
        for curve in runs:
            ax.plot(curve[:, 0], curve[:, 1], **dotted)
    return ax


def plot_basins(basins: Basins, *, ax: "Axes | None" = None) -> "Axes":
    """Colour each start by the attractor it reaches, and draw the attractors.

    Parameters
    ----------
    basins : Basins
        What `wclab.phaseplane.basins` returns.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    from matplotlib.colors import ListedColormap

    ax = axes(ax)
    colors = [MISSING, *(BASINS[k % len(BASINS)] for k in range(len(basins.attractors)))]
    ax.pcolormesh(
        basins.x, basins.y, basins.labels, cmap=ListedColormap(colors), vmin=-1.5,
        vmax=len(basins.attractors) - 0.5, shading="nearest", zorder=0, rasterized=True,
    )  # fmt: skip
    plot_fixed_points([a for a in basins.attractors if isinstance(a, FixedPoint)], ax=ax)
    for attractor in basins.attractors:
        if isinstance(attractor, LimitCycle):
            plot_trajectories(attractor, ax=ax)
    _label(ax, basins.states)
    return ax


def plot_count_map(points: PointMap, *, ax: "Axes | None" = None, stable: bool = False) -> "Axes":
    """Draw how many fixed points a circuit has over two parameters.

    Parameters
    ----------
    points : PointMap
        What ``fixed_points(circuit, parameters=...)`` returns for two parameters: the first
        runs to the right, the second up. For one parameter the points themselves are drawn.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.
    stable : bool, optional
        Whether only stable points are counted.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    from matplotlib.colors import BoundaryNorm, ListedColormap

    ax = axes(ax)
    if len(points.axes) == 1:
        return _draw_over_one(points, ax)
    number = (points.stable if stable else points.number).reshape(*points.shape[:2], -1)[..., 0]
    top = max(int(number.max()), 1)
    colors = [COUNTS[k % len(COUNTS)] for k in range(top + 1)]
    norm = BoundaryNorm(np.arange(top + 2) - 0.5, top + 1)
    mesh = ax.pcolormesh(
        *points.axes[:2], number.T, cmap=ListedColormap(colors), norm=norm, shading="nearest",
        rasterized=True,
    )  # fmt: skip
    present = np.unique(number)
    figure = ax.get_figure()
    if figure is not None:
        words = "stable fixed points" if stable else "fixed points"
        figure.colorbar(mesh, ax=ax, ticks=present, label=f"number of {words}")
    ax.set_xlabel(points.names[0])
    ax.set_ylabel(points.names[1])
    return ax


def _draw_over_one(points: PointMap, ax: "Axes") -> "Axes":
    """Draw the first state of every point over the one parameter; stable ones are filled."""
    x, y = points.axes[0][points.index], points.state[0]
    is_stable = np.char.startswith(points.kind.astype(str), "stable")
    marks: dict[str, Any] = {"marker": "o", "linestyle": "none", "color": INK, "markersize": 3}
    ax.plot(x[is_stable], y[is_stable], label="stable", **marks)
    ax.plot(x[~is_stable], y[~is_stable], markerfacecolor="white", label="unstable", **marks)
    ax.set_xlabel(points.names[0])
    ax.set_ylabel(short_names(points.states)[0])
    return ax


def plot_phase_line(line: PhaseLine, *, ax: "Axes | None" = None) -> "Axes":
    """Draw the derivative of one state over the state, with its fixed points and arrows.

    Parameters
    ----------
    line : PhaseLine
        What `phase_line` returns.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    ax = axes(ax)
    ax.axhline(0.0, color="0.6", linewidth=0.8, zorder=0)
    ax.plot(line.x, line.dx, linewidth=1.8, **FIRST)
    ends = [line.x[0], *(float(p.state[0]) for p in line.points), line.x[-1]]
    for a, b in pairwise(ends):
        middle = 0.5 * (a + b)
        rate = float(np.interp(middle, line.x, line.dx))
        ax.plot(middle, 0.0, marker=">" if rate > 0 else "<", color="0.4", markersize=7)
    for point in line.points:
        ax.plot(
            point.state[0], 0.0, marker="o", color=INK, markersize=7, markeredgewidth=1.4,
            markerfacecolor=INK if point.stable else "white", zorder=5,
        )  # fmt: skip
    name = short_names((line.state,))[0]
    ax.set_xlabel(name)
    ax.set_ylabel(f"d{name}/dt (1/time)")
    ax.margins(x=0)
    return ax


def _label(ax: "Axes", states: tuple[str, ...]) -> None:
    names = short_names(states)
    shown = LABELS if names == ("E", "I") else names
    ax.set_xlabel(shown[0])
    ax.set_ylabel(shown[1])
