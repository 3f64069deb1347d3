"""Scenes for print: each panel drawn with matplotlib, as the canvas draws it in a notebook."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from wclab.scene import (
    Field,
    Heat,
    Layer,
    Line,
    Markers,
    Note,
    Panel,
    Region,
    Rule,
    Scene,
    Span,
)
from wclab.styles import BASINS, COUNTS, INK, ROLES, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES = {"solid": "-", "dashed": "--", "dotted": ":", "dashdot": "-."}
SHAPES = {"circle": "o", "square": "s", "diamond": "D", "triangle": "^", "cross": "x"}
FEW = 40  # arrows that are drawn bolder
POINTS = 0.75  # a CSS pixel in points
TAGS = re.compile(r"<(i|sub|sup)>(.*?)</\1>")
MARKS = {"i": "{}", "sub": "_{{\\mathrm{{{}}}}}", "sup": "^{{\\mathrm{{{}}}}}"}


def draw_scene(scene: Scene) -> "Figure":
    """Draw a scene as a new figure.

    Parameters
    ----------
    scene : Scene
        Its panels stand side by side.

    Returns
    -------
    matplotlib.figure.Figure
        Not one of pyplot's: it is shown where it is returned, and needs no closing.
    """
    from matplotlib.figure import Figure

    widths = [panel.width for panel in scene.panels]
    figure = Figure(figsize=(max(4.4, 3.3 * sum(widths)), 3.6), dpi=110, layout="constrained")
    drawn = figure.subplots(1, len(widths), width_ratios=widths, squeeze=False)[0]
    for k, ax in enumerate(drawn):
        draw_panel(scene, k, ax=ax)
    return figure


def draw_panel(scene: Scene, panel: int = 0, *, ax: "Axes | None" = None) -> "Axes":
    """Draw one panel of a scene.

    Parameters
    ----------
    scene : Scene
    panel : int, optional
        Which one.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    ax = axes(ax)
    _prepare(ax, scene.panels[panel])
    layers = [layer for layer in scene.layers if layer.panel == panel]
    for order, layer in enumerate(layers):
        DRAW[type(layer)](ax, layer, order + 1.0)
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        unique = dict(zip(labels, handles, strict=True))
        ax.legend(
            unique.values(), unique.keys(), fontsize="small", framealpha=0.85, edgecolor="none"
        ).set_zorder(99)
    return ax


def mathtext(text: str) -> str:
    r"""Return a label with matplotlib's mathematics in the place of tags.

    Examples
    --------
    >>> mathtext("τ<sub>i</sub> (ms)")
    'τ$_{\\mathrm{i}}$ (ms)'
    """
    return TAGS.sub(lambda found: f"${MARKS[found[1]].format(found[2])}$", text)


def _prepare(ax: "Axes", panel: Panel) -> None:
    ax.set(xscale=panel.xscale, yscale=panel.yscale, xlim=panel.xlim, ylim=panel.ylim)
    ax.set_xlabel(mathtext(panel.xlabel))
    ax.set_ylabel(mathtext(panel.ylabel))
    if panel.title:
        ax.set_title(mathtext(panel.title), fontsize="medium")
    if panel.square:
        ax.set_box_aspect(1.0)
    ax.grid(color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)


def _style(layer: Layer, order: float) -> dict[str, Any]:
    label = mathtext(layer.label) or None
    return {"color": ROLES[layer.color], "alpha": layer.alpha, "label": label, "zorder": order}


def _line(ax: "Axes", line: Line, order: float) -> None:
    ax.plot(
        np.asarray(line.x), np.asarray(line.y), linestyle=DASHES[line.dash],
        linewidth=line.width * POINTS, **_style(line, order),
    )  # fmt: skip


def _markers(ax: "Axes", marks: Markers, order: float) -> None:
    x, y = np.asarray(marks.x, dtype=float), np.asarray(marks.y, dtype=float)
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    seen = (x >= left) & (x <= right) & (y >= low) & (y <= high)  # whole marks on the border too
    ax.plot(
        x[seen], y[seen], linestyle="none", marker=SHAPES[marks.shape],
        markersize=marks.size * POINTS, markeredgewidth=1.3, clip_on=False,
        markerfacecolor=ROLES[marks.color] if marks.filled else "white", **_style(marks, order),
    )  # fmt: skip


def _field(ax: "Axes", arrows: Field, order: float) -> None:
    u, v = np.asarray(arrows.u, dtype=float), np.asarray(arrows.v, dtype=float)
    width, height = np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())
    speed = np.hypot(u / width, v / height)
    size = np.hypot(u, v)
    size[size == 0] = 1.0
    shade = 0.75 - 0.35 * (speed / max(float(speed.max(initial=0.0)), 1e-300)) ** 0.5
    ax.quiver(
        np.asarray(arrows.x), np.asarray(arrows.y), u / size, v / size, angles="xy", pivot="mid",
        scale=max(1.25 * len(u) ** 0.5, 18.0), width=0.0022 if len(u) > FEW else 0.005,
        headwidth=4.5, zorder=order, color=[str(round(float(x), 3)) for x in shade],
    )  # fmt: skip


def _span(ax: "Axes", span: Span, order: float) -> None:
    shade = ax.axvspan if span.axis == "x" else ax.axhspan
    shade(span.start, span.stop, linewidth=0, **_style(span, order))


def _region(ax: "Axes", region: Region, order: float) -> None:
    ax.fill(np.asarray(region.x), np.asarray(region.y), linewidth=0, **_style(region, order))


def _rule(ax: "Axes", rule: Rule, order: float) -> None:
    draw = ax.axvline if rule.axis == "x" else ax.axhline
    draw(rule.at, linestyle=DASHES[rule.dash], linewidth=1.0, **_style(rule, order))


def _heat(ax: "Axes", heat: Heat, order: float) -> None:
    from matplotlib.colors import ListedColormap

    if heat.palette == "sequential":
        look: dict[str, Any] = {"cmap": "cividis", "vmin": heat.vmin, "vmax": heat.vmax}
    else:
        colors = BASINS if heat.palette == "basins" else COUNTS
        top = len(colors) - 1
        look = {"cmap": ListedColormap(list(colors)), "vmin": -0.5, "vmax": top + 0.5}
    rows, columns = heat.values.shape
    x, y = np.linspace(*heat.x, columns + 1), np.linspace(*heat.y, rows + 1)
    ax.pcolormesh(x, y, heat.values, alpha=heat.alpha, zorder=order, rasterized=True, **look)


def _note(ax: "Axes", note: Note, order: float) -> None:
    ax.text(
        note.x, note.y, mathtext(note.text), ha=note.align, va="center", zorder=order,
        fontsize="small", color=ROLES.get(note.color, INK), clip_on=True,
    )  # fmt: skip


DRAW: dict[type, Any] = {
    Line: _line,
    Markers: _markers,
    Field: _field,
    Span: _span,
    Region: _region,
    Rule: _rule,
    Heat: _heat,
    Note: _note,
}
