"""Pictures for print: each function draws on one Axes and returns it.

E is a solid line, I a dashed one, in the same two colours in every lesson, so that a
picture can be read without colour too.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

STYLES: dict[str, dict[str, Any]] = {
    "E": {"color": "#b2182b", "linestyle": "-"},
    "I": {"color": "#2166ac", "linestyle": "--"},
}
OTHERS = ["#1b1b1b", "#7a5195", "#00797a", "#a05a00", "#5c5c5c"]
DASHES = ["-", "--", "-.", ":"]


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
    ax = _axes(ax)
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
    ax = _axes(ax)
    e, i = results["E"].to_numpy(), results["I"].to_numpy()
    ax.plot(e, i, color="#1b1b1b", linewidth=1.2)
    ax.plot(e[0], i[0], marker="o", color="#1b1b1b", markerfacecolor="white")
    ax.plot(e[-1], i[-1], marker="o", color="#1b1b1b")
    ax.set_xlabel("E (excitatory activity)")
    ax.set_ylabel("I (inhibitory activity)")
    return ax


def _axes(ax: "Axes | None") -> "Axes":
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]
