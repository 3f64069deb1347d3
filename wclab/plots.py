"""Pictures for print: each function draws on one Axes and returns it.

Those of the phase plane and of bifurcations stand beside what they draw, and are found here too.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from wclab.errors import OptionError, nearest
from wclab.styles import STYLES, axes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

# Drawn elsewhere and found here; loaded when asked for, as what they draw is computed with SciPy.
ELSEWHERE = {
    **dict.fromkeys(
        ("plot_basins", "plot_count_map", "plot_field", "plot_fixed_points", "plot_nullclines",
         "plot_phase_line", "plot_trajectories"),
        "wclab.phaseplane.drawing",
    ),
    **dict.fromkeys(("draw_panel", "draw_scene"), "wclab.printing"),
    **dict.fromkeys(("branches", "curves", "cycles", "ramps"), "wclab.bifurcation.drawing"),
}  # fmt: skip
OTHERS = ["#1b1b1b", "#7a5195", "#00797a", "#a05a00", "#5c5c5c"]
DASHES = ["-", "--", "-.", ":"]


def __getattr__(name: str) -> Any:
    if name not in ELSEWHERE:
        raise AttributeError(f"wclab.plots has no {name!r}.{nearest(name, __dir__())}")
    return getattr(import_module(ELSEWHERE[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *ELSEWHERE]


def time_course(
    results: "pd.DataFrame", *, ax: "Axes | None" = None, time_unit: str = ""
) -> "Axes":
    """Draw variables against time.

    Parameters
    ----------
    results : pandas.DataFrame
        What `CircuitTemplate.run` returns: time by variables. Columns named E and I get
        their own colours.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.
    time_unit : str, optional
        Of the index, for the label, such as ``"ms"``.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    ax = axes(ax)
    for k, label in enumerate(results.columns):
        name = label if isinstance(label, str) else " ".join(map(str, label)).strip()
        style = STYLES.get(name) or {
            "color": OTHERS[k % len(OTHERS)],
            "linestyle": DASHES[k % len(DASHES)],
        }
        ax.plot(results.index.to_numpy(), results[label].to_numpy(), label=name, **style)
    ax.set_xlabel(f"time ({time_unit})" if time_unit else "time")
    ax.set_ylabel("activity" if set(results.columns) <= set(STYLES) else "")
    ax.margins(x=0)
    if len(results.columns) <= 12:
        ax.legend(frameon=False)
    return ax


def trajectory(results: "pd.DataFrame", *, ax: "Axes | None" = None) -> "Axes":
    """Draw I against E: the path of a run through the phase plane, from a circle to a dot.

    Parameters
    ----------
    results : pandas.DataFrame
        With columns E and I.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.
    """
    ax = axes(ax)
    e, i = results["E"].to_numpy(), results["I"].to_numpy()
    ax.plot(e, i, color="#1b1b1b", linewidth=1.2)
    ax.plot(e[0], i[0], marker="o", color="#1b1b1b", markerfacecolor="white")
    ax.plot(e[-1], i[-1], marker="o", color="#1b1b1b")
    ax.set_xlabel("E (excitatory activity)")
    ax.set_ylabel("I (inhibitory activity)")
    return ax


def heatmap(column: "pd.Series[Any]", *, ax: "Axes | None" = None) -> "Axes":
    """Draw one number of a sweep over two parameters as colours.

    Parameters
    ----------
    column : pandas.Series
        A column of the table, such as ``table["E", "max"]``; its index holds the two
        parameters, of which the first goes up and the second to the right. A set without a
        number stays empty.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on; the colour bar stands beside it.

    Raises
    ------
    OptionError
        If the table has not two parameters, or a pair occurs twice.
    """
    if column.index.nlevels != 2 or not column.index.is_unique:
        raise OptionError(
            "a heatmap shows one column of a sweep over all pairs of two parameters; this index "
            f"has {column.index.nlevels} level(s): {', '.join(map(str, column.index.names))}"
        )
    ax = axes(ax)
    grid = column.unstack().sort_index(axis=0).sort_index(axis=1)
    mesh = ax.pcolormesh(
        grid.columns.to_numpy(), grid.index.to_numpy(), grid.to_numpy(), shading="nearest",
        cmap="cividis", rasterized=True,
    )  # fmt: skip
    ax.set_ylabel(str(column.index.names[0]))
    ax.set_xlabel(str(column.index.names[1]))
    ax.get_figure().colorbar(mesh, ax=ax, label=_words(column.name))  # type: ignore[union-attr]
    return ax


def sweep_lines(table: "pd.DataFrame", *, ax: "Axes | None" = None) -> "Axes":
    """Draw a sweep over one parameter: a band from minimum to maximum, or a line per column.

    Parameters
    ----------
    table : pandas.DataFrame
        What `wclab.sweep` returns for one parameter. Where an output has both ``min`` and
        ``max``, these two bound a band: where it is thin the activity rests, where it is
        wide it has a rhythm. Outputs named E and I get their own colours.
    ax : matplotlib Axes, optional
        Where to draw; a new figure's by default.

    Returns
    -------
    matplotlib.axes.Axes
        The one drawn on.

    Raises
    ------
    OptionError
        If the table has more than one parameter.
    """
    if table.index.nlevels != 1:
        raise OptionError(
            f"sweep_lines shows a sweep over one parameter, not {table.index.nlevels}; pick one "
            "row of the others first, as in table.xs(1.0, level=0)"
        )
    ax = axes(ax)
    table = table.sort_index()
    x = table.index.to_numpy()
    for k, output in enumerate(dict.fromkeys(table.columns.get_level_values(0))):
        style = STYLES.get(str(output)) or {
            "color": OTHERS[k % len(OTHERS)],
            "linestyle": DASHES[k % len(DASHES)],
        }
        part = table[output]
        names = list(part.columns)
        if {"min", "max"} <= set(names):
            low, high = part["min"].to_numpy(), part["max"].to_numpy()
            label = f"{output}: minimum to maximum"
            ax.fill_between(x, low, high, color=style["color"], alpha=0.25, linewidth=0)
            ax.plot(x, low, **style)
            ax.plot(x, high, label=label, **style)
            names = [name for name in names if name not in ("min", "max")]
        for j, name in enumerate(names):
            width = 0.9 if len(names) < len(part.columns) else 1.5
            marker = ("o", "s", "^", "d", "v")[j % 5]
            ax.plot(
                x, part[name].to_numpy(), label=f"{output}: {name}", linewidth=width,
                marker=marker, markersize=2.5, **style,
            )  # fmt: skip
    ax.set_xlabel(str(table.index.name))
    ax.set_ylabel("activity" if {*table.columns.get_level_values(0)} <= set(STYLES) else "")
    ax.margins(x=0)
    ax.legend(frameon=False, fontsize="small")
    return ax


def _words(name: object) -> str:
    """Return a label of several levels as one."""
    parts = name if isinstance(name, tuple) else (name,)
    return " ".join(str(part) for part in parts if part is not None)
